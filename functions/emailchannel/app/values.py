"""What other systems ask for, and what they get: values only."""

from dataclasses import dataclass, field
from typing import Any, Final

from ..mail.values import Attachment

EMAIL: Final = "EMAIL"
SMS: Final = "SMS"
IN: Final = "IN"
OUT: Final = "OUT"
ACCEPTED: Final = "ACCEPTED"

BY_RULE: Final = "rule:"  # the senderId of a rule's mails begins so, and of nobody else's

NEWEST_FIRST: Final = "NEWEST_FIRST"
PAGE: Final = 20
MOST: Final = 100  # messages of a page

# The words of our records -> DeliveryStatus of schema.graphql; a word may have its reason behind it
_STATUSES: Final = {"queued": ACCEPTED, "": ACCEPTED}


def status_of(word: str) -> str:
    """The DeliveryStatus that a word of our records stands for: `failed: why` is FAILED."""
    plain = word.partition(":")[0]
    return _STATUSES.get(plain, plain.upper())


@dataclass(frozen=True)
class Refused:
    """It cannot be done. `kind` is the errorType, `words` say why and what to do."""

    kind: str
    words: str


@dataclass(frozen=True)
class Ask:
    """A message to be sent. `key`: the same again is the same message. `from_` as in a header."""

    to: str
    subject: str = ""
    body: str = ""
    html: str = ""
    method: str = EMAIL
    from_: str = ""
    sender_id: str = ""
    recipient_id: str = ""
    attachments: tuple[Attachment, ...] = ()
    case_id: str = ""
    key: str = ""


@dataclass(frozen=True)
class AppMessage:
    """A message that belongs to no case. `outbox_id` is its mail's; bodies are at `body_key`.

    `status` is a DeliveryStatus, `reason` says in words why it was not delivered.
    """

    id: str
    at: int
    method: str
    from_: str
    to: str
    subject: str
    outbox_id: str
    body_key: str
    sender_id: str = ""
    recipient_id: str = ""
    segments: int = 0
    encoding: str = ""
    status: str = "ACCEPTED"
    reason: str = ""


@dataclass(frozen=True)
class Place:
    """Where a listed message is: of a case, or (no case) by its own id."""

    id: str
    case_id: str = ""
    message_id: str = ""


@dataclass(frozen=True)
class Page:
    """GraphQL values of messages, and the cursor behind them; None at the list's end."""

    data: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None
