"""The contact flows: contact_flows/*.json with their tokens filled in.

A flow is written only when it differs from what Connect has, so that a deployment that changes
nothing changes nothing. The first three are referred to by the others and come first.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from ..errors import code
from .request import Request

FOLDER = Path(__file__).parents[3] / "contact_flows"
# file -> (Connect's flow type, name of the attribute with its ARN)
FLOWS = {
    "email-CustomerQueue": ("CUSTOMER_QUEUE", "CustomerQueueArn"),
    "email-AgentWhisper": ("AGENT_WHISPER", "AgentWhisperArn"),
    "email-Inbound": ("CONTACT_FLOW", "InboundArn"),
    "email-QueueTransfer": ("QUEUE_TRANSFER", "QueueTransferArn"),
    "email-AgentTransfer": ("AGENT_TRANSFER", "AgentTransferArn"),
}


class FlowRefused(Exception):
    """Connect found something wrong with a flow; its own words are in the message."""


def apply(request: Request) -> dict[str, str]:
    """Create, update or delete all five flows; returns their ARNs by attribute name."""
    make: Any = boto3.client
    client = make("connect")
    existing = _existing(client, request.instance_id)
    prefix = str(request["NamePrefix"])
    if request.kind == "Delete":
        for name in reversed(FLOWS):
            _delete(client, request.instance_id, existing.get(flow_name(prefix, name)))
        return {}
    tokens = {
        "ContactFlowFunctionArn": str(request["ContactFlowFunctionArn"]),
        "DefaultQueueArn": str(request["DefaultQueueArn"]),
    }
    arns: dict[str, str] = {}
    for name, (kind, attribute) in FLOWS.items():
        content = fill((FOLDER / f"{name}.json").read_text(), tokens)
        known = existing.get(flow_name(prefix, name))
        arns[attribute] = _put(
            client, request.instance_id, flow_name(prefix, name), kind, content, known
        )
        tokens[attribute.replace("Arn", "FlowArn")] = arns[attribute]
    return arns


def flow_name(prefix: str, name: str) -> str:
    """Flow names are unique in an instance: the stack's name keeps two channels apart."""
    return f"{prefix} {name}"


def fill(content: str, tokens: Mapping[str, str]) -> str:
    """Put values in the place of ${Token}; an unknown token is an error of ours."""
    return re.sub(r"\$\{(\w+)\}", lambda found: tokens[found[1]], content)


def _existing(client: Any, instance_id: str) -> dict[str, Mapping[str, str]]:
    pages = client.get_paginator("list_contact_flows").paginate(InstanceId=instance_id)
    return {flow["Name"]: flow for page in pages for flow in page["ContactFlowSummaryList"]}


def _put(
    client: Any,
    instance_id: str,
    name: str,
    kind: str,
    content: str,
    known: Mapping[str, str] | None,
) -> str:
    try:
        if known is None:
            created = client.create_contact_flow(
                InstanceId=instance_id, Name=name, Type=kind, Content=content
            )
            return str(created["ContactFlowArn"])
        present = client.describe_contact_flow(InstanceId=instance_id, ContactFlowId=known["Id"])
        if not _same(present["ContactFlow"].get("Content", ""), content):
            client.update_contact_flow_content(
                InstanceId=instance_id, ContactFlowId=known["Id"], Content=content
            )
    except ClientError as error:
        if code(error) != "InvalidContactFlowException":
            raise
        response: dict[str, Any] = dict(error.response)
        problems = response.get("problems") or []
        words = "; ".join(str(problem.get("message", "")) for problem in problems)
        raise FlowRefused(f"Amazon Connect refused the flow {name}: {words or error}") from error
    return str(known["Arn"])


def _same(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def _delete(client: Any, instance_id: str, known: Mapping[str, str] | None) -> None:
    if known is None:
        return
    try:
        client.delete_contact_flow(InstanceId=instance_id, ContactFlowId=known["Id"])
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
