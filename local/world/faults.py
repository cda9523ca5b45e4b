"""AWS on a bad day: calls refused, lost on the way, done and then called failed, or out of date.

A plan names an operation and a kind; each call it fits uses up one of its times. A call it does not
fit passes: a consistent read is never stale, a write without a condition cannot fail on one.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from local.world import callers, hooks
from local.world.patches import lag

KINDS = (
    "throttle",
    "5xx-before",
    "5xx-after",
    "timeout-before",  # the connection ends without an answer: what a time-out tells the caller
    "timeout-after",
    "crash-before",  # the Lambda that calls is killed
    "crash-after",
    "condition-failed",
    "stale-read",
)
# service -> (status, code) of its throttling, per its API reference
_THROTTLES = {
    "connect": (429, "TooManyRequestsException"),
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "s3": (503, "SlowDown"),
    "ses": (429, "TooManyRequestsException"),
    "sqs": (403, "RequestThrottled"),
}
_FAILED = "The conditional request failed"
_lock = threading.Lock()
_planned: dict[str, list[dict[str, Any]]] = {}


def plan(account: str, operation: str, kind: str, times: int) -> None:
    """The next `times` calls of an operation ("PutItem" or "dynamodb:PutItem") go wrong."""
    if kind not in KINDS:
        raise ValueError(f"a fault is one of {', '.join(KINDS)}")
    with _lock:
        _planned.setdefault(account, []).append({"on": operation, "kind": kind, "left": times})
    hooks.register(account, _answer)


def _names(request: hooks.Request) -> set[str]:
    """What the call may be called in a plan: its IAM action and its API operation."""
    action = request.action
    names = {action, action.partition(":")[2]}
    if action == "ses:SendRawEmail":  # the right that SendEmail of API v2 asks for
        names |= {"ses:SendEmail", "SendEmail"}
    if action == "s3:GetObject" and request.method == "HEAD":
        names = {"s3:HeadObject", "HeadObject"}
    if action == "s3:ListBucket":
        names |= {"s3:ListObjectsV2", "ListObjectsV2"}
    return names


def _due(request: hooks.Request) -> str:
    """The kind of fault this call meets, or empty."""
    names = _names(request)
    with _lock:
        for fault in _planned.get(request.account, []):
            if fault["left"] > 0 and fault["on"] in names and _fits(request, fault["kind"]):
                fault["left"] -= 1
                return str(fault["kind"])
    return ""


def _fits(request: hooks.Request, kind: str) -> bool:
    if kind == "stale-read":
        return lag.eventual(request.action, request.body)
    return kind != "condition-failed" or bool(_conditions(request))


def _conditions(request: hooks.Request) -> list[bool]:
    """Which parts of a call hang on a condition; empty where none does."""
    if request.action.startswith("s3:"):
        return [True] if {"if-none-match", "if-match"} & set(request.headers) else []
    if not request.action.startswith("dynamodb:"):
        return []
    asked = json.loads(request.body or b"{}")
    parts = [part for item in asked.get("TransactItems", []) for part in item.values()]
    found = ["ConditionExpression" in part or "Expected" in part for part in parts or [asked]]
    return found if any(found) else []


async def _answer(
    request: hooks.Request, serve: Callable[[], Awaitable[hooks.Response]]
) -> hooks.Response:
    kind = _due(request)
    if not kind:
        return await serve()
    if kind == "stale-read":
        with lag.lagging():
            return await serve()
    if kind.endswith("-after"):
        await serve()
    if kind.startswith("crash"):
        _kill(request)
    if kind.startswith(("crash", "timeout")):
        raise hooks.ConnectionLost
    if kind == "throttle":
        service = request.action.partition(":")[0]
        return _refusal(request, *_THROTTLES.get(service, (400, "ThrottlingException")))
    if kind == "condition-failed":
        return _condition_failed(request)
    return _refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR, "InternalServerError")


def _kill(request: hooks.Request) -> None:
    """End the worker that makes the call; a caller from outside only loses its connection."""
    worker = callers.worker_at(request.port)
    if worker:
        os.kill(worker, signal.SIGKILL)


def _condition_failed(request: hooks.Request) -> hooks.Response:
    """The call as DynamoDB or S3 refuses it, the first part with a condition being the culprit."""
    conditions = _conditions(request)
    if request.action.startswith("s3:"):
        return _refusal(request, HTTPStatus.PRECONDITION_FAILED, "PreconditionFailed")
    if b'"TransactItems"' not in request.body:
        return _refusal(request, 400, "ConditionalCheckFailedException", _FAILED)
    failed = conditions.index(True)
    reasons: list[dict[str, str]] = [{"Code": "None"} for _part in conditions]
    reasons[failed] = {"Code": "ConditionalCheckFailed", "Message": _FAILED}
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    )
    code = "TransactionCanceledException"
    return _refusal(request, 400, code, message, CancellationReasons=reasons)


def _refusal(
    request: hooks.Request, status: int, code: str, message: str = "planned", **more: Any
) -> hooks.Response:
    if request.action.startswith("s3:"):
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        return status, {"Content-Type": "application/xml"}, body
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
    return status, headers, json.dumps({"__type": code, "message": message, **more}).encode()


def forget(account: str) -> None:
    with _lock:
        _planned.pop(account, None)
