"""What goes out is frozen first: the bytes in S3, then the row, then the order to send it."""

import hashlib
from typing import Final

from .app.values import SMS
from .mail import alias
from .notice import Notice
from .ports import Channel, Outgoing

_ID_LENGTH: Final = 26


def outbox_id(*origin: str) -> str:
    """The id of the mail that `origin` leads to: the same origin, the same mail, sent once."""
    digest = hashlib.sha256("|".join(("outbox1", *origin)).encode()).digest()
    return alias.base32(digest, _ID_LENGTH)


def frozen_key(identity: str) -> str:
    """Where the exact bytes of a mail of ours are."""
    return f"sent/{identity}.eml"


def text_key(identity: str) -> str:
    """Where the exact text of an SMS of ours is."""
    return f"sent/{identity}.txt"


def freeze_text(
    channel: Channel, identity: str, number: str, text: str, sender: str = "", case_id: str = ""
) -> Outgoing:
    """Write an SMS to S3; the row that comes back is for the caller's change.

    `number` in E.164; `sender` is the one of the settings where none is given.
    """
    key = text_key(identity)
    channel.mails.write(key, text.encode(), "text/plain; charset=utf-8")
    named, to = sender or channel.settings.sms_sender, (number,)
    return Outgoing(identity, case_id, "", key, named, to, at=channel.now_ms(), method=SMS)


def freeze(channel: Channel, notice: Notice, identity: str, case_id: str = "") -> Outgoing:
    """Write an automatic mail to S3; the row that comes back is for the caller's change."""
    key = frozen_key(identity)
    channel.mails.write(key, notice.mime, "message/rfc822")
    recipients = (notice.recipient,)
    return Outgoing(identity, case_id, "", key, notice.sender, recipients, at=channel.now_ms())
