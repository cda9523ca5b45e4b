"""CloudFormation's AWS::AppIntegrations::Application: a page the agent workspace may show.

Properties are checked against botocore's model of CreateApplication, which has the same names but
for the tags. The lock is held.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session

from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError
from local.connect.provision_flows import Made, Properties, tags


def create_application(centre: ContactCentre, properties: Properties) -> Made:
    _check(properties)
    if _named(centre, properties["Namespace"]):
        raise ServiceError("DuplicateResourceException", f"{properties['Namespace']} is taken")
    identifier, instance = new_id(), centre.instance
    partition = instance.arn.split(":")[1]
    arn = (
        f"arn:{partition}:app-integrations:{instance.region}:{instance.account}"
        f":application/{identifier}"
    )
    instance.applications[arn] = dict(properties)
    return _made(arn)


def update_application(centre: ContactCentre, physical_id: str, properties: Properties) -> Made:
    _find(centre, physical_id)
    _check(properties)
    if _named(centre, properties["Namespace"]) not in (None, physical_id):
        raise ServiceError("DuplicateResourceException", f"{properties['Namespace']} is taken")
    centre.instance.applications[physical_id] = dict(properties)
    return _made(physical_id)


def delete_application(centre: ContactCentre, physical_id: str) -> None:
    _find(centre, physical_id)
    if physical_id in centre.instance.integrations:
        raise ServiceError("InvalidRequestException", f"{physical_id} is associated")
    del centre.instance.applications[physical_id]


def _made(arn: str) -> Made:
    return arn, {"ApplicationArn": arn, "Id": arn.rpartition("/")[2]}


def _find(centre: ContactCentre, arn: str) -> Properties:
    found = centre.instance.applications.get(arn)
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"no application {arn}")
    return found


def _named(centre: ContactCentre, namespace: str) -> str | None:
    """The application that has this namespace: it is unique in an account and Region."""
    all_of_them = centre.instance.applications.items()
    return next((arn for arn, one in all_of_them if one["Namespace"] == namespace), None)


@cache
def _request() -> Any:
    model = botocore.session.get_session().get_service_model("appintegrations")
    return model.operation_model("CreateApplication").input_shape


def _check(properties: Properties) -> None:
    given = properties | ({"Tags": tags(properties)} if "Tags" in properties else {})
    if problems := list(_problems(_request(), given, "")):
        raise ServiceError("InvalidRequestException", "; ".join(problems))


def _problems(shape: Any, value: Any, where: str) -> Iterator[str]:
    """What botocore's model has against a value: members, enums, patterns and lengths."""
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            yield from (f"{where}{n} is required" for n in shape.required_members if n not in value)
            for name, each in value.items():
                if name in shape.members:
                    yield from _problems(shape.members[name], each, f"{where}{name}.")
                else:
                    yield f"{where}{name} is not known"
        case "list" if isinstance(value, list):
            yield from _length(shape, value, where)
            for each in value:
                yield from _problems(shape.member, each, where)
        case "map" if isinstance(value, dict):
            for key, each in value.items():
                yield from _problems(shape.key, key, where)
                yield from _problems(shape.value, each, where)
        case "string" if isinstance(value, str):
            yield from _length(shape, value, where)
            yield from _text(shape, value, where)
        case "boolean" if value in (True, False, "true", "false"):
            pass
        case "integer" if str(value).isdigit():
            pass
        case _:
            yield f"{where.rstrip('.')} is no {shape.type_name}"


def _length(shape: Any, value: Any, where: str) -> Iterator[str]:
    limits = shape.metadata
    if not value and isinstance(value, list):
        return  # CloudFormation's schema lets every list be empty
    if not limits.get("min", 0) <= len(value) <= limits.get("max", len(value)):
        yield f"{where.rstrip('.')} has the length {len(value)}"


def _text(shape: Any, value: str, where: str) -> Iterator[str]:
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(pattern, value):
        yield f"{where.rstrip('.')} {value!r} does not match {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"{where.rstrip('.')} {value!r} is none of {', '.join(shape.enum)}"
