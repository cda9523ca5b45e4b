"""A new contact centre: one queue, open hours, a routing profile and three agents."""

from __future__ import annotations

import uuid

from local.connect.model import (
    INSTANCE_ID,
    Hours,
    Instance,
    Queue,
    RoutingProfile,
    User,
)

_NAMESPACE = uuid.UUID("6b7c1e5a-6d1f-4f52-9d6c-2b8f1c0e7a11")
DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
TASKS_AT_ONCE = 5
PEOPLE = (("alice", "Alice", "Archer"), ("bob", "Bob", "Baker"), ("carol", "Carol", "Clark"))


def user_id(username: str) -> str:
    """The fixed id of a seeded user: the same in every account."""
    return str(uuid.uuid5(_NAMESPACE, username))


def instance_arn(account: str, region: str) -> str:
    return f"arn:aws:connect:{region}:{account}:instance/{INSTANCE_ID}"


def always_open() -> list[dict[str, object]]:
    """Hours of operation round the clock, as HoursOfOperationConfig entries."""
    midnight, end = {"Hours": 0, "Minutes": 0}, {"Hours": 23, "Minutes": 59}
    return [{"Day": day, "StartTime": midnight, "EndTime": end} for day in DAYS]


def new_instance(account: str, region: str, now: float) -> Instance:
    """Build the instance every account starts with."""
    instance = Instance(account, region, instance_arn(account, region), now)
    hours_id, queue_id, profile_id = (
        str(uuid.uuid5(_NAMESPACE, name)) for name in ("hours", "queue", "profile")
    )
    instance.hours[hours_id] = Hours(
        hours_id,
        f"{instance.arn}/operating-hours/{hours_id}",
        "Basic Hours",
        "UTC",
        always_open(),
    )
    instance.queues[queue_id] = Queue(
        queue_id, f"{instance.arn}/queue/{queue_id}", "BasicQueue", hours_id
    )
    instance.routing_profiles[profile_id] = RoutingProfile(
        profile_id,
        f"{instance.arn}/routing-profile/{profile_id}",
        "Basic Routing Profile",
        "A simple routing profile",
        queue_id,
        {"VOICE": 1, "CHAT": 2, "TASK": TASKS_AT_ONCE},
        [{"queue_id": queue_id, "channel": "TASK", "priority": 1, "delay": 0}],
    )
    for username, first, last in PEOPLE:
        identifier = user_id(username)
        instance.users[identifier] = User(
            identifier,
            f"{instance.arn}/agent/{identifier}",
            username,
            f"{username}@corp.example",
            first,
            last,
            profile_id,
            state_since=now,
        )
    return instance
