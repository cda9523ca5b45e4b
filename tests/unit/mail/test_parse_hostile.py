"""Mails made to keep a parser busy: each is read within two seconds, and nothing breaks."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel.mail.parse import parse
from emailchannel.mail.values import ParsedMail
from tests.mail.hostile import HOSTILE


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_in_time(name: str) -> None:
    raw = HOSTILE[name]()
    started = time.process_time()
    read = parse(raw)
    assert time.process_time() - started < 2
    assert isinstance(read, ParsedMail)
    if name not in ("2,000 nested multiparts", "1,500 nested mails", "400,000 parts"):
        assert "not-fully-parsed" not in read.flags


def test_what_is_cut_is_flagged() -> None:
    assert "not-fully-parsed" in parse(HOSTILE["2,000 nested multiparts"]()).flags
    assert "not-fully-parsed" in parse(HOSTILE["400,000 parts"]()).flags
    assert "header-cut" in parse(HOSTILE["5 MB subject"]()).flags
    assert "text-cut" in parse(HOSTILE["spaces"]()).flags
    assert "html-simplified" in parse(HOSTILE["deep HTML"]()).flags


FRAGMENTS = st.sampled_from(
    [
        b"From: ",
        b"To: ",
        b"Subject: ",
        b"Content-Type: ",
        b"multipart/mixed; boundary=b",
        b"--b",
        b"--b--",
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b" ",
        b"\t",
        b"text/html",
        b"text/calendar",
        b'multipart/alternative; boundary="b"',
        b"multipart/report; report-type=delivery-status",
        b"message/rfc822",
        b"message/delivery-status",
        b"Content-Transfer-Encoding: ",
        b"base64",
        b"quoted-printable",
        b"=?utf-8?q?",
        b"=?iso-2022-jp?b?",
        b"?=",
        b"<",
        b">",
        b"@",
        b",",
        b";",
        b":",
        b'"',
        b"\\",
        b"(",
        b")",
        b"charset=",
        b"utf-16",
        b"hz",
        b"name*0*=",
        b"%",
        b"'",
        b"=",
        b"<div class=gmail_quote>",
        b"</div>",
        b"<blockquote type=cite>",
        b"<table><tr>",
        b"<div id=divRplyFwdMsg>",
        b"> ",
        b"-- ",
        b"On 1 Jan 2020 a@b wrote:",
        b"BEGIN:VEVENT",
        b"---------- Forwarded message ---------",
        b"Final-Recipient: rfc822;",
        b"Date: ",
        b"\0",
        b"\xff",
        b"\xc3",
        b"\x1b$B",
        b"Mon, 1 Jan 2020",
        b"Message-ID: ",
        b"References: ",
    ]
)


@settings(max_examples=400, deadline=2_000)
@given(st.lists(st.one_of(FRAGMENTS, st.binary(max_size=8)), max_size=60))
def test_any_bytes_are_read(pieces: list[bytes]) -> None:
    read = parse(b"".join(pieces))
    # The last wall sets this flag; so few bytes must not reach it.
    assert "not-fully-parsed" not in read.flags
    for text in (read.subject, read.text, read.html, read.new_text, read.quoted_text):
        text.encode("utf-8")
        assert "\0" not in text
