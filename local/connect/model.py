"""State of one contact centre: plain data classes that go to JSON and back.

Times are epoch seconds. Ids are what the API calls ids; `arn` members hold the full ARN.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

INSTANCE_ID = "11111111-1111-1111-1111-111111111111"
INSTANCE_ALIAS = "local"
CHANNEL = "TASK"
DEFAULT_PRIORITY = 5


class ContactState(StrEnum):
    """Where a task is in its life, in the order it usually passes."""

    CREATED = "CREATED"  # scheduled for later
    IN_FLOW = "IN_FLOW"  # an inbound, transfer or disconnect flow runs
    QUEUED = "QUEUED"
    OFFERED = "OFFERED"  # rings at an agent
    ACCEPTED = "ACCEPTED"  # accepted, the agent whisper runs
    CONNECTED = "CONNECTED"
    ACW = "ACW"  # after contact work: ended, not yet cleared by the agent
    ENDED = "ENDED"


OVER = (ContactState.ACW, ContactState.ENDED)  # disconnected
WITH_AGENT = (
    ContactState.OFFERED,
    ContactState.ACCEPTED,
    ContactState.CONNECTED,
    ContactState.ACW,
)


class Purpose(StrEnum):
    """Why a flow runs; decides which references it may read and what its end means."""

    INBOUND = "inbound"
    TRANSFER = "transfer"
    QUEUE = "customer queue"
    WHISPER = "agent whisper"
    DISCONNECT = "disconnect"


@dataclass
class User:
    id: str
    arn: str
    username: str
    email: str
    first_name: str
    last_name: str
    routing_profile_id: str
    state: str = "Offline"
    state_since: float = 0.0
    leftovers: dict[str, dict[str, Any]] = field(default_factory=dict)  # missed, not yet cleared


@dataclass
class Queue:
    id: str
    arn: str
    name: str
    hours_id: str
    description: str = ""
    max_contacts: int | None = None
    status: str = "ENABLED"
    quick_connect_ids: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Hours:
    id: str
    arn: str
    name: str
    time_zone: str
    config: list[dict[str, Any]]
    description: str = ""


@dataclass
class RoutingProfile:
    id: str
    arn: str
    name: str
    description: str
    default_outbound_queue_id: str
    concurrency: dict[str, int]  # channel -> contacts at once
    queues: list[dict[str, Any]] = field(default_factory=list)  # queue_id, channel, priority, delay


@dataclass
class QuickConnect:
    id: str
    arn: str
    name: str
    config: dict[str, Any]  # QuickConnectConfig as in the API
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Flow:
    id: str
    arn: str
    name: str
    type: str
    content: str
    status: str = "PUBLISHED"
    state: str = "ACTIVE"
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        return self.status == "PUBLISHED" and self.state == "ACTIVE"


@dataclass
class Contact:
    id: str
    initial_contact_id: str
    initiation_method: str
    name: str
    description: str
    created_at: float
    expires_at: float
    references: dict[str, dict[str, str]]  # name -> {"Type": ..., "Value": ...}
    state: str = ContactState.IN_FLOW
    state_since: float = 0.0
    previous_contact_id: str | None = None
    related_contact_id: str | None = None
    scheduled_at: float | None = None
    segment_attributes: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)  # event hook -> flow id
    queue_arn: str | None = None  # working queue: a queue's ARN or an agent's personal queue
    enqueued_at: float | None = None
    priority: int = DEFAULT_PRIORITY
    age_adjustment: int = 0
    agent_id: str | None = None
    accepted_at: float | None = None
    connected_at: float | None = None
    disconnected_at: float | None = None
    cleared_at: float | None = None
    disconnect_reason: str | None = None
    target_agent_id: str | None = None  # of a transfer to an agent
    flow_id: str = ""
    logging: bool = False
    language_code: str | None = None
    customer_id: str | None = None
    updated_at: float = 0.0
    trace: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Execution:
    """One flow running for one contact."""

    id: str
    contact_id: str
    purpose: str
    flow_id: str
    content: str  # as it was when the flow started: a later edit does not reach it
    action: str  # identifier of the block to run next
    started_at: float
    agent_id: str | None = None
    external: Any = field(default_factory=dict)
    flow_attributes: dict[str, str] = field(default_factory=dict)
    loops: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    created_task_id: str | None = None
    wake_at: float | None = None


@dataclass
class Limits:
    """Throttling of every API operation; None leaves it off."""

    rps: float | None = None
    burst: int = 5
    active_tasks: int = 2500


@dataclass
class Instance:
    account: str
    region: str
    arn: str
    created_at: float
    users: dict[str, User] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    hours: dict[str, Hours] = field(default_factory=dict)
    routing_profiles: dict[str, RoutingProfile] = field(default_factory=dict)
    quick_connects: dict[str, QuickConnect] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    lambdas: list[str] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    integrations: dict[str, str] = field(default_factory=dict)  # its ARN -> association id
    applications: dict[str, dict[str, Any]] = field(default_factory=dict)  # properties by ARN
    contacts: dict[str, Contact] = field(default_factory=dict)
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)  # by initial contact id
    executions: dict[str, Execution] = field(default_factory=dict)
    client_tokens: dict[str, str] = field(default_factory=dict)  # operation:token -> contact id
    limits: Limits = field(default_factory=Limits)
    events: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    version: int = 0  # grows with every change an agent could see


_MEMBERS: dict[str, type[Any]] = {
    "users": User,
    "queues": Queue,
    "hours": Hours,
    "routing_profiles": RoutingProfile,
    "quick_connects": QuickConnect,
    "flows": Flow,
    "contacts": Contact,
    "executions": Execution,
}


def dump(instance: Instance) -> dict[str, Any]:
    """The instance as JSON-able data, sharing nothing with it."""
    data: dict[str, Any] = json.loads(json.dumps(asdict(instance)))
    return data


def load(data: dict[str, Any]) -> Instance:
    """The instance that `dump` wrote."""
    fields = json.loads(json.dumps(data))
    for name, kind in _MEMBERS.items():
        fields[name] = {key: kind(**value) for key, value in fields[name].items()}
    fields["limits"] = Limits(**fields["limits"])
    return Instance(**fields)
