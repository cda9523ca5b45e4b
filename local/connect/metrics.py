"""Real-time metrics and hours of operation, as far as flows ask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.connect import contacts, lookup
from local.connect.centre import ContactCentre
from local.connect.model import CHANNEL, WITH_AGENT, ContactState, Hours, User

_METRICS = {
    "NumberOfAgentsAvailable": "Available",
    "NumberOfAgentsStaffed": "Staffed",
    "NumberOfAgentsOnline": "Online",
}


def is_open(hours: Hours, epoch: float) -> bool:
    """Whether a moment lies within the hours; the closing minute counts as open."""
    local = datetime.fromtimestamp(epoch, ZoneInfo(hours.time_zone))
    today, minute = local.strftime("%A").upper(), local.hour * 60 + local.minute
    return any(
        entry["Day"] == today
        and _minutes(entry["StartTime"]) <= minute <= _minutes(entry["EndTime"])
        for entry in hours.config
    )


def _minutes(time: dict[str, int]) -> int:
    return int(time["Hours"]) * 60 + int(time["Minutes"])


def agents_of(centre: ContactCentre, queue_arn: str) -> list[User]:
    """Agents who can be offered contacts of a queue, whatever they do now."""
    instance = centre.instance
    owner = lookup.agent_of_queue(queue_arn)
    if owner is not None:
        return [user for user in instance.users.values() if user.id == owner]
    queue = lookup.by_id_or_arn(instance.queues, queue_arn)
    profiles = {
        profile.id
        for profile in instance.routing_profiles.values()
        for entry in profile.queues
        if queue and entry["queue_id"] == queue.id and entry["channel"] == CHANNEL
    }
    return [user for user in instance.users.values() if user.routing_profile_id in profiles]


def load(centre: ContactCentre, user: User) -> int:
    """Slots of an agent in use: offered, connected, in after contact work or missed."""
    held = sum(
        each.agent_id == user.id and each.state in WITH_AGENT
        for each in centre.instance.contacts.values()
    )
    return held + len(user.leftovers)


def capacity(centre: ContactCentre, user: User) -> int:
    profile = centre.instance.routing_profiles[user.routing_profile_id]
    return profile.concurrency.get(CHANNEL, 0)


def snapshot(centre: ContactCentre, queue_arn: str) -> dict[str, Any]:
    """$.Metrics: queue size, age of the oldest contact (ms), agents by what they do."""
    waiting = [
        each for each in contacts.in_queue(centre, queue_arn) if each.state == ContactState.QUEUED
    ]
    ages = [centre.now() - (each.enqueued_at or 0.0) for each in waiting]
    return {
        "Queue": {
            "Name": lookup.queue_name(centre.instance, queue_arn),
            "ARN": queue_arn,
            "Size": len(waiting),
            "OldestContactAge": int(max(ages, default=0.0) * 1000),
        },
        "Agents": {name: {"Count": count} for name, count in _agents(centre, queue_arn).items()},
    }


def value(centre: ContactCentre, queue_arn: str, metric: str) -> int:
    """The number CheckMetricData compares; the oldest contact's age in milliseconds."""
    measured = snapshot(centre, queue_arn)
    if metric in _METRICS:
        return int(measured["Agents"][_METRICS[metric]]["Count"])
    name = "Size" if metric == "NumberOfContactsInQueue" else "OldestContactAge"
    return int(measured["Queue"][name])


def _agents(centre: ContactCentre, queue_arn: str) -> dict[str, int]:
    online = [user for user in agents_of(centre, queue_arn) if user.state != "Offline"]
    ready = [user for user in online if user.state == "Available"]
    doing = {
        state: _with(centre, online, state) for state in (ContactState.ACW, ContactState.CONNECTED)
    }
    return {
        "Online": len(online),
        "Staffed": sum(user.state in ("Available", "MissedCallAgent") for user in online),
        "Available": sum(load(centre, user) < capacity(centre, user) for user in ready),
        "AfterContactWork": doing[ContactState.ACW],
        "Busy": doing[ContactState.CONNECTED],
        "Missed": sum(user.state == "MissedCallAgent" for user in online),
        "NonProductive": len(online) - len(ready),
    }


def _with(centre: ContactCentre, users: list[User], state: ContactState) -> int:
    """How many of these agents have a contact in this state."""
    contacts_in = centre.instance.contacts.values()
    having = {each.agent_id for each in contacts_in if each.state == state}
    return len(having & {user.id for user in users})
