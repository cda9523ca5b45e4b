"""The stack of the demo: created at the first start, updated where the sources changed since.

What an administrator sets up beside it in Amazon Connect is here, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local import deploy, testing
from local.emulator import Emulator

ACCOUNT = "111122223333"
STACK = "support"
CENTRE = "contact-centre"
BILLING = "Billing"


@dataclass(frozen=True)
class Deployment:
    """The stack as it is now, and what was done: created, updated or unchanged."""

    stack: testing.Stack
    done: str


def bring_up(world: Emulator, page_origin: str) -> Deployment:
    """Create or update the stack, then the administrator's part. Raises DeploymentFailed."""
    values = testing.defaults(world, ACCOUNT) | {
        "PageOrigin": page_origin,
        "DefaultEmailFrom": f"Example Support <support@{testing.DOMAIN}>",
        "EmailDisclaimer": "Example Ltd, 1 Example Street, Exampleton.",
        "SmsSender": "+12065550100",
    }
    keys = deploy.upload_versioned(world, ACCOUNT)
    template = deploy.translate(testing.ROOT / "template.yaml", keys)
    made, done = _create_or_update(world, STACK, template, values)
    stack = testing.Stack(world, made, values)
    administer(stack)
    return Deployment(stack, done)


def _create_or_update(
    world: Emulator, name: str, template: dict[str, Any], values: dict[str, str]
) -> tuple[deploy.Stack, str]:
    try:
        deploy.describe(world, ACCOUNT, name)
    except ClientError:
        return deploy.create_stack(world, ACCOUNT, name, template, values), "created"
    try:
        return deploy.update_stack(world, ACCOUNT, name, template, values), "updated"
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise deploy.DeploymentFailed(str(error)) from error
        return deploy.describe(world, ACCOUNT, name), "unchanged"


def administer(stack: testing.Stack) -> None:
    """A second queue, and quick connects to it and to every agent. Does nothing twice."""
    centre, done = _create_or_update(stack.world, CENTRE, _centre(stack), {})
    if done == "unchanged":
        return
    connect, instance = stack.client("connect"), stack.channel.settings.instance_id
    profile = stack.parameters["RoutingProfileId"]
    billing, email = (_id(arn) for arn in (centre.resources["Billing"], _email_queue(stack)))
    has = connect.list_routing_profile_queues(InstanceId=instance, RoutingProfileId=profile)
    if billing not in [q["QueueId"] for q in has["RoutingProfileQueueConfigSummaryList"]]:
        reference = {"QueueId": billing, "Channel": "TASK"}
        config = {"QueueReference": reference, "Priority": 1, "Delay": 0}
        connect.associate_routing_profile_queues(
            InstanceId=instance, RoutingProfileId=profile, QueueConfigs=[config]
        )
    quick_connects = [_id(arn) for name, arn in centre.resources.items() if name != "Billing"]
    for queue in (email, billing):
        connect.associate_queue_quick_connects(
            InstanceId=instance, QueueId=queue, QuickConnectIds=quick_connects
        )


def _id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _email_queue(stack: testing.Stack) -> str:
    return stack.channel.settings.default_queue_arn


def _centre(stack: testing.Stack) -> dict[str, Any]:
    """The administrator's own template."""
    connect, instance = stack.client("connect"), stack.channel.settings.instance_id
    arn = testing.instance_arn(ACCOUNT)
    flows = {
        flow["Name"].rpartition(" ")[2]: flow["Arn"]
        for flow in connect.list_contact_flows(InstanceId=instance)["ContactFlowSummaryList"]
    }
    hours = connect.list_hours_of_operations(InstanceId=instance)
    queue = {
        "InstanceArn": arn,
        "Name": BILLING,
        "Description": "Questions about invoices",
        "HoursOfOperationArn": hours["HoursOfOperationSummaryList"][0]["Arn"],
    }
    to_billing = {
        "QueueArn": {"Ref": "Billing"},
        "ContactFlowArn": flows["email-QueueTransfer"],
    }
    resources = {
        "Billing": {"Type": "AWS::Connect::Queue", "Properties": queue},
        "ToBilling": _quick_connect(arn, BILLING, "QUEUE", to_billing),
    }
    for agent in stack.agents:
        to_agent = {"UserArn": agent["arn"], "ContactFlowArn": flows["email-AgentTransfer"]}
        name = agent["first_name"]
        resources[f"To{name}"] = _quick_connect(arn, name, "USER", to_agent)
    return {"Resources": resources}


def _quick_connect(instance: str, name: str, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    how = {"QuickConnectType": kind, f"{kind.title()}Config": config}
    properties = {"InstanceArn": instance, "Name": name, "QuickConnectConfig": how}
    return {"Type": "AWS::Connect::QuickConnect", "Properties": properties}
