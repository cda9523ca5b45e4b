"""DynamoDB reads that lag behind the latest writes, as eventually consistent reads may.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html
"""

from __future__ import annotations

import json
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import ministack.app as gateway
from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb

from local.world import clock

WINDOW = 60  # seconds of the account's clock a read may lag behind (on AWS mostly under one)
_READS = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"}
_Table = tuple[str, str, str]
_Before = OrderedDict[tuple[Any, Any], tuple[float, dict[str, Any] | None]]
_before: dict[_Table, _Before] = {}  # items as they were before their latest write, oldest first
_lagging: ContextVar[bool] = ContextVar("lagging", default=False)


def apply() -> None:
    keep_versions()
    serve_old_versions()


def eventual(action: str, body: bytes) -> bool:
    """Whether a call is a read that DynamoDB may answer from the past."""
    return action in _READS and not json.loads(body or b"{}").get("ConsistentRead")


@contextmanager
def lagging() -> Iterator[None]:
    """Reads served meanwhile see each item as it was before its latest write."""
    token = _lagging.set(True)
    try:
        yield
    finally:
        _lagging.reset(token)


def keep_versions() -> None:
    """Every write of an item tells what was there before."""
    emit = dynamodb._emit_stream_event

    def emit_and_keep(name: str, kind: str, old: Any, new: Any, *rest: Any, **more: Any) -> None:
        _keep(name, old, new)
        emit(name, kind, old, new, *rest, **more)

    dynamodb._emit_stream_event = emit_and_keep


def _keep(name: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
    table, item = dynamodb._tables.get(name), new or old
    if not table or not item:
        return
    account = get_account_id()
    now, known = clock.now(account), _before.setdefault((account, get_region(), name), _Before())
    sort = table.get("sk_name")
    key = (
        dynamodb._extract_key_val(item.get(table["pk_name"])),
        dynamodb._extract_key_val(item.get(sort)) if sort else "__no_sort__",
    )
    known[key] = (now, old)
    known.move_to_end(key)
    while known and next(iter(known.values()))[0] < now - WINDOW:
        known.popitem(last=False)


def serve_old_versions() -> None:
    """A lagging read is served from a copy of its table with the old versions in place."""
    serve = gateway.SERVICE_HANDLERS["dynamodb"]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        if not _lagging.get():
            return await serve(method, path, headers, body, query)
        asked = json.loads(body)
        name = dynamodb._normalize_table_name(asked["TableName"])
        with _copy(name) as copy:
            old = {**asked, "TableName": copy, "ReturnConsumedCapacity": "NONE"}
            return await serve(method, path, headers, json.dumps(old).encode(), query)

    gateway.SERVICE_HANDLERS["dynamodb"] = handle


@contextmanager
def _copy(name: str) -> Iterator[str]:
    """The name of a table that is this one some moments ago; gone at the end."""
    table = dynamodb._tables.get(name)
    if not table:
        yield name
        return
    with dynamodb._lock:
        items = defaultdict(dict, {key: dict(rows) for key, rows in table["items"].items()})
    account = get_account_id()
    for (partition, sort), (at, old) in _before.get((account, get_region(), name), {}).items():
        if at < clock.now(account) - WINDOW:
            continue
        if old is None:
            items[partition].pop(sort, None)
        else:
            items[partition][sort] = old
    copy = f"lagging-{uuid.uuid4()}"
    dynamodb._tables[copy] = {**table, "items": items, dynamodb._INDEX_MEMBERS: None}
    try:
        yield copy
    finally:
        dynamodb._tables.pop(copy, None)


def forget(account: str) -> None:
    for key in [key for key in _before if key[0] == account]:
        _before.pop(key, None)
