"""Calling a Lambda function the way a flow does: at most 8 seconds, retried, answer checked."""

from __future__ import annotations

import json
import time
from concurrent.futures import Executor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Any

from local.connect.blocks.outcome import Failed, Invocation, Next
from local.connect.centre import ContactCentre
from local.connect.outside import LambdaFailed

RETRIES = 3  # of an error response, within the time limit
RETRY_PAUSE = 0.05
ANSWER_BYTES = 32 * 1024


@dataclass(frozen=True)
class Answered:
    """What becomes $.External."""

    payload: Any


def call(centre: ContactCentre, wanted: Invocation, calls: Executor) -> Answered | Failed | Next:
    """Run the function; an asynchronous call goes on at once and leaves $.External empty."""
    if wanted.asynchronous:
        with centre.lock:
            centre.in_background(lambda: _quietly(centre, wanted))
        return Next()
    deadline = time.monotonic() + wanted.seconds
    why = ""
    for _ in range(1 + RETRIES):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            answer = calls.submit(_invoke, centre, wanted).result(timeout=left)
        except FutureTimeout:
            return Failed(why=f"no answer within {wanted.seconds:.0f} s")
        except LambdaFailed as problem:
            why = str(problem)
            time.sleep(min(RETRY_PAUSE, max(0.0, deadline - time.monotonic())))
            continue
        return check(answer, wanted.string_map)
    return Failed(why=why or f"no answer within {wanted.seconds:.0f} s")


def check(answer: dict[str, Any] | str, string_map: bool) -> Answered | Failed:
    """STRING_MAP: a flat object of strings. JSON: anything. Both: 32 KB at most."""
    if len(json.dumps(answer, ensure_ascii=False).encode()) > ANSWER_BYTES:
        return Failed(why="the answer exceeds 32 KB")
    if not string_map:
        return Answered(answer)
    if not isinstance(answer, dict):
        return Failed(why="the answer is not an object")
    wrong = [key for key, value in answer.items() if not isinstance(value, str)]
    if wrong:
        return Failed(why=f"not a string: {', '.join(map(str, wrong))}")
    return Answered(answer)


def _invoke(centre: ContactCentre, wanted: Invocation) -> dict[str, Any] | str:
    return centre.outside.invoke(centre.account, wanted.function_arn, wanted.event)


def _quietly(centre: ContactCentre, wanted: Invocation) -> None:
    try:
        _invoke(centre, wanted)
    except LambdaFailed as problem:
        with centre.lock:
            centre.log(f"asynchronous call of {wanted.function_arn} failed: {problem}")
