"""AWS End User Messaging SMS: texts taken and kept, and receipts of them through SNS.

https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html
https://docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-format.html

Every number and sender id is taken for the account's own. What becomes of a text is decided by the
end of the number it goes to: 0001 is invalid, 0002 cannot be reached, of 0003 nothing is heard, and
0004 has asked for no more texts; all others get theirs.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import uuid
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import sns

from local.world import activity, clock, ses_events

log = logging.getLogger("local.sms")
SERVICE = "sms-voice.amazonaws.com"
_DELIVERED = ("TEXT_DELIVERED", "DELIVERED", "Message has been accepted by phone")
_OUTCOMES = {
    "0001": ("TEXT_INVALID", "INVALID", "Phone number is invalid"),
    "0002": ("TEXT_CARRIER_UNREACHABLE", "CARRIER_UNREACHABLE", "Phone carrier is unreachable"),
}
_SILENT = "0003"
_OPTED_OUT = "0004"
_RULES = {
    "DestinationPhoneNumber": r"\+?[1-9][0-9]{1,18}",
    "OriginationIdentity": r"[A-Za-z0-9_:/+-]{1,256}",
    "MessageBody": r"(?!\s*$)[\s\S]{1,1600}",
    "MessageType": r"TRANSACTIONAL|PROMOTIONAL",
}


class Refused(Exception):
    """The service did not take it: the API's error, its reason and a sentence."""

    def __init__(self, code: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.code, self.reason, self.message = code, reason, message


@dataclass(frozen=True)
class Text:
    """An SMS that was taken. `at` in epoch seconds."""

    message_id: str
    region: str
    sender: str
    to: str
    text: str
    configuration_set: str
    context: dict[str, str]
    at: float


_lock = threading.Lock()
_sent: dict[str, list[Text]] = {}
_sets: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}  # (account, region) -> name -> set


async def handle_request(
    _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """SendTextMessage; the other operations are not known here."""
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    if operation != "SendTextMessage":
        return _refusal(400, {"__type": "UnknownOperationException", "Message": operation})
    try:
        text = accept(get_account_id(), get_region(), json.loads(body or b"{}"))
    except Refused as refused:
        told = {"__type": refused.code, "Message": refused.message, "Reason": refused.reason}
        return _refusal(400, told)
    return 200, _kind(), json.dumps({"MessageId": text.message_id}).encode()


def _kind(error: str = "") -> dict[str, str]:
    named = {"x-amzn-errortype": error} if error else {}
    return {"Content-Type": "application/x-amz-json-1.0", **named}


def _refusal(status: int, told: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    return status, _kind(told["__type"]), json.dumps(told).encode()


def accept(account: str, region: str, request: dict[str, Any]) -> Text:
    """Take a text: check it, keep it, and let its receipt follow. Raises Refused."""
    for name, rule in _RULES.items():
        if name in request and not re.fullmatch(rule, request[name]):
            raise Refused("ValidationException", "FIELD_VALIDATION_FAILED", f"Invalid {name}")
    for name in ("DestinationPhoneNumber", "MessageBody"):
        if name not in request:
            raise Refused("ValidationException", "MISSING_PARAMETER", f"{name} is missing")
    chosen, to = request.get("ConfigurationSetName", ""), request["DestinationPhoneNumber"]
    if chosen and chosen not in _sets.get((account, region), {}):
        words = f"No configuration set {chosen}"
        raise Refused("ResourceNotFoundException", "", words)
    if to.endswith(_OPTED_OUT):
        words = "The destination phone number has opted out"
        raise Refused("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT", words)
    text = Text(
        message_id=str(uuid.uuid4()),
        region=region,
        sender=request.get("OriginationIdentity", ""),
        to=to,
        text=request["MessageBody"],
        configuration_set=chosen,
        context=dict(request.get("Context") or {}),
        at=clock.now(account),
    )
    keep(account, text)
    activity.begin(account, "text")
    threading.Thread(target=_after_sending, args=(account, text), daemon=True).start()
    return text


def _after_sending(account: str, text: Text) -> None:
    try:
        silent = text.to.endswith(_SILENT) or not text.configuration_set
        if not silent and ses_events.automatic(account):
            publish(account, text, receipt(account, text))
    finally:
        activity.end(account, "text")


def receipt(account: str, text: Text) -> dict[str, Any]:
    """The event as the service writes it."""
    said, state, words = _OUTCOMES.get(text.to[-4:], _DELIVERED)
    return {
        "eventType": said,
        "eventVersion": "1.0",
        "eventTimestamp": int(clock.now(account) * 1000),
        "isFinal": True,
        "originationPhoneNumber": text.sender,
        "destinationPhoneNumber": text.to,
        "isInternationalSend": False,
        "messageId": text.message_id,
        "messageRequestTimestamp": int(text.at * 1000),
        "messageType": "TRANSACTIONAL",
        "messageStatus": state,
        "messageStatusDescription": words,
        "context": text.context,
        "totalMessageParts": 1,
        "totalMessagePrice": 0.00581,
        "totalCarrierFee": 0.0,
    }


def publish(account: str, text: Text, content: dict[str, Any]) -> int:
    """Send a receipt to the topics of the text's set that want it; how many got it."""
    delivered = 0
    name, region = text.configuration_set, text.region
    source = f"arn:aws:sms-voice:{region}:{account}:configuration-set/{name}"
    with request_scope(account, region):
        known = _sets.get((account, region), {}).get(name) or {}
        for destination in known.get("EventDestinations") or []:
            topic = (destination.get("SnsDestination") or {}).get("TopicArn", "")
            wanted = {"ALL", "TEXT_ALL", content["eventType"]}
            off = str(destination.get("Enabled", True)).lower() == "false"
            if not topic or off or not wanted & set(destination["MatchingEventTypes"]):
                continue
            if not sns.topic_policy_allows(topic, SERVICE, source, account):
                log.warning("SMS: not allowed to publish to %s for %s", topic, source)
                continue
            delivered += sns.publish_internal(topic, json.dumps(content)) is not None
    return delivered


# -- rights -------------------------------------------------------------------------------------


def arns(body: bytes, region: str, account: str) -> list[str]:
    """What SendTextMessage is authorised on: the phone number or the sender id."""
    sender = str(json.loads(body or b"{}").get("OriginationIdentity", ""))
    if sender.startswith("arn:"):
        return [sender]
    if sender.startswith("+"):
        number = sha256(sender.encode()).hexdigest()[:32]
        return [f"arn:aws:sms-voice:{region}:{account}:phone-number/phone-{number}"]
    return [f"arn:aws:sms-voice:{region}:{account}:sender-id/{sender}/GB"]


# -- configuration sets -------------------------------------------------------------------------


def put_set(name: str, properties: dict[str, Any], *, fresh: bool = False) -> dict[str, str]:
    """AWS::SMSVOICE::ConfigurationSet made or changed; returns its attributes."""
    account, region = get_account_id(), get_region()
    known = _sets.setdefault((account, region), {})
    if fresh and name in known:
        raise ValueError(f"AlreadyExists: {name}")
    for destination in properties.get("EventDestinations") or []:
        missing = {"EventDestinationName", "Enabled", "MatchingEventTypes"} - set(destination)
        if missing:
            raise ValueError(f"InvalidRequest: {', '.join(sorted(missing))} is required")
    known[name] = properties
    return {"Arn": f"arn:aws:sms-voice:{region}:{account}:configuration-set/{name}"}


def delete_set(name: str) -> None:
    _sets.get((get_account_id(), get_region()), {}).pop(name, None)


# -- what is kept -------------------------------------------------------------------------------


def sent(account: str) -> list[dict[str, Any]]:
    """Every text that was taken, oldest first."""
    with _lock:
        return [asdict(text) for text in _sent.get(account, ())]


def keep(account: str, text: Text) -> None:
    with _lock:
        _sent.setdefault(account, []).append(text)


def forget(account: str) -> None:
    with _lock:
        _sent.pop(account, None)
        for key in [key for key in _sets if key[0] == account]:
            del _sets[key]


def get_state() -> dict[str, Any]:
    with _lock:
        texts = {account: [asdict(text) for text in texts] for account, texts in _sent.items()}
        return {"sent": texts, "sets": [[*key, found] for key, found in _sets.items()]}


def load_state(state: dict[str, Any]) -> None:
    for account, texts in state.get("sent", {}).items():
        for text in texts:
            keep(account, Text(**text))
    for account, region, found in state.get("sets", []):
        _sets[account, region] = found
