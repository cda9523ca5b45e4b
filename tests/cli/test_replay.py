"""`python -m channel replay`: the table is lost, and comes back from the bucket."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from channel import screen
from local.testing import alias_of, stack
from tests.abuse.world import FAST, World, human
from tests.builders import mail
from tests.cli.rows import empty, everything, lasting, remove
from tests.cli.story import live, write

QUIET = {"SendAcknowledgement": "false"}


def shown(s):
    """What people see of a channel."""
    cases = s.cases()
    return {
        "cases": cases,
        "messages": [s.messages(case["id"]) for case in cases],
        "history": [s.interactions(case["id"]) for case in cases],
        "quarantine": sorted(s.quarantine(), key=str),
    }


def days(w):
    """The days that the journal tells of, and some more."""
    first = datetime.now(UTC).date() - timedelta(days=1)
    return [first + timedelta(days=n) for n in range(w.ahead.days + 3)]


def opened(s, sender="ann@customer.example"):
    s.deliver(mail(sender), sender, [s.inquiry_address])
    s.settle()
    [case] = [case for case in s.cases() if case["customer"] == sender]
    return case


def test_a_lost_table_comes_back_and_life_goes_on(sign_in):
    with stack(**FAST | {"UndoSeconds": "10"}) as s:
        w, cli = World(s), sign_in(s)
        day = live(w, cli)
        said = cli("verify")
        assert (said.status, said.out.splitlines()[0:1]) == (0, said.out.splitlines()[-1:])
        rows, seen = lasting(s), shown(s)
        assert len(rows) > 300
        out = len(s.sent()), [task["id"] for task in s.tasks()]

        empty(s)
        spans = [(day, day) for day in days(w)] * 2 + [(days(w)[0], days(w)[2])]
        random.Random(5).shuffle(spans)
        for first, last in spans:
            said = cli("replay", "--mode=rebuild", "--yes", f"--from={first}", f"--to={last}")
            assert said.status == 0, said
        assert lasting(s) == rows
        assert shown(s) == seen
        assert all(item["stage"] == "done" for item in everything(s) if "stage" in item)
        assert not any(s.queues().values())
        assert cli("verify").status == 0

        s.settle()
        w.later(minutes=20)  # the caretaker looks at all that is left
        w.later(minutes=20)
        assert (len(s.sent()), [task["id"] for task in s.tasks()]) == out
        goes_on(w, day, len(rows))


def goes_on(w, day, known):
    """The next mail joins its case and its task; what came before is known."""
    matter, s = day.matter, w.s
    [task] = [t for t in w.tasks(matter.id) if t["state"] != "ENDED"]
    before = len(s.messages(matter.id))
    s.redeliver(day.last)
    w.deliver(matter.raw, matter.customer, s.inquiry_address)
    assert len(s.messages(matter.id)) == before
    write(w, matter, "Are you still there?")
    assert len(s.messages(matter.id)) == before + 1
    assert [t["id"] for t in w.tasks(matter.id) if t["state"] != "ENDED"] == [task["id"]]
    assert s.task(task["id"])["attributes"]["message_id"] == s.messages(matter.id)[-1]["id"]
    w.api(matter.id)
    assert [m["recipients"] for m in human(w.answer(matter).sent)] == [[matter.customer]]


def test_an_answer_of_which_nothing_is_known_is_not_sent_again_and_its_agent_is_asked(sign_in):
    with stack(**QUIET) as s:
        w, cli = World(s), sign_in(s)
        s.ses_events("manual")
        matter = w.matter()
        w.api(matter.id)
        w.answer(matter)
        [answer] = [m["id"] for m in s.messages(matter.id) if m["direction"] == "out"]
        sent = len(s.sent())
        for key in journal(s, matter.id):  # as if the crash had come right after the sending
            if "-result-" in key:
                s.client("s3").delete_object(Bucket=s.resources["MailBucket"], Key=key)
        empty(s)
        assert cli("replay", "--mode", "rebuild", "--yes").status == 0
        assert s.channel.cases.outgoing(answer).state == "UNKNOWN"
        s.client("sqs").send_message(
            QueueUrl=s.resources["SendQueue"], MessageBody=f'{{"outbox_id": "{answer}"}}'
        )
        s.settle()
        w.later(minutes=20)
        w.later(minutes=20)
        assert len(s.sent()) == sent
        [message] = [m for m in s.messages(matter.id) if m["id"] == answer]
        assert message["delivery"] == "unknown"
        assert w.case(matter.id)["status"] == "open"
        assert s.task(w.case(matter.id)["contact_id"])["attributes"]["warning"] == "unknown"


def journal(s, case_id):
    found = s.client("s3").list_objects_v2(
        Bucket=s.resources["MailBucket"], Prefix=f"journal/{case_id}/"
    )
    return [entry["Key"] for entry in found["Contents"]]


def test_repair_writes_what_is_missing_and_has_forgotten_mail_taken_in(s, sign_in):
    cli = sign_in(s)
    case = opened(s)
    rows = lasting(s)
    remove(s, f"CASE#{case['id']}", "CASE")
    remove(s, f"CASE#{case['id']}", next(sk for _, sk in rows if sk.startswith("STAMP#")))
    change(s, f"CASE#{case['id']}", next(sk for _, sk in rows if sk.startswith("MSG#")))
    s.at(datetime.now(UTC) - timedelta(hours=1))
    s.put_object("inbound/forgotten", mail("bob@customer.example"))
    s.at(datetime.now(UTC))

    said = cli("replay", "--dry-run")
    assert (said.status, "2 rows would be written" in said.out) == (0, True)
    assert "1 mail without a record" in said.out
    assert len(s.cases()) == 0

    said = cli("replay")
    assert (said.status, "2 rows written" in said.out) == (0, True), said
    assert "1 mail without a record put into their queue." in said.out
    s.settle()
    assert {c["customer"] for c in s.cases()} == {case["customer"], "bob@customer.example"}
    now = lasting(s)
    assert [row["subject"] for (_, sk), row in now.items() if row.get("id") == case["id"]] == [
        rows[f"CASE#{case['id']}", "CASE"]["subject"]
    ]
    assert s.messages(case["id"])[0]["subject"] == "changed"  # it was there: left alone
    said = cli("replay")
    assert "0 rows written" in said.out
    assert "without a record" not in said.out


def change(s, pk, sk):
    s.client("dynamodb").update_item(
        TableName=s.resources["Table"],
        Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET subject = :subject",
        ExpressionAttributeValues={":subject": {"S": "changed"}},
    )


def test_another_table_can_be_filled_and_the_stacks_is_left_alone(s, sign_in):
    cli = sign_in(s)
    case = opened(s)
    dynamodb = s.client("dynamodb")
    dynamodb.create_table(
        TableName="other",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    before = list(everything(s))
    said = cli("replay", "--mode", "rebuild", "--table", "other", "--yes")
    assert said.status == 0
    names = {item["pk"]["S"] for item in dynamodb.scan(TableName="other")["Items"]}
    assert f"CASE#{case['id']}" in names
    assert list(everything(s)) == before
    said = cli("replay", "--table", "nowhere")
    assert said.status == 1
    assert "ResourceNotFoundException" in said.err


def test_a_rebuild_asks_first_and_a_dry_run_writes_nothing(s, sign_in, monkeypatch):
    cli = sign_in(s)
    opened(s)
    empty(s)
    monkeypatch.setattr(screen, "agreed", lambda _: False)
    said = cli("replay", "--mode", "rebuild")
    assert (said.status, said.out.splitlines()[-1]) == (1, "Nothing was written.")
    assert "would be written" in cli("replay", "--mode", "rebuild", "--dry-run").out
    assert list(everything(s)) == []


def test_revoked_addresses_stay_dead(s, sign_in):
    w, cli = World(s), sign_in(s)
    matter = w.matter()
    w.api(matter.id)
    address = w.address(matter)
    assert cli("agents", "revoke", "alice").status == 0
    empty(s)
    assert "1 revocation of" in cli("replay", "--mode", "rebuild", "--yes").out
    assert human(w.answer(matter, to=address).sent) == []
    assert "revocation" not in cli("replay", "--mode", "rebuild", "--yes").out
    assert [m["recipients"] for m in human(w.answer(matter).sent)] == [[matter.customer]]


def test_an_object_that_is_no_record_is_named_and_left_out(s, sign_in):
    cli = sign_in(s)
    case = opened(s)
    key = f"journal/{case['id']}/0000000000001-change-x.json"
    s.put_object(key, b"{}")
    empty(s)
    said = cli("replay", "--mode", "rebuild", "--yes")
    assert said.status == 1
    assert f"{key}: cannot be read" in said.out
    assert [c["id"] for c in s.cases()] == [case["id"]]
    assert alias_of(s, case["id"])


def test_days_are_days(s, sign_in):
    with pytest.raises(SystemExit) as ended:
        sign_in(s)("replay", "--from", "yesterday")
    assert ended.value.code == 2
