"""The contact flows: contact_flows/*.json with their tokens filled in.

A flow is written only when it differs from what Connect has: a deployment that changes nothing
changes nothing, and a flow changed by hand is put right. The first three are referred to by the
others and come first. A flow's description says which stack made it: what somebody else made is
neither overwritten nor deleted.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..errors import code
from .client import patient
from .request import Request
from .words import Refused

FOLDER = Path(__file__).parents[3] / "contact_flows"
# file -> (Connect's flow type, name of the attribute with its ARN)
FLOWS = {
    "email-CustomerQueue": ("CUSTOMER_QUEUE", "CustomerQueueArn"),
    "email-AgentWhisper": ("AGENT_WHISPER", "AgentWhisperArn"),
    "email-Inbound": ("CONTACT_FLOW", "InboundArn"),
    "email-QueueTransfer": ("QUEUE_TRANSFER", "QueueTransferArn"),
    "email-AgentTransfer": ("AGENT_TRANSFER", "AgentTransferArn"),
}

_GONE = "ResourceNotFoundException"


def apply(request: Request) -> dict[str, str]:
    """Create, update or delete all five flows; returns their ARNs by attribute name.

    Raises Refused when Connect finds something wrong with a flow, in its own words, and when there
    is one of that name that is not ours.
    """
    client = patient("connect")
    if request.kind == "Delete":
        _remove(client, request, only_ours=request.undoing)
        return {}
    try:
        return _put_all(client, request)
    except Exception:
        if request.kind == "Create":
            with suppress(ClientError, BotoCoreError, Refused):  # the first error says why
                _remove(client, request, only_ours=True)
        raise


def _put_all(client: Any, request: Request) -> dict[str, str]:
    existing, prefix = _existing(client, request.instance_id), str(request["NamePrefix"])
    tokens = {
        "ContactFlowFunctionArn": str(request["ContactFlowFunctionArn"]),
        "DefaultQueueArn": str(request["DefaultQueueArn"]),
    }
    arns: dict[str, str] = {}
    for name, (kind, attribute) in FLOWS.items():
        content = fill((FOLDER / f"{name}.json").read_text(), tokens)
        known = existing.get(flow_name(prefix, name))
        arns[attribute] = _put(client, request, flow_name(prefix, name), kind, content, known)
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
    request: Request,
    name: str,
    kind: str,
    content: str,
    known: Mapping[str, str] | None,
) -> str:
    try:
        if known is None:
            created = client.create_contact_flow(
                InstanceId=request.instance_id,
                Name=name,
                Type=kind,
                Description=_mark(request),
                Content=content,
            )
            return str(created["ContactFlowArn"])
        named = {"InstanceId": request.instance_id, "ContactFlowId": known["Id"]}
        present = client.describe_contact_flow(**named)["ContactFlow"]
        if request.kind == "Create" and not _ours(request, present):
            raise Refused(
                f"Amazon Connect has a flow named {name} that this stack did not make. Rename or"
                " delete it there, or deploy under another stack name."
            )
        if not _same(present.get("Content", ""), content):
            client.update_contact_flow_content(**named, Content=content)
    except ClientError as error:
        if code(error) != "InvalidContactFlowException":
            raise
        response: dict[str, Any] = dict(error.response)
        problems = response.get("problems") or []
        words = "; ".join(str(problem.get("message", "")) for problem in problems)
        raise Refused(f"Amazon Connect refused the flow {name}: {words or error}") from error
    return str(known["Arn"])


def _mark(request: Request) -> str:
    return f"Made by the stack {request.stack_id}. A deployment overwrites what is changed here."


def _ours(request: Request, present: Mapping[str, Any]) -> bool:
    return request.stack_id in str(present.get("Description") or "")


def _same(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False


def _remove(client: Any, request: Request, *, only_ours: bool) -> None:
    """Delete the flows of our names; `only_ours` leaves those that another hand has made."""
    prefix = str(request["NamePrefix"])
    try:
        existing = _existing(client, request.instance_id)
    except ClientError as error:
        if code(error) != _GONE:
            raise
        return  # the whole instance is gone
    for name in reversed(FLOWS):
        if known := existing.get(flow_name(prefix, name)):
            _delete(client, request, known, only_ours=only_ours)


def _delete(client: Any, request: Request, known: Mapping[str, str], *, only_ours: bool) -> None:
    named = {"InstanceId": request.instance_id, "ContactFlowId": known["Id"]}
    try:
        if only_ours and not _ours(request, client.describe_contact_flow(**named)["ContactFlow"]):
            return
        client.delete_contact_flow(**named)
    except ClientError as error:
        if code(error) == "ResourceInUseException":
            raise Refused(
                f"The flow {known['Name']} is in use by another flow, a quick connect or a number."
                " Take it out there, then delete the stack again."
            ) from error
        if code(error) != _GONE:
            raise
