"""The outbox: one mail, one attempt at a time, and no guessing about what SES did.

A claim is a conditional write, so two deliveries of the same order cannot both send. When the
answer of SES is lost the mail stays SENDING: only SES's own Send event may settle it.
"""

from .case import Interaction
from .errors import Retryable
from .ports import Accepted, Channel, NotAccepted, Outgoing, Unsure


def send(channel: Channel, outbox_id: str) -> Accepted | NotAccepted | Unsure | None:
    """Send one mail of the outbox; None when it is not waiting to be sent.

    Raises Retryable when SES refused for now, with the mail back in PENDING.
    """
    outgoing = channel.cases.claim_outgoing(outbox_id)
    if outgoing is None:
        return None
    mime = channel.mails.read(outgoing.key)
    if mime is None:
        channel.cases.failed(outgoing, "frozen-mail-missing")
        return NotAccepted("frozen-mail-missing", again=False)
    result = channel.post.send(outgoing, mime)
    match result:
        case Accepted(ses_id):
            channel.cases.sent(outgoing, ses_id)
            _note(channel, outgoing, "sent", "")
        case NotAccepted(reason, again=True):
            channel.cases.release_outgoing(outgoing)
            raise Retryable(reason, after=5)
        case NotAccepted(reason):
            channel.cases.failed(outgoing, reason)
            _note(channel, outgoing, "not-sent", reason)
        case Unsure():
            pass
    return result


def _note(channel: Channel, outgoing: Outgoing, kind: str, reason: str) -> None:
    if outgoing.case_id:
        entry = Interaction(channel.now_ms(), kind, "channel", reason, outgoing.id)
        channel.cases.note(outgoing.case_id, entry)
