"""An answer that does not arrive comes back to whom it concerns; one may be taken back in time."""

import itertools
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from local.testing import stack
from tests.abuse.world import FAST, World, human, recipients
from tests.builders import mail

QUIET = {"SendAcknowledgement": "false"}


@pytest.fixture(scope="module")
def w():
    with stack(**QUIET | FAST) as s:
        yield World(s)


@pytest.fixture(scope="module")
def patient():
    """A stack whose answers wait ten seconds before they leave."""
    with stack(**QUIET, TasksPerSecond="20") as s:
        yield World(s)


def newest(w, matter):
    """The case's newest answer, as the product knows it."""
    messages = w.s.channel.cases.messages(matter.id)
    return [message for message in messages if message.direction == "out"][-1]


def open_tasks(w, matter):
    return [task for task in w.tasks(matter.id) if task["state"] not in {"ACW", "ENDED"}]


def kinds(w, matter, kind):
    return [entry for entry in w.history(matter.id) if entry[0] == kind]


def has_come_back(w, matter, warning, words):
    """The case waits again, and one task says why: that task."""
    case = w.case(matter.id)
    assert (case["status"], case["answered"]) == ("open", False)
    answer = newest(w, matter)
    kind, _, why = answer.returned.partition(": ")
    assert kind == warning
    assert words in why
    assert len(kinds(w, matter, "returned")) == 1
    [task] = open_tasks(w, matter)
    assert task["id"] == case["contact_id"]
    title = "Complaint about: " if kind == "complained" else "Not delivered: "
    assert task["name"].startswith(title)
    assert task["attributes"]["warning"] == warning
    assert task["attributes"]["notice"] == why
    assert task["attributes"]["message_id"] == matter.mail_id  # the customer's newest mail
    return task


def finished(w, agent="alice", **more):
    """A case whose only task is over: the agent took it, and completed it before he answered."""
    matter = w.matter(**more)
    w.accept(w.case(matter.id)["contact_id"], agent)
    w.s.complete(w.case(matter.id)["contact_id"])
    w.s.settle()
    assert open_tasks(w, matter) == []
    return matter


def at(w, local):
    """An address whose mail fares as its local part says (local/world/ses_events.py)."""
    return w.person().replace("ann@", f"{local}@")


@contextmanager
def told_by_us_alone(w):
    """SES says only what the test has it say."""
    w.s.ses_events("manual")
    try:
        yield
    finally:
        w.s.ses_events("auto")


@pytest.mark.parametrize(
    ("customer", "delivery", "words"),
    [
        ("bounce", "bounced", "there is no such address"),
        ("mailboxfull", "bounced", "the mailbox is full"),
        ("complaint", "complained", "marked the mail as spam"),
    ],
)
def test_an_answer_that_did_not_arrive(w, customer, delivery, words):
    matter = finished(w, customer=at(w, customer))
    w.answer(matter)
    assert newest(w, matter).delivery == delivery
    has_come_back(w, matter, delivery, words)


def test_an_answer_that_ses_took_and_then_rejected(w):
    matter = finished(w)
    with told_by_us_alone(w):
        w.answer(matter)
        emit(w, event(w, matter, "Send"), event(w, matter, "Reject"))
    assert newest(w, matter).delivery == "rejected"
    has_come_back(w, matter, "rejected", "Bad content")


def test_an_answer_that_ses_refuses():
    with stack(**QUIET | FAST) as s:
        w = World(s)
        matter = finished(w)
        s.ses_account(sending=False)
        w.answer(matter)
        assert newest(w, matter).delivery == "failed: SendingPausedException"
        has_come_back(w, matter, "not-sent", "sending is paused")
        assert human(s.sent()) == []
        s.ses_account(sending=True)
        w.answer(matter, text="Once more: it is on its way.")
        assert newest(w, matter).delivery == "delivered"
        assert w.case(matter.id)["status"] == "waiting"


def test_nothing_is_sent_to_a_suppressed_address_and_the_page_warns(w):
    matter = finished(w)
    w.s.client("sesv2").put_suppressed_destination(EmailAddress=matter.customer, Reason="COMPLAINT")
    result = w.answer(matter)
    assert human(result.sent) == []
    assert newest(w, matter).delivery == "bounced"
    has_come_back(w, matter, "bounced", "has complained")
    view = w.api(matter.id).view()
    assert view["case"]["suppressed"] == "complaint"
    assert view["messages"][-1]["returned"].startswith("bounced: ")


def test_an_address_that_bounced_is_warned_of_until_it_is_taken_off_the_list(w):
    matter = finished(w)
    assert w.s.channel.cases.suppressed(matter.customer) == ""
    with told_by_us_alone(w):
        w.answer(matter)
        emit(w, event(w, matter, "Bounce", matter.customer))
    api = w.api(matter.id)
    assert api.view()["case"]["suppressed"] == "bounce"
    w.s.client("sesv2").delete_suppressed_destination(EmailAddress=matter.customer)
    w.answer(matter, text="Does this arrive?")
    assert newest(w, matter).delivery == "delivered"
    assert api.view()["case"]["suppressed"] == ""


def test_what_one_agent_took_on_comes_back_to_him(w):
    matter = finished(w, agent="bob", customer=at(w, "bounce"))
    w.answer(matter, "bob", "agentrelay")
    task = has_come_back(w, matter, "bounced", "no such address")
    bob = next(agent for agent in w.s.agents if agent["username"] == "bob")
    assert task["attributes"]["target_type"] == "agent"
    assert task["attributes"]["target_destination"].endswith(bob["id"])
    w.accept(task["id"], "bob")  # nobody else is offered it
    assert w.s.task(task["id"])["agent"] == "bob"


@pytest.mark.parametrize("purpose", ["relay", "queuerelay", "rejectrelay"])
def test_what_he_did_not_comes_back_to_his_queue(w, purpose):
    matter = finished(w, customer=at(w, "bounce"))
    w.answer(matter, "alice", purpose)
    task = has_come_back(w, matter, "bounced", "no such address")
    assert task["attributes"]["target_type"] == "queue"
    queue = w.s.channel.cases.case(matter.id).queue_arn
    assert task["attributes"]["target_destination"] == queue
    assert task["queue"]["arn"] == queue


def test_the_open_task_is_told_and_there_is_no_second_one(w):
    matter = w.matter(customer=at(w, "bounce"))
    contact = w.case(matter.id)["contact_id"]
    w.accept(contact, "alice")
    w.answer(matter)
    task = has_come_back(w, matter, "bounced", "no such address")
    assert task["id"] == contact
    assert task["agent"] == "alice"
    assert len(w.tasks(matter.id)) == 1


def event(w, matter, kind, *who):
    """What SES says of the newest answer: an event of its configuration set."""
    outgoing = newest(w, matter)
    [sent] = [one for one in w.s.sent() if one["tags"].get("outbox") == outgoing.id]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    named = [{"emailAddress": address} for address in who]
    detail = {
        "Send": {"send": {}},
        "Reject": {"reject": {"reason": "Bad content"}},
        "Delivery": {"delivery": {"timestamp": now, "recipients": list(who)}},
        "Complaint": {"complaint": {"timestamp": now, "complainedRecipients": named}},
        "Bounce": {
            "bounce": {
                "timestamp": now,
                "bounceType": "Permanent",
                "bounceSubType": "General",
                "bouncedRecipients": [
                    one | {"status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 gone"}
                    for one in named
                ],
            }
        },
    }[kind]
    told = {
        "timestamp": now,
        "messageId": sent["message_id"],
        "destination": sent["recipients"],
        "tags": {name: [value] for name, value in sent["tags"].items()},
    }
    return {"eventType": kind, "mail": told, **detail}


def emit(w, *events):
    for one in events:
        w.s.emit(one)
    w.s.settle()


def copied(w):
    """An answer to Ann with a copy to Ben, of which SES has said nothing yet."""
    ben = w.person("ben")
    matter = finished(w, headers={"Cc": ben})
    result = w.answer(matter)
    assert recipients(human(result.sent)) == sorted([matter.customer, ben])
    return matter, ben


def test_several_recipients_have_a_status_each(w):
    with told_by_us_alone(w):
        matter, ben = copied(w)
        arrived = event(w, matter, "Delivery", matter.customer)
        emit(w, event(w, matter, "Send"), arrived)
        assert newest(w, matter).delivery == "delivered"
        assert w.case(matter.id)["status"] == "waiting"
        emit(w, event(w, matter, "Bounce", ben))
    has_come_back(w, matter, "bounced", f"{ben}: there is no such address")
    shown = w.api(matter.id).view()["messages"][-1]
    assert {one["address"]: one["status"] for one in shown["recipients"]} == {
        matter.customer: "delivered",
        ben: "bounced",
    }
    [reason] = [one["reason"] for one in shown["recipients"] if one["address"] == ben]
    assert "gone" in reason


def test_events_in_every_order_and_twice_come_to_the_same_end(w):
    stories = {}
    with told_by_us_alone(w):
        for order in itertools.permutations(range(3)):
            matter, ben = copied(w)
            told = (
                event(w, matter, "Send"),
                event(w, matter, "Delivery", matter.customer),
                event(w, matter, "Complaint", ben),
            )
            stories[order] = matter, ben, [told[n] for n in order]
        for n in (0, 1, 2, 2, 0):  # in step, since settling takes its time
            emit(w, *(events[n] for _, _, events in stories.values()))
    for matter, ben, _ in stories.values():
        assert newest(w, matter).delivery == "complained"
        status = w.s.channel.cases.recipients_status(newest(w, matter).id)
        assert {who: word for who, (word, _) in status.items()} == {
            matter.customer: "delivered",
            ben: "complained",
        }
        has_come_back(w, matter, "complained", f"{ben} marked the mail as spam")
        assert len(w.tasks(matter.id)) == 2
        assert len(kinds(w, matter, "sent")) == 1


def let_go(w):
    """An answer that was held, sent by an agent's decision: (matter, api, its id)."""
    matter = w.matter()
    address = w.address(matter)
    api = w.api(matter.id)
    again = mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "It works again!")
    w.deliver(again, matter.customer, matter.alias)
    held = w.answer(matter, to=address, text="We send a new one.")
    status, _, sent = api.decide(held.id, "send")
    assert (status, human(sent)) == (200, [])
    return matter, api, newest(w, matter).id


def sent_to(w, matter):
    return [one for one in human(w.s.sent()) if matter.customer in one["recipients"]]


def moment(text):
    return datetime.fromisoformat(text)


def test_an_answer_taken_back_in_time_is_never_sent(patient):
    w = patient
    matter, api, answer_id = let_go(w)
    view = api.view()
    shown = view["messages"][-1]
    assert (shown["id"], shown["delivery"]) == (answer_id, "queued")
    assert 0 < (moment(shown["not_before"]) - moment(view["now"])).total_seconds() <= 10
    assert api("POST", f"/messages/{answer_id}/undo") == (200, {"delivery": "undone"})
    assert api("POST", f"/messages/{answer_id}/undo")[0] == 200  # asked again, the same answer
    w.later(minutes=5)
    assert sent_to(w, matter) == []
    shown = api.view()["messages"][-1]
    assert shown["delivery"] == "undone"
    assert "not_before" not in shown
    assert w.case(matter.id)["status"] == "open"
    assert not w.case(matter.id)["answered"]
    assert [entry[1] for entry in kinds(w, matter, "undone")] == ["alice"]


def test_an_answer_that_nobody_takes_back_leaves_and_then_it_is_too_late(patient):
    w = patient
    matter, api, answer_id = let_go(w)
    assert sent_to(w, matter) == []
    w.later(seconds=15)
    assert len(sent_to(w, matter)) == 1
    assert newest(w, matter).delivery == "delivered"
    assert "not_before" not in api.view()["messages"][-1]
    status, problem = api("POST", f"/messages/{answer_id}/undo")
    assert (status, problem["detail"]) == (409, "The answer has left already.")
    assert newest(w, matter).delivery == "delivered"
    assert kinds(w, matter, "undone") == []


def test_an_answer_of_another_case_cannot_be_taken_back(patient):
    w = patient
    _, _, answer_id = let_go(w)
    other = w.api(w.matter().id)
    assert other("POST", f"/messages/{answer_id}/undo")[0] == 404
    assert other("POST", "/messages/nothing/undo")[0] == 404


def test_the_second_answer_waits_for_the_first(w):
    matter = w.matter()
    w.s.fault("ses:SendEmail", "throttle", 1)
    w.answer(matter, text="This comes first.")
    w.answer(matter, text="This comes second.")
    w.later(minutes=2)
    texts = [one["raw"].decode() for one in sent_to(w, matter)]
    assert ["first" in texts[0], "second" in texts[1], len(texts)] == [True, True, 2]
    assert {m.delivery for m in w.s.channel.cases.messages(matter.id) if m.direction == "out"} == {
        "delivered"
    }
