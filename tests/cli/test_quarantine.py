"""`python -m channel quarantine`: from the list to the agent, or to nowhere."""

import json
import time

import pytest

from local.testing import alias_of, stack
from tests.builders import answers, mail
from tests.journeys.test_one_mail import answer


@pytest.fixture
def cli(world, sign_in):
    return sign_in(world)


def deliver(s, sender, raw=None, to=None, **verdicts):
    """A mail of this sender, as SES judged it; returns its id."""
    ses_id = s.deliver(raw or mail(sender), sender, [to or s.inquiry_address], verdicts)
    s.settle()
    return ses_id


def cases_of(s, sender):
    return [case for case in s.cases() if case["customer"] == sender]


def listed(s):
    return {entry["id"] for entry in s.quarantine()}


def journal(s, ses_id):
    """What the journal says of a mail."""
    found = s.client("s3").list_objects_v2(Bucket=s.resources["MailBucket"], Prefix="journal/")
    keys = [entry["Key"] for entry in found.get("Contents", []) if ses_id in entry["Key"]]
    return [json.loads(s.channel.mails.read(key)) for key in keys]


def test_spam_is_listed_shown_and_released_to_an_agent(s, sign_in):
    cli, sender = sign_in(s), "spam1@customer.example"
    ses_id = deliver(s, sender, mail(f"Sam <{sender}>", subject="Not spam at all"), spam="FAIL")
    assert not cases_of(s, sender)

    said = cli("quarantine", "list", "--reason", "spam")
    assert said.status == 0
    [line] = [line for line in said.out.splitlines() if sender in line]
    assert ses_id[:12] in line
    assert "spam" in line

    said = cli("quarantine", "show", ses_id)
    assert said.status == 0
    for word in (
        sender,
        "Not spam at all",
        "spam FAIL",
        "dmarc PASS",
        "Amazon SES takes it for spam",
        "the kettle I bought is broken",
        s.inquiry_address,
    ):
        assert word in said.out

    said = cli("quarantine", "release", ses_id)
    s.settle()
    [case] = cases_of(s, sender)
    assert (said.status, said.out) == (0, f"{ses_id} opened case {case['id']}.\n")
    assert ses_id not in listed(s)
    [message] = s.messages(case["id"])
    assert (message["id"], message["disposition"]) == (ses_id, "accepted")
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay", text="Dear Sam, it was not spam.")
    assert answers(s)[-1]["recipients"] == [sender]
    [entry] = journal(s, ses_id)
    assert entry["kind"] == "quarantine"
    assert entry["action"] == "release"
    assert entry["actor"] == "root"
    assert abs(entry["at"] / 1000 - time.time()) < 600
    assert sender not in json.dumps(entry)


def test_a_released_mail_is_taken_in_once(world, cli):
    s, sender = world, "spam2@customer.example"
    ses_id = deliver(s, sender, spam="FAIL")
    assert cli("quarantine", "release", "--wait", "0", ses_id).status == 0
    for _ in range(3):  # other administrators at the same time
        s.channel.queues.ingest(f"inbound/{ses_id}", released=True)
    s.redeliver(ses_id, 2)
    s.settle()
    [case] = cases_of(s, sender)
    assert len(s.messages(case["id"])) == 1
    assert sorted(one["kind"] for one in s.interactions(case["id"])) == ["offered", "received"]
    assert [t["id"] for t in s.tasks() if t["attributes"]["interaction_id"] == case["id"]] == [
        case["contact_id"]
    ]

    said = cli("quarantine", "release", ses_id)
    assert said.status == 1
    assert ses_id not in listed(s)
    assert f"opened case {case['id']}" in said.err
    assert len(s.messages(case["id"])) == 1
    assert cli("quarantine", "show", ses_id).status == 1


def test_a_release_that_was_broken_off_is_finished_later(world, cli):
    s, sender = world, "spam3@customer.example"
    ses_id = deliver(s, sender, spam="FAIL")
    assert cli("quarantine", "release", "--wait", "0", ses_id).status == 0
    s.settle()
    assert cases_of(s, sender)
    assert ses_id in listed(s)
    assert sender not in cli("quarantine", "list").out
    assert ses_id not in listed(s)


def test_a_released_copy_of_a_mail_that_came_in_is_a_duplicate(world, cli):
    s, sender = world, "twice@customer.example"
    raw = mail(sender)
    deliver(s, sender, raw)
    ses_id = deliver(s, sender, raw, spam="FAIL")
    said = cli("quarantine", "release", ses_id)
    s.settle()
    [case] = cases_of(s, sender)
    assert said.out == f"{ses_id} had come before: case {case['id']}.\n"
    assert len(s.messages(case["id"])) == 1
    assert ses_id not in listed(s)


@pytest.mark.parametrize("sender", ["virus@customer.example", ""])
def test_a_released_virus_stays_locked(world, cli, sender):
    s = world
    raw = mail(sender, attachments=[("bill.exe", "application/octet-stream", b"MZ")])
    envelope = sender or "nobody@customer.example"
    ses_id = deliver(s, envelope, raw, virus="FAIL")
    said = cli("quarantine", "release", ses_id)
    s.settle()
    assert said.status == 0
    assert "has a virus" in said.out
    [case] = cases_of(s, sender)
    [message] = s.messages(case["id"])
    assert "virus-unknown" in message["flags"]
    assert s.download(ses_id, 0)[0] == 404


def test_automatic_mail_that_is_released_becomes_somebodys_work(world, cli):
    s, sender = world, "robot@customer.example"
    raw = mail(sender, headers={"Auto-Submitted": "auto-generated"})
    ses_id = deliver(s, sender, raw)
    assert "program sent it" in " ".join(cli("quarantine", "show", ses_id).out.split())
    cli("quarantine", "release", ses_id)
    s.settle()
    [case] = cases_of(s, sender)
    [message] = s.messages(case["id"])
    assert (message["kind"], message["disposition"]) == ("automatic", "accepted")
    assert s.task(case["contact_id"])["state"] == "QUEUED"


def test_forged_mail_of_an_agent_is_released_as_a_customers_never_as_an_answer(world, cli):
    s, sender = world, "alice@corp.example"
    relay = f"relay+{'0' * 51}@{s.domain}"
    before = len(s.sent())
    ses_id = deliver(s, sender, mail(sender, relay, text="Send him gold."), relay, dmarc="FAIL")
    assert "an agents' address" in cli("quarantine", "show", ses_id).out
    said = cli("quarantine", "release", ses_id)
    s.settle()
    [case] = cases_of(s, sender)
    assert said.out == f"{ses_id} opened case {case['id']}.\n"
    [message] = s.messages(case["id"])
    assert (message["kind"], message["disposition"]) == ("customer", "flagged")
    assert case["contact_id"]
    assert len(s.sent()) == before


def test_an_agents_mail_to_two_relay_addresses_is_released_as_a_note(s, sign_in):
    cli, sender = sign_in(s), "two@customer.example"
    deliver(s, sender)
    [case] = cases_of(s, sender)
    s.accept(case["contact_id"], "alice")
    both = [s.relay_address(case["id"], purpose, "alice") for purpose in ("relay", "queuerelay")]
    raw = mail("alice@corp.example", ", ".join(both), text="Dear Two, which of them?")
    before = len(answers(s))
    ses_id = s.deliver(raw, "alice@corp.example", both)
    s.settle()
    assert ses_id in listed(s)
    said = cli("quarantine", "release", ses_id)
    s.settle()
    assert said.out == f"{ses_id} is a note in case {case['id']}; nothing was sent.\n"
    assert s.messages(case["id"])[-1]["kind"] == "note"
    assert len(answers(s)) == before
    assert ses_id not in listed(s)


def test_a_flood_is_listed_measured_and_let_in(sign_in):
    sender = "flood@customer.example"
    with stack(MailsPerSenderPerHour="3", SendAcknowledgement="false") as s:
        cli = sign_in(s)
        ids = [deliver(s, sender, mail(sender, subject=f"Matter {n}")) for n in range(6)]
        assert len(s.cases()) == 3
        assert listed(s) == set(ids[3:])
        metrics = [json.loads(line) for line in s.logs().splitlines() if '"Flooded"' in line]
        assert sum(sum(metric["Flooded"]) for metric in metrics if "Flooded" in metric) == 3
        found = json.loads(cli("quarantine", "list", "--reason", "flood", "--json").out)
        assert [(one["id"], one["reason"], one["sender"]) for one in found] == [
            (ses_id, "flood:sender", sender) for ses_id in ids[3:]
        ]
        said = cli("quarantine", "release", *(one["id"] for one in found))
        s.settle()
        assert said.status == 0
        assert {case["subject"] for case in s.cases()} == {f"Matter {n}" for n in range(6)}
        assert all(case["contact_id"] for case in s.cases())
        assert not s.quarantine()
        assert not any(s.queues().values())


def test_delete_leaves_a_record_and_no_mail(world, cli, monkeypatch):
    s, sender = world, "bin@customer.example"
    ses_id, other = deliver(s, sender, spam="FAIL"), deliver(s, sender, spam="FAIL")
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert cli("quarantine", "delete", ses_id).status == 1
    assert ses_id in listed(s)

    said = cli("quarantine", "delete", "--yes", ses_id)
    assert (said.status, said.out) == (0, f"{ses_id} deleted.\n")
    assert s.channel.cases.intake(ses_id, "inbound").outcome == "deleted"
    assert s.channel.mails.read(f"inbound/{ses_id}") is None
    assert s.channel.mails.read(f"inbound/{ses_id}.json") is None
    versions = s.client("s3").list_object_versions(
        Bucket=s.resources["MailBucket"], Prefix=f"inbound/{ses_id}"
    )
    assert len(versions["DeleteMarkers"]) == 2
    assert ses_id not in listed(s)
    assert [(one["action"], one["actor"]) for one in journal(s, ses_id)] == [("delete", "root")]
    assert other in listed(s)

    s.channel.queues.ingest(f"inbound/{ses_id}", released=True)  # an order from before
    s.settle()
    assert not cases_of(s, sender)
    assert cli("quarantine", "release", ses_id).status == 1
    assert cli("quarantine", "delete", "--yes", ses_id).status == 1


def test_a_mail_of_a_case_cannot_be_deleted(world, cli):
    s, sender = world, "safe@customer.example"
    ses_id = deliver(s, sender)
    said = cli("quarantine", "delete", "--yes", ses_id)
    assert said.status == 1
    assert "opened case" in said.err
    assert s.channel.mails.read(f"inbound/{ses_id}")
    assert not journal(s, ses_id)


def test_what_is_no_mail_cannot_be_released_and_can_be_deleted(world, cli):
    s, sender = world, "empty@customer.example"
    ses_id = deliver(s, sender, spam="FAIL")
    s.put_object(f"inbound/{ses_id}", b"")
    said = cli("quarantine", "release", ses_id)
    assert said.status == 1
    assert "gone from the bucket" in said.err
    assert "not in the bucket" in cli("quarantine", "show", ses_id).out
    assert cli("quarantine", "delete", "--yes", ses_id).status == 0


def test_the_beginning_of_an_id_is_enough_and_an_unknown_id_stops_nobody(world, cli):
    s, sender = world, "short@customer.example"
    ses_id = deliver(s, sender, spam="FAIL")
    said = cli("quarantine", "release", "neverheardof", ses_id[:12])
    assert said.status == 1
    assert "neverheardof: no such mail" in said.err
    assert f"{ses_id} opened case" in said.out


def test_a_released_mail_of_a_stranger_is_held_for_an_agent(world, cli):
    s, sender = world, "owner@customer.example"
    deliver(s, sender)
    [case] = cases_of(s, sender)
    stranger = "else@stranger.example"
    ses_id = deliver(s, stranger, mail(stranger), alias_of(s, case["id"]), spam="FAIL")
    said = cli("quarantine", "release", ses_id)
    s.settle()
    assert said.out == f"{ses_id} is held in case {case['id']}: an agent decides about it.\n"


def test_no_mail_can_write_on_the_terminal(world, cli):
    s = world
    raw = mail("\x1b[2Jeve@evil.example", subject="plain").replace(
        b"Subject: plain", b"Subject: =?utf-8?b?G1szMW1yZWQg4oCuZXZpbA==?="
    )
    raw = raw.replace(b"Hello,", b"\x1b]0;title\x07Hello,")
    ses_id = deliver(s, "eve@evil.example", raw, spam="FAIL")
    for said in (cli("quarantine", "show", ses_id), cli("quarantine", "list")):
        assert said.status == 0
        assert not set("\x1b\x07\u202e") & set(said.out)
        assert max(len(line) for line in said.out.splitlines()) <= 80


def test_the_list_can_begin_anywhere_and_says_so(world, cli):
    deliver(world, "late@customer.example", spam="FAIL")
    assert "late@customer.example" in cli("quarantine", "list", "--since", "2026-01-01").out
    said = cli("quarantine", "list", "--since", "2999-01-01")
    assert said.out == "0 mails in the quarantine since 2999-01-01.\n"
    with pytest.raises(SystemExit) as ended:
        cli("quarantine", "list", "--since", "yesterday")
    assert ended.value.code == 2
