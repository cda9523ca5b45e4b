"""Rows of the outbox and of what SES says became of its mails."""

import json
import secrets
from typing import Any

from ..app.values import status_of
from ..case import APP, FORWARD
from ..errors import Retryable
from ..ports import Delivery, Outgoing, State
from . import items
from .items import Item, outbox_key
from .rows_cases import CaseRows
from .table import EXISTS, Table

_SENT_RANK = 2  # as in track.py
_UNKNOWN_RANK = 0
_FAILED_RANK = 100
_UNSURE = "(#state = :sending OR #state = :unknown)"
_REASON_LIMIT = 300  # characters kept of a server's answer


class OutboxRows(CaseRows):
    """Mails on their way out."""

    def outgoing(self, outbox_id: str) -> Outgoing | None:
        item = self._table.get(outbox_key(outbox_id))
        return items.to_outgoing(item) if item else None

    def claim_outgoing(self, outbox_id: str, now: int) -> Outgoing | None:
        claim = secrets.token_hex(8)
        item = self._table.update(
            outbox_key(outbox_id),
            "SET #state = :sending, attempt = attempt + :one, claim = :claim, claimed_at = :now,"
            " todo_at = :now",
            "#state = :pending",
            sending="SENDING",
            pending="PENDING",
            one=1,
            claim=claim,
            now=now,
        )
        if item is None:  # somebody else has it, or the answer to our own claim was lost
            item = self._table.get(outbox_key(outbox_id))
            if item and item["state"] == "PENDING":
                raise Retryable("claim refused without a reason")
            if not item or item.get("claim") != claim:
                return None
        return items.to_outgoing(item)

    def release_outgoing(self, outgoing: Outgoing, now: int) -> None:
        self._move(
            outgoing.id,
            "SET #state = :pending, todo_at = :now",
            "#state = :sending AND attempt = :attempt",
            pending="PENDING",
            now=now,
            sending="SENDING",
            attempt=outgoing.attempt,
        )

    def sent(self, outgoing: Outgoing, ses_id: str) -> None:
        named = {
            "pk": f"SES#{ses_id}",
            "sk": "SES",
            "case_id": outgoing.case_id,
            "message_id": outgoing.message_id,
            "outbox_id": outgoing.id,
        }
        self._table.put(named)
        self._say(outgoing, "sent", _SENT_RANK)
        # Whatever we thought meanwhile: SES has it. Last, since it ends the caretaker's interest.
        settled = self._move(
            outgoing.id,
            "SET #state = :sent, ses_id = :ses_id REMOVE todo, todo_at",
            f"{EXISTS} AND #state <> :sent",
            sent="SENT",
            ses_id=ses_id,
        )
        self._must_not_be(outgoing.id, settled, "PENDING", "SENDING", "UNKNOWN", "FAILED")

    def failed(self, outgoing: Outgoing, reason: str, words: str = "") -> None:
        told = "bounced" if reason.startswith("suppressed") else f"failed: {reason}"
        self._say(outgoing, told, _FAILED_RANK, words)
        settled = self._move(
            outgoing.id,
            "SET #state = :failed, reason = :reason REMOVE todo, todo_at",
            f"#state = :pending OR {_UNSURE}",
            failed="FAILED",
            reason=reason,
            pending="PENDING",
            sending="SENDING",
            unknown="UNKNOWN",
        )
        self._must_not_be(outgoing.id, settled, "PENDING", "SENDING", "UNKNOWN")

    def doubted(self, outgoing: Outgoing, *, asked: bool) -> None:
        """Nobody knows whether SES has it. `asked`: a person was told, nothing more is tried."""
        self._say(outgoing, "unknown", _UNKNOWN_RANK)
        settled = self._move(
            outgoing.id,
            "SET #state = :unknown" + (" REMOVE todo, todo_at" if asked else ""),
            _UNSURE,
            sending="SENDING",
            unknown="UNKNOWN",
        )
        self._must_not_be(outgoing.id, settled, "SENDING", "UNKNOWN")

    def send_again(self, outgoing: Outgoing, now: int) -> bool:
        moved = self._move(
            outgoing.id,
            "SET #state = :pending, resent = resent + :one, todo_at = :now",
            f"{_UNSURE} AND attempt = :attempt",
            pending="PENDING",
            one=1,
            now=now,
            sending="SENDING",
            unknown="UNKNOWN",
            attempt=outgoing.attempt,
        )
        return moved is not None

    def undo(self, outgoing: Outgoing, before: State | None) -> bool:
        """Take back a mail that has not left; `before` is what its case was before an answer."""
        key = self._message_key(outgoing.case_id, outgoing.message_id)
        writes = [
            self._table.updating(
                outbox_key(outgoing.id),
                "SET #state = :undone REMOVE todo, todo_at",
                "#state = :pending AND resent = :none",
                undone="UNDONE",
                pending="PENDING",
                none=0,
            ),
        ]
        if before:
            writes.append(_taken_back(self._table, outgoing, before))
        if key:
            word = "SET delivery = :undone, delivery_rank = :rank"
            writes.append(
                self._table.updating(key, word, EXISTS, undone="undone", rank=_FAILED_RANK)
            )
        return self._table.transact(writes)

    def _must_not_be(self, outbox_id: str, moved: Item | None, *states: str) -> None:
        """A move that was refused although it could have been made must be made again."""
        known = None if moved else self.outgoing(outbox_id)
        if known and known.state in states:
            raise Retryable("outbox refused without a reason")

    def _move(self, outbox_id: str, expression: str, condition: str, **values: Any) -> Item | None:
        return self._table.update(outbox_key(outbox_id), expression, condition, **values)

    def keep_event(self, outbox_id: str, event_id: str, event: dict[str, Any]) -> None:
        raw = json.dumps(event, separators=(",", ":"))
        self._table.put({**outbox_key(outbox_id, f"EVENT#{event_id}"), "event": raw})

    def events(self, outbox_id: str) -> list[dict[str, Any]]:
        found = self._table.query(f"OUTBOX#{outbox_id}", "EVENT#")
        return [json.loads(item["event"]) for item in found]

    def delivered(self, outgoing: Outgoing, delivery: Delivery) -> None:
        told = {
            address: {"status": status, "reason": reason[:_REASON_LIMIT]}
            for address, (status, reason) in delivery.recipients.items()
        }
        moved = self._move(
            outgoing.id,
            "SET recipients_status = :told, events_seen = :seen",
            "attribute_exists(pk) AND (attribute_not_exists(events_seen) OR events_seen < :seen)",
            told=told,
            seen=delivery.events,
        )
        if moved is None:
            known = self._table.get(outbox_key(outgoing.id))
            if known and int(known.get("events_seen", 0)) < delivery.events:
                raise Retryable("outbox refused without a reason")
        self._say(outgoing, delivery.status, delivery.rank, delivery.words)

    def recipients_status(self, outbox_id: str) -> dict[str, tuple[str, str]]:
        """What became of a mail for each recipient: {address: (status, reason)}."""
        item = self._table.get(outbox_key(outbox_id)) or {}
        told = item.get("recipients_status", {})
        return {address: (entry["status"], entry["reason"]) for address, entry in told.items()}

    def _say(self, outgoing: Outgoing, delivery: str, rank: int, words: str = "") -> None:
        self._say_to_app(outgoing, delivery, rank, words)
        key = self._message_key(outgoing.case_id, outgoing.message_id)
        said = key and self._table.update(
            key,
            "SET delivery = :delivery, delivery_rank = :rank",
            f"{EXISTS} AND (attribute_not_exists(delivery_rank) OR delivery_rank < :rank)",
            delivery=delivery,
            rank=rank,
        )
        if key and not said:
            known = self._table.get(key)
            if known and int(known.get("delivery_rank", -1)) < rank:
                raise Retryable("message refused without a reason")

    def _say_to_app(self, outgoing: Outgoing, delivery: str, rank: int, words: str) -> None:
        """The same of a message of another system that belongs to no case."""
        if not outgoing.app_id:
            return
        key = items.app_key(outgoing.app_id)
        said = self._table.update(
            key,
            "SET #status = :status, reason = :words, delivery_rank = :rank",
            f"{EXISTS} AND (attribute_not_exists(delivery_rank) OR delivery_rank < :rank)",
            status=status_of(delivery),
            words=words[:_REASON_LIMIT],
            rank=rank,
        )
        known = None if said else self._table.get(key)
        if known and int(known.get("delivery_rank", -1)) < rank:
            raise Retryable("message refused without a reason")

    def returned(self, case_id: str, message_id: str, words: str, now: int) -> None:
        """An answer came to nothing: its case waits again, and the answer says why."""
        key = self._message_key(case_id, message_id)
        message = self._table.get(key) if key else None
        if message is None or message["kind"] not in {FORWARD, APP}:
            self._table.change(
                items.case_key(case_id),
                "SET #status = :open, answered_at = :never, closed_at = :never, todo = :case,"
                " todo_at = :now",
                open="open",
                never=0,
                case="case",
                now=now,
            )
        if key:
            self._table.change(key, "SET returned = :words", words=words)

    # Suppressed addresses

    def suppress(self, address: str, reason: str, at: int) -> None:
        row = {"pk": f"ADDRESS#{address}", "sk": "SUPPRESSED"}
        self._table.put({**row, "reason": reason, "at": at})

    def suppressed(self, address: str) -> str:
        item = self._table.get({"pk": f"ADDRESS#{address}", "sk": "SUPPRESSED"})
        return str(item["reason"]) if item else ""

    def unsuppress(self, address: str) -> None:
        row = {"pk": f"ADDRESS#{address}", "sk": "SUPPRESSED"}
        self._table.put({**row, "reason": ""})


def _taken_back(table: Table, outgoing: Outgoing, before: State) -> dict[str, Any]:
    """The case as it was before its newest answer."""
    return table.updating(
        items.case_key(outgoing.case_id),
        "SET target = :target, #status = :status, answered_at = :answered_at,"
        " closed_at = :closed_at, todo = :case, todo_at = latest_at",
        "last_answer = :id",
        target={"type": before.target.type, "destination": before.target.destination},
        status=before.status,
        answered_at=before.answered_at,
        closed_at=before.closed_at,
        case="case",
        id=outgoing.id,
    )
