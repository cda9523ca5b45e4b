"""`python -m channel deadletters`: nothing is lost by looking, and nothing is deleted for good."""

import json

import pytest

from channel import screen
from tests.builders import mail


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def take_in(s, sender="ann@customer.example", subject="My kettle is broken"):
    """A mail that was taken in; returns its SES id."""
    raw = mail(sender, s.inquiry_address, subject, "Dear all, it leaks.")
    ses_id = s.deliver(raw, sender, [s.inquiry_address])
    s.settle()
    return ses_id


def bury(s, queue, body):
    """A message in a dead-letter queue; returns its id."""
    text = body if isinstance(body, str) else json.dumps(body)
    url = s.resources[f"{queue}DeadLetters"]
    return s.client("sqs").send_message(QueueUrl=url, MessageBody=text)["MessageId"]


def notification(s, ses_id):
    return json.loads(s.channel.mails.read(f"inbound/{ses_id}.json"))


def listed(cli, *words):
    return json.loads(cli("deadletters", "list", "--json", *words).out)


def test_each_kind_says_what_it_is_about(s, cli):
    ses_id = take_in(s)
    [case] = s.cases()
    bury(s, "Ingest", notification(s, ses_id))
    bury(s, "Ingest", {"Type": "Notification", "Message": json.dumps(notification(s, ses_id))})
    bury(s, "Ingest", {"take": f"inbound/{ses_id}", "released": True})
    bury(s, "Task", {"case_id": case["id"], "message_id": ses_id, "after": ""})
    bury(s, "Send", {"outbox_id": "nothing"})
    bury(s, "Events", {"eventType": "Bounce", "mail": {"messageId": "0100-x"}})
    bury(s, "ContactEvents", {"detail": {"eventType": "COMPLETED", "contactId": "c-1"}})
    bury(s, "Relay", "no json at all")
    found = listed(cli)
    assert {entry["kind"] for entry in found if entry["queue"] == "ingest"} == {
        "mail of a customer"
    }
    about = {
        (entry["case"], entry["sender"], entry["subject"], entry["key"])
        for entry in found
        if entry["queue"] == "ingest"
    }
    assert about == {
        (case["id"], "ann@customer.example", "My kettle is broken", f"inbound/{ses_id}")
    }
    kinds = {entry["queue"]: entry["kind"] for entry in found}
    assert kinds["relay"] == "unreadable"
    assert kinds["events"] == "delivery event Bounce"
    assert kinds["contacts"] == "contact event COMPLETED"
    assert kinds["send"] == "mail to be sent, of which there is no record"
    [task] = [entry for entry in found if entry["queue"] == "task"]
    assert (task["case"], task["subject"]) == (case["id"], "My kettle is broken")

    said = cli("deadletters", "list")
    assert all(screen.width(line) <= screen.WIDTH for line in said.out.splitlines())
    assert f"inbound/{ses_id}\n" in said.out
    assert "8 dead letters." in said.out
    assert "Why is in the log of GatewayFunction" in said.out


def test_looking_hides_nothing_and_takes_nothing(s, cli):
    for n in range(23):
        bury(s, "Task", {"case_id": f"case{n}", "message_id": "m", "after": ""})
    first = {entry["id"] for entry in listed(cli)}
    assert len(first) == 23
    answer = s.client("sqs").get_queue_attributes(
        QueueUrl=s.resources["TaskDeadLetters"], AttributeNames=["All"]
    )["Attributes"]
    assert answer["ApproximateNumberOfMessages"] == "23"
    assert answer["ApproximateNumberOfMessagesNotVisible"] == "0"
    assert {entry["id"] for entry in listed(cli, "--queue", "task")} == first
    assert listed(cli, "--queue", "ingest") == []


def test_a_terminal_does_not_obey_a_subject(s, cli):
    ses_id = take_in(s, subject="Look \x1b[2J here")
    bury(s, "Ingest", {**notification(s, ses_id)})
    assert "\x1b" not in cli("deadletters", "list").out


def test_one_is_tried_again_and_the_others_stay(s, cli):
    raw = mail("ann@customer.example", s.inquiry_address, "New", "Dear all")
    s.ses_events("manual")
    mapping = s.resources["GatewaySource"]
    s.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    ses_id = s.deliver(raw, "ann@customer.example", [s.inquiry_address])
    sqs = s.client("sqs")
    [waiting] = sqs.receive_message(QueueUrl=s.resources["IngestQueue"], WaitTimeSeconds=5)[
        "Messages"
    ]
    sqs.delete_message(QueueUrl=s.resources["IngestQueue"], ReceiptHandle=waiting["ReceiptHandle"])
    bury(s, "Ingest", waiting["Body"])
    other = bury(s, "Events", "garbage")
    s.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)

    said = cli("deadletters", "retry", ses_id[:10])  # by the mail's id, as an operator knows it
    assert (said.status, "is back in the queue ingest" in said.out) == (0, True)
    s.settle()
    [case] = s.cases()
    assert case["subject"] == "New"
    assert [entry["id"] for entry in listed(cli)] == [other]
    assert [entry["actor"] for entry in journal(s, "dead-letter")] == ["root"]


def journal(s, kind):
    """What the commands wrote about themselves."""
    found = s.client("s3").list_objects_v2(Bucket=s.resources["MailBucket"], Prefix="journal/")
    keys = [entry["Key"] for entry in found.get("Contents", []) if f"-{kind}-" in entry["Key"]]
    return [json.loads(s.channel.mails.read(key)) for key in keys]


def test_all_of_a_queue_are_tried_again(s, cli):
    ses_id = take_in(s)
    [case] = s.cases()
    for _ in range(3):
        bury(s, "Task", {"case_id": case["id"], "message_id": ses_id, "after": ""})
    bury(s, "Events", "garbage")
    said = cli("deadletters", "retry", "--all", "--queue", "task")
    assert said.status == 0
    assert said.out == "3 dead letters went back into the queue task.\n"
    s.settle()
    assert s.queues()["task-dead"] == 0
    assert s.queues()["events-dead"] == 1
    assert len(s.tasks()) == 1


def test_a_mail_is_opened_as_a_case_without_being_read(s, cli):
    sender = "eve@customer.example"
    raw = mail(sender, s.inquiry_address, "Knots", "Dear all")
    s.put_object("inbound/knots", raw)
    letter = bury(s, "Ingest", {"take": "inbound/knots"})
    missing = bury(s, "Ingest", {"take": "inbound/never-stored"})
    said = cli("deadletters", "open-as-case", letter[:8], missing[:8])
    [case] = s.cases()
    assert f"knots is part of case {case['id']}." in said.out
    assert (said.status, "names no mail of the bucket" in said.err) == (1, True)
    [message] = s.messages(case["id"])
    assert s.raw(message["id"]) == raw
    assert [entry["id"] for entry in listed(cli)] == [missing]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["retry"], "Which? Give ids"),
        (["retry", "--all", "abcdefgh"], "Which? Give ids"),
        (["retry", "abcdefgh"], "abcdefgh: no such dead letter."),
        (["retry", "abc"], "abc: give 6 letters of the id at least."),
        (["open-as-case", "abcdefgh"], "abcdefgh: no such dead letter."),
        (["list", "--queue", "nothing"], "There is no queue nothing."),
    ],
)
def test_what_is_not_there(world, sign_in, words, answer):
    said = sign_in(world)("deadletters", *words)
    assert (said.status, answer in said.err) == (1, True)


def test_an_id_that_means_two(s, cli):
    bury(s, "Task", {"case_id": "samecase", "message_id": "a", "after": ""})
    bury(s, "Task", {"case_id": "samecase", "message_id": "b", "after": ""})
    said = cli("deadletters", "retry", "samecase")
    assert (said.status, "2 dead letters are called so" in said.err) == (1, True)
    assert len(listed(cli)) == 2
