"""The journey of a mail that came: from SES to an agent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from emailchannel import trust
from emailchannel.aws import events
from emailchannel.case import OPEN, Case, Interaction, Message
from emailchannel.errors import Unprocessable
from emailchannel.mail.parse import parse
from emailchannel.ports import RELAY, Envelope, Intake

from . import journey_record
from .hops import BAD, GOOD, Hop, Journey, Source
from .journey_record import Kept

_NEVER = 1 << 62


@dataclass(frozen=True)
class _Mail:
    """All that is known of one mail that came."""

    source: Source
    id: str
    route: str
    intake: Intake | None
    envelope: Envelope | None
    case: Case | None
    message: Message | None
    kept: Kept
    taken_at: int

    @property
    def at(self) -> int:
        """When SES received it."""
        known = self.intake.at if self.intake else 0
        return known or (self.envelope.at if self.envelope else 0)

    def logs(self, *kinds: str, ref: str = "") -> list[Interaction]:
        """Entries of the history of these kinds."""
        found = (log for log in self.kept.history if log.kind in kinds)
        return [log for log in found if not ref or log.ref == ref]


def inbound(source: Source, ses_id: str, route: str) -> Journey:
    """Of a mail under `inbound/` or `relay/`."""
    mail = _read(source, ses_id, route)
    answers = _answers(mail)
    tasks = list(_tasks(mail, answers))
    hops = [*_arrival(mail), *_taken_in(mail), *tasks, *_decisions(mail), *_answered(answers)]
    waits, since = _waits(mail, answers, tasks)
    message, envelope = mail.message, mail.envelope
    ids = [answer.id for answer in answers]
    if mail.intake and mail.intake.outcome == "relayed":
        ids = [mail.intake.message_id]
    return Journey(
        ses_id,
        "in",
        mail.at,
        _sender(mail),
        envelope.recipients if envelope else (),
        message.subject if message else _subject(mail),
        mail.intake.case_id if mail.intake else "",
        tuple(hops),
        waits,
        since,
        tuple(ids),
        message.answers if message and route == RELAY else "",
    )


def _read(source: Source, ses_id: str, route: str) -> _Mail:
    cases, key = source.channel.cases, f"{route}/{ses_id}"
    intake = cases.intake(ses_id, route)
    envelope = _envelope(source.channel.mails.read(f"{key}.json"))
    case_id = intake.case_id if intake else ""
    known_at = (intake.at if intake else 0) or (envelope.at if envelope else 0)
    kept = journey_record.read(source.channel, case_id, known_at)
    change = kept.change_about(ses_id)
    message_id = intake.message_id if intake else ""
    return _Mail(
        source,
        ses_id,
        route,
        intake,
        envelope,
        cases.case(case_id) if case_id else None,
        cases.message(case_id, message_id) if case_id and message_id else None,
        kept,
        change.at if change else 0,
    )


def _envelope(notification: bytes | None) -> Envelope | None:
    try:
        return events.envelope(json.loads(notification)) if notification else None
    except (Unprocessable, ValueError):
        return None


def _sender(mail: _Mail) -> str:
    if mail.message and mail.message.direction == "in":
        return mail.message.from_.address
    if mail.intake and mail.intake.sender:
        return mail.intake.sender
    return mail.envelope.mail_from if mail.envelope else ""


def _subject(mail: _Mail) -> str:
    raw = mail.source.channel.mails.read(f"{mail.route}/{mail.id}")
    return parse(raw).subject if raw else ""


# Hops


def _arrival(mail: _Mail) -> Iterator[Hop]:
    said = "its notification was lost: nothing about it is proven"
    if mail.envelope:
        found = mail.envelope.verdicts
        names = ("spf", "dkim", "dmarc", "spam", "virus")
        said = ", ".join(f"{name} {getattr(found, name) or '-'}" for name in names)
    yield Hop(mail.at, "received by Amazon SES", said)
    key = f"{mail.route}/{mail.id}"
    page, _ = mail.source.channel.mails.page(key)
    stored = next((one for one in page if one.key == key), None)
    if stored:  # S3 keeps whole seconds
        yield Hop(max(stored.at, mail.at), "stored in the mail bucket")
    else:
        yield Hop(0, "not in the mail bucket any more", "", BAD)


def _taken_in(mail: _Mail) -> Iterator[Hop]:
    intake, message = mail.intake, mail.message
    if intake is None:
        return
    at = mail.taken_at or intake.at
    bad = intake.outcome in {"quarantined", "blocked", "deleted", "erased"}
    yield Hop(at, _outcome(intake), _judged(intake, message), BAD if bad else "")
    if message and (message.language or message.sentiment) and message.direction == "in":
        found = ", ".join(filter(None, (message.language, message.sentiment.lower())))
        yield Hop(at, "language and sentiment", found)
    for outbox_id in intake.outboxes:
        if outbox_id != intake.message_id:
            sent = mail.source.channel.cases.outgoing(outbox_id)
            state = sent.state.lower() if sent else "gone"
            word = "acknowledged" if mail.route != RELAY else "its author is told"
            yield Hop(sent.at if sent else 0, word, f"outbox {outbox_id}: {state}")


def _outcome(intake: Intake) -> str:
    case = f"case {intake.case_id}"
    return {
        "opened": f"opened {case}",
        "continued": f"continued {case}",
        "duplicate": "had come before",
        "quarantined": "kept from agents, in the quarantine",
        "deleted": "deleted from the quarantine",
        "erased": "erased",
        "canary": "known as our own canary",
        "relayed": f"taken as an answer of {case}",
        "noted": f"kept as a note of {case}",
        "closed": f"closed {case}",
        "held": f"held on {case}",
        "blocked": f"refused, and kept on {case}",
    }.get(intake.outcome, intake.outcome)


def _judged(intake: Intake, message: Message | None) -> str:
    """What was decided, and why."""
    disposition = message.disposition if message and message.direction == "in" else ""
    return ", ".join(dict.fromkeys(filter(None, (disposition, intake.reason))))


def _decisions(mail: _Mail) -> Iterator[Hop]:
    for log in mail.logs("decided", ref=mail.id):
        yield Hop(log.at, f"{log.actor} decided: {log.reason}", "", GOOD)
    for log in mail.logs("reminded", ref=mail.id):
        yield Hop(log.at, "agents reminded of it")


def _answers(mail: _Mail) -> list[Message]:
    if mail.case is None or mail.message is None or mail.message.direction == "out":
        return []
    found = mail.source.channel.cases.messages(mail.case.id)
    return [one for one in found if one.direction == "out" and one.answers == mail.id]


def _answered(answers: list[Message]) -> Iterator[Hop]:
    for answer in answers:
        bad = answer.delivery.partition(":")[0] in {"bounced", "complained", "rejected", "failed"}
        yield Hop(
            answer.at,
            f"answered by {answer.actor}",
            f"outbox {answer.id}: {answer.delivery or 'no news'}",
            BAD if bad else GOOD,
        )


def _tasks(mail: _Mail, answers: list[Message]) -> Iterator[Hop]:
    """The tasks that were there for this mail, until it was answered."""
    if mail.intake is None or not mail.intake.task:
        return
    begun, until = mail.taken_at or mail.at, answers[0].at if answers else _NEVER
    for contact_id, at, ended in _contacts(mail):
        if at < begun <= ended:
            yield Hop(begun, "put into the open task", f"contact {contact_id}")
        elif begun <= at <= until:
            yield Hop(at, "task started", f"contact {contact_id}")
        else:
            continue
        yield from (hop for hop in _of_contact(mail, contact_id) if hop.at >= begun)


def _contacts(mail: _Mail) -> Iterator[tuple[str, int, int]]:
    """(contact, when it was offered, when it ended) in their order."""
    ends = {log.ref: log.at for log in mail.logs("task-ended")}
    for log in mail.logs("offered"):
        yield log.ref, log.at, ends.get(log.ref, _NEVER)


def _of_contact(mail: _Mail, contact_id: str) -> Iterator[Hop]:
    queue = ""
    for at, contact in mail.kept.contacts():
        if contact.id == contact_id and contact.queue_arn not in {"", queue}:
            queue = contact.queue_arn
            yield Hop(at, f"in queue {mail.source.queue(queue)}")
    for log in mail.logs("accepted", ref=contact_id):
        yield Hop(log.at, f"accepted by {log.actor}", "", GOOD)
    for log in mail.logs("task-ended", ref=contact_id):
        yield Hop(log.at, "task ended", f"{log.reason}, {log.actor}")


# Where it waits


def _waits(mail: _Mail, answers: list[Message], tasks: list[Hop]) -> tuple[str, int]:
    intake, message = mail.intake, mail.message
    if intake is None:
        queue = "relay" if mail.route == RELAY else "ingest"
        return f"not taken in yet: in the {queue} queue, or in its dead letters", mail.at
    at = mail.taken_at or intake.at
    if intake.outcome == "quarantined":
        return "in the quarantine: `quarantine show` says more", at
    if intake.stage != "done":
        return "taken in; what must follow has not been started", at
    if message and message.disposition == trust.HELD:
        return "held: an agent has to decide about it", at
    case = mail.case
    answered = any(not answer.returned for answer in answers)
    done = answered or not intake.task or case is None or case.answered or case.status != OPEN
    if case is None or done:
        return "", 0
    return _with_whom(mail, case, tasks[-1] if tasks else None, at)


def _with_whom(mail: _Mail, case: Case, last: Hop | None, at: int) -> tuple[str, int]:
    if last is None:
        return "in the task queue", at
    contact = mail.source.channel.cases.contact(case.contact_id) if case.contact_id else None
    if contact is None:
        return "the case is open and has no task", last.at
    if contact.agent_id:
        return f"{contact.username or 'an agent'} has it, and has not answered", last.at
    queue = mail.source.queue(contact.queue_arn) if contact.queue_arn else ""
    where = f"in queue {queue}" if queue else "in the contact flow"
    return f"{where}: no agent has taken it", last.at
