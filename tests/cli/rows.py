"""The table as a test sees it."""

import json
from collections.abc import Iterator

from emailchannel.aws.table import decode

# What lives for minutes, or is read from elsewhere: no replay brings it back.
PASSING = ("RATE#", "SESSION#", "WATCH#", "READING#", "JOURNAL#", "AGENT#", "DIRECTORY")
# What only says how far some work is.
PROGRESS = {"todo_at", "claim", "claimed_at", "attempt", "offered_at"}


def everything(s) -> Iterator[dict]:
    """Every item of the table."""
    pages = s.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=s.resources["Table"], ConsistentRead=True):
        yield from map(decode, page["Items"])


def lasting(s) -> dict[tuple[str, str], dict]:
    """The rows that a replay has to bring back, without what only says how far some work is."""
    found = {}
    for item in everything(s):
        if item["pk"].startswith(PASSING) or item["sk"] in {"AGENT", "SUPPRESSED"}:
            continue
        plain = {k: v for k, v in item.items() if k not in PROGRESS and v not in ("", None)}
        if "event" in plain:
            plain["event"] = json.loads(plain["event"])
        if item["pk"].startswith("MAIL#"):  # whether all that follows was started
            plain = {k: v for k, v in plain.items() if k not in {"stage", "todo"}}
        if item["pk"].startswith("QUARANTINE#"):  # the same name may have come on both routes
            del plain["route"]
        found[item["pk"], item["sk"]] = plain
    return found


def empty(s) -> None:
    """Lose the table."""
    for item in list(everything(s)):
        remove(s, item["pk"], item["sk"])


def remove(s, pk, sk) -> None:
    """Lose one row."""
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    s.client("dynamodb").delete_item(TableName=s.resources["Table"], Key=key)
