"""What a change of the table means to other systems: events, and news for subscribers.

Pure: the images of a row before and after, as plain values. An event carries ids, statuses, times
and counts only. Who is allowed to see names and words asks the messages API by the id.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .app.read import is_shown, moment
from .app.ulid import in_case
from .app.values import ACCEPTED, EMAIL, IN, OUT, status_of
from .case import APP, REJECTED, RESOLVED

VERSION: Final = "1"
_CLOSED: Final = frozenset({RESOLVED, REJECTED})
_INSIDE: Final = frozenset({"note", "relay"})  # agents' words for each other
_NOT_SENT: Final = frozenset({ACCEPTED, "FAILED", "UNDONE", "UNKNOWN", "REJECTED"})

Image = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A change of one row. `change` is the stream's id of it; `at` when it happened (ms)."""

    change: str
    at: int
    old: Image
    new: Image


@dataclass(frozen=True)
class Event:
    """An event for EventBridge: `kind` is its detail-type."""

    kind: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Publication:
    """What subscribers are told: a mutation of schema.graphql and its `event`."""

    mutation: str
    event: dict[str, Any]


def events(row: Row, stack: str) -> Iterator[Event]:
    """The events that a change means; told again, they have the same ids."""
    for kind, facts in _facts(row):
        told = hashlib.sha256(f"{stack}|{row.change}|{kind}".encode()).hexdigest()[:32]
        head = {"version": VERSION, "id": told, "stack": stack, "at": moment(row.at)}
        yield Event(kind, {**head, **facts})


def _facts(row: Row) -> Iterator[tuple[str, dict[str, Any]]]:
    sk = str(row.new.get("sk", ""))
    if sk == "CASE":
        yield from _of_case(row.old, row.new)
    elif sk.startswith("MSG#"):
        yield from _of_message(row.old, row.new)
    elif sk == "APP":
        about = {"caseId": None, "messageId": row.new["id"]}
        about["deliveryMethod"] = row.new["method"]
        yield from _of_status(_app_status(row.old), str(row.new["status"]), about)


def _of_case(old: Image, new: Image) -> Iterator[tuple[str, dict[str, Any]]]:
    about = {"caseId": new["id"]}
    if not old:
        yield "Case Opened", {**about, "openedBy": APP if new.get("app") else "customer"}
    if new["status"] in _CLOSED and old.get("status") not in _CLOSED:
        yield "Case Closed", {**about, "status": str(new["status"]).upper()}


def _of_message(old: Image, new: Image) -> Iterator[tuple[str, dict[str, Any]]]:
    about = {"caseId": new["case_id"], "messageId": _id(new), "deliveryMethod": EMAIL}
    if new["direction"] == "out":
        yield from _of_status(_status(old), _status(new), about)
    elif not old and new["kind"] not in _INSIDE:
        yield (
            "Message Received",
            {
                **about,
                "kind": new["kind"],
                "disposition": new["disposition"],
                "attachments": len(new["attachments"]),
            },
        )


def _of_status(
    before: str, now: str, about: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A mail was sent once some service has it, whatever it says of it first."""
    if before in _NOT_SENT | {""} and now not in _NOT_SENT:
        yield "Message Sent", about
    if before and now != before:
        yield "Message Status Changed", {**about, "status": now, "before": before}


def _status(image: Image) -> str:
    return status_of(str(image.get("delivery") or "")) if image else ""


def _app_status(image: Image) -> str:
    return str(image.get("status") or "") if image else ""


def _id(message: Image) -> str:
    return in_case(int(message["at"]), str(message["case_id"]), str(message["id"]))


def publications(row: Row) -> Iterator[Publication]:
    """What subscribers hear of a change."""
    sk, old, new = str(row.new.get("sk", "")), row.old, row.new
    if sk.startswith("MSG#") and _is_shown(new):
        out = new["direction"] == "out"
        if not _is_shown(old):
            yield Publication(
                "publishMessage",
                {
                    "caseId": new["case_id"],
                    "id": _id(new),
                    "direction": OUT if out else IN,
                    "createdAt": moment(int(new["at"])),
                },
            )
        if out and _status(old) != _status(new):
            reason = str(new.get("returned") or "").partition(": ")[2]
            for address in new["to"]:
                yield _status_news(row, str(address), _id(new), _status(new), reason)
    elif sk == "APP" and _app_status(old) != _app_status(new):
        reason = str(new.get("reason") or "")
        yield _status_news(row, str(new["to"]), str(new["id"]), str(new["status"]), reason)


def _is_shown(message: Image) -> bool:
    return bool(message) and is_shown(message["kind"], message["disposition"])


def _status_news(row: Row, to: str, identity: str, status: str, reason: str) -> Publication:
    return Publication(
        "publishDeliveryStatus",
        {
            "to": to,
            "id": identity,
            "caseId": row.new.get("case_id") or None,
            "deliveryStatus": status,
            "deliveryReason": reason or None,
            "at": moment(row.at),
        },
    )
