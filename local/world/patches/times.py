"""Every clock a service reads is the clock of the account it serves."""

from __future__ import annotations

import datetime
from typing import Any

from ministack.core import concurrency, sigv4
from ministack.core.responses import get_account_id
from ministack.services import (
    apigateway,
    dynamodb,
    eventbridge,
    lambda_svc,
    s3,
    scheduler,
    sns,
    sqs,
)

from local.world import clock
from local.world.times import iso


def apply() -> None:
    move_services()
    move_objects()
    move_signatures()


def move_services() -> None:
    """Delays, visibility, retention, deduplication, records: ministack knows real time only."""
    account_time = clock.AccountTime(get_account_id)
    for module in (sqs, sns, eventbridge, scheduler, lambda_svc, dynamodb, s3, apigateway):
        module.time = account_time
    eventbridge._now_ts = account_time.time
    clock.on_move(lambda _account: concurrency.esm_wake.set())


def move_objects() -> None:
    """LastModified of an object is in the account's time, as a sweep over a bucket expects."""
    s3.now_iso = lambda: iso(clock.now(get_account_id()))
    s3._dt = _Datetime()


def move_signatures() -> None:
    """Presigned links expire by the account's clock, by which workers sign (see zygote).

    How far a signature's time is off is not checked: a call may be under way when the clock moves.
    """
    sigv4.dt = _Datetime()
    sigv4.request_time_failure = lambda _signature, *, now=None: None  # noqa: ARG005


class _Now(datetime.datetime):
    """`datetime.datetime` whose idea of now is the account's."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return datetime.datetime.fromtimestamp(clock.now(get_account_id()), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return cls.now(datetime.UTC).replace(tzinfo=None)


class _Datetime:
    """Stands in for the `datetime` module inside a ministack module."""

    datetime = _Now

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime, name)
