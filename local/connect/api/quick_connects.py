"""API operations on quick connects and their queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.connect import lookup
from local.connect.api.paging import page
from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError, invalid_request
from local.connect.model import Instance, QuickConnect

Params = dict[str, Any]
QUICK_CONNECTS = 100
_CONFIG = {
    "QUEUE": "QueueConfig",
    "USER": "UserConfig",
    "PHONE_NUMBER": "PhoneConfig",
    "FLOW": "FlowConfig",
}


def create_quick_connect(centre: ContactCentre, params: Params) -> Params:
    made = add_quick_connect(
        centre,
        params["Name"],
        params["QuickConnectConfig"],
        params.get("Description", ""),
        params.get("Tags", {}),
    )
    return {"QuickConnectARN": made.arn, "QuickConnectId": made.id}


def add_quick_connect(
    centre: ContactCentre, name: str, config: Params, description: str, tags: dict[str, str]
) -> QuickConnect:
    """Create a quick connect whose flow, queue or user exists."""
    instance = centre.instance
    if any(each.name == name for each in instance.quick_connects.values()):
        raise ServiceError("DuplicateResourceException", f"Quick connect {name} exists already.")
    if len(instance.quick_connects) >= QUICK_CONNECTS:
        raise ServiceError("LimitExceededException", f"{QUICK_CONNECTS} quick connects exist.")
    check_config(instance, config)
    identifier = new_id()
    arn = f"{instance.arn}/transfer-destination/{identifier}"
    made = QuickConnect(identifier, arn, name, config, description, tags)
    instance.quick_connects[identifier] = made
    return made


def check_config(instance: Instance, config: Params) -> None:
    """The part that the type needs is there, and what it names exists and fits."""
    kind = config["QuickConnectType"]
    part = config.get(_CONFIG[kind])
    if part is None:
        raise invalid_request(f"{_CONFIG[kind]} is required for type {kind}.")
    if kind in ("QUEUE", "USER"):
        flow = lookup.flow(instance, part["ContactFlowId"])
        wanted = "QUEUE_TRANSFER" if kind == "QUEUE" else "AGENT_TRANSFER"
        if flow.type != wanted:
            raise invalid_request(f"A {kind} quick connect needs a flow of type {wanted}.")
    if kind == "QUEUE":
        lookup.queue(instance, part["QueueId"])
    if kind == "USER":
        lookup.user(instance, part["UserId"])


def describe_quick_connect(centre: ContactCentre, params: Params) -> Params:
    found = lookup.quick_connect(centre.instance, params["QuickConnectId"])
    return {
        "QuickConnect": {
            "QuickConnectARN": found.arn,
            "QuickConnectId": found.id,
            "Name": found.name,
            "Description": found.description,
            "QuickConnectConfig": found.config,
            "Tags": found.tags,
        }
    }


def delete_quick_connect(centre: ContactCentre, params: Params) -> None:
    remove_quick_connect(centre, params["QuickConnectId"])


def remove_quick_connect(centre: ContactCentre, reference: str) -> None:
    """Delete a quick connect and take it off its queues."""
    found = lookup.quick_connect(centre.instance, reference)
    for queue in centre.instance.queues.values():
        queue.quick_connect_ids = [each for each in queue.quick_connect_ids if each != found.id]
    del centre.instance.quick_connects[found.id]


def list_quick_connects(centre: ContactCentre, params: Params) -> Params:
    wanted = params.get("QuickConnectTypes")
    found = [
        _summary(each)
        for each in centre.instance.quick_connects.values()
        if not wanted or each.config["QuickConnectType"] in wanted
    ]
    return page("QuickConnectSummaryList", found, params)


def associate_queue_quick_connects(centre: ContactCentre, params: Params) -> None:
    queue = lookup.queue(centre.instance, params["QueueId"])
    new = [lookup.quick_connect(centre.instance, each).id for each in params["QuickConnectIds"]]
    queue.quick_connect_ids = list(dict.fromkeys(queue.quick_connect_ids + new))


def disassociate_queue_quick_connects(centre: ContactCentre, params: Params) -> None:
    queue = lookup.queue(centre.instance, params["QueueId"])
    gone = {each.rsplit("/", 1)[-1] for each in params["QuickConnectIds"]}
    queue.quick_connect_ids = [each for each in queue.quick_connect_ids if each not in gone]


def list_queue_quick_connects(centre: ContactCentre, params: Params) -> Params:
    queue = lookup.queue(centre.instance, params["QueueId"])
    found = [_summary(centre.instance.quick_connects[each]) for each in queue.quick_connect_ids]
    return page("QuickConnectSummaryList", found, params)


def _summary(quick_connect: QuickConnect) -> Params:
    return {
        "Id": quick_connect.id,
        "Arn": quick_connect.arn,
        "Name": quick_connect.name,
        "QuickConnectType": quick_connect.config["QuickConnectType"],
    }


OPERATIONS: dict[str, Callable[[ContactCentre, Params], Params | None]] = {
    "AssociateQueueQuickConnects": associate_queue_quick_connects,
    "CreateQuickConnect": create_quick_connect,
    "DeleteQuickConnect": delete_quick_connect,
    "DescribeQuickConnect": describe_quick_connect,
    "DisassociateQueueQuickConnects": disassociate_queue_quick_connects,
    "ListQueueQuickConnects": list_queue_quick_connects,
    "ListQuickConnects": list_quick_connects,
}
