"""The journal: every change, in S3, so that the table can be built again from it.

A change and the note that it must be journalled are written in one transaction; the object follows,
and where it could not be written the caretaker does it later. What concerns one case lies under one
prefix, in the order it happened.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from .case import Contact, Interaction
from .ports import Change, Channel, Outgoing, Record

VERSION: Final = 1
PREFIX: Final = "journal"
NO_CASE: Final = "none"  # where what belongs to no case is kept

CHANGE: Final = "change"
NOTE: Final = "note"
RESULT: Final = "result"
EVENT: Final = "event"
CONTACT: Final = "contact"


def keep(channel: Channel, change: Change) -> bool:
    """Make a change, all of it or (False) nothing, and journal it."""
    record = _of_change(change, channel.now_ms())
    if not channel.cases.keep(change, record):
        return False
    catch_up(channel, record)
    return True


def catch_up(channel: Channel, record: Record) -> None:
    """Write the object of a change that is in the table."""
    write(channel, record)
    channel.cases.journalled(record.id, channel.now_ms())


def note(channel: Channel, case_id: str, log: Interaction, at: int = 0) -> None:
    """Add an entry to the history of a case; `at` is when it took effect, if that was later."""
    record = _record(NOTE, case_id, at or log.at, {"log": asdict(log)})
    channel.cases.note(case_id, log, record)
    catch_up(channel, record)


def result(channel: Channel, outgoing: Outgoing, state: str, **facts: str) -> None:
    """Journal what became of an attempt to send, before the table knows it.

    Whoever learns of it, and however often, writes the same record.
    """
    about = {"outbox_id": outgoing.id, "message_id": outgoing.message_id}
    told = {**about, "attempt": outgoing.attempt, "state": state, **facts}
    name = f"{_attempt(outgoing)}.{state}.{facts.get('ses_id', '')}"
    write(channel, Record(RESULT, name, outgoing.case_id, _given_at(outgoing), told))


def accepted_as(channel: Channel, outgoing: Outgoing) -> str:
    """The SES id of a mail whose acceptance is journalled, and perhaps nowhere else; or empty."""
    about = Record(RESULT, _attempt(outgoing), outgoing.case_id, _given_at(outgoing), {})
    [start] = keys_of(about)
    found, _ = channel.mails.page(start.removesuffix(".json"))
    names = (stored.key.removesuffix(".json").split(".") for stored in found)
    return next((name[-1] for name in names if name[-2:-1] == ["SENT"]), "")


def _given_at(outgoing: Outgoing) -> int:
    return outgoing.claimed_at or outgoing.at


def _attempt(outgoing: Outgoing) -> str:
    return f"{outgoing.id}.{outgoing.attempt}"


def event(channel: Channel, outgoing: Outgoing, event_id: str, at: int, found: Any) -> None:
    """Journal what SES says became of a mail; the same event again is the same object."""
    facts = {"outbox_id": outgoing.id, "event_id": event_id, "event": found}
    write(channel, Record(EVENT, event_id, outgoing.case_id, at, facts))


def contact(channel: Channel, found: Contact, what: str, **facts: object) -> None:
    """Journal what happened to a Connect contact: started, moved or ended."""
    told = {"contact": asdict(found), "what": what, **facts}
    write(channel, _record(CONTACT, found.case_id, channel.now_ms(), told))


def write(channel: Channel, record: Record) -> None:
    """Write one record; the same record again changes nothing."""
    for key in keys_of(record):
        channel.mails.write(key, dumps(record).encode(), "application/json")


def keys_of(record: Record) -> list[str]:
    """Where a record is: under its case by time, and under the case it made, if it made one."""
    name = f"{record.at:013d}-{record.kind}-{record.id}.json"
    places = dict.fromkeys((record.case_id or NO_CASE, *record.facts.get("also", ())))
    return [f"{PREFIX}/{place}/{name}" for place in places]


def dumps(record: Record) -> str:
    """The record as it is stored."""
    whole = {"version": VERSION, **asdict(record)}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def loads(text: str | bytes) -> Record:
    """The record that `dumps` wrote. Raises ValueError for anything else."""
    found = json.loads(text)
    if not isinstance(found, dict) or found.get("version") != VERSION or "facts" not in found:
        raise ValueError("no record of the journal")
    return Record(**{field.name: found[field.name] for field in fields(Record)})


def change_of(record: Record) -> Change:
    """The change in a record of kind `change`."""
    made: Change = value_of(Change, record.facts["change"])
    return made


def _record(kind: str, case_id: str, at: int, facts: dict[str, Any]) -> Record:
    """The id is made of what happened: told twice, it is the same record."""
    text = json.dumps([kind, case_id, at, facts], sort_keys=True, default=str)
    return Record(kind, hashlib.sha256(text.encode()).hexdigest()[:20], case_id, at, facts)


def _of_change(change: Change, at: int) -> Record:
    decided = change.decided.case_id if change.decided else ""
    facts: dict[str, Any] = {"change": asdict(change)}
    if decided and change.case_id != decided:
        facts["also"] = [change.case_id]
    return _record(CHANGE, decided or change.case_id, at, facts)


def value_of(kind: Any, found: Any) -> Any:
    """JSON as the dataclass, tuple or plain value that its type says."""
    if get_origin(kind) in {Union, UnionType}:
        if found is None:
            return None
        return value_of(next(one for one in get_args(kind) if one is not NoneType), found)
    if get_origin(kind) is tuple:
        of = get_args(kind)[0]
        return tuple(value_of(of, one) for one in found)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        known: Mapping[str, Any] = found
        return kind(**{name: value_of(hints[name], known[name]) for name in hints if name in known})
    return found
