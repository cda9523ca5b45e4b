"""Internal addresses in a text: found however they are written, and nothing else is."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel.mail import leak
from emailchannel.mail import scrub as module
from emailchannel.mail.answer_html import AnswerHtml
from emailchannel.mail.html import sanitise
from emailchannel.mail.scrub import CUT, Finder, scrub
from tests.unit.outgoing import ADDRESS, RELAY, SECRETS, TOKEN

FINDER = Finder(SECRETS)
OTHER = f"agentrelay+{TOKEN[:25]}{TOKEN[25:][::-1]}@support.example.com"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Kind regards,\nAlice <alice@corp.example>", "Kind regards,\nAlice"),
        ("Write to ALICE@Corp.Example!", "Write to!"),
        ("alice@corp.example<mailto:alice@corp.example>", ""),
        ("Alice [mailto:alice@corp.example] wrote", "Alice wrote"),
        ("Alice (alice@corp.example)", "Alice"),
        ("to alice%40corp.example now", "to now"),
        ("to alice&#64;corp&period;example now", "to now"),
        ("to alice\u00ad@corp.exa\u200bmple now", "to now"),
        ("to \uff41lice\uff20corp\uff0eexample now", "to now"),
        ("to alice@corp.\nexample now", "to now"),
        (f"see {RELAY} please", "see please"),
        (f"see {RELAY.upper()}", "see"),
        (f"see {RELAY[:30]}\n> {RELAY[30:]}.", "see."),
        (f"see {OTHER}", "see"),
        (f"token {TOKEN[:20]}{'z' * 31} of the same case", "token of the same case"),
        ("https://x.example/?to=alice%40corp.example&v=1", "https://x.example/?to=&v=1"),
        ("nach alice@corp.exampledanke", "nach danke"),
        (f"100 % {TOKEN}", "100 %"),
        (f"100%{TOKEN}", "100%"),
        (f"&#{TOKEN}", "&#"),
    ],
)
def test_they_are_taken_out(text, left):
    assert scrub(text, SECRETS) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "See https://www.corp.example/help or ask bob@corp.example",
        "Alice works at corp.example, room 4",
        "alice (at) corp.example",
        "support+9d2kq000000000000001@support.example.com is your address",
        "relay+short@support.example.com",
        "100 % of 40 & more; &lt;b&gt; &amp; \u200b\u00ad\uff20 stay as they are\n> quoted\n",
        "\u0391\u03b8\u03ae\u03bd\u03b1 東京 \U0001f600 e\u0301 %E2%82%AC",
    ],
)
def test_the_rest_stays(text):
    assert scrub(text, SECRETS) == text


def test_what_is_cut_does_not_join_to_an_address():
    nested = ADDRESS
    for _ in range(10):
        nested = f"alice@{nested}corp.example"
    left = scrub(f"to {nested} now", SECRETS)
    assert not FINDER.found(left)
    assert CUT in left


def test_an_international_domain_is_known_in_both_forms():
    for secret in ("eva@m\u00fcller.example", "eva@xn--mller-kva.example"):
        for written in (
            "eva@M\u00dcLLER.example",
            "EVA@xn--mller-kva.example",
            "eva@mu\u0308ller.example",
        ):
            assert scrub(f"to {written}", [secret]) == "to"


@pytest.mark.parametrize("secrets", [(), ("",), (" ",), ("a", "ab")])
def test_secrets_too_short_to_be_one_are_ignored(secrets):
    assert scrub("a fabulous day", secrets) == "a fabulous day"


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("Invoice alice@corp.example.pdf", "Invoice.pdf"),
        ("alice@corp.example.vcf", "file.vcf"),
        ("alice@corp.example", "file"),
        (f"{RELAY}.eml", "file.eml"),
        ("\uff41lice\u200b@corp.example (1).docx", "(1).docx"),
    ],
)
def test_file_names_keep_their_extension(name, left):
    assert FINDER.scrub_filename(name, "file") == left


ODD = st.sampled_from(
    [*"a9@ \n>&#x;%40\u00ad\uff20\uff05Kİ", "&amp;", "&#64;", "%25", "%C3%A9", ";"]
)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.one_of(st.text(max_size=60), st.lists(ODD, max_size=40).map("".join)))
def test_both_ways_to_read_a_text_agree(text):
    """One is fast, the other knows where each character came from."""
    fast = [module._fold(one) for one in module._stages(text, module._substitute, str)]
    views = module._stages(module._view_of(text), module._rewrite, lambda view: view.text)
    exact = [module._rewrite(view, module._FOLDED, module._characters) for view in views]
    assert [view.text for view in exact] == fast
    for view in exact:
        assert len(view.text) == len(view.starts) == len(view.ends)


HOSTILE = [
    "a", " ", "\n", "\n>", "&", "&amp;", "&#", "&#6", "%", "%2", "%25", "%40", "alice@", "relay+",
    TOKEN[:-1], ADDRESS, f"<{ADDRESS}", f"{ADDRESS}<mailto:", "alice@corp.exampl", "\u00ad",
    "\uff20", f"{RELAY}.a",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear(piece):
    text = piece * (500_000 // len(piece))
    started = time.process_time()
    assert not FINDER.found(scrub(text, SECRETS))
    assert time.process_time() - started < 8


# --- HTML ----------------------------------------------------------------------------------------


def html_of(page):
    own = AnswerHtml(sanitise(page))
    own.scrub(FINDER)
    return own.finished({}, FINDER)


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (f"<p>Alice &lt;<a href='mailto:{ADDRESS}'>{ADDRESS}</a>&gt;</p>", "<p>Alice</p>"),
        ("<a href='mailto:ALICE%40corp.example?subject=x'>Write</a> to me", "Write to me"),
        ("a<b>lice@co</b>rp<wbr>.<i>example</i>!", "<b></b><wbr><i></i>!"),
        ("<span title='alice@corp.example'>A</span>", "<span>A</span>"),
        (f"<p style='color:red'>{ADDRESS}</p>", '<p style="color:red"></p>'),
        ("<img src='https://x.example/p.gif'>x", "x"),
        ("<img src='cid:unknown' alt='alice@corp.example'>x", "x"),
        ("<script>alice@corp.example</script>x", "x"),
    ],
)  # fmt: skip
def test_html_is_scrubbed_over_tags_and_in_attributes(page, left):
    assert html_of(page) in (left, f"<div>{left}</div>")


def test_links_to_pages_keep_their_address_without_ours():
    page = html_of(
        "<a href='https://safe.example/?url=x&amp;data=05%7Calice%40corp.example%7C1'>x</a>"
    )
    assert 'href="https://safe.example/?url=x&amp;data=05%7C%7C1"' in page


@pytest.mark.parametrize(
    ("page", "text", "same"),
    [
        ("<p>Hello <b>Ann</b></p><p>bye</p>", "Hello *Ann*\n\nbye", True),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two", True),
        ("<ol start='3'><li>one</li></ol>", " * one", True),
        ("<a href='https://x.example'>page</a>", "page<https://x.example>", True),
        ("<img src='cid:a' alt='Logo'>text", "[Logo]\ntext", True),
        ("<img src='cid:a'>text", "[image: logo.png]\ntext", True),
        ("Hello<div style='display:none'>history</div>", "Hello", False),
        ("Hello", "Hello Ann", False),
        ("<blockquote type='cite'>On Monday</blockquote>Hello", "Hello", True),
    ],
)
def test_html_says_what_the_text_says_or_does_not(page, text, same):
    assert AnswerHtml(sanitise(page)).says(text) is same


# --- files ---------------------------------------------------------------------------------------


def eml(body, kind="text/plain", encoding="7bit", to="x@y.example"):
    return (
        f"From: a@b.example\r\nTo: {to}\r\nContent-Type: {kind}\r\n"
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode() + body


def base64_of(data):
    import base64

    return base64.encodebytes(data)


WORD = f"=?utf-8?b?{base64_of(RELAY.encode()).decode().replace(chr(10), '')}?="
WRAPPED = f"{RELAY[:30]}=\r\n{RELAY[30:]}".encode()
TAGGED = f"<b>{RELAY[:9]}</b>{RELAY[9:]}".encode()
INNER = eml(base64_of(RELAY.encode()), encoding="base64")
WIDE = RELAY.encode("utf-16")
SHOWS = [
    ("text/plain", "a.txt", RELAY.encode()),
    ("text/plain", "a.txt", TOKEN.upper().encode()),
    ("text/plain", "a.txt", f"\ufeff{RELAY}".encode("utf-16")),
    ("text/html", "a.html", f"<p>{RELAY[:20]}<b>{RELAY[20:]}</b></p>".encode()),
    ("text/html", "a.html", "".join(f"&#{ord(one)};" for one in RELAY).encode()),
    ("text/calendar", "a.ics", f"ORGANIZER:mailto:{RELAY[:40]}\r\n {RELAY[40:]}\r\n".encode()),
    ("text/vcard", "a.vcf", f"EMAIL:{RELAY[:40]}=\r\n{RELAY[40:]}\r\n".encode()),
    ("application/octet-stream", "a.bin", b"\x00\x01" + TOKEN.encode() + b"\xff"),
    ("application/vnd.ms-outlook", "a.msg", b"\x00\x01" + RELAY.encode("utf-16-le") + b"\xff"),
    ("application/octet-stream", "a.txt", OTHER.encode()),
    ("message/rfc822", "a.eml", eml(b"hello", to=RELAY)),
    ("message/rfc822", "a.eml", eml(b"hello", to=WORD)),
    ("message/rfc822", "a.eml", eml(base64_of(RELAY.encode()), encoding="base64")),
    ("message/rfc822", "a.eml", eml(WRAPPED, encoding="quoted-printable")),
    ("message/rfc822", "a.eml", eml(base64_of(TAGGED), "text/html", "base64")),
    ("message/rfc822", "a.eml", eml(base64_of(INNER), "message/rfc822", "base64")),
    ("application/octet-stream", "a", INNER),
    ("application/octet-stream", "a.eml", eml(base64_of(WIDE), "text/plain", "base64")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "data"), SHOWS)
def test_tokens_in_files_are_found(kind, name, data):
    assert leak.in_file(kind, name, data, Finder([TOKEN]))


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [
        ("text/plain", "a.txt", b"alice@corp.example may stand in a file"),
        ("text/plain", "a.txt", b"support+9d2kq000000000000001@support.example.com"),
        ("text/plain", "a.txt", b"".join(b"Name: %d\r\n\r\n" % n for n in range(50))),
        ("application/pdf", "a.pdf", bytes(range(256)) * 1_000),
        ("message/rfc822", "a.eml", eml(b"hello")),
        ("message/rfc822", "a.eml", b""),
        ("image/png", "a.png", b""),
    ],
)
def test_other_files_may_go(kind, name, data):
    assert not leak.in_file(kind, name, data, Finder([TOKEN]))


def test_mails_in_mails_without_end_do_not_go():
    data = eml(b"hello")
    for _ in range(30):
        data = eml(data, "message/rfc822")
    assert leak.in_file("message/rfc822", "a.eml", data, Finder([TOKEN]))


def test_a_large_file_is_searched_in_time():
    started = time.process_time()
    assert not leak.in_file(
        "application/zip", "a.zip", bytes(range(256)) * 100_000, Finder([TOKEN])
    )
    assert time.process_time() - started < 5
