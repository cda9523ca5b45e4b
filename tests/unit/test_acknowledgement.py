"""What a customer gets at once: in his language, marked as automatic, without a word of his."""

# ruff: noqa: RUF001 - look-alikes of dots and of the at sign stand here on purpose

import re
import unicodedata
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel import notice
from emailchannel.case import Case, Message, Participant
from emailchannel.mail.compose import ComposeError
from emailchannel.mail.parse import parse
from emailchannel.mail.text import words
from emailchannel.mail.thread import case_from_references
from emailchannel.settings import Settings

CASE_ID = "9d2kq0000000000000ab"
ALIAS = f"support+{CASE_ID}@support.example.com"
DISCLAIMER = "Example Ltd, registered in England & Wales <No. 123>."
SETTINGS = Settings(
    inquiry_address="support@support.example.com",
    domain="support.example.com",
    agent_domains=("corp.example",),
    instance_arn="",
    flow_id="",
    default_queue_arn="",
    from_name="Example Kettles",
    disclaimer=DISCLAIMER,
)
CASE = Case(CASE_ID, Participant("ann@customer.example", "Zelda Qwertz"), "My kettle", 1)
ID = "x1.y@mail.customer.example"
REQUIRED = words("en de fr es it pt nl sv da fi pl cs tr ja zh ko ar he ru")
LANGUAGES = sorted(notice.languages())


def message(subject="My kettle is broken", **more):
    person = Participant("ann@customer.example", "Zelda Qwertz")
    fields = {"from_": person, "subject": subject, "message_id": ID, **more}
    return Message("m1", CASE_ID, 1, "in", "customer", "accepted", **fields)


def acknowledge(language="en", asked=None, set_=SETTINGS, case=CASE, **more):
    marks = {"loop_mark": "1.abc", "identity": "idx", "at": 1_795_000_000_000} | more
    return notice.acknowledgement(set_, case, asked or message(), language=language, **marks)


def read(made):
    return message_from_bytes(made.mime, policy=policy.default)


def bodies(made):
    mail = read(made)
    parts = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return [part.replace("\r\n", "\n") for part in parts]


def test_the_languages_asked_for_are_there():
    assert set(LANGUAGES) >= REQUIRED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_makes_a_whole_mail(language):
    made = acknowledge(language)
    mail = read(made)
    assert mail["From"] == mail["Reply-To"] == f"Example Kettles <{ALIAS}>"
    assert mail["To"] == "ann@customer.example"
    assert mail["Subject"] == made.subject == "Re: My kettle is broken"
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Email-Channel-Loop"] == "1.abc"
    assert mail["In-Reply-To"] == f"<{ID}>"
    assert mail["References"].split() == [f"<case.{CASE_ID}@support.example.com>", f"<{ID}>"]
    assert mail["Message-ID"] == "<idx@support.example.com>"
    assert (made.sender, made.recipient) == (ALIAS, "ann@customer.example")
    assert mail.get_content_type() == "multipart/alternative"
    assert made.mime.isascii()
    assert max(map(len, made.mime.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_html_say_the_same_with_the_disclaimer(language):
    text, html = bodies(acknowledge(language))
    seen = BeautifulSoup(html, "lxml").get_text(" ")
    assert "".join(seen.split()) == "".join(text.split())
    assert DISCLAIMER in text
    assert DISCLAIMER in seen
    assert "<No." not in html
    assert "{" not in text
    assert text.count("\n\n") == 5  # greeting, received, add, automatic, company, disclaimer


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_reader_takes_it_for_automatic(language):
    mail = parse(acknowledge(language).mime)
    assert mail.automatic == "auto-reply"
    assert case_from_references(mail.references, "support.example.com") == CASE_ID


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_direction_of_the_script(language):
    text, html = bodies(acknowledge(language))
    right = any(unicodedata.bidirectional(c) in {"R", "AL"} for c in text)
    tag = BeautifulSoup(html, "lxml").html
    assert (tag["lang"], tag["dir"]) == (language, "rtl" if right else "ltr")
    assert right == (language in {"ar", "he"})


def test_no_two_languages_share_a_sentence():
    lines = [
        line
        for language in LANGUAGES
        for line in bodies(acknowledge(language, set_=replace(SETTINGS, from_name="")))[0].split(
            "\n"
        )
        if len(line) > 15 and line != DISCLAIMER
    ]
    assert len(lines) == len(set(lines))
    assert len(lines) >= 3 * len(LANGUAGES)


@pytest.mark.parametrize(
    ("wanted", "default", "got"),
    [
        ("pt-BR", "de", "pt"),
        ("zh-TW", "de", "zh"),
        ("ZH_Hant_TW", "de", "zh"),
        ("DE", "fr", "de"),
        ("tlh", "fr", "fr"),
        ("", "fr-CA", "fr"),
        ("", "", "en"),
        ("tlh", "tlh", "en"),
        ("../notice", "../../x", "en"),
    ],
)
def test_which_language(wanted, default, got):
    made = acknowledge(wanted, set_=replace(SETTINGS, default_language=default))
    assert f'<html lang="{got}"' in bodies(made)[1]


ATTACKS = [
    ("Visit http://evil.example now", "Re: Visit now"),
    ("Win HTTPS://evil now", "Re: Win now"),
    ("go to www.evil", "Re: go to"),
    ("go to evil.example/path?x=1 now", "Re: go to now"),
    ("evil．com and evil․com", "Re: and"),
    ("evil。com", "Re: Your message"),
    ("ev\u200bil.\u2060com", "Re: Your message"),
    ("evil.例え foo", "Re: foo"),
    ("請求書http://evil.example/について", "Re: 請求書について"),
    ("call tel:+4412345678", "Re: call"),
    (r"open \\evil\share", "Re: open"),
    ("login at 192.0.2.1", "Re: login at"),
    ("write to boss@evil.example", "Re: write to"),
    ("write to boss＠evil﹒example", "Re: write to"),
    ("write to <boss@evil.example>, please", "Re: write to please"),
    ("x\r\nBcc: victim@evil.example", "Re: x Bcc:"),
    ("a\r\n\r\n<script>b</script>", "Re: a <script>b</script>"),
    ("invoice \u202efdp.exe", "Re: invoice"),
    ("\u202eabc\u2066def", "Re: abcdef"),
    ("AW: Re[2]: SV: www.evil", "Re: Your message"),
    ("", "Re: Your message"),
    ("=?utf-8?q?=0D=0ABcc=3A_x?=", "Re: =?utf-8?q?=0D=0ABcc=3A_x?="),
]


@pytest.mark.parametrize(("subject", "shown"), ATTACKS, ids=[ascii(one[0]) for one in ATTACKS])
def test_a_subject_carries_nothing_to_click_on(subject, shown):
    made = acknowledge(asked=message(subject))
    mail = read(made)
    assert made.subject == mail["Subject"] == parse(made.mime).subject == shown
    assert "Bcc" not in mail
    assert len(mail.get_all("To")) == 1
    assert "evil" not in shown


@pytest.mark.parametrize(
    "subject",
    [
        "z.B. v2.10 e.V. and/or U.S.A.",
        "Hallo...wie geht es?",
        "壊れました。助けてください",
        "Termin am 12.11.2026 um 9:30",
        "Order #1234 [urgent] (2nd)",
        "Nr.5: Frage zu Meta data: Größe",
        "مرحبا، الطلب 123",
    ],
)
def test_an_honest_subject_stays(subject):
    assert acknowledge(asked=message(subject)).subject == f"Re: {subject}"


def test_a_long_subject_is_cut():
    made = acknowledge(asked=message("word " * 100_000))
    assert made.subject.startswith("Re: word word")
    assert len(made.subject) <= 80


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.text(max_size=120) | st.from_regex(r"(?i)\w{0,5}[@./:。．＠]{1,3}\w{0,5}", fullmatch=True)
)
def test_any_subject_makes_one_clean_line(subject):
    shown = acknowledge(asked=message(subject)).subject
    folded = unicodedata.normalize("NFKC", shown)
    assert len(shown) <= 80
    assert "@" not in folded
    assert "//" not in folded
    assert not re.search(r"[a-z0-9]\.[a-z]{2}", folded, re.I)
    assert not any(unicodedata.category(c) in {"Cc", "Zl", "Zp"} for c in shown)


def test_nothing_of_the_customers_mail_is_in_it():
    asked = message(
        references=("older@elsewhere.example", "case.0000000000000000zzzz@support.example.com"),
        to=("support@support.example.com", "second@elsewhere.example"),
        cc=("third@elsewhere.example",),
        reply_to=("other@elsewhere.example",),
        flags=("ELSEWHERE",),
    )
    for language in LANGUAGES:
        made = acknowledge(language, asked)
        whole = "".join([made.mime.decode(), *bodies(made)]).lower()
        for word in ("zelda", "qwertz", "elsewhere", "zzzz"):
            assert word not in whole
        assert "kettle is broken" not in "".join(bodies(made))


@pytest.mark.parametrize("strange", ["", "no-at-sign", "sp ace@x", "ü@x", "a@b\r\nBcc: x@y", "<>"])
def test_a_message_id_that_no_header_can_carry_stops_nothing(strange):
    mail = read(acknowledge(asked=message(message_id=strange)))
    assert mail["In-Reply-To"] is None
    assert mail["References"] == f"<case.{CASE_ID}@support.example.com>"
    assert "Bcc" not in mail


def test_the_same_arguments_give_the_same_bytes():
    assert acknowledge("ja").mime == acknowledge("ja").mime
    assert acknowledge("ja").mime != acknowledge("ja", identity="other").mime


def test_without_name_and_disclaimer_nothing_dangles():
    made = acknowledge("en", set_=replace(SETTINGS, from_name="", disclaimer=""))
    text, html = bodies(made)
    assert text.strip().endswith("This confirmation was sent automatically.")
    assert "border-top" not in html
    assert read(made)["From"] == ALIAS


def test_a_name_that_looks_like_markup_or_a_template_is_shown_as_it_is():
    made = acknowledge(set_=replace(SETTINGS, from_name="{{ 7*7 }} <b>A & B</b>"))
    text, html = bodies(made)
    assert "{{ 7*7 }} <b>A & B</b>" in text
    assert "{{ 7*7 }} &lt;b&gt;A &amp; B&lt;/b&gt;" in html


@pytest.mark.parametrize(
    "address", ["", "ann", "änn@customer.example", "ann@x\r\nBcc: y@z.example"]
)
def test_an_address_that_cannot_be_written_to_is_an_error_in_words(address):
    with pytest.raises(ComposeError):
        acknowledge(case=replace(CASE, customer=Participant(address)))


def test_no_mail_leaves_without_a_loop_mark():
    with pytest.raises(ComposeError):
        acknowledge(loop_mark="")


def test_the_documented_words_are_the_sent_ones():
    documented = (Path(__file__).parents[2] / "docs/automatic-mail.md").read_text()
    page = " ".join(re.sub(r"^> ?|<br>$", "", documented, flags=re.M).split())
    text = bodies(acknowledge("en", set_=replace(SETTINGS, disclaimer="", from_name="")))[0]
    for paragraph in filter(None, text.split("\n\n")):
        assert paragraph.strip() in page
    assert f"are: {', '.join(LANGUAGES)}." in page
