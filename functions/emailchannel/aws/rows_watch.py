"""Rows by which the channel watches itself: canary, flow of events, progress of sweeps."""

from ..ports import Canary
from .table import Rows

_FLOW = {"pk": "WATCH#EVENTS", "sk": "WATCH"}
_CANARY = {"pk": "WATCH#CANARY", "sk": "WATCH"}
_COARSE = 10_000  # ms: one write in ten seconds is enough to know that events arrive


class WatchRows(Rows):
    """A few rows that many look at."""

    def events_flow(self, at: int) -> None:
        """A Send event has arrived, of a mail that SES took at this time (ms)."""
        self._table.update(
            _FLOW,
            "SET #at = :at",
            "attribute_not_exists(#at) OR #at < :before",
            at=at,
            before=at - _COARSE,
        )

    def events_flowed(self) -> int:
        """When SES took the newest mail whose Send event has arrived, to ten seconds; 0: never."""
        item = self._table.get(_FLOW)
        return int(item["at"]) if item else 0

    def canary(self) -> Canary | None:
        item = self._table.get(_CANARY)
        if item is None:
            return None
        return Canary(item["id"], int(item["sent_at"]), int(item["arrived_at"]))

    def canary_sent(self, canary: Canary) -> None:
        self._table.put(
            {
                **_CANARY,
                "id": canary.id,
                "sent_at": canary.sent_at,
                "arrived_at": canary.arrived_at,
            }
        )

    def canary_arrived(self, identity: str, now: int) -> bool:
        """Whether this is a canary of ours that was under way; it has arrived now."""
        item = self._table.get(_CANARY)
        if item is None or item["id"] != identity:
            return False
        if not int(item["arrived_at"]):
            self._table.update(_CANARY, "SET arrived_at = :now", "#id = :id", now=now, id=identity)
        return True

    def sweep_mark(self, prefix: str) -> tuple[str, int, int]:
        """How far the sweep of a prefix is: (the last key seen, begun at, all clean until), ms."""
        item = self._table.get({"pk": f"WATCH#SWEEP#{prefix}", "sk": "WATCH"})
        return (item["after"], int(item["begun"]), int(item["clean"])) if item else ("", 0, 0)

    def keep_sweep_mark(self, prefix: str, after: str, begun: int, clean: int) -> None:
        row = {"pk": f"WATCH#SWEEP#{prefix}", "sk": "WATCH"}
        self._table.put({**row, "after": after, "begun": begun, "clean": clean})
