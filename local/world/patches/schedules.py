"""Schedules and expiry that follow the account's clock."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, request_scope
from ministack.services import dynamodb, eventbridge, scheduler
from ministack.services.cloudformation import provisioners

from local.world import clock
from local.world.policies import role_allows

log = logging.getLogger("local.schedules")
_wake = threading.Event()
_tick_lock = threading.Lock()
_fired: dict[tuple[str, str, str, str], float] = {}
_TARGET_ACTIONS = {
    "sqs": "sqs:SendMessage",
    "lambda": "lambda:InvokeFunction",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
    "states": "states:StartExecution",
}


def apply() -> None:
    """Replace ministack's two tickers and its TTL reaper, which know real time only.

    Its tickers fire for all accounts by one clock, and Scheduler targets need no role; its reaper
    looks once a minute.
    """
    scheduler.start_scheduler = lambda: None
    eventbridge.start_scheduler = _start
    date_rules()
    clock.on_move(tick_account)


def date_rules() -> None:
    """A rule of a template has a time of creation, from which its rate counts.

    ministack gives it none: it would count from the first look, perhaps after the clock was moved.
    """
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Events::Rule"]
    create = handlers["create"]

    def create_dated(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        created = create(logical_id, properties, stack)
        account = get_account_id()
        for rule in eventbridge._rules.values():
            if rule["Name"] == created[0]:
                rule.setdefault("CreationTime", clock.now(account))
        return created

    handlers["create"] = create_dated


def _start() -> None:
    threading.Thread(target=_loop, daemon=True, name="schedules").start()


def _loop() -> None:
    while not _wake.wait(0.5):
        stores = (scheduler._schedules, eventbridge._rules, dynamodb._ttl_settings)
        for account in {key[0] for store in stores for key in list(store._data)}:
            tick_account(account)


def tick_account(account: str) -> None:
    """Fire what is due in the account and expire what is past its time to live."""
    with _tick_lock:
        for step in (_tick_schedules, _tick_rules, _expire_items):
            try:
                step(account)
            except Exception:
                log.exception("schedules of %s", account)


def _due(expression: str, key: tuple[str, str, str, str], created: float, now: float) -> bool:
    """Whether an at(), rate() or cron() expression has come due since it last fired."""
    at = scheduler._at_time_epoch(expression)
    if at is not None:
        due = now >= at and key not in _fired
    elif (seconds := eventbridge._parse_rate_seconds(expression)) is not None:
        due = now - _fired.setdefault(key, created) >= seconds
    else:
        due = _cron_due(expression, _fired.setdefault(key, now), now)
    if due:
        _fired[key] = now
    return due


def _cron_due(expression: str, last: float, now: float) -> bool:
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return False
    following = eventbridge._cron_next_fire(fields, datetime.fromtimestamp(last, tz=UTC))
    return following is not None and datetime.fromtimestamp(now, tz=UTC) >= following


def _tick_schedules(account: str) -> None:
    now = clock.now(account)
    for (owner, region, name), schedule in list(scheduler._schedules._data.items()):
        if owner != account or schedule.get("State") != "ENABLED" or not _within(schedule, now):
            continue
        expression = schedule.get("ScheduleExpression", "")
        created = float(schedule.get("CreationDate", now))
        if not _due(expression, ("schedule", owner, region, name), created, now):
            continue
        with request_scope(owner, region):
            _fire(schedule, now)
        if expression.startswith("at(") and schedule.get("ActionAfterCompletion") == "DELETE":
            scheduler._schedules._data.pop((owner, region, name), None)


def _within(schedule: dict[str, Any], now: float) -> bool:
    start, end = (scheduler._to_epoch(schedule.get(key)) for key in ("StartDate", "EndDate"))
    return (start is None or now >= start) and (end is None or now <= end)


def _fire(schedule: dict[str, Any], now: float) -> None:
    target = schedule.get("Target") or {}
    arn = str(target.get("Arn", ""))
    service = arn.split(":")[2] if arn.count(":") > 2 else ""
    action = _TARGET_ACTIONS.get(service)
    role = target.get("RoleArn", "")
    if action and not role_allows(role, action, arn, via="scheduler.amazonaws.com"):
        log.warning("Scheduler: %s may not %s on %s", role, action, arn)
        return
    event = _event("aws.scheduler", schedule.get("Arn", ""), now)
    eventbridge._invoke_target(target, event, {"Arn": schedule.get("Arn", "")})


def _tick_rules(account: str) -> None:
    now = clock.now(account)
    for (owner, region, key), rule in list(eventbridge._rules._data.items()):
        expression = rule.get("ScheduleExpression", "")
        if owner != account or rule.get("State") != "ENABLED" or not expression:
            continue
        created = float(rule.get("CreationTime", now))
        if not _due(expression, ("rule", owner, region, str(key)), created, now):
            continue
        with request_scope(owner, region):
            event = _event("aws.events", rule.get("Arn", ""), now)
            for target in eventbridge._targets._data.get((owner, region, key), []):
                eventbridge._invoke_target(target, event, rule)


def _event(source: str, resource: str, now: float) -> dict[str, Any]:
    return {
        "EventId": eventbridge.new_uuid(),
        "Source": source,
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "EventBusName": "default",
        "Time": int(now),
        "Resources": [resource],
        "Account": get_account_id(),
        "Region": eventbridge.get_region(),
    }


def _expire_items(account: str) -> None:
    """DynamoDB's time to live: expired items go, with a REMOVE record in the stream.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
    """
    now = clock.now(account)
    for (owner, region, name), setting in list(dynamodb._ttl_settings._data.items()):
        table = dynamodb._tables.get_scoped(owner, region, name)
        if owner != account or setting.get("TimeToLiveStatus") != "ENABLED" or not table:
            continue
        with request_scope(owner, region), dynamodb._lock:
            for partition, rows in list(table["items"].items()):
                for sort, item in list(rows.items()):
                    if _expired(item.get(setting.get("AttributeName", "")), now):
                        dynamodb._remove_item(table, partition, sort)
                        _announce_expiry(name, item)


def _expired(value: dict[str, str] | None, now: float) -> bool:
    """Only numbers count, and nothing older than five years is touched (as on AWS)."""
    number = (value or {}).get("N")
    return number is not None and now - 5 * 365 * 86400 < float(number) <= now


def _announce_expiry(table: str, item: dict[str, Any]) -> None:
    dynamodb._emit_stream_event(table, "REMOVE", item, None)
    for record in (dynamodb._stream_records.get(table) or [])[-1:]:
        record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def forget(account: str) -> None:
    for key in [key for key in _fired if key[1] == account]:
        _fired.pop(key, None)
