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
from emailchannel.mail.alias import stamp
from emailchannel.ports import Intake, Outgoing

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
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        yield DynamoCases(Table(client, "t"))


@pytest.fixture
def opened(cases):
    assert cases.open_case(CASE, MESSAGE, LOG, INTAKE)
    cases.customer_wrote("case1", MESSAGE)
    return cases


def answer(cases, intake_id="relay1"):
    message = replace(
        MESSAGE, id="o1", at=2000, direction="out", kind="reply", delivery="queued", attachments=()
    )
    intake = Intake(intake_id, "relay", "relayed", case_id="case1", outbox_id="o1", at=2000)
    log = Interaction(2000, "answered", "alice", "agentrelay", "o1")
    target = Target("agent", "arn:alice")
    return cases.answer(message, OUTGOING, target, "waiting", 1000, log, intake)


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
    assert not opened.open_case(CASE, MESSAGE, LOG, INTAKE)
    assert not opened.add_message(replace(MESSAGE, at=9), LOG, INTAKE)
    assert len(opened.messages("case1")) == 1


def test_messages_come_in_the_order_of_receipt_and_the_newest_stays_the_newest(opened):
    later, earlier = replace(MESSAGE, id="m3", at=3000), replace(MESSAGE, id="m2", at=2000)
    for message in (later, earlier):
        log = replace(LOG, at=message.at, ref=message.id)
        assert opened.add_message(message, log, replace(INTAKE, ses_id=message.id))
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
    claimed = opened.claim_outgoing("o1")
    assert claimed is not None
    assert claimed.attempt == 1
    assert claimed.recipients == ("ann@x.example",)
    assert opened.claim_outgoing("o1") is None
    opened.release_outgoing(claimed)
    assert opened.claim_outgoing("o1").attempt == 2
    opened.sent(claimed, "ses-1")
    assert opened.claim_outgoing("o1") is None
    assert opened.outgoing("o1").state == "SENT"
    assert opened.sent_as(["unknown", "ses-1"]) == ("case1", "o1")
    assert opened.message("case1", "o1").delivery == "sent"


def test_delivery_never_goes_back(opened):
    answer(opened)
    opened.delivered("case1", "o1", "bounced", 4)
    opened.delivered("case1", "o1", "delivered", 3)
    assert opened.message("case1", "o1").delivery == "bounced"


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
    cases.keep_session("h1", "k1", "code", 200)
    assert cases.use_session("h1", "code", 201, once=True) is None
    assert cases.use_session("h1", "session", 100, once=True) is None
    assert cases.use_session("h1", "code", 100, once=True) == "k1"
    assert cases.use_session("h1", "code", 100, once=True) is None
    cases.keep_session("h2", "k1", "session", 200)
    assert cases.use_session("h2", "session", 199, once=False) == "k1"
    assert cases.use_session("h2", "session", 200, once=False) is None


def test_agents_are_found_by_each_of_their_addresses(cases):
    agent = Agent(
        "id", "arn", "alice", "Alice", ("a@corp.example", "b@corp.example"), 2, True, ("q",), 5
    )
    cases.keep_agent(agent)
    assert cases.agent("id") == agent
    assert cases.agent_at("b@corp.example") == agent


def test_quarantined_mail_is_listed_once(cases):
    intake = Intake("m9", "inbound", "quarantined", "spam", sender="x@y.example", at=1000)
    assert cases.record(intake)
    assert not cases.record(intake)
    assert [(i["ses_id"], i["reason"], i["sender"]) for i in cases.quarantined()] == [
        ("m9", "spam", "x@y.example")
    ]


def test_events_are_kept_once(cases):
    for _ in range(2):
        cases.keep_event("s1", "e1", {"eventType": "Send", "size": 1.5})
    assert cases.events("s1") == [{"eventType": "Send", "size": 1.5}]
