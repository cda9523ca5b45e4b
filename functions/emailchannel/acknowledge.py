"""Whether a new case is acknowledged, and with which mail.

RFC 3834 section 2 and 4: to proven people only, once in a while, never to a machine. A forged
sender would otherwise make us write to a stranger.
"""

import re
from typing import Final

from . import limits, loops, notice
from .case import Case, Interaction, Message
from .judge import Reading
from .mail.address import normalise
from .mail.compose import ComposeError
from .mail.verdict import PASS, aligned
from .outbox import freeze, outbox_id
from .ports import Channel, Outgoing

_ROBOT: Final = re.compile(
    r"(?:no|do-?not|dont)[-_.]?reply|mailer-daemon|postmaster|bounces?|notifications?|root|daemon"
    r"|listserv|majordomo|autoreply|auto-reply"
)


def acknowledge(
    channel: Channel, reading: Reading, case: Case, message: Message
) -> tuple[tuple[Outgoing, ...], tuple[Interaction, ...]]:
    """The frozen acknowledgement of a new case and its entry in the history, or nothing."""
    if not (_deserves_one(channel, reading) and _counters_allow(channel, reading)):
        return (), ()
    identity = outbox_id("acknowledgement", reading.envelope.ses_id)
    try:
        mail = notice.acknowledgement(
            channel.settings,
            case,
            message,
            language=message.language,
            loop_mark=loops.mark(channel, identity),
            identity=identity,
            at=message.at,
        )
    except ComposeError:  # an address that Amazon SES cannot write to
        return (), ()
    log = Interaction(message.at, "acknowledged", "channel", message.language, identity)
    return (freeze(channel, mail, identity, case.id),), (log,)


def _deserves_one(channel: Channel, reading: Reading) -> bool:
    mail, envelope = reading.mail, reading.envelope
    returns_to, sender = normalise(envelope.mail_from), reading.sender
    return (
        channel.settings.acknowledge
        and reading.authenticated
        and envelope.verdicts.spam == PASS
        and not (mail.automatic or mail.bounce or "no-automatic-answer" in mail.flags)
        and aligned(returns_to.rpartition("@")[2], sender.rpartition("@")[2])
        and not _ROBOT.fullmatch(sender.partition("@")[0].partition("+")[0])
        and any(loops.is_ours(channel, address.addr) for address in (*mail.to, *mail.cc))
    )


def _counters_allow(channel: Channel, reading: Reading) -> bool:
    sender, owner = reading.sender, reading.envelope.ses_id
    return limits.allows(
        channel, limits.ACKNOWLEDGEMENTS, sender, owner
    ) and limits.automatic_mail_may_go(channel)
