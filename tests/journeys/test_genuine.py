"""Genuine mail is never refused: what people and their programs really write, from outside.

Three groups share one stack: first mails, customers' replies, agents' answers. Every mail has a
case of its own; each group is handed in at once and then looked at mail by mail.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from html import unescape

import pytest

from local.testing import Stack, alias_of, stack
from tests.builders import mail
from tests.mail.genuine import ACCEPTED, FLAGGED, HELD, KEPT, Answer, First, Reply, by_name
from tests.mail.genuine.answers import ANSWERS
from tests.mail.genuine.first import FIRST
from tests.mail.genuine.letter import Seen
from tests.mail.genuine.replies import REPLIES

RELAYS = ("relay", "queuerelay", "agentrelay")
QUESTION = "Hello,\n\nmy tea pot does not pour.\n\nRegards\n"
ANSWER = "Dear customer,\n\nwe send a new kettle. It is on its way.\n"


@dataclass
class World:
    """The stack, and what became of each mail by its name."""

    s: Stack
    ids: dict[str, str] = field(default_factory=dict)  # mail -> SES message id
    cases: dict[str, str] = field(default_factory=dict)  # mail -> the case it belongs to
    messages: dict[str, dict] = field(default_factory=dict)  # SES message id -> message
    heads: dict[str, dict] = field(default_factory=dict)
    tasks: dict[str, dict] = field(default_factory=dict)
    sent: dict[str, list[bytes]] = field(default_factory=dict)  # customer -> mails of agents
    quarantined: dict[str, str] = field(default_factory=dict)

    def open_cases(self, customers: dict[str, str]) -> None:
        """One case for each name; `customers`: name -> address."""
        for name, address in customers.items():
            raw = mail(f"Customer <{address}>", subject=f"Tea pot of {address}", text=QUESTION)
            self.ids[f"question of {name}"] = self.s.deliver(raw, address, [self.s.inquiry_address])
        self.s.settle()
        found = {case["customer"]: case["id"] for case in self.s.cases()}
        self.cases |= {name: found[address] for name, address in customers.items()}

    def settle(self) -> None:
        """Wait until all is done, and read what has become of it."""
        self.s.settle()
        known = set(self.heads)
        self.heads = {case["id"]: case for case in self.s.cases()}
        for case_id in set(self.heads) - known:
            self.messages |= {m["id"]: m for m in self.s.messages(case_id)}
        self.tasks = {task["id"]: task for task in self.s.tasks()}
        self.quarantined = {entry["id"]: entry["reason"] for entry in self.s.quarantine()}
        self.sent = self.answers_sent()

    def answers_sent(self) -> dict[str, list[bytes]]:
        """What agents wrote, by recipient: mail of the channel itself is marked as automatic."""
        found: dict[str, list[bytes]] = {}
        for one in self.s.sent():
            if b"\r\nauto-submitted:" not in one["raw"].lower():
                for recipient in one["recipients"]:
                    found.setdefault(recipient, []).append(one["delivered"])
        return found

    def became(self, name: str) -> dict:
        """The message that a mail became."""
        ses_id = self.ids[name]
        assert ses_id in self.messages, f"quarantined: {self.quarantined.get(ses_id, 'not even')}"
        return self.messages[ses_id]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with stack(TasksPerSecond="50") as s:
        yield World(s)


@pytest.fixture(scope="module")
def firsts(world: World) -> World:
    for entry in FIRST:
        to = list(entry.recipients) or [world.s.inquiry_address]
        world.ids[entry.name] = world.s.deliver(entry.raw, entry.mail_from, to, entry.verdicts)
    world.settle()
    return world


@pytest.fixture(scope="module")
def replies(world: World) -> World:
    s = world.s
    names = {f"reply {entry.name}": entry for entry in REPLIES}
    world.open_cases({name: entry.customer for name, entry in names.items()})
    for number, (name, entry) in enumerate(names.items()):
        agent = ("alice", "bob", "carol")[number % 3]
        address = s.relay_address(world.cases[name], "relay", agent)
        sender = f"{agent}@corp.example"
        if not entry.acknowledged:
            raw = mail(f"{agent} <{sender}>", address, "Re: Tea pot", ANSWER)
            s.deliver(raw, sender, [address])
    s.settle()
    answered = world.answers_sent()
    for name, entry in names.items():
        alias = alias_of(s, world.cases[name])
        if entry.acknowledged:
            seen = _acknowledgement(world, entry.customer, world.cases[name])
        else:
            seen = Seen.of(answered[entry.customer][0])
        to = entry.to(alias, s.inquiry_address) if entry.to else [alias]
        world.ids[name] = s.deliver(entry.write(seen), entry.sender, to, entry.verdicts)
    world.settle()
    return world


def _acknowledgement(world: World, customer: str, case_id: str) -> Seen:
    """What the customer has when no agent answered yet: our own mail, or one just like it."""
    ours = [m["delivered"] for m in world.s.sent() if customer in m["recipients"]]
    if ours:
        return Seen.of(ours[0])
    return Seen(
        alias_of(world.s, case_id), "", customer, f"Re: Tea pot of {customer}",
        "<0100019aa0000000-00000000-000000@email.amazonses.com>",
        f"<case.{case_id}@{world.s.domain}>", "We have your mail. A person will answer.",
    )  # fmt: skip


@pytest.fixture(scope="module")
def answers(world: World) -> World:
    s = world.s
    names = {f"answer {entry.name}": entry for entry in ANSWERS}
    world.open_cases({name: _customer_of(entry) for name, entry in names.items()})
    for number, (name, entry) in enumerate(names.items()):
        customer, case_id = _customer_of(entry), world.cases[name]
        address = s.relay_address(case_id, RELAYS[number % 3], entry.agent)
        address = address.upper() if entry.upper_case else address
        alias = alias_of(s, case_id)
        text = f"On Sunday {customer} wrote:\n{QUESTION}"
        subject = f"Re: Tea pot of {customer}"
        seen = Seen(alias, "", customer, subject, "<q.1@mail.customer.example>", "", text)
        to = [address, alias] if entry.also_to_alias else [address]
        world.ids[name] = s.deliver(entry.write(address, seen), f"{entry.agent}@corp.example", to)
    world.settle()
    return world


def _customer_of(entry: Answer) -> str:
    return f"a{ANSWERS.index(entry):02d}@customer{ANSWERS.index(entry):02d}.example"


def _reaches_an_agent(world: World, message: dict) -> None:
    """The case has an open task in a queue."""
    case = world.heads[message["case_id"]]
    assert case["contact_id"]
    assert world.tasks[case["contact_id"]]["state"] == "QUEUED"


def _warns(message: dict) -> None:
    """What is not simply accepted says why to the agent, first of all."""
    codes = [warning["code"] for warning in message["formatted"]["warnings"]]
    if message["disposition"] in ("flagged", "held"):
        assert codes[0] == message["reason"]
    assert "not-fully-parsed" not in codes


@pytest.mark.parametrize("entry", FIRST, ids=by_name(FIRST))
def test_a_first_mail_opens_a_case_and_a_task(firsts: World, entry: First) -> None:
    world = firsts
    message = world.became(entry.name)
    assert message["disposition"] in entry.disposition, message["reason"]
    assert message["kind"] == "customer"
    assert [m for m in world.messages.values() if m["case_id"] == message["case_id"]] == [message]
    assert world.heads[message["case_id"]]["customer"] == entry.customer
    assert message["subject"] == entry.subject
    for words in entry.says:
        assert words in message["formatted"]["new_text"]
    assert tuple(file["filename"] for file in message["attachments"]) == entry.files
    _warns(message)
    _reaches_an_agent(world, message)


@pytest.mark.parametrize("entry", REPLIES, ids=by_name(REPLIES))
def test_a_reply_reaches_its_case_and_an_agent(replies: World, entry: Reply) -> None:
    world = replies
    name = f"reply {entry.name}"
    message = world.became(name)
    assert message["case_id"] == world.cases[name]
    assert message["disposition"] in entry.disposition, message["reason"]
    assert message["kind"] == "customer"
    assert world.heads[message["case_id"]]["customer"] == entry.customer
    shown = message["formatted"]["new_text"]
    for words in entry.says:
        assert words in shown
    for words in entry.hides:
        assert words not in shown
        assert words in message["formatted"]["text"]
    _warns(message)
    if message["disposition"] != "attached":
        _reaches_an_agent(world, message)


@pytest.mark.parametrize("entry", ANSWERS, ids=by_name(ANSWERS))
def test_an_answer_reaches_the_customer_once(answers: World, entry: Answer) -> None:
    world = answers
    name = f"answer {entry.name}"
    got = world.sent.get(_customer_of(entry), [])
    if entry.stopped:
        assert got == []
        assert world.became(name)["reason"] == entry.stopped
        return
    refused = world.messages.get(world.ids[name], {}).get("reason")
    assert len(got) == 1, refused or world.quarantined.get(world.ids[name])
    delivered = message_from_bytes(got[0], policy=policy.default)
    for body in ("plain", "html"):
        said = _read(delivered.get_body((body,)).get_content())
        own, _, _ = said.partition(" Customer wrote:")  # below it we quote the question ourselves
        for words in entry.says:
            assert _read(words) in own
        for words in entry.hides:
            assert words not in own
            assert said.count(words) == 1
        assert f"{entry.agent}@corp.example" not in said.lower()
        assert "relay+" not in said.lower()
    names = [part.get_filename() for part in delivered.walk() if part.get_filename()]
    for file in entry.files:
        assert file in names
    others = [m for m in world.messages.values() if m["case_id"] == world.cases[name]]
    assert "held" not in {m["disposition"] for m in others}


def _read(text: str) -> str:
    """Text of either kind as one line, entities read."""
    return " ".join(unescape(text.replace("<br>", " ")).split())


def test_nothing_is_held_that_a_person_would_not_hold(
    world: World,
    firsts: World,
    replies: World,
    answers: World,
    record_property,
) -> None:
    mails = [(f"first {entry.name}", entry, world.ids[entry.name]) for entry in FIRST]
    mails += [(name := f"reply {entry.name}", entry, world.ids[name]) for entry in REPLIES]
    became = {
        name: world.messages.get(ses_id, {}).get("disposition", "quarantined")
        for name, _, ses_id in mails
    }
    may = {name: entry.disposition for name, entry, _ in mails}
    # A mail that only lies with its case, without a task, is as good as held.
    unseen = {name for name, now in became.items() if now not in may[name] | ACCEPTED | FLAGGED}
    held = unseen | {name for name, now in became.items() if now == "held"}
    rightly = {name for name in may if may[name] == HELD}
    flagged = {name for name, now in became.items() if now == "flagged"}
    stopped = {entry.name for entry in ANSWERS if not world.sent.get(_customer_of(entry))}
    expected = {entry.name for entry in ANSWERS if entry.stopped}
    figures = {
        "mails of customers": len(mails),
        "held": len(held),
        "held by a person, too": len(rightly),
        "flagged": len(flagged),
        "answers of agents": len(ANSWERS),
        "stopped": len(stopped),
        "stopped by a person, too": len(expected),
    }
    wrongly = sorted((held - rightly) | (stopped - expected))
    record_property("genuine", json.dumps({**figures, "wrongly": wrongly}))
    assert len(mails) + len(ANSWERS) >= 60
    assert held == rightly
    assert stopped == expected
    assert world.quarantined == {}
    assert len(world.heads) == len(FIRST) + len(REPLIES) + len(ANSWERS)


def test_the_groups_are_large_and_honest() -> None:
    assert len(FIRST) >= 25
    assert len(REPLIES) >= 25
    assert len(ANSWERS) >= 20
    cautious = [e for e in (*FIRST, *REPLIES) if e.disposition not in (ACCEPTED, KEPT)]
    assert len(cautious) <= 5
    assert all(e.disposition in (FLAGGED, HELD) for e in cautious)
