"""An agent's answer, composed as the case and frozen for the outbox, whoever asks for it."""

from dataclasses import dataclass, replace

from . import document, loops, reply, route, trust
from .case import FORWARD, REJECTED, WAITING, Agent, Case, Message, Participant
from .document import attachment_key
from .mail.address import normalise, same_mailbox
from .mail.header_writer import addr_spec
from .mail.parse import parse
from .mail.values import Address, ParsedMail
from .outbox import frozen_key
from .ports import Channel, Findings, Outgoing, State

_MOST_COPIES = 20  # of one answer; SES takes 50 recipients


@dataclass(frozen=True)
class Recipients:
    """Whom a mail goes to; nobody else learns of `bcc`."""

    to: tuple[Address, ...]
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What an agent wrote, and what it answers. `secrets` must not reach the customer.

    `text` replaces the mail's own body where a command stood above it. `at` in milliseconds.
    Without `recipients` it goes to the customer and whom `copied` names. A `forward` takes the
    mail of the case that it names, and its files, to somebody else.
    """

    case: Case
    agent: Agent
    purpose: str
    answered: Message | None
    mail: ParsedMail
    identity: str
    at: int
    secrets: tuple[str, ...] = ()
    text: str | None = None
    recipients: Recipients | None = None
    subject: str = ""
    forward: bool = False


def prepare(channel: Channel, draft: Draft) -> tuple[Message, Outgoing]:
    """The message and its row in the outbox, with the exact bytes already in S3.

    Made again from the same draft it has the same bytes. Raises ComposeError when the mail cannot
    be written as it is meant.
    """
    goes_to = draft.recipients or usual(channel, draft.case, draft.answered)
    answer = reply.rebuild(draft.mail, draft.secrets, text=draft.text)
    shown = draft.answered if draft.forward else _in_his_words(draft.case, draft.answered)
    mime, headers = reply.compose_reply(
        channel,
        draft.case,
        shown,
        answer,
        draft.identity,
        draft.at,
        to=goes_to.to,
        cc=goes_to.cc,
        loop_mark=loops.mark(channel, draft.identity),
        forwarded_as=draft.subject if draft.forward else "",
    )
    channel.mails.write(frozen_key(draft.identity), mime, "message/rfc822")
    sent = parse(mime)
    message = _message(channel, draft, headers, sent, goes_to)
    _write_bodies(channel, message, sent)
    recipients = (*message.to, *message.cc, *message.bcc)
    outgoing = Outgoing(
        message.id,
        draft.case.id,
        message.id,
        message.raw_key,
        headers.from_address,
        recipients,
        at=channel.now_ms(),
        after="" if draft.forward else draft.case.last_answer,
    )
    return message, outgoing


def usual(channel: Channel, case: Case, answered: Message | None) -> Recipients:
    """Whom an answer goes to unless its agent says otherwise."""
    customer = Address(case.customer.name, case.customer.address)
    return Recipients((customer,), copied(channel, case, answered))


def _in_his_words(case: Case, answered: Message | None) -> Message | None:
    """The answered mail as far as the customer may see it: a forger's subject is not for him."""
    if answered is None or answered.disposition == trust.ACCEPTED:
        return answered
    return replace(answered, subject=case.subject)


def _message(
    channel: Channel,
    draft: Draft,
    headers: reply.Headers,
    sent: ParsedMail,
    goes_to: Recipients,
) -> Message:
    return Message(
        id=draft.identity,
        case_id=draft.case.id,
        at=draft.at,
        direction="out",
        kind=FORWARD if draft.forward else "reply",
        disposition=trust.SENT,
        reason=draft.purpose,
        from_=Participant(headers.from_address, channel.settings.from_name),
        to=tuple(address.addr for address in goes_to.to),
        cc=tuple(address.addr for address in goes_to.cc),
        bcc=tuple(address.addr for address in goes_to.bcc),
        subject=headers.subject,
        references=headers.references,
        delivery="queued",
        attachments=document.attachment_records(sent),
        raw_key=frozen_key(draft.identity),
        formatted_key=f"formatted/{draft.identity}.json",
        actor=draft.agent.username,
        purpose=draft.purpose,
        answers=draft.answered.id if draft.answered else "",
    )


def _write_bodies(channel: Channel, message: Message, sent: ParsedMail) -> None:
    for n, part in enumerate(sent.attachments):
        channel.mails.write(attachment_key(message.id, n), part.payload, "application/octet-stream")
    body = document.formatted(
        sent,
        Findings(),
        trust.Decision(trust.SENT, message.reason),
        case_id=message.case_id,
        message_id=message.id,
        received_at=message.at,
        authenticated=True,
    )
    channel.mails.write(message.formatted_key, body, "application/json")


def copied(channel: Channel, case: Case, answered: Message | None) -> tuple[Address, ...]:
    """Who gets a copy of an answer: the case's participants, and whom the customer had copied.

    Only a proven mail may bring people in, and only for the answer to itself: a forged one would
    otherwise have the answer sent to its forger. Our own and our agents' addresses are left out.
    """
    wanted = [Address(entry.name, entry.address) for entry in case.participants]
    if answered and answered.disposition == trust.ACCEPTED:
        wanted += [Address("", addr) for addr in (*answered.to, *answered.cc)]
        if not same_mailbox(answered.from_.address, case.customer.address):
            wanted.append(Address(answered.from_.name, answered.from_.address))
    found: dict[str, Address] = {}
    for address in wanted:
        name = normalise(address.addr)
        inside = name.rpartition("@")[2] in channel.settings.agent_domains
        known = same_mailbox(name, case.customer.address)
        if not (known or inside or loops.is_ours(channel, name)):
            found.setdefault(name, Address(address.name, name))
    return tuple(filter(_can_be_written, found.values()))[:_MOST_COPIES]


def _can_be_written(address: Address) -> bool:
    try:
        addr_spec(address)
    except ValueError:
        return False
    return True


def answered_message(channel: Channel, case: Case, stamp: str) -> Message | None:
    """The customer's message that a relay address was made for."""
    message_id = channel.cases.stamped(case.id, stamp)
    message = channel.cases.message(case.id, message_id) if message_id else None
    # What a third party wrote is never quoted to the customer.
    return message if message and message.disposition in trust.ANSWERABLE else None


def state_after(
    channel: Channel, case: Case, agent: Agent, purpose: str, answered: Message | None, at: int
) -> State:
    """Whose turn it is once this answer has been given, at `at` (ms)."""
    queue = case.queue_arn or channel.settings.default_queue_arn
    target, status = route.after_answer(purpose, queue, agent.arn)
    answered_at = answered.at if answered else 0
    if status == WAITING and answered_at < case.latest_at:
        status = case.status  # the customer has written again since: he still waits for us
    closed_at = at if status == REJECTED else 0
    return State(target, status, answered_at, closed_at, seen_at=case.latest_at)
