"""What the stack is made of, as CloudFormation knows it, for commands that look at AWS itself."""

import json
from dataclasses import dataclass
from typing import Any, Final

from .deployment import Deployment

QUEUE: Final = "AWS::SQS::Queue"
_DEAD: Final = "DeadLetters"
# What people call the queues, in the order a mail travels.
_NAMES: Final = {
    "Ingest": "ingest",
    "Relay": "relay",
    "Task": "task",
    "Send": "send",
    "Events": "events",
    "ContactEvents": "contacts",
}


@dataclass(frozen=True)
class Stack:
    """Physical ids by logical id, types by logical id, parameters and outputs."""

    deployment: Deployment
    resources: dict[str, str]
    types: dict[str, str]
    parameters: dict[str, str]
    outputs: dict[str, str]
    account: str
    region: str

    def client(self, service: str) -> Any:
        """A boto3 client with the caller's rights."""
        return self.deployment.client(service)

    def of_type(self, kind: str) -> dict[str, str]:
        """Physical ids by logical id of the resources of a CloudFormation type."""
        return {name: self.resources[name] for name, had in self.types.items() if had == kind}

    def aws(self, words: str) -> str:
        """A command of the AWS command line, for this stack's region."""
        return f"aws {words} --region {self.region}"


@dataclass(frozen=True)
class Queue:
    """One of the stack's work queues with its dead-letter queue; `name` is what people call it."""

    name: str
    url: str
    dead_url: str


def read(deployment: Deployment) -> Stack:
    """Ask CloudFormation. Raises errors of AWS."""
    client = deployment.client("cloudformation")
    [found] = client.describe_stacks(StackName=deployment.name)["Stacks"]
    pages = client.get_paginator("list_stack_resources").paginate(StackName=deployment.name)
    entries = [entry for page in pages for entry in page["StackResourceSummaries"]]
    _, _, _, region, account, *_ = str(found["StackId"]).split(":")
    return Stack(
        deployment,
        {entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "") for entry in entries},
        {entry["LogicalResourceId"]: entry["ResourceType"] for entry in entries},
        {
            entry["ParameterKey"]: entry.get("ParameterValue", "")
            for entry in found.get("Parameters") or []
        },
        {entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs") or []},
        account,
        region,
    )


def queues(stack: Stack) -> list[Queue]:
    """The work queues in the order a mail travels, then any other."""
    urls = stack.of_type(QUEUE)
    found = {
        _NAMES.get(logical.removesuffix("Queue"), logical.removesuffix("Queue").lower()): logical
        for logical in urls
        if logical.endswith("Queue")
    }
    order = list(_NAMES.values())
    names = sorted(found, key=lambda name: order.index(name) if name in order else len(order))
    return [
        Queue(name, urls[found[name]], urls.get(found[name].removesuffix("Queue") + _DEAD, ""))
        for name in names
    ]


def statements(document: Any) -> list[dict[str, Any]]:
    """The statements of a policy, which may come as text."""
    found = json.loads(document) if isinstance(document, str) else document
    had = (found or {}).get("Statement") or []
    return had if isinstance(had, list) else [had]
