"""Another system sends a message: the same outbox, the same promises as an agent's answer.

The bytes are frozen first, then one transaction keeps message and row, then the order to send it is
given. Asked again with the same key, the answer is the same and the message is sent once.
"""

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, replace
from typing import Final

from .. import document, journal, loops, reply, trust
from ..case import APP, REJECTED, RESOLVED, WAITING, Case, Interaction, Message, Participant
from ..document import BYTES_CONTENT, SUBJECT_LIMIT, attachment_key
from ..errors import Retryable
from ..mail.address import normalise, same_mailbox
from ..mail.compose import ComposeError, compose
from ..mail.text import clean, to_safe_str, unify_line_ends
from ..mail.values import Address, ParsedMail
from ..outbox import freeze_text, frozen_key, outbox_id
from ..ports import Change, Channel, Findings, Outgoing, State
from ..reply import Answer
from . import cases, letter
from .letter import Sender
from .texts import segments
from .ulid import in_case, ulid
from .values import EMAIL, SMS, AppMessage, Ask, Place, Refused

_TRIES: Final = 3
_UNSETTLED: Final = "PENDING"
_LONGEST_KEY: Final = 200
CONFLICT: Final = Refused("Conflict", "This idempotencyKey has been used for something else.")


@dataclass(frozen=True)
class _Work:
    ask: Ask
    identity: str
    at: int
    to: Address
    sender: Sender
    answer: Answer


def send(channel: Channel, ask: Ask) -> Place | Refused:
    """Send a message, or add it to its case. Raises Retryable when AWS is busy."""
    if len(ask.key) > _LONGEST_KEY:
        return Refused("InvalidInput", f"idempotencyKey has at most {_LONGEST_KEY} characters.")
    if ask.method == SMS:
        return _text(channel, ask)
    to, sender = letter.recipient_of(channel, ask.to), letter.sender_of(channel, ask.from_)
    answer = letter.answer_of(ask)
    for found in (to, sender, answer):
        if isinstance(found, Refused):
            return found
    begun = begin(channel, "send", ask.key, _digest(ask))
    if isinstance(begun, Refused):
        return begun
    assert isinstance(to, Address) and isinstance(sender, Sender)  # noqa: S101  (for the types)
    assert isinstance(answer, Answer)  # noqa: S101
    work = _Work(ask, *begun, to, sender, answer)
    return _in_case(channel, work) if ask.case_id else _alone(channel, work)


def begin(channel: Channel, what: str, key: str, digest: str) -> tuple[str, int] | Refused:
    """The identity of what is asked for, and when (ms) it was asked for first."""
    identity = outbox_id("api", what, key or secrets.token_hex(16))
    known, at = channel.cases.begun_letter(identity, digest, channel.now_ms(), for_good=bool(key))
    if known != digest:
        return CONFLICT
    return identity, at


def _digest(ask: Ask) -> str:
    files = [hashlib.sha256(file.payload).hexdigest() for file in ask.attachments]
    names = [(file.filename, file.content_type, file.content_id) for file in ask.attachments]
    told = {**asdict(replace(ask, attachments=())), "files": files, "names": names}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def suppressed(channel: Channel, address: str) -> Refused | None:
    """Why nothing is sent to an address: mail to it has bounced, or its owner complained."""
    name = normalise(address)
    known, found = channel.cases.suppressed(name), channel.post.suppressed(name)
    reason = known if found is None else found
    if known and found == "":
        channel.cases.unsuppress(name)  # an administrator took it off Amazon SES's list
    words = {
        "bounce": "Mail to this address has bounced before: Amazon SES sends it none.",
        "complaint": "The owner of this address complained about mail: Amazon SES sends it none.",
    }
    return Refused("Suppressed", words.get(reason, words["bounce"])) if reason else None


# --- a message of its own -------------------------------------------------------------------------


def _alone(channel: Channel, work: _Work) -> Place | Refused:
    if before := _sent_before(channel, work.identity):
        return before
    place = Place(ulid(work.at, work.identity))
    if refused := suppressed(channel, work.to.addr):
        return refused
    try:
        mime, subject = _mail_alone(channel, work)
    except ComposeError as error:
        return Refused("InvalidInput", f"This cannot be written as a mail: {error}.")
    channel.mails.write(frozen_key(work.identity), mime, "message/rfc822")
    keep_body(channel, work.identity, "", work.at, subject, work.answer)
    outgoing = replace(_outgoing(channel, work, work.sender.address), app_id=place.id)
    message = AppMessage(
        place.id,
        work.at,
        EMAIL,
        work.sender.address,
        normalise(work.to.addr),
        subject,
        work.identity,
        body_key(work.identity),
        work.ask.sender_id,
        work.ask.recipient_id,
    )
    return kept(channel, Change("", outgoing=(outgoing,), app=message), place, work.identity)


def kept(channel: Channel, change: Change, place: Place, identity: str) -> Place:
    """Keep a message and have it sent; it may have been kept by the same request before."""
    if journal.keep(channel, change):
        channel.queues.send(identity)
        return place
    if before := _sent_before(channel, identity):
        return before
    raise Retryable("the change was refused")


def _sent_before(channel: Channel, identity: str) -> Place | None:
    """The message if it is in the outbox already. Perhaps only the order to send it was lost."""
    known = channel.cases.outgoing(identity)
    if known is None:
        return None
    if known.state == _UNSETTLED:
        channel.queues.send(identity)
    if known.app_id:
        return Place(known.app_id)
    message = channel.cases.message(known.case_id, known.message_id)
    if message is None:
        raise Retryable("the message is not there yet")
    return Place(in_case(message.at, message.case_id, message.id), message.case_id, message.id)


def _mail_alone(channel: Channel, work: _Work) -> tuple[bytes, str]:
    subject = clean(work.ask.subject, SUBJECT_LIMIT)
    author = Address(work.sender.name, work.sender.address)
    text, html = reply.rendered(channel, work.answer)
    mime = compose(
        from_=author,
        to=(work.to,),
        subject=subject,
        text=text,
        html=html,
        attachments=work.answer.attachments,
        inline=work.answer.inline,
        extra={loops.HEADER: loops.mark(channel, work.identity)},
        message_id=f"{work.identity}@{channel.settings.domain}",
        date=reply.moment(work.at),
    )
    return mime, subject


def _outgoing(channel: Channel, work: _Work, sender: str) -> Outgoing:
    return Outgoing(
        work.identity,
        work.ask.case_id,
        work.identity if work.ask.case_id else "",
        frozen_key(work.identity),
        sender,
        (work.to.addr,),
        at=channel.now_ms(),
        by_app=True,
    )


def body_key(identity: str) -> str:
    """Where the words of a message are."""
    return f"formatted/{identity}.json"


def keep_body(
    channel: Channel, identity: str, case_id: str, at: int, subject: str, answer: Answer
) -> ParsedMail:
    """Write the words and the files of a message where a reader finds them."""
    files = (*answer.attachments, *answer.inline)
    mail = ParsedMail(
        subject=subject,
        text=answer.text,
        new_text=answer.text,
        html=answer.html,
        attachments=files,
    )
    for n, part in enumerate(files):
        channel.mails.write(attachment_key(identity, n), part.payload, BYTES_CONTENT)
    body = document.formatted(
        mail,
        Findings(),
        trust.Decision(trust.SENT, "app"),
        case_id=case_id,
        message_id=identity,
        received_at=at,
        authenticated=True,
    )
    channel.mails.write(body_key(identity), body, "application/json")
    return mail


# --- a text ---------------------------------------------------------------------------------------


def _text(channel: Channel, ask: Ask) -> Place | Refused:
    """An SMS; it belongs to no case."""
    number = letter.number_of(channel, ask)
    if isinstance(number, Refused):
        return number
    begun = begin(channel, "send", ask.key, _digest(ask))
    if isinstance(begun, Refused):
        return begun
    identity, at = begun
    if before := _sent_before(channel, identity):
        return before
    place = Place(ulid(at, identity))
    text = unify_line_ends(to_safe_str(ask.body))
    measured = segments(text)
    outgoing = replace(freeze_text(channel, identity, number, text), by_app=True, app_id=place.id)
    keep_body(channel, identity, "", at, "", Answer(text))
    message = AppMessage(
        place.id,
        at,
        SMS,
        outgoing.sender,
        number,
        "",
        identity,
        body_key(identity),
        ask.sender_id,
        ask.recipient_id,
        measured.count,
        measured.encoding,
    )
    return kept(channel, Change("", outgoing=(outgoing,), app=message), place, identity)


# --- a message of a case --------------------------------------------------------------------------


def _in_case(channel: Channel, work: _Work) -> Place | Refused:
    if before := _sent_before(channel, work.identity):
        return before
    case_id = work.ask.case_id
    for _ in range(_TRIES):
        case = cases.known(channel, case_id)
        refused = _not_in(case, work.to) or suppressed(channel, work.to.addr)
        if case is None or refused:
            return refused or Refused("NotFound", "There is no such case.")
        try:
            change, outgoing = _change(channel, work, case)
        except ComposeError as error:
            return Refused("InvalidInput", f"This cannot be written as a mail: {error}.")
        if journal.keep(channel, change):
            channel.queues.send(outgoing.id)
            place = in_case(work.at, case_id, work.identity)
            return Place(place, case_id, work.identity)
        if before := _sent_before(channel, work.identity):
            return before
    raise Retryable("somebody else writes in this case")


def _not_in(case: Case | None, to: Address) -> Refused | None:
    if case is None:
        return Refused("NotFound", "There is no such case.")
    if case.status in {RESOLVED, REJECTED} and not case.app:
        return Refused("Conflict", "This case is closed.")
    people = (case.customer, *case.participants)
    if not any(same_mailbox(to.addr, one.address) for one in people):
        return Refused("InvalidRecipient", "to is not one of the people of this case.")
    return None


def _change(channel: Channel, work: _Work, case: Case) -> tuple[Change, Outgoing]:
    """Compose for the case as it is now: whoever wrote meanwhile is answered, too."""
    answered = _answered(channel, case)
    mime, headers = reply.compose_reply(
        channel,
        replace(case, app_name=work.sender.name) if work.ask.from_ else case,
        answered,
        work.answer,
        work.identity,
        work.at,
        to=(work.to,),
        loop_mark=loops.mark(channel, work.identity),
        subject=_subject(work, case),
    )
    channel.mails.write(frozen_key(work.identity), mime, "message/rfc822")
    mail = keep_body(channel, work.identity, case.id, work.at, headers.subject, work.answer)
    message = Message(
        id=work.identity,
        case_id=case.id,
        at=work.at,
        direction="out",
        kind=APP,
        disposition=trust.SENT,
        reason=APP,
        from_=Participant(headers.from_address, channel.settings.from_name),
        to=(work.to.addr,),
        subject=headers.subject,
        references=headers.references,
        delivery="queued",
        attachments=document.attachment_records(mail),
        raw_key=frozen_key(work.identity),
        formatted_key=body_key(work.identity),
        actor=APP,
        answers=answered.id if answered else "",
        sender_id=work.ask.sender_id,
        recipient_id=work.ask.recipient_id,
    )
    outgoing = replace(_outgoing(channel, work, headers.from_address), after=case.last_answer)
    log = Interaction(work.at, "answered", APP, APP, work.identity)
    state = _state(case) if case.app else None
    change = Change(case.id, (log,), message=message, outgoing=(outgoing,), state=state)
    return change, outgoing


def _answered(channel: Channel, case: Case) -> Message | None:
    """The customer's newest mail, if his domain vouched for it: nothing else is quoted."""
    newest = channel.cases.message(case.id, case.latest_message_id or "-")
    return newest if newest and newest.disposition == trust.ACCEPTED else None


def _subject(work: _Work, case: Case) -> str:
    own = clean(work.ask.subject, SUBJECT_LIMIT)
    return own or ("" if case.latest_message_id or case.last_answer else case.subject)


def _state(case: Case) -> State:
    """The app has had its say in its own conversation: it waits for the other side."""
    return State(case.target, WAITING, case.latest_at, seen_at=case.latest_at)
