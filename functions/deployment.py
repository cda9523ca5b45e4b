"""Door: CloudFormation custom resources.

Whatever happens, CloudFormation gets an answer: a stack without one hangs for an hour. A delete
never fails for something that is gone already.
Source: AWS CloudFormation user guide, "Custom resource request and response objects".
"""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.stack import flows, instance, page, queue, rules
from emailchannel.aws.stack.request import Request

KINDS: dict[str, Callable[[Request], dict[str, str]]] = {
    "Custom::ConnectInstance": instance.apply,
    "Custom::ContactFlows": flows.apply,
    "Custom::PageFiles": page.apply,
    "Custom::QueueOffer": queue.apply,
    "Custom::ReceiptRules": rules.apply,
}
REASON_LIMIT = 1000


def handler(event: dict[str, Any], _context: object) -> None:
    """CloudFormation request -> its effect, and an answer to the ResponseURL."""
    request = Request.of(event)
    answer = {
        "Status": "SUCCESS",
        "PhysicalResourceId": request.physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    try:
        answer["Data"] = KINDS[event["ResourceType"]](request)
    except Exception as error:  # the administrator reads the reason in the stack's events
        runtime.logger.error("custom resource failed", extra={"error": type(error).__name__})
        answer |= {"Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"[:REASON_LIMIT]}
    _reply(event["ResponseURL"], answer)


def _reply(url: str, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    request = urllib.request.Request(  # noqa: S310  (CloudFormation's own presigned URL)
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass
