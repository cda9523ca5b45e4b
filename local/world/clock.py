"""One movable clock per account.

A test (or a demo) moves the time of an account; queues, schedules, Connect and the Lambda workers
of that account all read it from here. The clock keeps running from wherever it was put.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

_offsets: dict[str, float] = {}
_watchers: list[Callable[[str], None]] = []
_lock = threading.Lock()
_real_time = time.time


def offset(account: str) -> float:
    """Seconds the account's clock is ahead of real time (0 until it is moved)."""
    return _offsets.get(account, 0.0)


def now(account: str) -> float:
    """The account's time, in epoch seconds."""
    return _real_time() + offset(account)


def set_clock(account: str, epoch: float) -> None:
    """Move the account's clock to `epoch` (seconds) and tell whoever waits on it."""
    with _lock:
        _offsets[account] = epoch - _real_time()
    for watcher in list(_watchers):
        watcher(account)


def on_move(watcher: Callable[[str], None]) -> None:
    """Call `watcher(account)` after each move of an account's clock."""
    _watchers.append(watcher)


def forget(account: str) -> None:
    _offsets.pop(account, None)


def get_state() -> dict[str, float]:
    """Offsets by account; a restored world is as far ahead as it was."""
    return dict(_offsets)


def load_state(state: dict[str, float]) -> None:
    _offsets.update(state)


class AccountTime:
    """Stands in for the `time` module inside a ministack service.

    `time.time()` answers with the clock of the account being served; everything else is the
    module's own.
    """

    def __init__(self, current_account: Callable[[], str], module: ModuleType = time) -> None:
        self._current_account = current_account
        self._module = module

    def time(self) -> float:
        return now(self._current_account())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)
