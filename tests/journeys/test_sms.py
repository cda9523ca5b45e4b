"""A text leaves through the outbox as mail does, and its receipts become its status."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channel.command import main
from local.testing import REGION, stack
from tests.builders import mail
from tests.cli.rows import remove
from tests.texts import frozen, send_text, state

OURS = "+12065550100"
ANN = "+14155550123"
CONFIGURED = {"SendAcknowledgement": "false", "SmsSender": OURS}


@pytest.fixture(scope="module")
def shared():
    with stack(**CONFIGURED) as world:
        yield world


@pytest.fixture
def s():
    with stack(**CONFIGURED) as world:
        yield world


def test_a_text_is_sent_once_and_delivered(shared):
    s = shared
    identity = send_text(s, "ready", ANN, "Your kettle is ready. Grüße, 你好")
    [text] = [one for one in s.texts() if one["to"] == ANN]
    assert (text["sender"], text["text"]) == (OURS, "Your kettle is ready. Grüße, 你好")
    assert text["context"] == {"outbox": identity, "attempt": "1"}
    assert text["configuration_set"] == s.resources["SmsConfigurationSet"]
    assert state(s, identity) == ("SENT", "delivered", "")
    s.channel.queues.send(identity)
    s.settle()
    assert len([one for one in s.texts() if one["to"] == ANN]) == 1
    assert s.sent() == []


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("+14155550001", ("SENT", "bounced", "Phone number is invalid")),
        ("+14155550002", ("SENT", "bounced", "Phone carrier is unreachable")),
        ("+14155550003", ("SENT", "", "")),
    ],
)
def test_what_the_carrier_says_is_its_status(shared, number, found):
    identity = send_text(shared, number, number, "Hello")
    assert state(shared, identity) == found
    assert shared.channel.cases.suppressed(number) == ""
    assert not any(shared.queues().values())


def test_a_number_that_wants_no_texts_gets_none_and_the_reason_is_kept(shared):
    identity = send_text(shared, "opted out", "+14155550004", "Hello")
    outgoing = shared.channel.cases.outgoing(identity)
    assert (outgoing.state, outgoing.reason) == ("FAILED", "DESTINATION_PHONE_NUMBER_OPTED_OUT")


def tell(s, text, kind):
    """A receipt of a text, as the service would publish it."""
    receipt = {
        "eventType": kind,
        "isFinal": True,
        "destinationPhoneNumber": text["to"],
        "messageId": text["message_id"],
        "messageStatusDescription": kind,
        "context": text["context"],
        "eventTimestamp": int(text["at"] * 1000),
    }
    s.client("sns").publish(TopicArn=s.resources["DeliveryTopic"], Message=json.dumps(receipt))
    s.settle()


def test_receipts_in_any_order_and_twice_give_one_status(shared):
    s, number = shared, "+14255550003"
    identity = send_text(s, "disorder", number, "Hello")
    [text] = [one for one in s.texts() if one["to"] == number]
    for kind in ("TEXT_UNREACHABLE", "TEXT_SUCCESSFUL", "TEXT_QUEUED", "TEXT_SUCCESSFUL"):
        tell(s, text, kind)
        assert state(s, identity) == ("SENT", "bounced", "TEXT_UNREACHABLE")


def later(s, **delta):
    s.at(datetime.now(UTC) + timedelta(**delta))
    s.settle()


def test_a_throttled_text_leaves_later(s):
    s.fault("SendTextMessage", "throttle")
    identity = send_text(s, "throttled", ANN, "Hello")
    assert s.channel.cases.outgoing(identity).state == "PENDING"
    later(s, seconds=10)
    assert state(s, identity) == ("SENT", "delivered", "")
    assert [one["context"]["attempt"] for one in s.texts()] == ["2"]


@pytest.mark.parametrize("kind", ["timeout-after", "5xx-after", "crash-after"])
def test_a_lost_answer_is_settled_by_the_receipt_and_nothing_is_sent_twice(s, kind):
    s.fault("SendTextMessage", kind)
    identity = send_text(s, "lost answer", ANN, "Hello")
    later(s, minutes=10)
    assert state(s, identity) == ("SENT", "delivered", "")
    assert len(s.texts()) == 1


def test_a_lost_answer_without_a_receipt_is_never_tried_again(s):
    s.fault("SendTextMessage", "timeout-before")
    identity = frozen(s, "silent", ANN, "Hello")
    s.channel.queues.send(identity)
    s.settle()
    assert s.channel.cases.outgoing(identity).state == "SENDING"
    for hours in (1, 7):
        later(s, hours=hours)
        s.invoke("caretaker", {})
        s.settle()
    outgoing = s.channel.cases.outgoing(identity)
    assert (outgoing.state, outgoing.reason) == ("FAILED", "unknown")
    assert s.texts() == []


def test_a_case_s_text_that_nobody_knows_about_is_not_sent_again(s):
    """Mails of which SES tells come and go; they say nothing of a text."""
    s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
    s.settle()
    [case] = s.cases()
    [message] = s.messages(case["id"])
    s.fault("SendTextMessage", "timeout-before")
    identity = send_text(s, "of a case", ANN, "Hello", case_id=case["id"], message_id=message["id"])
    for minutes in (10, 30):
        later(s, minutes=minutes)
        s.invoke("caretaker", {"canary": True})
        s.settle()
    assert s.channel.cases.events_flowed() > s.channel.cases.outgoing(identity).claimed_at
    assert (s.channel.cases.outgoing(identity).state, s.texts()) == ("UNKNOWN", [])
    assert [one["kind"] for one in s.interactions(case["id"])].count("returned") == 1


def test_receipts_do_not_pass_for_a_word_of_ses(s):
    """An unknown mail is sent again only where SES is known to tell of mails."""
    number = "+14155550003"
    send_text(s, "queued", number, "Hello")
    [text] = s.texts()
    tell(s, text, "TEXT_QUEUED")
    assert s.channel.cases.events_flowed() == 0


def test_a_receipt_that_nobody_waits_for_is_let_go(s):
    text = {"to": ANN, "message_id": "m1", "at": 1_686_975_103, "context": {"outbox": "none"}}
    tell(s, text, "TEXT_DELIVERED")
    tell(s, text | {"context": {}}, "TEXT_DELIVERED")
    assert not any(s.queues().values())


def test_the_table_is_built_again_with_the_texts_in_it(s, monkeypatch):
    identity = send_text(s, "kept", ANN, "Hello")
    later(s, minutes=10)
    was = s.channel.cases.outgoing(identity)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s.world.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    assert main(["--stack", s.name, "verify"]) == 0
    remove(s, f"OUTBOX#{identity}", "OUTBOX")
    assert main(["--stack", s.name, "verify"]) == 1
    assert main(["--stack", s.name, "replay", "--mode", "repair"]) == 0
    again = s.channel.cases.outgoing(identity)
    assert replace(again, claimed_at=was.claimed_at) == was
    assert state(s, identity) == ("SENT", "delivered", "")


def test_its_frozen_text_lost_it_fails_with_that_reason(s):
    identity = frozen(s, "gone", ANN, "Hello")
    bucket = s.resources["MailBucket"]
    s.client("s3").delete_object(Bucket=bucket, Key=f"sent/{identity}.txt")
    s.channel.queues.send(identity)
    s.settle()
    outgoing = s.channel.cases.outgoing(identity)
    assert (outgoing.state, outgoing.reason) == ("FAILED", "frozen-mail-missing")


def test_no_log_names_the_number_or_the_text(shared):
    send_text(shared, "secret", "+14155557777", "The word is swordfish")
    for word in ("14155557777", "swordfish", OURS[1:]):
        assert word not in shared.logs()


def test_in_another_region_it_is_sent_there_and_no_receipt_comes():
    with stack(**CONFIGURED, SmsRegion="eu-west-1") as s:
        assert "SmsConfigurationSet" not in s.resources
        identity = send_text(s, "abroad", ANN, "Hello")
        [text] = s.texts()
        assert (text["region"], text["configuration_set"]) == ("eu-west-1", "")
        assert state(s, identity) == ("SENT", "", "")


def test_a_stack_without_a_sender_may_send_no_text():
    with stack(SendAcknowledgement="false") as s:
        assert "SmsConfigurationSet" not in s.resources
        identity = send_text(s, "forbidden", ANN, "Hello")
        assert s.texts() == []
        outgoing = s.channel.cases.outgoing(identity)
        assert (outgoing.state, outgoing.reason) == ("FAILED", "AccessDeniedException")
