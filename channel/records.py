"""The journal as it lies in the bucket, and what can be folded from it."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from emailchannel import journal
from emailchannel.ports import Mails, Outgoing, Record
from emailchannel.rebuild import Folded, fold, strays

_HOUR: Final = 3_600_000  # ms
_SETTLED_WITHIN: Final = 6  # hours: by then what becomes of a mail of ours is known
_KNOWN_WITHIN: Final = 15 * 24  # hours: another system's may wait among dead letters till then
_RESULTS: Final = frozenset({journal.RESULT, journal.EVENT})
_NONE: Final = f"{journal.PREFIX}/{journal.NO_CASE}/"


@dataclass(frozen=True)
class Span:
    """A stretch of time, in milliseconds: `first` belongs to it, `end` does not."""

    first: int
    end: int

    def holds(self, at: int) -> bool:
        """Whether a time lies in it."""
        return self.first <= at < self.end


def span(first: date | None, last: date | None) -> Span:
    """Whole days (UTC), both included; all time where one is not given."""
    return Span(_begins(first) if first else 0, _begins(last + timedelta(1)) if last else 10**13)


def _begins(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


@dataclass(frozen=True)
class Place:
    """What can be folded by itself: a case with all its records, or one record of no case."""

    case_id: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The places with a record in a span, and what administrators did at any time."""

    places: list[Place]
    acts: list[str]
    records: int


@dataclass
class Records:
    """The journal, read."""

    mails: Mails
    unreadable: list[str] = field(default_factory=list)
    _hours: dict[int, dict[str, list[Record]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def listing(self, wanted: Span) -> Listing:
        """Every place that has something to tell of this span: the names alone are looked at."""
        cases: defaultdict[str, list[str]] = defaultdict(list)
        places, acts, count = [], [], 0
        for key in self.keys(f"{journal.PREFIX}/"):
            count += 1
            place, _, name = key.removeprefix(f"{journal.PREFIX}/").rpartition("/")
            if not place:
                acts.append(key)
            elif place != journal.NO_CASE:
                cases[place].append(key)
            elif wanted.holds(_at(name)) and f"-{journal.CHANGE}-" in name:
                places.append(Place("", (key,)))
        for case_id, keys in cases.items():
            if any(wanted.holds(_at(key.rpartition("/")[2])) for key in keys):
                places.append(Place(case_id, tuple(keys)))
        return Listing(places, acts, count)

    def keys(self, prefix: str, after: str = "") -> Iterator[str]:
        """Every key with this prefix, in order."""
        while True:
            page, after = self.mails.page(prefix, after)
            yield from (stored.key for stored in page)
            if not after:
                return

    def read(self, key: str) -> Record | None:
        """One record; what is none is remembered in `unreadable`."""
        body = self.mails.read(key)
        try:
            return journal.loads(body or b"")
        except (ValueError, KeyError, TypeError):
            self.unreadable.append(key)
            return None

    def act(self, key: str) -> dict[str, Any]:
        """What an administrator did, as journal.py wrote it."""
        try:
            found = json.loads(self.mails.read(key) or b"")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.unreadable.append(key)
            return {}
        return found

    def folded(self, place: Place) -> Folded:
        """The rows of a place."""
        records = [record for key in place.keys if (record := self.read(key))]
        if place.case_id:
            sent = strays(records)
        else:
            changes = [journal.change_of(record) for record in records]
            sent = [mail for change in changes for mail in change.outgoing]
        for mail in sent:
            records += self._about(mail)
        return fold(place.case_id, records)

    def _about(self, mail: Outgoing) -> list[Record]:
        """What became of a mail that belongs to no case."""
        first = mail.at // _HOUR
        hours = _KNOWN_WITHIN if mail.by_app else _SETTLED_WITHIN
        found = [self._hour(first + n).get(mail.id, ()) for n in range(hours)]
        return [record for records in found for record in records]

    def _hour(self, number: int) -> dict[str, list[Record]]:
        """Results and events of mails without a case, by outbox id, of one hour since 1970."""
        with self._lock:
            if number not in self._hours:
                self._hours[number] = self._read_hour(number)
            return self._hours[number]

    def _read_hour(self, number: int) -> dict[str, list[Record]]:
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for key in self.keys(_NONE, f"{_NONE}{number * _HOUR:013d}"):
            name = key.removeprefix(_NONE)
            if _at(name) >= (number + 1) * _HOUR:
                break
            if _kind(name) in _RESULTS and (record := self.read(key)):
                found[record.facts["outbox_id"]].append(record)
        return found


def _at(name: str) -> int:
    digits = name.partition("-")[0]
    return int(digits) if digits.isdecimal() else 0


def _kind(name: str) -> str:
    return name.split("-", 2)[1] if name.count("-") > 1 else ""
