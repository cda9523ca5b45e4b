"""Mails made to keep a parser busy: each is read within two seconds, and nothing breaks."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel.mail.parse import parse
from emailchannel.mail.values import ParsedMail

HEAD = b"From: a@b.example\r\nTo: d@e.example\r\nSubject: s\r\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
BOUNCE = b"From: MAILER-DAEMON\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n"


def nested(levels: int) -> bytes:
    layer = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEAD + b"".join(layer % (n, n) for n in range(levels)) + b"\r\nhi\r\n"


HOSTILE = {
    "2,000 nested multiparts": nested(2_000),
    "1,500 nested mails": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1_500 + b"x",
    "400,000 parts": MIXED + b"--b\r\n\r\nx\r\n" * 400_000,
    "delimiters of nobody": nested(40) + b"--c\r\n" * 1_000_000,
    "5 MB subject": b"Subject: " + b"word word\r\n " * 500_000 + b"\r\n" + HEAD + b"\r\nx",
    "60,000 encoded words": b"Subject: " + b"=?utf-8?q?a?=\r\n " * 60_000 + HEAD + b"\r\nx",
    "unclosed encoded words": b"Subject: " + b"=?utf-8?q?x" * 100_000 + b"\r\n\r\nx",
    "unclosed quotes": b"To: " + b'"' * 250_000 + b"\r\n\r\nx",
    "escaped quotes": b"To: " + b'"a\\' * 20_000 + b"\r\n\r\nx",
    "comments": b"From: " + b"(" * 60_000 + b"\r\n\r\nx",
    "groups": b"To: " + b"a:" * 30_000 + b"\r\n\r\nx",
    "100,000 references": b"References: " + b"<a@b> " * 100_000 + b"\r\n\r\nx",
    "20,000 sections": b"Content-Type: text/plain;" + b" n*1=a;" * 20_000 + b"\r\n\r\nx",
    "50,000 parameters": b"Content-Type: text/plain;" + b" n=a;" * 50_000 + b"\r\n\r\nx",
    "quoted parameters": b"Content-Type: text/plain;" + b' a="\\"' * 10_000 + b"\r\n\r\nx",
    "1 million junk lines": b"From: a@b.c\r\n" + b"junk\r\nX-Y: z\r\n" * 500_000,
    "one field of 20 MB": b"X-A: " + b"b" * 20_000_000 + b"\r\n\r\nx",
    "spaces": TEXT + b" " * 5_000_000 + b"x",
    "line feeds": TEXT + b"\n" * 5_000_000,
    "attribution lines": TEXT + b"On a\n" * 1_000_000,
    "dated lines": TEXT + b"On 2020-01-01 a@b.c\n" * 200_000,
    "one line of attributions": TEXT + b"On On On " * 500_000,
    "header lines": TEXT + b"From: a@b.example\n" * 300_000,
    "quoted lines": TEXT + b"> a\nb\n" * 800_000,
    "quote marks": TEXT + b">" * 5_000_000,
    "signatures": TEXT + b"-- \n" * 1_000_000,
    "flowed": HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 1_200_000,
    "8-bit garbage": HEAD + b"\r\n" + bytes(range(128, 256)) * 40_000,
    "deep HTML": HTML + b"<div>" * 300_000,
    "deep quotes": HTML + b"<blockquote type=cite>" * 390 + b"x",
    "many quotes": HTML + b"<blockquote type=cite>x</blockquote>" * 28_000,
    "300,000 attributes": HTML + b"<a " + b"b=c " * 300_000 + b">x",
    "entities": HTML + b"&amp;" * 1_000_000,
    "table rows": HTML + b"<table>" + b"<tr><td>x</td></tr>" * 100_000,
    "angle brackets": HTML + b"<" * 5_000_000,
    "comments in HTML": HTML + b"<!--" * 1_000_000,
    "formatting": HTML + b"<p><b><i><font color=red>" * 90 + b"<p>" * 5_000,
    "Outlook marks": HTML + b"<div id=divRplyFwdMsg>x</div>" * 30_000,
    "base64 with padding": HEAD
    + b"Content-Transfer-Encoding: base64\r\n\r\n"
    + b"YQ== " * 2_000_000,
    "soft line breaks": HEAD
    + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    + b"=" * 9_000_000,
    "reports": HEAD
    + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
    + b"Content-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822;a@b\r\n\r\n" * 300_000,
    "bounce of at signs": BOUNCE + b"a@" * 2_000_000,
    "bounce of dashes": BOUNCE + b"--- " + b"original " * 500_000,
    "calendar": HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n" + b" a\r\n" * 500_000,
    "NUL": b"\0" * 5_000_000,
    "25 MB attachment": MIXED
    + b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + (b"QUJD" * 19 + b"\r\n") * 440_000
    + b"--b--\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_in_time(name: str) -> None:
    started = time.process_time()
    read = parse(HOSTILE[name])
    assert time.process_time() - started < 2
    assert isinstance(read, ParsedMail)
    if name not in ("2,000 nested multiparts", "400,000 parts"):
        assert "not-fully-parsed" not in read.flags


def test_what_is_cut_is_flagged() -> None:
    assert "not-fully-parsed" in parse(HOSTILE["2,000 nested multiparts"]).flags
    assert "not-fully-parsed" in parse(HOSTILE["400,000 parts"]).flags
    assert "header-cut" in parse(HOSTILE["5 MB subject"]).flags
    assert "text-cut" in parse(HOSTILE["spaces"]).flags
    assert "html-simplified" in parse(HOSTILE["deep HTML"]).flags


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
