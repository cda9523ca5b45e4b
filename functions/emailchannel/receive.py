"""A customer's mail: find or open its case, keep it, and start what must follow.

The order of the steps is the promise: what can be repeated without harm comes first, then one
transaction decides, then the follow-ups that the decision wrote down. A repeated delivery finds the
intake record and only finishes what is left.
"""

from dataclasses import dataclass, replace
from typing import Final

from . import document, trust
from .case import Case, Interaction, Message, Participant, accepts_mail
from .mail import alias, thread
from .mail.address import normalise
from .mail.parse import parse
from .mail.values import ParsedMail
from .mail.verdict import FAIL, PASS, authenticated
from .ports import Channel, Envelope, Findings, Intake

SETUP_NOTIFICATION: Final = "AMAZON_SES_SETUP_NOTIFICATION"
SUBJECT_LIMIT: Final = 250
BYTES_CONTENT: Final = "application/octet-stream"
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


@dataclass(frozen=True)
class _Reading:
    """A mail read and judged, not yet kept."""

    envelope: Envelope
    mail: ParsedMail
    sender: str
    authenticated: bool
    case: Case | None
    decision: trust.Decision
    linked: tuple[str, ...] = ()


def receive(channel: Channel, envelope: Envelope) -> Outcome:
    """Take in one mail that SES stored under `inbound/`. Raises Retryable only."""
    known = channel.cases.intake(envelope.ses_id, envelope.route)
    if known:
        _follow_up(channel, known)
        return Duplicate(known.case_id)
    raw = channel.mails.read(envelope.key)
    reason = _not_for_agents(envelope, raw)
    if reason or raw is None:
        return _quarantine(channel, envelope, reason, "")
    reading = _judge(channel, envelope, parse(raw))
    if reading.mail.automatic and reading.case is None:
        return _quarantine(channel, envelope, f"automatic:{reading.mail.automatic}", reading.sender)
    if reading.mail.bounce and reading.case is None:
        return _quarantine(channel, envelope, "bounce", reading.sender)
    if _is_ours(channel, reading.sender):
        return _quarantine(channel, envelope, "loop", reading.sender)
    return _keep(channel, reading)


def _not_for_agents(envelope: Envelope, raw: bytes | None) -> str:
    """Why this object is no mail for an agent, or empty."""
    if envelope.key.endswith(SETUP_NOTIFICATION):
        return "not-a-mail"
    if raw is None:
        return "object-missing"
    if not raw:
        return "empty-object"
    if envelope.verdicts.virus == FAIL:
        return "virus"
    if envelope.verdicts.spam == FAIL:
        return "spam"
    return ""


def _is_ours(channel: Channel, sender: str) -> bool:
    """Whether a mail claims to come from one of our own addresses: it would answer itself."""
    settings = channel.settings
    if not sender:
        return False
    return (
        sender == settings.inquiry_address
        or alias.case_of_alias(sender, settings.inquiry_local, settings.domain) is not None
        or alias.purpose_of(sender, settings.domain) is not None
    )


def _quarantine(channel: Channel, envelope: Envelope, reason: str, sender: str) -> Outcome:
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "quarantined",
        reason,
        sender=sender or normalise(envelope.mail_from),
        at=envelope.at,
        stage="done",
    )
    channel.cases.record(intake)
    return Quarantined(reason)


def _judge(channel: Channel, envelope: Envelope, mail: ParsedMail) -> _Reading:
    sender = normalise(mail.from_.addr) if mail.from_ else ""
    proven = authenticated(envelope.verdicts, sender, envelope.mail_from)
    case = _locate(channel, envelope, mail)
    linked: tuple[str, ...] = ()
    if case and not accepts_mail(case) and not mail.automatic:
        # The link tells the agent what this is about; the mail itself may not enter a closed case.
        linked, case = (case.id,), None
    decision = trust.decide(case, sender, authenticated=proven)
    if mail.automatic or mail.bounce:
        decision = trust.Decision(trust.ATTACHED, mail.automatic or "bounce")
    return _Reading(envelope, mail, sender, proven, case, decision, linked)


def _locate(channel: Channel, envelope: Envelope, mail: ParsedMail) -> Case | None:
    """The case a mail names: by alias, our anchor, ids SES gave our mails, or subject token."""
    settings = channel.settings
    for recipient in envelope.recipients:
        named = alias.case_of_alias(recipient, settings.inquiry_local, settings.domain)
        if named and (case := channel.cases.case(named)):
            return case
    ids = (*mail.in_reply_to, *mail.references)
    named = thread.case_from_references(ids, settings.domain)
    if named and (case := channel.cases.case(named)):
        return case
    sent = channel.cases.sent_as(thread.ses_ids(ids))
    if sent and (case := channel.cases.case(sent[0])):
        return case
    named = thread.case_from_subject(mail.subject)
    return channel.cases.case(named) if named else None


def _keep(channel: Channel, reading: _Reading) -> Outcome:
    envelope = reading.envelope
    case_id = (
        reading.case.id if reading.case else alias.case_id(channel.keys.case_key(), envelope.ses_id)
    )
    findings = _read_language(channel, reading.mail)
    message = replace(
        _message(reading, case_id), language=findings.language, sentiment=findings.sentiment
    )
    _write_bodies(channel, reading, message, findings)
    starts_task = reading.decision.disposition != trust.ATTACHED
    intake = Intake(
        envelope.ses_id,
        envelope.route,
        "continued" if reading.case else "opened",
        reading.decision.reason,
        case_id,
        message.id,
        reading.sender,
        envelope.at,
        task=starts_task,
    )
    log = Interaction(envelope.at, "received", "customer", reading.decision.reason, message.id)
    if reading.case:
        kept = channel.cases.add_message(message, log, intake)
    else:
        kept = channel.cases.open_case(_new_case(reading, case_id), message, log, intake)
    if not kept:
        # Somebody else took in the same mail while we read it; his decision stands.
        known = channel.cases.intake(envelope.ses_id, envelope.route)
        if known:
            _follow_up(channel, known)
        return Duplicate(case_id)
    _follow_up(channel, intake)
    if reading.case:
        return Continued(case_id, message.id, reading.decision.disposition)
    return Opened(case_id, message.id)


def _read_language(channel: Channel, mail: ParsedMail) -> Findings:
    return channel.language.read(
        "\n".join(filter(None, (mail.subject, mail.new_text or mail.text)))
    )


def _message(reading: _Reading, case_id: str) -> Message:
    mail, envelope = reading.mail, reading.envelope
    kind = "bounce" if mail.bounce else "automatic" if mail.automatic else "customer"
    name = mail.from_.name if mail.from_ else ""
    return Message(
        id=envelope.ses_id,
        case_id=case_id,
        at=envelope.at,
        direction="in",
        kind=kind,
        disposition=reading.decision.disposition,
        reason=reading.decision.reason,
        flags=tuple(sorted({*mail.flags, *_extra_warnings(reading)})),
        from_=Participant(reading.sender, name),
        to=tuple(a.addr for a in mail.to[:_MOST_LISTED]),
        cc=tuple(a.addr for a in mail.cc[:_MOST_LISTED]),
        subject=mail.subject[:SUBJECT_LIMIT],
        message_id=mail.message_id or "",
        references=mail.references[-20:],
        attachments=document.attachment_records(mail),
        raw_key=envelope.key,
        formatted_key=f"formatted/{envelope.ses_id}.json",
    )


def _extra_warnings(reading: _Reading) -> tuple[str, ...]:
    found = []
    if not reading.sender:
        found.append("no-sender")
    if reading.envelope.verdicts.virus != PASS:
        found.append("virus-unknown")
    return tuple(found)


def _new_case(reading: _Reading, case_id: str) -> Case:
    name = reading.mail.from_.name if reading.mail.from_ else ""
    return Case(
        id=case_id,
        customer=Participant(reading.sender, name),
        subject=reading.mail.subject[:SUBJECT_LIMIT],
        created_at=reading.envelope.at,
        linked=reading.linked,
    )


def _write_bodies(
    channel: Channel, reading: _Reading, message: Message, findings: Findings
) -> None:
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
        extra_warnings=_extra_warnings(reading),
    )
    channel.mails.write(message.formatted_key, body, "application/json")


def attachment_key(message_id: str, n: int) -> str:
    """Where an attachment's bytes are: never under a name that its sender chose."""
    return f"attachments/{message_id}/{n}"


def _follow_up(channel: Channel, intake: Intake) -> None:
    """Start what a kept mail calls for. Each step can be repeated; the last says it is done."""
    if intake.stage == "done":
        return
    if intake.task:
        message = channel.cases.message(intake.case_id, intake.message_id)
        if message and message.disposition in trust.ANSWERABLE:
            channel.cases.customer_wrote(intake.case_id, message)
        channel.queues.task(intake.case_id, intake.message_id)
    channel.cases.done(replace(intake, stage="done"))
