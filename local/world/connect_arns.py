"""The resources each Connect operation is authorised on.

Service Authorization Reference, "Actions, resources, and condition keys for Amazon Connect"
(a test compares this table with the reference's data).
"""

from __future__ import annotations

import functools
import json
from typing import Any
from urllib.parse import unquote

# operation -> resources below the instance; {Member} is a member of the request, * any, "" the
# instance itself. Operations not listed are checked on the instance.
_CONTACT = "contact/{ContactId}"
_FLOW = "contact-flow/{ContactFlowId}"
_QUEUE = "queue/{QueueId}"
_PROFILE = "routing-profile/{RoutingProfileId}"
RESOURCES: dict[str, tuple[str, ...]] = {
    "StartTaskContact": (_FLOW,),
    "UpdateContactAttributes": ("contact/{InitialContactId}",),
    "GetContactAttributes": ("contact/{InitialContactId}",),
    "UpdateContact": (_CONTACT,),
    "DescribeContact": (_CONTACT,),
    "StopContact": (_CONTACT,),
    "ListContactReferences": (_CONTACT,),
    "UpdateContactSchedule": (_CONTACT,),
    "UpdateContactRoutingData": (_CONTACT,),
    "TransferContact": (_CONTACT, _FLOW, ""),
    "PauseContact": (_CONTACT, ""),
    "ResumeContact": (_CONTACT, ""),
    "TagContact": (_CONTACT,),
    "UntagContact": (_CONTACT,),
    "DeleteUser": ("agent/{UserId}",),
    "DescribeUser": ("agent/{UserId}",),
    "UpdateUserRoutingProfile": ("agent/{UserId}", _PROFILE),
    "DescribeQueue": (_QUEUE,),
    "AssociateQueueQuickConnects": (_QUEUE, "transfer-destination/{QuickConnectIds}"),
    "DisassociateQueueQuickConnects": (_QUEUE, "transfer-destination/{QuickConnectIds}"),
    "ListQueueQuickConnects": (_QUEUE,),
    "CreateQueue": ("operating-hours/{HoursOfOperationId}", "queue/*"),
    "DeleteQueue": (_QUEUE,),
    "ListQueues": ("queue/*",),
    "DescribeRoutingProfile": (_PROFILE,),
    "AssociateRoutingProfileQueues": (_PROFILE, _QUEUE),
    "DisassociateRoutingProfileQueues": (_PROFILE,),
    "ListRoutingProfileQueues": (_PROFILE,),
    "CreateContactFlow": ("contact-flow/*",),
    "DescribeContactFlow": (_FLOW,),
    "UpdateContactFlowContent": (_FLOW,),
    "UpdateContactFlowMetadata": (_FLOW,),
    "UpdateContactFlowName": (_FLOW,),
    "DeleteContactFlow": (_FLOW,),
    "ListContactFlows": ("contact-flow/*",),
    "CreateQuickConnect": ("transfer-destination/*",),
    "DeleteQuickConnect": ("transfer-destination/{QuickConnectId}",),
    "DescribeQuickConnect": ("transfer-destination/{QuickConnectId}",),
    "ListQuickConnects": ("transfer-destination/*",),
    "CreateHoursOfOperation": ("operating-hours/*",),
    "DeleteHoursOfOperation": ("operating-hours/{HoursOfOperationId}",),
}


def connect_arns(method: str, path: str, body: bytes, region: str, account: str) -> list[str]:
    """The ARNs a Connect request must be allowed on."""
    operation, members = _parsed(method, path, body)
    instance = str(members.get("InstanceId", "*")).split("/")[-1]
    base = f"arn:aws:connect:{region}:{account}:instance/{instance}"
    found = []
    for resource in RESOURCES.get(operation, ("",)):
        kind, _, wanted = resource.partition("/")
        values = members.get(wanted.strip("{}"), "*") if wanted.startswith("{") else wanted
        for value in values if isinstance(values, list) else [values]:
            identifier = str(value).split("/")[-1].split(":")[0]
            found.append(f"{base}/{kind}/{identifier}" if kind else base)
    return found


def operation_of(method: str, path: str) -> str:
    """The operation a request names ("" when the service has none at that path)."""
    return _parsed(method, path, b"")[0]


def _parsed(method: str, path: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """(operation name, members of the request from its path and body)."""
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        members = {}
    members = members if isinstance(members, dict) else {}
    if configs := members.get("QueueConfigs"):
        members["QueueId"] = [config["QueueReference"]["QueueId"] for config in configs]
    parts = path.strip("/").split("/")
    for name, verb, pattern in _routes():
        if verb == method and len(pattern) == len(parts):
            pairs = list(zip(pattern, parts, strict=True))
            if all(want == got or want.startswith("{") for want, got in pairs):
                in_path = {w.strip("{}"): unquote(g) for w, g in pairs if w.startswith("{")}
                return name, {**members, **in_path}
    return "", members


@functools.cache
def _routes() -> list[tuple[str, str, list[str]]]:
    """(operation, method, path parts) of the service model; fewer variables first."""
    from botocore.loaders import Loader

    model = Loader().load_service_model("connect", "service-2")
    routes = [
        (name, str(o["http"]["method"]), str(o["http"]["requestUri"]).split("?")[0].strip("/"))
        for name, o in model["operations"].items()
    ]
    routes.sort(key=lambda route: route[2].count("{"))
    return [(name, verb, uri.split("/")) for name, verb, uri in routes]
