"""Mails of the outbox that nobody knows about: settled by what SES says, never by guessing.

Once accepted, losing a mail is worse than sending it twice (RFC 5321 section 6.1), but it is sent
again only when SES's events are known to arrive: where they do not, silence means nothing.
"""

from typing import Final

from . import journal, returned
from .app.values import SMS
from .case import Interaction
from .ports import Channel, Outgoing
from .send import accepted
from .track import settle

MINUTE: Final = 60_000  # ms
_FORGOTTEN: Final = 2 * MINUTE  # a waiting mail whose order to send must be lost
_UNKNOWN: Final = 15 * MINUTE  # by then SES's Send event has come, if one comes
_ASK: Final = 6 * 60 * MINUTE  # so long events may stay away before the agent is asked
_AT_ONCE: Final = 100


def care(channel: Channel) -> dict[str, int]:
    """Look at every mail that has not been settled; returns {"unknown": n, "forgotten": n}."""
    found = {"unknown": 0, "forgotten": 0}
    now = channel.now_ms()
    for entry in channel.cases.todo("outbox", now - _FORGOTTEN, _AT_ONCE):
        outgoing = channel.cases.outgoing(entry.id)
        if outgoing is None:
            continue
        if outgoing.state == "PENDING" and now > outgoing.not_before + _FORGOTTEN:
            found["forgotten"] += 1
            channel.queues.send(outgoing.id)
            channel.cases.put_off(entry, now + 5 * MINUTE)
        elif outgoing.state in {"SENDING", "UNKNOWN"} and now - outgoing.claimed_at > _UNKNOWN:
            found["unknown"] += not _settled(channel, outgoing)
    return found


def _settled(channel: Channel, outgoing: Outgoing) -> bool:
    events = channel.cases.events(outgoing.id)
    if events:
        accepted(channel, outgoing, str(events[0]["mail"]["messageId"]))
        settle(channel, outgoing)
        return True
    if ses_id := journal.accepted_as(channel, outgoing):
        accepted(channel, outgoing, ses_id)
        return True
    if not outgoing.matters:  # nobody misses an acknowledgement; two would be noticed
        journal.result(channel, outgoing, "FAILED", reason="unknown")
        channel.cases.failed(outgoing, "unknown")
        return True
    waited = channel.now_ms() - outgoing.claimed_at > _ASK
    if outgoing.resent or waited or outgoing.method == SMS:  # SES's events say nothing of a text
        words = returned.refused_words("unknown")
        returned.bring_back(channel, outgoing, "unknown", words, outgoing.claimed_at)
        channel.cases.doubted(outgoing, asked=True)
        return True
    if channel.cases.events_flowed() <= outgoing.claimed_at:
        channel.cases.doubted(outgoing, asked=False)
        return False
    return _again(channel, outgoing)


def _again(channel: Channel, outgoing: Outgoing) -> bool:
    log = Interaction(outgoing.claimed_at, "sent-again", "channel", "unknown", outgoing.id)
    if outgoing.case_id:
        journal.note(channel, outgoing.case_id, log)
    if channel.cases.send_again(outgoing, channel.now_ms()):
        channel.queues.send(outgoing.id)
    return True
