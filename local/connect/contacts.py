"""The life of a task: created, in a flow, queued, handed over, expired, ended.

All functions expect the centre's lock to be held.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from local.connect import events, lookup
from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError
from local.connect.model import (
    OVER,
    Contact,
    ContactState,
    Execution,
    Flow,
    Purpose,
)

EXPIRY_SECONDS = 7 * 86_400.0
ATTRIBUTE_BYTES = 32_768  # keys and values of a contact's user attributes, in UTF-8
CHAIN_LIMIT = 12  # contacts linked by PreviousContactId, the first included

# Reasons that the admin guide lists for tasks; TRANSFERRED is listed for email contacts and
# seen for tasks that were handed over.
AGENT_DISCONNECT = "AGENT_DISCONNECT"
CONTACT_FLOW_DISCONNECT = "CONTACT_FLOW_DISCONNECT"
EXPIRED = "EXPIRED"
STOPPED = "API"
TRANSFERRED = "TRANSFERRED"
OTHER = "OTHER"

_REASONS_FOR_DISCONNECT_FLOW = (EXPIRED, CONTACT_FLOW_DISCONNECT)


def is_over(contact: Contact) -> bool:
    """Whether the contact is disconnected."""
    return contact.state in OVER


def expiry(segment_attributes: dict[str, Any]) -> float:
    """Life of a task in seconds, from connect:ContactExpiry (minutes) or seven days."""
    wanted = segment_attributes.get("connect:ContactExpiry", {}).get("ValueMap", {})
    minutes = wanted.get("ExpiryDuration", {}).get("ValueInteger")
    return EXPIRY_SECONDS if minutes is None else minutes * 60.0


def begin(
    centre: ContactCentre, contact: Contact, purpose: Purpose, agent_id: str | None = None
) -> None:
    """Announce a new contact and start its flow."""
    centre.instance.contacts[contact.id] = contact
    centre.set_state(contact, ContactState.IN_FLOW)
    events.announce(centre, events.INITIATED, contact)
    if not run_flow(centre, contact, purpose, contact.flow_id, agent_id):
        end(centre, contact, OTHER)


def run_flow(
    centre: ContactCentre,
    contact: Contact,
    purpose: Purpose,
    flow_id: str,
    agent_id: str | None = None,
) -> bool:
    """Start a flow for a contact; False if there is no such flow, or none that is published."""
    flow = centre.instance.flows.get(flow_id)
    if flow is None or not flow.is_live:
        centre.log(f"contact {contact.id}: flow {flow_id} does not exist or is not published")
        return False
    start = json.loads(flow.content)["StartAction"]
    centre.launch(
        Execution(
            new_id(),
            contact.id,
            purpose,
            flow.id,
            flow.content,
            start,
            centre.now(),
            agent_id,
        )
    )
    return True


def stop_flows(centre: ContactCentre, contact: Contact, *purposes: Purpose) -> None:
    """Forget flows of a contact: those of the named purposes, or all."""
    doomed = [
        each.id
        for each in centre.instance.executions.values()
        if each.contact_id == contact.id and (not purposes or each.purpose in purposes)
    ]
    for identifier in doomed:
        del centre.instance.executions[identifier]


def enqueue(centre: ContactCentre, contact: Contact) -> None:
    """Put a contact in its working queue and start its customer queue flow."""
    contact.enqueued_at = centre.now()
    centre.set_state(contact, ContactState.QUEUED)
    events.announce(centre, events.QUEUED, contact)
    hook = contact.hooks.get("CustomerQueue")
    if hook is not None:
        run_flow(centre, contact, Purpose.QUEUE, hook)


def in_queue(centre: ContactCentre, queue_arn: str) -> list[Contact]:
    """Contacts waiting in a queue, also while one rings at an agent."""
    waiting = (ContactState.QUEUED, ContactState.OFFERED, ContactState.ACCEPTED)
    return [
        each
        for each in centre.instance.contacts.values()
        if each.queue_arn == queue_arn and each.state in waiting
    ]


def end(centre: ContactCentre, contact: Contact, reason: str) -> None:
    """Disconnect a contact; a connected agent is left with after contact work."""
    connected = contact.state == ContactState.CONNECTED
    if not connected:
        contact.agent_id = None
    stop_flows(centre, contact)
    contact.disconnected_at = centre.now()
    contact.disconnect_reason = reason
    centre.set_state(contact, ContactState.ACW if connected else ContactState.ENDED)
    events.announce(centre, events.DISCONNECTED, contact)
    if not connected:
        events.announce(centre, events.COMPLETED, contact)
    if reason in _REASONS_FOR_DISCONNECT_FLOW and "CustomerRemaining" in contact.hooks:
        _run_disconnect_flow(centre, contact, contact.hooks["CustomerRemaining"])


def clear(centre: ContactCentre, contact: Contact) -> None:
    """The agent leaves after contact work."""
    contact.cleared_at = centre.now()
    centre.set_state(contact, ContactState.ENDED)
    events.announce(centre, events.COMPLETED, contact)


def chain_length(centre: ContactCentre, contact: Contact) -> int:
    """Number of contacts linked with this one, itself included."""
    return sum(
        each.initial_contact_id == contact.initial_contact_id
        for each in centre.instance.contacts.values()
    )


def transfer(
    centre: ContactCentre,
    contact: Contact,
    flow: Flow,
    queue_arn: str | None = None,
    agent_id: str | None = None,
) -> Contact:
    """Hand a contact over: a new, linked contact runs the transfer flow; the old one ends."""
    if chain_length(centre, contact) >= CHAIN_LIMIT:
        raise ServiceError(
            "ServiceQuotaExceededException", "A contact can be transferred 11 times at most."
        )
    successor = _successor(centre, contact, "TRANSFER", flow.id)
    successor.target_agent_id = agent_id
    successor.queue_arn = queue_arn
    end(centre, contact, TRANSFERRED)
    begin(centre, successor, Purpose.TRANSFER, agent_id)
    return successor


def _successor(
    centre: ContactCentre, contact: Contact, initiation_method: str, flow_id: str
) -> Contact:
    return Contact(
        id=new_id(),
        initial_contact_id=contact.initial_contact_id,
        initiation_method=initiation_method,
        name=contact.name,
        description=contact.description,
        created_at=centre.now(),
        expires_at=contact.expires_at,
        references=json.loads(json.dumps(contact.references)),
        previous_contact_id=contact.id,
        related_contact_id=contact.related_contact_id,
        segment_attributes=json.loads(json.dumps(contact.segment_attributes)),
        tags=dict(contact.tags),
        priority=contact.priority,
        flow_id=flow_id,
        logging=contact.logging,
        language_code=contact.language_code,
        customer_id=contact.customer_id,
    )


def _run_disconnect_flow(centre: ContactCentre, contact: Contact, flow_id: str) -> None:
    """The disconnect flow works on a new contact (initiation method DISCONNECT)."""
    if flow_id not in centre.instance.flows or chain_length(centre, contact) >= CHAIN_LIMIT:
        centre.log(f"contact {contact.id}: its disconnect flow cannot run")
        return
    successor = _successor(centre, contact, "DISCONNECT", flow_id)
    successor = replace(successor, expires_at=centre.now() + expiry(contact.segment_attributes))
    begin(centre, successor, Purpose.DISCONNECT)


def tell_updated(centre: ContactCentre, contact: Contact, *what: str) -> None:
    """A contact's data changed: agents refresh, the event bus hears of it."""
    contact.updated_at = centre.now()
    centre.touch()
    events.announce(centre, events.CONTACT_DATA_UPDATED, contact, list(what))


def set_attributes(centre: ContactCentre, contact: Contact, new: dict[str, str]) -> bool:
    """Add user attributes, all or none; False where 32,768 bytes would be exceeded."""
    current = lookup.attributes(centre.instance, contact)
    if attributes_size(current | new) > ATTRIBUTE_BYTES:
        return False
    current.update(new)
    tell_updated(centre, contact, "Attributes")
    return True


def attributes_size(attributes: dict[str, str]) -> int:
    """UTF-8 bytes of all keys and values."""
    return sum(len(key.encode()) + len(value.encode()) for key, value in attributes.items())
