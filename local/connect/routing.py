"""Offering queued contacts to agents, and taking an offer back. The lock is held."""

from __future__ import annotations

from local.connect import lookup, metrics
from local.connect.centre import ContactCentre
from local.connect.model import CHANNEL, Contact, ContactState, User

RING_SECONDS = 30.0  # a contact rings so long, then it is missed
MISSED = "MissedCallAgent"


def route(centre: ContactCentre) -> None:
    """Offer what can be offered: longest idle agent first."""
    queued = [
        each for each in centre.instance.contacts.values() if each.state == ContactState.QUEUED
    ]
    while queued:
        match = _first_match(centre, queued)
        if match is None:
            return
        user, contact = match
        offer(centre, contact, user)
        queued.remove(contact)


def _first_match(centre: ContactCentre, queued: list[Contact]) -> tuple[User, Contact] | None:
    ready = [user for user in centre.instance.users.values() if user.state == "Available"]
    for user in sorted(ready, key=lambda user: (user.state_since, user.username)):
        if metrics.load(centre, user) < metrics.capacity(centre, user):
            contact = _best_for(centre, user, queued)
            if contact is not None:
                return user, contact
    return None


def _best_for(centre: ContactCentre, user: User, queued: list[Contact]) -> Contact | None:
    """By the routing profile's queue priority, then the contact's priority, then its age."""
    ranks = _ranks(centre, user)
    waiting = [
        each
        for each in queued
        if each.queue_arn in ranks and _waited(centre, each) >= ranks[each.queue_arn][1]
    ]
    return min(
        waiting,
        key=lambda each: (
            ranks[each.queue_arn or ""][0],
            each.priority,
            (each.enqueued_at or 0.0) - each.age_adjustment,
        ),
        default=None,
    )


def _waited(centre: ContactCentre, contact: Contact) -> float:
    return centre.now() - (contact.enqueued_at or 0.0)


def _ranks(centre: ContactCentre, user: User) -> dict[str, tuple[int, int]]:
    """Queue ARN -> (priority, delay in seconds); the personal queue comes first."""
    instance = centre.instance
    profile = instance.routing_profiles[user.routing_profile_id]
    ranks = {
        instance.queues[entry["queue_id"]].arn: (entry["priority"], entry["delay"])
        for entry in profile.queues
        if entry["channel"] == CHANNEL and entry["queue_id"] in instance.queues
    }
    return ranks | {lookup.agent_queue_arn(instance, user.id): (0, 0)}


def offer(centre: ContactCentre, contact: Contact, user: User) -> None:
    user.leftovers.pop(contact.id, None)
    contact.agent_id = user.id
    centre.set_state(contact, ContactState.OFFERED)


def requeue(centre: ContactCentre, contact: Contact) -> None:
    """Back to its place in the queue: age and queue flow go on."""
    contact.agent_id = contact.accepted_at = None
    centre.set_state(contact, ContactState.QUEUED)


def miss(centre: ContactCentre, contact: Contact) -> None:
    """The agent did not take it: it waits again, and the agent gets no more until he is back."""
    user = centre.instance.users[contact.agent_id or ""]
    user.leftovers[contact.id] = {"state": "missed", "since": centre.now()}
    user.state, user.state_since = MISSED, centre.now()
    requeue(centre, contact)
