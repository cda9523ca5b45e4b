"""An agent's mail to a relay address: six gates, and then an answer from the case to the customer.

Every gate is closed unless it is opened, and each refusal has its own reason code. Refused mail is
kept and shown in the case it names; nothing goes out.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Final

from . import document, reply, route, trust
from .case import REJECTED, WAITING, Interaction, Message, Participant, Target
from .gates import Pass, Stop, check, has_content
from .mail import alias
from .mail.address import normalise
from .mail.compose import ComposeError
from .mail.parse import parse
from .mail.values import ParsedMail
from .ports import Channel, Envelope, Findings, Intake, Outgoing
from .receive import BYTES_CONTENT, SUBJECT_LIMIT, attachment_key

OUTBOX_ID_LENGTH: Final = 26


@dataclass(frozen=True)
class Relayed:
    """The answer is in the outbox."""

    case_id: str
    outbox_id: str


@dataclass(frozen=True)
class Closed:
    """An empty mail to rejectrelay closed the case; the customer hears nothing."""

    case_id: str


@dataclass(frozen=True)
class Blocked:
    """Nothing was sent, for this reason."""

    reason: str


@dataclass(frozen=True)
class Duplicate:
    """This mail was handled before."""


Outcome = Relayed | Closed | Blocked | Duplicate


def relay(channel: Channel, envelope: Envelope) -> Outcome:
    """Take in one mail that SES stored under `relay/`. Raises Retryable only."""
    if channel.cases.intake(envelope.ses_id, envelope.route):
        return _again(channel, envelope)
    raw = channel.mails.read(envelope.key)
    if not raw:
        _record(channel, envelope, "object-missing" if raw is None else "empty-object")
        return Blocked("empty-object")
    mail = parse(raw)
    found = check(channel, envelope, raw, mail)
    if isinstance(found, Stop):
        return _block(channel, envelope, mail, found)
    return _answer(channel, envelope, mail, found)


def _record(channel: Channel, envelope: Envelope, reason: str) -> None:
    sender = normalise(envelope.mail_from)
    channel.cases.record(
        Intake(
            envelope.ses_id,
            envelope.route,
            "quarantined",
            reason,
            "",
            "",
            sender,
            envelope.at,
            "done",
        )
    )


def _block(channel: Channel, envelope: Envelope, mail: ParsedMail, stop: Stop) -> Outcome:
    """Keep a refused mail: with its case when it names one, else in the list of refused mail."""
    if stop.case is None:
        _record(channel, envelope, stop.reason)
        return Blocked(stop.reason)
    sender = normalise(mail.from_.addr) if mail.from_ else ""
    actor = stop.agent.username if stop.agent else ""
    message = Message(
        id=envelope.ses_id,
        case_id=stop.case.id,
        at=envelope.at,
        direction="in",
        kind="relay",
        disposition=trust.BLOCKED,
        reason=stop.reason,
        flags=tuple(sorted(mail.flags)),
        from_=Participant(sender, mail.from_.name if mail.from_ else ""),
        subject=mail.subject[:SUBJECT_LIMIT],
        message_id=mail.message_id or "",
        raw_key=envelope.key,
        formatted_key=f"formatted/{envelope.ses_id}.json",
        actor=actor,
    )
    _write_formatted(channel, message, mail, trust.Decision(trust.BLOCKED, stop.reason))
    log = Interaction(envelope.at, "blocked", actor, stop.reason, message.id)
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "blocked",
        stop.reason,
        stop.case.id,
        message.id,
        sender,
        envelope.at,
        "done",
    )
    kept = channel.cases.add_message(message, log, intake)
    return Blocked(stop.reason) if kept else Duplicate()


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
        authenticated=decision.disposition == trust.SENT,
    )
    channel.mails.write(message.formatted_key, body, "application/json")


def outbox_id(*origin: str) -> str:
    """The id of the mail that `origin` leads to: the same origin, the same mail, sent once."""
    return alias.base32(
        hashlib.sha256("|".join(("outbox1", *origin)).encode()).digest(), OUTBOX_ID_LENGTH
    )


def _answer(channel: Channel, envelope: Envelope, mail: ParsedMail, passed: Pass) -> Outcome:
    case, agent, purpose = passed.case, passed.agent, passed.address.purpose
    target, status = route.after_answer(
        purpose, case.queue_arn or channel.settings.default_queue_arn, agent.arn
    )
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "relayed",
        purpose,
        case.id,
        sender=agent.addresses[0] if agent.addresses else "",
        at=envelope.at,
    )
    if not has_content(mail):
        return _close(channel, envelope, passed, target, replace(intake, outcome="closed"))
    answered = _answered(channel, passed)
    identity = outbox_id("relay", envelope.ses_id)
    try:
        message, outgoing, mime = _compose(channel, mail, passed, answered, identity, envelope.at)
    except ComposeError:
        return _block(channel, envelope, mail, Stop("cannot-compose", case, agent))
    channel.mails.write(outgoing.key, mime, "message/rfc822")
    sent = parse(mime)
    message = replace(message, attachments=document.attachment_records(sent))
    for n, part in enumerate(sent.attachments):
        channel.mails.write(attachment_key(message.id, n), part.payload, BYTES_CONTENT)
    _write_formatted(channel, message, sent, trust.Decision(trust.SENT, purpose))
    intake = replace(intake, message_id=message.id, outbox_id=outgoing.id)
    log = Interaction(message.at, "answered", agent.username, purpose, message.id)
    answered_at = answered.at if answered else 0
    if status == WAITING and answered_at < case.latest_at:
        status = case.status  # the customer has written again since: he still waits for us
    kept = channel.cases.answer(message, outgoing, target, status, answered_at, log, intake)
    if not kept:
        return _again(channel, envelope)
    _follow_up(channel, intake)
    return Relayed(case.id, outgoing.id)


def _again(channel: Channel, envelope: Envelope) -> Outcome:
    """The mail was taken in meanwhile, perhaps by us, the answer of the write being lost."""
    known = channel.cases.intake(envelope.ses_id, envelope.route)
    if known:
        _follow_up(channel, known)
    return Duplicate()


def _close(
    channel: Channel, envelope: Envelope, passed: Pass, target: Target, intake: Intake
) -> Outcome:
    log = Interaction(envelope.at, "closed", passed.agent.username, passed.address.purpose)
    kept = channel.cases.close(passed.case.id, target, REJECTED, log, replace(intake, stage="done"))
    return Closed(passed.case.id) if kept else Duplicate()


def _answered(channel: Channel, passed: Pass) -> Message | None:
    """The customer's message that the address was made for."""
    message_id = channel.cases.stamped(passed.case.id, passed.address.stamp)
    message = channel.cases.message(passed.case.id, message_id) if message_id else None
    # What a third party wrote is never quoted to the customer.
    return message if message and message.disposition in trust.ANSWERABLE else None


def _compose(
    channel: Channel,
    mail: ParsedMail,
    passed: Pass,
    answered: Message | None,
    identity: str,
    at: int,
) -> tuple[Message, Outgoing, bytes]:
    """The answer, dated by the receipt of the agent's mail: made again it has the same bytes."""
    secrets = (*passed.agent.addresses, *_relay_locals(passed))
    answer = reply.Answer(
        text=reply.scrub("\n\n".join(filter(None, (mail.new_text, mail.signature))), secrets),
        attachments=tuple(part for part in mail.attachments if part.payload),
    )
    mime, headers = reply.compose_reply(channel, passed.case, answered, answer, identity, at)
    message = Message(
        id=identity,
        case_id=passed.case.id,
        at=at,
        direction="out",
        kind="reply",
        disposition=trust.SENT,
        reason=passed.address.purpose,
        from_=Participant(headers.from_address, channel.settings.from_name),
        to=(passed.case.customer.address,),
        subject=headers.subject,
        references=headers.references,
        delivery="queued",
        raw_key=f"sent/{identity}.eml",
        formatted_key=f"formatted/{identity}.json",
        actor=passed.agent.username,
    )
    outgoing = Outgoing(
        identity, passed.case.id, identity, message.raw_key, headers.from_address, message.to
    )
    return message, outgoing, mime


def _relay_locals(passed: Pass) -> tuple[str, ...]:
    """What must not reach the customer of the address the agent wrote to."""
    address = passed.address
    token = f"{address.case_id}{address.version}{address.stamp}{address.mac}"
    return (f"{address.purpose}+{token}", token)


def _follow_up(channel: Channel, intake: Intake) -> None:
    if intake.stage == "done":
        return
    if intake.outbox_id:
        channel.queues.send(intake.outbox_id)
    channel.cases.done(replace(intake, stage="done"))
