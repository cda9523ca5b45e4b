"""Amazon Connect: would a task reach an agent, and would the page open?

Sources: Amazon Connect API reference; administrator guide, "Amazon Connect service quotas".
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from emailchannel.aws.stack.flows import FLOWS, flow_name

from .dns import LookUp
from .doctor_finding import Finding, ok, problem, unchecked, warning
from .stack import Stack

_DEFAULT_RATE: Final = 2.0  # StartTaskContact a second, unless it was raised
_MOST: Final = 200  # routing profiles to look into


def instance(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """It is there and active."""
    found = stack.client("connect").describe_instance(InstanceId=_id(stack))["Instance"]
    name, status = found.get("InstanceAlias") or found["Id"], found.get("InstanceStatus")
    if status == "ACTIVE":
        yield ok(f"The Connect instance {name} is active.")
    else:
        reason = (found.get("StatusReason") or {}).get("Message", "")
        yield problem(
            f"The Connect instance {name} is not active ({status}). {reason}".rstrip(),
            "Wait for it if it is being created; otherwise name another to the stack.",
        )


def function(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Flows may call our function."""
    name = stack.resources["ContactFlowFunction"]
    arn = stack.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    if arn in set(_pages(stack, "list_lambda_functions", "LambdaFunctions")):
        yield ok("Flows may call the channel's function.")
    else:
        yield problem(
            "Flows may not call the channel's function: agents get no links to the mail.",
            "Associate it:",
            stack.aws(
                f"connect associate-lambda-function --instance-id {_id(stack)} --function-arn {arn}"
            ),
        )


def origins(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """The page may open Connect in itself."""
    approved = {origin.rstrip("/") for origin in _pages(stack, "list_approved_origins", "Origins")}
    for origin in filter(None, (stack.outputs.get("PageUrl"), stack.parameters.get("PageOrigin"))):
        if origin.rstrip("/") in approved:
            yield ok(f"The page's origin is approved: {origin}")
        else:
            yield problem(
                f"The page cannot open Connect: {origin} is no approved origin.",
                "Approve it:",
                stack.aws(
                    f"connect associate-approved-origin --instance-id {_id(stack)}"
                    f" --origin {origin}"
                ),
            )


def flows(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """All our flows are there, active and published."""
    found = {
        flow["Name"]: flow for flow in _pages(stack, "list_contact_flows", "ContactFlowSummaryList")
    }
    wanted = [flow_name(stack.deployment.name, name) for name in FLOWS]
    missing = [name for name in wanted if name not in found]
    unfit = [found[name] for name in wanted if name in found and not _fit(found[name])]
    own = stack.parameters.get("AmazonConnectTaskContactFlowId")
    if own:
        mine = [flow for flow in found.values() if flow["Id"] == own]
        missing += [] if mine else [f"your flow {own}"]
        unfit += [flow for flow in mine if not _fit(flow)]
    if missing:
        yield problem(
            f"Flows are not there: {', '.join(missing)}.",
            "Deploy the stack again with a change to its functions, or name another flow.",
        )
    for flow in unfit:
        yield problem(
            f"The flow {flow['Name']} is not in use: {flow.get('ContactFlowState')},"
            f" {flow.get('ContactFlowStatus')}.",
            "Activate it, and publish it in the flow designer:",
            stack.aws(
                f"connect update-contact-flow-metadata --instance-id {_id(stack)}"
                f" --contact-flow-id {flow['Id']} --contact-flow-state ACTIVE"
            ),
        )
    if not missing and not unfit:
        yield ok(f"All {len(wanted)} flows are published.")


def _fit(flow: dict[str, Any]) -> bool:
    found = (flow.get("ContactFlowState", "ACTIVE"), flow.get("ContactFlowStatus", "PUBLISHED"))
    return found == ("ACTIVE", "PUBLISHED")


def queue(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Some agents are offered the email queue's tasks."""
    queue_id = stack.deployment.channel.settings.default_queue_arn.rpartition("/")[2]
    client = stack.client("connect")
    found = client.describe_queue(InstanceId=_id(stack), QueueId=queue_id)["Queue"]
    if found.get("Status", "ENABLED") != "ENABLED":
        yield problem(
            f"The queue {found['Name']} is disabled: no task reaches an agent.",
            "Enable it:",
            stack.aws(
                f"connect update-queue-status --instance-id {_id(stack)} --queue-id {queue_id}"
                " --status ENABLED"
            ),
        )
    profiles = list(_pages(stack, "list_routing_profiles", "RoutingProfileSummaryList"))
    named = stack.parameters.get("RoutingProfileId")
    profiles.sort(key=lambda profile: profile["Id"] != named)
    for profile in profiles[:_MOST]:
        if _offers(stack, profile["Id"], queue_id):
            yield _takes_tasks(stack, profile, found["Name"])
            return
    if len(profiles) > _MOST:
        yield unchecked(f"who is offered the queue: only {_MOST} routing profiles were looked at")
        return
    yield problem(
        f"No routing profile offers the queue {found['Name']}: no agent is asked.",
        "Offer it; `aws connect list-routing-profiles` lists the profiles:",
        stack.aws(
            f"connect associate-routing-profile-queues --instance-id {_id(stack)}"
            f" --routing-profile-id {named or 'PROFILE'} --queue-configs"
            f" 'QueueReference={{QueueId={queue_id},Channel=TASK}},Priority=1,Delay=0'"
        ),
    )


def _offers(stack: Stack, profile: str, queue_id: str) -> bool:
    entries = _pages(
        stack,
        "list_routing_profile_queues",
        "RoutingProfileQueueConfigSummaryList",
        RoutingProfileId=profile,
    )
    return (queue_id, "TASK") in [(entry["QueueId"], entry.get("Channel")) for entry in entries]


def _takes_tasks(stack: Stack, profile: dict[str, Any], queue_name: str) -> Finding:
    found = stack.client("connect").describe_routing_profile(
        InstanceId=_id(stack), RoutingProfileId=profile["Id"]
    )["RoutingProfile"]
    slots = {entry["Channel"]: entry["Concurrency"] for entry in found["MediaConcurrencies"]}
    if not slots.get("TASK"):
        return problem(
            f"Agents of the routing profile {profile['Name']} take no tasks.",
            "Allow them some:",
            stack.aws(
                f"connect update-routing-profile-concurrency --instance-id {_id(stack)}"
                f" --routing-profile-id {profile['Id']}"
                " --media-concurrencies Channel=TASK,Concurrency=5"
            ),
        )
    users = found.get("NumberOfAssociatedUsers")
    if users == 0:
        return warning(
            f"The queue {queue_name} is offered to {profile['Name']}, which no agent has.",
            "Give an agent this routing profile in Amazon Connect.",
        )
    return ok(f"The queue {queue_name} is offered to agents of {profile['Name']}.")


def quota(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Tasks are started no faster than Connect allows."""
    chosen = stack.deployment.channel.settings.tasks_per_second
    client = stack.client("service-quotas")
    try:
        pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="connect")
        known = [
            float(entry["Value"])
            for page in pages
            for entry in page["Quotas"]
            if "StartTaskContact" in entry["QuotaName"]
        ]
    except (ClientError, BotoCoreError):
        known = []
    rate = known[0] if known else _DEFAULT_RATE
    words = f"TasksPerSecond is {chosen:g}, Connect allows {rate:g} StartTaskContact a second"
    if chosen >= rate:
        yield warning(
            f"{words}{'' if known else ' unless it was raised'}: tasks come late.",
            "Deploy with a smaller TasksPerSecond, or ask for a higher quota (Service Quotas).",
        )
    elif known:
        yield ok(f"{words}.")
    else:
        yield unchecked(
            f"Connect's quota for StartTaskContact, which Service Quotas does not tell. {words}"
            " unless it was changed"
        )


def _id(stack: Stack) -> str:
    return stack.deployment.channel.settings.instance_id


def _pages(stack: Stack, operation: str, key: str, **more: str) -> Iterable[Any]:
    paginator = stack.client("connect").get_paginator(operation)
    for page in paginator.paginate(InstanceId=_id(stack), **more):
        yield from page[key]
