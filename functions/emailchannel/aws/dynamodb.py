"""The table as the verbs see it: cases, messages, contacts, agents, sessions."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..case import Agent, Case, Contact, Interaction, Message, Target
from ..ports import Intake, Outgoing
from . import items
from .items import Item
from .table import Table

NEW = "attribute_not_exists(pk)"
EXISTS = "attribute_exists(pk)"
_CLAIM_LIFE = 5 * 60 * 1000  # a task starter that died leaves its claim behind for this long
_SES_IDS_TRIED = 10


class DynamoCases:
    """`ports.Cases` over one table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # Cases and messages

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

    # Contacts

    def claim_task(self, case_id: str, token: str, now: int) -> bool:
        claimed = self._table.update(
            items.case_key(case_id),
            "SET task_claim = :token, task_claim_at = :now",
            "attribute_exists(pk) AND (attribute_not_exists(task_claim) OR task_claim = :token"
            " OR task_claim_at < :stale)",
            token=token,
            now=now,
            stale=now - _CLAIM_LIFE,
        )
        return claimed is not None

    def contact_started(self, case_id: str, contact: Contact, token: str) -> None:
        # The flow may have moved the contact already: then its newer row stays.
        self._table.put({**items.contact_key(contact.id), **asdict(contact)}, NEW)
        self._table.update(
            items.case_key(case_id),
            "SET contact_id = :contact REMOVE task_claim, task_claim_at",
            "task_claim = :token",
            contact=contact.id,
            token=token,
        )

    def contact_moved(self, contact: Contact) -> None:
        known = self._table.get(items.contact_key(contact.id))
        if known and known["state"] == "ended":
            return
        merged = {**(known or {}), **{k: v for k, v in asdict(contact).items() if v}}
        if known and known["state"] == "connected":
            merged["state"] = "connected"
        self._table.put({**items.contact_key(contact.id), **merged})
        self._table.update(
            items.case_key(contact.case_id),
            "SET contact_id = :contact, queue_arn = :queue, agent_id = :agent",
            EXISTS,
            contact=contact.id,
            queue=merged.get("queue_arn", ""),
            agent=merged.get("agent_id", ""),
        )
        if contact.agent_id:
            taken = items.case_key(contact.case_id, f"AGENT#{contact.agent_id}")
            self._table.put({**taken, "contact_id": contact.id})

    def contact_ended(self, contact: Contact, *, following: bool = False) -> bool:
        """Free the case of an ended contact, unless another one is `following` (a transfer)."""
        ended = {**items.contact_key(contact.id), **asdict(contact), "state": "ended"}
        self._table.put(ended)
        if following:
            return False
        freed = self._table.update(
            items.case_key(contact.case_id),
            "REMOVE contact_id",
            "contact_id = :contact",
            contact=contact.id,
        )
        return freed is not None

    def contact(self, contact_id: str) -> Contact | None:
        item = self._table.get(items.contact_key(contact_id))
        return items.to_contact(item) if item else None

    # Agents

    def agent_at(self, address: str) -> Agent | None:
        pointer = self._table.get({"pk": f"ADDRESS#{address}", "sk": "AGENT"})
        return self.agent(pointer["id"]) if pointer else None

    def agent(self, agent_id: str) -> Agent | None:
        item = self._table.get({"pk": f"AGENT#{agent_id}", "sk": "AGENT"})
        return items.to_agent(item) if item else None

    def keep_agent(self, agent: Agent) -> None:
        self._table.put(items.agent_item(agent))
        for address in agent.addresses:
            self._table.put({"pk": f"ADDRESS#{address}", "sk": "AGENT", "id": agent.id})

    def took_case(self, case_id: str, agent_id: str) -> bool:
        return self._table.get(items.case_key(case_id, f"AGENT#{agent_id}")) is not None

    # Outbox

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

    # Pace and sessions

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

    def keep_session(self, secret_hash: str, contact_id: str, kind: str, until: int) -> None:
        self._table.put(
            {
                "pk": f"SESSION#{secret_hash}",
                "sk": kind,
                "contact_id": contact_id,
                "until": until,
                "ttl": until + 86_400,
            }
        )

    def use_session(self, secret_hash: str, kind: str, now: int, *, once: bool) -> str | None:
        key = {"pk": f"SESSION#{secret_hash}", "sk": kind}
        if not once:
            found = self._table.get(key)
            return found["contact_id"] if found and int(found["until"]) > now else None
        used = self._table.update(
            key,
            "SET used = :now",
            "attribute_exists(pk) AND attribute_not_exists(used) AND #until > :now",
            now=now,
        )
        return used["contact_id"] if used else None


def _outbox_key(outbox_id: str) -> Item:
    return {"pk": f"OUTBOX#{outbox_id}", "sk": "OUTBOX"}
