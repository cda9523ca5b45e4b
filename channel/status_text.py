"""The state of a channel for an administrator's eyes."""

import textwrap
from collections.abc import Iterator
from typing import Final

from . import screen
from .status_values import Backlog, QueueState, Status

_LABEL: Final = 22
_KEYS: Final = 5  # of mails that were not taken in
_SENDS: Final = {
    "PENDING": "wait to be sent",
    "SENDING": "are being sent, or SES's answer was lost",
    "UNKNOWN": "SES's answer was lost, and its events do not come",
}
_BACKLOGS: Final = {
    "intake": "Mail half taken in",
    "hold": "Held, undecided",
    "journal": "Journal to be written",
}


def as_text(found: Status) -> str:
    """Queues as a table, the rest a line each, and what to do last."""
    lines = [f"{screen.moment(found.at)} UTC", "", _queues(found.queues), ""]
    for label, words in _facts(found):
        first, *more = textwrap.wrap(words, screen.WIDTH - _LABEL, break_on_hyphens=False)
        lines.append(f"{label:{_LABEL}}{first}")
        lines += [" " * _LABEL + line for line in more]
    remedies = list(_remedies(found))
    lines += ["", *remedies] if remedies else ["", "Nothing here needs a person."]
    return "\n".join(lines)


def _queues(queues: tuple[QueueState, ...]) -> str:
    rows = [
        (
            queue.name,
            str(queue.waiting),
            str(queue.in_work),
            str(queue.delayed),
            "-" if queue.oldest is None else age(queue.oldest * 1000),
            str(queue.dead),
        )
        for queue in queues
    ]
    return screen.table(("queue", "waiting", "in work", "delayed", "oldest", "dead letters"), rows)


def age(milliseconds: int) -> str:
    """How long, in the largest fitting unit."""
    seconds = max(milliseconds, 0) // 1000
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _facts(found: Status) -> Iterator[tuple[str, str]]:
    for n, entry in enumerate(found.sends):
        words = f"{_many(entry, found.at)}: {_SENDS.get(entry.kind, entry.kind)}"
        yield "" if n else "Not yet sent", words
    if not found.sends:
        yield "Not yet sent", "none"
    for entry in found.backlogs:
        yield _BACKLOGS.get(entry.kind, entry.kind), _many(entry, found.at)
    yield "Mail not taken in", _swept(found)
    yield "Canary", _canary(found)
    names = ", ".join(name for name, _ in found.alarms)
    yield "Alarms", names or "none"


def _many(entry: Backlog, now: int) -> str:
    if not entry.count:
        return "none"
    number = f"{entry.count} or more" if entry.more else str(entry.count)
    return f"{number}, the oldest {age(now - entry.oldest_at)} old"


def _swept(found: Status) -> str:
    sweep = found.sweep
    words = "none" if not sweep.unprocessed else str(len(sweep.unprocessed))
    if not sweep.all_seen:
        words += f" among the first {sweep.looked:,} objects; --most looks further"
    if sweep.clean_until <= 0:
        return f"{words}; the caretaker has not been through yet"
    return f"{words}; the caretaker saw all until {screen.moment(sweep.clean_until)}"


def _canary(found: Status) -> str:
    canary = found.canary
    if canary is None:
        return "never sent"
    if canary.arrived_at:
        taken = age(canary.arrived_at - canary.sent_at)
        return f"arrived {screen.moment(canary.arrived_at)}, after {taken}"
    return f"under way for {age(found.at - canary.sent_at)}"


def _remedies(found: Status) -> Iterator[str]:
    if any(queue.dead for queue in found.queues):
        yield "Dead letters: `deadletters list` shows them."
    if any(entry.kind == "UNKNOWN" for entry in found.sends):
        yield "Unknown sends: `doctor` tells whether SES's events arrive; `canary` tries it."
    if found.sweep.unprocessed:
        yield "Not taken in: the caretaker queues them within five minutes. They are"
        yield from (f"  {screen.plain(key)}" for key in found.sweep.unprocessed[:_KEYS])
        if len(found.sweep.unprocessed) > _KEYS:
            yield f"  and {len(found.sweep.unprocessed) - _KEYS} more"
    if found.canary_is_lost:
        yield "Canary: mail does not go round. `doctor` looks for the reason."
    for _, description in found.alarms:
        yield from textwrap.wrap(f"Alarm: {screen.plain(description)}", screen.WIDTH)
