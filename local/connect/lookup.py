"""Finding things of an instance by id or ARN. `None` where there is no such thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from local.connect.errors import not_found
from local.connect.model import (
    INSTANCE_ID,
    Contact,
    Flow,
    Hours,
    Instance,
    Queue,
    QuickConnect,
    RoutingProfile,
    User,
)

_AGENT_QUEUE = "/queue/agent/"


class _HasArn(Protocol):
    @property
    def arn(self) -> str: ...


Thing = TypeVar("Thing", bound=_HasArn)


def by_id_or_arn(things: Mapping[str, Thing], reference: str) -> Thing | None:
    """The thing whose id or whole ARN is `reference`."""
    found = things.get(reference.rsplit("/", 1)[-1])
    if found is None or reference in (found.arn, found.arn.rsplit("/", 1)[-1]):
        return found
    return None  # an ARN of another instance, account or kind


def require(things: Mapping[str, Thing], reference: str, what: str) -> Thing:
    """As `by_id_or_arn`, or ResourceNotFoundException."""
    found = by_id_or_arn(things, reference)
    if found is None:
        raise not_found(what, reference)
    return found


def is_instance(instance: Instance, reference: str) -> bool:
    return reference in (INSTANCE_ID, instance.arn)


def queue(instance: Instance, reference: str) -> Queue:
    return require(instance.queues, reference, "Queue")


def flow(instance: Instance, reference: str) -> Flow:
    return require(instance.flows, reference, "Contact flow")


def user(instance: Instance, reference: str) -> User:
    return require(instance.users, reference, "User")


def hours(instance: Instance, reference: str) -> Hours:
    return require(instance.hours, reference, "Hours of operation")


def routing_profile(instance: Instance, reference: str) -> RoutingProfile:
    return require(instance.routing_profiles, reference, "Routing profile")


def quick_connect(instance: Instance, reference: str) -> QuickConnect:
    return require(instance.quick_connects, reference, "Quick connect")


def contact(instance: Instance, reference: str) -> Contact:
    found = instance.contacts.get(reference)
    if found is None:
        raise not_found("Contact", reference)
    return found


def user_named(instance: Instance, username: str) -> User | None:
    return next((each for each in instance.users.values() if each.username == username), None)


def agent_queue_arn(instance: Instance, agent_id: str) -> str:
    """ARN of an agent's personal queue."""
    return f"{instance.arn}{_AGENT_QUEUE}{agent_id}"


def agent_of_queue(queue_arn: str) -> str | None:
    """The agent's id if the ARN is that of a personal queue."""
    before, found, agent_id = queue_arn.partition(_AGENT_QUEUE)
    return agent_id if before and found else None


def queue_name(instance: Instance, queue_arn: str) -> str:
    owner = agent_of_queue(queue_arn)
    if owner is not None:
        return instance.users[owner].username if owner in instance.users else owner
    found = by_id_or_arn(instance.queues, queue_arn)
    return found.name if found else queue_arn


def attributes(instance: Instance, of: Contact) -> dict[str, str]:
    """User attributes; contacts chained by PreviousContactId share one set."""
    return instance.attributes.setdefault(of.initial_contact_id, {})
