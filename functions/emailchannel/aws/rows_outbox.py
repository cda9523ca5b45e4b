"""Rows of the outbox and of what SES says became of its mails."""

import json
from typing import Any

from ..ports import Outgoing
from . import items
from .items import Item
from .rows_cases import CaseRows


class OutboxRows(CaseRows):
    """Mails on their way out."""

    def outgoing(self, outbox_id: str) -> Outgoing | None:
        item = self._table.get(_outbox_key(outbox_id))
        return items.to_outgoing(item) if item else None

    def claim_outgoing(self, outbox_id: str) -> Outgoing | None:
        item = self._table.update(
            _outbox_key(outbox_id),
            "SET #state = :sending, attempt = attempt + :one",
            "#state = :pending",
            sending="SENDING",
            pending="PENDING",
            one=1,
        )
        return items.to_outgoing(item) if item else None

    def release_outgoing(self, outgoing: Outgoing) -> None:
        self._settle(outgoing, "PENDING", "")

    def sent(self, outgoing: Outgoing, ses_id: str) -> None:
        named = {
            "pk": f"SES#{ses_id}",
            "sk": "SES",
            "case_id": outgoing.case_id,
            "message_id": outgoing.message_id,
            "outbox_id": outgoing.id,
        }
        self._table.put(named)
        self._settle(outgoing, "SENT", ses_id)
        self.delivered(outgoing.case_id, outgoing.message_id, "sent", 1)

    def failed(self, outgoing: Outgoing, reason: str) -> None:
        self._settle(outgoing, "FAILED", "")
        self.delivered(outgoing.case_id, outgoing.message_id, f"failed: {reason}", 100)

    def _settle(self, outgoing: Outgoing, state: str, ses_id: str) -> None:
        self._table.update(
            _outbox_key(outgoing.id),
            "SET #state = :state, ses_id = :ses_id",
            "#state = :sending",
            state=state,
            ses_id=ses_id,
            sending="SENDING",
        )

    def keep_event(self, ses_id: str, event_id: str, event: dict[str, Any]) -> None:
        raw = json.dumps(event, separators=(",", ":"))
        self._table.put({"pk": f"SES#{ses_id}", "sk": f"EVENT#{event_id}", "event": raw})

    def events(self, ses_id: str) -> list[dict[str, Any]]:
        found = self._table.query(f"SES#{ses_id}", "EVENT#")
        return [json.loads(item["event"]) for item in found]

    def delivered(self, case_id: str, message_id: str, delivery: str, rank: int) -> None:
        key = self._message_key(case_id, message_id)
        if key:
            self._table.update(
                key,
                "SET delivery = :delivery, delivery_rank = :rank",
                "attribute_not_exists(delivery_rank) OR delivery_rank < :rank",
                delivery=delivery,
                rank=rank,
            )


def _outbox_key(outbox_id: str) -> Item:
    return {"pk": f"OUTBOX#{outbox_id}", "sk": "OUTBOX"}
