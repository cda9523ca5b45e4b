"""CloudFormation types for queues, hours, routing profiles and users. The lock is held."""

from __future__ import annotations

from local.connect import lookup
from local.connect.api import organisation
from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError
from local.connect.model import Hours, Queue, RoutingProfile, User
from local.connect.provision_flows import Made, Properties, tags


def create_queue(centre: ContactCentre, properties: Properties) -> Made:
    instance, identifier = centre.instance, new_id()
    if any(each.name == properties["Name"] for each in instance.queues.values()):
        raise ServiceError("DuplicateResourceException", f"queue {properties['Name']} exists")
    hours = lookup.hours(instance, properties["HoursOfOperationArn"])
    arn = f"{instance.arn}/queue/{identifier}"
    instance.queues[identifier] = Queue(identifier, arn, properties["Name"], hours.id)
    return update_queue(centre, arn, properties)


def update_queue(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    queue = lookup.queue(centre.instance, physical_id)
    queue.name = properties["Name"]
    queue.hours_id = lookup.hours(centre.instance, properties["HoursOfOperationArn"]).id
    queue.description = properties.get("Description", "")
    maximum = properties.get("MaxContacts")
    queue.max_contacts = None if maximum is None else int(maximum)
    queue.status = properties.get("Status", "ENABLED")
    queue.tags = tags(properties)
    queue.quick_connect_ids = [
        lookup.quick_connect(centre.instance, each).id
        for each in properties.get("QuickConnectArns", [])
    ]
    return queue.arn, {"QueueArn": queue.arn, "Type": "STANDARD"}


def delete_queue(centre: ContactCentre, physical_id: str) -> None:
    queue = lookup.queue(centre.instance, physical_id)
    for profile in centre.instance.routing_profiles.values():
        if any(entry["queue_id"] == queue.id for entry in profile.queues):
            raise ValueError(f"ResourceInUseException: {profile.name} contains {queue.name}")
    del centre.instance.queues[queue.id]


def create_hours(centre: ContactCentre, properties: Properties) -> Made:
    identifier = new_id()
    arn = f"{centre.instance.arn}/operating-hours/{identifier}"
    centre.instance.hours[identifier] = Hours(identifier, arn, "", "UTC", [])
    return update_hours(centre, arn, properties)


def update_hours(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    hours = lookup.hours(centre.instance, physical_id)
    hours.name, hours.time_zone = properties["Name"], properties["TimeZone"]
    hours.config = properties["Config"]
    hours.description = properties.get("Description", "")
    return hours.arn, {"HoursOfOperationArn": hours.arn}


def delete_hours(centre: ContactCentre, physical_id: str) -> None:
    hours = lookup.hours(centre.instance, physical_id)
    if any(each.hours_id == hours.id for each in centre.instance.queues.values()):
        raise ValueError(f"ResourceInUseException: a queue uses {hours.name}")
    del centre.instance.hours[hours.id]


def create_routing_profile(centre: ContactCentre, properties: Properties) -> Made:
    instance, identifier = centre.instance, new_id()
    arn = f"{instance.arn}/routing-profile/{identifier}"
    instance.routing_profiles[identifier] = RoutingProfile(identifier, arn, "", "", "", {})
    return update_routing_profile(centre, arn, properties)


def update_routing_profile(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    profile = lookup.routing_profile(centre.instance, physical_id)
    profile.name, profile.description = properties["Name"], properties["Description"]
    outbound = lookup.queue(centre.instance, properties["DefaultOutboundQueueArn"])
    profile.default_outbound_queue_id = outbound.id
    profile.concurrency = {
        each["Channel"]: int(each["Concurrency"]) for each in properties["MediaConcurrencies"]
    }
    profile.queues = []
    configs = [
        each | {"QueueReference": _by_id(each["QueueReference"])}
        for each in properties.get("QueueConfigs", [])
    ]
    organisation.add_queues(centre, profile, configs)
    return profile.arn, {"RoutingProfileArn": profile.arn}


def _by_id(reference: Properties) -> Properties:
    return {"QueueId": reference["QueueArn"].rsplit("/", 1)[-1], "Channel": reference["Channel"]}


def delete_routing_profile(centre: ContactCentre, physical_id: str) -> None:
    profile = lookup.routing_profile(centre.instance, physical_id)
    if any(each.routing_profile_id == profile.id for each in centre.instance.users.values()):
        raise ValueError(f"ResourceInUseException: users have the profile {profile.name}")
    del centre.instance.routing_profiles[profile.id]


def create_user(centre: ContactCentre, properties: Properties) -> Made:
    instance, identifier = centre.instance, new_id()
    profile = lookup.routing_profile(instance, properties["RoutingProfileArn"])
    arn = f"{instance.arn}/agent/{identifier}"
    instance.users[identifier] = User(
        identifier, arn, properties["Username"], "", "", "", profile.id, state_since=centre.now()
    )
    return update_user(centre, arn, properties)


def update_user(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    user = lookup.user(centre.instance, physical_id)
    identity = properties.get("IdentityInfo", {})
    user.username = properties["Username"]
    user.email = identity.get("Email", "")
    user.first_name = identity.get("FirstName", "")
    user.last_name = identity.get("LastName", "")
    profile = lookup.routing_profile(centre.instance, properties["RoutingProfileArn"])
    user.routing_profile_id = profile.id
    return user.arn, {"UserArn": user.arn}


def delete_user(centre: ContactCentre, physical_id: str) -> None:
    del centre.instance.users[lookup.user(centre.instance, physical_id).id]
