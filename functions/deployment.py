"""Door: CloudFormation custom resources.

Whatever happens, CloudFormation gets an answer: a stack without one hangs for an hour. A delete
never fails for something that is gone already.
Source: AWS CloudFormation user guide, "Custom resource request and response objects".
"""

import json
import threading
import urllib.request
from collections.abc import Callable
from typing import Any, Final

from emailchannel.aws import runtime
from emailchannel.aws.stack import api_key, flows, instance, page, queue, rules
from emailchannel.aws.stack.request import FAILED, PHYSICAL_ID, Request
from emailchannel.aws.stack.words import Refused, in_words

KINDS: Final[dict[str, Callable[[Request], dict[str, str]]]] = {
    "Custom::ApiKey": api_key.apply,
    "Custom::ConnectInstance": instance.apply,
    "Custom::ContactFlows": flows.apply,
    "Custom::PageFiles": page.apply,
    "Custom::QueueOffer": queue.offer,
    "Custom::QuickConnectOffer": queue.offer_quick_connect,
    "Custom::ReceiptRules": rules.apply,
}
REASON_LIMIT: Final = 1000
_SPARE: Final = 10  # seconds before Lambda ends the function, in which it can still answer


def handler(event: dict[str, Any], context: Any) -> None:
    """CloudFormation request -> its effect, and an answer to the ResponseURL."""
    request = Request.of(event)
    late = threading.Timer(
        context.get_remaining_time_in_millis() / 1000 - _SPARE,
        lambda: _reply(event, request, error=Refused("This took too long. Deploy again.")),
    )
    late.start()
    failed: Exception | None = None
    made: dict[str, str] = {}
    try:
        made = _apply(event["ResourceType"], request)
    except Exception as error:  # the administrator reads the reason in the stack's events
        runtime.logger.error("custom resource failed", extra={"error": type(error).__name__})
        failed = error
    late.cancel()
    _reply(event, request, made, failed)


def _apply(kind: str, request: Request) -> dict[str, str]:
    if kind in KINDS:
        return KINDS[kind](request)
    if request.kind == "Delete":  # made by a later release, of which this is the rollback
        return {}
    raise Refused(f"This release does not know {kind}. Deploy template and code together.")


def _reply(
    event: dict[str, Any],
    request: Request,
    made: dict[str, str] | None = None,
    error: Exception | None = None,
) -> None:
    data = dict(made or {})
    answer: dict[str, Any] = {
        "Status": "SUCCESS",
        PHYSICAL_ID: data.pop(PHYSICAL_ID, request.physical_id),
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": data,
    }
    if error:
        answer |= {"Status": "FAILED", "Reason": in_words(error)[:REASON_LIMIT]}
        if request.kind == "Create":
            answer[PHYSICAL_ID] += FAILED
    _put(event["ResponseURL"], json.dumps(answer).encode())


def _put(url: str, body: bytes) -> None:
    request = urllib.request.Request(  # noqa: S310  (CloudFormation's own presigned URL)
        url, data=body, method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass
