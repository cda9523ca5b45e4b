"""The AWS API of the local Connect: finds the operation, checks the request, answers."""

from __future__ import annotations

from typing import Any

from local.connect import lookup
from local.connect.api import contacts, flows, organisation, quick_connects, wire
from local.connect.centre import ContactCentre
from local.connect.errors import ServiceError, not_found
from local.connect.limits import Throttle

OPERATIONS = (
    contacts.OPERATIONS | flows.OPERATIONS | organisation.OPERATIONS | quick_connects.OPERATIONS
)

# Members of the model that the local Connect would have to ignore: refused instead.
UNSUPPORTED = {
    "StartTaskContact": ("Attachments",),
    "UpdateContact": ("QueueInfo", "UserInfo", "CustomerEndpoint", "SystemEndpoint"),
    "UpdateContactRoutingData": ("RoutingCriteria",),
    "AssociateRoutingProfileQueues": ("ManualAssignmentQueueConfigs",),
    "DisassociateRoutingProfileQueues": ("ManualAssignmentQueueReferences",),
    "SearchUsers": ("SearchFilter",),
}

Answer = tuple[int, dict[str, str], bytes]


def handle(
    centre: ContactCentre,
    throttle: Throttle,
    method: str,
    path: str,
    query: dict[str, Any] | str,
    body: bytes,
) -> Answer:
    """Answer one request; what is not there is refused with 501 and the operation's name."""
    found = wire.match(method, path)
    if found is None:
        problem = ServiceError("NotImplemented", f"No operation for {method} {path}.")
        return wire.failure("", problem)
    operation, labels = found
    try:
        return wire.success(_perform(centre, throttle, operation, labels, query, body))
    except ServiceError as problem:
        return wire.failure(operation, problem)


def _perform(
    centre: ContactCentre,
    throttle: Throttle,
    operation: str,
    labels: dict[str, Any],
    query: dict[str, Any] | str,
    body: bytes,
) -> dict[str, Any] | None:
    if operation not in OPERATIONS:
        raise ServiceError("NotImplemented", f"The local Connect does not know {operation}.")
    with centre.lock:
        if not throttle.admits(operation, centre.instance.limits, centre.now()):
            raise ServiceError("ThrottlingException", "Rate exceeded")
        params = wire.read(operation, labels, query, body)
        for member in UNSUPPORTED.get(operation, ()):
            if member in params:
                raise ServiceError(
                    "NotImplemented", f"The local Connect does not know {operation}.{member}."
                )
        asked = params.get("InstanceId")
        if asked is not None and not lookup.is_instance(centre.instance, asked):
            raise not_found("Instance", asked)
        return OPERATIONS[operation](centre, params)
