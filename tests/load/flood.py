"""One sender floods; ten others' mails must become tasks within two minutes all the same."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from local.testing import Stack, stack

from . import mails, watch
from .watch import Row

FLOOD = 5_000
OTHERS = 10
ALLOWED = 100  # MailsPerSenderPerHour, its default
WITHIN = 120.0
_PATIENCE = 900.0
_FLOODER = "flood@one.example"


@dataclass(frozen=True)
class Delivered:
    """Another customer's mail: when it was handed in (epoch seconds) and its SES id."""

    sender: str
    at: float
    ses_id: str


def measure(count: int = FLOOD) -> Iterator[Row]:
    with stack() as s:
        s.connect("POST", "limits", watch.CONNECT_QUOTA)
        started, hour = time.monotonic(), _hour()
        others = _flood(s, count)
        yield Row(f"{count} mails of one sender delivered in", f"{_since(started)} s")
        longest = watch.held(s)["ingest"]
        yield Row("of them still in the ingest queue then", str(longest))
        watch.wait_until("ingest", lambda: not watch.held(s)["ingest"], _PATIENCE)
        yield Row("all taken in after", f"{_since(started)} s")
        watch.wait_until("the end", lambda: watch.all_done(s), _PATIENCE, 1)
        yield from _others(s, others)
        yield from _flooder(s, count, ALLOWED * (1 + _hour() - hour))


def _hour() -> int:
    """The limit counts by the hour of the clock."""
    return int(time.time()) // 3600


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f}"


def _flood(s: Stack, count: int) -> list[Delivered]:
    """The flood, with another customer's mail after each eleventh of it."""
    found = []
    part = count // (OTHERS + 1) + 1

    def one(numbered: tuple[int, mails.Letter]) -> None:
        number, letter = numbered
        if number and number % part == 0:
            found.append(_other(s, number // part))
        s.deliver(letter.raw, letter.sender, [s.inquiry_address])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, enumerate(mails.of_flooder(count, _FLOODER))))
    return found


def _other(s: Stack, number: int) -> Delivered:
    sender = f"ann{number}@quiet{number}.example"
    raw = mails.short(sender, f"Kettle {number}", "The kettle I bought leaks.\n")
    return Delivered(sender, time.time(), s.deliver(raw, sender, [s.inquiry_address]))


def _others(s: Stack, others: list[Delivered]) -> Iterator[Row]:
    tasks = {task["attributes"].get("from_address"): task for task in s.tasks()}
    waited = sorted(
        tasks[one.sender]["created_at"] - one.at for one in others if one.sender in tasks
    )
    yield Row("mails of others that became tasks", str(len(waited)), len(waited) == OTHERS)
    seconds = ", ".join(f"{each:.1f}" for each in waited)
    yield Row("seconds from delivery to task, of each", seconds, max(waited) <= WITHIN)


def _flooder(s: Stack, count: int, most: int) -> Iterator[Row]:
    mine = [case["id"] for case in s.cases() if case["customer"] == _FLOODER]
    opened = sum(len(s.messages(case)) for case in mine)
    kept = Counter(entry["reason"] for entry in s.quarantine() if entry["from"] == _FLOODER)
    yield Row("of the flooder: messages in cases", str(opened), ALLOWED <= opened <= most)
    yield Row("of the flooder: in the quarantine", watch.in_words(kept))
    lost = count - opened - kept.total()
    yield Row("of the flooder: lost", str(lost), not lost)
    dead = watch.dead_letters(s)
    yield Row("dead letters", str(dead), not dead)
    yield Row("work that went back to its queue", watch.in_words(watch.retries(s)))
