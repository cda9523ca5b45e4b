"""A customer's mail: find or open its case, keep it, and start what must follow.

The order of the steps is the promise: what can be repeated without harm comes first, then one
transaction decides, then the follow-ups that the decision wrote down. A repeated delivery finds the
intake record and only finishes what is left.
"""

from dataclasses import dataclass, replace
from typing import Final

from . import announcement, canary, document, journal, limits, loops, trust
from .acknowledge import acknowledge
from .case import Case, Interaction, Message, Participant
from .document import BYTES_CONTENT, SUBJECT_LIMIT, attachment_key
from .errors import Retryable
from .judge import Reading, fingerprint, judge
from .mail import alias
from .mail.address import normalise
from .mail.parse import parse, salvage
from .mail.values import ParsedMail
from .mail.verdict import FAIL
from .ports import RELAY, Change, Channel, Envelope, Findings, Intake

SETUP_NOTIFICATION: Final = "AMAZON_SES_SETUP_NOTIFICATION"
_MOST_LISTED: Final = 50  # recipients of a mail kept in its row; all of them are in the raw mail


@dataclass(frozen=True)
class Opened:
    """The mail opened this case."""

    case_id: str
    message_id: str


@dataclass(frozen=True)
class Continued:
    """The mail is now part of this case."""

    case_id: str
    message_id: str
    disposition: str


@dataclass(frozen=True)
class Quarantined:
    """The mail is kept and listed with this reason; no agent is bothered with it."""

    reason: str


@dataclass(frozen=True)
class Duplicate:
    """This mail was handled before; whatever was left to do is done now."""

    case_id: str = ""


Outcome = Opened | Continued | Quarantined | Duplicate


def receive(
    channel: Channel, envelope: Envelope, *, released: bool = False, plain: bool = False
) -> Outcome:
    """Take in one stored mail of the customers' side. Raises Retryable only.

    `released`: a person looked at it in the quarantine and lets it through. `plain`: it could not
    be taken in as it should; this time nothing clever is tried, and the agent gets the original.
    """
    known = channel.cases.intake(envelope.ses_id, envelope.route)
    was = known.outcome if known else ""
    if known and not (released and was == "quarantined"):
        _follow_up(channel, known)
        return Duplicate(known.case_id)
    envelope = announcement.keep(channel, envelope)
    if known:
        envelope = replace(envelope, at=known.at)
    raw = channel.mails.read(envelope.key)
    reason = _not_for_agents(channel, envelope, raw, released=released)
    if reason or raw is None:
        return _quarantine(channel, envelope, reason, "")
    mail = _plainly(raw) if plain else parse(raw)
    reading = judge(channel, envelope, raw, mail, released=released)
    reason = "" if released else _to_be_looked_at(channel, raw, reading)
    if reason == canary.REASON:
        return _seen_canary(channel, envelope)
    if reason:
        return _quarantine(channel, envelope, reason, reading.sender, reading.case)
    return _twice(channel, reading, was) or _keep(channel, reading, was)


def _plainly(raw: bytes) -> ParsedMail:
    """The mail by a scan of its bytes. No machine answers what no machine could read."""
    mail = salvage(raw)
    return replace(mail, flags=mail.flags | {"not-fully-parsed", "no-automatic-answer"})


def _not_for_agents(
    channel: Channel, envelope: Envelope, raw: bytes | None, *, released: bool
) -> str:
    """Why this object is no mail for an agent, or empty. Nothing is parsed for it."""
    if envelope.key.endswith(SETUP_NOTIFICATION):
        return "not-a-mail"
    if raw is None:
        return "object-missing"
    if not raw:
        return "empty-object"
    if released:
        return ""
    if envelope.verdicts.virus == FAIL:
        return "virus"
    if envelope.verdicts.spam == FAIL:
        return "spam"
    return limits.flooded(channel, envelope.mail_from)


def _to_be_looked_at(channel: Channel, raw: bytes, reading: Reading) -> str:
    """Why a mail waits in the quarantine for an administrator, or empty."""
    mail, case = reading.mail, reading.case
    if loops.comes_back(channel, raw, mail, reading.envelope.mail_from):
        return canary.REASON if canary.arrived(channel, raw) else "loop"
    if case is None:
        if mail.automatic or mail.bounce:
            return f"automatic:{mail.automatic}" if mail.automatic else "bounce"
        return "" if reading.authenticated else limits.flooded_by_unproven(channel)
    outsider = reading.decision.disposition in {trust.HELD, trust.ATTACHED}
    if outsider and reading.sender and channel.cases.blocked(case.id, reading.sender):
        return "blocked-sender"
    return ""


def _quarantine(
    channel: Channel, envelope: Envelope, reason: str, sender: str, case: Case | None = None
) -> Outcome:
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "quarantined",
        reason,
        sender=sender or normalise(envelope.mail_from),
        at=envelope.at,
        stage="done",
    )
    log = Interaction(envelope.at, "refused", "channel", reason, envelope.ses_id)
    change = Change(case.id, (log,), intake) if case else Change("", intake=intake)
    journal.keep(channel, change)
    return Quarantined(reason)


def _seen_canary(channel: Channel, envelope: Envelope) -> Outcome:
    at, reason = envelope.at, canary.REASON
    intake = Intake(envelope.ses_id, envelope.route, "canary", reason, at=at, stage="done")
    journal.keep(channel, Change("", intake=intake))
    return Quarantined(reason)


def _twice(channel: Channel, reading: Reading, was: str) -> Outcome | None:
    """A mail that came before: from its server again, or to another of our addresses."""
    envelope, mail = reading.envelope, reading.mail
    content = fingerprint(mail, reading.sender)
    first = channel.cases.seen(content, envelope.at) if content else None
    if first and first[0] != envelope.ses_id:
        return _duplicate(channel, reading, first[1], "same-mail", was)
    noted = reading.decision.disposition == trust.NOTED and not was
    if reading.case and noted and _also_to_relay(channel, envelope, mail):
        return _duplicate(channel, reading, reading.case.id, "also-to-relay", was)
    return None


def _also_to_relay(channel: Channel, envelope: Envelope, mail: ParsedMail) -> bool:
    """An agent's answer with the customer's alias in copy: the relay has it too, and sees to it."""
    domain = channel.settings.domain
    named = any(alias.parse_relay(address.addr, domain) for address in (*mail.to, *mail.cc))
    return named and channel.mails.read(f"{RELAY}/{envelope.ses_id}") is not None


def _duplicate(channel: Channel, reading: Reading, case_id: str, reason: str, was: str) -> Outcome:
    envelope = reading.envelope
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "duplicate",
        reason,
        case_id,
        sender=reading.sender,
        at=envelope.at,
        stage="done",
    )
    log = Interaction(envelope.at, "duplicate", _actor(reading), reason, envelope.ses_id)
    logs = (log,) if case_id else ()
    journal.keep(channel, Change(case_id, logs, intake, replaces=was))
    return Duplicate(case_id)


def _actor(reading: Reading) -> str:
    if reading.decision.disposition == trust.NOTED:
        return reading.agent
    return "third-party" if reading.decision.disposition == trust.HELD else "customer"


def _keep(channel: Channel, reading: Reading, was: str) -> Outcome:
    envelope, known_case = reading.envelope, reading.case
    case = known_case or _new_case(channel, reading)
    findings = _read_language(channel, reading.mail)
    message = replace(
        _message(reading, case.id), language=findings.language, sentiment=findings.sentiment
    )
    _write_bodies(channel, reading, message, findings)
    outgoing, said = ((), ()) if known_case else acknowledge(channel, reading, case, message)
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "continued" if known_case else "opened",
        reading.decision.reason,
        case.id,
        message.id,
        reading.sender,
        envelope.at,
        task=reading.decision.disposition != trust.ATTACHED,
        outboxes=tuple(mail.id for mail in outgoing),
    )
    log = Interaction(envelope.at, "received", _actor(reading), reading.decision.reason, message.id)
    change = Change(
        case.id,
        (log, *said),
        intake,
        case=None if known_case else case,
        message=message,
        outgoing=outgoing,
        content=fingerprint(reading.mail, reading.sender),
        replaces=was,
    )
    if not journal.keep(channel, change):
        return _lost_the_race(channel, reading, was)
    _follow_up(channel, intake)
    if known_case:
        return Continued(case.id, message.id, reading.decision.disposition)
    return Opened(case.id, message.id)


def _lost_the_race(channel: Channel, reading: Reading, was: str) -> Outcome:
    """Somebody took in the same mail, or its copy, while we read it: his decision stands."""
    known = channel.cases.intake(reading.envelope.ses_id, reading.envelope.route)
    if known and known.outcome != "quarantined":
        _follow_up(channel, known)
        return Duplicate(known.case_id)
    copy = _twice(channel, reading, was)
    if copy:
        return copy
    raise Retryable("the change was refused")


def _read_language(channel: Channel, mail: ParsedMail) -> Findings:
    return channel.language.read(
        "\n".join(filter(None, (mail.subject, mail.new_text or mail.text)))
    )


def _message(reading: Reading, case_id: str) -> Message:
    mail, envelope = reading.mail, reading.envelope
    kind = "bounce" if mail.bounce else "automatic" if mail.automatic else "customer"
    if reading.decision.disposition == trust.NOTED:
        kind = "note"
    name = mail.from_.name if mail.from_ else ""
    return Message(
        id=envelope.ses_id,
        case_id=case_id,
        at=envelope.at,
        direction="in",
        kind=kind,
        disposition=reading.decision.disposition,
        reason=reading.decision.reason,
        flags=tuple(sorted({*mail.flags, *reading.warnings})),
        from_=Participant(reading.sender, name),
        to=tuple(a.addr for a in mail.to[:_MOST_LISTED]),
        cc=tuple(a.addr for a in mail.cc[:_MOST_LISTED]),
        reply_to=tuple(a.addr for a in mail.reply_to[:_MOST_LISTED]),
        subject=mail.subject[:SUBJECT_LIMIT],
        message_id=mail.message_id or "",
        references=mail.references[-20:],
        answers=reading.about,
        attachments=document.attachment_records(mail),
        raw_key=envelope.key,
        formatted_key=f"formatted/{envelope.ses_id}.json",
        actor=_actor(reading) if kind == "note" else "",
    )


def _new_case(channel: Channel, reading: Reading) -> Case:
    name = reading.mail.from_.name if reading.mail.from_ else ""
    return Case(
        id=alias.case_id(channel.keys.case_key(), reading.envelope.ses_id),
        customer=Participant(reading.sender, name),
        subject=reading.mail.subject[:SUBJECT_LIMIT],
        created_at=reading.envelope.at,
        linked=reading.linked,
    )


def _write_bodies(channel: Channel, reading: Reading, message: Message, findings: Findings) -> None:
    """Everything in S3 that the page needs. The same mail writes the same objects again."""
    for n, part in enumerate(reading.mail.attachments):
        channel.mails.write(attachment_key(message.id, n), part.payload, BYTES_CONTENT)
    body = document.formatted(
        reading.mail,
        findings,
        reading.decision,
        case_id=message.case_id,
        message_id=message.id,
        received_at=message.at,
        authenticated=reading.authenticated,
        extra_warnings=reading.warnings,
    )
    channel.mails.write(message.formatted_key, body, "application/json")


def _follow_up(channel: Channel, intake: Intake) -> None:
    """Start what a kept mail calls for. Each step can be repeated; the last says it is done."""
    if intake.stage == "done":
        return
    if intake.task:
        message = channel.cases.message(intake.case_id, intake.message_id)
        if message and message.disposition in trust.ANSWERABLE:
            channel.cases.customer_wrote(intake.case_id, message)
        channel.queues.task(intake.case_id, intake.message_id)
    for outbox_id in intake.outboxes:
        channel.queues.send(outbox_id)
    channel.cases.done(replace(intake, stage="done"))
