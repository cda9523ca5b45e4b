"""Other systems hear on EventBridge what happens; docs/events.md shows what was emitted.

UPDATE_DOCS=1 writes down what comes now.
"""

import json
import os
import re

import jsonschema
import pytest

from local.testing import ROOT
from tests.api import Api, bounce
from tests.builders import mail
from tests.journeys.test_one_mail import answer

SCHEMA = json.loads((ROOT / "docs" / "events.schema.json").read_text())
PAGE = ROOT / "docs" / "events.md"
SHOWN = re.compile(r"(these were emitted\.\n\n```json\n).*?(```)", re.DOTALL)
IDS = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
ANN = "ann@customer.example"


class Listener:
    """A queue behind a rule for all that the channel says."""

    def __init__(self, s, bus="default"):
        self.s, self.sqs = s, s.client("sqs")
        self.url = self.sqs.create_queue(QueueName="heard")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        arn = arn["Attributes"]["QueueArn"]
        events = s.client("events")
        if bus != "default":
            events.create_event_bus(Name=bus)
        pattern = json.dumps({"source": ["email-channel"]})
        rule = events.put_rule(Name="all", EventPattern=pattern, EventBusName=bus)["RuleArn"]
        events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": policy})

    def heard(self):
        """All that has come since, each held to the schema; no two are the same event."""
        self.s.settle()
        found = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        for event in found:
            jsonschema.validate(event, SCHEMA)
        ids = [event["detail"]["id"] for event in found]
        assert len(set(ids)) == len(ids)
        return found


def kinds(found):
    return sorted(event["detail-type"] for event in found)


@pytest.fixture
def ear(s):
    return Listener(s)


def closed(s, case_id):
    head = s.channel.cases.case(case_id)
    s.accept(head.contact_id, "alice")
    answer(s, case_id, "rejectrelay")


def test_the_way_of_a_case_is_told(s, ear):
    s.deliver(mail(), ANN, [s.inquiry_address])
    came = ear.heard()
    assert kinds(came) == ["Case Opened", "Message Received"]
    [case] = s.cases()
    assert {event["detail"]["caseId"] for event in came} == {case["id"]}
    closed(s, case["id"])
    later = ear.heard()
    assert kinds(later) == [
        "Case Closed",
        "Message Sent",
        "Message Status Changed",
        "Message Status Changed",
    ]
    statuses = [e["detail"]["status"] for e in later if "before" in e["detail"]]
    assert sorted(statuses) == ["DELIVERED", "SENT"]
    identity = next(e for e in later if e["detail-type"] == "Message Sent")["detail"]["messageId"]
    assert Api(s).one(identity)["caseId"] == case["id"]
    tell([*came, *later], case["id"])


def tell(found, case_id):
    """The page shows what came, in the order it happened."""
    order = ["Case Opened", "Message Received", "Message Sent", "Message Status Changed",
             "Case Closed"]  # fmt: skip
    found.sort(key=lambda e: (order.index(e["detail-type"]), e["detail"].get("status") or ""))
    found = [one for one in found if one["detail"].get("status") != "SENT"]
    shown = [{name: event[name] for name in ("source", "detail-type", "detail")} for event in found]
    for number, event in enumerate(shown):
        at = f"2026-11-23T10:00:0{number}.000Z"
        steady_ones = {"stack": "email", "id": f"{number + 1:032x}", "at": at}
        event["detail"] |= steady_ones
    text = IDS.sub("01M84CKZ2V0000000000000001", json.dumps(shown, indent=1)).replace(
        case_id, "r4n3tekx0tvgec8dwby0"
    )
    page = PAGE.read_text()
    now = SHOWN.sub(lambda part: f"{part[1]}{text}\n{part[2]}", page)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(now)
    assert PAGE.read_text() == now


def test_another_systems_messages_are_told(s, ear):
    api = Api(s)
    s.ses_events("manual")
    made = api.send(ANN)
    s.settle()
    s.emit(bounce(s.sent()[-1]))
    came = ear.heard()
    assert kinds(came) == ["Message Sent", "Message Status Changed", "Message Status Changed"]
    assert {event["detail"]["messageId"] for event in came} == {made["id"]}
    assert {event["detail"]["caseId"] for event in came} == {None}
    s.ses_events("auto")
    case_id = api.open("ben@customer.example")["caseId"]
    came = ear.heard()
    assert [(e["detail-type"], e["detail"]["openedBy"]) for e in came] == [("Case Opened", "app")]
    api.post(case_id)
    assert "Message Sent" in kinds(ear.heard())


def test_nothing_in_an_event_names_anybody(s, ear):
    s.deliver(mail(subject="A secret matter", text="Nobody may know."), ANN, [s.inquiry_address])
    [case] = [*ear.heard()][:1]
    closed(s, s.cases()[0]["id"])
    text = json.dumps([case, *ear.heard()])
    for private in ("customer.example", "secret", "Nobody", "Ann", "alice"):
        assert private not in text


def test_a_record_told_again_has_the_same_ids(s, ear):
    s.deliver(mail(), ANN, [s.inquiry_address])
    first = {e["detail-type"]: e["detail"]["id"] for e in ear.heard()}
    streams = s.client("dynamodbstreams")
    [found] = streams.list_streams(TableName=s.resources["Table"])["Streams"]
    arn = found["StreamArn"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = streams.get_records(ShardIterator=iterator)["Records"]
    heads = [one for one in records if one["dynamodb"]["Keys"]["sk"]["S"] == "CASE"]
    wire = json.loads(json.dumps(heads, default=lambda value: value.timestamp()))
    assert s.invoke("publisher", {"Records": wire}) == {"batchItemFailures": []}
    again = {e["detail-type"]: e["detail"]["id"] for e in ear.heard()}
    assert again["Case Opened"] == first["Case Opened"]


def test_when_the_bus_is_busy_it_is_told_later(s, ear):
    s.fault("PutEvents", "throttle", times=5)
    s.deliver(mail(), ANN, [s.inquiry_address])
    assert kinds(ear.heard()) == ["Case Opened", "Message Received"]


def test_subscribers_are_told_through_the_publish_mutations(s):
    """What AppSync would hand on: the mutations, called by the publisher's own role."""
    api = Api(s)
    case_id = api.open(ANN)["caseId"]
    api.post(case_id)
    s.settle()
    calls = s.world.control("GET", f"/_local/{s.account}/iam").body
    role = s.resources["PublisherFunctionRole"]
    made = {c["resource"].rpartition("/")[2] for c in calls
            if c["role"] == role and c["action"] == "appsync:GraphQL" and c["allowed"]}  # fmt: skip
    assert made == {"publishMessage", "publishDeliveryStatus"}
    assert '"field": "publishMessage"' in s.logs() or '"field":"publishMessage"' in s.logs()
