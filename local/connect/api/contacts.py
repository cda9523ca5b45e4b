"""API operations on contacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.connect import contacts, lookup, routing, tasks
from local.connect.centre import ContactCentre
from local.connect.errors import ServiceError, invalid_request
from local.connect.model import CHANNEL, Contact, ContactState

Params = dict[str, Any]
TRANSFER_FLOWS = ("CONTACT_FLOW", "AGENT_TRANSFER", "QUEUE_TRANSFER")
CONTACT_TAGS = 6
_SUMMARY = {"URL": "Url", "STRING": "String", "NUMBER": "Number", "DATE": "Date", "EMAIL": "Email"}


def start_task_contact(centre: ContactCentre, params: Params) -> Params:
    task = tasks.NewTask(
        name=params["Name"],
        description=params.get("Description", ""),
        contact_flow_id=params.get("ContactFlowId"),
        quick_connect_id=params.get("QuickConnectId"),
        task_template_id=params.get("TaskTemplateId"),
        attributes=params.get("Attributes", {}),
        references=params.get("References", {}),
        previous_contact_id=params.get("PreviousContactId"),
        related_contact_id=params.get("RelatedContactId"),
        scheduled_at=params.get("ScheduledTime"),
        segment_attributes=params.get("SegmentAttributes", {}),
        client_token=params.get("ClientToken"),
    )
    return {"ContactId": tasks.start(centre, task).id}


def get_contact_attributes(centre: ContactCentre, params: Params) -> Params:
    """Any contact of a chain answers: the chain shares one set of attributes."""
    contact = lookup.contact(centre.instance, params["InitialContactId"])
    return {"Attributes": dict(lookup.attributes(centre.instance, contact))}


def update_contact_attributes(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["InitialContactId"])
    tasks.check_attributes(params["Attributes"])
    if not contacts.set_attributes(centre, contact, params["Attributes"]):
        raise invalid_request("Attributes would exceed 32768 bytes.")
    return {}


def describe_contact(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["ContactId"])
    return {"Contact": _described(centre, contact)}


def _described(centre: ContactCentre, contact: Contact) -> Params:
    instance = centre.instance
    members: Params = {
        "Arn": f"{instance.arn}/contact/{contact.id}",
        "Id": contact.id,
        # Only a contact that is not the first of its chain has one.
        "InitialContactId": contact.initial_contact_id if contact.previous_contact_id else None,
        "PreviousContactId": contact.previous_contact_id,
        "RelatedContactId": contact.related_contact_id,
        "InitiationMethod": contact.initiation_method,
        "Name": contact.name,
        "Description": contact.description,
        "Channel": CHANNEL,
        "InitiationTimestamp": contact.created_at,
        "ConnectedToSystemTimestamp": contact.created_at,
        "DisconnectTimestamp": contact.disconnected_at,
        "LastUpdateTimestamp": contact.updated_at,
        "ScheduledTimestamp": contact.scheduled_at,
        "QueuePriority": contact.priority,
        "QueueTimeAdjustmentSeconds": contact.age_adjustment,
        "Tags": contact.tags,
        "SegmentAttributes": contact.segment_attributes,
        "Attributes": dict(lookup.attributes(instance, contact)),
        "DisconnectReason": contact.disconnect_reason,
        "QueueInfo": _queue_info(contact),
        "AgentInfo": _agent_info(contact),
    }
    return {key: value for key, value in members.items() if value is not None}


def _queue_info(contact: Contact) -> Params | None:
    if contact.queue_arn is None or contact.enqueued_at is None:
        return None
    identifier = contact.queue_arn.partition("/queue/")[2].removeprefix("agent/")
    return {"Id": identifier, "EnqueueTimestamp": contact.enqueued_at}


def _agent_info(contact: Contact) -> Params | None:
    if contact.agent_id is None or contact.accepted_at is None:
        return None
    info = {"Id": contact.agent_id, "AcceptedByAgentTimestamp": contact.accepted_at}
    if contact.connected_at is not None:
        info["ConnectedToAgentTimestamp"] = contact.connected_at
    return info


def update_contact(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["ContactId"])
    updatable = ("Name", "Description", "References", "SegmentAttributes")
    given = [name for name in updatable if name in params]
    if not given:
        raise invalid_request("At least one field to be updated is required.")
    tasks.check_references(params.get("References", {}))
    contact.name = params.get("Name", contact.name)
    contact.description = params.get("Description", contact.description)
    contact.references |= params.get("References", {})
    if "SegmentAttributes" in params:
        contact.segment_attributes |= params["SegmentAttributes"]
        contact.expires_at = contact.created_at + contacts.expiry(contact.segment_attributes)
    contacts.tell_updated(centre, contact, *given)
    return {}


def transfer_contact(centre: ContactCentre, params: Params) -> Params:
    token = f"TransferContact:{params.get('ClientToken')}"
    known = centre.instance.client_tokens.get(token)
    successor = centre.instance.contacts[known] if known else _transfer(centre, params)
    if params.get("ClientToken"):
        centre.instance.client_tokens[token] = successor.id
    return {
        "ContactId": successor.id,
        "ContactArn": f"{centre.instance.arn}/contact/{successor.id}",
    }


def _transfer(centre: ContactCentre, params: Params) -> Contact:
    instance = centre.instance
    contact = lookup.contact(instance, params["ContactId"])
    if ("QueueId" in params) == ("UserId" in params):
        raise invalid_request("Exactly one of QueueId and UserId is required.")
    flow = lookup.flow(instance, params["ContactFlowId"])
    if flow.type not in TRANSFER_FLOWS:
        raise invalid_request(f"A flow of type {flow.type} cannot transfer a contact.")
    if contacts.is_over(contact) or contact.state == ContactState.CREATED:
        raise invalid_request(f"Contact {contact.id} is not active.")
    if "QueueId" in params:
        queue = lookup.queue(instance, params["QueueId"])
        successor = contacts.transfer(centre, contact, flow, queue_arn=queue.arn)
    else:
        user = lookup.user(instance, params["UserId"])
        successor = contacts.transfer(centre, contact, flow, agent_id=user.id)
    routing.route(centre)
    return successor


def stop_contact(centre: ContactCentre, params: Params) -> Params:
    """Tasks can be stopped in any state; one that is over counts as not found."""
    contact = centre.instance.contacts.get(params["ContactId"])
    if contact is None or contacts.is_over(contact):
        raise ServiceError("ContactNotFoundException", f"No active contact {params['ContactId']}.")
    contacts.end(centre, contact, contacts.STOPPED)
    routing.route(centre)
    return {}


def list_contact_references(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["ContactId"])
    return {
        "ReferenceSummaryList": [
            {_SUMMARY[each["Type"]]: {"Name": name, "Value": each["Value"]}}
            for name, each in contact.references.items()
            if each["Type"] in params["ReferenceTypes"]
        ]
    }


def tag_contact(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["ContactId"])
    if any(key.startswith("aws:") for key in params["Tags"]):
        raise invalid_request("Tag keys must not start with aws:")
    if len(contact.tags | params["Tags"]) > CONTACT_TAGS:
        raise invalid_request(f"A contact has {CONTACT_TAGS} tags at most.")
    contact.tags |= params["Tags"]
    contacts.tell_updated(centre, contact, "Tags")
    return {}


def untag_contact(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["ContactId"])
    for key in params["TagKeys"]:
        contact.tags.pop(key, None)
    contacts.tell_updated(centre, contact, "Tags")
    return {}


def update_contact_routing_data(centre: ContactCentre, params: Params) -> Params:
    contact = lookup.contact(centre.instance, params["ContactId"])
    if ("QueuePriority" in params) == ("QueueTimeAdjustmentSeconds" in params):
        raise ServiceError(
            "InvalidParameterException",
            "Exactly one of QueuePriority and QueueTimeAdjustmentSeconds is required.",
        )
    contact.priority = params.get("QueuePriority", contact.priority)
    contact.age_adjustment = params.get("QueueTimeAdjustmentSeconds", contact.age_adjustment)
    routing.route(centre)
    return {}


OPERATIONS: dict[str, Callable[[ContactCentre, Params], Params | None]] = {
    "DescribeContact": describe_contact,
    "GetContactAttributes": get_contact_attributes,
    "ListContactReferences": list_contact_references,
    "StartTaskContact": start_task_contact,
    "StopContact": stop_contact,
    "TagContact": tag_contact,
    "TransferContact": transfer_contact,
    "UntagContact": untag_contact,
    "UpdateContact": update_contact,
    "UpdateContactAttributes": update_contact_attributes,
    "UpdateContactRoutingData": update_contact_routing_data,
}
