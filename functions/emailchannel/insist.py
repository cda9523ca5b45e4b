"""A mail that cannot be taken in as it should be: it is not lost for that."""

from typing import Final

from .errors import Retryable
from .ports import Channel, Envelope
from .receive import Outcome, receive

_SUSPECT: Final = 2  # receives from which it is watched whether a mail kills its reader
_ENOUGH: Final = 3  # receives from which nothing clever is tried


def insist(channel: Channel, envelope: Envelope, receives: int) -> Outcome:
    """Take in a mail that was received so many times; from the third time on, by all means.

    A mail that breaks its reader, or kills it, would otherwise end among the dead letters: it is
    taken in plainly then. Raises Retryable, and before the third receive whatever went wrong.
    """
    if receives < _SUSPECT:
        return receive(channel, envelope)
    killed_one = channel.cases.begun(envelope.ses_id, channel.now_ms())
    try:
        outcome = receive(channel, envelope, plain=killed_one and receives >= _ENOUGH)
    except Retryable:
        channel.cases.came_through(envelope.ses_id, channel.now_ms())
        raise
    except Exception:
        if receives < _ENOUGH:
            raise
        outcome = receive(channel, envelope, plain=True)
    channel.cases.came_through(envelope.ses_id, channel.now_ms())
    return outcome
