"""The outbox: one mail or text, one attempt at a time, and no guessing about what SES did.

A claim is a conditional write, so two deliveries of the same order cannot both send. When the
answer of SES is lost the mail stays SENDING: only SES's own Send event may settle it, or, much
later, the caretaker.
"""

from typing import Final

from . import journal, returned
from .app.values import SMS
from .case import Interaction
from .errors import Retryable
from .ports import Accepted, Channel, NotAccepted, Outgoing, Unsure

_PATIENCE: Final = 120_000  # ms that an answer waits for the one before it
_GLANCE: Final = 15  # seconds between two looks: the send queue allows twenty
_SUPPRESSED: Final = "suppressed"
_LEAVING: Final = frozenset({"PENDING", "SENDING", "UNKNOWN"})


def send(channel: Channel, outbox_id: str) -> Accepted | NotAccepted | Unsure | None:
    """Send one mail of the outbox; None when it is not waiting to be sent.

    Raises Retryable when it may not leave yet, and when SES refused for now: then it is back in
    PENDING.
    """
    waiting = channel.cases.outgoing(outbox_id)
    if waiting is None or waiting.state != "PENDING":
        return None
    _keep_order(channel, waiting)
    outgoing = channel.cases.claim_outgoing(outbox_id, channel.now_ms())
    if outgoing is None:
        return None
    refused = _may_not_leave(channel, outgoing)
    frozen = channel.mails.read(outgoing.key) if not refused else None
    if frozen is None:
        return _give_up(channel, outgoing, refused or "frozen-mail-missing")
    result = _hand_over(channel, outgoing, frozen)
    match result:
        case Accepted(ses_id):
            accepted(channel, outgoing, ses_id)
        case NotAccepted(reason, again=True):
            channel.cases.release_outgoing(outgoing, channel.now_ms())
            raise Retryable(reason, after=5)
        case NotAccepted(reason):
            return _give_up(channel, outgoing, reason)
        case Unsure():
            pass
    return result


def _hand_over(
    channel: Channel, outgoing: Outgoing, frozen: bytes
) -> Accepted | NotAccepted | Unsure:
    if outgoing.method == SMS:
        return channel.texts.send(outgoing, frozen.decode())
    return channel.post.send(outgoing, frozen)


def accepted(channel: Channel, outgoing: Outgoing, ses_id: str) -> None:
    """SES has the mail. Whoever learns of it first writes it down."""
    if outgoing.state == "SENT":
        return
    journal.result(channel, outgoing, "SENT", ses_id=ses_id)
    if outgoing.case_id:
        log = Interaction(outgoing.claimed_at, "sent", "channel", "", outgoing.id)
        journal.note(channel, outgoing.case_id, log)
    channel.cases.sent(outgoing, ses_id)


def _keep_order(channel: Channel, waiting: Outgoing) -> None:
    """An answer leaves after the one before it, and not before its agent may change his mind."""
    now = channel.now_ms()
    if now < waiting.not_before:
        raise Retryable("may be undone", after=-(-(waiting.not_before - now) // 1000))
    before = channel.cases.outgoing(waiting.after) if waiting.after else None
    if before and before.state in _LEAVING and now - waiting.at < _PATIENCE:
        raise Retryable("an earlier answer leaves first", after=_GLANCE)


def _may_not_leave(channel: Channel, outgoing: Outgoing) -> str:
    """Why SES would not deliver it to whom it is for, or empty."""
    if outgoing.method == SMS:  # the service keeps its own list, and refuses by it
        return ""
    customer = outgoing.recipients[0].lower()
    known = channel.cases.suppressed(customer)
    found = channel.post.suppressed(customer)
    if found is None:  # SES did not say: then mail goes, and its Bounce event tells
        return ""
    if known and not found:
        channel.cases.unsuppress(customer)
    if found and not known:
        channel.cases.suppress(customer, found, channel.now_ms())
    return f"{_SUPPRESSED}-{found}" if found else ""


def _give_up(channel: Channel, outgoing: Outgoing, reason: str) -> NotAccepted:
    journal.result(channel, outgoing, "FAILED", reason=reason)
    if outgoing.case_id:
        log = Interaction(outgoing.claimed_at, "not-sent", "channel", reason, outgoing.id)
        journal.note(channel, outgoing.case_id, log)
    # To a suppressed address SES would take the mail and report it as bounced.
    kind = "bounced" if reason.startswith(_SUPPRESSED) else "not-sent"
    words = returned.refused_words(reason)
    returned.bring_back(channel, outgoing, kind, words, outgoing.claimed_at)
    # Last, since it ends the caretaker's interest: by then the agent has been told.
    channel.cases.failed(outgoing, reason, words)
    return NotAccepted(reason, again=False)
