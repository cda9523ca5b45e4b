"""Rows of cases, messages, history and intake."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..case import Case, Interaction, Message, Target
from ..ports import Intake, Outgoing
from . import items
from .items import Item
from .table import EXISTS, NEW, Rows

_SES_IDS_TRIED = 10


class CaseRows(Rows):
    """Cases and what belongs to them."""

    def intake(self, ses_id: str, route: str) -> Intake | None:
        item = self._table.get({"pk": f"MAIL#{ses_id}", "sk": route})
        return items.to_intake(item) if item else None

    def case(self, case_id: str) -> Case | None:
        item = self._table.get(items.case_key(case_id))
        return items.to_case(item) if item else None

    def message(self, case_id: str, message_id: str) -> Message | None:
        key = self._message_key(case_id, message_id)
        item = self._table.get(key) if key else None
        return items.to_message(item) if item else None

    def _message_key(self, case_id: str, message_id: str) -> Item | None:
        pointer = self._table.get(items.case_key(case_id, items.stamp_sk(message_id)))
        return items.case_key(case_id, pointer["message_sk"]) if pointer else None

    def messages(self, case_id: str) -> list[Message]:
        return [items.to_message(item) for item in self._table.query(f"CASE#{case_id}", "MSG#")]

    def interactions(self, case_id: str) -> list[Interaction]:
        found = self._table.query(f"CASE#{case_id}", "LOG#")
        return [items.to_interaction(item) for item in found]

    def stamped(self, case_id: str, stamp: str) -> str | None:
        found = [item["id"] for item in self._table.query(f"CASE#{case_id}", f"STAMP#{stamp}#")]
        return found[0] if len(found) == 1 else None

    def sent_as(self, ses_ids: Sequence[str]) -> tuple[str, str] | None:
        for ses_id in ses_ids[:_SES_IDS_TRIED]:
            item = self._table.get({"pk": f"SES#{ses_id}", "sk": "SES"})
            if item:
                return item["case_id"], item["message_id"]
        return None

    def _message_writes(self, message: Message, log: Interaction) -> list[dict[str, Any]]:
        pointer = {
            **items.case_key(message.case_id, items.stamp_sk(message.id)),
            "id": message.id,
            "message_sk": items.message_sk(message),
        }
        return [
            self._table.putting(items.message_item(message), NEW),
            self._table.putting(pointer),
            self._table.putting(items.log_item(message.case_id, log)),
        ]

    def open_case(self, case: Case, message: Message, log: Interaction, intake: Intake) -> bool:
        by_customer = {
            "pk": f"ADDRESS#{case.customer.address}",
            "sk": f"CASE#{case.created_at:013d}#{case.id}",
            "case_id": case.id,
        }
        return self._table.transact(
            [
                self._table.putting(items.intake_item(intake), NEW),
                self._table.putting(items.case_item(case), NEW),
                self._table.putting(by_customer),
                *self._message_writes(message, log),
            ]
        )

    def add_message(self, message: Message, log: Interaction, intake: Intake) -> bool:
        return self._table.transact(
            [
                self._table.putting(items.intake_item(intake), NEW),
                *self._message_writes(message, log),
            ]
        )

    def customer_wrote(self, case_id: str, message: Message) -> None:
        self._table.update(
            items.case_key(case_id),
            "SET latest_message_id = :id, latest_at = :at, #status = :open",
            "latest_at < :at",
            id=message.id,
            at=message.at,
            open="open",
        )

    def record(self, intake: Intake) -> bool:
        day = datetime.fromtimestamp(intake.at / 1000, UTC).date().isoformat()
        listed = {
            "pk": f"QUARANTINE#{day}",
            "sk": f"QUARANTINE#{intake.at:013d}#{intake.ses_id}",
            "ses_id": intake.ses_id,
            "reason": intake.reason,
            "sender": intake.sender,
        }
        return self._table.transact(
            [self._table.putting(items.intake_item(intake), NEW), self._table.putting(listed)]
        )

    def done(self, intake: Intake) -> None:
        self._table.update(
            {"pk": f"MAIL#{intake.ses_id}", "sk": intake.route},
            "SET stage = :done",
            EXISTS,
            done="done",
        )

    def note(self, case_id: str, log: Interaction) -> None:
        self._table.put(items.log_item(case_id, log))

    def answer(
        self,
        message: Message,
        outgoing: Outgoing,
        target: Target,
        status: str,
        answered_at: int,
        log: Interaction,
        intake: Intake,
    ) -> bool:
        return self._table.transact(
            [
                self._table.putting(items.intake_item(intake), NEW),
                self._table.putting(items.outgoing_item(outgoing), NEW),
                self._deciding(message.case_id, target, status, answered_at),
                *self._message_writes(message, log),
            ]
        )

    def close(
        self, case_id: str, target: Target, status: str, log: Interaction, intake: Intake
    ) -> bool:
        return self._table.transact(
            [
                self._table.putting(items.intake_item(intake), NEW),
                self._deciding(case_id, target, status, intake.at),
                self._table.putting(items.log_item(case_id, log)),
            ]
        )

    def _deciding(
        self, case_id: str, target: Target, status: str, answered_at: int
    ) -> dict[str, Any]:
        return self._table.updating(
            items.case_key(case_id),
            "SET target = :target, #status = :status, answered_at = :answered_at",
            EXISTS,
            target=asdict(target),
            status=status,
            answered_at=answered_at,
        )

    # For tools and tests: never on the way of a mail, and no function may scan

    def all_cases(self) -> list[Case]:
        """Every case, oldest first."""
        heads = [item for item in self._table.scan("CASE") if item["sk"] == "CASE"]
        return sorted(map(items.to_case, heads), key=lambda case: (case.created_at, case.id))

    def quarantined(self) -> list[Item]:
        """What was kept from agents: {ses_id, reason, sender}, oldest first."""
        return sorted(self._table.scan("QUARANTINE#"), key=lambda item: str(item["sk"]))
