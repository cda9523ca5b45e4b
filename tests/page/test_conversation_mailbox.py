"""The app and a mailbox are one thread: through the deployed stack, over SMTP, in a browser.

The replies are in five styles of the corpus: the header fields that a client writes are those of a
mail of its, the body is that of a reply whose new text is known. Their content is never printed.
"""

from __future__ import annotations

import base64
import json
import os
import smtplib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import format_datetime, localtime, make_msgid
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from local.demo.conversation import CODE, conversation
from local.smtp import Inbox
from local.testing import ROOT, Stack, stack
from tests.api import bounce
from tests.page.conftest import Watched
from tests.page.conversation import ANN, fill_in, free_port
from tests.page.deployed import QUIET, received, said

CORPUS = ROOT.parent / "shared" / "corpus"
SOON = 2.0  # seconds
FILE = {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"two rooms"}


@dataclass(frozen=True)
class Style:
    """A client: a mail of the corpus that it wrote, and a reply (set, name) with its new text."""

    mail: str
    reply: tuple[str, str]


STYLES = {
    "Gmail": Style(
        "MailCore__mailcore2/unittest/data/summary/input/989-encoding-1.eml",
        ("talon_html", "gmail.html"),
    ),
    "Outlook": Style(
        "freescout-help-desk__freescout/tests/Messages/message-4-null-bytes.eml",
        ("talon_html", "ms_outlook_2007.html"),
    ),
    "Apple Mail": Style(
        "notmuch__notmuch/test/corpora/lkml/cur/1382298775.004363:2,",
        ("crisp", "email_tricky_10_special_chars_in_name"),
    ),
    "plain text": Style(
        "notmuch__notmuch/test/corpora/lkml/cur/1382298793.002639:2,",
        ("canonical_erp", "email_2_1"),
    ),
    "phone": Style("mailgun__flanker/tests/fixtures/messages/iphone.eml", ("talon_std", "iphone")),
}
OF_THE_CLIENT = ("X-Mailer", "User-Agent", "X-MimeOLE", "Thread-Index", "Accept-Language")
NOT_SAID = "Sent from my "  # what a phone adds


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus, used in place. CI must have it."""
    if not CORPUS.is_dir():
        if os.environ.get("CI"):
            pytest.fail("the corpus of test mails is missing")
        pytest.skip("the corpus of test mails is not on this machine")
    return CORPUS


@dataclass
class Open:
    """A conversation with Ann in the app; her mail program sends over SMTP."""

    s: Stack
    page: Page
    smtp: int

    def say(self, words: str) -> None:
        text = self.page.get_by_role("textbox", name="Your message")
        text.fill(words)
        self.page.get_by_role("button", name="Send").click()
        expect(text).to_have_value("")
        self.s.settle()

    @property
    def mailbox(self) -> list[EmailMessage]:
        return received(self.s)

    def replies(self, raw: bytes, to: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=30) as server:
            server.sendmail(ANN, [to], raw)


@contextmanager
def opened(browser: Watched, tmp_path: Path) -> Iterator[Open]:
    """The app in front of a stack of its own."""
    smtp = free_port()
    with (
        stack(**QUIET) as s,
        Inbox(s.world.endpoint, s.account, smtp),
        conversation(s, tmp_path / "token.key") as url,
    ):
        context = browser.new_context(viewport={"width": 1000, "height": 760}, locale="en-GB")
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(url)
        fill_in(page, ANN, "Your flat", CODE)
        expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        yield Open(s, page, smtp)
        context.close()


def known_reply(corpus: Path, style: Style) -> dict[str, Any]:
    """The reply of the corpus: its kind, its text and what is new in it."""
    found = [
        case
        for case in json.loads((corpus / "replies.json").read_text())
        if (case["set"], case["name"]) == style.reply
    ]
    return dict(found[0])


def written(corpus: Path, style: Style, seen: EmailMessage) -> bytes:
    """Ann's reply to the mail she has, as the style's client writes it."""
    theirs: Message = message_from_bytes((corpus / "mail" / style.mail).read_bytes())
    case = known_reply(corpus, style)
    reply = EmailMessage(policy=policy.SMTP)
    reply["From"] = f"Ann Archer <{ANN}>"
    reply["To"] = seen["Reply-To"]
    reply["Subject"] = f"Re: {seen['Subject']}"
    reply["Date"] = format_datetime(localtime())
    reply["Message-ID"] = make_msgid(domain="customer.example")
    reply["In-Reply-To"] = seen["Message-ID"]
    reply["References"] = " ".join(f"{seen.get('References', '')} {seen['Message-ID']}".split())
    for name in OF_THE_CLIENT:
        if theirs[name]:
            reply[name] = " ".join(str(theirs[name]).split())
    reply.set_content(case["input"], subtype="html" if case["kind"] == "html" else "plain")
    return reply.as_bytes()


def new_text(corpus: Path, style: Style) -> str:
    """What the bubble must say, in one line."""
    lines = known_reply(corpus, style)["gold"].splitlines()
    return flat("\n".join(line for line in lines if not line.startswith(NOT_SAID)))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_every_style_is_of_the_corpus(corpus: Path) -> None:
    lines = (corpus / "MANIFEST.tsv").read_text().splitlines()
    listed = {line.partition("\t")[0] for line in lines}
    assert {style.mail for style in STYLES.values()} <= listed
    assert all(new_text(corpus, style) for style in STYLES.values())


def test_replies_of_five_clients_become_bubbles_within_two_seconds(
    browser: Watched, corpus: Path, tmp_path: Path
) -> None:
    took = []
    with opened(browser, tmp_path) as o:
        o.say("Dear Ann,\n\nthe flat is ready. When would you like to see it?")
        for number, (name, style) in enumerate(STYLES.items(), 1):
            seen = o.mailbox[-1]
            assert "the flat is ready" in said(o.mailbox[0])
            raw = written(corpus, style, seen)
            o.replies(raw, seen["Reply-To"].addresses[0].addr_spec)
            took.append(shown_since(o, number, time.monotonic()))
            text = o.page.locator(".message:not(.own) .words").last.inner_text()
            right = flat(text) == new_text(corpus, style)  # the texts stay out of the report
            assert right, name
        assert median(took) < SOON, took  # one of them may meet a busy machine
        o.say("Monday it is.")
        assert "Monday it is." in said(o.mailbox[-1])
        assert o.page.locator(".message.own").count() == 2
        assert {str(mail["Reply-To"]) for mail in o.mailbox} == {str(o.mailbox[0]["Reply-To"])}


def shown_since(o: Open, number: int, sent: float) -> float:
    """Seconds from when SES has taken the mail until the page shows it."""
    expect(o.page.locator(".message:not(.own)")).to_have_count(number)
    return time.monotonic() - sent


def test_files_go_both_ways(browser: Watched, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as o:
        o.page.get_by_label("Add files").set_input_files([FILE])
        o.say("The plan")
        [seen] = o.mailbox
        files = {p.get_filename(): p.get_payload(decode=True) for p in seen.iter_attachments()}
        assert files == {"plan.txt": b"two rooms"}
        reply = EmailMessage(policy=policy.SMTP)
        reply["From"], reply["To"] = ANN, seen["Reply-To"]
        reply["Subject"], reply["In-Reply-To"] = "Re: Your flat", seen["Message-ID"]
        reply["Message-ID"] = make_msgid(domain="customer.example")
        reply.set_content("Signed.")
        reply.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="s.pdf")
        o.replies(reply.as_bytes(), seen["Reply-To"].addresses[0].addr_spec)
        link = o.page.locator(".message:not(.own)").get_by_role("link", name="s.pdf")
        expect(link).to_be_visible()
        with o.page.expect_download() as download:
            link.click()
        assert Path(download.value.path()).read_bytes() == b"%PDF-1.7 x"


def test_a_bounce_is_under_its_bubble_and_the_address_is_left_alone(
    browser: Watched, tmp_path: Path
) -> None:
    with opened(browser, tmp_path) as o:
        o.s.ses_events("manual")
        o.say("Hello")
        [sent] = [one for one in o.s.sent() if one["recipients"] == [ANN]]
        o.s.emit(bounce(sent))
        o.s.settle()
        under = o.page.locator(".message.own .under")
        expect(under).to_contain_text("Bounced")
        expect(under).to_contain_text("no such user")
        o.page.get_by_role("textbox", name="Your message").fill("Are you there?")
        o.page.get_by_role("button", name="Send").click()
        expect(o.page.locator("#fate")).to_contain_text("nothing is sent to it any more")


def test_an_answer_makes_no_task_and_no_key_reaches_the_page(
    browser: Watched, tmp_path: Path
) -> None:
    with opened(browser, tmp_path) as o:
        key = o.s.outputs["MessagesApiKey"]
        heard: list[str] = []
        o.page.on("response", lambda answer: heard.append(_all_of(answer)))
        o.say("Hello")
        o.page.reload()
        expect(o.page.locator(".message.own")).to_have_count(1)
        expect(o.page.locator(".message.own .under")).to_contain_text("Delivered")
        assert o.s.tasks() == []
        assert heard
        assert not any(key in text for text in heard)
        assert key not in o.page.evaluate(
            "JSON.stringify([{...sessionStorage}, {...localStorage}])"
        )


def _all_of(answer: Any) -> str:
    body = b"" if answer.status == 304 else answer.body()
    return f"{answer.headers} {body.decode(errors='replace')} {base64.b64encode(body).decode()}"
