"""AWS's JSON -> our values. Pure. Shapes: SES developer guide "Contents of notifications for email
receiving"; Connect administrator guide "Invoke AWS Lambda functions", "Contact events"."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from ..case import Contact, shared_queue
from ..errors import Unprocessable
from ..mail.verdict import Verdicts, from_receipt
from ..moments import milliseconds
from ..ports import INBOUND, RELAY, Envelope

ROUTES = (INBOUND, RELAY)


def unwrapped(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message inside an SNS delivery, or the object itself when it came raw."""
    message = found.get("Message")
    if isinstance(message, str) and "Type" in found:
        try:
            inner = json.loads(message)
        except ValueError as error:
            raise Unprocessable("not-json") from error
        if isinstance(inner, Mapping):
            return inner
    return found


def is_greeting(text: object) -> bool:
    """Whether this is SES trying out the topic of a new rule: plain text, and no mail."""
    return isinstance(text, str) and text.startswith("Successfully validated SNS topic")


def envelope(notification: Mapping[str, Any]) -> Envelope | None:
    """The mail a notification announces; None for what announces no mail (S3's test event).

    Raises Unprocessable when it cannot be understood.
    """
    if notification.get("Event") == "s3:TestEvent":
        return None
    if isinstance(notification.get("Records"), list):
        return _of_s3(notification["Records"])
    mail, receipt = notification.get("mail"), notification.get("receipt")
    if not isinstance(mail, Mapping) or not isinstance(receipt, Mapping):
        raise Unprocessable("not-a-notification")
    action = receipt.get("action")
    if not isinstance(action, Mapping) or not isinstance(action.get("objectKey"), str):
        raise Unprocessable("no-object-key")
    key = _full_key(action)
    return Envelope(
        ses_id=str(mail.get("messageId") or key.rpartition("/")[2]),
        route=key.partition("/")[0],
        key=key,
        mail_from=_sender(mail.get("source")),
        recipients=tuple(str(address) for address in receipt.get("recipients") or ()),
        verdicts=from_receipt(receipt),
        at=milliseconds(receipt.get("timestamp") or mail.get("timestamp")),
    )


def _full_key(action: Mapping[str, Any]) -> str:
    """SES documents objectKey without its prefix in one place and with it in another."""
    key, prefix = str(action["objectKey"]), str(action.get("objectKeyPrefix") or "")
    full = key if key.startswith(prefix) else prefix + key
    if full.partition("/")[0] not in ROUTES:
        raise Unprocessable("unknown-prefix")
    return full


def _sender(source: object) -> str:
    return "" if source in (None, "<>") else str(source)


def _of_s3(records: list[Any]) -> Envelope | None:
    """An object named by an S3 event: no envelope and no verdicts, so nothing counts as PASS."""
    if not records or not isinstance(records[0], Mapping) or "s3" not in records[0]:
        raise Unprocessable("not-a-notification")
    record = records[0]
    key = unquote_plus(str(record["s3"]["object"]["key"]))
    return bare_envelope(key, milliseconds(record.get("eventTime")))


def bare_envelope(key: str, at: int = 0) -> Envelope:
    """A stored mail of which nothing is known but its key: nothing about it counts as PASS."""
    route, _, name = key.partition("/")
    if route not in ROUTES:
        raise Unprocessable("unknown-prefix")
    return Envelope(name.rpartition("/")[2] or name, route, key, "", (), Verdicts(), at)


@dataclass(frozen=True)
class FlowCall:
    """A flow's call of our Lambda: what it wants, for which contact and message."""

    purpose: str
    contact: Contact
    message_id: str


def flow_call(event: Mapping[str, Any]) -> FlowCall:
    """Read the event of a contact flow. Raises Unprocessable when it names no case of ours."""
    try:
        details = event["Details"]
        data, parameters = details["ContactData"], details.get("Parameters") or {}
        attributes = data.get("Attributes") or {}
        case_id, contact_id = attributes["interaction_id"], data["ContactId"]
    except (KeyError, TypeError) as error:
        raise Unprocessable("not-a-flow-event") from error
    arn = str(parameters.get("agent_arn") or "")
    contact = Contact(
        id=contact_id,
        case_id=case_id,
        state="started",
        agent_id=arn.rpartition("/")[2],
        agent_arn=arn,
        username=str(parameters.get("agent_username") or ""),
        queue_arn=shared_queue(str((data.get("Queue") or {}).get("ARN") or "")),
    )
    return FlowCall(
        str(parameters.get("purpose") or ""), contact, str(attributes.get("message_id") or "")
    )
