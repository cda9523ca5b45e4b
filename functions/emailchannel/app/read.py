"""Messages as other systems read them: GraphQL values (schema.graphql), in pages."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Final

from .. import trust
from ..case import APP, Case, Message
from ..document import attachment_key
from ..mail import html as markup
from ..mail.address import normalise
from ..moments import iso
from ..ports import Channel
from . import cases
from .conversation import is_open, reply_to
from .cursor import cursor, position_of
from .ulid import in_case, is_ulid, time_of
from .values import EMAIL, IN, MOST, OUT, PAGE, AppMessage, Page, Place, Refused, status_of

Value = dict[str, Any]

_SHOWN: Final = frozenset({"customer", "automatic", "reply", APP})
_DISPOSITIONS: Final = frozenset({trust.ACCEPTED, trust.FLAGGED, trust.ATTACHED, trust.SENT})
_LONGEST: Final = 320  # characters of what messages are listed by: an address (RFC 5321)
_LARGEST: Final = 4_000_000  # bytes of an answer's JSON: those of a Lambda function have 6 MB
_LONGEST_BODY: Final = 300_000  # characters, of a message that is too large by itself
_LOOKS: Final = 5  # at the table for one page, however many rows are not for others
_BYTES: Final = "application/octet-stream"
_LOCKED: Final = "virus-unknown"


@dataclass(frozen=True)
class Filter:
    """Whose messages to list: one of the first four; `since` in milliseconds."""

    to: str = ""
    sender_id: str = ""
    recipient_id: str = ""
    case_id: str = ""
    since: int = 0
    method: str = ""


def is_shown(kind: str, disposition: str) -> bool:
    """Whether a message of a case is for others than its agents."""
    return kind in _SHOWN and disposition in _DISPOSITIONS


def message(channel: Channel, identity: str) -> Value | None:
    """One message by its id; what is for agents alone is not there."""
    place = channel.cases.place(identity) if is_ulid(identity) else None
    found = channel.cases.several([place]) if place else []
    shown = values(channel, [one for one in found if _is_for_others(one)])
    return shown[0] if shown else None


def _is_for_others(found: AppMessage | Message) -> bool:
    return isinstance(found, AppMessage) or is_shown(found.kind, found.disposition)


def of_place(channel: Channel, place: Place) -> Value | None:
    """One message by where it is."""
    found = values(channel, channel.cases.several([place]))
    return found[0] if found else None


def listed(channel: Channel, wanted: Filter, first: int | None, after: str) -> Page | Refused:
    """Messages for a filter, newest first."""
    names = (
        ("TO", normalise(wanted.to)),
        ("SENDER", wanted.sender_id),
        ("RECIPIENT", wanted.recipient_id),
        ("CASE", wanted.case_id),
    )
    given = [(index, name) for index, name in names if name]
    if len(given) != 1:
        words = "A filter has exactly one of to, senderId, recipientId and caseId."
        return Refused("InvalidInput", words)
    index, name = given[0]
    asked = _asked(channel, f"{index}|{name}|newest", first, after)
    if isinstance(asked, Refused):
        return asked
    if index == "CASE":
        if cases.known(channel, name) is None:
            return Refused("NotFound", "There is no such case.")
        return _fitting(
            asked, lambda one: _thread(channel, name, one, newest_first=True, wanted=wanted)
        )
    if len(name) > _LONGEST:
        return Page()
    return _fitting(asked, lambda one: _entries(channel, index, name, one, wanted))


def thread(
    channel: Channel, case: Case, first: int | None, after: str, *, newest_first: bool
) -> Page | Refused:
    """The messages of a case in one order or the other."""
    order = "newest" if newest_first else "oldest"
    asked = _asked(channel, f"CASE|{case.id}|{order}", first, after)
    if isinstance(asked, Refused):
        return asked
    return _fitting(
        asked,
        lambda one: _thread(channel, case.id, one, newest_first=newest_first, wanted=Filter()),
    )


@dataclass(frozen=True)
class _Asked:
    of: str
    limit: int
    position: str


def _asked(channel: Channel, of: str, first: int | None, after: str) -> _Asked | Refused:
    limit = PAGE if first is None else first
    if not 1 <= limit <= MOST:
        return Refused("InvalidInput", f"first is from 1 to {MOST}.")
    position = position_of(channel.keys.case_key(), of, after) if after else ""
    if position is None:
        return Refused("InvalidInput", "after is no cursor of this list.")
    return _Asked(of, limit, position)


def _fitting(asked: _Asked, read: Callable[[_Asked], Page]) -> Page:
    """What is asked for, or as much of it as one answer holds; the cursor goes on behind that."""
    page = read(asked)
    sizes = accumulate(len(json.dumps(value)) for value in page.data)
    few = sum(size <= _LARGEST for size in sizes)
    return page if few == len(page.data) else read(replace(asked, limit=max(few, 1)))


def _page(channel: Channel, asked: _Asked, found: Sequence[Any], more: str) -> Page:
    end = cursor(channel.keys.case_key(), asked.of, more) if more else None
    return Page(values(channel, found), end)


def _entries(channel: Channel, index: str, name: str, asked: _Asked, wanted: Filter) -> Page:
    """Entries of an index: their ids tell their time, and the list ends where `since` begins."""
    found: list[AppMessage | Message] = []
    position = asked.position
    for _ in range(_LOOKS):
        places, position = channel.cases.listed(index, name, asked.limit - len(found), position)
        young = [place for place in places if time_of(place.id) >= wanted.since]
        found += [one for one in channel.cases.several(young) if _is_wanted(one, wanted)]
        if len(young) < len(places):
            position = ""
        if not position or len(found) >= asked.limit:
            break
    return _page(channel, asked, found, position)


def _thread(
    channel: Channel, case_id: str, asked: _Asked, *, newest_first: bool, wanted: Filter
) -> Page:
    found: list[Message] = []
    position = asked.position
    for _ in range(_LOOKS):
        limit = asked.limit - len(found)
        page, position = channel.cases.thread(case_id, limit, position, newest_first=newest_first)
        found += [one for one in page if _is_for_others(one) and _is_wanted(one, wanted)]
        if newest_first and page and page[-1].at < wanted.since:
            position = ""
        if not position or len(found) >= asked.limit:
            break
    return _page(channel, asked, found, position)


def _is_wanted(found: AppMessage | Message, wanted: Filter) -> bool:
    method = found.method if isinstance(found, AppMessage) else EMAIL
    return found.at >= wanted.since and wanted.method in {"", method}


def conversation(channel: Channel, case: Case, page: Page) -> Value:
    """A case as a conversation, with a page of its messages."""
    return {
        "caseId": case.id,
        "subject": case.subject,
        "to": case.customer.address,
        "replyTo": reply_to(channel, case),
        "open": is_open(case),
        "messages": of_page(page),
    }


def of_page(page: Page) -> Value:
    """A page as its GraphQL value."""
    info = {"hasNextPage": page.cursor is not None, "endCursor": page.cursor}
    return {"data": page.data, "pageInfo": info}


def values(channel: Channel, found: Sequence[AppMessage | Message]) -> list[Value]:
    """Messages with their words, which are read from S3 together."""
    keys = [one.body_key if isinstance(one, AppMessage) else one.formatted_key for one in found]
    bodies = channel.mails.several(keys)
    documents = (json.loads(body) if body else {} for body in bodies)
    told = zip(found, documents, strict=True)
    return [_bounded(_value(channel, one, document)) for one, document in told]


def _bounded(value: Value) -> Value:
    """A message that no answer could hold comes without its HTML, or with less of its text."""
    for less in ({"html": None}, {"body": value["body"][:_LONGEST_BODY]}):
        if len(json.dumps(value)) > _LARGEST:
            value = {**value, **less}
    return value


def _value(channel: Channel, found: AppMessage | Message, document: Value) -> Value:
    own = _alone(found) if isinstance(found, AppMessage) else _of_case(found)
    shown = str(document.get("html") or "")
    identity = found.outbox_id if isinstance(found, AppMessage) else found.id
    locked = isinstance(found, Message) and _LOCKED in found.flags
    files = [] if locked else document.get("attachments") or []
    return {
        **own,
        "createdAt": moment(found.at),
        "subject": found.subject,
        "body": str(document.get("new_text") or document.get("text") or ""),
        "html": markup.sanitise(shown) if shown else None,
        "attachments": [_file(channel, identity, entry) for entry in files],
        "senderId": found.sender_id or None,
        "recipientId": found.recipient_id or None,
    }


def _alone(found: AppMessage) -> Value:
    return {
        "id": found.id,
        "direction": OUT,
        "deliveryMethod": found.method,
        "deliveryStatus": found.status,
        "deliveryReason": found.reason or None,
        "from": found.from_,
        "to": found.to,
        "caseId": None,
        "authenticated": True,
        "segments": found.segments or None,
        "encoding": found.encoding or None,
    }


def _of_case(found: Message) -> Value:
    out = found.direction == "out"
    return {
        "id": in_case(found.at, found.case_id, found.id),
        "direction": OUT if out else IN,
        "deliveryMethod": EMAIL,
        "deliveryStatus": status_of(found.delivery) if out else "RECEIVED",
        "deliveryReason": found.returned.partition(": ")[2] or None,
        "from": found.from_.address,
        "to": found.to[0] if found.to else "",
        "caseId": found.case_id,
        "authenticated": out or found.disposition in {trust.ACCEPTED, trust.ATTACHED},
        "segments": None,
        "encoding": None,
    }


def _file(channel: Channel, identity: str, entry: Value) -> Value:
    number, name = int(entry["n"]), str(entry["filename"] or "attachment")
    life = channel.settings.access_timeout
    url = channel.mails.link(attachment_key(identity, number), name, _BYTES, life)
    return {
        "filename": name,
        "contentType": entry["content_type"],
        "size": int(entry["size"]),
        "inline": bool(entry["inline"]),
        "contentId": entry.get("content_id"),
        "url": url,
    }


def moment(at: int) -> str:
    """AWSDateTime, with its milliseconds: messages of the same second are told apart."""
    return f"{iso(at)[:-1]}.{at % 1000:03d}Z"
