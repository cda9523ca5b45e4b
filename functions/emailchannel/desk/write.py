"""An answer, a note or a forwarded mail that an agent wrote in the page."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from .. import document, journal, limits, present, trust
from ..answer import Draft, Recipients, prepare, state_after
from ..case import RESOLVED, Agent, Case, Contact, Interaction, Message, Participant
from ..document import BYTES_CONTENT, SUBJECT_LIMIT, attachment_key
from ..errors import Retryable
from ..mail.compose import ComposeError
from ..mail.text import clean
from ..mail.values import ParsedMail
from ..outbox import outbox_id
from ..ports import Change, Channel, Findings, Outgoing, State
from . import recipients
from .letter import PURPOSES, Unfit, mail_of
from .values import FORWARD, NOTE, REPLY, Writing

_QUEUED: Final = "queued"  # also when it has left since: the same key has the same answer
_INSIDE: Final = frozenset({"note", "relay"})  # what agents wrote for the channel alone
_REUSED: Final = "This key has been used for another mail."


@dataclass(frozen=True)
class Seen:
    """The newest mail of the customer, and the newest answer, that the agent knew of."""

    latest_message_id: str
    last_answer: str


@dataclass(frozen=True)
class Letter:
    """What an agent asks to send. The same `key` again is the same letter."""

    writing: Writing
    seen: Seen
    key: str
    subject: str = ""


@dataclass(frozen=True)
class Sent:
    """It is in the case. `not_before` (ms): until then it may be taken back; 0 for a note."""

    id: str
    delivery: str
    not_before: int


@dataclass(frozen=True)
class Stale:
    """Somebody wrote since: `kind` customer or answer."""

    kind: str
    actor: str
    at: int
    message_id: str


@dataclass(frozen=True)
class TooMany:
    """The agent or the case has had as many answers as an hour may have."""


Outcome = Sent | Stale | Unfit | TooMany


@dataclass(frozen=True)
class _Work:
    case: Case
    agent: Agent
    letter: Letter
    identity: str
    about: Message | None
    at: int

    def log(self, kind: str, reason: str) -> Interaction:
        return Interaction(self.at, kind, self.agent.username, reason, self.identity)


def write(channel: Channel, contact: Contact, agent: Agent, letter: Letter) -> Outcome | None:
    """Carry out what the agent asks for; None when the case or the mail it is about is not there.

    Asked again with the same key, the answer is the same, and the mail is sent once.
    """
    case = channel.cases.case(contact.case_id)
    if case is None:
        return None
    identity = outbox_id("page", case.id, agent.id, letter.key)
    digest = _digest(letter)
    begun, at = channel.cases.begun_letter(identity, digest, channel.now_ms())
    if begun != digest:
        return Unfit(_REUSED)
    if known := channel.cases.message(case.id, identity):
        return _known(channel, known)
    about = channel.cases.message(case.id, letter.writing.answers or "-")
    if about is None and (letter.writing.answers or letter.writing.kind == FORWARD):
        return None
    if letter.writing.kind == FORWARD and about and about.kind in _INSIDE:
        return Unfit("What colleagues wrote for each other is not forwarded.")
    if letter.writing.kind == FORWARD and about and "virus-unknown" in about.flags:
        return Unfit("The virus scan found something, or gave no result: this mail stays here.")
    return _written(channel, _Work(case, agent, letter, identity, about, at))


def stale(channel: Channel, case: Case, seen: Seen) -> Stale | None:
    """Who wrote since the agent looked, if somebody did."""
    if case.latest_message_id != seen.latest_message_id:
        newest = channel.cases.message(case.id, case.latest_message_id)
        name = (newest.from_.name or newest.from_.address) if newest else ""
        return Stale("customer", name, case.latest_at, case.latest_message_id)
    if case.last_answer != seen.last_answer:
        newest = channel.cases.message(case.id, case.last_answer)
        if newest is None or newest.delivery != "undone":
            found = (newest.actor, newest.at) if newest else ("", case.answered_at)
            return Stale("answer", *found, case.last_answer)
    return None


def _written(channel: Channel, work: _Work) -> Outcome:
    kind = work.letter.writing.kind
    forwarded = work.about if kind == FORWARD else None
    mail = mail_of(channel, work.case, work.letter.writing, forwarded)
    if isinstance(mail, Unfit):
        return mail
    if kind == NOTE:
        return _note(channel, work, mail)
    if kind == REPLY and (newer := stale(channel, work.case, work.letter.seen)):
        return newer
    goes_to = _recipients(channel, work)
    if isinstance(goes_to, str):
        return Unfit(goes_to)
    if not _within_limits(channel, work):
        return TooMany()
    return _mail(channel, work, mail, goes_to)


def _recipients(channel: Channel, work: _Work) -> Recipients | str:
    if work.letter.writing.kind == FORWARD:
        return recipients.of_forward(channel, work.letter.writing)
    return recipients.of_reply(channel, work.case, work.letter.writing)


def _within_limits(channel: Channel, work: _Work) -> bool:
    return limits.allows(
        channel, limits.AGENT_ANSWERS, work.agent.id, work.identity
    ) and limits.allows(channel, limits.CASE_ANSWERS, work.case.id, work.identity)


def _mail(channel: Channel, work: _Work, mail: ParsedMail, goes_to: Recipients) -> Outcome:
    forward = work.letter.writing.kind == FORWARD
    try:
        message, outgoing = prepare(channel, _draft(channel, work, mail, goes_to))
    except ComposeError:
        return Unfit("This cannot be written as a mail. Write it anew.")
    undo = channel.settings.undo_seconds * 1000
    outgoing = replace(outgoing, not_before=work.at + undo if undo else 0)
    word = "forwarded" if forward else "answered"
    logs = [work.log(word, work.letter.writing.next if not forward else "page")]
    if work.letter.writing.next == "close" and not forward:
        logs.append(work.log("closed", "answer"))
    change = Change(
        work.case.id,
        tuple(logs),
        message=message,
        outgoing=(outgoing,),
        state=None if forward else _state(channel, work),
    )
    return _kept(channel, work, change, outgoing)


def _draft(channel: Channel, work: _Work, mail: ParsedMail, goes_to: Recipients) -> Draft:
    forward = work.letter.writing.kind == FORWARD
    about = work.about.subject if work.about else ""
    subject = clean(work.letter.subject, SUBJECT_LIMIT) or f"Fwd: {about or work.case.subject}"
    answerable = work.about and work.about.disposition in trust.ANSWERABLE
    return Draft(
        work.case,
        work.agent,
        PURPOSES[work.letter.writing.next],
        work.about if forward or answerable else None,
        mail,
        work.identity,
        work.at,
        (*work.agent.addresses, *_relay_locals(channel, work)),
        recipients=goes_to,
        subject=subject if forward else "",
        forward=forward,
    )


def _relay_locals(channel: Channel, work: _Work) -> tuple[str, ...]:
    """What stands before the @ of the agent's relay addresses: by it all others are known too."""
    found = present.relay_addresses(channel, work.case, work.agent.id).values()
    return tuple(address.partition("@")[0] for address in found)


def _state(channel: Channel, work: _Work) -> State:
    """Whose turn it is afterwards. The agent has seen the newest mail, so all is answered."""
    writing, case = work.letter.writing, work.case
    newest = channel.cases.message(case.id, case.latest_message_id or "-")
    purpose = PURPOSES[writing.next]
    state = state_after(channel, case, work.agent, purpose, newest, work.at)
    if writing.next == "close":
        state = replace(state, status=RESOLVED, closed_at=work.at)
    return state


def _kept(channel: Channel, work: _Work, change: Change, outgoing: Outgoing) -> Outcome:
    if journal.keep(channel, change):
        channel.queues.send(outgoing.id, channel.settings.undo_seconds)
        return Sent(work.identity, _QUEUED, outgoing.not_before)
    if known := channel.cases.message(work.case.id, work.identity):
        return _known(channel, known)
    now = channel.cases.case(work.case.id)
    newer = stale(channel, now, work.letter.seen) if now else None
    if newer:
        return newer
    raise Retryable("the change was refused")


def _known(channel: Channel, message: Message) -> Sent:
    """It was written before: perhaps its answer was lost, and with it the order to send it."""
    outgoing = channel.cases.outgoing(message.id)
    if outgoing and outgoing.state == "PENDING":
        wait = max(0, outgoing.not_before - channel.now_ms()) // 1000
        channel.queues.send(outgoing.id, wait)
    if outgoing is None:
        return Sent(message.id, "", 0)
    return Sent(message.id, _QUEUED, outgoing.not_before)


def _note(channel: Channel, work: _Work, mail: ParsedMail) -> Outcome:
    message = Message(
        id=work.identity,
        case_id=work.case.id,
        at=work.at,
        direction="in",
        kind="note",
        disposition=trust.NOTED,
        reason="page",
        from_=Participant("", work.agent.name or work.agent.username),
        subject=work.case.subject,
        attachments=document.attachment_records(mail),
        formatted_key=f"formatted/{work.identity}.json",
        actor=work.agent.username,
    )
    for n, part in enumerate(mail.attachments):
        channel.mails.write(attachment_key(message.id, n), part.payload, BYTES_CONTENT)
    body = document.formatted(
        mail,
        Findings(),
        trust.Decision(trust.NOTED, "page"),
        case_id=message.case_id,
        message_id=message.id,
        received_at=message.at,
        authenticated=True,
    )
    channel.mails.write(message.formatted_key, body, "application/json")
    change = Change(work.case.id, (work.log("noted", "page"),), message=message)
    kept = journal.keep(channel, change) or channel.cases.message(work.case.id, work.identity)
    if not kept:
        raise Retryable("the change was refused")
    return Sent(work.identity, "", 0)


def _digest(letter: Letter) -> str:
    """By what a letter is known to be the same, whatever has happened around it."""
    text = json.dumps([asdict(letter.writing), letter.subject], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
