"""Receipts of texts say the same as SES's events: any order, any repetition, one answer."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emailchannel.app.receipts import as_mail_event, is_receipt
from emailchannel.track import event_id, fold, folded

NUMBER = "+14255550156"
KINDS = {
    "TEXT_QUEUED": "sent",
    "TEXT_PENDING": "sent",
    "TEXT_SENT": "sent",
    "TEXT_SUCCESSFUL": "delivered",
    "TEXT_DELIVERED": "delivered",
    "TEXT_INVALID": "bounced",
    "TEXT_UNREACHABLE": "bounced",
    "TEXT_CARRIER_UNREACHABLE": "bounced",
    "TEXT_BLOCKED": "bounced",
    "TEXT_CARRIER_BLOCKED": "bounced",
    "TEXT_SPAM": "bounced",
    "TEXT_TTL_EXPIRED": "bounced",
    "TEXT_UNKNOWN": "bounced",
    "TEXT_INVALID_MESSAGE": "rejected",
    "TEXT_PROTECT_BLOCKED": "failed",
}


def receipt(kind, *, final=True, at=1_686_975_103_470, **more):
    return {
        "eventType": kind,
        "eventVersion": "1.0",
        "eventTimestamp": at,
        "isFinal": final,
        "originationPhoneNumber": "+12065550152",
        "destinationPhoneNumber": NUMBER,
        "messageId": "862a8790-60c0-4430-9b2b-658bdexample",
        "messageRequestTimestamp": at - 300,
        "messageStatus": kind.removeprefix("TEXT_"),
        "messageStatusDescription": f"{kind} it was",
        "context": {"outbox": "o1", "attempt": "1"},
        **more,
    }


def status(*receipts):
    return fold(map(as_mail_event, receipts))


@pytest.mark.parametrize(("kind", "word"), KINDS.items())
def test_each_type_has_a_word_and_a_failure_its_reason(kind, word):
    delivery = folded([as_mail_event(receipt(kind))])
    why = "" if word in {"sent", "delivered"} else f"{kind} it was"
    assert delivery.status == word
    assert delivery.recipients == {NUMBER: (word, why)}


def test_it_finds_its_way_back():
    mail = as_mail_event(receipt("TEXT_DELIVERED"))["mail"]
    assert mail["tags"] == {"outbox": ["o1"], "attempt": ["1"]}
    assert mail["messageId"].startswith("862a")
    assert mail["timestamp"] == "2023-06-17T04:11:43Z"


def test_a_failure_that_is_not_final_is_a_delay():
    late = receipt("TEXT_CARRIER_UNREACHABLE", final=False)
    assert status(late) == "delayed"
    assert status(late, receipt("TEXT_DELIVERED")) == "delivered"
    assert status(late, receipt("TEXT_CARRIER_UNREACHABLE")) == "bounced"


def test_what_the_carrier_had_and_the_phone_did_not_get_is_lost():
    assert status(receipt("TEXT_SUCCESSFUL"), receipt("TEXT_UNREACHABLE")) == "bounced"


def test_three_days_of_silence_undo_no_delivery():
    assert status(receipt("TEXT_UNKNOWN"), receipt("TEXT_DELIVERED")) == "delivered"


def test_a_number_is_never_put_on_the_list_of_addresses_that_get_no_mail():
    for kind in KINDS:
        bounce = as_mail_event(receipt(kind)).get("bounce", {})
        assert bounce.get("bounceType") != "Permanent"


@given(st.lists(st.sampled_from([receipt(k, final=f) for k in KINDS for f in (True, False)])))
def test_any_order_and_any_repetition_give_the_same_status(receipts):
    assert status(*receipts) == status(*reversed(receipts)) == status(*receipts, *receipts)


def test_every_order_of_a_life_gives_the_same_status():
    life = [receipt("TEXT_QUEUED"), receipt("TEXT_SENT"), receipt("TEXT_DELIVERED")]
    assert {status(*order) for order in itertools.permutations(life)} == {"delivered"}


def test_two_receipts_of_one_kind_are_two_events_and_one_told_twice_is_one():
    first, second = receipt("TEXT_PENDING"), receipt("TEXT_PENDING", at=1_686_975_103_471)
    ids = [event_id(as_mail_event(one)) for one in (first, second, first)]
    assert ids[0] == ids[2] != ids[1]


def test_other_events_stay_as_they_are():
    for event in ({"eventType": "Send", "mail": {}}, {"eventType": "TEXT_SENT"}, {}):
        assert not is_receipt(event)
        assert as_mail_event(event) is event


@pytest.mark.parametrize(
    "odd",
    [
        {"eventTimestamp": "yesterday"},
        {"eventTimestamp": float("inf")},
        {"eventTimestamp": -1},
        {"context": None},
        {"context": ["outbox"]},
        {"destinationPhoneNumber": None},
        {"messageStatusDescription": None},
        {"eventType": "TEXT_NEVER_HEARD_OF"},
    ],
)
def test_what_is_odd_about_one_breaks_nothing(odd):
    event = as_mail_event(receipt("TEXT_INVALID") | odd)
    assert fold([event]) in {"bounced", "sent"}
