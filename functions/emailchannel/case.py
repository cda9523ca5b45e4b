"""The case and what belongs to it: values only. Keeping them is the storage adapter's matter."""

from dataclasses import dataclass, field
from typing import Final

OPEN: Final = "open"  # a customer waits for us
WAITING: Final = "waiting"  # we answered and wait for the customer
RESOLVED: Final = "resolved"
REJECTED: Final = "rejected"  # closed by a rejectrelay answer: later mail opens a linked case

DAY: Final = 24 * 3600 * 1000  # milliseconds

DEFAULT: Final = "default"
QUEUE: Final = "queue"
AGENT: Final = "agent"

APP: Final = "app"  # a kind of message: another system wrote it; and who did so
FORWARD: Final = "forward"  # a kind of message: it goes to somebody else, and answers nothing


@dataclass(frozen=True)
class Participant:
    """An address that may write to, or hear from, a case."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Target:
    """Who gets the next mail of a case: `default`, a queue's ARN, or an agent's user ARN."""

    type: str = DEFAULT
    destination: str = ""


@dataclass(frozen=True)
class Case:
    """A customer's matter: it owns a thread of mails and the alias they are sent to.

    Times are milliseconds since the epoch. `latest_*` name the newest mail of the customer,
    ordered by the time SES received it. `contact_id` is the open Connect contact, if there is one.
    `last_answer` is the outbox id of the newest answer: the next one leaves after it;
    `last_contact` the contact that ended last; `starting` the order whose task is being started.
    `app` is not empty of a conversation that another system began: `only` when no agent gets its
    mail, `task` when they do; it goes out in the name `app_name`.
    """

    id: str
    customer: Participant
    subject: str
    created_at: int
    status: str = OPEN
    target: Target = field(default_factory=Target)
    participants: tuple[Participant, ...] = ()
    linked: tuple[str, ...] = ()
    contact_id: str = ""
    queue_arn: str = ""
    agent_id: str = ""
    latest_message_id: str = ""
    latest_at: int = 0
    answered_at: int = 0
    closed_at: int = 0
    last_answer: str = ""
    last_contact: str = ""
    starting: str = ""
    app: str = ""
    app_name: str = ""

    @property
    def answered(self) -> bool:
        """Whether the newest mail of the customer has had an answer."""
        return self.answered_at >= self.latest_at > 0


@dataclass(frozen=True)
class AttachmentRecord:
    """What is kept of an attachment: its bytes are in S3 under a key of our own making."""

    n: int
    filename: str
    content_type: str
    size: int
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True)
class Message:
    """One email of a case, in either direction. Bodies are in S3 (`formatted_key`, `raw_key`).

    direction: `in` or `out`. kind: `customer`, `automatic`, `bounce`, `relay` (an agent's mail that
    was not sent), `note`, `reply`, `forward`, `app` (another system's). disposition: what we
    decided (see trust.py). `at`: when SES received it, or when it was put in the outbox, in
    milliseconds. `purpose` and `answers` (a message's id) belong to an agent's answer, sent or
    held. `delivery` is what became of an answer, in a word; `returned` why it was brought back to
    an agent, in words. `sender_id` and `recipient_id` are another system's own names for whom it
    wrote for and to.
    """

    id: str
    case_id: str
    at: int
    direction: str
    kind: str
    disposition: str
    reason: str = ""
    flags: tuple[str, ...] = ()
    from_: Participant = Participant("")
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""  # RFC 5322 Message-ID, without angle brackets
    references: tuple[str, ...] = ()
    delivery: str = ""
    attachments: tuple[AttachmentRecord, ...] = ()
    raw_key: str = ""
    formatted_key: str = ""
    language: str = ""
    sentiment: str = ""
    actor: str = ""
    purpose: str = ""
    answers: str = ""
    returned: str = ""
    sender_id: str = ""
    recipient_id: str = ""


@dataclass(frozen=True)
class Interaction:
    """An entry of a case's history. `actor` is a user name, `customer` or `channel`, no address."""

    at: int
    kind: str
    actor: str
    reason: str = ""
    ref: str = ""


@dataclass(frozen=True)
class Agent:
    """A Connect user as our directory knows him; raising `epoch` revokes his relay addresses."""

    id: str
    arn: str
    username: str
    name: str
    addresses: tuple[str, ...]
    epoch: int = 0
    active: bool = True
    queues: tuple[str, ...] = ()
    checked_at: int = 0


@dataclass(frozen=True)
class Contact:
    """A Connect contact that works on a case. `agent_id` is empty while nobody has taken it."""

    id: str
    case_id: str
    state: str  # started, connected, ended
    agent_id: str = ""
    agent_arn: str = ""
    username: str = ""
    queue_arn: str = ""


def shared_queue(arn: str) -> str:
    """A queue's ARN, or empty for an agent's personal queue, which no flow can be sent to."""
    return "" if "/queue/agent/" in arn else arn


def takes_more(case: Case, at: int, reopen_days: int) -> bool:
    """Whether a mail of `at` (ms) continues this case; otherwise it opens a new one, linked to it.

    A rejected case takes nothing more, a resolved one only for so many days.
    """
    if case.status == REJECTED:
        return False
    return case.status != RESOLVED or at - case.closed_at <= reopen_days * DAY
