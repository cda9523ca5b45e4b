"""What holds for any bytes, any Unicode and any HTML."""

from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel.mail import html
from emailchannel.mail.compose import Address, Attachment, compose
from emailchannel.mail.parse import parse
from emailchannel.mail.text import clean, clean_filename, to_safe_str, unify_line_ends
from emailchannel.mail.values import ParsedMail
from tests.mail.ordinary import ordinary

ORDINARY = list(ordinary())
INSERTS = st.sampled_from(
    [b"\r\n", b"\n\n", b"\0", b"--", b"=?utf-8?q?", b"<div>" * 60, b"\xff", b'"', b"boundary="]
)
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "double", "insert", "overwrite", "swap"]),
        st.floats(0, 1),
        st.integers(1, 400),
        st.one_of(INSERTS, st.binary(max_size=6)),
    ),
    max_size=8,
)


def mutated(raw: bytes, mutations: list[tuple[str, float, int, bytes]]) -> bytes:
    for kind, where, length, octets in mutations:
        at = int(where * len(raw))
        head, piece, tail = raw[:at], raw[at : at + length], raw[at + length :]
        changed = {
            "cut": tail,
            "double": piece + piece + tail,
            "insert": octets + piece + tail,
            "overwrite": octets + raw[at + len(octets) :],
            "swap": tail[:length] + piece + tail[length:],
        }
        raw = head + changed[kind]
    return raw


def storable(read: ParsedMail) -> None:
    assert isinstance(read, ParsedMail)
    texts = [read.subject, read.text, read.html, read.new_text, read.quoted_text, read.signature]
    texts += [file.filename for file in read.attachments]
    texts += [f"{one.name} {one.addr}" for one in (*read.to, *read.cc, *read.reply_to)]
    for text in texts:
        text.encode("utf-8")
        assert "\0" not in text


@settings(max_examples=150, deadline=2_000)
@given(st.binary(max_size=2_000))
def test_arbitrary_bytes_are_read(raw: bytes) -> None:
    read = parse(raw)
    storable(read)
    assert "not-fully-parsed" not in read.flags


@settings(max_examples=200, deadline=2_000)
@given(st.sampled_from(ORDINARY), MUTATIONS)
def test_broken_mail_is_read(raw: bytes, mutations: list[tuple[str, float, int, bytes]]) -> None:
    storable(parse(mutated(raw, mutations)))


@settings(max_examples=300, deadline=2_000)
@given(number=st.integers(0, 10**9), mutations=MUTATIONS)
def test_broken_real_mail_is_read(
    corpus: Path, number: int, mutations: list[tuple[str, float, int, bytes]]
) -> None:
    files = known_files(corpus)
    raw = files[number % len(files)].read_bytes()
    storable(parse(mutated(raw, mutations)))


def known_files(corpus: Path, kept: list[Path] = []) -> list[Path]:  # noqa: B006 - kept on purpose
    if not kept:
        kept.extend(sorted(path for path in (corpus / "mail").rglob("*") if path.is_file()))
    return kept


# --- compose and parse ---------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
FILES = st.lists(
    st.tuples(TEXT, st.sampled_from(["text/plain", "image/png", "text/html"]), st.binary()),
    max_size=3,
)


@settings(max_examples=200, deadline=2_000)
@given(subject=TEXT, names=st.tuples(TEXT, TEXT), text=TEXT, files=FILES)
def test_what_is_composed_is_read_back(
    subject: str, names: tuple[str, str], text: str, files: list[tuple[str, str, bytes]]
) -> None:
    raw = compose(
        from_=Address(names[0], "shop@x.example"),
        to=[Address(names[1], "ann@y.example"), Address("", "bob@y.example")],
        subject=subject,
        text=text,
        attachments=[
            Attachment(name, kind, len(octets), None, False, octets) for name, kind, octets in files
        ],
    )
    read = parse(raw)
    assert read.subject == clean(subject, 250)
    assert read.from_ is not None
    assert [one.addr for one in (read.from_, *read.to)] == [
        "shop@x.example", "ann@y.example", "bob@y.example",
    ]  # fmt: skip
    for wanted, got in zip(names, (read.from_.name, read.to[0].name), strict=True):
        assert same_name(wanted, got)
    assert lines(read.text) == lines(text)
    assert [file.payload for file in read.attachments] == [octets for *_, octets in files]
    for (name, kind, _), file in zip(files, read.attachments, strict=True):
        assert file.content_type == kind
        if clean_filename(name, 200):
            assert file.filename == clean_filename(name, 200)


def same_name(wanted: str, got: str) -> bool:
    """Quote marks around or in a name mean nothing to a mail program."""
    strip = str.maketrans("", "", "\"\\'")
    return clean(wanted, 150).translate(strip).split() == got.translate(strip).split()


def lines(text: str) -> list[str]:
    safe = to_safe_str(unify_line_ends(text)).strip("\n")
    return safe.split("\n") if safe.strip() else [""]


# --- the sanitiser -------------------------------------------------------------------------------

PIECES = st.sampled_from(
    """<script> </script> <style> </style> <svg> <math> <mtext> <mglyph> <title> <noscript> <iframe
    srcdoc=" <form action=// <input <base <meta <object <embed <template> <textarea> <select>
    <table> <a href=" javascript:alert(1) java&#9;script: vbscript: data:text/html,x
    data:image/png;base64,QQ== <img src= onerror=alert(1) " ' > < / & &lt; &#x3c; <!-- --> <?xml
    <![CDATA[ ]]>
    <div style=" background:url(//x) position:fixed expression(1) @import <p> </p> <b/
    xlink:href= \u2028 \x00
    <annotation-xml encoding="text/html"> <plaintext> <xmp> <listing> <frameset> https://x.example/
    <blockquote> </blockquote> class=gmail_quote x y""".split()  # noqa: SIM905 - reads best so
)
ACTIVE = {
    "script", "style", "svg", "math", "iframe", "object", "embed", "applet", "form", "input",
    "button", "select", "textarea", "base", "meta", "link", "frame", "frameset", "template",
    "noscript", "audio", "video", "source", "title", "xmp", "plaintext", "portal", "marquee",
}  # fmt: skip


class Inspector(HTMLParser):
    """Refuses whatever could run, fetch or leave its frame."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ACTIVE
        for name, value in attrs:
            text = (value or "").strip().lower()
            assert not name.startswith(("on", "xlink", "formaction", "srcdoc", "srcset", "action"))
            if name == "href":
                assert text.startswith(("http:", "https:", "mailto:"))
            if name == "src":
                assert text.startswith(("cid:", "data:image/"))
            if name == "style":
                assert not any(word in text for word in ("url", "expression", "import", "fixed"))


def inspect(output: str) -> None:
    Inspector().feed(output)
    from lxml import html as lxml_html

    if output.strip():
        for element in lxml_html.fragment_fromstring(output, create_parent="div").iter():
            assert element.tag not in ACTIVE
            assert not [name for name in element.attrib if name.lower().startswith("on")]


@settings(max_examples=400, deadline=2_000)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40), st.sampled_from(["", " "]))
def test_sanitised_html_is_harmless_when_parsed_again(pieces: list[str], between: str) -> None:
    once = html.sanitise(between.join(pieces))
    inspect(once)
    inspect(html.sanitise(once))
