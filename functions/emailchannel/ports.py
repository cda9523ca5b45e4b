"""What the verbs need from the world. `aws/` implements it once; verbs see nothing else.

Errors that any port may raise: Retryable (throttled, timed out, unavailable). A missing object is
None, never an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .app.values import EMAIL, AppMessage, Place
from .case import Agent, Case, Contact, Interaction, Message, Participant, Target
from .desk.values import Canned, Saved, Upload
from .mail.alias import RelayKeys
from .mail.verdict import Verdicts
from .settings import Settings

INBOUND = "inbound"
RELAY = "relay"


@dataclass(frozen=True)
class Envelope:
    """A mail as SES announced it: who sent it to whom on the wire, and what SES found.

    `route` is the S3 prefix it was stored under, `at` the time of receipt in milliseconds.
    `notification` is SES's own text where it is still to be kept.
    """

    ses_id: str
    route: str
    key: str
    mail_from: str
    recipients: tuple[str, ...]
    verdicts: Verdicts
    at: int
    notification: str = ""


@dataclass(frozen=True)
class Intake:
    """What became of one stored mail: the answer to "where is it?" and the guard against twice.

    outcome: opened, continued, duplicate, quarantined, deleted (from the quarantine), erased (with
    its sender), canary; of agents' mail relayed, noted, closed, held, blocked. `outboxes` are the
    mails it led to. `stage` is `stored` until all that the mail started is under way, then `done`.
    """

    ses_id: str
    route: str
    outcome: str
    reason: str = ""
    case_id: str = ""
    message_id: str = ""
    sender: str = ""
    at: int = 0
    stage: str = "stored"
    task: bool = False
    outboxes: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """What an answer, a command or a decision makes of a case; `closed_at` 0 while it is open.

    `seen_at`: the newest mail of the customer that was considered; a newer one undoes the change.
    """

    target: Target
    status: str
    answered_at: int
    closed_at: int = 0
    seen_at: int = 0


@dataclass(frozen=True)
class Change:
    """What one mail or one decision of an agent changes: all of it is kept, or nothing.

    `case` is a new case. `content` is the fingerprint by which a second copy of the mail will be
    known. `replaces`: the outcome that the intake record must have now (empty: there is none yet).
    `decided` is a message that was held, with its new disposition and reason. `joins` becomes a
    participant of the case, `blocks` an address that may not write to it any more.
    """

    case_id: str
    logs: tuple[Interaction, ...] = ()
    intake: Intake | None = None
    case: Case | None = None
    message: Message | None = None
    outgoing: tuple["Outgoing", ...] = ()
    state: State | None = None
    content: str = ""
    replaces: str = ""
    decided: Message | None = None
    joins: Participant | None = None
    blocks: str = ""
    app: AppMessage | None = None


@dataclass(frozen=True)
class Outgoing:
    """A frozen mail on its way out. `state`: PENDING, SENDING, SENT, FAILED, UNKNOWN, UNDONE.

    `method` is EMAIL or SMS: of a text, `recipients` is one number and `sender` ours. `key` is the
    S3 object with the exact bytes; `recipients` is the SMTP envelope. `message_id` is empty for
    automatic mail. Times are milliseconds: it was made `at`, may not leave before
    `not_before`, and was given to SES at `claimed_at`. `after` is the answer of its case that
    leaves first. `resent`: how often it was sent again because nobody knew. `by_app`: another
    system wrote it; `app_id` is its message where that belongs to no case.
    """

    id: str
    case_id: str
    message_id: str
    key: str
    sender: str
    recipients: tuple[str, ...]
    state: str = "PENDING"
    attempt: int = 0
    ses_id: str = ""
    reason: str = ""
    at: int = 0
    claimed_at: int = 0
    not_before: int = 0
    resent: int = 0
    after: str = ""
    by_app: bool = False
    app_id: str = ""
    method: str = EMAIL

    @property
    def is_answer(self) -> bool:
        """An agent wrote it, and a customer waits for it."""
        return bool(self.message_id) and not self.by_app

    @property
    def matters(self) -> bool:
        """Somebody wrote it, and would miss it."""
        return self.is_answer or self.by_app


@dataclass(frozen=True)
class Record:
    """One thing that happened, as the journal in S3 keeps it for ever.

    kind: change, note, result (of a sending), event (of SES), contact. `facts` is JSON.
    """

    kind: str
    id: str
    case_id: str
    at: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class Todo:
    """A row with work left. kind: intake, outbox, hold, journal, case; since `at` (ms).

    `scope` is the route of an intake and the case of a hold.
    """

    kind: str
    id: str
    scope: str
    at: int


@dataclass(frozen=True)
class Canary:
    """Our own mail to ourselves, by which we know that mail goes round. Times in milliseconds."""

    id: str
    sent_at: int
    arrived_at: int


@dataclass(frozen=True)
class Grant:
    """What a code or a session of the page is bound to; `epoch` is the agent's when it was made.

    Not `bound`: a release that named no agent made it, so it is whose who holds the contact.
    """

    contact_id: str
    agent_id: str = ""
    epoch: int = 0
    bound: bool = True


@dataclass(frozen=True)
class Viewer:
    """An agent who has a case open in his page; `at` he was last heard of, in milliseconds."""

    agent_id: str
    username: str
    name: str
    writing: bool
    since: int
    at: int


@dataclass(frozen=True)
class Stored:
    """An object of the mail bucket; `at` is when it was written, in milliseconds."""

    key: str
    at: int


@dataclass(frozen=True)
class Findings:
    """What Comprehend found; None or empty where it is off, failed or cannot."""

    language: str = ""
    language_score: float | None = None
    sentiment: str = ""
    sentiment_scores: dict[str, float] = field(default_factory=dict)
    key_phrases: tuple[tuple[str, float], ...] = ()
    entities: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True)
class Delivery:
    """What became of a mail: `status` in one word, and for each recipient (status, reason).

    It is folded from so many `events`; a fold of more events is the truer one. `words` say why it
    did not arrive.
    """

    status: str
    rank: int
    recipients: dict[str, tuple[str, str]]
    events: int
    words: str = ""


@dataclass(frozen=True)
class Accepted:
    """SES took the mail and named it `ses_id`; of a text, the SMS service."""

    ses_id: str


@dataclass(frozen=True)
class NotAccepted:
    """SES certainly did not take it. `again`: it may take it later (throttled)."""

    reason: str
    again: bool


@dataclass(frozen=True)
class Unsure:
    """Nobody knows whether SES took it: the answer was lost. Only SES's Send event can tell."""

    reason: str


class Mails(Protocol):
    """The mail bucket."""

    def read(self, key: str) -> bytes | None: ...
    def several(self, keys: Sequence[str]) -> list[bytes | None]: ...
    def start(self, key: str, octets: int) -> bytes | None: ...
    def written_at(self, key: str) -> int: ...
    def size(self, key: str) -> int: ...
    def place(self, key: str, size: int, seconds: int) -> tuple[str, dict[str, str]]: ...
    def write(self, key: str, body: bytes, content_type: str) -> None: ...
    def link(self, key: str, filename: str, content_type: str, seconds: int) -> str: ...
    def page(self, prefix: str, after: str = "") -> tuple[list[Stored], str]: ...


class Cases(Protocol):
    """The table."""

    def intake(self, ses_id: str, route: str) -> Intake | None: ...
    def case(self, case_id: str) -> Case | None: ...
    def message(self, case_id: str, message_id: str) -> Message | None: ...
    def messages(self, case_id: str) -> list[Message]: ...
    def interactions(self, case_id: str) -> list[Interaction]: ...
    def stamped(self, case_id: str, stamp: str) -> str | None: ...
    def sent_as(self, ses_ids: Sequence[str]) -> tuple[str, str] | None: ...
    def keep(self, change: Change, record: Record) -> bool: ...
    def journalled(self, record_id: str, now: int) -> None: ...
    def record(self, record_id: str) -> Record | None: ...
    def todo(self, kind: str, before: int, limit: int) -> list[Todo]: ...
    def put_off(self, todo: Todo, until: int) -> None: ...
    def begun(self, ses_id: str, now: int) -> bool: ...
    def came_through(self, ses_id: str, now: int) -> None: ...
    def seen(self, content: str, now: int) -> tuple[str, str] | None: ...
    def customer_wrote(self, case_id: str, message: Message) -> None: ...
    def done(self, intake: Intake) -> None: ...
    def note(self, case_id: str, log: Interaction, record: Record) -> None: ...
    def blocked(self, case_id: str, address: str) -> bool: ...
    def held(self, case_id: str) -> list[str]: ...
    def claim_task(self, case_id: str, token: str, now: int) -> bool: ...
    def contact_made(self, contact: Contact, now: int) -> tuple[Contact, int]: ...
    def contact_started(self, case_id: str, contact: Contact, token: str) -> None: ...
    def contact_moved(self, contact: Contact) -> None: ...
    def contact_ended(self, contact: Contact, *, following: bool = False) -> bool: ...
    def contact(self, contact_id: str) -> Contact | None: ...
    def agent_at(self, address: str) -> Agent | None: ...
    def agent(self, agent_id: str) -> Agent | None: ...
    def agents(self) -> list[Agent]: ...
    def keep_agent(self, agent: Agent) -> None: ...
    def took_case(self, case_id: str, agent_id: str) -> bool: ...
    def claim_outgoing(self, outbox_id: str, now: int) -> Outgoing | None: ...
    def release_outgoing(self, outgoing: Outgoing, now: int) -> None: ...
    def sent(self, outgoing: Outgoing, ses_id: str) -> None: ...
    def failed(self, outgoing: Outgoing, reason: str, words: str = "") -> None: ...
    def doubted(self, outgoing: Outgoing, *, asked: bool) -> None: ...
    def send_again(self, outgoing: Outgoing, now: int) -> bool: ...
    def undo(self, outgoing: Outgoing, before: State | None) -> bool: ...
    def outgoing(self, outbox_id: str) -> Outgoing | None: ...
    def keep_event(self, outbox_id: str, event_id: str, event: dict[str, Any]) -> None: ...
    def events(self, outbox_id: str) -> list[dict[str, Any]]: ...
    def delivered(self, outgoing: Outgoing, delivery: "Delivery") -> None: ...
    def returned(self, case_id: str, message_id: str, words: str, now: int) -> None: ...
    def suppress(self, address: str, reason: str, at: int) -> None: ...
    def unsuppress(self, address: str) -> None: ...
    def recipients_status(self, outbox_id: str) -> dict[str, tuple[str, str]]: ...
    def suppressed(self, address: str) -> str: ...
    def events_flow(self, at: int) -> None: ...
    def events_flowed(self) -> int: ...
    def canary(self) -> Canary | None: ...
    def canary_sent(self, canary: Canary) -> None: ...
    def canary_arrived(self, identity: str, now: int) -> bool: ...
    def sweep_mark(self, prefix: str) -> tuple[str, int, int]: ...
    def keep_sweep_mark(self, prefix: str, after: str, begun: int, clean: int) -> None: ...
    def pass_gate(self, name: str, rate: float, burst: float, now: float) -> float: ...
    def within(self, name: str, most: int, seconds: int, now: float, owner: str) -> bool: ...
    def tally(self, name: str, seconds: int, now: float) -> int: ...
    def keep_session(self, secret_hash: str, grant: Grant, kind: str, until: int) -> None: ...
    def use_session(self, secret_hash: str, kind: str, now: int, *, once: bool) -> Grant | None: ...
    def message_page(
        self, case_id: str, limit: int, before: str = ""
    ) -> tuple[list[Message], str]: ...
    def log_page(
        self, case_id: str, limit: int, before: str = ""
    ) -> tuple[list[Interaction], str]: ...
    def cases_of(self, address: str, limit: int, before: str = "") -> tuple[list[Case], str]: ...
    def looking(self, case_id: str, viewer: Viewer) -> None: ...
    def viewers(self, case_id: str, since: int) -> list[Viewer]: ...
    def keep_upload(self, case_id: str, upload: Upload, now: int) -> None: ...
    def upload(self, case_id: str, file_id: str) -> Upload | None: ...
    def draft(self, case_id: str) -> Saved | None: ...
    def keep_draft(self, case_id: str, saved: Saved) -> bool: ...
    def drop_draft(self, case_id: str, version: int) -> bool: ...
    def own_replies(self, agent_id: str) -> list[Canned]: ...
    def keep_own_reply(self, agent_id: str, reply: Canned) -> None: ...
    def drop_own_reply(self, agent_id: str, reply_id: str) -> None: ...
    def begun_letter(
        self, identity: str, digest: str, now: int, *, for_good: bool = False
    ) -> tuple[str, int]: ...
    def place(self, identity: str) -> Place | None: ...
    def listed(
        self, index: str, name: str, limit: int, position: str = ""
    ) -> tuple[list[Place], str]: ...
    def several(self, places: Sequence[Place]) -> list[AppMessage | Message]: ...
    def thread(
        self, case_id: str, limit: int, position: str = "", *, newest_first: bool = False
    ) -> tuple[list[Message], str]: ...


class Queues(Protocol):
    """The work queues."""

    def ingest(self, key: str, *, released: bool = False) -> None: ...
    def relay(self, key: str) -> None: ...
    def task(self, case_id: str, message_id: str, after: str = "") -> None: ...
    def send(self, outbox_id: str, delay: int = 0) -> None: ...


class Contacts(Protocol):
    """Amazon Connect's contacts."""

    def start(
        self,
        token: str,
        name: str,
        description: str,
        attributes: dict[str, str],
        references: dict[str, str],
    ) -> str: ...
    def update(
        self, contact_id: str, name: str, attributes: dict[str, str], references: dict[str, str]
    ) -> bool: ...
    def refer(self, contact_id: str, references: dict[str, str]) -> None: ...
    def over(self, contact_id: str) -> tuple[str, int]: ...


class Users(Protocol):
    """Amazon Connect's users."""

    def describe(self, user_id: str) -> Agent | None: ...
    def named(self, username: str) -> list[str]: ...


class Language(Protocol):
    """Amazon Comprehend; never raises."""

    def read(self, text: str) -> Findings: ...


class Post(Protocol):
    """Amazon SES sending: one attempt, no retries; never raises."""

    def send(self, outgoing: Outgoing, mime: bytes) -> Accepted | NotAccepted | Unsure: ...
    def suppressed(self, address: str) -> str | None: ...


class Texts(Protocol):
    """SMS sending: one attempt, no retries; never raises."""

    def send(self, outgoing: Outgoing, text: str) -> Accepted | NotAccepted | Unsure: ...


class Keys(Protocol):
    """The two secrets."""

    def case_key(self) -> bytes: ...
    def relay_keys(self, version: str = "") -> RelayKeys: ...


@dataclass(frozen=True)
class Channel:
    """Everything outside, in one argument. `now` is epoch seconds, `pause` waits for seconds."""

    settings: Settings
    mails: Mails
    cases: Cases
    queues: Queues
    contacts: Contacts
    users: Users
    language: Language
    post: Post
    texts: Texts
    keys: Keys
    now: Callable[[], float]
    pause: Callable[[float], None]

    def now_ms(self) -> int:
        """The time in milliseconds, as records keep it."""
        return int(self.now() * 1000)
