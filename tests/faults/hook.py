"""The hook through which every AWS call of the doors goes, and what may go wrong with one.

It sits at botocore's `_do_get_response`, above the transport: what it answers meets the SDK's own
retries, as an answer of AWS would.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from .clock import CALL, CLOCK

# A name that ends in * says: the SDK's retries of the call meet the same.
BEFORE = ("throttle*", "time-out before*", "crash before")
AFTER = ("time-out after", "time-out after*", "5xx after", "5xx after*", "crash after")
CONDITION = ("condition failed before", "condition failed after")
CONFLICT = ("conflict",)
STALE = ("stale read",)
KINDS = (*BEFORE, *AFTER, *CONDITION, *CONFLICT, *STALE)

_READS = ("Get", "List", "Describe", "Query", "Scan", "Search", "Detect", "BatchDetect", "Head")
_THROTTLES = {
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "s3": (503, "SlowDown"),
    "sqs": (403, "RequestThrottled"),
    "sesv2": (429, "TooManyRequestsException"),
    "connect": (429, "TooManyRequestsException"),
}


class Crash(BaseException):
    """The function's process has died: nothing after the call runs."""


@dataclass(frozen=True)
class Call:
    """One AWS call of a door."""

    door: str
    service: str
    operation: str
    conditional: bool
    indexed: bool

    @property
    def name(self) -> str:
        return f"{self.door} {self.service}.{self.operation}"

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can go wrong with it; what a read does "after" differs in nothing from "before"."""
        kinds = BEFORE if self.operation.startswith(_READS) else BEFORE + AFTER
        if self.conditional:
            kinds += CONDITION
        if self.operation == "TransactWriteItems":
            kinds += CONFLICT
        return kinds + STALE if self.indexed else kinds


def _call(door: str, model: Any, body: Any) -> Call:
    service, text = model.service_model.service_name, body if isinstance(body, bytes) else b""
    return Call(
        door,
        service,
        model.name,
        service == "dynamodb" and b'"ConditionExpression"' in text,
        b'"IndexName"' in text,
    )


Plan = Callable[[int, Call], str]  # number of the call, the call -> kind, or empty


def nothing(_number: int, _call: Call) -> str:
    """A plan without a fault."""
    return ""


@dataclass
class Hook:
    """Counts the calls of the doors and does what the plan says.

    `door` is empty while the world itself calls. `before` runs before a call is made, and `after`
    when it is done; `stale(real)` answers a call as of the beginning of the run.
    """

    plan: Plan = nothing
    door: str = ""
    counting: bool = True
    calls: list[Call] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda _number: None
    after: Callable[[Call], None] = lambda _call: None
    stale: Callable[[Callable[[], Any]], Any] = lambda real: real()
    _storm: tuple[Any, str] = (None, "")

    def reset(self, plan: Plan) -> None:
        self.plan, self.door, self.counting = plan, "", True
        self.calls, self.struck, self._storm = [], [], (None, "")
        self.before, self.after = lambda _number: None, lambda _call: None

    def install(self) -> None:
        real = botocore.endpoint.Endpoint._do_get_response

        def respond(endpoint: Any, request: Any, model: Any, context: Any) -> Any:
            def done() -> Any:
                return real(endpoint, request, model, context)

            if not self.door:
                return done()
            CLOCK.now += CALL
            call = _call(self.door, model, request.body)
            kind = self._kind(call, context)
            if not kind:
                answer = done()
                self.after(call)
                return answer
            return self._strike(kind, call, done, request)

        botocore.endpoint.Endpoint._do_get_response = respond

    def _kind(self, call: Call, context: Any) -> str:
        if context is not None and context is self._storm[0]:
            return self._storm[1]
        if not self.counting:
            return ""
        number = len(self.calls)
        self.calls.append(call)
        kind = self.plan(number, call)
        if kind:
            self.struck.append(f"{number} {call.name}: {kind}")
        else:
            self.before(number)
        if kind.endswith("*"):
            self._storm = context, kind
        return kind

    def _strike(self, kind: str, call: Call, done: Callable[[], Any], request: Any) -> Any:
        kind = kind.rstrip("*")
        if kind == "throttle":
            return _error(request, *_THROTTLES.get(call.service, (400, "ThrottlingException")))
        if kind == "time-out before":
            return None, ConnectTimeoutError(endpoint_url=request.url)
        if kind == "crash before":
            raise Crash(call.name)
        if kind == "condition failed before":
            return _refused(request, call)
        if kind == "conflict":
            return _cancelled(request, "TransactionConflict")
        if kind == "stale read":
            return self.stale(done)
        done()
        self.after(call)
        if kind == "time-out after":
            return None, ReadTimeoutError(endpoint_url=request.url)
        if kind == "5xx after":
            return _error(request, 500, "InternalServerError")
        if kind == "condition failed after":
            return _refused(request, call)
        raise Crash(call.name)


def _error(request: Any, status: int, code: str, **more: Any) -> Any:
    answer = AWSResponse(request.url, status, {}, None)
    answer._content = b""
    told = {"Error": {"Code": code, "Message": "injected"}, **more}
    return (answer, {**told, "ResponseMetadata": {"HTTPStatusCode": status}}), None


def _refused(request: Any, call: Call) -> Any:
    if call.operation == "TransactWriteItems":
        return _cancelled(request, "ConditionalCheckFailed")
    return _error(request, 400, "ConditionalCheckFailedException")


def _cancelled(request: Any, code: str) -> Any:
    """The first item that has a condition is the one that is blamed."""
    writes = json.loads(request.body)["TransactItems"]
    guarded = ["ConditionExpression" in next(iter(write.values())) for write in writes]
    blamed = guarded.index(True) if True in guarded else 0
    reasons = [{"Code": code if n == blamed else "None"} for n in range(len(writes))]
    return _error(request, 400, "TransactionCanceledException", CancellationReasons=reasons)
