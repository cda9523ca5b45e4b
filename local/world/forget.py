"""Everything of an account goes: its workers, resources, mails and its Connect."""

from __future__ import annotations

import sys
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict
from ministack.services import lambda_svc, sts

from local.world import (
    activity,
    calls,
    clock,
    connect_mount,
    faults,
    hooks,
    ses_account,
    ses_events,
    ses_out,
    ses_suppression,
    sms,
)
from local.world.patches import lag, queues, schedules


def forget(account: str) -> None:
    """Stop the account's functions and drop its state in every service."""
    with queues.polling:
        _drop_mappings(account)
    _kill_workers(account)
    connect_mount.connect.forget(account)
    _settle(account)
    for name, module in list(sys.modules.items()):
        if name.startswith("ministack.services."):
            for store in list(vars(module).values()):
                _drop(store, account)
    for key, session in list(sts._sessions.items()):
        if f":{account}:" in str(session.get("Arn", "")):
            sts._sessions.pop(key, None)
    kept = (ses_out, sms, ses_suppression, ses_account, calls, clock, schedules, activity, lag)
    for part in kept:
        part.forget(account)
    ses_events.modes.pop(account, None)
    queues.paused.discard(account)
    hooks.register(account, None)
    faults.forget(account)


def _drop_mappings(account: str) -> None:
    for key in [key for key in lambda_svc._esms._data if key[0] == account]:
        lambda_svc._esms._data.pop(key, None)


def _kill_workers(account: str) -> None:
    with lambda_runtime._lock:
        keys = [key for key in lambda_runtime._workers if key.startswith(f"{account}:")]
        doomed = [worker for key in keys for worker in lambda_runtime._workers.pop(key)]
    lambda_runtime.kill_workers(doomed)


def _settle(account: str) -> None:
    """Wait for invocations whose worker was killed to notice it."""
    deadline = time.monotonic() + 5
    while activity.snapshot(account)[1] and time.monotonic() < deadline:
        _kill_workers(account)
        time.sleep(0.005)


def _drop(store: Any, account: str) -> None:
    if isinstance(store, AccountScopedDict | AccountRegionScopedDict):
        for key in [key for key in list(store._data) if key[0] == account]:
            store._data.pop(key, None)
    elif isinstance(store, dict):  # plain stores keyed by (account, ...)
        for key in [key for key in list(store) if isinstance(key, tuple) and key[:1] == (account,)]:
            store.pop(key, None)
