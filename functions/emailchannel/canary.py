"""A mail of ours to ourselves: it shows that mail leaves and arrives, and that events come.

It goes to the inquiry address as a customer's would, by its signed mark it is known when it comes
back, and no agent sees it.
"""

from datetime import UTC, datetime
from typing import Final

from . import journal, loops
from .mail import alias
from .mail.compose import compose
from .mail.headers import scan
from .mail.values import Address
from .outbox import frozen_key, outbox_id
from .ports import Canary, Change, Channel, Outgoing

REASON: Final = "canary"
_TEXT: Final = "This mail only shows that mail goes round. Nothing needs to be done."


def send(channel: Channel) -> Canary:
    """Put a canary into the outbox; the same second, the same canary."""
    now = channel.now_ms()
    identity = outbox_id(REASON, str(now // 1000))
    settings = channel.settings
    sender = f"{settings.inquiry_local}@{settings.domain}"
    mime = compose(
        from_=Address("", sender),
        to=(Address("", settings.inquiry_address),),
        subject="Canary of the email channel",
        text=_TEXT,
        html=f"<p>{_TEXT}</p>",
        auto_submitted="auto-generated",
        extra={
            "X-Auto-Response-Suppress": "All",
            loops.HEADER: loops.mark(channel, identity),
        },
        message_id=f"{identity}@{settings.domain}",
        date=datetime.fromtimestamp(now / 1000, UTC),
    )
    key = frozen_key(identity)
    channel.mails.write(key, mime, "message/rfc822")
    outgoing = Outgoing(identity, "", "", key, sender, (settings.inquiry_address,), at=now)
    canary = Canary(identity, now, 0)
    channel.cases.canary_sent(canary)
    journal.keep(channel, Change("", outgoing=(outgoing,)))
    channel.queues.send(identity)
    return canary


def arrived(channel: Channel, raw: bytes) -> bool:
    """Whether this mail is the canary under way. Its mark has been found to be ours before."""
    value = scan(raw).headers.raw(loops.HEADER.lower()).strip().lower()
    identity, _, rest = value.partition(".")
    keys = channel.keys.relay_keys(rest.partition(".")[0])
    if not alias.is_loop_mark(keys, value):
        return False
    return channel.cases.canary_arrived(identity, channel.now_ms())
