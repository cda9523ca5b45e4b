"""The journey of `make story`: each step is done from outside and checked; mail goes over SMTP."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from email import message_from_bytes, policy
from typing import Any

from local import testing
from local.demo import deployment, letters
from local.demo.letters import Letter
from local.emulator import Emulator
from local.smtp import Inbox

ANN = "Ann Archer <ann@customer.example>"
Step = tuple[str, Callable[[], str]]


class NotAsExpected(AssertionError):
    """What a step found instead."""


def expect(found: object, wanted: object, what: str) -> None:
    """Raise NotAsExpected unless both are equal."""
    if found != wanted:
        raise NotAsExpected(f"{what} should be {wanted!r} and is {found!r}")


class Journey:
    """A customer, three agents, a case. Every step returns in words what came of it."""

    def __init__(self, running: ExitStack) -> None:
        self._running = running
        self._task = self._case = ""

    def start(self) -> str:
        """The emulator boots."""
        self._world = self._running.enter_context(Emulator.start())
        return self._world.endpoint

    def deploy(self) -> str:
        """template.yaml becomes a stack; mail can come in."""
        self._s = deployment.bring_up(self._world, "http://127.0.0.1:8080").stack
        self._smtp = self._running.enter_context(Inbox(self._world.endpoint, self._s.account)).port
        return f"{len(self._s.resources)} resources"

    def customer_writes(self) -> str:
        self._post(letters.SAMPLES["angry"])
        [case] = self._s.cases()
        self._case, self._task = case["id"], case["contact_id"]
        task = self._s.task(self._task)
        expect(task["state"], "QUEUED", "the task")
        expect(task["attributes"]["detected_sentiment"], "NEGATIVE", "the sentiment")
        status, _, _ = testing.fetch(task["attributes"]["email_url"])
        expect(status, 200, "the answer to the mail's link")
        [told] = self._s.sent()
        expect(b"Auto-Submitted: auto-replied" in told["raw"], True, "the mark of the reply")
        return f"case {case['id']}, task in {task['queue']['name']}; acknowledged"

    def alice_accepts(self) -> str:
        return self._accepts("alice")

    def alice_transfers(self) -> str:
        self._task = self._s.transfer(self._task, "Bob")
        return "quick connect Bob"

    def bob_accepts(self) -> str:
        return self._accepts("bob")

    def bob_answers_and_keeps(self) -> str:
        return self._answers("bob", "agentrelay")

    def ann_reaches_bob(self) -> str:
        task = self._ann_replies("agent")
        bob = next(agent for agent in self._s.agents if agent["username"] == "bob")
        expect(task["attributes"]["target_destination"], bob["arn"], "the agent it goes to")
        return self._accepts("bob")

    def bob_transfers_to_billing(self) -> str:
        self._task = self._s.transfer(self._task, deployment.BILLING)
        expect(self._s.task(self._task)["queue"]["name"], deployment.BILLING, "the task's queue")
        return self._accepts("carol")

    def carol_answers_for_her_queue(self) -> str:
        return self._answers("carol", "queuerelay")

    def ann_reaches_the_queue(self) -> str:
        task = self._ann_replies("queue")
        expect(task["queue"]["name"], deployment.BILLING, "the task's queue")
        return f"task in {task['queue']['name']}; {self._accepts('carol')}"

    def carol_answers_for_all(self) -> str:
        return self._answers("carol", "relay")

    def ann_reaches_the_default(self) -> str:
        task = self._ann_replies("default")
        return f"task in {task['queue']['name']}; {self._accepts('alice')}"

    def alice_rejects(self) -> str:
        answered = self._answers("alice", "rejectrelay")
        [case] = self._s.cases()
        expect(case["status"], "rejected", "the case")
        return f"{answered}; case closed"

    def ann_opens_a_linked_case(self) -> str:
        self._reply()
        old, new = self._s.cases()
        expect(old["status"], "rejected", "the old case")
        expect(new["linked"], [old["id"]], "what the new case is linked to")
        expect(self._s.task(new["contact_id"])["state"], "QUEUED", "its task")
        return f"case {new['id']}"

    def nothing_is_left_over(self) -> str:
        left = {name: n for name, n in self._s.queues().items() if n}
        expect(left, {}, "the queues and dead letters")
        expect(self._s.quarantine(), [], "the quarantine")
        return f"{len(self._s.sent()) - 1} answers and an acknowledgement sent, all delivered"

    # What several steps do

    def _post(self, letter: Letter, to: str = "") -> None:
        to = to or self._s.inquiry_address
        letters.post(self._smtp, letter.sender, to, letters.write(letter, to))
        self._s.settle()

    def _accepts(self, agent: str) -> str:
        self._s.accept(self._task, agent)
        task = self._s.task(self._task)
        expect((task["state"], task["agent"]), ("CONNECTED", agent), "the task")
        return f"{agent} has it"

    def _answers(self, agent: str, purpose: str) -> str:
        """By mail, to the address that the whisper put into the task for the page."""
        to = self._s.task(self._task)["attributes"][f"{purpose}_address"]
        before = len(self._s.sent())
        sender = f"{agent.title()} <{agent}@corp.example>"
        self._post(Letter(sender, "Re: your mail", f"Dear Ann,\n\nwe see to it.\n\n{agent}\n"), to)
        answers = self._s.sent()[before:]
        expect([mail["recipients"] for mail in answers], [["ann@customer.example"]], "the mails")
        seen = message_from_bytes(answers[0]["delivered"], policy=policy.default)
        expect(testing.alias_of(self._s, self._case) in str(seen["From"]), True, "the case in From")
        expect(f"{agent}@corp.example".encode() in answers[0]["raw"], False, "the agent's address")
        expect(self._s.messages(self._case)[-1]["delivery"], "delivered", "the delivery")
        self._s.complete(self._task)
        return f"{purpose}, delivered to ann@customer.example"

    def _reply(self) -> None:
        letter = Letter(ANN, "", "Thank you. And when will it come?\n")
        raw, to = letters.answer(self._s.sent()[-1]["delivered"], letter)
        letters.post(self._smtp, ANN, to, raw)
        self._s.settle()

    def _ann_replies(self, target: str) -> dict[str, Any]:
        self._reply()
        [case] = self._s.cases()
        self._task = case["contact_id"]
        task = self._s.task(self._task)
        expect(task["attributes"]["target_type"], target, "the kind of target")
        return task


def steps(journey: Journey) -> list[Step]:
    """What happens, in order."""
    return [
        ("The emulator starts", journey.start),
        ("The stack is deployed", journey.deploy),
        ("Ann writes: a case and a task", journey.customer_writes),
        ("Alice accepts the task", journey.alice_accepts),
        ("Alice transfers it to Bob", journey.alice_transfers),
        ("Bob accepts it", journey.bob_accepts),
        ("Bob answers, to keep the case", journey.bob_answers_and_keeps),
        ("Ann replies: same case, to Bob", journey.ann_reaches_bob),
        ("Bob transfers it to Billing, to Carol", journey.bob_transfers_to_billing),
        ("Carol answers, for her queue", journey.carol_answers_for_her_queue),
        ("Ann replies: same case, that queue", journey.ann_reaches_the_queue),
        ("Carol answers, for everybody", journey.carol_answers_for_all),
        ("Ann replies: same case, default", journey.ann_reaches_the_default),
        ("Alice answers and closes the case", journey.alice_rejects),
        ("Ann replies: a new, linked case", journey.ann_opens_a_linked_case),
        ("Nothing is left over", journey.nothing_is_left_over),
    ]


def tell(story: Iterable[Step]) -> int:
    """Do the steps and print each with its time; returns 1 at the first that fails, else 0."""
    started = time.monotonic()
    for name, step in story:
        begun = time.monotonic()
        try:
            came, failed = step(), False
        except Exception as error:
            came, failed = f"{type(error).__name__}: {error}", True
        milliseconds = (time.monotonic() - begun) * 1000
        mark = "FAILED" if failed else "ok"
        print(f"  {mark:<6} {milliseconds:>6.0f} ms  {name:<37} {came}", flush=True)
        if failed:
            print(f"\n  The story ends at: {name}", file=sys.stderr)
            return 1
    print(f"\n  {(time.monotonic() - started) * 1000:>13.0f} ms  in all")
    return 0


def main() -> int:
    """Tell the story; returns the exit status."""
    print("\n  The journey of a mail, on this machine\n")
    with ExitStack() as running:
        return tell(steps(Journey(running)))
