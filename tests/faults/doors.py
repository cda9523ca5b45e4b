"""The deployed functions, run in this process: each call of a door is a new instance of it."""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from .clock import CLOCK
from .hook import Crash, Hook

ACCOUNT = "123456789012"
_PERSONS_PATIENCE = 4  # times a person tries
_SERVER_ERROR = 500
_ASKED = ("emailchannel.aws.desk_", "emailchannel.aws.graphql")  # whom doors leave the work to


class Doors:
    """The doors of a stack, every AWS call of which goes through `hook`.

    `twice`: what comes, comes twice. `skew`: seconds that the clock of a door is ahead. `problems`
    are sentences about what a door must not do.
    """

    def __init__(self, s: Any) -> None:
        from emailchannel.aws import channel as bundle
        from emailchannel.aws import runtime
        from local.testing import DOORS

        self.s, self.bundle, self._runtime = s, bundle, runtime
        self.hook = Hook()
        self.log = io.StringIO()
        self.problems: list[str] = []
        self.twice = False
        self.skew: dict[str, float] = {}
        self.current: tuple[str, dict[str, Any]] | None = None
        self._environments = {door: self._environment(DOORS[door]) for door in DOORS}
        self._handlers = {door: importlib.import_module(door) for door in self._environments}
        self._routes = [
            module
            for name, module in sys.modules.items()
            if name.startswith(_ASKED) and hasattr(module, "channel")
        ]
        self._flow_door = s.resources["ContactFlowFunction"]
        self._quiet_down()

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

        bundle, pool = self.bundle, {}

        class Pooled(bundle.Clients):
            def __init__(self) -> None:
                self._made = pool

        bundle.Clients = Pooled
        queue_client: list[Any] = []

        def sqs() -> Any:
            if not queue_client:
                queue_client.append(bundle.boto3.client("sqs"))
            return queue_client[0]

        self._runtime._sqs = sqs
        for handler in self._runtime.logger.handlers:
            handler.stream = self.log
        invocation.time = SimpleNamespace(monotonic=CLOCK.time, sleep=CLOCK.sleep)

    def run(self, door: str, event: dict[str, Any]) -> Any:
        """What the door answers; raises Crash and whatever the door raises."""
        outer, before = self.current, self.hook.door
        self.current, self.hook.door = (door, event), door
        environment = self._environments[door]
        handler, made = self._handlers[door], self._channel(door, environment)
        try:
            with (
                self._given(handler, made),
                patch.dict(os.environ, environment),
                redirect_stdout(self.log),
            ):
                return handler.handler(event, SimpleNamespace())
        finally:
            self.current, self.hook.door = outer, before

    @contextmanager
    def _given(self, handler: ModuleType, made: Any) -> Iterator[None]:
        """The door, and the routes it asks, have this channel."""
        with ExitStack() as given:
            for module in (handler, *self._routes):
                given.enter_context(patch.object(module, "channel", lambda: made, create=True))
            yield

    def _channel(self, door: str, environment: dict[str, str]) -> Any:
        """A new function instance's channel: it has read nothing yet."""
        ahead = self.skew.get(door, 0.0)

        def now() -> float:
            return CLOCK.now + ahead

        with patch.dict(os.environ, environment):
            made = self.bundle.channel.__wrapped__()
        made.keys._now = now
        return replace(made, now=now, pause=CLOCK.sleep)

    def flow_calls(self, arn: str, event: dict[str, Any]) -> Any:
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

    def graphql(self, field: str, **arguments: Any) -> Any:
        """Another system asks; one that gets no answer, or Busy, asks the same again."""
        event = {
            "arguments": arguments,
            "info": {"fieldName": field, "parentTypeName": "Mutation"},
            "request": {"headers": {"x-api-key": "key"}},
        }
        answer = None
        for _ in range(_PERSONS_PATIENCE):
            answer = self._resolved(event)
            if answer is not None:
                break
            CLOCK.sleep(5)
        if self.twice:
            answer = self._resolved(event) or answer
        return answer

    def _resolved(self, event: dict[str, Any]) -> Any:
        from emailchannel.aws.graphql import Busy, Refusal

        try:
            return self.run("messages_api", event)
        except (Crash, Busy):
            return None
        except Refusal as refusal:
            self.problems.append(f"I12 messages_api answered {refusal}")
            return None

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
