"""What an agent does with a contact. The lock is held.

`NotNow` says in words why something cannot be done in this state.
"""

from __future__ import annotations

from local.connect import contacts, events, lookup, routing
from local.connect.centre import ContactCentre
from local.connect.errors import ServiceError
from local.connect.model import Contact, ContactState, Flow, Instance, Purpose, QuickConnect, User


class NotNow(Exception):
    """Not allowed for this agent, or in this state of the contact."""


def set_state(centre: ContactCentre, user: User, state: str) -> None:
    """Change an agent's state; it does not touch the contacts he has."""
    user.state, user.state_since = state, centre.now()
    centre.touch()
    routing.route(centre)


def accept(centre: ContactCentre, contact: Contact, user: User) -> None:
    """Take an offered contact: the agent whisper runs before it is connected."""
    _require(contact, user, ContactState.OFFERED)
    contact.accepted_at = centre.now()
    centre.set_state(contact, ContactState.ACCEPTED)
    hook = contact.hooks.get("AgentWhisper")
    if hook is None or not contacts.run_flow(centre, contact, Purpose.WHISPER, hook, user.id):
        connect(centre, contact)


def connect(centre: ContactCentre, contact: Contact) -> None:
    """The whisper is over: the contact leaves its queue and the queue flow ends."""
    if contact.state != ContactState.ACCEPTED:
        return
    contacts.stop_flows(centre, contact, Purpose.QUEUE, Purpose.WHISPER)
    contact.connected_at = centre.now()
    centre.set_state(contact, ContactState.CONNECTED)
    events.announce(centre, events.CONNECTED_TO_AGENT, contact)


def reject(centre: ContactCentre, contact: Contact, user: User) -> None:
    """Refuse an offer; for the agent it counts as missed."""
    _require(contact, user, ContactState.OFFERED)
    routing.miss(centre, contact)
    routing.route(centre)


def end(centre: ContactCentre, contact: Contact, user: User) -> None:
    """Complete a connected contact; left during the whisper, it goes back to the queue."""
    _require(contact, user, ContactState.CONNECTED, ContactState.ACCEPTED)
    if contact.state == ContactState.ACCEPTED:
        contacts.stop_flows(centre, contact, Purpose.WHISPER)
        routing.miss(centre, contact)
    else:
        contacts.end(centre, contact, contacts.AGENT_DISCONNECT)
    routing.route(centre)


def clear(centre: ContactCentre, contact: Contact, user: User) -> None:
    """Close a contact that is over, or one that was missed, and free the slot."""
    if user.leftovers.pop(contact.id, None) is not None:
        centre.touch()
    else:
        _require(contact, user, ContactState.ACW)
        contacts.clear(centre, contact)
    routing.route(centre)


def transfer(centre: ContactCentre, contact: Contact, user: User, endpoint_arn: str) -> Contact:
    """Hand a connected contact over by a quick connect, named by its endpoint's ARN."""
    _require(contact, user, ContactState.CONNECTED)
    quick_connect = next(
        (each for each in endpoints(centre.instance, user) if endpoint_arn == each.arn), None
    )
    if quick_connect is None:
        raise NotNow(f"{user.username} has no quick connect {endpoint_arn}")
    flow, queue_arn, agent_id = destination(centre.instance, quick_connect)
    try:
        successor = contacts.transfer(centre, contact, flow, queue_arn, agent_id)
    except ServiceError as problem:
        raise NotNow(problem.message) from problem
    routing.route(centre)
    return successor


def endpoints(instance: Instance, user: User) -> list[QuickConnect]:
    """Quick connects an agent sees: those of the queues in his routing profile."""
    profile = instance.routing_profiles[user.routing_profile_id]
    wanted = {
        identifier
        for entry in profile.queues
        if entry["queue_id"] in instance.queues
        for identifier in instance.queues[entry["queue_id"]].quick_connect_ids
    }
    return [
        each
        for each in instance.quick_connects.values()
        if each.id in wanted and each.config["QuickConnectType"] in ("QUEUE", "USER")
    ]


def destination(
    instance: Instance, quick_connect: QuickConnect
) -> tuple[Flow, str | None, str | None]:
    """Flow, queue ARN and agent id a quick connect leads to."""
    config = quick_connect.config
    if config["QuickConnectType"] == "QUEUE":
        queue = lookup.queue(instance, config["QueueConfig"]["QueueId"])
        return lookup.flow(instance, config["QueueConfig"]["ContactFlowId"]), queue.arn, None
    user = lookup.user(instance, config["UserConfig"]["UserId"])
    return lookup.flow(instance, config["UserConfig"]["ContactFlowId"]), None, user.id


def _require(contact: Contact, user: User, *states: ContactState) -> None:
    if contact.agent_id != user.id:
        raise NotNow(f"contact {contact.id} is not with {user.username}")
    if contact.state not in states:
        raise NotNow(f"contact {contact.id} is {contact.state}, not {' or '.join(states)}")
