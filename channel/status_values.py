"""The state of a channel as a value."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from emailchannel.moments import iso
from emailchannel.ports import Canary

_LOST: Final = 15 * 60_000  # ms


@dataclass(frozen=True)
class QueueState:
    """Messages of a queue. `oldest`: seconds, None where CloudWatch does not know."""

    name: str
    waiting: int
    in_work: int
    delayed: int
    oldest: int | None
    dead: int


@dataclass(frozen=True)
class Backlog:
    """Rows with work left of one kind; `oldest_at` is 0 where there are none, times are ms.

    `more`: there are more than were counted.
    """

    kind: str
    count: int
    oldest_at: int
    more: bool = False


@dataclass(frozen=True)
class Sweep:
    """Stored mails without a record. `looked`: objects listed; `all_seen`: these were all."""

    unprocessed: tuple[str, ...]
    looked: int
    all_seen: bool
    clean_until: int


@dataclass(frozen=True)
class Status:
    """All of it, at `at` (ms)."""

    at: int
    queues: tuple[QueueState, ...]
    sends: tuple[Backlog, ...]
    backlogs: tuple[Backlog, ...]
    sweep: Sweep
    canary: Canary | None
    alarms: tuple[tuple[str, str], ...]

    @property
    def canary_is_lost(self) -> bool:
        """The last one has had time enough to come back."""
        sent = self.canary
        return bool(sent and not sent.arrived_at and self.at - sent.sent_at > _LOST)

    @property
    def is_quiet(self) -> bool:
        """Nothing here needs a person."""
        unknown = any(entry.kind == "UNKNOWN" for entry in self.sends)
        dead = any(queue.dead for queue in self.queues)
        lost = self.sweep.unprocessed or self.canary_is_lost
        return not (unknown or dead or self.alarms or lost)


def as_json(found: Status) -> dict[str, Any]:
    """Times as ISO 8601, null where there is none."""
    canary = found.canary
    return {
        "at": iso(found.at),
        "quiet": found.is_quiet,
        "queues": [asdict(queue) for queue in found.queues],
        "sends": [_backlog_json(entry) for entry in found.sends],
        "backlogs": [_backlog_json(entry) for entry in found.backlogs],
        "unprocessed": list(found.sweep.unprocessed),
        "objects_looked_at": found.sweep.looked,
        "all_objects_seen": found.sweep.all_seen,
        "swept_until": _iso(found.sweep.clean_until),
        "canary": canary
        and {"id": canary.id, "sent": _iso(canary.sent_at), "arrived": _iso(canary.arrived_at)},
        "alarms": [name for name, _ in found.alarms],
    }


def _backlog_json(entry: Backlog) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "count": entry.count,
        "oldest": _iso(entry.oldest_at),
        "more": entry.more,
    }


def _iso(at: int) -> str | None:
    return iso(at) if at > 0 else None
