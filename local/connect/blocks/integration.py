"""Blocks that reach out: a Lambda function, a new task."""

from __future__ import annotations

from typing import Any

from local.connect import lookup, tasks
from local.connect.blocks.outcome import Failed, Invocation, Next, Outcome, Run
from local.connect.errors import ServiceError
from local.connect.model import CHANNEL
from local.connect.paths import queue_of

LAMBDA_SECONDS = 8.0


def invoke_lambda_function(run: Run) -> Outcome:
    """Refused unless the function is associated with the instance and lets Connect call it."""
    instance = run.centre.instance
    arn = run.text("LambdaFunctionARN")
    if arn is None or arn not in instance.lambdas:
        return Failed(why=f"function {arn} is not associated with the instance")
    if not run.centre.outside.may_invoke(run.centre.account, arn, instance.arn):
        return Failed(why=f"the resource policy of {arn} does not allow connect.amazonaws.com")
    wanted = run.parameters.get("InvocationTimeLimitSeconds", LAMBDA_SECONDS)
    validation = run.parameters.get("ResponseValidation", {})
    return Invocation(
        arn,
        lambda_event(run),
        min(float(wanted), LAMBDA_SECONDS),
        run.parameters.get("InvocationType") == "ASYNCHRONOUS",
        validation.get("ResponseType", "STRING_MAP") == "STRING_MAP",
    )


def lambda_event(run: Run) -> dict[str, Any]:
    """The event a flow sends (admin guide, "Invoke AWS Lambda functions").

    Only documented members are there: related contact, tags and segment attributes are left
    out, so that nothing comes to depend on them.
    """
    contact, scope = run.contact, run.scope
    parameters = {
        key: scope.text(str(value))
        for key, value in run.parameters.get("LambdaInvocationAttributes", {}).items()
    }
    return {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Attributes": dict(lookup.attributes(run.centre.instance, contact)),
                "Channel": CHANNEL,
                "ContactId": contact.id,
                "CustomerEndpoint": None,
                "CustomerId": contact.customer_id,
                "Description": contact.description,
                "InitialContactId": contact.initial_contact_id,
                "InitiationMethod": contact.initiation_method,
                "InstanceARN": run.centre.instance.arn,
                "LanguageCode": contact.language_code or "en-US",
                "MediaStreams": {"Customer": {"Audio": {}}},
                "Name": contact.name,
                "PreviousContactId": contact.previous_contact_id or contact.id,
                "Queue": queue_of(run.centre.instance, contact),
                "References": {
                    name: {"Type": each["Type"].lower(), "Value": each["Value"]}
                    for name, each in contact.references.items()
                },
                "SystemEndpoint": None,
            },
            "Parameters": parameters,
        },
    }


def create_task(run: Run) -> Outcome:
    """A new task related to this contact; its id is at $.Task.ContactId."""
    attributes, references = run.texts("Attributes"), run.texts("References")
    name, flow = run.text("Name"), run.text("ContactFlowId")
    if attributes is None or references is None or not name or not flow:
        return Failed(why="a reference has no value")
    request = tasks.NewTask(
        name=name,
        description=run.text("Description") or "",
        contact_flow_id=flow,
        attributes=attributes,
        references={key: {"Type": "URL", "Value": value} for key, value in references.items()},
        related_contact_id=run.contact.id,
        scheduled_at=_start(run),
        initiation_method="FLOW",
    )
    try:
        created = tasks.start(run.centre, request)
    except ServiceError as problem:
        return Failed(why=str(problem))
    run.execution.created_task_id = created.id
    return Next()


def _start(run: Run) -> float | None:
    delay = run.text("DelaySeconds")
    if delay is not None:
        return run.centre.now() + float(delay)
    scheduled = run.text("ScheduledTime")
    return float(scheduled) if scheduled is not None else None
