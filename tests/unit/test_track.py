"""Delivery status is a function of the set of events."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from emailchannel.track import by_recipient, event_id, fold

ANN, BOB = "ann@customer.example", "Bob@Customer.example"


def event(kind, *recipients, **extra):
    mail = {"messageId": "m1", "destination": [ANN, BOB], "tags": {"outbox": ["o1"]}}
    named = [{"emailAddress": address} for address in recipients]
    details = {
        "Send": {"send": {}},
        "Delivery": {"delivery": {"recipients": list(recipients)}},
        "DeliveryDelay": {"deliveryDelay": {"delayedRecipients": named}},
        "Bounce": {"bounce": {"bouncedRecipients": named}},
        "Complaint": {"complaint": {"complainedRecipients": named}},
        "Reject": {"reject": {"reason": "Bad content"}},
        "Rendering Failure": {"failure": {"errorMessage": "x"}},
    }
    return {"eventType": kind, "mail": mail, **details[kind], **extra}


EVENTS = [
    event("Send"),
    event("DeliveryDelay", ANN),
    event("Delivery", ANN),
    event("Delivery", BOB),
    event("Bounce", BOB),
    event("Complaint", ANN),
]


def test_any_order_and_any_repetition_give_the_same_status():
    for size in range(1, 5):
        for chosen in itertools.combinations(EVENTS, size):
            answers = {fold(order) for order in itertools.permutations(chosen)}
            answers.add(fold([*chosen, *chosen]))
            assert len(answers) == 1


@given(st.permutations(EVENTS))
def test_every_recipient_has_a_status_of_his_own(events):
    assert by_recipient(events) == {ANN: "complained", BOB.lower(): "bounced"}


def test_the_words():
    assert fold([]) == "sent"
    assert fold([event("Send")]) == "sent"
    assert fold([event("Send"), event("DeliveryDelay", ANN)]) == "delayed"
    assert fold([event("Delivery", ANN), event("DeliveryDelay", ANN)]) == "delivered"
    assert fold([event("Delivery", ANN), event("Bounce", BOB)]) == "bounced"
    assert fold([event("Reject"), event("Send")]) == "rejected"


def test_the_same_event_has_the_same_id_and_another_has_another():
    assert event_id(event("Send")) == event_id(dict(reversed(event("Send").items())))
    assert event_id(event("Send")) != event_id(event("Reject"))


def soft(address):
    """What an out-of-office answer may be reported as."""
    found = event("Bounce", address)
    found["bounce"] |= {"bounceType": "Transient", "bounceSubType": "General"}
    return found


def test_a_soft_bounce_does_not_undo_a_delivery():
    for events in itertools.permutations([event("Send", ANN), event("Delivery", ANN), soft(ANN)]):
        assert fold(events) == "delivered"
    assert fold([event("Send", ANN), soft(ANN)]) == "bounced"
    complained = [event("Delivery", ANN), soft(ANN), event("Complaint", ANN)]
    assert fold(complained) == "complained"
    assert fold([event("Delivery", ANN), soft(ANN), event("Bounce", ANN)]) == "bounced"
