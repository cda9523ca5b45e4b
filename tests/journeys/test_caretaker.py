"""What should have happened and has not: found, and done, without anybody asking."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from local.testing import stack
from tests.abuse.world import FAST, World, human
from tests.builders import mail


@pytest.fixture(scope="module")
def w():
    with stack(SendAcknowledgement="false", **FAST) as s:
        yield World(s)


def outbox(w, matter):
    """The case's newest answer as the outbox has it."""
    return w.s.channel.cases.outgoing(w.s.messages(matter.id)[-1]["id"])


def sent_to(w, address):
    return [one for one in human(w.s.sent()) if address in one["recipients"]]


def test_a_mail_whose_notification_was_lost_is_taken_in(w):
    customer = w.person()
    w.s.put_object("inbound/forgotten1", mail(f"Ann <{customer}>", subject="Hello?"))
    w.later(minutes=10)
    assert not w.case_of("forgotten1")  # it may still be announced
    w.later(minutes=10)
    assert w.became("forgotten1") == ("flagged", "new-unverified")
    assert len(w.tasks(w.case_of("forgotten1"))) == 1


def test_an_agents_mail_whose_notification_was_lost_is_kept(w):
    matter = w.matter()
    w.s.put_object("relay/forgotten2", mail("Alice <alice@corp.example>", w.address(matter)))
    w.later(minutes=20)
    assert w.quarantined("forgotten2")  # its envelope and verdicts are lost: it proves nothing


def test_an_answer_whose_order_to_send_was_lost_leaves(w):
    matter = w.matter()
    w.s.fault("sqs:SendMessage", "5xx-before", 3)  # as often as the SDK tries
    w.answer(matter)
    w.later(minutes=10)
    assert len(sent_to(w, matter.customer)) == 1
    assert w.s.messages(matter.id)[-1]["delivery"] == "delivered"


def test_silence_means_nothing_while_no_events_arrive(w):
    matter = w.matter()
    w.s.ses_events("manual")
    w.s.fault("ses:SendEmail", "timeout-before", 1)
    w.answer(matter)
    assert outbox(w, matter).state == "SENDING"
    w.later(minutes=20)
    w.later(minutes=20)
    assert outbox(w, matter).state == "UNKNOWN"
    assert w.s.messages(matter.id)[-1]["delivery"] == "unknown"
    assert sent_to(w, matter.customer) == []
    w.s.ses_events("auto")
    w.later(minutes=10)  # the caretaker's canary leaves, and its events arrive
    w.later(minutes=10)
    assert len(sent_to(w, matter.customer)) == 1
    assert outbox(w, matter).state == "SENT"
    assert w.s.messages(matter.id)[-1]["delivery"] == "delivered"
    assert ("sent-again", "channel", "unknown") in w.history(matter.id)


def test_after_a_second_doubt_the_agent_is_asked(w):
    matter = w.matter()
    w.s.fault("ses:SendEmail", "timeout-before", 1)
    w.answer(matter)
    w.later(minutes=1)
    w.answer(w.matter())  # life goes on, and its events arrive
    w.s.fault("ses:SendEmail", "timeout-before", 1)
    w.later(minutes=20)
    assert outbox(w, matter).resent == 1
    w.later(minutes=20)
    assert sent_to(w, matter.customer) == []
    assert outbox(w, matter).state == "UNKNOWN"
    assert w.case(matter.id)["status"] == "open"
    task = w.tasks(matter.id)[-1]
    assert task["attributes"]["warning"] == "unknown"
    assert "Ask the customer" in task["attributes"]["notice"]
    w.later(hours=2)
    assert sent_to(w, matter.customer) == []


def test_a_hold_is_brought_up_again(w):
    matter = w.matter()
    stranger = w.person("eve")
    held = w.deliver(mail(f"Eve <{stranger}>", matter.alias, "Me too"), stranger, matter.alias)
    assert w.became(held.id)[0] == "held"
    w.accept(w.case(matter.id)["contact_id"], "alice")
    w.s.complete(w.case(matter.id)["contact_id"])  # undecided
    assert w.case(matter.id)["contact_id"] == ""
    w.later(hours=5)
    contact = w.case(matter.id)["contact_id"]
    assert w.s.task(contact)["attributes"]["message_id"] == held.id
    assert ("reminded", "channel", "third-party") in w.history(matter.id)
    w.accept(contact, "alice")
    w.s.complete(contact)
    w.later(hours=5)
    assert w.case(matter.id)["contact_id"] not in {"", contact}


def test_a_task_that_expired_is_started_again(w):
    matter = w.matter()
    first = w.case(matter.id)["contact_id"]
    w.accept(first, "alice")
    w.later(days=8)
    second = w.case(matter.id)["contact_id"]
    assert second not in {"", first}
    assert w.s.task(second)["attributes"]["message_id"] == matter.mail_id
    assert w.s.task(first)["state"] in {"ACW", "ENDED"}


def test_a_task_whose_end_nobody_told_us_is_started_again(w):
    matter = w.matter()
    first = w.case(matter.id)["contact_id"]
    w.s.client("events").disable_rule(Name=w.s.resources["ContactEventsRule"])
    w.s.client("connect").stop_contact(ContactId=first, InstanceId=w.s.instance_id)
    w.s.settle()
    w.s.client("events").enable_rule(Name=w.s.resources["ContactEventsRule"])
    assert w.case(matter.id)["contact_id"] == first
    w.later(minutes=40)
    assert w.case(matter.id)["contact_id"] not in {"", first}


def test_the_canary_comes_round_and_nobody_sees_it(w):
    cases, held = len(w.s.cases()), len(w.s.quarantine())
    sent = w.s.invoke("caretaker", {"canary": True})
    w.s.settle()
    arrived = w.s.channel.cases.canary()
    assert arrived.id == sent["canary"]
    assert arrived.arrived_at >= arrived.sent_at
    assert (len(w.s.cases()), len(w.s.quarantine())) == (cases, held)


def test_a_round_with_a_broken_step_does_the_others(w):
    customer = w.person()
    w.s.put_object("inbound/forgotten3", mail(f"Ann <{customer}>"))
    w.later(minutes=14)
    w.s.fault("dynamodb:Query", "5xx-before", 3)
    found = w.s.invoke("caretaker", {})
    assert found["failed"] == ["journal"]
    assert "sweep" not in json.dumps(found["failed"])
    w.later(minutes=10)
    assert w.case_of("forgotten3")


def test_what_waits_in_the_queue_is_not_queued_again_and_again(w):
    """A backlog must not grow by being looked at."""
    w.s.put_object("inbound/forgotten4", b"")
    w.s.put_object("inbound/forgotten5", mail(f"Ann <{w.person()}>"))
    source = w.s.resources["GatewaySource"]
    w.s.client("lambda").update_event_source_mapping(UUID=source, Enabled=False)
    w.s.at(datetime.now(UTC) + w.ahead + timedelta(minutes=20))
    try:
        found = [w.s.invoke("caretaker", {})["UnprocessedObjects"] for _ in range(3)]
        assert found[-1] == 2
        assert w.s.queues()["ingest"] == 2
    finally:
        w.s.client("lambda").update_event_source_mapping(UUID=source, Enabled=True)
    w.ahead += timedelta(minutes=20)
    w.s.settle()
    assert w.case_of("forgotten5")
    assert w.quarantined("forgotten4") == "empty-object"


def test_an_agent_is_asked_when_events_stay_away_for_hours(w):
    matter = w.matter()
    w.s.ses_events("manual")
    w.s.fault("ses:SendEmail", "timeout-before", 1)
    w.answer(matter)
    w.later(minutes=20)
    assert w.case(matter.id)["status"] == "waiting"
    w.later(hours=7)
    assert outbox(w, matter).state == "UNKNOWN"
    assert w.tasks(matter.id)[-1]["attributes"]["warning"] == "unknown"
    assert sent_to(w, matter.customer) == []
    w.s.ses_events("auto")
