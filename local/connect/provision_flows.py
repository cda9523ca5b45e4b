"""CloudFormation types for flows, integrations, origins and quick connects. The lock is held."""

from __future__ import annotations

from typing import Any

from local.connect import lookup
from local.connect.api import flows, quick_connects
from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError

Properties = dict[str, Any]
Made = tuple[str, dict[str, Any]]  # what Ref gives, attributes for GetAtt


def tags(properties: Properties) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in properties.get("Tags", [])}


def create_flow(centre: ContactCentre, properties: Properties) -> Made:
    flow = flows.add_flow(
        centre,
        properties["Name"],
        properties["Type"],
        properties["Content"],
        state=properties.get("State", "ACTIVE"),
        description=properties.get("Description", ""),
        tags=tags(properties),
    )
    return flow.arn, {"ContactFlowArn": flow.arn}


def update_flow(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    flow = lookup.flow(centre.instance, physical_id)
    flows.check_content(properties["Content"], flow.type)
    flow.name, flow.content = properties["Name"], properties["Content"]
    flow.state = properties.get("State", "ACTIVE")
    flow.description, flow.tags = properties.get("Description", ""), tags(properties)
    return flow.arn, {"ContactFlowArn": flow.arn}


def delete_flow(centre: ContactCentre, physical_id: str) -> None:
    del centre.instance.flows[lookup.flow(centre.instance, physical_id).id]


def create_integration(centre: ContactCentre, properties: Properties) -> Made:
    kind, arn = properties["IntegrationType"], properties["IntegrationArn"]
    if len(arn) > 140:
        raise ValueError("IntegrationArn is longer than 140 characters")
    if kind == "LAMBDA_FUNCTION":
        flows.associate_lambda_function(centre, {"FunctionArn": arn})
    elif kind == "APPLICATION":
        _check_application(centre, arn)
    else:
        raise ValueError(f"no local integration of type {kind}")
    centre.instance.integrations[arn] = new_id()
    physical_id = "|".join((properties["InstanceId"], kind, arn))
    return physical_id, {"IntegrationAssociationId": centre.instance.integrations[arn]}


def _check_application(centre: ContactCentre, arn: str) -> None:
    if arn not in centre.instance.applications:
        raise ServiceError("ResourceNotFoundException", f"no application {arn}")
    if arn in centre.instance.integrations:
        raise ServiceError("DuplicateResourceException", f"{arn} is associated already.")


def update_integration(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    association = centre.instance.integrations[properties["IntegrationArn"]]
    return physical_id, {"IntegrationAssociationId": association}


def delete_integration(centre: ContactCentre, physical_id: str) -> None:
    arn = physical_id.rsplit("|", 1)[-1]
    centre.instance.integrations.pop(arn, None)
    if "|LAMBDA_FUNCTION|" in physical_id:
        flows.disassociate_lambda_function(centre, {"FunctionArn": arn})


def create_origin(centre: ContactCentre, properties: Properties) -> Made:
    flows.associate_approved_origin(centre, {"Origin": properties["Origin"]})
    return f"{properties['InstanceId']}|{properties['Origin']}", {}


def update_origin(_centre: ContactCentre, physical_id: str, _properties: Properties) -> Made:
    return physical_id, {}


def delete_origin(centre: ContactCentre, physical_id: str) -> None:
    flows.disassociate_approved_origin(centre, {"Origin": physical_id.rsplit("|", 1)[-1]})


def _quick_connect_config(properties: Properties) -> Properties:
    """From CloudFormation's ARNs to the API's ids."""
    given = properties["QuickConnectConfig"]
    config: Properties = {"QuickConnectType": given["QuickConnectType"]}
    if "QueueConfig" in given:
        part = given["QueueConfig"]
        config["QueueConfig"] = {
            "QueueId": part["QueueArn"].rsplit("/", 1)[-1],
            "ContactFlowId": part["ContactFlowArn"].rsplit("/", 1)[-1],
        }
    if "UserConfig" in given:
        part = given["UserConfig"]
        config["UserConfig"] = {
            "UserId": part["UserArn"].rsplit("/", 1)[-1],
            "ContactFlowId": part["ContactFlowArn"].rsplit("/", 1)[-1],
        }
    if "PhoneConfig" in given:
        config["PhoneConfig"] = given["PhoneConfig"]
    return config


def create_quick_connect(centre: ContactCentre, properties: Properties) -> Made:
    made = quick_connects.add_quick_connect(
        centre,
        properties["Name"],
        _quick_connect_config(properties),
        properties.get("Description", ""),
        tags(properties),
    )
    return made.arn, {"QuickConnectArn": made.arn}


def update_quick_connect(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    found = lookup.quick_connect(centre.instance, physical_id)
    config = _quick_connect_config(properties)
    quick_connects.check_config(centre.instance, config)
    found.name, found.config = properties["Name"], config
    found.description, found.tags = properties.get("Description", ""), tags(properties)
    return found.arn, {"QuickConnectArn": found.arn}
