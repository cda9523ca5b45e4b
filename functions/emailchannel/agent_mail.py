"""An agent's mail, kept: what became of it, and how each outcome is written down."""

from dataclasses import dataclass, replace
from typing import Final

from . import document, journal, trust
from .case import Case, Interaction, Message, Participant
from .document import BYTES_CONTENT, SUBJECT_LIMIT, attachment_key
from .errors import Retryable
from .explain import explanation, outsiders
from .gates import Pass, Stop
from .judge import fingerprint
from .mail.address import normalise
from .mail.command import Command
from .mail.values import ParsedMail
from .ports import Change, Channel, Envelope, Findings, Intake, Outgoing

# Mail that was handed over, or released from the quarantine: the gateway finishes it.
_OF_THE_GATEWAY: Final = frozenset({"opened", "continued"})


@dataclass(frozen=True)
class Relayed:
    """The answer is in the outbox."""

    case_id: str
    outbox_id: str


@dataclass(frozen=True)
class Closed:
    """The case was closed; the customer hears nothing."""

    case_id: str


@dataclass(frozen=True)
class Noted:
    """A note for colleagues: it is in the case, and nothing was sent to the customer."""

    case_id: str


@dataclass(frozen=True)
class Held:
    """The customer wrote again since: the answer waits until the agent has seen that."""

    case_id: str


@dataclass(frozen=True)
class Blocked:
    """Nothing was sent, for this reason."""

    reason: str


@dataclass(frozen=True)
class HandedOver:
    """Not an agent's mail at all: it is taken in as what it is, a mail of the customers' side."""


@dataclass(frozen=True)
class Duplicate:
    """This mail was handled before."""


Outcome = Relayed | Closed | Noted | Held | Blocked | HandedOver | Duplicate


@dataclass(frozen=True)
class Work:
    """An agent's mail that passed the gates."""

    envelope: Envelope
    mail: ParsedMail
    passed: Pass
    command: Command
    answered: Message | None


def intake_of(work: Work, outcome: str, reason: str) -> Intake:
    """The record of what became of an agent's mail."""
    addresses = work.passed.agent.addresses
    envelope = work.envelope
    return Intake(
        envelope.ses_id,
        envelope.route,
        outcome,
        reason,
        work.passed.case.id,
        sender=addresses[0] if addresses else "",
        at=envelope.at,
    )


def entry(work: Work, kind: str, reason: str, ref: str = "") -> Interaction:
    """An entry of the history in the agent's name."""
    return Interaction(work.envelope.at, kind, work.passed.agent.username, reason, ref)


def kept(channel: Channel, work: Work, change: Change, outcome: Outcome) -> Outcome:
    """Make the change with what follows from it, or find out who made it before."""
    if not journal.keep(channel, change):
        return again(channel, work.envelope)
    if change.intake:
        _follow_up(channel, change.intake)
    return outcome


def content(work: Work) -> str:
    """By what a second copy of the mail is known: for this case and agent only."""
    return fingerprint(work.mail, "relay", work.passed.case.id, work.passed.agent.id)


def keep_inside(
    channel: Channel,
    work: Work,
    message: Message,
    outcome: str,
    told: tuple[Outgoing, ...],
    result: Outcome,
) -> Outcome:
    """Keep an agent's mail in its case without sending it."""
    decision = trust.Decision(message.disposition, message.reason)
    _write_formatted(channel, message, work.mail, decision)
    for n, part in enumerate(work.mail.attachments):
        channel.mails.write(attachment_key(message.id, n), part.payload, BYTES_CONTENT)
    ids = tuple(mail.id for mail in told)
    change = Change(
        message.case_id,
        (entry(work, outcome, message.reason, message.id),),
        replace(intake_of(work, outcome, message.reason), message_id=message.id, outboxes=ids),
        message=message,
        outgoing=told,
        content=content(work),
    )
    return kept(channel, work, change, result)


def refuse(channel: Channel, envelope: Envelope, mail: ParsedMail, stop: Stop) -> Outcome:
    """Keep a refused mail: with its case when it names one, else in the quarantine."""
    made_up = stop.reason == "token" and stop.holder is None
    facts = {"command": stop.detail, "detail": stop.detail}
    if stop.case:
        facts |= outsiders(channel, stop.case, mail)
    told = () if made_up else explanation(channel, envelope, mail, stop.agent, stop.reason, facts)
    sender = normalise(mail.from_.addr) if mail.from_ else normalise(envelope.mail_from)
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "blocked" if stop.case else "quarantined",
        stop.reason,
        sender=sender,
        at=envelope.at,
        outboxes=tuple(mail.id for mail in told),
    )
    change = Change("", intake=intake, outgoing=told)
    if stop.case:
        actor = stop.agent.username if stop.agent else ""
        message = message_of(envelope, mail, stop.case, trust.BLOCKED, stop.reason)
        message = replace(message, actor=actor)
        decision = trust.Decision(trust.BLOCKED, stop.reason)
        _write_formatted(channel, message, mail, decision)
        intake = replace(intake, case_id=stop.case.id, message_id=message.id)
        log = Interaction(envelope.at, "blocked", actor or "unknown", stop.reason, message.id)
        logs = (log, *_whose(envelope, stop))
        change = Change(stop.case.id, logs, intake, message=message, outgoing=told)
    if not journal.keep(channel, change):
        return again(channel, envelope)
    _follow_up(channel, intake)
    return Blocked(stop.reason)


def _whose(envelope: Envelope, stop: Stop) -> tuple[Interaction, ...]:
    """That an agent used an address which was made for another one, or has been revoked."""
    if stop.holder is None or stop.agent is None:
        return ()
    names = stop.agent.username, stop.holder.username
    return (Interaction(envelope.at, "foreign-address", *names),)


def message_of(
    envelope: Envelope, mail: ParsedMail, case: Case, disposition: str, reason: str
) -> Message:
    """An agent's mail as it is kept when it does not go out as an answer."""
    sender = mail.from_
    return Message(
        id=envelope.ses_id,
        case_id=case.id,
        at=envelope.at,
        direction="in",
        kind="relay",
        disposition=disposition,
        reason=reason,
        flags=tuple(sorted(mail.flags)),
        from_=Participant(normalise(sender.addr) if sender else "", sender.name if sender else ""),
        subject=mail.subject[:SUBJECT_LIMIT],
        message_id=mail.message_id or "",
        attachments=document.attachment_records(mail) if disposition != trust.BLOCKED else (),
        raw_key=envelope.key,
        formatted_key=f"formatted/{envelope.ses_id}.json",
    )


def _write_formatted(
    channel: Channel, message: Message, mail: ParsedMail, decision: trust.Decision
) -> None:
    body = document.formatted(
        mail,
        Findings(),
        decision,
        case_id=message.case_id,
        message_id=message.id,
        received_at=message.at,
        authenticated=decision.disposition != trust.BLOCKED,
    )
    channel.mails.write(message.formatted_key, body, "application/json")


def again(channel: Channel, envelope: Envelope) -> Outcome:
    """The mail was taken in meanwhile: perhaps by us, the answer being lost.

    Raises Retryable when it was not: a copy of it, or a newer mail of the customer, came between.
    """
    known = channel.cases.intake(envelope.ses_id, envelope.route)
    if known is None:
        raise Retryable("the change was refused")
    if known.outcome not in _OF_THE_GATEWAY:
        _follow_up(channel, known)
    return Duplicate()


def secrets(passed: Pass) -> tuple[str, ...]:
    """What must not reach the customer: the agent's addresses, and the one he wrote to."""
    named = f"{passed.address.purpose}+{token(passed)}"
    return (*passed.agent.addresses, named, token(passed))


def token(passed: Pass) -> str:
    """What stands after the + of the address he wrote to."""
    address = passed.address
    return f"{address.case_id}{address.version}{address.stamp}{address.mac}"


def _follow_up(channel: Channel, intake: Intake) -> None:
    if intake.stage == "done":
        return
    for outbox_id in intake.outboxes:
        channel.queues.send(outbox_id)
    channel.cases.done(replace(intake, stage="done"))
