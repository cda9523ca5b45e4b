"""Whatever an agent's mail is like: nothing internal leaves with his answer."""

import base64
import quopri
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, example, find, given, settings
from hypothesis import strategies as st

from emailchannel import reply
from emailchannel.mail.parse import parse
from emailchannel.mail.scrub import Finder
from tests.unit.outgoing import ADDRESS, RELAY, SECRETS, TOKEN, leaking, outgoing

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(24)
HOW = settings(
    max_examples=700,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# --- disguises -----------------------------------------------------------------------------------


def cut(text, at, between):
    at %= len(text)
    return text[:at] + between + text[at:]


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
IN_TEXT = {
    "plain": lambda text, at: text,
    "upper": lambda text, at: text.upper(),
    "mixed": lambda text, at: text[:at].upper() + text[at:],
    "angle": lambda text, at: f"Alice <{text}>",
    "link": lambda text, at: f"{text}<mailto:{text}>",
    "mailto": lambda text, at: f"[mailto:{text}]",
    "percent": lambda text, at: quote(text, safe=""),
    "all percent": lambda text, at: "".join(f"%{ord(one):02x}" for one in text),
    "twice percent": lambda text, at: quote(quote(text, safe=""), safe=""),
    "entity": lambda text, at: text.replace("@", "&#64;"),
    "named": lambda text, at: text.replace("@", "&commat;").replace(".", "&period;"),
    "hexadecimal": lambda text, at: "".join(f"&#x{ord(one):X};" for one in text),
    "twice entity": lambda text, at: text.replace("@", "&amp;#64;"),
    "entity of percent": lambda text, at: text.replace("@", "&#37;40"),
    "percent of entity": lambda text, at: text.replace("@", "%26%2364%3B"),
    "soft hyphen": lambda text, at: cut(text, at, "\u00ad"),
    "zero width": lambda text, at: cut(text, at, "\u200b\u2060"),
    "joiner": lambda text, at: cut(text, at, "\u034f\ufe0f"),
    "direction": lambda text, at: f"\u202a{cut(text, at, chr(0x200E))}\u202c",
    "wide": lambda text, at: text.translate(WIDE),
    "wide sign": lambda text, at: text.replace("@", "\uff20").replace(".", "\uff0e"),
    "small sign": lambda text, at: text.replace("@", "\ufe6b").replace(".", "\ufe52"),
    "bold": lambda text, at: text.replace("a", "\U0001d41a").replace("k", "\u212a"),
    "wide percent": lambda text, at: text.replace("@", "\uff0540"),
    "wrapped": lambda text, at: cut(text, at, "\n"),
    "wrapped quote": lambda text, at: cut(text, at, " \n> "),
    "nested": lambda text, at: cut(text, at, text),
    "nested twice": lambda text, at: cut(cut(text, at, text), at + 3, text.upper()),
    "in an address": lambda text, at: f"m{text}.org",
    "address": lambda text, at: f"https://shop.example/?u={quote(text)}&v=1",
}
IN_HTML = {
    "link": lambda text, at: f'<a href="mailto:{text}">{text}</a>',
    "named link": lambda text, at: f"<a href='mailto:{text}?subject=x'>Alice</a>",
    "encoded link": lambda text, at: f'<a href="mailto:{quote(text, safe="")}">Alice</a>',
    "page link": lambda text, at: f'<a href="https://x.example/?data=%7C{quote(text)}%7C">here</a>',
    "copies": lambda text, at: f'<a href="mailto:bob@x.example?cc={text}">Bob</a>',
    "tags": lambda text, at: cut(text, at, "</b><i></i><b>"),
    "each": lambda text, at: "".join(f"<span>{one}</span>" for one in text),
    "wbr": lambda text, at: cut(text, at, "<wbr>"),
    "comment": lambda text, at: cut(text, at, "<!-- x -->"),
    "blocks": lambda text, at: cut(text, at, "</p><p>"),
    "cells": lambda text, at: f"<table><tr><td>{cut(text, at, '</td><td>')}</td></tr></table>",
    "line": lambda text, at: cut(text, at, "<br>\n"),
    "soft": lambda text, at: cut(text, at, "&shy;"),
    "entities": lambda text, at: "".join(f"&#{ord(one)}" for one in text) + ";",
    "commat": lambda text, at: text.replace("@", "&commat;").replace("+", "&plus;"),
    "hidden": lambda text, at: f'<span style="display:none">{text}</span>',
    "title": lambda text, at: f'<span title="Mail {text}">Alice</span>',
    "alt": lambda text, at: f'<img src="cid:logo@corp.example" alt="{text}">',
    "remote": lambda text, at: f'<img src="https://x.example/{quote(text)}.png" alt="x">',
    "name": lambda text, at: f'<a name="{text}">x</a>',
    "style": lambda text, at: f"<p style=\"font-family:'{text}'\">x</p>",
    "language": lambda text, at: f'<p lang="{text}" dir="{text}">x</p>',
    "time": lambda text, at: f'<time datetime="{text}">x</time>',
    "face": lambda text, at: f'<font face="{text}">x</font>',
    "script": lambda text, at: f"<script>'{text}'</script><style>.x{{content:'{text}'}}</style>",
    "frame": lambda text, at: f'<iframe srcdoc="{text}"></iframe><object data="{text}"></object>',
    "attribute": lambda text, at: f'<p data-x="{text}" class="{text}" id="{text}">x</p>',
}
SECRET = st.sampled_from([ADDRESS, RELAY, f"relay+{TOKEN}", TOKEN])
PLACE = st.integers(1, 60)
WORDS = st.sampled_from(
    ["Hello Ann,", "the lid is in the post.", "Grüße", "こんにちは", "Price: 49 €", "", "\n\n",
     "-- ", "Alice Agent", "Write to", "E-mail:", "<", ">", "(", "a", "%", "&", "&#", "mailto:",
     "relay+"]
)  # fmt: skip
IN_BOTH = st.builds(
    lambda style, text, at: IN_TEXT[style](text, at), st.sampled_from([*IN_TEXT]), SECRET, PLACE
)
ONLY_HTML = st.builds(
    lambda style, text, at: IN_HTML[style](text, at), st.sampled_from([*IN_HTML]), SECRET, PLACE
)
BODY = st.lists(
    st.one_of(WORDS.map(lambda text: (text, escape(text))),
              IN_BOTH.map(lambda text: (text, escape(text))),
              ONLY_HTML.map(lambda page: (ADDRESS, page)),
              ONLY_HTML.map(lambda page: ("", page))),
    min_size=1, max_size=8,
)  # fmt: skip

# --- what mail programs put below ----------------------------------------------------------------

QUOTES = [
    ("", ""),
    (
        f"\n\nOn Sun, 22 Nov 2026 at 10:00, Ann <{RELAY}> wrote:\n> To: {ADDRESS}\n> Broken.\n",
        f'<div class="gmail_quote"><div class="gmail_attr">On Sun, 22 Nov 2026 at 10:00, Ann '
        f"&lt;{RELAY}&gt; wrote:</div><blockquote>To: {ADDRESS}<br>Broken.</blockquote></div>",
    ),
    (
        f"\n\nVon: Ann <{RELAY}>\nGesendet: Sonntag, 22. November 2026 10:00\nAn: {ADDRESS}\n"
        f"Betreff: Kessel\n\nKaputt.\n",
        f'<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>Von:</b> Ann &lt;{RELAY}'
        f"&gt;<br><b>Gesendet:</b> Sonntag, 22. November 2026 10:00<br><b>An:</b> {ADDRESS}<br>"
        f"<b>Betreff:</b> Kessel</p></div><p>Kaputt.</p>",
    ),
    (
        f"\n\n> On 22 Nov 2026, at 10:00, Ann <{RELAY}> wrote:\n> \n> Broken.\n",
        f'<div><br><blockquote type="cite"><div>On 22 Nov 2026, at 10:00, Ann &lt;{RELAY}&gt; '
        f"wrote:</div><br><div>Broken.</div></blockquote></div>",
    ),
    (
        f"\n\n---------- Forwarded message ---------\nFrom: Ann <{RELAY}>\nTo: <{ADDRESS}>\n"
        f"Date: 22 Nov 2026\nSubject: Kettle\n\nBroken.\n",
        f'<div class="gmail_quote">---------- Forwarded message ---------<br>From: Ann '
        f"&lt;{RELAY}&gt;<br>To: {ADDRESS}<br>Broken.</div>",
    ),
    (  # a program nobody knows
        f"\n\n[ {RELAY} | {ADDRESS} ]\nBroken.\n",
        f'<hr><table><tr><td>{RELAY}</td><td><a href="mailto:{ADDRESS}">{ADDRESS}</a></td></tr>'
        f"</table><p>Broken.</p>",
    ),
]

# --- how it is packed ----------------------------------------------------------------------------

CHARSETS = [
    "utf-8", "utf-16", "utf-16-le", "utf-32", "iso-8859-15", "windows-1252", "gb18030", "koi8-r",
    "us-ascii", "shift_jis",
]  # fmt: skip


def leaf(kind, text, charset, encoding):
    data = text.replace("\n", "\r\n").encode(charset, "xmlcharrefreplace")
    if "utf-16" in charset or "utf-32" in charset:
        encoding = "base64"
    body = {
        "base64": lambda: base64.encodebytes(data).replace(b"\n", b"\r\n"),
        "quoted-printable": lambda: quopri.encodestring(data),
        "8bit": lambda: data,
    }[encoding]()
    head = f"Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return head.encode() + b"\r\n" + body


def attached(name, cid, data=PIXEL, kind="image/png", disposition="attachment"):
    head = (
        f"Content-Type: {kind}; name*=utf-8''{quote(name)}\r\n"
        f"Content-Disposition: {disposition}; filename*=utf-8''{quote(name)}\r\n"
        f"Content-ID: <{cid}>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(data).replace(b"\n", b"\r\n")


def packed(subtype, *parts):
    mark = f"=_{subtype}_{sum(map(len, parts))}_{len(parts)}".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{mark.decode()}"\r\n\r\n'.encode()
    return (
        head
        + b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
        + (b"--" + mark + b"--\r\n")
    )


def structure(shape, text, page, files):
    image = attached("logo.png", "logo@corp.example", disposition="inline")
    return {
        "text": lambda: text,
        "html": lambda: page,
        "alternative": lambda: packed("alternative", text, page),
        "related": lambda: packed("related", packed("alternative", text, page), image),
        "apple": lambda: packed("alternative", text, packed("related", page, image)),
        "mixed": lambda: packed(
            "mixed", packed("related", packed("alternative", text, page), image), *files
        ),
        "sandwich": lambda: packed("mixed", text, image, page, *files, text),
        "signed": lambda: packed(
            "signed",
            packed("mixed", packed("alternative", text, page), *files),
            attached("smime.p7s", "s", ADDRESS.encode(), "application/pkcs7-signature"),
        ),
    }[shape]()


SHAPES = ["text", "html", "alternative", "related", "apple", "mixed", "sandwich", "signed"]


def agent_mail(shape, body, below, charset, encoding, name, cid):
    """The bytes of a mail as an agent's client could write it."""
    text = " ".join(piece for piece, _ in body) + below[0]
    page = f"<html><body><p>{' '.join(piece for _, piece in body)}</p>{below[1]}</body></html>"
    files = [attached(name, cid), attached(f"{name}.pdf", "b", b"%PDF-1.4", "application/pdf")]
    head = (
        f"Received: from host7.corp.example ([192.0.2.7]) by x; for <{RELAY}>\r\n"
        f'From: "Alice ({ADDRESS})" <{ADDRESS}>\r\nTo: "{RELAY}" <{RELAY}>\r\n'
        f"Subject: Re: {RELAY} {ADDRESS}\r\nMessage-ID: <{ADDRESS}>\r\nReferences: <{RELAY}>\r\n"
        f"Organization: {ADDRESS}\r\nX-Originating-IP: [192.0.2.7]\r\nMIME-Version: 1.0\r\n"
    )
    parts = (
        leaf("text/plain", text, charset, encoding),
        leaf("text/html", page, charset, encoding),
    )
    return head.encode() + structure(shape, *parts, files)


NAMES = st.one_of(IN_BOTH, st.just("logo.png"), IN_BOTH.map(lambda text: f"a {text}.vcf"))
CIDS = st.sampled_from(
    [ADDRESS, f"{TOKEN}@x", "image001.png@01DA.corp.example", "logo@corp.example"]
)
MAILS = st.builds(
    agent_mail,
    st.sampled_from(SHAPES),
    BODY,
    st.sampled_from(QUOTES),
    st.sampled_from(CHARSETS),
    st.sampled_from(["base64", "quoted-printable", "8bit"]),
    NAMES,
    CIDS,
)


def found(piece, page="", shape="text", charset="utf-8"):
    """A mail that once leaked."""
    body = [(piece, page or escape(piece))]
    return agent_mail(shape, body, QUOTES[0], charset, "base64", "logo.png", "x@y")


@HOW
@given(MAILS)
@example(found("alice\uff0540corp.example", charset="iso-8859-15"))  # an entity of a wide %
@example(found(f"% {TOKEN}"))  # "%9d" is an escape, and is none
@example(found(f"5 % bea%40{ADDRESS}"))
def test_nothing_internal_leaves(raw):
    assert leaking(outgoing(raw)) == []


@pytest.mark.parametrize("shape", ["text", "html", "related"])
@pytest.mark.parametrize("disguise", [*IN_TEXT])
def test_every_disguise_in_text_is_seen_through(disguise, shape):
    for secret in SECRETS:
        for at in (1, 5, 9):
            hidden = IN_TEXT[disguise](secret, at)
            body = [("Hello Ann,", "Hello Ann,"), (hidden, escape(hidden))]
            raw = agent_mail(shape, body, QUOTES[0], "utf-8", "8bit", "a.png", "x@y")
            assert leaking(outgoing(raw)) == []


@pytest.mark.parametrize("disguise", [*IN_HTML])
def test_every_disguise_in_html_is_seen_through(disguise):
    for secret in SECRETS:
        for at in (1, 5, 9):
            body = [("Hello Ann, ", "Hello Ann, "), ("", IN_HTML[disguise](secret, at))]
            raw = agent_mail("related", body, QUOTES[0], "utf-8", "8bit", "a.png", "x@y")
            assert leaking(outgoing(raw)) == []


def test_the_html_of_agents_does_leave():
    """The property would hold as well if no HTML ever left; it does, in most of these mails."""
    kept = 0
    for below in QUOTES[:5]:
        for disguise in IN_TEXT.values():
            hidden = disguise(ADDRESS, 5)
            body = [("Hello Ann,", "<b>Hello</b> Ann,"), (hidden, escape(hidden))]
            raw = agent_mail("related", body, below, "utf-8", "8bit", "a.png", "x@y")
            kept += bool(reply.rebuild(parse(raw), SECRETS).html)
    assert kept > 0.8 * 5 * len(IN_TEXT)


def test_the_property_sees_a_leak(monkeypatch):
    """With the scrubbing off there is a mail that leaks, and the search finds it."""
    monkeypatch.setattr(Finder, "spans", lambda self, text: [])
    monkeypatch.setattr(Finder, "found", lambda self, text: False)
    once = settings(HOW, max_examples=50, phases=[Phase.generate])
    assert leaking(outgoing(find(MAILS, lambda raw: leaking(outgoing(raw)) != [], settings=once)))
