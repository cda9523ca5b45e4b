"""Queues: no lost message, polling at once, what counts as activity."""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core import concurrency
from ministack.core.responses import get_account_id, request_scope
from ministack.services import dynamodb, eventbridge, lambda_svc, s3, sns, sqs

from local.world import activity, clock

log = logging.getLogger("local.queues")
lock = threading.RLock()  # every change of any queue's messages
polling = threading.RLock()  # held while a poll moves messages from a queue to a Lambda

_LOOPS = frozenset({"eb-scheduler", "evb-scheduler-ticker", "ministack-lambda-reaper"})
_SETTLE = 0.001  # seconds between two looks at the queues while work keeps arriving


def apply() -> None:
    keep_queue_urls()
    count_threads()
    guard_messages()
    poll_at_once()
    fail_like_lambda()


def keep_queue_urls() -> None:
    """A queue is known by the same URL whatever port the emulator has today.

    ministack stores its queues under a URL with the port, and finds none of them after a restart
    on another one. Callers see the host and port they used.
    """
    sqs.DEFAULT_PORT = "4566"


def count_threads() -> None:
    """Work that goes on after the call that started it counts as activity of its account."""
    counted = activity.CountedThreading(get_account_id, _LOOPS)
    for module in (eventbridge, s3, lambda_svc):
        module.threading = counted
    sns._threading = counted
    spawn = concurrency.spawn_background

    def spawn_counted(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> threading.Thread:
        name = kwargs.pop("thread_name", "ministack-background")
        account = get_account_id()
        activity.begin(account, "background")

        def run() -> None:
            try:
                fn(*args, **kwargs)
            finally:
                activity.end(account, "background")

        thread: threading.Thread = spawn(run, thread_name=name)
        return thread

    for module in (concurrency, lambda_svc, dynamodb):
        module.spawn_background = spawn_counted


def guard_messages() -> None:
    """One lock around everything that rebuilds or extends a queue's list of messages.

    ministack's poller thread rebuilds the list while the event loop, SNS and EventBridge append
    to it: a message appended in between was lost.
    """
    sqs._queues_lock = lock
    for name, action in list(sqs._HANDLERS.items()):
        if action is not sqs._act_receive_message:
            sqs._HANDLERS[name] = _locked(action, moving=name.startswith("Send"))
    for name in ("_expire_retained", "_dlq_sweep"):
        setattr(sqs, name, _locked(getattr(sqs, name), moving=False))
    sqs._collect_msgs = _locked(_counted(sqs._collect_msgs), moving=False)
    for module, names in (
        (sns, ("_deliver_to_sqs",)),
        (eventbridge, ("_dispatch_to_sqs",)),
        (s3, ("_deliver_event_to_sqs",)),
        (lambda_svc, ("_route_async_failure",)),
    ):
        for name in names:
            setattr(module, name, _locked(getattr(module, name)))


def _counted(collect: Callable[..., Any]) -> Callable[..., Any]:
    """Keep how many messages were ever received from the queue."""

    def receive(queue: dict[str, Any], *args: Any) -> Any:
        messages = collect(queue, *args)
        queue["receives_total"] = queue.get("receives_total", 0) + len(messages)
        return messages

    return receive


def _locked(function: Callable[..., Any], *, moving: bool = True) -> Callable[..., Any]:
    """`function` under the lock; `moving` if it may put a message on a queue."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with lock:
            if moving:
                activity.moved(get_account_id())
            return function(*args, **kwargs)

    return call


def poll_at_once() -> None:
    """Poll as soon as a message arrives, one account's slow handler never in the way of another.

    ministack's loop waits 50 ms between wakes and runs stream handlers on the polling thread.
    """

    def loop() -> None:
        while True:
            concurrency.esm_wake.clear()
            if not poll_once():
                concurrency.esm_wake.wait(0.05)
                time.sleep(_SETTLE)

    threading.Thread(target=loop, daemon=True, name="poller").start()
    lambda_svc._ensure_poller = lambda: None
    lambda_svc._poll_dynamodb_streams = lambda: False
    lambda_svc._iter_all_esms = _mappings


def poll_once() -> bool:
    """Hand every message that can be taken to its function; whether anything moved."""
    from local.world import streams

    try:
        with polling:
            taken = bool(lambda_svc._poll_sqs())
        return streams.poll() or taken
    except Exception:
        log.exception("polling the event sources failed")
        return False


def _mappings() -> list[tuple[str, str, dict[str, Any]]]:
    """(account, region, event source mapping) of the mappings whose account is not paused."""
    return [
        (account, region, mapping)
        for (account, region, _id), mapping in list(lambda_svc._esms._data.items())
        if account not in paused
    ]


paused: set[str] = set()  # accounts whose event sources are pumped by a test


def fail_like_lambda() -> None:
    """A failed batch waits for its visibility timeout only.

    ministack adds a pause of its own (1 s); asynchronous retries follow a minute later on AWS,
    here at once, since nothing in between can be observed.
    """
    lambda_svc._ESM_BACKOFF_SECONDS = 0.0
    lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS = 0.05
    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0.0


def visible_messages(account: str) -> int:
    """Messages that an enabled event source mapping of the account could take right now."""
    mappings = [found for found in _mappings() if found[0] == account]
    sweep(account)
    total, now = 0, clock.now(account)
    for _owner, region, mapping in mappings:
        with request_scope(account, region), lock:
            queue = sqs._queue_by_arn(mapping["EventSourceArn"])
            if queue and mapping.get("Enabled", True):
                total += sum(message["visible_at"] <= now for message in queue["messages"])
    return total


def sweep(account: str) -> None:
    """Expire messages and move those received too often to their dead-letter queue."""
    for (owner, region, _url), queue in list(sqs._queues._data.items()):
        if owner == account:
            with request_scope(account, region), lock:
                sqs._expire_retained(queue)
                sqs._dlq_sweep(queue)
