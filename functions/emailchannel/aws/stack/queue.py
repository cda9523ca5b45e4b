"""The email queue, offered: its quick connect to its agents, itself to a routing profile.

CloudFormation cannot: a queue and its own quick connect refer to each other, and a routing profile
that the account has already is not the stack's to change. Each offer is a pair, named by the
physical id: another pair is another offer, and CloudFormation takes back the one before.
"""

from typing import Any, Final

from botocore.exceptions import ClientError

from ..errors import code
from .client import patient
from .request import PHYSICAL_ID, Request
from .words import Refused

_GONE: Final = "ResourceNotFoundException"
_FOUND: Final = ":found"  # ends the id of an offer that somebody had made before us


def offer(request: Request) -> dict[str, str]:
    """Offer the queue to the routing profile RoutingProfileId, if there is one.

    A queue of the administrator's that the profile had before stays there when we go. `Own` says
    "true" of the stack's own queue. Raises Refused.
    """
    client, (profile, queue_id) = patient("connect"), _pair(request.properties)
    if request.kind == "Delete":
        if profile and not request.physical_id.endswith(_FOUND) and not request.undoing:
            _withdraw(client, request.instance_id, profile, queue_id)
        return {}
    if not profile:
        return {PHYSICAL_ID: "no routing profile"}
    known = queue_id in _offered(client, request.instance_id, profile)
    if not known:
        _offer(client, request.instance_id, profile, queue_id)
    if request.kind == "Update" and _pair(request.old) == (profile, queue_id):
        return {}
    found = _FOUND if known and request["Own"] != "true" else ""
    return {PHYSICAL_ID: f"{profile}:{queue_id}{found}"}


def offer_quick_connect(request: Request) -> dict[str, str]:
    """Show the quick connect to those who work the queue; it is always the stack's own."""
    queue_id, connect_id = (_id(request[name]) for name in ("QueueArn", "QuickConnectArn"))
    named = {"QueueId": queue_id, "QuickConnectIds": [connect_id]}
    client = patient("connect")
    if request.kind != "Delete":
        client.associate_queue_quick_connects(InstanceId=request.instance_id, **named)
        return {PHYSICAL_ID: f"{queue_id}:{connect_id}"}
    try:
        client.disassociate_queue_quick_connects(InstanceId=request.instance_id, **named)
    except ClientError as error:
        if code(error) != _GONE:
            raise
    return {}


def _pair(properties: Any) -> tuple[str, str]:
    return properties.get("RoutingProfileId") or "", _id(properties["QueueArn"])


def _id(arn: Any) -> str:
    return str(arn).rpartition("/")[2]


def _offered(client: Any, instance_id: str, profile: str) -> set[str]:
    pages = client.get_paginator("list_routing_profile_queues").paginate(
        InstanceId=instance_id, RoutingProfileId=profile
    )
    try:
        return {
            entry["QueueId"]
            for page in pages
            for entry in page["RoutingProfileQueueConfigSummaryList"]
            if entry["Channel"] == "TASK"
        }
    except ClientError as error:
        if code(error) != _GONE:
            raise
        raise Refused(
            f"There is no routing profile {profile} in the Amazon Connect instance. Take"
            " RoutingProfileId from the end of the profile's ARN, or leave it empty."
        ) from error


def _offer(client: Any, instance_id: str, profile: str, queue_id: str) -> None:
    reference = {"QueueId": queue_id, "Channel": "TASK"}
    client.associate_routing_profile_queues(
        InstanceId=instance_id,
        RoutingProfileId=profile,
        QueueConfigs=[{"QueueReference": reference, "Priority": 1, "Delay": 0}],
    )


def _withdraw(client: Any, instance_id: str, profile: str, queue_id: str) -> None:
    reference = {"QueueId": queue_id, "Channel": "TASK"}
    try:
        if queue_id in _offered(client, instance_id, profile):
            client.disassociate_routing_profile_queues(
                InstanceId=instance_id, RoutingProfileId=profile, QueueReferences=[reference]
            )
    except Refused:  # the profile is gone, and the offer with it
        return
    except ClientError as error:
        if code(error) != _GONE:
            raise
