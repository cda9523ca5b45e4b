"""The doors of a stack run in this process, so that every AWS call they make can be counted.

The event sources are paused; queues are pumped here, one batch at a time.
"""

import importlib
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3

from emailchannel.aws import channel as bundle
from emailchannel.aws import runtime
from local.testing import DOORS, QUEUES, REGION, Stack

PUMPED = {
    "ingest": "gateway",
    "relay": "relay",
    "task": "task_starter",
    "send": "sender",
    "events": "delivery_events",
    "contacts": "contact_events",
}


@dataclass
class Traffic:
    """AWS calls by `door operation`, the bytes of their bodies, and the bytes that came back."""

    calls: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)


class _Session(boto3.session.Session):
    """Remembers its clients: they are closed, and those of one door are not another's."""

    def __init__(self) -> None:
        super().__init__(region_name=REGION)
        self.made: list[Any] = []

    def client(self, *args: Any, **kwargs: Any) -> Any:
        client = super().client(*args, **kwargs)
        self.made.append(client)
        return client


class Doors:
    """The deployed functions, here. Each is warm after its first event, as on Lambda."""

    def __init__(self, s: Stack) -> None:
        self._s = s
        self._door = ""
        self._warm: dict[str, tuple[dict[str, str], Any]] = {}
        self.session = _Session()
        self.traffic = Traffic()
        self.session.events.register("before-send", self._sent)
        self.session.events.register("before-parse", self._answered)

    def _sent(self, request: Any, event_name: str, **_more: Any) -> None:
        name = f"{self._door} {event_name.partition('.')[2]}"
        self.traffic.calls[name] += 1
        self.traffic.written[name] += int(request.headers.get("Content-Length") or 0)

    def _answered(self, event_name: str, response_dict: dict[str, Any], **_more: Any) -> None:
        body = response_dict.get("body")
        size = len(body) if isinstance(body, bytes) else 0
        self.traffic.read[f"{self._door} {event_name.partition('.')[2]}"] += size

    def run(self, door: str, event: dict[str, Any]) -> Any:
        """What the door's handler answers to an event, in the function's own environment."""
        self._door = door
        environment, warm = self._environment(door)
        with patch.dict(os.environ, environment), patch.object(bundle, "channel", warm):
            handler = importlib.import_module(door)
            with patch.object(handler, "channel", warm, create=True):  # not all have it
                return handler.handler(event, SimpleNamespace())

    def _environment(self, door: str) -> tuple[dict[str, str], Any]:
        if door not in self._warm:
            found = self._s.client("lambda").get_function_configuration(
                FunctionName=self._s.resources[DOORS[door]]
            )
            environment = {
                **found["Environment"]["Variables"],
                "AWS_ENDPOINT_URL": self._s.world.endpoint,
                "AWS_ACCESS_KEY_ID": self._s.account,
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": REGION,
            }
            with patch.dict(os.environ, environment):
                made = bundle.channel.__wrapped__()
            self._warm[door] = environment, lambda: made
        return self._warm[door]

    def settle(self) -> None:
        """Pump the queues until nothing is left in them."""
        moved = True
        while moved:
            self._s.settle()
            moved = any(self._pump(queue, door) for queue, door in PUMPED.items())

    def _pump(self, queue: str, door: str) -> bool:
        sqs, url = self._s.client("sqs"), self._s.resources[f"{QUEUES[queue]}Queue"]
        found = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=1, MessageSystemAttributeNames=["All"]
        ).get("Messages", [])
        for message in found:
            answer = self.run(door, {"Records": [self._record(queue, message)]})
            if answer["batchItemFailures"]:
                raise RuntimeError(f"{door} failed")
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return bool(found)

    def _record(self, queue: str, message: dict[str, Any]) -> dict[str, Any]:
        name = self._s.resources[f"{QUEUES[queue]}Queue"].rpartition("/")[2]
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{self._s.account}:{name}",
        }


@contextmanager
def doors(s: Stack) -> Iterator[Doors]:
    """The doors of `s` in this process; its own functions rest meanwhile."""
    s.local("PUT", "event_sources", {"paused": True})
    here, level, before = Doors(s), runtime.logger.log_level, boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION = here.session
    runtime.logger.setLevel("CRITICAL")
    runtime._sqs.cache_clear()
    try:
        with patch("aws_lambda_powertools.metrics.Metrics.flush_metrics"):
            yield here
    finally:
        boto3.DEFAULT_SESSION = before
        runtime.logger.setLevel(level)
        runtime._sqs.cache_clear()
        for client in here.session.made:
            client.close()
        for name in DOORS:
            sys.modules.pop(name, None)
        s.local("PUT", "event_sources", {"paused": False})
