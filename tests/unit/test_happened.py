"""What a change of a row means to other systems."""

import pytest

from emailchannel.app.ulid import in_case
from emailchannel.happened import Row, events, publications

CASE = {"pk": "CASE#c", "sk": "CASE", "id": "c" * 20, "status": "open", "app": ""}
IN = {
    "pk": "CASE#c", "sk": "MSG#1#m", "id": "m", "case_id": "c" * 20, "at": 1_700_000_000_000,
    "direction": "in", "kind": "customer", "disposition": "accepted", "attachments": [], "to": [],
    "delivery": "",
}  # fmt: skip
OUT = IN | {"direction": "out", "kind": "reply", "disposition": "sent", "delivery": "queued",
            "to": ["ann@customer.example"], "returned": ""}  # fmt: skip
APP = {"pk": "APP#1", "sk": "APP", "id": "01", "method": "SMS", "to": "+14155550123",
       "status": "ACCEPTED", "reason": ""}  # fmt: skip


def row(old, new, change="change-1"):
    return Row(change, 1_700_000_001_000, old, new)


def kinds(old, new):
    return [event.kind for event in events(row(old, new), "s")]


def news(old, new):
    return [(one.mutation, one.event) for one in publications(row(old, new))]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({}, CASE, ["Case Opened"]),
        (CASE, CASE | {"status": "waiting"}, []),
        (CASE, CASE | {"status": "resolved"}, ["Case Closed"]),
        (CASE | {"status": "resolved"}, CASE | {"status": "rejected"}, []),
        (CASE | {"status": "resolved"}, CASE, []),
        ({}, IN, ["Message Received"]),
        ({}, IN | {"kind": "note"}, []),
        ({}, IN | {"kind": "relay"}, []),
        (IN, IN | {"disposition": "moved"}, []),
        ({}, OUT, []),
        (OUT, OUT | {"delivery": "sent"}, ["Message Sent", "Message Status Changed"]),
        (OUT, OUT | {"delivery": "bounced"}, ["Message Sent", "Message Status Changed"]),
        (OUT | {"delivery": "sent"}, OUT | {"delivery": "delivered"}, ["Message Status Changed"]),
        (OUT, OUT | {"delivery": "failed: x"}, ["Message Status Changed"]),
        (OUT, OUT | {"delivery": "undone"}, ["Message Status Changed"]),
        (OUT | {"delivery": "unknown"}, OUT | {"delivery": "sent"},
         ["Message Sent", "Message Status Changed"]),
        (OUT, OUT | {"returned": "x"}, []),
        ({}, APP, []),
        (APP, APP | {"status": "SENT"}, ["Message Sent", "Message Status Changed"]),
        (APP, {}, []),
        (CASE, {}, []),
        ({}, {"pk": "OUTBOX#1", "sk": "OUTBOX"}, []),
    ],
)  # fmt: skip
def test_what_is_told(old, new, told):
    assert kinds(old, new) == told


def test_told_twice_it_has_the_same_id_and_no_other_change_has_it():
    one, again = ([e.detail["id"] for e in events(row({}, CASE), "s")] for _ in range(2))
    [other] = [e.detail["id"] for e in events(row({}, CASE, "change-2"), "s")]
    [elsewhere] = [e.detail["id"] for e in events(row({}, CASE), "t")]
    assert one == again and len({*one, other, elsewhere}) == 3


def test_subscribers_hear_of_messages_that_are_for_them():
    [(mutation, event)] = news({}, IN)
    identity = in_case(IN["at"], "c" * 20, "m")
    assert mutation == "publishMessage"
    assert event == {
        "caseId": "c" * 20,
        "id": identity,
        "direction": "IN",
        "createdAt": "2023-11-14T22:13:20.000Z",
    }
    for hidden in ({"kind": "note"}, {"disposition": "held"}, {"disposition": "blocked"},
                   {"kind": "bounce"}):  # fmt: skip
        assert news({}, IN | hidden) == []
    assert news({}, OUT | {"kind": "forward"}) == []
    assert [name for name, _ in news(IN | {"disposition": "held"}, IN)] == ["publishMessage"]
    assert news(IN, IN) == []


def test_subscribers_hear_what_becomes_of_a_message():
    assert [name for name, _ in news({}, OUT)] == ["publishMessage", "publishDeliveryStatus"]
    lost = OUT | {"delivery": "bounced", "returned": "bounced: no such address"}
    [(mutation, event)] = news(OUT | {"delivery": "sent"}, lost)
    assert mutation == "publishDeliveryStatus"
    assert (event["to"], event["deliveryStatus"], event["deliveryReason"]) == (
        "ann@customer.example",
        "BOUNCED",
        "no such address",
    )
    [(_, event)] = news(APP, APP | {"status": "DELIVERED"})
    assert (event["to"], event["caseId"], event["id"]) == ("+14155550123", None, "01")
