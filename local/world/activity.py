"""What an account is doing right now, counted so that "quiet" can be asked without a race.

Work is handed over between places (a queue, a thread, a Lambda). Each place raises its count
before the previous one lowers its own, and every raise moves the account's sequence number: two
readings with the same number and nothing counted between them mean that nothing moved.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_counts: dict[str, Counter[str]] = {}
_sequence: Counter[str] = Counter()


def begin(account: str, kind: str) -> None:
    with _lock:
        _sequence[account] += 1
        _counts.setdefault(account, Counter())[kind] += 1


def end(account: str, kind: str) -> None:
    with _lock:
        counts = _counts.get(account)
        if counts is None:
            return
        counts[kind] -= 1
        if counts[kind] <= 0:
            del counts[kind]


def moved(account: str) -> None:
    """Something was put where only its own count shows it (a message on a queue)."""
    with _lock:
        _sequence[account] += 1


def snapshot(account: str) -> tuple[int, dict[str, int]]:
    """(sequence number, running work by kind)."""
    with _lock:
        return _sequence[account], dict(_counts.get(account, {}))


def forget(account: str) -> None:
    with _lock:
        _counts.pop(account, None)
        _sequence.pop(account, None)


@contextmanager
def running(account: str, kind: str) -> Iterator[None]:
    begin(account, kind)
    try:
        yield
    finally:
        end(account, kind)


class CountedThreading:
    """Stands in for the `threading` module of a ministack service: its threads are counted.

    The count is raised by the thread that starts the work, before it goes on itself.
    """

    def __init__(self, current_account: Callable[[], str], uncounted: frozenset[str]) -> None:
        self._current_account = current_account
        self._uncounted = uncounted

    def Thread(  # noqa: N802  (the name of threading.Thread)
        self,
        *,
        target: Callable[..., object],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        daemon: bool = True,
        name: str | None = None,
    ) -> threading.Thread:
        if name in self._uncounted:
            return threading.Thread(
                target=target, args=args, kwargs=kwargs, daemon=daemon, name=name
            )
        return _CountedThread(self._current_account(), target, args, kwargs or {}, name)

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)


class _CountedThread(threading.Thread):
    def __init__(
        self,
        account: str,
        target: Callable[..., object],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        name: str | None,
    ) -> None:
        super().__init__(daemon=True, name=name)
        self._account, self._work = account, (target, args, kwargs)

    def start(self) -> None:
        begin(self._account, "thread")
        try:
            super().start()
        except RuntimeError:
            end(self._account, "thread")
            raise

    def run(self) -> None:
        target, args, kwargs = self._work
        try:
            target(*args, **kwargs)
        finally:
            end(self._account, "thread")
