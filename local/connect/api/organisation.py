"""API operations on the instance, its users, queues, hours and routing profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.connect import lookup, routing
from local.connect.api.paging import page
from local.connect.centre import ContactCentre
from local.connect.errors import ServiceError, invalid_request
from local.connect.model import INSTANCE_ALIAS, INSTANCE_ID, Queue, RoutingProfile, User

Params = dict[str, Any]
PAIRS_PER_PROFILE = 50  # queue and channel pairs
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "STARTS_WITH": lambda value, wanted: value.lower().startswith(wanted.lower()),
    "CONTAINS": lambda value, wanted: wanted.lower() in value.lower(),
    "EXACT": lambda value, wanted: value.lower() == wanted.lower(),
}


def describe_instance(centre: ContactCentre, _params: Params) -> Params:
    return {"Instance": _instance(centre)}


def list_instances(centre: ContactCentre, params: Params) -> Params:
    return page("InstanceSummaryList", [_instance(centre)], params)


def _instance(centre: ContactCentre) -> Params:
    instance, desktop = centre.instance, centre.outside.desktop
    return {
        "Id": INSTANCE_ID,
        "Arn": instance.arn,
        "IdentityManagementType": "CONNECT_MANAGED",
        "InstanceAlias": INSTANCE_ALIAS,
        "CreatedTime": instance.created_at,
        "ServiceRole": f"arn:aws:iam::{instance.account}:role/aws-service-role/connect",
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": False,
        "OutboundCallsEnabled": False,
        "InstanceAccessUrl": f"{desktop}/{instance.account}"
        if desktop
        else f"https://{INSTANCE_ALIAS}.my.connect.aws",
    }


def describe_user(centre: ContactCentre, params: Params) -> Params:
    return {"User": _user(lookup.user(centre.instance, params["UserId"]))}


def delete_user(centre: ContactCentre, params: Params) -> Params:
    """Delete a user who holds nothing; what he has done stays."""
    del centre.instance.users[lookup.user(centre.instance, params["UserId"]).id]
    return {}


def list_users(centre: ContactCentre, params: Params) -> Params:
    found = [
        {"Id": user.id, "Arn": user.arn, "Username": user.username}
        for user in centre.instance.users.values()
    ]
    return page("UserSummaryList", found, params)


def search_users(centre: ContactCentre, params: Params) -> Params:
    criteria = params.get("SearchCriteria", {})
    found = [
        _user(user, email=False)
        for user in centre.instance.users.values()
        if _meets(user, criteria)
    ]
    return page("Users", found, params) | {"ApproximateTotalCount": len(found)}


def _user(user: User, email: bool = True) -> Params:
    identity = {"FirstName": user.first_name, "LastName": user.last_name}
    if email:  # SearchUsers returns the names only
        identity["Email"] = user.email
    return {
        "Id": user.id,
        "Arn": user.arn,
        "Username": user.username,
        "IdentityInfo": identity,
        "PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": False},
        "RoutingProfileId": user.routing_profile_id,
        "SecurityProfileIds": [],
        "Tags": {},
    }


def _meets(user: User, criteria: Params) -> bool:
    unknown = set(criteria) - {"OrConditions", "AndConditions", "StringCondition"}
    if unknown:
        raise ServiceError("NotImplemented", f"SearchUsers: {', '.join(sorted(unknown))}")
    if criteria.get("OrConditions"):
        return any(_meets(user, each) for each in criteria["OrConditions"])
    if criteria.get("AndConditions"):
        return all(_meets(user, each) for each in criteria["AndConditions"])
    condition = criteria.get("StringCondition")
    return condition is None or _meets_string(user, condition)


def _meets_string(user: User, condition: Params) -> bool:
    fields = {
        "username": user.username,
        "firstname": user.first_name,
        "lastname": user.last_name,
        "resourceid": user.id,
        "routingprofileid": user.routing_profile_id,
    }
    name = str(condition.get("FieldName", "")).lower()
    if name not in fields:
        raise invalid_request(f"SearchUsers cannot search by {condition.get('FieldName')!r}.")
    compare = _COMPARE[condition.get("ComparisonType", "EXACT")]
    return compare(fields[name], str(condition.get("Value", "")))


def list_queues(centre: ContactCentre, params: Params) -> Params:
    instance = centre.instance
    wanted = params.get("QueueTypes", ["STANDARD", "AGENT"])
    found = [
        {"Id": each.id, "Arn": each.arn, "Name": each.name, "QueueType": "STANDARD"}
        for each in instance.queues.values()
        if "STANDARD" in wanted
    ] + [
        {
            "Id": user.id,
            "Arn": lookup.agent_queue_arn(instance, user.id),
            "QueueType": "AGENT",
        }
        for user in instance.users.values()
        if "AGENT" in wanted
    ]
    return page("QueueSummaryList", found, params)


def describe_queue(centre: ContactCentre, params: Params) -> Params:
    queue: Queue = lookup.queue(centre.instance, params["QueueId"])
    members: Params = {
        "Name": queue.name,
        "QueueArn": queue.arn,
        "QueueId": queue.id,
        "Description": queue.description,
        "HoursOfOperationId": queue.hours_id,
        "MaxContacts": queue.max_contacts,
        "Status": queue.status,
        "Tags": queue.tags,
    }
    return {"Queue": {key: value for key, value in members.items() if value is not None}}


def list_hours_of_operations(centre: ContactCentre, params: Params) -> Params:
    found = [
        {"Id": each.id, "Arn": each.arn, "Name": each.name}
        for each in centre.instance.hours.values()
    ]
    return page("HoursOfOperationSummaryList", found, params)


def list_routing_profiles(centre: ContactCentre, params: Params) -> Params:
    found = [
        {"Id": each.id, "Arn": each.arn, "Name": each.name}
        for each in centre.instance.routing_profiles.values()
    ]
    return page("RoutingProfileSummaryList", found, params)


def describe_routing_profile(centre: ContactCentre, params: Params) -> Params:
    profile = lookup.routing_profile(centre.instance, params["RoutingProfileId"])
    users = sum(user.routing_profile_id == profile.id for user in centre.instance.users.values())
    return {
        "RoutingProfile": {
            "InstanceId": INSTANCE_ID,
            "Name": profile.name,
            "RoutingProfileArn": profile.arn,
            "RoutingProfileId": profile.id,
            "Description": profile.description,
            "MediaConcurrencies": [
                {"Channel": channel, "Concurrency": number}
                for channel, number in profile.concurrency.items()
            ],
            "DefaultOutboundQueueId": profile.default_outbound_queue_id,
            "NumberOfAssociatedQueues": len(profile.queues),
            "NumberOfAssociatedUsers": users,
        }
    }


def list_routing_profile_queues(centre: ContactCentre, params: Params) -> Params:
    profile = lookup.routing_profile(centre.instance, params["RoutingProfileId"])
    found = [
        {
            "QueueId": entry["queue_id"],
            "QueueArn": centre.instance.queues[entry["queue_id"]].arn,
            "QueueName": centre.instance.queues[entry["queue_id"]].name,
            "Priority": entry["priority"],
            "Delay": entry["delay"],
            "Channel": entry["channel"],
        }
        for entry in profile.queues
    ]
    return page("RoutingProfileQueueConfigSummaryList", found, params)


def associate_routing_profile_queues(centre: ContactCentre, params: Params) -> None:
    profile = lookup.routing_profile(centre.instance, params["RoutingProfileId"])
    add_queues(centre, profile, params.get("QueueConfigs", []))


def add_queues(centre: ContactCentre, profile: RoutingProfile, configs: list[Params]) -> None:
    """Add or change queue and channel pairs of a routing profile."""
    pairs = {(entry["queue_id"], entry["channel"]): entry for entry in profile.queues}
    for config in configs:
        reference = config["QueueReference"]
        queue = lookup.queue(centre.instance, reference["QueueId"])
        pairs[queue.id, reference["Channel"]] = {
            "queue_id": queue.id,
            "channel": reference["Channel"],
            "priority": int(config["Priority"]),
            "delay": int(config["Delay"]),
        }
    if len(pairs) > PAIRS_PER_PROFILE:
        raise ServiceError("LimitExceededException", f"At most {PAIRS_PER_PROFILE} queues.")
    profile.queues = list(pairs.values())
    centre.touch()
    routing.route(centre)


def disassociate_routing_profile_queues(centre: ContactCentre, params: Params) -> None:
    profile = lookup.routing_profile(centre.instance, params["RoutingProfileId"])
    for reference in params.get("QueueReferences", []):
        gone = (reference["QueueId"].rsplit("/", 1)[-1], reference["Channel"])
        profile.queues = [
            entry for entry in profile.queues if (entry["queue_id"], entry["channel"]) != gone
        ]
    centre.touch()


OPERATIONS: dict[str, Callable[[ContactCentre, Params], Params | None]] = {
    "AssociateRoutingProfileQueues": associate_routing_profile_queues,
    "DescribeInstance": describe_instance,
    "DescribeQueue": describe_queue,
    "DescribeRoutingProfile": describe_routing_profile,
    "DeleteUser": delete_user,
    "DescribeUser": describe_user,
    "DisassociateRoutingProfileQueues": disassociate_routing_profile_queues,
    "ListHoursOfOperations": list_hours_of_operations,
    "ListInstances": list_instances,
    "ListQueues": list_queues,
    "ListRoutingProfileQueues": list_routing_profile_queues,
    "ListRoutingProfiles": list_routing_profiles,
    "ListUsers": list_users,
    "SearchUsers": search_users,
}
