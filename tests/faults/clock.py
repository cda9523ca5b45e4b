"""Time that stands still unless it is moved, and work that is done only when it is asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import botocore.endpoint

EPOCH = 1_800_000_000.0  # when every run begins: 2027-01-15 08:00 UTC
CALL = 0.003  # seconds that a call takes


class Clock:
    """The time of the emulated world: it stands still unless it is moved."""

    def __init__(self, now: float = EPOCH) -> None:
        self.now = now

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 0.0)


CLOCK = Clock()


class Later:
    """An executor that keeps what it is given until it is told to work."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Callable[..., Any], tuple[Any, ...]]] = deque()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> None:
        self.waiting.append((work, arguments))

    def run(self) -> bool:
        """Do all that is waiting; whether there was anything."""
        moved = bool(self.waiting)
        while self.waiting:
            work, arguments = self.waiting.popleft()
            work(*arguments)
        return moved


class AtOnce:
    """An executor that works while it is asked."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done


class _Threads:
    """Stands in for `threading` in an emulated service: a thread's work is done at its start."""

    def Thread(  # noqa: N802
        self, target: Callable[..., Any], args: Any = (), kwargs: Any = None, **_: Any
    ) -> Any:
        return SimpleNamespace(start=lambda: target(*args, **(kwargs or {})))

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)


def take_time(account: str) -> None:
    """From now on the account's time is CLOCK's, and botocore does not sleep."""
    from local.world import clock

    clock._real_time = CLOCK.time
    clock._offsets.pop(account, None)
    botocore.endpoint.time = SimpleNamespace(sleep=CLOCK.sleep)


def take_threads(account: str, invoke: Callable[[str, dict[str, Any]], Any]) -> Later:
    """No service works behind our back: Connect's work is in the executor that is returned.

    `invoke(function ARN, event)` runs a flow's Lambda function.
    """
    from ministack.services import eventbridge, lambda_svc, s3, sns

    from local.world import connect_mount
    from local.world.patches import api, queues

    queues.paused.add(account)
    for module in (eventbridge, s3, lambda_svc, api):
        module.threading = _Threads()
    sns._threading = _Threads()
    connect, later = connect_mount.connect, Later()
    centre = connect._centre(account, None)
    connect._outside = replace(
        connect._outside, invoke=lambda _account, arn, event: invoke(arn, event)
    )
    centre.outside = connect._outside
    connect._flows = centre._pool = later
    connect._calls = AtOnce()
    tick = connect.tick
    connect.tick = lambda: None
    later.tick = tick
    return later
