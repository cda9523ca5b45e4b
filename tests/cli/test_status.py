"""`python -m channel status` and `canary`: what is stuck is shown, and only that needs a person."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from channel import screen, stack, status
from channel.deployment import find
from channel.status_text import age, as_text
from channel.status_values import Backlog, Status, Sweep
from emailchannel.moments import iso
from emailchannel.ports import Canary
from local.testing import alias_of
from tests.builders import mail

MINUTE = 60_000
QUIET = Status(
    at=1_000_000 * MINUTE,
    queues=(),
    sends=(),
    backlogs=(),
    sweep=Sweep((), 10, True, 0),
    canary=None,
    alarms=(),
)


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def state(cli):
    return json.loads(cli("status", "--json").out)


def test_a_quiet_channel(world, sign_in):
    said = sign_in(world)("status")
    assert said.status == 0
    assert said.out.endswith("Nothing here needs a person.\n")
    assert all(screen.width(line) <= screen.WIDTH for line in said.out.splitlines())


def test_what_waits_and_what_is_dead(s, cli):
    sqs = s.client("sqs")
    s.client("lambda").update_event_source_mapping(
        UUID=s.resources["TaskStarterSource"], Enabled=False
    )
    sqs.send_message(QueueUrl=s.resources["TaskQueue"], MessageBody="{}")
    sqs.send_message(QueueUrl=s.resources["TaskQueue"], MessageBody="{}", DelaySeconds=600)
    sqs.send_message(QueueUrl=s.resources["SendDeadLetters"], MessageBody="{}")
    queues = {queue["name"]: queue for queue in state(cli)["queues"]}
    assert list(queues) == ["ingest", "relay", "task", "send", "events", "contacts"]
    assert (queues["task"]["waiting"], queues["task"]["delayed"]) == (1, 1)
    assert queues["send"]["dead"] == 1
    said = cli("status")
    assert said.status == 1
    assert "`deadletters list` shows them" in said.out


def test_a_mail_that_nobody_took_in(s, cli):
    s.put_object("inbound/forgotten", mail("ann@customer.example", s.inquiry_address, "x", "y"))
    s.put_object("inbound/forgotten.json", b"{}")
    assert state(cli)["unprocessed"] == []  # too young: its notification may be on its way
    now = s.channel.now() + timedelta(minutes=16).total_seconds()
    found = find(s.name, None, None)
    later = replace(found, channel=replace(found.channel, now=lambda: now))
    seen = status.look(stack.read(later), 50_000)
    assert seen.sweep.unprocessed == ("inbound/forgotten",)
    assert not seen.is_quiet
    assert "  inbound/forgotten" in as_text(seen)


def test_an_alarm(s, cli):
    name = s.resources["FloodAlarm"]
    s.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="x")
    found = state(cli)
    assert (found["alarms"], found["quiet"]) == ([name], False)
    assert "Alarm: Somebody sends more mail" in cli("status").out


def test_a_mail_in_the_outbox(s, cli):
    s.client("lambda").update_event_source_mapping(UUID=s.resources["SenderSource"], Enabled=False)
    sent = s.invoke("caretaker", {"canary": True})["canary"]
    found = state(cli)
    assert [(entry["kind"], entry["count"]) for entry in found["sends"]] == [("PENDING", 1)]
    assert found["canary"] == {"id": sent, "sent": found["canary"]["sent"], "arrived": None}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sends": (Backlog("UNKNOWN", 1, 999_000 * MINUTE),)}, "`canary` tries it"),
        ({"sweep": Sweep(("inbound/a",), 10, True, 0)}, "the caretaker queues them"),
        ({"canary": Canary("c", 999_900 * MINUTE, 0)}, "mail does not go round"),
        ({"alarms": (("a", "It burns."),)}, "Alarm: It burns."),
    ],
)
def test_what_needs_a_person(change, words):
    found = replace(QUIET, **change)
    assert not found.is_quiet
    assert words in as_text(found)
    assert QUIET.is_quiet


@pytest.mark.parametrize(
    "change",
    [
        {"sends": (Backlog("PENDING", 3, 999_999 * MINUTE),)},
        {"canary": Canary("c", 999_990 * MINUTE, 0)},
        {"canary": Canary("c", 9 * MINUTE, 10 * MINUTE)},
    ],
)
def test_what_is_under_way_needs_nobody(change):
    assert replace(QUIET, **change).is_quiet


def test_a_bucket_that_was_not_looked_through_is_said():
    found = replace(QUIET, sweep=Sweep((), 50_000, False, 0))
    assert "none among the first 50,000 objects; --most looks further" in " ".join(
        as_text(found).split()
    )


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(-5, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (7_200_000, "2 h"), (90_000_000, "1 d")],
)
def test_ages(milliseconds, words):
    assert age(milliseconds) == words


def test_over_and_over_until_it_is_stopped(world, sign_in, monkeypatch):
    naps = []

    def nap(seconds):
        naps.append(seconds)
        if len(naps) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("channel.status.time.sleep", nap)
    said = sign_in(world)("status", "--watch", "7")
    assert (said.status, naps) == (0, [7.0, 7.0, 7.0])
    assert said.out.count("dead letters") == 3


def test_a_hold_is_as_old_as_its_mail(s, cli):
    ann, eve = "ann@customer.example", "eve@customer.example"
    s.deliver(mail(ann, s.inquiry_address, "Kettle", "Dear all"), ann, [s.inquiry_address])
    s.settle()
    [case] = s.cases()
    alias = alias_of(s, case["id"])
    s.deliver(mail(eve, alias, "Re: Kettle", "I am another"), eve, [alias])
    s.settle()
    held = s.messages(case["id"])[-1]
    backlogs = {entry["kind"]: entry for entry in state(cli)["backlogs"]}
    assert held["disposition"] == "held"
    assert backlogs["hold"]["count"] == 1
    assert backlogs["hold"]["oldest"] == iso(s.channel.cases.message(case["id"], held["id"]).at)
    assert "Held, undecided       1, the oldest" in cli("status").out


# The canary


def post_office(s, stop):
    """What the MX record does: mail to us that SES sent comes to SES."""
    seen = 0
    while not stop.wait(0.2):
        sent = s.sent()
        for letter in sent[seen:]:
            s.deliver(letter["delivered"], letter["sender"], letter["recipients"])
        seen = len(sent)


def test_a_canary_comes_back(s, cli):
    stop = threading.Event()
    post = threading.Thread(target=post_office, args=(s, stop))
    post.start()
    try:
        said = cli("canary", "--wait", "60")
    finally:
        stop.set()
        post.join()
    assert (said.status, said.err) == (0, "")
    assert "It came back after " in said.out
    assert s.cases() == []
    assert state(cli)["canary"]["arrived"]
    assert "Canary                arrived" in cli("status").out


def test_a_canary_that_does_not_come_back(s, cli):
    source = s.resources["GatewaySource"]
    s.client("lambda").update_event_source_mapping(UUID=source, Enabled=False)
    said = cli("canary", "--wait", "6")
    assert said.status == 1
    assert "SES took it, and it has not arrived" in said.err
