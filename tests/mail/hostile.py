"""Mails made to keep a parser busy, to exhaust it or to break it; made on demand: some are big."""

from collections.abc import Callable

HEAD = b"From: a@b.example\r\nTo: d@e.example\r\nSubject: s\r\n"
TEXT = HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
HTML = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
BOUNCE = b"From: MAILER-DAEMON\r\nReturn-Path: <>\r\nSubject: failure notice\r\n\r\n"


def nested(levels: int) -> bytes:
    layer = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return HEAD + b"".join(layer % (n, n) for n in range(levels)) + b"\r\nhi\r\n"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "2,000 nested multiparts": lambda: nested(2_000),
    "1,500 nested mails": lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 1_500 + b"x",
    "400,000 parts": lambda: MIXED + b"--b\r\n\r\nx\r\n" * 400_000,
    "delimiters of nobody": lambda: nested(40) + b"--c\r\n" * 1_000_000,
    "5 MB subject": lambda: b"Subject: " + b"word word\r\n " * 500_000 + b"\r\n" + HEAD + b"\r\nx",
    "60,000 encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?=\r\n " * 60_000 + HEAD + b"\r\nx",
    "unclosed encoded words": lambda: b"Subject: " + b"=?utf-8?q?x" * 100_000 + b"\r\n\r\nx",
    "unclosed quotes": lambda: b"To: " + b'"' * 250_000 + b"\r\n\r\nx",
    "escaped quotes": lambda: b"To: " + b'"a\\' * 20_000 + b"\r\n\r\nx",
    "comments": lambda: b"From: " + b"(" * 60_000 + b"\r\n\r\nx",
    "groups": lambda: b"To: " + b"a:" * 30_000 + b"\r\n\r\nx",
    "100,000 references": lambda: b"References: " + b"<a@b> " * 100_000 + b"\r\n\r\nx",
    "20,000 sections": lambda: b"Content-Type: text/plain;" + b" n*1=a;" * 20_000 + b"\r\n\r\nx",
    "50,000 parameters": lambda: b"Content-Type: text/plain;" + b" n=a;" * 50_000 + b"\r\n\r\nx",
    "quoted parameters": lambda: b"Content-Type: text/plain;" + b' a="\\"' * 10_000 + b"\r\n\r\nx",
    "1 million junk lines": lambda: b"From: a@b.c\r\n" + b"junk\r\nX-Y: z\r\n" * 500_000,
    "one field of 20 MB": lambda: b"X-A: " + b"b" * 20_000_000 + b"\r\n\r\nx",
    "spaces": lambda: TEXT + b" " * 5_000_000 + b"x",
    "line feeds": lambda: TEXT + b"\n" * 5_000_000,
    "attribution lines": lambda: TEXT + b"On a\n" * 1_000_000,
    "dated lines": lambda: TEXT + b"On 2020-01-01 a@b.c\n" * 200_000,
    "one line of attributions": lambda: TEXT + b"On On On " * 500_000,
    "header lines": lambda: TEXT + b"From: a@b.example\n" * 300_000,
    "quoted lines": lambda: TEXT + b"> a\nb\n" * 800_000,
    "quote marks": lambda: TEXT + b">" * 5_000_000,
    "signatures": lambda: TEXT + b"-- \n" * 1_000_000,
    "flowed": lambda: (
        HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 1_200_000
    ),
    "8-bit garbage": lambda: HEAD + b"\r\n" + bytes(range(128, 256)) * 40_000,
    "deep HTML": lambda: HTML + b"<div>" * 300_000,
    "deep quotes": lambda: HTML + b"<blockquote type=cite>" * 390 + b"x",
    "many quotes": lambda: HTML + b"<blockquote type=cite>x</blockquote>" * 28_000,
    "300,000 attributes": lambda: HTML + b"<a " + b"b=c " * 300_000 + b">x",
    "entities": lambda: HTML + b"&amp;" * 1_000_000,
    "table rows": lambda: HTML + b"<table>" + b"<tr><td>x</td></tr>" * 100_000,
    "angle brackets": lambda: HTML + b"<" * 5_000_000,
    "comments in HTML": lambda: HTML + b"<!--" * 1_000_000,
    "formatting": lambda: HTML + b"<p><b><i><font color=red>" * 90 + b"<p>" * 5_000,
    "Outlook marks": lambda: HTML + b"<div id=divRplyFwdMsg>x</div>" * 30_000,
    "base64 with padding": lambda: (
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"YQ== " * 2_000_000
    ),
    "soft line breaks": lambda: (
        HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=" * 9_000_000
    ),
    "reports": lambda: (
        HEAD
        + b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        + b"Content-Type: message/delivery-status\r\n\r\n"
        + b"Final-Recipient: rfc822;a@b\r\n\r\n" * 300_000
    ),
    "bounce of at signs": lambda: BOUNCE + b"a@" * 2_000_000,
    "bounce of dashes": lambda: BOUNCE + b"--- " + b"original " * 500_000,
    "calendar": lambda: (
        HEAD + b"Content-Type: text/calendar\r\n\r\nBEGIN:VEVENT\r\n" + b" a\r\n" * 500_000
    ),
    "NUL": lambda: b"\0" * 5_000_000,
    "25 MB attachment": lambda: (
        MIXED
        + b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + (b"QUJD" * 19 + b"\r\n") * 440_000
        + b"--b--\r\n"
    ),
    # The kinds below hang, exhaust or crash at least one well-known parser.
    "Message-ID of brackets": lambda: b"Message-ID: <[\r\nReferences: <<[\r\n" + HEAD + b"\r\nx",
    "open angle": lambda: b"From: a@b.example\r\nTo: <\r\nCc: :;\r\nBcc: *@\r\n\r\nx",
    "address of brackets": lambda: (
        b"To: " + b"<" * 60_000 + b"\r\nFrom: " + b">" * 60_000 + b"\r\n\r\nx"
    ),
    "at signs": lambda: b"To: " + b"a@" * 30_000 + b"\r\n\r\nx",
    "commas": lambda: b"To: " + b"," * 60_000 + b"\r\nFrom: a@b.example\r\n\r\nx",
    "10,000 addresses": lambda: b"To: " + b"a@b.example,\r\n " * 10_000 + b"\r\n\r\nx",
    "20,000 fields": lambda: b"X-A: b\r\n" * 20_000 + HEAD + b"\r\nx",
    "header block of 30 MB": lambda: b"X-A: " + b"b" * 70 + (b"\r\n b" * 6_000_000) + b"\r\n\r\nx",
    "charsets that are codecs": lambda: (
        MIXED
        + b"".join(
            b"--b\r\nContent-Type: text/plain; charset=" + name + b"\r\n\r\n\xff\xfe\\x41\r\n"
            for name in (
                b"zlib",
                b"bz2",
                b"rot13",
                b"idna",
                b"punycode",
                b"unicode_escape",
                b"utf-8\0",
            )
        )
        + b"--b--"
    ),
    "UTF-7": lambda: (
        HEAD
        + b"Content-Type: text/html; charset=utf-7\r\n\r\n"
        + b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-" * 10_000
    ),
    "broken UTF-16": lambda: (
        HEAD + b"Content-Type: text/plain; charset=utf-16\r\n\r\n" + b"\xd8\x00" * 1_000_000
    ),
    "escape sequences": lambda: (
        HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B\x1b(B" * 500_000
    ),
    "types without a slash": lambda: MIXED + b"--b\r\nContent-Type: ;base64*=x\r\n\r\nx\r\n" * 900,
    "boundary of 100 KB": lambda: (
        b"Content-Type: multipart/mixed; boundary=" + b"b" * 100_000 + b"\r\n\r\nx"
    ),
    "empty boundary": lambda: (
        HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nx'
    ),
    "boundary inside boundary": lambda: MIXED + b"--b\r\n--bb\r\n--b--\r\n" * 20_000,
    "alternatives": lambda: (
        HEAD
        + b"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n" * 990
    ),
    "uuencoded": lambda: (
        HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\r\n" + b"M" * 10_000_000
    ),
    "broken base64": lambda: (
        MIXED
        + b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + b"QUJ=\r\n" * 2_000_000
    ),
    "lone CR": lambda: b"From: a@b.example\rSubject: s\r\r" + b"line\r" * 2_000_000,
    "names of files": lambda: (
        MIXED
        + b'--b\r\nContent-Disposition: attachment; filename="'
        + b"../\\" * 15_000
        + b'x"\r\n\r\nx'
    ),
    "forwarded": lambda: TEXT + b"---------- Forwarded message ---------\nFrom: \n" * 100_000,
    "labels on one line": lambda: TEXT + b"--- Forwarded message --- " + b"From: a To: b " * 50_000,
    "lists in HTML": lambda: HTML + b"<ul><li>" * 180 + b"x" * 100_000,
    "tables in tables": lambda: HTML + b"<table><tr><td>" * 120 + b"x",
    "cells": lambda: HTML + b"<table><tr>" + b"<td>x" * 30_000,
    "styles": lambda: HTML + b'<p style="' + b"color:red;" * 90_000 + b'">x',
    "unmarked quotes": lambda: HTML + b"<div>a" * 300 + b"<blockquote>" + b"<br>" * 20_000,
}
