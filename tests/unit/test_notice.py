"""What an agent is told: what happened to his mail, and what to do."""

import re
import tomllib
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from emailchannel import notice
from emailchannel.mail import alias
from emailchannel.mail.parse import parse
from emailchannel.mail.text import words
from emailchannel.settings import Settings

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "functions/emailchannel/templates"
CASE_ID = "9d2kq0000000000000ab"
KEYS = alias.RelayKeys("1", {"1": b"k" * 32})
RELAY = alias.relay_address(
    KEYS, "relay", CASE_ID, alias.stamp("m1"), "agent-1", 0, "support.example.com"
)
SETTINGS = Settings(
    inquiry_address="support@support.example.com",
    domain="support.example.com",
    agent_domains=("corp.example",),
    instance_arn="",
    flow_id="",
    default_queue_arn="",
    from_name="Example Kettles",
    disclaimer="Example Ltd",
)
REASONS = sorted(
    words(
        "address token no-case case-closed no-customer not-allowed empty stale too-many forwarded "
        "duplicate-command unknown-command token-in-attachment cannot-compose blocked"
    )
)
OUTCOMES = ["note", "closed", "answered-and-closed", "recipients-ignored"]
ALL = [("explanation", one) for one in REASONS] + [("result", one) for one in OUTCOMES]


def tell(kind, which, set_=SETTINGS, **more):
    fields = {
        "to": "alice@corp.example",
        "subject": "Re: My kettle",
        "answered_message_id": "m.1@corp.example",
        "facts": {},
        "loop_mark": "1.abc",
        "identity": "idy",
        "at": 1_795_000_000_000,
    } | more
    which = {"reason" if kind == "explanation" else "what": which}
    return getattr(notice, kind)(set_, **which, **fields)


def read(made):
    return message_from_bytes(made.mime, policy=policy.default)


def text_of(made):
    return read(made).get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(made):
    return read(made).get_body(("html",)).get_content()


@pytest.mark.parametrize(("kind", "which"), ALL)
def test_each_is_a_marked_mail_to_the_agent_from_no_case(kind, which):
    made = tell(kind, which)
    mail = read(made)
    assert mail["From"] == "Example Kettles <support@support.example.com>"
    assert mail["To"] == "alice@corp.example"
    assert mail["Reply-To"] is None
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-Email-Channel-Loop"] == "1.abc"
    assert mail["In-Reply-To"] == mail["References"] == "<m.1@corp.example>"
    assert mail["Message-ID"] == "<idy@support.example.com>"
    assert mail["Subject"] == made.subject
    assert made.subject.endswith(": Re: My kettle")
    assert (made.sender, made.recipient) == ("support@support.example.com", "alice@corp.example")
    assert made.mime.isascii()
    assert parse(made.mime).automatic == "auto-reply"
    assert made.mime == tell(kind, which).mime


@pytest.mark.parametrize(("kind", "which"), ALL)
@pytest.mark.parametrize("facts", [{}, {"ignored": "bob@other.example,c@d.example", "direct": "1"}])
def test_text_and_html_say_the_same(kind, which, facts):
    made = tell(kind, which, facts=facts)
    text = text_of(made)
    seen = BeautifulSoup(html_of(made), "lxml").get_text(" ")
    assert "".join(seen.split()) == "".join(text.split())
    assert "{" not in text
    assert "\n\n\n" not in text


def test_each_reason_has_words_of_its_own():
    entries = tomllib.loads((TEMPLATES / "explanation.toml").read_text())
    assert set(entries) == set(REASONS)
    for part in ("happened", "todo"):
        assert len({entry[part] for entry in entries.values()}) == len(entries)
    outcomes = tomllib.loads((TEMPLATES / "result.toml").read_text())
    assert set(outcomes) == {*OUTCOMES, "other"}
    assert len({entry["happened"] for entry in outcomes.values()}) == len(outcomes)


@pytest.mark.parametrize("reason", REASONS)
def test_an_explanation_says_that_the_customer_got_nothing_and_what_to_do(reason):
    text = text_of(tell("explanation", reason))
    assert text.startswith("Your mail was not sent to the customer, who has received nothing.")
    assert "\nWhat happened: " in text
    assert "\nWhat to do: " in text
    assert "Your mail is kept." in text


@pytest.mark.parametrize("unknown", ["", "automatic", "no-such-reason", "../result", "{{ 1 }}"])
def test_an_unknown_reason_or_outcome_gets_general_words(unknown):
    assert text_of(tell("explanation", unknown)) == text_of(tell("explanation", "blocked"))
    assert "shows what became of it" in text_of(tell("result", unknown))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("nte", "(#nte)"),
        ("#nte", "(#nte)"),
        ("unknown:nte", "(#nte)"),
        ("\uff03nte", "(#nte)"),
        ("", "command, but"),
        ("<b>\r\n{{ 7*7 }}", "(#<b> {{ 7*7 }})"),
    ],
)
def test_the_command_is_named(given, shown):
    made = tell("explanation", "unknown-command", facts={"command": given})
    assert shown in text_of(made)
    assert "#note" in text_of(made)
    assert "#close" in text_of(made)
    assert "<b>" not in html_of(made)


def test_a_long_command_is_cut():
    assert (
        len(text_of(tell("explanation", "unknown-command", facts={"command": "x" * 9_999}))) < 900
    )


def test_the_detail_is_given_where_there_is_one():
    made = tell("explanation", "cannot-compose", facts={"detail": "a mail needs a recipient."})
    assert "to the customer: a mail needs a recipient.\n" in text_of(made)
    assert "made into a mail to the customer.\n" in text_of(tell("explanation", "cannot-compose"))


@pytest.mark.parametrize(("kind", "which"), ALL)
def test_whom_the_channel_left_out(kind, which):
    made = tell(kind, which, facts={"ignored": "bob@other.example, bob@other.example,c@d.example"})
    text = text_of(made)
    assert "has not sent them your mail:\n\n  bob@other.example\n  c@d.example\n\n" in text
    assert "directly" not in text


@pytest.mark.parametrize(("kind", "which"), ALL)
def test_a_customer_who_was_written_to_directly_is_not_said_to_have_got_nothing(kind, which):
    text = text_of(tell(kind, which, facts={"direct": "ann@customer.example"}))
    assert "sent it to the customer directly, with your address" in text
    assert "received nothing" not in text
    assert "ann@customer.example" not in text


@pytest.mark.parametrize(("kind", "which"), ALL)
@pytest.mark.parametrize("domain", ["support.example.com", "SUPPORT.example.com"])
def test_no_case_and_no_relay_address_is_shown(kind, which, domain):
    token = RELAY.partition("+")[2].partition("@")[0]
    case_alias = f"Support+{CASE_ID.upper()}@{domain}"
    made = tell(
        kind,
        which,
        subject=f"Re: x [#{CASE_ID}] {RELAY} {token.upper()} {case_alias} end",
        facts={
            "ignored": f"{RELAY},{RELAY.upper()},{case_alias},support@{domain},bob@other.example",
            "detail": f"it shows {token} and {CASE_ID}",
            "command": CASE_ID,
        },
    )
    whole = (made.mime.decode() + text_of(made) + html_of(made) + made.subject).lower()
    assert CASE_ID not in whole
    assert token not in whole
    assert "relay+" not in whole
    assert "support+" not in whole
    assert "bob@other.example" in whole
    assert made.subject.endswith("Re: x end")


@pytest.mark.parametrize("kind", ["explanation", "result"])
@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("", ""),
        ("www.evil.example", ""),
        ("x\r\nBcc: v@evil.example", ": x Bcc:"),
        ("\u202egnp see http://evil.example", ": gnp see"),
        ("y" * 5_000, ": " + "y" * 79 + "…"),
    ],
)
def test_the_subject_is_harmless(kind, subject, shown):
    made = tell(kind, "note" if kind == "result" else "empty", subject=subject)
    assert made.subject == ("Noted" if kind == "result" else "Not sent") + shown
    assert read(made)["Subject"] == made.subject
    assert "Bcc" not in read(made)


@pytest.mark.parametrize("strange", ["", "none", "a b@c", "a@b\r\nBcc: x@y"])
def test_a_strange_message_id_stops_nothing(strange):
    mail = read(tell("explanation", "empty", answered_message_id=strange))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None
    assert "Bcc" not in mail


def test_many_ignored_addresses_are_bounded():
    many = ",".join(f"p{n}@other.example" for n in range(5_000))
    assert text_of(tell("result", "recipients-ignored", facts={"ignored": many})).count("@") == 50


def test_a_mail_to_an_agent_has_no_disclaimer():
    set_ = replace(SETTINGS, disclaimer="Legal words")
    assert "Legal words" not in text_of(tell("result", "note", set_))


def test_the_documented_words_are_the_sent_ones():
    documented = (ROOT / "docs/automatic-mail.md").read_text()
    page = " ".join(re.sub(r"^> ?", "", documented, flags=re.M).split())
    facts = {"command": "nte", "detail": "an address lacks a valid domain"}
    sent = [text_of(tell("explanation", reason, facts=facts)) for reason in REASONS]
    sent += [text_of(tell("result", one)) for one in (*OUTCOMES, "other")]
    sent += [
        text_of(tell("explanation", "empty", facts={"ignored": "bob@other.example", "direct": "1"}))
    ]
    for paragraph in "\n\n".join(sent).split("\n\n"):
        said = " ".join(paragraph.split())
        assert re.sub(r"^What (?:happened|to do): ", "", said) in page
