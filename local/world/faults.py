"""AWS on a bad day: the next calls of an operation are refused, or done and then called failed."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from local.world import hooks

KINDS = ("throttle", "5xx-before", "5xx-after", "condition-failed")
# service -> (status, code) of its throttling, per its API reference
_THROTTLES = {
    "connect": (429, "TooManyRequestsException"),
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "s3": (503, "SlowDown"),
    "ses": (429, "TooManyRequestsException"),
    "sqs": (403, "RequestThrottled"),
}
_lock = threading.Lock()
_planned: dict[str, list[dict[str, Any]]] = {}


def plan(account: str, operation: str, kind: str, times: int) -> None:
    """The next `times` calls of an operation ("PutItem" or "dynamodb:PutItem") go wrong."""
    if kind not in KINDS:
        raise ValueError(f"a fault is one of {', '.join(KINDS)}")
    with _lock:
        _planned.setdefault(account, []).append({"on": operation, "kind": kind, "left": times})
    hooks.register(account, _answer)


def _due(request: hooks.Request) -> str:
    """The kind of fault this call meets, or empty."""
    action = request.action
    names = {action, action.partition(":")[2]}
    if action == "ses:SendRawEmail":  # the right that SendEmail of API v2 asks for
        names |= {"ses:SendEmail", "SendEmail"}
    with _lock:
        for fault in _planned.get(request.account, []):
            if fault["left"] > 0 and fault["on"] in names:
                fault["left"] -= 1
                return str(fault["kind"])
    return ""


async def _answer(
    request: hooks.Request, serve: Callable[[], Awaitable[hooks.Response]]
) -> hooks.Response:
    kind = _due(request)
    if not kind or kind == "5xx-after":
        answer = await serve()
        return _refusal(request, 500, "InternalServerError") if kind else answer
    if kind == "throttle":
        service = request.action.partition(":")[0]
        return _refusal(request, *_THROTTLES.get(service, (400, "ThrottlingException")))
    if kind == "condition-failed":
        return _refusal(request, 400, "ConditionalCheckFailedException")
    return _refusal(request, 500, "InternalServerError")


def _refusal(request: hooks.Request, status: int, code: str) -> hooks.Response:
    if request.action.startswith("s3:"):
        body = f"<Error><Code>{code}</Code><Message>planned</Message></Error>".encode()
        return status, {"Content-Type": "application/xml"}, body
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
    return status, headers, json.dumps({"__type": code, "message": "planned"}).encode()


def forget(account: str) -> None:
    with _lock:
        _planned.pop(account, None)
