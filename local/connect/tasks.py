"""StartTaskContact: what a new task may look like, and its start. The lock is held."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from local.connect import contacts, events, lookup
from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError, invalid_parameter, invalid_request
from local.connect.model import Contact, ContactState, Flow, Purpose

REFERENCE_TYPES = ("URL", "NUMBER", "STRING", "DATE", "EMAIL")  # at creation
SCHEDULE_AHEAD = 6 * 86_400.0
EXPIRY_MINUTES = 90 * 1440  # the maximum a third-party digest of the admin guide states
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SEGMENT_KEYS = ("connect:ContactExpiry", "connect:CreatedByUser")


@dataclass(frozen=True)
class NewTask:
    """Members of StartTaskContact in Python names; times are epoch seconds."""

    name: str
    description: str = ""
    contact_flow_id: str | None = None
    quick_connect_id: str | None = None
    task_template_id: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    references: dict[str, dict[str, str]] = field(default_factory=dict)
    previous_contact_id: str | None = None
    related_contact_id: str | None = None
    scheduled_at: float | None = None
    segment_attributes: dict[str, Any] = field(default_factory=dict)
    client_token: str | None = None
    initiation_method: str = "API"


@dataclass(frozen=True)
class _Way:
    """Which flow a task starts in, and whom a quick connect means."""

    flow: Flow
    purpose: Purpose
    queue_arn: str | None = None
    agent_id: str | None = None


def start(centre: ContactCentre, task: NewTask) -> Contact:
    """Create a task and start its flow, or schedule it. The same ClientToken: the same task."""
    replayed = _replay(centre, task)
    if replayed is not None:
        return replayed
    way = _way(centre, task)
    check_attributes(task.attributes)
    check_references(task.references)
    _check_segment_attributes(centre, task.segment_attributes)
    _check_schedule(centre, task.scheduled_at)
    _check_quota(centre)
    contact = _new_contact(centre, task, way)
    centre.instance.contacts[contact.id] = contact
    if task.client_token:
        centre.instance.client_tokens[f"StartTaskContact:{task.client_token}"] = contact.id
    if task.scheduled_at is not None:
        centre.set_state(contact, ContactState.CREATED)
        events.announce(centre, events.INITIATED, contact)
    else:
        contacts.begin(centre, contact, way.purpose, way.agent_id)
    return contact


def start_scheduled(centre: ContactCentre, contact: Contact) -> None:
    """The scheduled time has come."""
    centre.set_state(contact, ContactState.IN_FLOW)
    purpose = Purpose.TRANSFER if contact.target_agent_id else Purpose.INBOUND
    if not contacts.run_flow(centre, contact, purpose, contact.flow_id, contact.target_agent_id):
        contacts.end(centre, contact, contacts.OTHER)


def check_attributes(attributes: dict[str, str]) -> None:
    """Keys are alphanumeric, dash, underscore; all together 32,768 bytes at most."""
    for key in attributes:
        if not _KEY.fullmatch(key):
            raise invalid_request(
                f"Attribute key {key!r} may contain only alphanumeric, dash and underscore."
            )
    size = contacts.attributes_size(attributes)
    if size > contacts.ATTRIBUTE_BYTES:
        raise invalid_request(f"Attributes have {size} bytes, the limit is 32768.")


def check_references(references: dict[str, dict[str, str]]) -> None:
    """Allowed types, and no empty entry: that one freezes the agent's control panel."""
    for name, reference in references.items():
        if not name.strip() or not reference.get("Value"):
            raise invalid_request(f"Reference {name!r} has no name or no value.")
        if reference["Type"] not in REFERENCE_TYPES:
            raise invalid_request(
                f"Reference {name!r}: type {reference['Type']} is not one of "
                f"{', '.join(REFERENCE_TYPES)}."
            )
        if reference["Type"] in ("NUMBER", "DATE") and not _is_number(reference["Value"]):
            raise invalid_request(f"Reference {name!r} is not a number.")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _replay(centre: ContactCentre, task: NewTask) -> Contact | None:
    if not task.client_token:
        return None
    known = centre.instance.client_tokens.get(f"StartTaskContact:{task.client_token}")
    return centre.instance.contacts.get(known) if known else None


def _way(centre: ContactCentre, task: NewTask) -> _Way:
    given = [task.contact_flow_id, task.quick_connect_id, task.task_template_id]
    if sum(each is not None for each in given) != 1:
        raise invalid_request(
            "Exactly one of ContactFlowId, QuickConnectId and TaskTemplateId is required."
        )
    if task.previous_contact_id and task.related_contact_id:
        raise invalid_request("PreviousContactId and RelatedContactId exclude each other.")
    if task.contact_flow_id is not None:
        flow = lookup.flow(centre.instance, task.contact_flow_id)
        if flow.type != "CONTACT_FLOW":
            raise invalid_request(f"A task cannot start in a flow of type {flow.type}.")
        _check_published(flow)
        return _Way(flow, Purpose.INBOUND)
    if task.quick_connect_id is not None:
        return _way_of_quick_connect(centre, task.quick_connect_id)
    raise invalid_parameter(f"Task template not found: {task.task_template_id}")


def _check_published(flow: Flow) -> None:
    if not flow.is_live:
        raise invalid_request(f"Flow {flow.name} is not published and active.")


def _way_of_quick_connect(centre: ContactCentre, reference: str) -> _Way:
    instance = centre.instance
    config = lookup.quick_connect(instance, reference).config
    kind = config["QuickConnectType"]
    if kind == "QUEUE":
        queue = lookup.queue(instance, config["QueueConfig"]["QueueId"])
        flow = lookup.flow(instance, config["QueueConfig"]["ContactFlowId"])
        return _Way(flow, Purpose.TRANSFER, queue_arn=queue.arn)
    if kind == "USER":
        user = lookup.user(instance, config["UserConfig"]["UserId"])
        flow = lookup.flow(instance, config["UserConfig"]["ContactFlowId"])
        return _Way(flow, Purpose.TRANSFER, agent_id=user.id)
    raise invalid_request(f"A task cannot start from a quick connect of type {kind}.")


def _check_segment_attributes(centre: ContactCentre, given: dict[str, Any]) -> None:
    unknown = [key for key in given if key not in _SEGMENT_KEYS]
    if unknown:
        raise invalid_request(f"Segment attribute {unknown[0]} cannot be set.")
    if "connect:ContactExpiry" in given:
        values = given["connect:ContactExpiry"].get("ValueMap", {})
        minutes = values.get("ExpiryDuration", {}).get("ValueInteger")
        if not isinstance(minutes, int) or not 1 <= minutes <= EXPIRY_MINUTES:
            raise invalid_request(f"ExpiryDuration must be 1 to {EXPIRY_MINUTES} minutes.")
    creator = given.get("connect:CreatedByUser", {}).get("ValueString")
    if creator is not None and lookup.by_id_or_arn(centre.instance.users, creator) is None:
        raise invalid_request(f"connect:CreatedByUser names no user: {creator}")


def _check_schedule(centre: ContactCentre, scheduled_at: float | None) -> None:
    if scheduled_at is None:
        return
    # Whole seconds travel in the API, so "now" may look up to a second old.
    if not centre.now() - 1 <= scheduled_at <= centre.now() + SCHEDULE_AHEAD:
        raise invalid_request("ScheduledTime must lie within the next 6 days.")


def _check_quota(centre: ContactCentre) -> None:
    limit = centre.instance.limits.active_tasks
    if len(centre.instance.contacts) < limit:
        return
    active = sum(each.state != ContactState.ENDED for each in centre.instance.contacts.values())
    if active >= limit:
        raise ServiceError(
            "ServiceQuotaExceededException", f"{limit} concurrent active tasks are open."
        )


def _new_contact(centre: ContactCentre, task: NewTask, way: _Way) -> Contact:
    instance, identifier = centre.instance, new_id()
    initial, inherited = identifier, {}
    if task.previous_contact_id is not None:
        previous = lookup.contact(instance, task.previous_contact_id)
        if contacts.chain_length(centre, previous) >= contacts.CHAIN_LIMIT:
            raise ServiceError(
                "ServiceQuotaExceededException", "12 tasks are linked to this contact already."
            )
        initial = previous.initial_contact_id
        inherited = lookup.attributes(instance, previous)
    if task.related_contact_id is not None:
        related = lookup.contact(instance, task.related_contact_id)
        inherited = lookup.attributes(instance, related)
    merged = inherited | task.attributes
    check_attributes(merged)
    instance.attributes[initial] = merged
    return Contact(
        id=identifier,
        initial_contact_id=initial,
        initiation_method=task.initiation_method,
        name=task.name,
        description=task.description,
        created_at=centre.now(),
        expires_at=(task.scheduled_at or centre.now()) + contacts.expiry(task.segment_attributes),
        references=dict(task.references),
        previous_contact_id=task.previous_contact_id,
        related_contact_id=task.related_contact_id,
        scheduled_at=task.scheduled_at,
        segment_attributes=task.segment_attributes,
        flow_id=way.flow.id,
        queue_arn=way.queue_arn,
        target_agent_id=way.agent_id,
    )
