"""How the desktop side shows agents and contacts."""

from __future__ import annotations

from typing import Any

from local.connect import lookup
from local.connect.model import WITH_AGENT, Contact, ContactState, Instance, QuickConnect, User

# Names of amazon-connect-streams for what the agent sees.
_DESKTOP_STATE = {
    ContactState.OFFERED: "connecting",
    ContactState.ACCEPTED: "connecting",
    ContactState.CONNECTED: "connected",
    ContactState.ACW: "ended",
}


def agent(instance: Instance, user: User) -> dict[str, Any]:
    profile = instance.routing_profiles[user.routing_profile_id]
    queues = [
        {"name": instance.queues[each].name, "queueARN": instance.queues[each].arn}
        for each in dict.fromkeys(entry["queue_id"] for entry in profile.queues)
        if each in instance.queues
    ]
    return {
        "id": user.id,
        "arn": user.arn,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "state": user.state,
        "routing_profile": profile.name,
        "queues": queues,
    }


def snapshot(instance: Instance, user: User) -> dict[str, Any]:
    """All an agent's desktop shows; `version` grows with every change."""
    held = [
        _desktop_contact(instance, each, _DESKTOP_STATE[ContactState(each.state)], each.state_since)
        for each in instance.contacts.values()
        if each.agent_id == user.id and each.state in WITH_AGENT
    ]
    left = [
        _desktop_contact(instance, instance.contacts[identifier], card["state"], card["since"])
        for identifier, card in user.leftovers.items()
        if identifier in instance.contacts
    ]
    return {
        "version": instance.version,
        "agent": agent(instance, user),
        "contacts": held + left,
    }


def _desktop_contact(
    instance: Instance, contact: Contact, state: str, since: float
) -> dict[str, Any]:
    return {
        "contactId": contact.id,
        "initialContactId": contact.initial_contact_id,
        "previousContactId": contact.previous_contact_id,
        "relatedContactId": contact.related_contact_id,
        "type": "task",
        "state": state,
        "stateSince": round(since * 1000),
        "name": contact.name,
        "description": contact.description,
        "attributes": dict(lookup.attributes(instance, contact)),
        "references": {
            name: {"type": each["Type"], "value": each["Value"]}
            for name, each in contact.references.items()
        },
        "queue": _queue(instance, contact, "queueARN"),
        "acceptedAt": _milliseconds(contact.accepted_at),
        "queueTimestamp": _milliseconds(contact.enqueued_at),
        "expiresAt": _milliseconds(contact.expires_at),
    }


def endpoint(quick_connect: QuickConnect) -> dict[str, Any]:
    kinds = {"QUEUE": "queue", "USER": "agent"}
    return {
        "type": kinds[quick_connect.config["QuickConnectType"]],
        "name": quick_connect.name,
        "endpointARN": quick_connect.arn,
        "endpointId": quick_connect.id,
    }


def contact(instance: Instance, of: Contact) -> dict[str, Any]:
    """Everything about a contact, for tests and the console."""
    owner = instance.users.get(of.agent_id or "")
    flow = instance.flows.get(of.flow_id)
    return {
        "id": of.id,
        "initial_contact_id": of.initial_contact_id,
        "previous_contact_id": of.previous_contact_id,
        "related_contact_id": of.related_contact_id,
        "initiation_method": of.initiation_method,
        "state": of.state,
        "name": of.name,
        "description": of.description,
        "attributes": dict(lookup.attributes(instance, of)),
        "references": of.references,
        "tags": of.tags,
        "queue": _queue(instance, of, "arn"),
        "priority": of.priority,
        "agent": owner.username if owner else None,
        "disconnect_reason": of.disconnect_reason,
        "flow": flow.name if flow else None,
        "created_at": of.created_at,
        "enqueued_at": of.enqueued_at,
        "connected_at": of.connected_at,
        "disconnected_at": of.disconnected_at,
        "expires_at": of.expires_at,
    }


def _queue(instance: Instance, of: Contact, arn_name: str) -> dict[str, str] | None:
    if of.queue_arn is None:
        return None
    return {"name": lookup.queue_name(instance, of.queue_arn), arn_name: of.queue_arn}


def _milliseconds(epoch: float | None) -> int | None:
    return None if epoch is None else round(epoch * 1000)
