"""Mail of machines, and what it reports."""

import pytest

from emailchannel.mail.parse import parse

HEAD = b"From: x@y.example\r\nTo: s@shop.example\r\n"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        (b"Subject: Hello", None),
        (b"Auto-Submitted: no", None),
        (b"X-Auto-Response-Suppress: All", None),
        (b"Subject: Re: Out of office chairs", None),
        (b"Auto-Submitted: auto-replied", "auto-reply"),
        (b"Auto-Submitted: auto-replied (vacation)\r\nSubject: Out of Office: Hi", "out-of-office"),
        (b"Auto-Submitted: auto-generated", "auto-generated"),
        (b"Subject: Automatic reply: Hi", "out-of-office"),
        (b"Subject: Automatische Antwort: Hallo", "out-of-office"),
        (b"X-Autoreply: yes", "auto-reply"),
        (b"Precedence: auto_reply", "auto-reply"),
        (b"Precedence: bulk", "bulk"),
        (b"List-Unsubscribe: <https://x.example>", "bulk"),
        (b"List-Unsubscribe: <https://x.example>\r\nReturn-Path: <b-7@x.example>", "bulk"),
        (b"List-Unsubscribe: <https://x.example>\r\nReturn-Path: <x@y.example>", None),
        (
            b"List-Unsubscribe: <https://x.example>\r\nReturn-Path: <x@y.example>\r\n"
            b"Feedback-ID: 1:2:campaign:x",
            "bulk",
        ),
        (
            b"List-Unsubscribe: <https://x.example>\r\nReturn-Path: <b-7@x.example>\r\n"
            b"In-Reply-To: <0100019-4f-000000@eu-west-1.amazonses.com>",
            None,
        ),
        (b"Feedback-ID: 7700012:user:proton", None),
        (b"Feedback-ID: i0000007:Fastmail", None),
        (b"Feedback-ID: ::1.eu-west-1.x0Yt=:AmazonSES", None),
        (b"X-CSA-Complaints: csa-complaints@eco.de", None),
        (b"X-Campaign: spring", "bulk"),
        (b"List-Id: <l.x.example>\r\nPrecedence: bulk", "list"),
        (b"Return-Path: <>", "auto-generated"),
        (b"Content-Type: multipart/report; report-type=disposition-notification", "mdn"),
    ],
)
def test_kinds(fields: bytes, kind: str | None) -> None:
    assert parse(HEAD + fields + b"\r\n\r\nbody").automatic == kind


DSN = (
    b"From: MAILER-DAEMON@mx.example\r\nTo: s@shop.example\r\nSubject: Undeliverable\r\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
    b"Reporting-MTA: dns; mx.example\r\n\r\n"
    b"Final-Recipient: rfc822; ann@x.example\r\nAction: failed\r\nStatus: 5.0.0\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
    b"Final-Recipient: rfc822;bob@x.example\r\nAction: delayed\r\nStatus: 4.2.2\r\n\r\n"
    b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <m1@shop.example>\r\n--b--\r\n"
)


def test_delivery_report() -> None:
    read = parse(DSN)
    assert read.bounce is not None
    assert [(r.address, r.action, r.status) for r in read.bounce.recipients] == [
        ("ann@x.example", "failed", "5.1.1"),
        ("bob@x.example", "delayed", "4.2.2"),
    ]
    assert read.bounce.recipients[0].diagnostic == "550 5.1.1 no such user"
    assert read.bounce.original_message_id == "m1@shop.example"
    assert read.automatic == "auto-generated"


def test_old_style_bounce() -> None:
    read = parse(
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: s@shop.example\r\n"
        b"Subject: failure notice\r\n\r\nSorry.\r\n\r\n<ann@x.example>:\r\n"
        b"550 5.1.1 mailbox unavailable\r\n\r\n--- Below this line is a copy of it.\r\n\r\n"
        b"Message-ID: <m1@shop.example>\r\n"
    )
    assert read.bounce is not None
    (only,) = read.bounce.recipients
    assert (only.address, only.action, only.status) == ("ann@x.example", "failed", "5.1.1")
    assert "mailbox unavailable" in only.diagnostic
    assert read.bounce.original_message_id == "m1@shop.example"


def test_complaint() -> None:
    read = parse(
        HEAD + b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        b"--b\r\n\r\nA complaint.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        b"Feedback-Type: abuse\r\nOriginal-Rcpt-To: <ann@x.example>\r\n\r\n--b--\r\n"
    )
    assert read.bounce is not None
    assert [(r.address, r.action) for r in read.bounce.recipients] == [
        ("ann@x.example", "feedback")
    ]


def test_a_person_writing_about_bounces_is_no_bounce() -> None:
    read = parse(HEAD + b"Subject: Undeliverable mail\r\n\r\nI got 550 5.1.1 for a@b.example")
    assert read.bounce is None
    assert read.automatic is None
