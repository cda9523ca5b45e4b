"""Changes of tables send mails, by rules: the example of the candidates, and of our own table."""

import json
from contextlib import contextmanager

import pytest

from local.testing import fetch, stack
from tests.api import Api, bounce
from tests.builders import mail
from tests.journeys.test_one_mail import answer

RULES = """
rules:
  - name: assignment
    table: candidates
    changes: [INSERT]
    when: [{path: new.email, exists: true}]
    to: new.email
    from: Recruiting <jobs@support.example.com>
    reply_to: people@corp.example
    subject: "Your assignment, {{ new.name }}"
    text: |
      Dear {{ new.name }},

      please find your assignment attached.
    html: |
      <p>Dear {{ new.name }},</p><p>please find your assignment attached.</p>
    attachments:
      - when: [{path: new.experience, greater: 0}, {path: new.experience, at_most: 5}]
        bucket: BUCKET
        key: assignments/junior.zip
        filename: assignment.zip
        content_type: application/zip
      - when: [{path: new.experience, greater: 5}, {path: new.experience, at_most: 8}]
        bucket: BUCKET
        key: assignments/senior.zip
        filename: assignment.zip
        content_type: application/zip
      - bucket: BUCKET
        key: assignments/other.zip
        filename: assignment.zip
        content_type: application/zip
  - name: office
    table: candidates
    changes: [INSERT]
    when: [{path: new.office, exists: true}]
    to: new.office
    subject: "{{ new.name }} has applied"
    text: "Please welcome them."
  - name: withdrawn
    table: candidates
    changes: [REMOVE]
    to: people@corp.example
    subject: "{{ old.name }} has withdrawn"
    text: "That was {{ old.email }}."
  - name: moved
    table: candidates
    changes: [MODIFY]
    when: [{path: new.stage, changed: true}, {path: new.stage, in: [offer, hired]}]
    to: new.email
    subject: "News"
    text: "You are at: {{ new.stage }}."
"""
OURS = """
rules:
  - name: case-closed
    entity: case
    changes: [MODIFY]
    when: [{path: new.status, changed: true}, {path: new.status, equals: rejected}]
    to: boss@corp.example
    subject: "A case was closed: {{ new.subject }}"
    text: "Its id is {{ new.id }}."
  - name: system-wrote
    entity: app-message
    changes: [INSERT]
    to: auditor@corp.example
    subject: "A system wrote to {{ new.to }}"
    text: "{{ new.subject }}"
"""
ARCHIVES = {"junior": b"PK junior", "senior": b"PK senior", "other": b"PK other"}


class Candidates:
    """Somebody's table with a stream, and his bucket."""

    def __init__(self):
        self.bucket = ""

    def __call__(self, world, account):
        self.bucket = f"assignments-{account}"
        s3 = world.client("s3", account)
        s3.create_bucket(Bucket=self.bucket)
        for name, body in ARCHIVES.items():
            s3.put_object(Bucket=self.bucket, Key=f"assignments/{name}.zip", Body=body)
        made = world.client("dynamodb", account).create_table(
            TableName="candidates",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        stream = made["TableDescription"]["LatestStreamArn"]
        return {"WatchedStreamArn": stream, "AttachmentBucket": self.bucket}


@contextmanager
def watching(**more):
    candidates = Candidates()

    def before(world, account):
        return candidates(world, account)

    # The bucket's name is in the rules, and has the account's number in it.
    class Late(str):
        def encode(self, *_):
            return self.replace("BUCKET", candidates.bucket).encode("utf-8")

    with stack(Late(RULES), before, SendAcknowledgement="false", **more) as world:
        yield world


@pytest.fixture(scope="module")
def s():
    with watching() as world:
        yield world


def put(s, name, **values):
    item = {"id": {"S": name}, "name": {"S": name.title()}}
    for key, value in values.items():
        item[key] = {"N": str(value)} if isinstance(value, (int, float)) else {"S": value}
    s.client("dynamodb").put_item(TableName="candidates", Item=item)
    s.settle()


def sent_to(s, address):
    return [one for one in s.sent() if one["recipients"] == [address]]


def failures(s):
    url, sqs = s.resources["NewsFailures"], s.client("sqs")
    found = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for one in messages:
            found.append(json.loads(one["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return found


@pytest.mark.parametrize(
    ("experience", "archive"),
    [(0, "other"), (1, "junior"), (5, "junior"), (5.5, "senior"), (8, "senior"), (9, "other"),
     ("many", "other"), (None, "other")],
)  # fmt: skip
def test_a_new_candidate_gets_the_right_archive_once(s, experience, archive):
    name = f"c{str(experience).replace('.', '-')}"
    to = f"{name}@customer.example"
    values = {} if experience is None else {"experience": experience}
    put(s, name, email=to, **values)
    [one] = sent_to(s, to)
    from tests.journeys.test_messages_api import b64

    raw = one["raw"].decode()
    assert b64(ARCHIVES[archive]) in raw and "assignment.zip" in raw
    assert f"Subject: Your assignment, {name.title()}" in raw
    assert "From: Recruiting <jobs@support.example.com>" in raw
    assert "Reply-To: people@corp.example" in raw and "Auto-Submitted: auto-generated" in raw
    put(s, name, email=to, experience=2, phone="1")
    assert len(sent_to(s, to)) == 1


def test_a_change_that_a_rule_names_sends_another_mail(s):
    to = "dora@customer.example"
    put(s, "dora", email=to, stage="talk")
    put(s, "dora", email=to, stage="offer")
    put(s, "dora", email=to, stage="offer", note="x")
    put(s, "dora", email=to, stage="over")
    assert len(sent_to(s, to)) == 2
    assert "You are at: offer." in sent_to(s, to)[-1]["raw"].decode()


def test_what_is_removed_is_told(s):
    put(s, "emil", email="emil@customer.example")
    s.client("dynamodb").delete_item(TableName="candidates", Key={"id": {"S": "emil"}})
    s.settle()
    raw = sent_to(s, "people@corp.example")[-1]["raw"].decode()
    assert "Subject: Emil has withdrawn" in raw


def record(s, name, change, **values):
    """A record of the foreign table's stream, as Lambda gets it."""
    image = {"id": {"S": name}, "name": {"S": name.title()}}
    image |= {key: {"S": value} for key, value in values.items()}
    return {
        "eventID": change,
        "eventName": "INSERT",
        "eventSourceARN": s.parameters["WatchedStreamArn"],
        "dynamodb": {"SequenceNumber": change, "Keys": {"id": {"S": name}}, "NewImage": image},
    }


def test_the_same_record_twice_is_one_mail(s):
    told = record(s, "fay", "900001", email="fay@customer.example")
    for _ in range(3):
        assert s.invoke("notifier", {"Records": [told]}) == {"batchItemFailures": []}
    s.settle()
    assert len(sent_to(s, "fay@customer.example")) == 1
    again = record(s, "fay", "900002", email="fay@customer.example")
    s.invoke("notifier", {"Records": [again]})
    s.settle()
    assert len(sent_to(s, "fay@customer.example")) == 2


def test_a_poison_record_is_set_aside_and_holds_nobody_up(s):
    failures(s)
    poison = [
        record(s, "gus", "910001", email="not an address"),
        record(s, "hal", "910002", email="support@support.example.com"),
    ]
    good = record(s, "ida", "910003", email="ida@customer.example")
    assert s.invoke("notifier", {"Records": [*poison, good]}) == {"batchItemFailures": []}
    s.settle()
    assert len(sent_to(s, "ida@customer.example")) == 1
    found = failures(s)
    assert [one["reason"] for one in found] == ["assignment: to: InvalidRecipient"] * 2
    assert found[0]["record"]["dynamodb"]["NewImage"]["id"] == {"S": "gus"}
    assert "not an address" not in s.logs()


def test_what_one_rule_cannot_send_keeps_no_other_rules_mail_back(s):
    failures(s)
    told = record(s, "moe", "920001", email="nobody", office="office-moe@corp.example")
    for _ in range(2):
        assert s.invoke("notifier", {"Records": [told]}) == {"batchItemFailures": []}
    s.settle()
    assert len(sent_to(s, "office-moe@corp.example")) == 1
    assert failures(s)[0]["reason"] == "assignment: to: InvalidRecipient"


def test_what_becomes_of_a_rules_mail_is_known_as_of_any_other(s):
    api, to = Api(s), "max@customer.example"
    s.ses_events("manual")
    put(s, "max", email=to, experience=3)
    [told] = api.list(to=to)["data"]
    assert (told["senderId"], told["deliveryStatus"]) == ("rule:assignment", "SENT")
    assert told["body"].startswith("Dear Max,")
    [file] = told["attachments"]
    assert fetch(file["url"])[2] == ARCHIVES["junior"]
    s.emit(bounce(sent_to(s, to)[0]))
    s.settle()
    s.ses_events("auto")
    assert api.one(told["id"])["deliveryStatus"] == "BOUNCED"
    assert "no such address" in api.one(told["id"])["deliveryReason"]


def test_what_may_work_later_comes_again(s):
    s.fault("s3:PutObject", "throttle", times=3)
    put(s, "jon", email="jon@customer.example")
    assert len(sent_to(s, "jon@customer.example")) == 1


def test_a_large_file_is_a_link():
    with watching() as s:
        large = b"x" * 6_000_000
        s.client("s3").put_object(
            Bucket=s.parameters["AttachmentBucket"], Key="assignments/other.zip", Body=large
        )
        put(s, "kim", email="kim@customer.example")
        [one] = sent_to(s, "kim@customer.example")
        raw = one["raw"].decode()
        assert len(raw) < 20_000 and "too large for a mail" in raw
        from email import message_from_bytes, policy

        text = message_from_bytes(one["raw"], policy=policy.default).get_body(("plain",))
        [link] = [word for word in text.get_content().split() if word.startswith("http")]
        status, headers, body = fetch(link)
        assert (status, body) == (200, large)
        assert 'filename="assignment.zip"' in headers["content-disposition"]


def test_the_kill_switch_stops_them():
    with watching(StopAutomaticMail="true") as s:
        put(s, "lea", email="lea@customer.example")
        assert sent_to(s, "lea@customer.example") == []


def test_our_own_cases_send_mails_too():
    options = {"SendAcknowledgement": "false", "UndoSeconds": "0", "NotifyOfOurs": "true"}
    with stack(OURS, **options) as s:
        s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
        s.settle()
        [case] = s.cases()
        s.accept(case["contact_id"], "alice")
        answer(s, case["id"], "rejectrelay")
        [one] = sent_to(s, "boss@corp.example")
        assert "Subject: A case was closed: My kettle is broken" in one["raw"].decode()
        assert case["id"] in one["raw"].decode()


def test_a_rules_own_mail_starts_no_rule():
    options = {"SendAcknowledgement": "false", "UndoSeconds": "0", "NotifyOfOurs": "true"}
    with stack(OURS, **options) as s:
        Api(s).send("ann@customer.example", "Your order")
        s.settle()
        [one] = sent_to(s, "auditor@corp.example")
        assert "Subject: A system wrote to ann@customer.example" in one["raw"].decode()
