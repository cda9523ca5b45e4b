"""Reports of delivery, in the standard's form and in people's."""

import pytest

from emailchannel.mail.parse import parse
from emailchannel.mail.values import Bounce

DAEMON = b"From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nTo: shop@x.example\r\n"


def bounce(raw: bytes) -> Bounce:
    found = parse(raw).bounce
    assert found is not None
    return found


def test_the_report_of_the_standard() -> None:
    found = bounce(
        DAEMON + b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\n\r\nSorry.\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; ann@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n"
        b"Final-Recipient: rfc822; bob@y.example\r\nAction: delayed\r\nStatus: 4.0.0\r\n"
        b"Diagnostic-Code: smtp; 452 4.2.2 Mailbox full\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@x.example>\r\n\r\n"
        b"Hi\r\n--b--\r\n"
    )
    ann, bob = found.recipients
    assert (ann.address, ann.action, ann.status) == ("ann@y.example", "failed", "5.1.1")
    assert (bob.address, bob.action, bob.status) == ("bob@y.example", "delayed", "4.2.2")
    assert ann.diagnostic == "550 5.1.1 No such user"
    assert found.original_message_id == "1@x.example"


def test_the_standards_fields_in_plain_text() -> None:
    found = bounce(
        DAEMON + b"Subject: Delayed mail (still being retried)\r\n\r\n"
        b"This is a warning only.\r\n\r\n"
        b"Final-Recipient: rfc822; ann@y.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
    )
    assert [(one.address, one.action, one.status) for one in found.recipients] == [
        ("ann@y.example", "delayed", "4.4.1")
    ]


def test_several_recipients_in_words() -> None:
    found = bounce(
        DAEMON + b"Subject: Undelivered mail returned to sender\r\n\r\n"
        b"<ann@y.example>: host y.example said: 550 5.1.1 No such user\r\n\r\n"
        b"<bob@y.example>: host y.example said: 552 5.2.2 Mailbox full\r\n"
    )
    assert [(one.address, one.status) for one in found.recipients] == [
        ("ann@y.example", "5.1.1"),
        ("bob@y.example", "5.2.2"),
    ]


@pytest.mark.parametrize(
    ("words", "action", "status"),
    [
        (b"ann@y.example: 550 User unknown", "failed", "5.0.0"),
        (b"ann@y.example: it did not work", "failed", "5.0.0"),
        (b"ann@y.example: 451 Try later; will be retried", "delayed", "4.0.0"),
    ],
)
def test_only_the_class_is_known(words: bytes, action: str, status: str) -> None:
    [one] = bounce(DAEMON + b"Subject: failure notice\r\n\r\n" + words + b"\r\n").recipients
    assert (one.action, one.status) == (action, status)


def test_a_bare_error_from_a_post_master() -> None:
    [one] = bounce(
        b"From: post_master@y.example\r\nTo: shop@x.example\r\nSubject: Re: Your order\r\n\r\n"
        b"Error: Invalid user address\r\n\r\n"
        b"550 - Requested action not taken: no such user\r\n"
    ).recipients
    assert one.status == "5.0.0"


@pytest.mark.parametrize(
    "raw",
    [
        b"From: ann@y.example\r\nSubject: Delivery failed?\r\n\r\n"
        b"My parcel could not be delivered, and user unknown said the form.\r\n",
        b"From: no-reply@parcels.example\r\nSubject: Delivery failed\r\n\r\n"
        b"Your parcel could not be delivered.\r\n",
        b"From: Ann <ann@y.example>\r\nSubject: Fwd: Undelivered mail\r\n\r\n"
        b"I got this: 550 5.1.1 no such user\r\n",
        b"From: postmaster@y.example\r\nSubject: New filter\r\n\r\nWe have a new spam filter.\r\n",
    ],
)
def test_people_write_about_delivery_too(raw: bytes) -> None:
    assert parse(raw).bounce is None
