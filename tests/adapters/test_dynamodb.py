"""The table, through moto: what must hold whatever comes twice, late or at once."""

from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from emailchannel.aws.dynamodb import DynamoCases
from emailchannel.aws.table import Table
from emailchannel.case import (
    Agent,
    AttachmentRecord,
    Case,
    Contact,
    Interaction,
    Message,
    Participant,
    Target,
)
from emailchannel.errors import Retryable
from emailchannel.mail.alias import stamp
from emailchannel.ports import Change, Delivery, Grant, Intake, Outgoing, Record, State, Todo

CASE = Case("case1", Participant("ann@customer.example", "Ann"), "Kettle", 1000)
MESSAGE = Message(
    "m1",
    "case1",
    1000,
    "in",
    "customer",
    "accepted",
    "new",
    ("a-flag",),
    Participant("ann@customer.example", "Ann"),
    ("support@support.example.com",),
    subject="Kettle",
    references=("r1", "r2"),
    attachments=(AttachmentRecord(0, "bill.pdf", "application/pdf", 9),),
    raw_key="inbound/m1",
    formatted_key="formatted/m1.json",
    language="en",
)
LOG = Interaction(1000, "received", "customer", "new", "m1")
INTAKE = Intake("m1", "inbound", "opened", "new", "case1", "m1", "ann@customer.example", 1000)
OUTGOING = Outgoing(
    "o1", "case1", "o1", "sent/o1.eml", "support+case1@x.example", ("ann@x.example",)
)
OPENING = Change("case1", (LOG,), INTAKE, case=CASE, message=MESSAGE, content="same")


def keep(cases, change):
    record = Record("change", "r1", change.case_id, 1000, {"change": {}})
    return cases.keep(change, record)


@pytest.fixture
def cases(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb", "us-east-1")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("pk", "S"), ("sk", "S"), ("todo", "S"), ("todo_at", "N"))
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "todo",
                    "KeySchema": [
                        {"AttributeName": "todo", "KeyType": "HASH"},
                        {"AttributeName": "todo_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        yield DynamoCases(Table(client, "t"))


@pytest.fixture
def opened(cases):
    assert keep(cases, OPENING)
    cases.customer_wrote("case1", MESSAGE)
    return cases


def answer(cases, intake_id="relay1", seen_at=1000):
    message = replace(
        MESSAGE, id="o1", at=2000, direction="out", kind="reply", delivery="queued", attachments=()
    )
    intake = Intake(intake_id, "relay", "relayed", case_id="case1", outboxes=("o1",), at=2000)
    log = Interaction(2000, "answered", "alice", "agentrelay", "o1")
    state = State(Target("agent", "arn:alice"), "waiting", 1000, seen_at=seen_at)
    change = Change("case1", (log,), intake, message=message, outgoing=(OUTGOING,), state=state)
    return keep(cases, change)


def test_what_was_written_is_read_back(opened):
    case = opened.case("case1")
    assert case == replace(CASE, latest_message_id="m1", latest_at=1000)
    assert opened.message("case1", "m1") == MESSAGE
    assert opened.messages("case1") == [MESSAGE]
    assert opened.interactions("case1") == [LOG]
    assert opened.intake("m1", "inbound") == INTAKE
    assert opened.stamped("case1", stamp("m1")) == "m1"
    assert opened.all_cases() == [case]


def test_what_is_not_there_is_none(cases):
    assert cases.case("nothing") is None
    assert cases.message("nothing", "m") is None
    assert cases.intake("m", "inbound") is None
    assert cases.stamped("nothing", "abcd") is None
    assert cases.sent_as(["s1"]) is None
    assert cases.contact("c") is None
    assert cases.agent_at("a@b.example") is None


def test_the_same_mail_is_kept_once(opened):
    assert not keep(opened, OPENING)
    assert not keep(opened, Change("case1", (LOG,), INTAKE, message=replace(MESSAGE, at=9)))
    assert len(opened.messages("case1")) == 1


def test_messages_come_in_the_order_of_receipt_and_the_newest_stays_the_newest(opened):
    later, earlier = replace(MESSAGE, id="m3", at=3000), replace(MESSAGE, id="m2", at=2000)
    for message in (later, earlier):
        log = replace(LOG, at=message.at, ref=message.id)
        intake = replace(INTAKE, ses_id=message.id)
        assert keep(opened, Change("case1", (log,), intake, message=message))
        opened.customer_wrote("case1", message)
    assert [message.id for message in opened.messages("case1")] == ["m1", "m2", "m3"]
    assert opened.case("case1").latest_message_id == "m3"


def test_an_answer_decides_where_the_next_mail_goes(opened):
    assert answer(opened)
    case = opened.case("case1")
    assert (case.status, case.target) == ("waiting", Target("agent", "arn:alice"))
    assert case.answered
    assert not answer(opened)


def test_only_one_sender_gets_a_mail(opened):
    answer(opened)
    claimed = opened.claim_outgoing("o1", 3000)
    assert claimed is not None
    assert claimed.attempt == 1
    assert claimed.recipients == ("ann@x.example",)
    assert opened.claim_outgoing("o1", 3000) is None
    opened.release_outgoing(claimed, 3000)
    assert opened.claim_outgoing("o1", 3000).attempt == 2
    opened.sent(claimed, "ses-1")
    assert opened.claim_outgoing("o1", 3000) is None
    assert opened.outgoing("o1").state == "SENT"
    assert opened.sent_as(["unknown", "ses-1"]) == ("case1", "o1")
    assert opened.message("case1", "o1").delivery == "sent"


def test_delivery_never_goes_back(opened):
    answer(opened)
    told = {"ann@x.example": ("bounced", "550 no such user")}
    opened.delivered(OUTGOING, Delivery("bounced", 4, told, 3))
    opened.delivered(OUTGOING, Delivery("delivered", 3, {"ann@x.example": ("delivered", "")}, 2))
    assert opened.message("case1", "o1").delivery == "bounced"
    assert opened.recipients_status("o1") == told


def test_work_that_is_left_is_found_until_it_is_done(opened):
    answer(opened)
    assert opened.todo("intake", 5000, 9) == [
        Todo("intake", "m1", "inbound", 1000),
        Todo("intake", "relay1", "relay", 2000),
    ]
    assert opened.todo("intake", 1500, 9) == [Todo("intake", "m1", "inbound", 1000)]
    opened.done(INTAKE)
    assert [entry.id for entry in opened.todo("intake", 5000, 9)] == ["relay1"]
    [entry] = opened.todo("outbox", 5000, 9)
    opened.put_off(entry, 9000)
    assert opened.todo("outbox", 5000, 9) == []
    opened.sent(opened.claim_outgoing("o1", 9500), "ses-1")
    assert opened.todo("outbox", 99999, 9) == []
    assert opened.todo("case", 99999, 9) == []  # it is answered


def test_a_change_is_remembered_until_it_is_in_the_journal(opened):
    [entry] = opened.todo("journal", 5000, 9)
    assert opened.record(entry.id).facts == {"change": {}}
    opened.journalled(entry.id, 6000)
    assert opened.todo("journal", 99999, 9) == []
    assert opened.record(entry.id) is None


def test_a_claim_whose_answer_was_lost_is_ours(opened, monkeypatch):
    answer(opened)
    update = opened._table.update
    monkeypatch.setattr(
        opened._table, "update", lambda *args, **values: update(*args, **values) and None
    )
    assert opened.claim_outgoing("o1", 3000).attempt == 1


def test_an_answer_is_taken_back_only_before_it_leaves(opened):
    answer(opened)
    before = State(Target(), "open", 0)
    assert opened.undo(opened.outgoing("o1"), before)
    assert opened.outgoing("o1").state == "UNDONE"
    assert opened.claim_outgoing("o1", 3000) is None
    assert opened.message("case1", "o1").delivery == "undone"
    assert not opened.case("case1").answered
    assert [entry.id for entry in opened.todo("case", 99999, 9)] == ["case1"]


def test_an_answer_on_its_way_is_not_taken_back(opened):
    answer(opened)
    opened.claim_outgoing("o1", 3000)
    assert not opened.undo(opened.outgoing("o1"), State(Target(), "open", 0))
    assert opened.case("case1").answered


def test_one_starter_claims_the_task_and_a_dead_ones_claim_expires(opened):
    assert opened.claim_task("case1", "m1", 1_000_000)
    assert opened.claim_task("case1", "m1", 1_000_001)
    assert not opened.claim_task("case1", "m2", 1_000_002)
    assert opened.claim_task("case1", "m2", 1_000_000 + 301_000)
    assert not opened.claim_task("nothing", "m1", 1)


def test_a_contact_is_followed_and_freed(opened):
    opened.claim_task("case1", "m1", 1)
    opened.contact_started("case1", Contact("k1", "case1", "started"), "m1")
    assert opened.case("case1").contact_id == "k1"
    taken = Contact("k1", "case1", "connected", "id-alice", "arn:alice", "alice", "arn:queue")
    opened.contact_moved(taken)
    assert opened.contact("k1") == taken
    assert opened.case("case1").queue_arn == "arn:queue"
    assert opened.took_case("case1", "id-alice")
    assert not opened.took_case("case1", "id-bob")
    opened.contact_moved(Contact("k1", "case1", "started"))
    assert opened.contact("k1").state == "connected"
    assert opened.contact_ended(taken)
    assert not opened.contact_ended(taken)
    assert opened.case("case1").contact_id == ""
    opened.contact_moved(taken)
    assert opened.contact("k1").state == "ended"


def test_a_flow_that_was_faster_than_the_starter_is_not_undone(opened):
    opened.claim_task("case1", "m1", 1)
    opened.contact_moved(Contact("k1", "case1", "connected", "id-alice", "arn", "alice", "q"))
    opened.contact_started("case1", Contact("k1", "case1", "started"), "m1")
    assert opened.contact("k1").state == "connected"
    assert opened.claim_task("case1", "m2", 2)


def test_a_transferred_contact_leaves_the_case_to_its_follower(opened):
    first = Contact("k1", "case1", "connected", "a")
    opened.contact_moved(first)
    opened.contact_moved(Contact("k2", "case1", "started"))
    opened.contact_ended(first, following=True)
    assert opened.case("case1").contact_id == "k2"


def test_the_gate_lets_a_burst_through_and_then_the_rate(cases):
    waits = [cases.pass_gate("g", 2.0, 3.0, 100.0) for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert 0 < waits[3] <= 0.5
    assert cases.pass_gate("g", 2.0, 3.0, 100.6) == 0


def test_a_code_is_good_once_and_a_session_until_it_ends(cases):
    grant = Grant("k1", "a1", 2)
    cases.keep_session("h1", grant, "code", 200)
    assert cases.use_session("h1", "code", 201, once=True) is None
    assert cases.use_session("h1", "session", 100, once=True) is None
    assert cases.use_session("h1", "code", 100, once=True) == grant
    assert cases.use_session("h1", "code", 100, once=True) is None
    cases.keep_session("h2", grant, "session", 200)
    assert cases.use_session("h2", "session", 199, once=False) == grant
    assert cases.use_session("h2", "session", 200, once=False) is None


def test_agents_are_found_by_each_of_their_addresses(cases):
    agent = Agent(
        "id", "arn", "alice", "Alice", ("a@corp.example", "b@corp.example"), 0, True, ("q",), 5
    )
    cases.keep_agent(agent)
    assert cases.agent("id") == agent
    assert cases.agent_at("b@corp.example") == agent


def test_a_revocation_outlives_what_connect_says_of_the_agent(cases):
    agent = Agent("id", "arn", "alice", "Alice", ("a@corp.example",))
    assert cases.revoke("id") == 0
    cases.keep_agent(agent)
    assert cases.revoke("id") == 1
    cases.keep_agent(replace(agent, name="Alice B.", active=False))
    assert cases.agent("id") == replace(agent, name="Alice B.", active=False, epoch=1)


def test_quarantined_mail_is_listed_once_until_it_is_taken_off_the_list(cases):
    intake = Intake("m9", "inbound", "quarantined", "spam", sender="x@y.example", at=1000)
    assert keep(cases, Change("", intake=intake))
    assert not keep(cases, Change("", intake=intake))
    assert [(i["ses_id"], i["reason"], i["sender"]) for i in cases.quarantined()] == [
        ("m9", "spam", "x@y.example")
    ]
    cases.unlist(intake)
    assert cases.quarantined() == []


def test_a_mail_let_out_of_the_quarantine_is_taken_in_once(cases):
    waiting = Intake("m1", "inbound", "quarantined", "spam", sender="x@y.example", at=1000)
    keep(cases, Change("", intake=waiting))
    released = replace(OPENING, replaces="quarantined")
    assert keep(cases, released)
    assert not keep(cases, released)
    assert cases.intake("m1", "inbound") == INTAKE


def test_a_mail_is_known_again_for_a_week(opened):
    day = 24 * 3600 * 1000
    assert opened.seen("same", 1000) == ("m1", "case1")
    assert opened.seen("same", 1000 + 8 * day) is None
    assert opened.seen("other", 1000) is None
    again = replace(INTAKE, ses_id="m2", at=1000 + day)
    message = replace(MESSAGE, id="m2", at=1000 + day)
    assert not keep(opened, Change("case1", (), again, message=message, content="same"))
    much_later = replace(again, at=1000 + 8 * day)
    assert keep(opened, Change("case1", (), much_later, message=message, content="same"))


def test_an_answer_does_not_overtake_what_the_customer_wrote_meanwhile(opened):
    opened.customer_wrote("case1", replace(MESSAGE, id="m2", at=1500))
    assert not answer(opened)
    assert opened.messages("case1") == [MESSAGE]
    assert answer(opened, seen_at=1500)


def test_a_held_message_is_decided_once(opened):
    held = replace(MESSAGE, id="m2", at=1100, disposition="held")
    keep(opened, Change("case1", (), replace(INTAKE, ses_id="m2"), message=held))
    assert opened.held("case1") == ["m2"]
    bob = Participant("bob@other.example", "Bob")
    log = Interaction(1200, "decided", "alice", "add", "m2")
    admitted = replace(held, disposition="accepted", reason="added")
    assert keep(opened, Change("case1", (log,), decided=admitted, joins=bob))
    assert not keep(opened, Change("case1", (log,), decided=replace(admitted, reason="again")))
    assert opened.held("case1") == []
    assert opened.case("case1").participants == (bob,)
    assert opened.message("case1", "m2").reason == "added"
    assert opened.interactions("case1")[-1] == log


def test_a_blocked_sender_is_blocked_on_his_case(opened):
    keep(opened, Change("case1", blocks="eve@evil.example"))
    assert opened.blocked("case1", "eve@evil.example")
    assert not opened.blocked("case2", "eve@evil.example")


def test_no_more_than_the_limit_within_any_stretch_of_time(cases):
    assert [cases.within("w", 2, 100, at, f"o{at}") for at in (0, 50, 99)] == [True, True, False]
    assert cases.within("w", 2, 100, 60, "o0")  # the same one asks again
    assert cases.within("w", 2, 100, 101, "o101")  # the first place is free again
    assert not cases.within("w", 2, 100, 140, "o140")
    assert cases.within("other", 2, 100, 140, "o140")


def test_a_counter_that_everybody_wants_at_once_is_asked_again_later(cases, monkeypatch):
    monkeypatch.setattr(cases._table, "put", lambda *args, **values: False)
    with pytest.raises(Retryable):
        cases.within("w", 2, 100, 0, "o")


def test_a_tally_starts_anew_in_each_stretch(cases):
    assert [cases.tally("t", 60, at) for at in (0, 59, 60)] == [1, 2, 1]


def test_events_are_kept_once(cases):
    for _ in range(2):
        cases.keep_event("s1", "e1", {"eventType": "Send", "size": 1.5})
    assert cases.events("s1") == [{"eventType": "Send", "size": 1.5}]
