"""What a mail is, once it has been read. Frozen values; every string is safe to store and show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox (RFC 5322 section 3.4): display name, may be empty, and address.

    `addr` is as the sender wrote it (may be empty or lack a domain in a broken mail); compare
    addresses with `address.normalise`.
    """

    name: str
    addr: str

    def __str__(self) -> str:
        return f"{self.name} <{self.addr}>" if self.name else self.addr


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of the mail. `payload` is decoded; `size` counts its bytes.

    `filename` is cleaned and never empty; `content_id` comes without angle brackets.
    """

    filename: str
    content_type: str
    size: int
    content_id: str | None
    inline: bool
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BouncedRecipient:
    """One recipient of a delivery report.

    `action`: failed, delayed, delivered, relayed, expanded (RFC 3464 section 2.3.3) or feedback
    (RFC 5965). `status`: enhanced status code (RFC 3463) or "".
    """

    address: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery report or a complaint. `original_message_id` comes without angle brackets."""

    recipients: tuple[BouncedRecipient, ...]
    original_message_id: str | None


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail that somebody forwarded inline. `confidence` lies between 0 and 1."""

    sender: Address
    date: str
    subject: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Invitation:
    """A calendar object (RFC 5545, RFC 6047), to show and never to answer by machine.

    `start` and `end` are ISO 8601 with their zone as sent ("2026-05-01T10:00:00 Europe/Berlin",
    "2026-05-01T08:00:00Z", "2026-05-01") or "".
    """

    method: str
    summary: str
    start: str
    end: str
    organizer: str


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as `parse.parse` read it. Message ids come without angle brackets.

    `automatic`: None for a person's mail, else auto-reply, out-of-office, auto-generated, bulk,
    list or mdn. `encryption`: none, signed or encrypted. `flags`: see `parse`.
    """

    subject: str = ""
    from_: Address | None = None
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    html: str = ""
    new_text: str = ""
    quoted_text: str = ""
    signature: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: str | None = None
    bounce: Bounce | None = None
    forwarded: Forwarded | None = None
    calendar: Invitation | None = None
    encryption: str = "none"
    flags: frozenset[str] = frozenset()
