"""API operations on flows and on the Lambda functions and origins of an instance."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from local.connect import lookup
from local.connect.api.paging import page
from local.connect.centre import ContactCentre, new_id
from local.connect.errors import ServiceError, invalid_request
from local.connect.lint import find_problems
from local.connect.model import Flow

Params = dict[str, Any]
FLOWS = 100  # quotas per instance, admin guide 2023
LAMBDA_FUNCTIONS = 50
ORIGINS = 100


def create_contact_flow(centre: ContactCentre, params: Params) -> Params:
    flow = add_flow(
        centre,
        params["Name"],
        params["Type"],
        params["Content"],
        status=params.get("Status", "PUBLISHED"),
        description=params.get("Description", ""),
        tags=params.get("Tags", {}),
    )
    return {
        "ContactFlowId": flow.id,
        "ContactFlowArn": flow.arn,
        "FlowContentSha256": _digest(flow),
    }


def add_flow(
    centre: ContactCentre,
    name: str,
    flow_type: str,
    content: str,
    *,
    status: str = "PUBLISHED",
    state: str = "ACTIVE",
    description: str = "",
    tags: dict[str, str] | None = None,
) -> Flow:
    """Create a flow; a published one must be free of problems."""
    instance = centre.instance
    if any(each.name == name and each.type == flow_type for each in instance.flows.values()):
        raise ServiceError("DuplicateResourceException", f"A flow named {name} exists already.")
    if len(instance.flows) >= FLOWS:
        raise ServiceError("LimitExceededException", f"{FLOWS} flows exist already.")
    if status == "PUBLISHED":
        check_content(content, flow_type)
    identifier = new_id()
    arn = f"{instance.arn}/contact-flow/{identifier}"
    flow = Flow(identifier, arn, name, flow_type, content, status, state, description, tags or {})
    instance.flows[identifier] = flow
    return flow


def check_content(content: str, flow_type: str) -> None:
    """Raise InvalidContactFlowException with every problem found."""
    problems = find_problems(content, flow_type)
    if problems:
        raise ServiceError(
            "InvalidContactFlowException",
            "; ".join(problems),
            problems=[{"message": each} for each in problems],
        )


def update_contact_flow_content(centre: ContactCentre, params: Params) -> Params:
    flow = lookup.flow(centre.instance, params["ContactFlowId"])
    check_content(params["Content"], flow.type)
    flow.content = params["Content"]
    flow.status = "PUBLISHED"
    return {}


def describe_contact_flow(centre: ContactCentre, params: Params) -> Params:
    flow = lookup.flow(centre.instance, params["ContactFlowId"])
    return {
        "ContactFlow": {
            "Arn": flow.arn,
            "Id": flow.id,
            "Name": flow.name,
            "Type": flow.type,
            "State": flow.state,
            "Status": flow.status,
            "Description": flow.description,
            "Content": flow.content,
            "Tags": flow.tags,
            "FlowContentSha256": _digest(flow),
        }
    }


def delete_contact_flow(centre: ContactCentre, params: Params) -> Params:
    del centre.instance.flows[lookup.flow(centre.instance, params["ContactFlowId"]).id]
    return {}


def list_contact_flows(centre: ContactCentre, params: Params) -> Params:
    wanted = params.get("ContactFlowTypes")
    found = [
        {
            "Id": flow.id,
            "Arn": flow.arn,
            "Name": flow.name,
            "ContactFlowType": flow.type,
            "ContactFlowState": flow.state,
            "ContactFlowStatus": flow.status,
        }
        for flow in centre.instance.flows.values()
        if not wanted or flow.type in wanted
    ]
    return page("ContactFlowSummaryList", found, params)


def _digest(flow: Flow) -> str:
    return hashlib.sha256(flow.content.encode()).hexdigest()


def associate_lambda_function(centre: ContactCentre, params: Params) -> None:
    functions, arn = centre.instance.lambdas, params["FunctionArn"]
    if not arn.startswith("arn:") or ":lambda:" not in arn:
        raise invalid_request(f"Not the ARN of a Lambda function: {arn}")
    if arn in functions:
        raise ServiceError("ResourceConflictException", f"{arn} is associated already.")
    if len(functions) >= LAMBDA_FUNCTIONS:
        raise ServiceError(
            "ServiceQuotaExceededException", f"{LAMBDA_FUNCTIONS} functions are associated."
        )
    functions.append(arn)


def disassociate_lambda_function(centre: ContactCentre, params: Params) -> None:
    _remove(centre.instance.lambdas, params["FunctionArn"])


def list_lambda_functions(centre: ContactCentre, params: Params) -> Params:
    return page("LambdaFunctions", list(centre.instance.lambdas), params)


def _integration_type(arn: str) -> str:
    return "APPLICATION" if ":app-integrations:" in arn else "LAMBDA_FUNCTION"


def list_integration_associations(centre: ContactCentre, params: Params) -> Params:
    """What CloudFormation's type has associated; functions associated otherwise have none."""
    wanted, arn = params.get("IntegrationType"), params.get("IntegrationArn")
    base = f"{centre.instance.arn}/integration-association"
    found = [
        {
            "IntegrationAssociationId": identity,
            "IntegrationAssociationArn": f"{base}/{identity}",
            "InstanceId": centre.instance.arn.rpartition("/")[2],
            "IntegrationType": _integration_type(target),
            "IntegrationArn": target,
        }
        for target, identity in centre.instance.integrations.items()
        if wanted in (None, _integration_type(target)) and arn in (None, target)
    ]
    return page("IntegrationAssociationSummaryList", found, params)


def associate_approved_origin(centre: ContactCentre, params: Params) -> None:
    """HTTPS scheme, host and port, nothing after them; plain HTTP for pages on this machine."""
    origins, origin = centre.instance.origins, params["Origin"]
    parts = urlsplit(origin)
    schemes = ("https", "http") if parts.hostname in ("localhost", "127.0.0.1") else ("https",)
    whole = origin == f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in schemes or not parts.hostname or not whole:
        raise invalid_request(f"Not an origin (https://host[:port]): {origin}")
    if origin in origins:
        raise ServiceError("ResourceConflictException", f"{origin} is approved already.")
    if len(origins) >= ORIGINS:
        raise ServiceError("ServiceQuotaExceededException", f"{ORIGINS} origins are approved.")
    origins.append(origin)


def disassociate_approved_origin(centre: ContactCentre, params: Params) -> None:
    _remove(centre.instance.origins, params["Origin"])


def list_approved_origins(centre: ContactCentre, params: Params) -> Params:
    return page("Origins", list(centre.instance.origins), params)


def _remove(things: list[str], thing: str) -> None:
    if thing not in things:
        raise ServiceError("ResourceNotFoundException", f"{thing} is not associated.")
    things.remove(thing)


OPERATIONS: dict[str, Callable[[ContactCentre, Params], Params | None]] = {
    "AssociateApprovedOrigin": associate_approved_origin,
    "AssociateLambdaFunction": associate_lambda_function,
    "CreateContactFlow": create_contact_flow,
    "DeleteContactFlow": delete_contact_flow,
    "DescribeContactFlow": describe_contact_flow,
    "DisassociateApprovedOrigin": disassociate_approved_origin,
    "DisassociateLambdaFunction": disassociate_lambda_function,
    "ListApprovedOrigins": list_approved_origins,
    "ListContactFlows": list_contact_flows,
    "ListIntegrationAssociations": list_integration_associations,
    "ListLambdaFunctions": list_lambda_functions,
    "UpdateContactFlowContent": update_contact_flow_content,
}
