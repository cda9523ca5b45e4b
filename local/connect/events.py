"""Contact events as Amazon Connect puts them on the default event bus.

Fields follow the admin guide's page "Amazon Connect contact events". Its samples show voice
calls only; that a task's events carry the same members, in the same spelling, is assumed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.connect import lookup
from local.connect.centre import ContactCentre
from local.connect.model import CHANNEL, Contact, Instance

INITIATED = "INITIATED"
QUEUED = "QUEUED"
CONNECTED_TO_AGENT = "CONNECTED_TO_AGENT"
CONTACT_DATA_UPDATED = "CONTACT_DATA_UPDATED"
DISCONNECTED = "DISCONNECTED"
COMPLETED = "COMPLETED"


def timestamp(epoch: float) -> str:
    """ISO 8601 with milliseconds and Z, as in the published samples."""
    moment = datetime.fromtimestamp(epoch, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def announce(
    centre: ContactCentre, kind: str, contact: Contact, updated: list[str] | None = None
) -> None:
    """Publish one contact event of `kind`."""
    detail = _detail(centre.instance, kind, contact)
    if updated:
        # The page names ContactLens and Segment attributes here; the paths used for user
        # attributes, tags and references are assumed.
        detail["updatedProperties"] = updated
    centre.emit(detail)


def _detail(instance: Instance, kind: str, contact: Contact) -> dict[str, Any]:
    times = {
        "initiationTimestamp": contact.created_at,
        "connectedToSystemTimestamp": contact.created_at,
        "scheduledTimestamp": contact.scheduled_at,
        "disconnectTimestamp": contact.disconnected_at,
    }
    detail: dict[str, Any] = {
        "eventType": kind,
        "eventVersion": "1.0",
        "contactId": contact.id,
        # Whether the first contact of a chain carries its own id here is not documented.
        "initialContactId": contact.initial_contact_id if contact.previous_contact_id else None,
        "previousContactId": contact.previous_contact_id,
        "relatedContactId": contact.related_contact_id,
        "channel": CHANNEL,
        "instanceArn": instance.arn,
        "initiationMethod": contact.initiation_method,
        "disconnectReason": contact.disconnect_reason,
        "tags": dict(contact.tags) or None,
        "queueInfo": _queue_info(contact),
        "agentInfo": _agent_info(instance, contact),
    }
    detail |= {name: timestamp(at) for name, at in times.items() if at is not None}
    return {name: value for name, value in detail.items() if value is not None}


def _queue_info(contact: Contact) -> dict[str, str] | None:
    if contact.queue_arn is None or contact.enqueued_at is None:
        return None
    personal = lookup.agent_of_queue(contact.queue_arn)
    return {
        "queueArn": contact.queue_arn,
        "queueType": "AGENT" if personal else "STANDARD",
        "enqueueTimestamp": timestamp(contact.enqueued_at),
    }


def _agent_info(instance: Instance, contact: Contact) -> dict[str, Any] | None:
    if contact.agent_id is None or contact.connected_at is None:
        return None
    info: dict[str, Any] = {
        "agentArn": f"{instance.arn}/agent/{contact.agent_id}",
        "connectedToAgentTimestamp": timestamp(contact.connected_at),
    }
    if contact.cleared_at is not None and contact.disconnected_at is not None:
        info["afterContactWorkStartTimestamp"] = timestamp(contact.disconnected_at)
        info["afterContactWorkEndTimestamp"] = timestamp(contact.cleared_at)
        info["afterContactWorkDuration"] = round(contact.cleared_at - contact.disconnected_at)
    return info
