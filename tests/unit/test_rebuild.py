"""The fold of a case's records: a function of the set, and careful about what it cannot know."""

import random
from dataclasses import asdict, replace

import pytest

from emailchannel import journal
from emailchannel.case import (
    OPEN,
    WAITING,
    Case,
    Contact,
    Interaction,
    Message,
    Participant,
    Target,
)
from emailchannel.ports import Change, Intake, Outgoing, Record, State
from emailchannel.rebuild import fold, strays

CASE = "c" * 20
ANN = Participant("ann@customer.example", "Ann")
CUSTOMERS = "accepted"


def record(kind, at, facts, name=""):
    return Record(kind, name or f"{kind}{at}", CASE, at, facts)


def change(at, made, name=""):
    # As it comes back from S3: through JSON.
    return journal.loads(journal.dumps(record(journal.CHANGE, at, {"change": asdict(made)}, name)))


def wrote(at, name, *, first=False, disposition=CUSTOMERS, recorded=0, **more):
    """The customer's mail of `at`, recorded then or later."""
    message = Message(name, CASE, at, "in", "customer", disposition, from_=ANN)
    intake = Intake(name, "inbound", "opened", "", CASE, name, at=at, task=True)
    case = Case(CASE, ANN, "Kettle", at) if first else None
    logs = (Interaction(at, "received", "customer", "", name),)
    made = Change(CASE, logs, intake, case=case, message=message, content=f"f-{name}", **more)
    return change(recorded or at, made, name)


def mail(name="o1", **more):
    return Outgoing(name, CASE, name, f"sent/{name}.eml", "s@x.example", (ANN.address,), **more)


def answered(at, name="o1", *, to=10, seen=10, status=WAITING, after=""):
    message = Message(name, CASE, at, "out", "reply", "sent", delivery="queued")
    state = State(Target("agent", "arn"), status, to, seen_at=seen)
    sent = mail(name, at=at, after=after)
    return change(at, Change(CASE, (), message=message, outgoing=(sent,), state=state), name)


def result(at, state, name="o1", **facts):
    told = {"outbox_id": name, "message_id": name, "attempt": 1, "state": state, **facts}
    return record(journal.RESULT, at, told, f"{state}{name}")


def event(kind, at=30, name="o1", **detail):
    mail = {"messageId": f"ses-{name}", "timestamp": "2026-11-22T10:00:00Z"}
    mail["destination"] = [ANN.address]
    found = {"eventType": kind, "mail": mail, **detail}
    told = {"outbox_id": name, "event_id": kind, "event": found}
    return record(journal.EVENT, at, told, f"{kind}{name}")


BOUNCE = {"bounce": {"bouncedRecipients": [{"emailAddress": ANN.address}]}}


def returned(at, words="bounced: no such address", name="o1"):
    log = Interaction(at, "returned", "channel", words, name)
    return record(journal.NOTE, at, {"log": asdict(log)}, f"returned{at}")


def contact(what, at, name="t1", **more):
    told = asdict(Contact(name, CASE, "started", **more))
    return record(journal.CONTACT, at, {"contact": told, "what": what, "following": False})


def head(records):
    return fold(CASE, records).head


def told(records, name="o1"):
    return next(t for t in fold(CASE, records).messages if t.message.id == name)


STORY = [
    wrote(10, "m1", first=True),
    contact("moved", 11, queue_arn="q"),
    contact("started", 12),
    contact("moved", 13, agent_id="alice", agent_arn="arn"),
    answered(20),
    result(21, "SENT", ses_id="ses-o1"),
    event("Send", 21),
    event("Delivery", 22, delivery={"recipients": [ANN.address]}),
    wrote(40, "m2"),
    answered(50, "o2", to=40, seen=40, after="o1"),
    result(51, "SENT", "o2", ses_id="ses-o2"),
    event("Bounce", 51, "o2", **BOUNCE),
    returned(60, name="o2"),
    contact("ended", 70, agent_id="alice"),
]


def test_any_order_and_any_repetition_make_the_same_rows():
    whole = fold(CASE, STORY)
    for seed in range(50):
        shuffled = random.Random(seed).choices(STORY, k=20) + STORY
        random.Random(seed).shuffle(shuffled)
        assert fold(CASE, shuffled) == whole


def test_a_story_ends_as_it_did():
    found = fold(CASE, STORY)
    case = found.head.case
    assert (case.status, case.answered_at, case.latest_message_id) == (OPEN, 0, "m2")
    assert (case.last_answer, case.target) == ("o2", Target("agent", "arn"))
    assert (case.contact_id, case.last_contact) == ("", "t1")
    assert (case.agent_id, case.queue_arn) == ("alice", "q")
    assert found.head.waits_since == 60
    assert [(t.message.id, t.message.delivery, t.rank) for t in found.messages] == [
        ("m1", "", None),
        ("o1", "delivered", 6),
        ("m2", "", None),
        ("o2", "bounced", 8),
    ]
    assert told(STORY, "o2").message.returned == "bounced: no such address"
    assert {i.intake.stage for i in found.intakes} == {"done"}
    assert found.took == (("alice", "t1"),)


def test_an_answer_given_before_a_mail_was_seen_does_not_answer_it_however_late_that_is_known():
    # m2 was kept before the answer, and the case heard of it after: its seen_at is older.
    records = [wrote(10, "m1", first=True), wrote(15, "m2"), answered(20, to=10, seen=10)]
    assert (head(records).case.status, head(records).case.latest_message_id) == (OPEN, "m2")
    assert head(records).waits_since == 15
    records[2] = answered(20, to=15, seen=15)
    assert (head(records).case.status, head(records).waits_since) == (WAITING, 0)


def test_an_old_mail_that_is_kept_late_moves_nothing():
    records = [wrote(10, "m1", first=True), wrote(40, "m2"), answered(50, to=40, seen=40)]
    late = wrote(20, "m0", recorded=60)
    assert head([*records, late]) == head(records)


@pytest.mark.parametrize("disposition", ["held", "attached", "noted", "blocked"])
def test_only_the_customers_side_moves_a_case(disposition):
    records = [wrote(10, "m1", first=True), wrote(20, "m2", disposition=disposition)]
    assert head(records).case.latest_message_id == "m1"


def test_what_is_said_of_a_mail_wins_over_what_is_not():
    start = [wrote(10, "m1", first=True), answered(20)]
    cases = {
        "SENT": [result(21, "SENT", ses_id="a")],
        "FAILED": [result(21, "FAILED", reason="MessageRejected")],
        "UNDONE": [result(0, "UNDONE", actor="alice")],
        "UNKNOWN": [],
    }
    states = {state: fold(CASE, start + more).mails[0] for state, more in cases.items()}
    assert {state: found.outgoing.state for state, found in states.items()} == {
        state: state for state in cases
    }
    assert states["SENT"].ses_ids == ("a",)
    assert told(start + cases["FAILED"]).message.delivery == "failed: MessageRejected"
    both = [*cases["FAILED"], *cases["SENT"]]
    assert fold(CASE, start + both).mails[0].outgoing.state == "SENT"


def test_an_event_of_ses_alone_says_that_a_mail_was_sent():
    [found] = fold(CASE, [wrote(10, "m1", first=True), answered(20), event("Send")]).mails
    assert (found.outgoing.state, found.outgoing.ses_id) == ("SENT", "ses-o1")


def test_an_answer_without_an_end_is_never_sent_again_unasked():
    [found] = fold(CASE, [wrote(10, "m1", first=True), answered(20)]).mails
    assert (found.outgoing.state, found.outgoing.resent, found.asked) == ("UNKNOWN", 1, False)
    asked = [wrote(10, "m1", first=True), answered(20), returned(30, "unknown: nobody knows")]
    assert fold(CASE, asked).mails[0].asked


def test_an_answer_that_was_taken_back_leaves_its_case_waiting():
    records = [wrote(10, "m1", first=True), answered(20), result(0, "UNDONE", actor="alice")]
    found = head(records)
    assert (found.case.status, found.case.target, found.waits_since) == (OPEN, Target(), 10)
    assert (told(records).message.delivery, told(records).rank) == ("undone", 100)
    later = [*records, answered(30, "o2", after="o1")]
    assert head(later).case.status == WAITING


def test_a_loss_that_nobody_was_told_of_is_left_for_its_event():
    records = [wrote(10, "m1", first=True), answered(20), event("Bounce", **BOUNCE)]
    assert told(records).message.delivery == "sent"
    assert told([*records, returned(31)]).message.delivery == "bounced"


def stage(records):
    return {t.intake.ses_id: t.intake.stage for t in fold(CASE, records).intakes}


def test_a_mail_whose_task_was_never_seen_keeps_its_work():
    first = wrote(10, "m1", first=True)
    assert stage([first]) == {"m1": "stored"}
    assert stage([first, contact("started", 12)]) == {"m1": "done"}
    assert stage([first, answered(20)]) == {"m1": "done"}
    over = [first, contact("started", 12), contact("ended", 13)]
    assert stage([*over, wrote(20, "m2")]) == {"m1": "done", "m2": "stored"}
    shown = [first, contact("started", 12), wrote(20, "m2")]
    assert stage(shown) == {"m1": "done", "m2": "done"}


def test_an_ended_contact_stays_ended():
    first = wrote(10, "m1", first=True)
    records = [first, contact("ended", 12), contact("started", 13), contact("moved", 14)]
    found = fold(CASE, records)
    assert [c.state for c in found.contacts] == ["ended"]
    assert found.head.case.contact_id == ""


def test_a_task_that_is_handed_on_keeps_its_case():
    ended = contact("ended", 14)
    ended = replace(ended, facts={**ended.facts, "following": True})
    records = [wrote(10, "m1", first=True), contact("started", 12), ended]
    assert head(records).case.contact_id == "t1"


def test_a_decision_is_in_the_message_and_the_hold_is_over():
    held = wrote(20, "m2", disposition="held")
    message = Message("m2", CASE, 20, "in", "customer", "accepted", "added", from_=ANN)
    eve = Participant("eve@evil.example")
    made = Change(CASE, (), decided=message, joins=eve, blocks="")
    records = [wrote(10, "m1", first=True), held, change(30, made)]
    found = fold(CASE, records)
    assert told(records, "m2").message.disposition == "accepted"
    assert (found.decided, found.head.case.participants) == (("m2",), (eve,))
    assert fold(CASE, records[:2]).decided == ()


def test_a_change_that_made_another_case_is_in_both():
    old = Message("m2", CASE, 20, "in", "customer", "moved", "moved", from_=ANN)
    new = replace(old, case_id="n" * 20, disposition="accepted")
    case = Case("n" * 20, ANN, "Kettle", 20, linked=(CASE,))
    intake = Intake("m2", "moved", "opened", "moved", case.id, "m2", at=30, task=True)
    log = Interaction(30, "decided", "alice", "new-case", "m2")
    both = change(30, Change(case.id, (log,), intake, case=case, message=new, decided=old))
    there, here = fold(case.id, [both]), fold(CASE, [wrote(10, "m1", first=True), both])
    assert there.logs == (log,)
    assert log in here.logs
    assert there.head.case.latest_message_id == "m2"
    assert [t.intake.route for t in there.intakes] == ["moved"]
    assert [t.intake.ses_id for t in here.intakes] == ["m1"]
    assert (there.decided, here.decided) == ((), ("m2",))


def test_a_release_replaces_the_quarantine_in_any_order():
    kept = Intake("m1", "inbound", "quarantined", "spam", at=10, stage="done")
    first = change(10, Change(CASE, (), kept), "kept")
    second = wrote(10, "m1", first=True, recorded=20, replaces="quarantined")
    for records in ([first, second], [second, first]):
        [taken] = fold(CASE, records).intakes
        assert (taken.intake.outcome, taken.replaces, taken.content) == (
            "opened",
            "quarantined",
            "f-m1",
        )


def test_what_belongs_to_no_case_is_folded_by_itself():
    canary = Outgoing("o9", "", "", "sent/o9.eml", "s@x.example", ("s@x.example",), at=10)
    found = fold("", [change(10, Change("", outgoing=(canary,))), event("Send", 11, "o9")])
    assert (found.head, [m.outgoing.state for m in found.mails]) == (None, ["SENT"])


def test_notices_of_a_case_are_looked_for_elsewhere():
    notice = Outgoing("o9", "", "", "sent/o9.eml", "s@x.example", ("alice@corp.example",), at=10)
    assert strays([change(10, Change(CASE, outgoing=(notice, mail())))]) == [notice]


def test_a_case_without_its_beginning_has_no_head():
    found = fold(CASE, [wrote(10, "m1"), answered(20), returned(30)])
    assert (found.head, len(found.messages)) == (None, 2)
