"""Rows of cases, messages, history and intake."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..app.values import AppMessage
from ..case import OPEN, Case, Interaction, Message
from ..errors import Retryable
from ..ports import RELAY, Change, Intake, Outgoing, Record, Todo
from . import items
from .items import Item
from .table import EXISTS, NEW, Rows

_SES_IDS_TRIED = 10
_MOST_PARTICIPANTS = 20
_DAY = 24 * 3600
_WEEK = 7 * _DAY
_LONGER_THAN_KEYS = 400 * 24 * 3600  # an address of an agent is dead by then


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

    def _message_writes(self, message: Message) -> Iterator[dict[str, Any]]:
        key = items.case_key(message.case_id, items.stamp_sk(message.id))
        yield self._table.putting(items.message_item(message), NEW)
        yield self._table.putting(
            {**key, "id": message.id, "message_sk": items.message_sk(message)}
        )
        for item in items.place_items(message):
            yield self._table.putting(item)
        if message.disposition == "held":
            held = items.case_key(message.case_id, f"HELD#{message.id}")
            yield self._table.putting({**held, "id": message.id, **items.todo("hold", message.at)})

    def _app_writes(self, message: AppMessage | None) -> Iterator[dict[str, Any]]:
        if message:
            yield self._table.putting(items.app_item(message), NEW)
            for item in items.app_entries(message):
                yield self._table.putting(item)

    def keep(self, change: Change, record: Record) -> bool:
        journal = self._table.putting(items.journal_item(record))
        return self._table.transact([*self._writes(change), journal])

    def _writes(self, change: Change) -> Iterator[dict[str, Any]]:
        """One write an item: a transaction may not touch an item twice."""
        if change.intake:
            yield self._intake_write(change.intake, change.replaces)
            if change.intake.outcome == "quarantined":
                yield self._table.putting(_listed(change.intake))
        if change.case:
            yield self._table.putting(items.case_item(change.case), NEW)
            yield self._table.putting(items.case_of_customer(change.case))
        elif change.state or change.joins or any(map(_posted, change.outgoing)):
            yield self._head_write(change)
        if change.message:
            yield from self._message_writes(change.message)
        for outgoing in change.outgoing:
            yield self._table.putting(items.outgoing_item(outgoing), NEW)
        yield from self._app_writes(change.app)
        if change.content and change.intake:
            yield self._content_write(change.content, change.intake)
        if change.decided:
            yield from self._decision_writes(change.decided)
        if change.blocks:
            yield self._table.putting(items.case_key(change.case_id, f"BLOCK#{change.blocks}"))
        concerned = {change.case_id, change.decided.case_id if change.decided else ""} - {""}
        for case_id in sorted(concerned):
            for log in change.logs:
                yield self._table.putting(items.log_item(case_id, log))

    def _intake_write(self, intake: Intake, replaces: str) -> dict[str, Any]:
        if not replaces:
            return self._table.putting(items.intake_item(intake), NEW)
        return self._table.putting(items.intake_item(intake), "outcome = :was", was=replaces)

    def _head_write(self, change: Change) -> dict[str, Any]:
        sets: list[str] = []
        values: dict[str, Any] = {}
        condition, removes = EXISTS, ""
        if state := change.state:
            sets += ["target = :target", "#status = :status", "answered_at = :answered_at"]
            sets += ["closed_at = :closed_at"]
            values |= asdict(state)
            removes = "" if state.status == OPEN else " REMOVE todo, todo_at"
            condition += " AND latest_at <= :seen_at"
        for mail in change.outgoing:
            if mail.is_answer or _posted(mail):
                sets += ["last_answer = :answer"]
                values |= {"answer": mail.id, "before": mail.after}
                condition += " AND (attribute_not_exists(last_answer) OR last_answer = :before)"
        if change.joins:
            sets += ["participants = list_append(participants, :joins)"]
            values |= {"joins": [asdict(change.joins)], "most": _MOST_PARTICIPANTS}
            condition += " AND size(participants) < :most"
        key = items.case_key(change.case_id)
        return self._table.updating(key, f"SET {', '.join(sets)}{removes}", condition, **values)

    def _content_write(self, content: str, intake: Intake) -> dict[str, Any]:
        """Remember a mail for a week: its sender's server may bring it again under another id.

        An agent's is remembered as long as its address may live: whoever caught a signed mail could
        have it sent once more (RFC 6376 section 8.6).
        """
        now = intake.at // 1000
        life = _LONGER_THAN_KEYS if intake.route == RELAY else _WEEK
        seen = {"ses_id": intake.ses_id, "case_id": intake.case_id, "ttl": now + life}
        return self._table.putting(
            {**_content_key(content), **seen},
            "attribute_not_exists(pk) OR #ttl < :now OR ses_id = :ses_id",
            now=now,
            ses_id=intake.ses_id,
        )

    def _decision_writes(self, decided: Message) -> Iterator[dict[str, Any]]:
        yield self._table.updating(
            items.case_key(decided.case_id, items.message_sk(decided)),
            "SET disposition = :disposition, reason = :reason",
            "disposition = :held",
            disposition=decided.disposition,
            reason=decided.reason,
            held="held",
        )
        yield self._table.deleting(items.case_key(decided.case_id, f"HELD#{decided.id}"))

    def seen(self, content: str, now: int) -> tuple[str, str] | None:
        item = self._table.get(_content_key(content))
        live = item and int(item["ttl"]) >= now // 1000
        return (item["ses_id"], item["case_id"]) if item and live else None

    def blocked(self, case_id: str, address: str) -> bool:
        return self._table.get(items.case_key(case_id, f"BLOCK#{address}")) is not None

    def held(self, case_id: str) -> list[str]:
        return [item["id"] for item in self._table.query(f"CASE#{case_id}", "HELD#")]

    def customer_wrote(self, case_id: str, message: Message) -> None:
        key = items.case_key(case_id)
        wrote = self._table.update(
            key,
            "SET latest_message_id = :id, latest_at = :at, #status = :open, closed_at = :never,"
            " todo = :case, todo_at = :at",
            "latest_at < :at",
            id=message.id,
            at=message.at,
            open="open",
            never=0,
            case="case",
        )
        head = None if wrote else self._table.get(key)
        if head and int(head["latest_at"]) < message.at:
            raise Retryable("head refused without a reason")

    def done(self, intake: Intake) -> None:
        self._table.change(
            {"pk": f"MAIL#{intake.ses_id}", "sk": intake.route},
            "SET stage = :done REMOVE todo, todo_at",
            done="done",
        )

    def journalled(self, record_id: str, now: int) -> None:
        self._table.change(
            items.journal_key(record_id),
            "SET #ttl = :ttl REMOVE todo, todo_at, #record",
            ttl=now // 1000 + _DAY,
        )

    def record(self, record_id: str) -> Record | None:
        item = self._table.get(items.journal_key(record_id))
        return items.to_record(item) if item and "record" in item else None

    def todo(self, kind: str, before: int, limit: int) -> list[Todo]:
        return [items.to_todo(item) for item in self._table.left(kind, before, limit)]

    def put_off(self, todo: Todo, until: int) -> None:
        self._table.update(
            items.todo_key(todo),
            "SET todo_at = :until",
            "todo = :kind",
            until=until,
            kind=todo.kind,
        )

    def begun(self, ses_id: str, now: int) -> bool:
        """Mark that a mail is being read; True when an earlier reading never came to its end."""
        known = self._table.get(_reading(ses_id))
        self._table.put({**_reading(ses_id), "begun": True, "ttl": now // 1000 + _WEEK})
        return bool(known and known["begun"])

    def came_through(self, ses_id: str, now: int) -> None:
        """Take the mark away."""
        self._table.put({**_reading(ses_id), "begun": False, "ttl": now // 1000 + _WEEK})

    def note(self, case_id: str, log: Interaction, record: Record) -> None:
        entry = self._table.putting(items.log_item(case_id, log))
        self._table.transact([entry, self._table.putting(items.journal_item(record))])

    # For tools and tests: never on the way of a mail, and no function may scan

    def all_cases(self) -> list[Case]:
        """Every case, oldest first."""
        heads = [item for item in self._table.scan("CASE") if item["sk"] == "CASE"]
        return sorted(map(items.to_case, heads), key=lambda case: (case.created_at, case.id))

    def quarantined(self) -> list[Item]:
        """What was kept from agents: {ses_id, route, reason, sender, at}, oldest first."""
        return sorted(self._table.scan("QUARANTINE#"), key=lambda item: str(item["sk"]))

    def unlist(self, intake: Intake) -> None:
        """Take a mail out of the quarantine's list; what became of it is in its intake record."""
        self._table.delete({name: _listed(intake)[name] for name in ("pk", "sk")})


def _posted(mail: Outgoing) -> bool:
    """Whether another system wrote it in a case."""
    return mail.by_app and bool(mail.message_id)


def _reading(ses_id: str) -> Item:
    return {"pk": f"READING#{ses_id}", "sk": "READING"}


def _content_key(content: str) -> Item:
    return {"pk": f"CONTENT#{content}", "sk": "CONTENT"}


def _listed(intake: Intake) -> Item:
    day = datetime.fromtimestamp(intake.at / 1000, UTC).date().isoformat()
    return {
        "pk": f"QUARANTINE#{day}",
        "sk": f"QUARANTINE#{intake.at:013d}#{intake.ses_id}#{intake.route}",
        "ses_id": intake.ses_id,
        "route": intake.route,
        "reason": intake.reason,
        "sender": intake.sender,
        "at": intake.at,
    }
