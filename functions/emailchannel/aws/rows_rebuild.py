"""Rows written from a fold of the journal. For tools, never on the way of a mail.

The items are made by the code that makes them for a mail, so that they cannot differ.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from ..case import APP, Agent
from ..ports import Change
from ..rebuild import Folded, Head, Taken, Told
from ..rebuild_mail import Mail
from . import items
from .items import Item
from .rows_cases import CaseRows
from .table import NEW, decode, encode

MISSING: Final = "missing"
DIFFERENT: Final = "different"
UNRECORDED: Final = "unrecorded"

_QUARANTINED: Final = "quarantined"
_REASON_LIMIT: Final = 300  # as rows_outbox.py cuts a server's answer
_FOR_OTHERS: Final = ("APP#", "TO#", "SENDER#", "RECIPIENT#")
_SETTLED: Final = frozenset({"SENT", "FAILED", "UNDONE"})
_OF_A_CASE: Final = ("CASE", "MSG#", "STAMP#", "LOG#", "HELD#", "BLOCK#", "AGENT#")
# What work in progress changes, and no record tells.
_PASSING: Final = frozenset(
    {
        *("todo_at", "task_claim", "task_claim_at", "ttl", "stage"),
        *("claim", "claimed_at", "attempt", "resent", "ses_id", "offered_at"),
    }
)


@dataclass(frozen=True)
class Difference:
    """A row that is not what the journal says. `what`: missing, different, unrecorded.

    `names`: the attributes that differ.
    """

    pk: str
    sk: str
    what: str
    names: tuple[str, ...] = ()


class RebuildRows(CaseRows):
    """The table, to be filled from folds."""

    def rebuild(self, folded: Folded) -> int:
        """Write every row of a fold over what there is; returns how many were written."""
        written = 0
        unsure = {mail.outgoing.id for mail in folded.mails if mail.unsettled}
        for item in self.rows(folded):
            # A row that is there knows more of a mail under way than the journal does.
            kept = item["sk"] == "OUTBOX" and item["id"] in unsure
            written += self._table.put(item, NEW if kept else "")
        for message_id in folded.decided:
            self._table.delete(items.case_key(folded.case_id, f"HELD#{message_id}"))
        return written + sum(map(self._take, folded.intakes))

    def repair(self, folded: Folded) -> int:
        """Write the rows of a fold that are missing; returns how many were."""
        written = sum(self._table.put(item, NEW) for item in self.rows(folded))
        for taken in folded.intakes:
            for item in self._intake_items(taken):
                written += self._table.put(item, NEW)
            self._remember(taken)
        return written

    def _take(self, taken: Taken) -> int:
        """Write an intake, unless a later one of the same mail is there."""
        intake = taken.intake
        listed = [item for item in self._intake_items(taken) if item["pk"].startswith("QUARANTINE")]
        guard = "" if taken.replaces else "attribute_not_exists(pk) OR outcome = :outcome"
        values = {} if taken.replaces else {"outcome": intake.outcome}
        if not self._table.put(items.intake_item(intake), guard, **values):
            return 0
        if intake.outcome != _QUARANTINED and taken.replaces:
            self.unlist(intake)
        self._remember(taken)
        return 1 + sum(self._table.put(item) for item in listed)

    def _remember(self, taken: Taken) -> None:
        """Have a second copy of the mail known, as long as it would have been."""
        if taken.content:
            self._table.transact([self._content_write(taken.content, taken.intake)])

    def _intake_items(self, taken: Taken) -> Iterator[Item]:
        """The intake, and its entry in the list of the quarantine if it is there still."""
        known = self.intake(taken.intake.ses_id, taken.intake.route)
        for item in self._put_by(Change("", intake=taken.intake)):
            is_entry = item["pk"].startswith("QUARANTINE#")
            if not (is_entry and known and known.outcome != _QUARANTINED):
                yield item

    def _put_by(self, change: Change) -> Iterator[Item]:
        """The items that a change puts."""
        for write in self._writes(change):
            if "Put" in write:
                yield decode(write["Put"]["Item"])

    def rows(self, folded: Folded) -> Iterator[Item]:
        """Every row of a fold but its intakes."""
        if folded.head:
            yield _head_item(folded.head)
            yield items.case_of_customer(folded.head.case)
        for told in folded.messages:
            yield from self._message_items(told)
        if folded.case_id:
            yield from self._put_by(Change(folded.case_id, folded.logs))
        for address in folded.blocks:
            yield from self._put_by(Change(folded.case_id, blocks=address))
        for agent_id, contact_id in folded.took:
            key = items.case_key(folded.case_id, f"AGENT#{agent_id}")
            yield {**key, "contact_id": contact_id}
        offered = {log.ref: log.at for log in folded.logs if log.kind == "offered"}
        for contact in folded.contacts:
            item = {**items.contact_key(contact.id), **asdict(contact)}
            at = offered.get(contact.id)
            yield {**item, "offered_at": at} if at else item
        for mail in folded.mails:
            yield from _mail_items(mail)
        for message, rank in folded.apps:
            yield {**items.app_item(message), "delivery_rank": rank}
            yield from items.app_entries(message)

    def _message_items(self, told: Told) -> Iterator[Item]:
        for item in self._put_by(Change(told.message.case_id, message=told.message)):
            ranked = told.rank is not None and item["sk"].startswith("MSG#")
            yield {**item, "delivery_rank": told.rank} if ranked else item

    # Looking only

    def missing(self, folded: Folded) -> list[Item]:
        """The keys of the rows that are not there."""
        found = self._found(folded)
        return [_key(row) for row in self._all(folded) if _name(row) not in found]

    def differences(self, folded: Folded) -> list[Difference]:
        """Where the rows are not what the journal says."""
        found = self._found(folded)
        told = {_name(row): decode(encode(row)) for row in self._all(folded)}
        unsure = {mail.outgoing.id for mail in folded.mails if mail.unsettled}
        listed = [_compared(row, found.get(name), unsure) for name, row in told.items()]
        extra = [name for name in found if name not in told]
        return [
            *(difference for difference in listed if difference),
            *(Difference(*name, UNRECORDED) for name in extra if folded.head),
        ]

    def _all(self, folded: Folded) -> Iterator[Item]:
        posted = {told.message.id for told in folded.messages if told.message.kind == APP}
        for item in self.rows(folded):
            # Releases before the messages API listed nothing for it; a replay adds it.
            if not (item["pk"].startswith(_FOR_OTHERS) and _older(item, posted)):
                yield item
        for taken in folded.intakes:
            known = self.intake(taken.intake.ses_id, taken.intake.route)
            # Another change has replaced it since: that one tells what the row must be.
            if taken.replaces or not known or known.outcome == taken.intake.outcome:
                yield from self._intake_items(taken)

    def _found(self, folded: Folded) -> dict[tuple[str, str], Item]:
        """What the table has of a fold, and all it has of its case."""
        of_case = self._of_case(folded.case_id) if folded.case_id else ()
        found = {_name(item): item for item in of_case}
        for row in self._all(folded):
            if not row["pk"].startswith("CASE#") and (item := self._table.get(_key(row))):
                found[_name(item)] = item
        return found

    def _of_case(self, case_id: str) -> Iterator[Item]:
        for kind in _OF_A_CASE:
            yield from self._table.query(f"CASE#{case_id}", kind)

    def left_in_journal(self, before: int, limit: int) -> list[str]:
        """Ids of changes whose objects were not written since before a time (ms)."""
        return [entry.id for entry in self.todo("journal", before, limit)]

    def restore_epoch(self, agent_id: str, username: str, epoch: int) -> bool:
        """Have an agent's relay addresses dead that were; whether they were not."""
        known = self._table.get({"pk": f"AGENT#{agent_id}", "sk": "AGENT"})
        if known is None:  # the next look at him reads all the rest
            agent = Agent(agent_id, "", username, "", (), epoch)
            self._table.put({"pk": "DIRECTORY", "sk": f"AGENT#{agent_id}", "id": agent_id})
            return self._table.put(items.agent_item(agent), NEW)
        key = _key(known)
        return bool(self._table.update(key, "SET epoch = :epoch", "epoch < :epoch", epoch=epoch))


def _head_item(head: Head) -> Item:
    item = items.case_item(head.case)
    return {**item, **items.todo("case", head.waits_since)} if head.waits_since else item


def _mail_items(mail: Mail) -> Iterable[Item]:
    outgoing, events = mail.outgoing, list(mail.events.values())
    item = items.outgoing_item(outgoing)
    if not mail.unsettled or mail.asked:
        del item["todo"], item["todo_at"]
    if events:
        item |= _delivery(mail)
    yield item
    for ses_id in mail.ses_ids:
        yield {
            "pk": f"SES#{ses_id}",
            "sk": "SES",
            "case_id": outgoing.case_id,
            "message_id": outgoing.message_id,
            "outbox_id": outgoing.id,
        }
    for event_id, event in mail.events.items():
        raw = json.dumps(event, separators=(",", ":"))
        yield {**items.outbox_key(outgoing.id, f"EVENT#{event_id}"), "event": raw}


def _delivery(mail: Mail) -> Item:
    whole = mail.delivery
    told = {
        address: {"status": status, "reason": reason[:_REASON_LIMIT]}
        for address, (status, reason) in whole.recipients.items()
    }
    return {"recipients_status": told, "events_seen": whole.events}


def _older(item: Item, posted: set[str]) -> bool:
    """Whether it says where a message is that another system cannot have written."""
    return "message_id" in item and item["message_id"] not in posted


def _key(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _name(item: Item) -> tuple[str, str]:
    return item["pk"], item["sk"]


def _compared(told: Item, found: Item | None, unsure: set[str]) -> Difference | None:
    """What is wrong with a row, but for what work in progress does to it."""
    pk, sk = _name(told)
    if found is None:
        return Difference(pk, sk, MISSING)
    ignored: set[str] = set(_PASSING)
    if pk.startswith("MAIL#"):
        ignored |= {"todo"}
    if pk.startswith("QUARANTINE#"):  # the same name may have come on both routes
        ignored |= {"route"}
    if told.get("id") in unsure:
        ignored |= {"delivery", "delivery_rank", "reason", "todo"}
        if found.get("state") not in _SETTLED:
            ignored |= {"state"}
    names = {*told, *found} - ignored
    wrong = [name for name in sorted(names) if _plain(told, name) != _plain(found, name)]
    return Difference(pk, sk, DIFFERENT, tuple(wrong)) if wrong else None


def _plain(item: Item, name: str) -> Any:
    """A value; none and an empty one are the same, and so are two ways to write an event."""
    value = item.get(name) or None
    return json.loads(value) if name == "event" and value else value
