"""One deployed stack whose functions run here, one call after another, as a plan lets them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from . import world
from .clock import CLOCK, take_threads, take_time
from .doors import ACCOUNT, Doors
from .hook import Call, Crash, Plan
from .snapshot import KEPT, Snapshot

PUMPED = {
    "ingest": ("gateway", 3),
    "relay": ("relay", 3),
    "task": ("task_starter", 1),
    "send": ("sender", 1),
    "events": ("delivery_events", 10),
    "contacts": ("contact_events", 10),
}
MINUTE = 60.0
_MOST_ROUNDS = 400  # of a pump: more is a loop without end
_PATIENCE = 75 * MINUTE  # the longest that anything hides in a queue


@dataclass(frozen=True)
class Point:
    """A moment of a run at which another may set out: all before it has gone well.

    `step`: how many of the story's steps have been done; `calls`: the calls so far.
    """

    step: int
    calls: tuple[Call, ...]
    snapshot: Snapshot
    memory: str
    told: int


class Lab(Doors):
    """The stack, its doors, and everything that happens to them in one run."""

    def __init__(self, here: world.Here, made: Any, parameters: dict[str, str]) -> None:
        from local.testing import QUEUES, Stack

        super().__init__(Stack(here, made, parameters))
        self._names = QUEUES
        self.memory: dict[str, Any] = {}
        self.events_lost = False
        self.broken = False  # a door fails whatever it is asked, until it is mended
        self.emit: Callable[[Any], list[dict[str, Any]]] = self.events_of
        self.start: Snapshot | None = None
        self.step = 0
        self.points: list[Point] | None = None  # where to note the moments before each delivery
        self._told = 0  # mails of which SES has told what became
        KEPT.add(self.s.resources["PageBucket"])
        self.s.ses_events("manual")
        take_time(ACCOUNT)
        self.later = take_threads(ACCOUNT, self.flow_calls)
        self.hook.install()
        self.hook.stale = self._as_of_the_beginning

    # One run

    def begin(self, beginning: Point, plan: Plan, start: Snapshot | None = None) -> None:
        """Everything as it was at this point; a stale read answers as of `start`."""
        beginning.snapshot.restore()
        self.start = start or beginning.snapshot
        self.later.waiting.clear()
        self.hook.reset(plan)
        self.hook.calls = list(beginning.calls)
        self.memory = json.loads(beginning.memory)
        self.problems, self.twice, self.events_lost = [], False, False
        self.broken, self.skew = False, {}
        self.emit = self.events_of
        self.current, self.points, self.step = None, None, 0
        self._told = beginning.told
        self.log.seek(0)
        self.log.truncate()

    def here(self) -> Point:
        """This moment."""
        memory, snapshot = json.dumps(self.memory), Snapshot(ACCOUNT)
        return Point(self.step, tuple(self.hook.calls), snapshot, memory, self._told)

    # Queues

    @contextmanager
    def inside(self) -> Iterator[Any]:
        """The emulator's queues, as its own code sees them."""
        from ministack.core.responses import request_scope
        from ministack.services import sqs

        with request_scope(ACCOUNT, "us-east-1"):
            yield sqs

    def queue(self, logical: str) -> dict[str, Any]:
        """A queue of the emulator by its logical name."""
        with self.inside() as sqs:
            name = self.s.resources[logical].rpartition("/")[2]
            return sqs._queues.get(sqs._queue_url(name))

    def pump(self) -> None:
        """Until nothing can be done without time passing."""
        for _ in range(_MOST_ROUNDS):
            if not self._pump_once():
                return
        self.problems.append("I12 the queues never get quiet")

    def _pump_once(self) -> bool:
        """One thing that can be done now, always the same one in the same world."""
        moved = self.later.run()
        self.later.tick()
        moved = self._tell() or moved
        moved = moved or bool(self.later.waiting)
        return moved or any(self._take(name, *how) for name, how in PUMPED.items())

    def _take(self, name: str, door: str, most: int) -> bool:
        queue = self.queue(f"{self._names[name]}Queue")
        if not any(message["visible_at"] <= CLOCK.now for message in queue["messages"]):
            return False
        if self.points is not None and not self.later.waiting:
            self.points.append(self.here())
        with self.inside() as sqs:
            sqs._dlq_sweep(queue)
            hidden = int(queue["attributes"].get("VisibilityTimeout", 30))
            taken = sqs._collect_msgs(queue, most, hidden)
        if not taken:
            return False
        event = {"Records": [self._record(queue, message) for message in taken]}
        failed = self._served(door, event)
        if self.twice and not failed:
            self._served(door, event)
        gone = {message["id"] for message in taken} - failed
        queue["messages"][:] = [m for m in queue["messages"] if m["id"] not in gone]
        return True

    def _served(self, door: str, event: dict[str, Any]) -> set[str]:
        """Run a door for a batch; the ids of the messages that stay in the queue."""
        everything = {record["messageId"] for record in event["Records"]}
        try:
            answer = self.run(door, event)
        except Crash:
            return everything
        except Exception as error:
            self.problems.append(f"I12 {door} raised {type(error).__name__}: {error}")
            return everything
        return {entry["itemIdentifier"] for entry in answer["batchItemFailures"]}

    def _record(self, queue: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
        return {
            "messageId": message["id"],
            "receiptHandle": message["receipt_handle"],
            "body": message["body"],
            "attributes": {"ApproximateReceiveCount": str(message["receive_count"])},
            "eventSourceARN": queue["attributes"]["QueueArn"],
        }

    def waiting(self) -> list[float]:
        """When the hidden messages of all queues can be taken."""
        return sorted(
            message["visible_at"]
            for name in PUMPED
            for message in self.queue(f"{self._names[name]}Queue")["messages"]
        )

    def dead(self) -> dict[str, list[dict[str, Any]]]:
        """What the dead-letter queues hold, by queue."""
        for name in PUMPED:
            with self.inside() as sqs:
                sqs._dlq_sweep(self.queue(f"{self._names[name]}Queue"))
        found = {name: self.queue(f"{self._names[name]}DeadLetters")["messages"] for name in PUMPED}
        return {name: messages for name, messages in found.items() if messages}

    def redrive(self) -> None:
        """An operator puts all dead letters back."""
        for name, messages in self.dead().items():
            for message in messages:
                message |= {"visible_at": CLOCK.now, "receive_count": 0}
            self.queue(f"{self._names[name]}Queue")["messages"] += messages
            del messages[:]

    # Time

    def settle(self) -> None:
        """Pump; and let pass what time it takes until nothing is hidden in a queue."""
        limit = CLOCK.now + _PATIENCE
        self.pump()
        while (due := self.waiting()) and due[0] <= limit:
            CLOCK.now = max(CLOCK.now, due[0]) + 0.001
            self.pump()

    def rest(self) -> None:
        """Long enough for everything that anybody would ever do by himself."""
        self.settle()
        for minutes in (16, 6, 31, 6):
            CLOCK.now += minutes * MINUTE
            self.caretaker()
            self.settle()
            self.hook.counting = False
        if self.dead():
            self.redrive()
            self.settle()

    def mend_after(self, days: int) -> None:
        """What cannot be done dies; so much later it can be done again, and is put back."""
        for _ in range(8):
            CLOCK.now += 16 * MINUTE
            self.caretaker()
            self.settle()
        CLOCK.now += days * 24 * 60 * MINUTE
        self.broken = False
        self.redrive()
        self.settle()

    def _as_of_the_beginning(self, real: Callable[[], Any]) -> Any:
        from ministack.services import dynamodb

        data = dynamodb._tables._data
        if self.start is None:
            return real()
        now = dict(data)
        data.update(self.start.tables())
        try:
            return real()
        finally:
            data.update(now)

    # SES and Connect

    def _sent(self) -> list[Any]:
        from local.world import ses_out

        return ses_out._sent.get(ACCOUNT, [])

    def sent(self) -> list[Any]:
        """Every mail SES took in this account, oldest first."""
        return list(self._sent())

    def events_of(self, mail: Any) -> list[dict[str, Any]]:
        """What SES says became of a mail; an answer's fate is in the memory, if it has one."""
        from local.world import ses_events

        fate = [] if b"\nAuto-Submitted:" in mail.raw else self.memory.get("fate", [])
        outcomes = ses_events.outcomes(mail)
        if fate:
            outcomes = [(kind, mail.recipients[0]) for kind in fate]
        return [ses_events.event(ACCOUNT, mail, kind, to) for kind, to in outcomes]

    def _tell(self) -> bool:
        mails = self._sent()[self._told :]
        self._told += len(mails)
        for mail in mails if not self.events_lost else ():
            for event in self.emit(mail):
                self.publish(event)
        return bool(mails)

    def publish(self, event: dict[str, Any]) -> None:
        """One SES event, through the configuration set."""
        self.s.emit(event)

    def tell_at_once(self) -> None:
        """SES's events of what has just been sent come before its own answer does."""
        self._tell()
        for name in ("events",):
            self._take(name, *PUMPED[name])

    def tasks(self) -> list[dict[str, Any]]:
        """Connect's contacts."""
        return self.s.tasks()

    def accept(self, contact_id: str, agent: str = "alice") -> None:
        """The agent takes an offered task; the whisper runs."""
        self.s.connect("PUT", f"agents/{agent}/state", {"state": "Available"})
        self.pump()
        self.s.connect("POST", f"contacts/{contact_id}/accept", {"agent": agent})
        self.pump()
        self.s.connect("PUT", f"agents/{agent}/state", {"state": "Offline"})
        self.pump()


@contextmanager
def laboratory(**parameters: str) -> Iterator[Lab]:
    """A deployed stack in this process."""
    here = world.Here()
    try:
        from local import deploy, testing

        values = testing.defaults(here, ACCOUNT) | parameters
        deploy.upload_packages(here, ACCOUNT)
        made = deploy.create_stack(
            here, ACCOUNT, "email", deploy.translate(testing.ROOT / "template.yaml"), values
        )
        yield Lab(here, made, values)
    finally:
        here.stop()


sys.path.insert(0, str(world.FUNCTIONS))
