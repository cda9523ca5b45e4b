"""The rows of a case, folded from its records in the journal alone.

A fold is a function of the *set* of records: in whatever order and however often they come, the
rows are the same. Nothing is sent, started or asked for it, and nothing that is built from it
sends a mail or starts a task that has been there before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from . import journal, trust
from .app.values import AppMessage, status_of
from .case import APP, FORWARD, OPEN, Case, Contact, Interaction, Message, Target
from .ports import Change, Intake, Outgoing, Record
from .rebuild_mail import Mail, delivery_of, ended, is_undone, why


@dataclass(frozen=True)
class Head:
    """A case, and since when its customer waits (ms; 0: he does not)."""

    case: Case
    waits_since: int


@dataclass(frozen=True)
class Taken:
    """An intake; `replaces`: the outcome it had before, so that this one is the later."""

    intake: Intake
    replaces: str = ""
    content: str = ""


@dataclass(frozen=True)
class Told:
    """A message, and the rank of what is known of its delivery (None: nothing)."""

    message: Message
    rank: int | None = None


@dataclass(frozen=True)
class Folded:
    """All rows that the records of one place make. `case_id` is empty for what has no case.

    `decided`: ids of messages that were held and are not any more. `took`: (agent, contact).
    `apps`: other systems' messages that belong to no case, with the rank of what is known of them.
    """

    case_id: str
    head: Head | None
    messages: tuple[Told, ...]
    decided: tuple[str, ...]
    logs: tuple[Interaction, ...]
    intakes: tuple[Taken, ...]
    mails: tuple[Mail, ...]
    contacts: tuple[Contact, ...]
    took: tuple[tuple[str, str], ...]
    blocks: tuple[str, ...]
    apps: tuple[tuple[AppMessage, int], ...] = ()


def fold(case_id: str, records: Iterable[Record]) -> Folded:
    """The rows of a case, or with an empty `case_id` of what belongs to none."""
    by_name = {(record.at, record.kind, record.id): record for record in records}
    told = _in_order(case_id, by_name.values())
    work = _Fold(case_id)
    for record in told:
        work.gather(record)
    for record in told:
        work.apply(record)
    return work.folded()


def _in_order(case_id: str, records: Iterable[Record]) -> list[Record]:
    """By time; but a case begins with its opening, and what came of an answer follows it.

    The clocks of two workers may say something else.
    """
    listed = list(records)
    changes = {
        record.id: journal.change_of(record) for record in listed if record.kind == journal.CHANGE
    }
    made = {
        change.message.id: record.at
        for record in listed
        if (change := changes.get(record.id)) and change.message
    }

    def place(record: Record) -> tuple[bool, int, bool, str, str]:
        log = record.facts.get("log") or {}
        back = log.get("kind") == "returned"
        at = max(record.at, made.get(log.get("ref", ""), 0)) if back else record.at
        change = changes.get(record.id)
        opens = bool(change and change.case and change.case.id == case_id)
        return not opens, at, back, record.kind, record.id

    return sorted(listed, key=place)


def strays(records: Iterable[Record]) -> list[Outgoing]:
    """Mails of a case's changes whose results lie elsewhere: notices belong to no case."""
    changes = (journal.change_of(record) for record in records if record.kind == journal.CHANGE)
    of_cases = (change for change in changes if change.case_id)
    return [mail for change in of_cases for mail in change.outgoing if not mail.case_id]


def _app(message: AppMessage, mail: Mail) -> tuple[AppMessage, int]:
    """Another system's message with what became of it."""
    word, rank = delivery_of(mail, [])
    return replace(message, status=status_of(word), reason=why(mail)), rank


@dataclass
class _Fold:
    """Rows on their way. What concerns sending is gathered first: it is no matter of order."""

    case_id: str
    case: Case | None = None
    waits_since: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    decided: dict[str, Message] = field(default_factory=dict)
    logs: dict[Interaction, None] = field(default_factory=dict)
    intakes: dict[tuple[str, str], Taken] = field(default_factory=dict)
    mails: dict[str, Outgoing] = field(default_factory=dict)
    contacts: dict[str, Contact] = field(default_factory=dict)
    took: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, None] = field(default_factory=dict)
    apps: dict[str, AppMessage] = field(default_factory=dict)
    wrote: list[Message] = field(default_factory=list)
    wanted: dict[tuple[str, str], int] = field(default_factory=dict)
    seen_at: int = 0
    results: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    events: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    back: dict[str, list[str]] = field(default_factory=dict)

    def gather(self, record: Record) -> None:
        """Take note of what became of mails."""
        facts = record.facts
        if record.kind == journal.RESULT:
            self.results.setdefault(facts["outbox_id"], []).append(facts)
        elif record.kind == journal.EVENT:
            self.events.setdefault(facts["outbox_id"], {})[facts["event_id"]] = facts["event"]

    def apply(self, record: Record) -> None:
        """Do to the rows what the record says."""
        if record.kind == journal.CHANGE:
            self._change(journal.change_of(record), record.at)
        elif record.kind == journal.NOTE:
            self._note(journal.value_of(Interaction, record.facts["log"]), record.at)
        elif record.kind == journal.CONTACT:
            found = journal.value_of(Contact, record.facts["contact"])
            self._contact(found, record.facts, record.at)

    # Changes

    def _change(self, change: Change, at: int) -> None:
        if self.case_id:
            self.logs |= dict.fromkeys(change.logs)
        if change.decided and change.decided.case_id == self.case_id:
            self.decided[change.decided.id] = change.decided
        if change.message and change.message.case_id == self.case_id:
            self.messages[change.message.id] = change.message
        if change.case_id != self.case_id:
            return
        self.mails |= {mail.id: mail for mail in change.outgoing}
        if change.app:
            self.apps[change.app.id] = change.app
        if change.blocks:
            self.blocks[change.blocks] = None
        if change.case:
            self.case = change.case
        elif self.case:
            self.case = self._moved(self.case, change)
        if change.intake:
            self._intake(change.intake, change, at)

    def _intake(self, intake: Intake, change: Change, at: int) -> None:
        name = intake.ses_id, intake.route
        known = self.intakes.get(name)
        if known is None or change.replaces:
            self.intakes[name] = Taken(intake, change.replaces, change.content)
        if not intake.task:
            return
        if not (self.case and self.case.contact_id):
            self.wanted[name] = at
        if change.message and change.message.disposition in trust.ANSWERABLE:
            self.wrote.append(change.message)

    def _moved(self, case: Case, change: Change) -> Case:
        """The head after an answer, a command or a decision."""
        answers = [mail.id for mail in change.outgoing if mail.is_answer]
        posted = [mail.id for mail in change.outgoing if mail.by_app and mail.message_id]
        answers += posted
        if change.state or change.joins or posted:
            for answer in answers:
                case = replace(case, last_answer=answer)
        if change.joins:
            case = replace(case, participants=(*case.participants, change.joins))
        state = change.state
        if state is None:
            return case
        # Made before a newer mail was known, however late its record comes.
        case = self._heard(case, state.seen_at)
        self.waits_since = self.waits_since if state.status == OPEN else 0
        case = replace(
            case,
            target=state.target,
            status=state.status,
            answered_at=state.answered_at,
            closed_at=state.closed_at,
        )
        if any(self._undone(answer) for answer in answers):
            self.waits_since = case.latest_at
            return replace(case, target=Target(), status=OPEN, answered_at=0, closed_at=0)
        return case

    def _undone(self, outbox_id: str) -> bool:
        return is_undone(self.results.get(outbox_id, ()))

    def _heard(self, case: Case, until: int | None = None) -> Case:
        """The head after the customer's mails, those received by then (ms)."""
        due = [m for m in self.wrote if until is None or m.at <= until]
        self.wrote = [message for message in self.wrote if message not in due]
        for message in due:
            if case.latest_at < message.at:
                self.waits_since = message.at
                case = replace(
                    case,
                    latest_message_id=message.id,
                    latest_at=message.at,
                    status=OPEN,
                    closed_at=0,
                )
        return case

    # Notes and contacts

    def _note(self, log: Interaction, at: int) -> None:
        self.logs[log] = None
        if log.kind == "sent-again":
            self.again[log.ref] = self.again.get(log.ref, 0) + 1
        if log.kind != "returned":
            return
        self.back.setdefault(log.ref, []).append(log.reason)
        lost = self.messages.get(log.ref)
        if self.case and not (lost and lost.kind in {APP, FORWARD}):
            self.case = replace(self.case, status=OPEN, answered_at=0, closed_at=0)
            self.waits_since = at

    def _contact(self, found: Contact, facts: dict[str, Any], at: int) -> None:
        self.seen_at = max(self.seen_at, at)
        known = self.contacts.get(found.id)
        if facts["what"] == "started":
            self.contacts.setdefault(found.id, found)
            if not (known and known.state == "ended"):
                self._hold(contact_id=found.id)
        elif facts["what"] == "moved":
            self._contact_moved(found, known)
        else:
            self.contacts[found.id] = replace(found, state="ended")
            if self.case is None or facts.get("following"):
                return
            self._hold(last_contact=found.id)
            if self.case.contact_id == found.id:  # else the next one's clock is behind
                self._hold(contact_id="")

    def _contact_moved(self, found: Contact, known: Contact | None) -> None:
        if known and known.state == "ended":
            return
        state = "connected" if known and known.state == "connected" else found.state
        merged = replace(
            found,
            state=state,
            agent_id=found.agent_id or (known.agent_id if known else ""),
            agent_arn=found.agent_arn or (known.agent_arn if known else ""),
            username=found.username or (known.username if known else ""),
            queue_arn=found.queue_arn or (known.queue_arn if known else ""),
        )
        self.contacts[found.id] = merged
        self._hold(contact_id=found.id, agent_id=merged.agent_id)
        if merged.queue_arn:
            self._hold(queue_arn=merged.queue_arn)
        if found.agent_id:
            self.took[found.agent_id] = found.id

    def _hold(self, **values: str) -> None:
        if self.case:
            self.case = replace(self.case, **values)  # type: ignore[arg-type]

    # The end

    def folded(self) -> Folded:
        """All rows, once everything has been told."""
        mails = {name: self._mail(mail) for name, mail in self.mails.items()}
        case = self._heard(self.case) if self.case else None
        return Folded(
            self.case_id,
            Head(case, self.waits_since) if case else None,
            tuple(self._told(message, mails.get(message.id)) for message in self.messages.values()),
            tuple(self.decided),
            tuple(self.logs),
            tuple(self._taken(name, case) for name in self.intakes),
            tuple(mails.values()),
            tuple(self.contacts.values()),
            tuple(self.took.items()),
            tuple(self.blocks),
            tuple(_app(message, mails[message.outbox_id]) for message in self.apps.values()),
        )

    def _taken(self, name: tuple[str, str], case: Case | None) -> Taken:
        """A mail whose task nobody has ever seen keeps its work; what it sends is settled apart."""
        taken = self.intakes[name]
        asked_at = self.wanted.get(name)
        answered = case is not None and case.answered_at >= taken.intake.at
        lost = asked_at is not None and self.seen_at < asked_at and not answered
        return replace(taken, intake=replace(taken.intake, stage="stored" if lost else "done"))

    def _mail(self, mail: Outgoing) -> Mail:
        return ended(
            mail,
            self.results.get(mail.id, []),
            self.events.get(mail.id, {}),
            self.again.get(mail.id, 0),
            self.back.get(mail.message_id, []),
        )

    def _told(self, message: Message, mail: Mail | None) -> Told:
        decided = self.decided.get(message.id)
        if decided:
            message = replace(message, disposition=decided.disposition, reason=decided.reason)
        back = self.back.get(message.id)
        if back:
            message = replace(message, returned=back[-1])
        if mail is None:
            return Told(message)
        delivery, rank = delivery_of(mail, back or [])
        return Told(replace(message, delivery=delivery), rank)
