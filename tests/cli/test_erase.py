"""`python -m channel erase`: nothing of a person is left, nobody else loses anything."""

import json
import re

import pytest

from channel.redact import Address
from emailchannel.aws.table import Table, decode
from emailchannel.decide import decide
from local.testing import alias_of
from tests.builders import mail, reply_to
from tests.cli.rows import empty
from tests.journeys.test_one_mail import answer

ANN, BEN = "ann@customer.example", "ben@customer.example"


def deliver(s, sender, raw=None, to=None, **verdicts):
    ses_id = s.deliver(raw or mail(sender), sender, [to or s.inquiry_address], verdicts)
    s.settle()
    return ses_id


def case_of(s, customer):
    return [case for case in s.cases() if case["customer"] == customer][-1]


def rows(s):
    pages = s.client("dynamodb").get_paginator("scan").paginate(TableName=s.resources["Table"])
    return [decode(item) for page in pages for item in page["Items"]]


def versions(s, prefix=""):
    """Every version of every object, and every delete marker."""
    pages = s.client("s3").get_paginator("list_object_versions")
    found = []
    for page in pages.paginate(Bucket=s.resources["MailBucket"], Prefix=prefix):
        found += [(entry["Key"], entry["VersionId"]) for entry in page.get("Versions", [])]
        found += [(entry["Key"], None) for entry in page.get("DeleteMarkers", [])]
    return found


def bodies(s):
    """The bytes of every version of every object."""
    client, bucket = s.client("s3"), s.resources["MailBucket"]
    return {
        (key, version): client.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()
        for key, version in versions(s)
        if version
    }


def named(s, address):
    """Keys of rows and of objects that name an address anywhere."""
    wanted = Address(address)
    found = [f"{item['pk']}/{item['sk']}" for item in rows(s) if wanted.is_in(item)]
    return found + [
        key for (key, _), body in bodies(s).items() if wanted.is_in(body.decode("latin-1"))
    ]


def lively(s):
    """Ann has a case with an answer, and mails in many places; returns what is hers."""
    raw = mail(
        f"Ann <{ANN}>", attachments=[("bill.pdf", "application/pdf", b"%PDF-1.4 bill of Ann")]
    )
    first = deliver(s, ANN, raw)
    case = case_of(s, ANN)
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay", text="Dear Ann, we send a new one.")
    s.complete(case["contact_id"])
    seen = next(one for one in s.sent() if one["recipients"] == [ANN])
    second = deliver(s, ANN, reply_to(seen["delivered"], "Thank you, Ann"), alias_of(s, case["id"]))
    spam = deliver(s, ANN, spam="FAIL")
    return {"case": case["id"], "mails": [first, second], "spam": spam}


def with_ben(s):
    """Ben has a case; Ann wrote into it, and stands among the recipients of his mail."""
    raw = mail(f"Ben <{BEN}>", headers={"Cc": f"Ann <{ANN}>"}, text="Ben's own words.")
    first = deliver(s, BEN, raw)
    case = case_of(s, BEN)
    held = deliver(s, ANN, mail(f"Ann <{ANN}>", text="Ann's secret"), alias_of(s, case["id"]))
    return {"case": case["id"], "mail": first, "held": held}


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def test_nothing_of_the_person_is_left_and_others_keep_what_is_theirs(s, cli, tmp_path):
    hers, his = lively(s), with_ben(s)
    joann = deliver(s, "joann@customer.example")
    foreign = [his["mail"], joann]
    others = {key for key in versions(s) if any(one in key[0] for one in foreign)}
    assert len(named(s, ANN)) > 15

    said = cli("erase", "Ann@Customer.example", "--yes", "--receipt", str(tmp_path / "r.json"))
    assert said.status == 0, said.err

    left = named(s, ANN)
    mine = his["mail"]  # his own words, with her among those he wrote to
    assert set(left) == {f"inbound/{mine}", f"inbound/{mine}.json", f"formatted/{mine}.json"}
    assert {case["customer"] for case in s.cases()} == {BEN, "joann@customer.example"}
    for ses_id in (*hers["mails"], hers["spam"], his["held"]):
        assert not versions(s, f"inbound/{ses_id}")
        assert not versions(s, f"attachments/{ses_id}")
        assert s.channel.cases.intake(ses_id, "inbound").outcome == "erased"
    assert not versions(s, f"journal/{hers['case']}/")
    assert b"secret" not in b"".join(bodies(s).values())
    # What is Ben's is as it was, and the note on his case says why a mail is not there.
    first, held = s.messages(his["case"])
    assert first["text"].startswith("Ben's own words")
    assert (held["from"], held["disposition"], held["reason"]) == ("", "blocked", "erased")
    assert "was erased" in held["text"]
    assert s.channel.cases.held(his["case"]) == []
    assert case_of(s, BEN)["contact_id"]
    assert others <= set(versions(s))
    assert ANN not in s.logs()
    the_receipt_says_it(json.loads((tmp_path / "r.json").read_text()), said)


def the_receipt_says_it(receipt, said):
    assert ANN not in json.dumps(receipt)
    assert receipt["actor"] == "root"
    assert receipt["erased"]["originals and notifications"] >= 8
    assert receipt["erased"]["attachments"] >= 1
    assert receipt["erased"]["records of mails"] >= 5
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in receipt["keys_sha256"])
    assert "logs name no addresses" in receipt["logs"]
    assert any("are theirs" in words for words in receipt["kept"])
    assert max(len(line) for line in said.out.splitlines() if "r.json" not in line) <= 80


def test_nothing_comes_back(s, cli):
    hers = lively(s)
    notification = s.channel.mails.read(f"inbound/{hers['mails'][0]}.json").decode()
    assert cli("erase", ANN, "--yes").status == 0
    before = len(s.sent())

    for _ in range(2):  # SNS once more, from days ago
        s.client("sns").publish(TopicArn=s.resources["InboundTopic"], Message=notification)
    for ses_id in (*hers["mails"], hers["spam"]):
        s.channel.queues.ingest(f"inbound/{ses_id}", released=True)
    s.settle()
    assert s.invoke("caretaker", {})["failed"] == []
    s.settle()
    assert s.cases() == []
    assert s.quarantine() == []
    assert len(s.sent()) == before
    assert {task["state"] for task in s.tasks()} == {"ENDED"}

    assert cli("erase", ANN, "--yes").status == 0  # takes what SNS brought
    assert named(s, ANN) == []
    new = deliver(s, ANN)  # she may write again, as anybody
    assert case_of(s, ANN)["status"] == "open"
    assert s.channel.cases.intake(new, "inbound").outcome == "opened"


def test_a_mail_that_was_given_a_case_of_its_own_stays_with_its_author(s, cli):
    deliver(s, ANN)
    case = case_of(s, ANN)
    moved = deliver(s, BEN, mail(BEN, text="Ben's own words."), alias_of(s, case["id"]))
    s.accept(case["contact_id"], "alice")
    contact = s.channel.cases.contact(case["contact_id"])
    assert decide(s.channel, contact, moved, "new-case").disposition == "moved"
    s.settle()
    assert cli("erase", ANN, "--yes").status == 0
    [case] = s.cases()
    assert case["customer"] == BEN
    assert s.messages(case["id"])[0]["text"].startswith("Ben's own words")
    assert b"own words" in s.raw(moved)
    assert s.task(case["contact_id"])["state"] == "QUEUED"
    assert named(s, ANN) == []


def test_a_replay_does_not_bring_it_back(s, cli):
    hers, his = lively(s), with_ben(s)
    assert cli("erase", ANN, "--yes").status == 0
    left, before = set(named(s, ANN)), len(s.sent())
    empty(s)
    said = cli("replay", "--mode", "rebuild", "--yes")
    assert said.status == 0, said.out + said.err
    assert cli("replay").status == 0
    s.settle()
    assert set(named(s, ANN)) == left
    assert [case["customer"] for case in s.cases()] == [BEN]
    first, held = s.messages(his["case"])
    assert first["text"].startswith("Ben's own words")
    assert (held["from"], held["reason"]) == ("", "erased")
    for ses_id in (*hers["mails"], hers["spam"]):
        assert s.channel.cases.intake(ses_id, "inbound").outcome == "erased"
    assert s.quarantine() == []
    assert len(s.sent()) == before


def test_it_asks_shows_what_there_is_and_takes_no_for_an_answer(s, cli, monkeypatch):
    lively(s)
    before = sorted(named(s, ANN))
    monkeypatch.setattr("builtins.input", lambda _: "n")
    said = cli("erase", ANN)
    assert said.status == 1
    assert "1 case of this customer" in said.out
    assert "Nothing was erased." in said.out
    assert sorted(named(s, ANN)) == before


@pytest.mark.parametrize("operation", ["DeleteObjects", "DeleteItem", "PutItem"])
def test_it_can_be_broken_off_and_given_again(s, cli, operation, monkeypatch):
    lively(s), with_ben(s)
    from channel import erasing

    calls = iter(range(1000))

    def breaks(method):
        def broken(*arguments, **more):
            if next(calls) == 3:
                raise KeyboardInterrupt
            return method(*arguments, **more)

        return broken

    steps = {
        "DeleteObjects": (erasing.Eraser, "_delete"),
        "DeleteItem": (Table, "delete"),
        "PutItem": (Table, "put"),
    }
    owner, name = steps[operation]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, breaks(getattr(owner, name)))
        assert cli("erase", ANN, "--yes").status == 130
    assert cli("erase", ANN, "--yes").status == 0
    assert [key for key in named(s, ANN) if not key.startswith(("inbound/", "formatted/"))] == []
    assert "Nothing is kept" in cli("erase", ANN, "--yes").out


def test_an_open_task_is_ended_and_connect_forgets_the_name(s, cli):
    deliver(s, ANN)
    contact = case_of(s, ANN)["contact_id"]
    assert s.task(contact)["attributes"]["from_address"] == ANN
    said = cli("erase", ANN, "--yes")
    assert "open tasks ended" in said.out
    task = s.task(contact)
    assert task["state"] == "ENDED"
    assert ANN not in json.dumps([task["name"], task["description"], task["attributes"]])
    s.settle()
    assert s.cases() == []


def test_errors_are_said_in_words(s, cli, tmp_path):
    s.accept(_with_a_task(s), "alice")
    agent = cli("erase", "alice@corp.example", "--yes")
    assert agent.status == 1
    assert "address of the agent alice" in " ".join(agent.err.split())
    assert cli("erase", "nobody", "--yes").status == 2
    there = tmp_path / "there.json"
    there.write_text("x")
    assert cli("erase", ANN, "--yes", "--receipt", str(there)).status == 2
    assert cli("erase", ANN, "--yes", "--receipt", str(tmp_path / "no" / "r.json")).status == 2
    assert case_of(s, ANN)
    assert cli("erase", "stranger@customer.example", "--yes").out.startswith("Nothing is kept")


def _with_a_task(s):
    deliver(s, ANN)
    return case_of(s, ANN)["contact_id"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann@a.example", True),
        ("<ANN@A.example>", True),
        ("to ann@a.example.", True),
        ("joann@a.example", False),
        ("x-ann@a.example", False),
        ("ann@a.example.org", False),
        ("ann@a.example2", False),
    ],
)
def test_an_address_is_not_found_in_a_longer_one(text, found):
    assert Address("ann@a.example").is_in({"deep": [text]}) is found
