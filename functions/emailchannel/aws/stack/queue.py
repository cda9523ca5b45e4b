"""The email queue, offered: its quick connect to its agents, itself to a routing profile.

CloudFormation cannot: a queue and its own quick connect refer to each other, and a routing profile
that the account has already is not the stack's to change.
"""

from typing import Any

import boto3
from botocore.exceptions import ClientError

from ..errors import code
from .request import Request


def apply(request: Request) -> dict[str, str]:
    """Associate, re-associate after a change, or take back."""
    make: Any = boto3.client
    client = make("connect")
    if request.kind == "Delete":
        _withdraw(client, request.instance_id, request.properties)
        return {}
    if request.kind == "Update":
        gone = {
            name: value
            for name, value in request.old.items()
            if name in {"RoutingProfileId", "QueueArn", "QuickConnectArn"}
        }
        if gone != {name: request.properties.get(name) for name in gone}:
            _withdraw(client, request.instance_id, gone)
    queue_id = _id(request["QueueArn"])
    client.associate_queue_quick_connects(
        InstanceId=request.instance_id,
        QueueId=queue_id,
        QuickConnectIds=[_id(request["QuickConnectArn"])],
    )
    profile = request.properties.get("RoutingProfileId")
    if profile and queue_id not in _offered(client, request.instance_id, profile):
        client.associate_routing_profile_queues(
            InstanceId=request.instance_id,
            RoutingProfileId=profile,
            QueueConfigs=[
                {
                    "QueueReference": {"QueueId": queue_id, "Channel": "TASK"},
                    "Priority": 1,
                    "Delay": 0,
                }
            ],
        )
    return {}


def _id(arn: str) -> str:
    return str(arn).rpartition("/")[2]


def _offered(client: Any, instance_id: str, profile: str) -> set[str]:
    pages = client.get_paginator("list_routing_profile_queues").paginate(
        InstanceId=instance_id, RoutingProfileId=profile
    )
    return {
        entry["QueueId"]
        for page in pages
        for entry in page["RoutingProfileQueueConfigSummaryList"]
        if entry["Channel"] == "TASK"
    }


def _withdraw(client: Any, instance_id: str, properties: Any) -> None:
    queue_id = _id(properties["QueueArn"])
    profile = properties.get("RoutingProfileId")
    try:
        if profile and queue_id in _offered(client, instance_id, profile):
            client.disassociate_routing_profile_queues(
                InstanceId=instance_id,
                RoutingProfileId=profile,
                QueueReferences=[{"QueueId": queue_id, "Channel": "TASK"}],
            )
        client.disassociate_queue_quick_connects(
            InstanceId=instance_id,
            QueueId=queue_id,
            QuickConnectIds=[_id(properties["QuickConnectArn"])],
        )
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
