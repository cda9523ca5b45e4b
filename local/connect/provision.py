"""CloudFormation's AWS::Connect types, and the applications of its workspace. The lock is held.

Each type has a create, an update and a delete; updates of create-only properties make a new
resource and return its id, as CloudFormation expects of a replacement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local.connect import provision_applications, provision_flows, provision_organisation
from local.connect.api import quick_connects
from local.connect.centre import ContactCentre
from local.connect.errors import ServiceError
from local.connect.provision_flows import Made, Properties


@dataclass(frozen=True)
class Kind:
    """One resource type."""

    required: tuple[str, ...]
    create_only: tuple[str, ...]
    create: Callable[[ContactCentre, Properties], Made]
    update: Callable[[ContactCentre, str, Properties], Made]
    delete: Callable[[ContactCentre, str], None]
    of_instance: bool = True  # its properties name the instance


def provision(
    centre: ContactCentre,
    action: str,
    type_name: str,
    physical_id: str | None,
    properties: Properties,
    old: Properties | None,
) -> Made:
    """Do one step; ValueError says in words why it cannot be done."""
    kind = KINDS.get(type_name)
    if kind is None:
        raise ValueError(f"the local Connect has no resource type {type_name}")
    try:
        if action == "delete":
            _delete(centre, kind, physical_id or "")
            return physical_id or "", {}
        _check(centre, kind, properties)
        replace = any((old or {}).get(n) != properties.get(n) for n in kind.create_only)
        if action == "create" or physical_id is None or (old is not None and replace):
            return kind.create(centre, properties)
        return kind.update(centre, physical_id, properties)
    except ServiceError as problem:
        raise ValueError(str(problem)) from problem


def _check(centre: ContactCentre, kind: Kind, properties: Properties) -> None:
    missing = [name for name in kind.required if name not in properties]
    if missing:
        raise ValueError(f"InvalidRequest: {', '.join(missing)} is required")
    instance = properties.get("InstanceArn", properties.get("InstanceId"))
    if kind.of_instance and instance != centre.instance.arn:
        raise ValueError(f"ResourceNotFoundException: no instance {instance}")


def _delete(centre: ContactCentre, kind: Kind, physical_id: str) -> None:
    """What is gone already is deleted."""
    try:
        kind.delete(centre, physical_id)
    except ServiceError as problem:
        if problem.code != "ResourceNotFoundException":
            raise


KINDS: dict[str, Kind] = {
    "AWS::AppIntegrations::Application": Kind(
        ("Name", "Namespace", "Description", "ApplicationSourceConfig"),
        (),
        provision_applications.create_application,
        provision_applications.update_application,
        provision_applications.delete_application,
        of_instance=False,
    ),
    "AWS::Connect::ContactFlow": Kind(
        ("InstanceArn", "Name", "Type", "Content"),
        ("Type",),
        provision_flows.create_flow,
        provision_flows.update_flow,
        provision_flows.delete_flow,
    ),
    "AWS::Connect::IntegrationAssociation": Kind(
        ("InstanceId", "IntegrationType", "IntegrationArn"),
        ("InstanceId", "IntegrationType", "IntegrationArn"),
        provision_flows.create_integration,
        provision_flows.update_integration,
        provision_flows.delete_integration,
    ),
    "AWS::Connect::ApprovedOrigin": Kind(
        ("InstanceId", "Origin"),
        ("InstanceId", "Origin"),
        provision_flows.create_origin,
        provision_flows.update_origin,
        provision_flows.delete_origin,
    ),
    "AWS::Connect::Queue": Kind(
        ("InstanceArn", "Name", "HoursOfOperationArn"),
        (),
        provision_organisation.create_queue,
        provision_organisation.update_queue,
        provision_organisation.delete_queue,
    ),
    "AWS::Connect::HoursOfOperation": Kind(
        ("InstanceArn", "Name", "TimeZone", "Config"),
        (),
        provision_organisation.create_hours,
        provision_organisation.update_hours,
        provision_organisation.delete_hours,
    ),
    "AWS::Connect::QuickConnect": Kind(
        ("InstanceArn", "Name", "QuickConnectConfig"),
        (),
        provision_flows.create_quick_connect,
        provision_flows.update_quick_connect,
        quick_connects.remove_quick_connect,
    ),
    "AWS::Connect::RoutingProfile": Kind(
        ("InstanceArn", "Name", "Description", "DefaultOutboundQueueArn", "MediaConcurrencies"),
        (),
        provision_organisation.create_routing_profile,
        provision_organisation.update_routing_profile,
        provision_organisation.delete_routing_profile,
    ),
    "AWS::Connect::User": Kind(
        ("InstanceArn", "Username", "RoutingProfileArn", "SecurityProfileArns", "PhoneConfig"),
        (),
        provision_organisation.create_user,
        provision_organisation.update_user,
        provision_organisation.delete_user,
    ),
}
