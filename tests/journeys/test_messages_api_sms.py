"""Other systems send texts: the same outbox, the same statuses."""

import pytest

from local.testing import stack
from tests.api import Api, refused

SENDER = "+12065550100"


@pytest.fixture(scope="module")
def texting():
    with stack(SendAcknowledgement="false", SmsSender=SENDER) as world:
        yield world


@pytest.fixture(scope="module")
def api(texting):
    return Api(texting)


def send(api, to, body="Your parcel has left.", **more):
    return api.send(to, None, body, deliveryMethod="SMS", **more)


def test_a_text_is_sent_and_its_receipt_is_its_status(texting, api):
    made = send(api, "+1 (415) 555-0123", senderId="shop", recipientId="c-1")
    assert (made["to"], made["from"], made["deliveryMethod"]) == ("+14155550123", SENDER, "SMS")
    assert (made["deliveryStatus"], made["segments"], made["encoding"]) == ("ACCEPTED", 1, "GSM_7")
    assert (made["subject"], made["body"]) == ("", "Your parcel has left.")
    texting.settle()
    assert api.one(made["id"])["deliveryStatus"] == "DELIVERED"
    [text] = [one for one in texting.texts() if one["to"] == "+14155550123"]
    assert text["text"] == "Your parcel has left."
    listed = api.list(to="+14155550123", deliveryMethod="SMS")["data"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert api.list(to="+14155550123", deliveryMethod="EMAIL")["data"] == []


def test_long_and_foreign_texts_are_counted(api):
    assert send(api, "+14155550130", "x" * 161)["segments"] == 2
    told = send(api, "+14155550130", "Привет " * 11)
    assert (told["segments"], told["encoding"]) == (2, "UCS_2")


def test_a_text_that_does_not_arrive_says_why(texting, api):
    made = send(api, "+14155550001")
    texting.settle()
    told = api.one(made["id"])
    assert told["deliveryStatus"] == "BOUNCED" and told["deliveryReason"]


def test_the_same_key_is_one_text(texting, api):
    ids = {send(api, "+14155550140", idempotencyKey="once")["id"] for _ in range(3)}
    texting.settle()
    assert len(ids) == 1
    assert len([one for one in texting.texts() if one["to"] == "+14155550140"]) == 1


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"to": "0415"}, "InvalidRecipient"),
        ({"to": "ann@customer.example"}, "InvalidRecipient"),
        ({"to": "+0123456789"}, "InvalidRecipient"),
        ({"body": " "}, "InvalidInput"),
        ({"body": "x" * 2000}, "TooLarge"),
        ({"html": "<p>x</p>"}, "InvalidInput"),
        ({"subject": "x"}, "InvalidInput"),
        ({"caseId": "x"}, "InvalidInput"),
        ({"from": "+19995550100"}, "InvalidInput"),
        ({"attachments": [{"filename": "a", "content": "YQ=="}]}, "InvalidInput"),
    ],
)
def test_what_is_no_text_is_refused(api, given, kind):
    asked = {"to": "+14155550150", "subject": None, "body": "Hi", "deliveryMethod": "SMS"}
    refused(kind, api.send, **(asked | given))


def test_without_a_number_of_ones_own_no_text_is_sent(s):
    assert "SmsSender" in refused("InvalidInput", send, Api(s), "+14155550160")
