"""One deployed stack whose functions run here, one call after another, as a plan lets them."""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from . import world
from .clock import CLOCK, take_threads, take_time
from .hook import Call, Crash, Hook, Plan
from .snapshot import KEPT, Snapshot

ACCOUNT = "123456789012"
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
_PERSONS_PATIENCE = 4  # times a person tries
_SERVER_ERROR = 500


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


class Lab:
    """The stack, its doors, and everything that happens to them in one run."""

    def __init__(self, here: world.Here, made: Any, parameters: dict[str, str]) -> None:
        from emailchannel.aws import channel as bundle
        from emailchannel.aws import runtime
        from local.testing import DOORS, QUEUES, Stack

        self.s = Stack(here, made, parameters)
        self.bundle, self.runtime, self._names = bundle, runtime, QUEUES
        self.hook = Hook()
        self.memory: dict[str, Any] = {}
        self.problems: list[str] = []
        self.log = io.StringIO()
        self.twice = False
        self.events_lost = False
        self.broken = False  # a door fails whatever it is asked, until it is mended
        self.skew: dict[str, float] = {}  # seconds that the clock of a door is ahead
        self.emit: Callable[[Any], list[dict[str, Any]]] = self.events_of
        self.start: Snapshot | None = None
        self._pool: dict[Any, Any] = {}
        self.current: tuple[str, dict[str, Any]] | None = None
        self._told = 0
        self.step = 0
        self.points: list[Point] | None = None  # where to note the moments before each delivery
        self._environments = {door: self._environment(DOORS[door]) for door in DOORS}
        self._handlers = {door: importlib.import_module(door) for door in self._environments}
        self._flow_door = self.s.resources["ContactFlowFunction"]
        KEPT.add(self.s.resources["PageBucket"])
        self.s.ses_events("manual")
        take_time(ACCOUNT)
        self.later = take_threads(ACCOUNT, self._flow_calls)
        self._quiet_down()
        self.hook.install()
        self.hook.stale = self._as_of_the_beginning

    def _environment(self, function: str) -> dict[str, str]:
        found = self.s.client("lambda").get_function_configuration(
            FunctionName=self.s.resources[function]
        )
        return {
            **found["Environment"]["Variables"],
            "AWS_ENDPOINT_URL": self.s.world.endpoint,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def _quiet_down(self) -> None:
        """Clients are made once, logs go to a buffer, and nobody waits for real."""
        from local.connect import invocation

        pool = self._pool
        bundle = self.bundle

        class Pooled(bundle.Clients):
            def __init__(self) -> None:
                self._made = pool

        bundle.Clients = Pooled
        queue_client: list[Any] = []

        def sqs() -> Any:
            if not queue_client:
                queue_client.append(bundle.boto3.client("sqs"))
            return queue_client[0]

        self.runtime._sqs = sqs
        for handler in self.runtime.logger.handlers:
            handler.stream = self.log
        invocation.time = SimpleNamespace(monotonic=CLOCK.time, sleep=CLOCK.sleep)

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

    # Doors

    def run(self, door: str, event: dict[str, Any]) -> Any:
        """What the door answers; raises Crash and whatever the door raises."""
        outer, before = self.current, self.hook.door
        self.current, self.hook.door = (door, event), door
        environment = self._environments[door]
        handler, made = self._handlers[door], self._channel(door, environment)
        before_it = getattr(handler, "channel", None)
        handler.channel = lambda: made
        try:
            with patch.dict(os.environ, environment), redirect_stdout(self.log):
                return handler.handler(event, SimpleNamespace())
        finally:
            handler.channel = before_it
            self.current, self.hook.door = outer, before

    def _channel(self, door: str, environment: dict[str, str]) -> Any:
        """A new function instance's channel: it has read nothing yet."""
        ahead = self.skew.get(door, 0.0)

        def now() -> float:
            return CLOCK.now + ahead

        with patch.dict(os.environ, environment):
            made = self.bundle.channel.__wrapped__()
        made.keys._now = now
        return replace(made, now=now, pause=CLOCK.sleep)

    def _flow_calls(self, arn: str, event: dict[str, Any]) -> Any:
        """A contact flow invokes a function."""
        from local.connect.outside import LambdaFailed

        if not arn.rpartition(":")[2] == self._flow_door:
            raise LambdaFailed(f"no such function: {arn}")
        try:
            answer = self.run("contact_flow", json.loads(json.dumps(event)))
            if self.twice:
                answer = self.run("contact_flow", json.loads(json.dumps(event)))
        except Crash as error:
            raise LambdaFailed("the function died") from error
        except Exception as error:
            raise LambdaFailed(type(error).__name__) from error
        return answer

    def api(
        self, method: str, path: str, token: str = "", body: Any = None, *, once: bool = False
    ) -> tuple[int, Any]:
        """The page asks; a 5xx or no answer is asked again, as a person would.

        `once`: what may be asked but once, such as the use of a code, is never repeated.
        """
        event = {
            "rawPath": path,
            "requestContext": {"http": {"method": method, "path": path}},
            "headers": {"authorization": f"Bearer {token}"} if token else {},
            "body": json.dumps(body) if body is not None else "",
        }
        answer: dict[str, Any] = {"statusCode": 500, "body": "null"}
        for _ in range(_PERSONS_PATIENCE):
            answer = self._asked(event) or answer
            if answer["statusCode"] < _SERVER_ERROR:
                break
            CLOCK.sleep(5)
        if self.twice and not once:
            answer = self._asked(event) or answer
        return answer["statusCode"], json.loads(answer["body"])

    def _asked(self, event: dict[str, Any]) -> dict[str, Any] | None:
        try:
            answer: dict[str, Any] = self.run("agent_api", event)
        except Crash:
            return None
        except Exception as error:
            self.problems.append(f"I12 agent_api raised {type(error).__name__}")
            return None
        return answer

    def caretaker(self) -> None:
        try:
            answer = self.run("caretaker", {})
        except Crash:
            return
        except Exception as error:
            self.problems.append(f"I12 caretaker raised {type(error).__name__}")
            return
        if answer.get("failed") and not self.hook.struck:
            self.problems.append(f"I12 the caretaker's steps failed: {answer['failed']}")

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
        for minutes in (16, 6, 6, 31, 6, 6):
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
