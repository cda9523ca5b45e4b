"""Outgoing mail: nothing in it that nobody asked for."""

import email
import email.policy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel.mail.compose import Address, Attachment, ComposeError, compose
from emailchannel.mail.parse import parse

FROM = Address("Shop Support", "support+abc@shop.example")
TO = Address("Ann", "ann@customer.example")


def build(**changes: Any) -> bytes:
    return compose(**{"from_": FROM, "to": [TO], "subject": "Hi", "text": "Hello", **changes})


def file(name: str = "a.pdf", payload: bytes = b"%PDF\0\xff", **changes: Any) -> Attachment:
    return Attachment(
        **{
            "filename": name,
            "content_type": "application/pdf",
            "size": len(payload),
            "content_id": None,
            "inline": False,
            "payload": payload,
            **changes,
        }
    )


def header_names(raw: bytes) -> list[str]:
    return [name.lower() for name in email.message_from_bytes(raw)]


def test_a_plain_answer() -> None:
    raw = build(
        cc=[Address("", "bob@x.example")],
        reply_to=[FROM],
        in_reply_to="m1@customer.example",
        references=("case.x@shop.example", "m1@customer.example"),
        auto_submitted="auto-replied",
        extra={"X-Auto-Response-Suppress": "All"},
        message_id="m2@shop.example",
        date=datetime(2026, 11, 5, 10, tzinfo=UTC),
    )
    read = parse(raw)
    assert (read.from_, read.to, read.cc) == (FROM, (TO,), (Address("", "bob@x.example"),))
    assert (read.subject, read.text, read.html) == ("Hi", "Hello", "")
    assert read.references == ("case.x@shop.example", "m1@customer.example")
    assert (read.in_reply_to, read.message_id) == (("m1@customer.example",), "m2@shop.example")
    assert read.automatic == "auto-reply"
    assert header_names(raw) == [
        "from",
        "to",
        "cc",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "auto-submitted",
        "x-auto-response-suppress",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    ]


def test_the_same_mail_has_the_same_bytes() -> None:
    changes: dict[str, Any] = {"html": "<p>x</p>", "attachments": [file()]}
    assert build(**changes) == build(**changes)


def test_text_html_images_and_files() -> None:
    image = file("i.png", b"png", content_type="image/png", content_id="i1@shop.example")
    raw = build(html='<img src="cid:i1@shop.example">', inline=[image], attachments=[file()])
    read = parse(raw)
    assert read.text == "Hello"
    assert [(one.filename, one.inline, one.payload) for one in read.attachments] == [
        ("i.png", True, b"png"),
        ("a.pdf", False, b"%PDF\0\xff"),
    ]
    types = [part.get_content_type() for part in email.message_from_bytes(raw).walk()]
    assert types == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]


@pytest.mark.parametrize(
    "evil",
    [
        "hi\r\nBcc: victim@x.example",
        "hi\nBcc: victim@x.example",
        "hi\rBcc: victim@x.example",
        "hi\r\n\r\nbody",
        "a\u2028Bcc: victim@x.example",
        "a\x0bBcc: x@y.example",
        "\0hi",
    ],
)
def test_no_second_header(evil: str) -> None:
    raw = build(
        subject=evil,
        to=[Address(evil, "ann@customer.example")],
        attachments=[file(evil)],
    )
    assert "bcc" not in header_names(raw)
    assert parse(raw).to[0].addr == "ann@customer.example"
    for part in email.message_from_bytes(raw).walk():
        assert "bcc" not in [name.lower() for name in part]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"to": []}, "recipient"),
        ({"to": [TO] * 51}, "50 recipients"),
        ({"to": [Address("", "jörg@x.example")]}, "special letters"),
        ({"to": [Address("", "a@b.example, c@d.example")]}, "valid"),
        ({"to": [Address("", "ann")]}, "domain"),
        ({"to": [Address("", "a\r\nBcc:x@y.example")]}, "valid"),
        ({"in_reply_to": "a>\r\nBcc: x@y.example <b@c"}, "message id"),
        ({"references": ["no id"]}, "message id"),
        ({"extra": {"Bcc": "x@y.example"}}, "may not be set"),
        ({"extra": {"X-SES-CONFIGURATION-SET": "evil"}}, "may not be set"),
        ({"auto_submitted": "maybe"}, "Auto-Submitted"),
        ({"inline": [file()]}, "HTML body"),
        ({"html": "x", "inline": [file(content_id="a b")]}, "Content-ID"),
    ],
)
def test_what_cannot_be_sent_is_said_in_words(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ComposeError, match=words):
        build(**changes)


def test_international_domains_become_ascii() -> None:
    raw = build(to=[Address("Jörg", "joerg@müller.example")])
    assert parse(raw).to == (Address("Jörg", "joerg@xn--mller-kva.example"),)


@pytest.mark.parametrize(
    "name", ["a.pdf", "a b (1).pdf", "Ünï.pdf", "名" * 150 + ".txt", "../../x", "", 'q"uote.txt']
)
def test_file_names_arrive(name: str) -> None:
    raw = build(attachments=[file(name)])
    seen = parse(raw).attachments[0].filename
    parts = list(email.message_from_bytes(raw, policy=email.policy.default).walk())
    assert parts[-1].get_filename() == seen
    assert seen
    assert "/" not in seen
    assert seen.endswith((name[-4:], "x", "attachment"))


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000,
        "ä" * 5_000,
        "From here\nFrom there\n.\n..\n",
        "tab\tspace \nend ",
        "日本語\n" * 50,
        "mixed ä " + "x" * 1_200,
        "= =3D ?=",
        "",
    ],
)
def test_bodies_arrive_within_the_line_limit(text: str) -> None:
    raw = build(text=text, html=text)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n")
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")


def test_a_mail_never_becomes_a_multipart_of_the_sender() -> None:
    raw = build(attachments=[file(content_type="multipart/mixed; boundary=x")])
    assert b"application/octet-stream" in raw


TEXTS = st.text(max_size=300)


@settings(max_examples=150, deadline=None)
@given(subject=TEXTS, name=TEXTS, text=TEXTS, filename=TEXTS)
def test_any_text_travels(subject: str, name: str, text: str, filename: str) -> None:
    raw = build(
        subject=subject, to=[Address(name, TO.addr)], text=text, attachments=[file(filename)]
    )
    read = parse(raw)
    assert [one.addr for one in read.to] == [TO.addr]
    assert [one.payload for one in read.attachments] == [b"%PDF\0\xff"]
    assert raw.isascii()
