"""Rows of the pace and of the agent page's sessions."""

import hashlib
import secrets
from dataclasses import asdict

from ..errors import Retryable
from ..ports import Grant
from .items import Item
from .table import NEW, Rows

_TRIES = 5
_DAY = 86_400


class SessionRows(Rows):
    """What lives for minutes."""

    def pass_gate(self, name: str, rate: float, burst: float, now: float) -> float:
        """A token bucket shared by all workers: 0 when this call may go, else seconds to wait."""
        key = {"pk": f"RATE#{name}", "sk": "RATE"}
        known = self._table.get(key)
        tokens, at = (float(known["tokens"]), float(known["at"])) if known else (burst, now)
        tokens = min(burst, tokens + max(0.0, now - at) * rate)
        if tokens < 1:
            return (1 - tokens) / rate
        bucket = {**key, "tokens": str(tokens - 1), "at": str(now)}
        if known is None:
            passed = self._table.put(bucket, NEW)
        else:
            passed = self._table.put(
                bucket, "#at = :at AND tokens = :tokens", at=known["at"], tokens=known["tokens"]
            )
        return 0.0 if passed else 0.5 / rate

    def within(self, name: str, most: int, seconds: int, now: float, owner: str) -> bool:
        """Whether `owner` is among the first `most` of any stretch of `seconds`.

        The places taken are kept in one row, 32 bytes each: `most` is 200 at the most.
        """
        key = {"pk": f"RATE#{name}", "sk": "WINDOW"}
        owner = hashlib.sha256(owner.encode()).hexdigest()[:12]
        for _ in range(_TRIES):
            known = self._table.get(key) or {"version": 0, "taken": []}
            taken = [entry for entry in known["taken"] if float(entry["at"]) > now - seconds]
            if any(entry["owner"] == owner for entry in taken):
                return True
            if len(taken) >= most:
                return False
            taken.append({"owner": owner, "at": str(int(now))})
            row = {**key, "taken": taken, "version": int(known["version"]) + 1}
            row["ttl"] = int(now) + seconds + _DAY
            if self._table.put(
                row, "attribute_not_exists(pk) OR version = :known", known=known["version"]
            ):
                return True
        raise Retryable("counter busy")

    def tally(self, name: str, seconds: int, now: float) -> int:
        """Count one more in the present stretch of `seconds`; returns the count."""
        window = int(now) // seconds
        row = self._table.update(
            {"pk": f"RATE#{name}", "sk": f"TALLY#{seconds}#{window}"},
            "SET #ttl = :ttl ADD #count :one",
            ttl=(window + 1) * seconds + _DAY,
            one=1,
        )
        return int(row["count"]) if row else 0

    def keep_session(self, secret_hash: str, grant: Grant, kind: str, until: int) -> None:
        key = {"pk": f"SESSION#{secret_hash}", "sk": kind}
        self._table.put({**key, **_kept(grant), "until": until, "ttl": until + _DAY})

    def use_session(self, secret_hash: str, kind: str, now: int, *, once: bool) -> Grant | None:
        key = {"pk": f"SESSION#{secret_hash}", "sk": kind}
        if not once:
            found = self._table.get(key)
            return _grant(found) if found and int(found["until"]) > now else None
        use = secrets.token_hex(8)
        used = self._table.update(
            key,
            "SET used = :use",
            "attribute_exists(pk) AND attribute_not_exists(used) AND #until > :now",
            now=now,
            use=use,
        )
        if used is None:  # refused, or the answer to our own use was lost
            used = self._table.get(key)
        return _grant(used) if used and used.get("used") == use else None


def _grant(item: Item) -> Grant:
    # Release 0.5 named no agent: what it made is good for the minutes that it lives.
    bound = "agent_id" in item
    agent_id = str(item.get("agent_id", ""))
    return Grant(item["contact_id"], agent_id, int(item.get("epoch", 0)), bound=bound)


def _kept(grant: Grant) -> Item:
    return {name: value for name, value in asdict(grant).items() if name != "bound"}
