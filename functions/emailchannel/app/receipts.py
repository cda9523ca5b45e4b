"""Receipts of SMS as events of the kind that track.py folds. Pure.

Event shape and types: AWS End User Messaging user guide, "Messaging events" and "Event types for
SMS". By country TEXT_SUCCESSFUL (the carrier has it) stands for TEXT_DELIVERED. A failure that is
not final may still be followed by a delivery, so it is a delay. TEXT_UNKNOWN, which also comes when
no carrier has said anything for three days, does not undo a delivery.
"""

from collections.abc import Mapping
from typing import Any, Final

from ..moments import iso

_SENT: Final = "Send"
_THERE: Final = "Delivery"
_LATE: Final = "DeliveryDelay"
_BACK: Final = "Bounce"
_KINDS: Final = {
    "TEXT_QUEUED": _SENT,
    "TEXT_PENDING": _SENT,
    "TEXT_SENT": _SENT,
    "TEXT_SUCCESSFUL": _THERE,
    "TEXT_DELIVERED": _THERE,
    "TEXT_INVALID": _BACK,
    "TEXT_UNREACHABLE": _BACK,
    "TEXT_CARRIER_UNREACHABLE": _BACK,
    "TEXT_BLOCKED": _BACK,
    "TEXT_CARRIER_BLOCKED": _BACK,
    "TEXT_SPAM": _BACK,
    "TEXT_TTL_EXPIRED": _BACK,
    "TEXT_UNKNOWN": _BACK,
    "TEXT_INVALID_MESSAGE": "Reject",
    "TEXT_PROTECT_BLOCKED": "Rendering Failure",
}
_UNCLEAR: Final = "TEXT_UNKNOWN"
_SOFT: Final = "General"  # as an out-of-office answer: see track.py
_NOBODY: Final = "unknown"


def is_receipt(event: Mapping[str, Any]) -> bool:
    """Whether an event is of an SMS."""
    kind = event.get("eventType")
    return isinstance(kind, str) and kind.startswith("TEXT_") and "messageId" in event


def as_mail_event(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """A receipt as the SES event that says the same; any other event as it is.

    What tells one receipt from another is kept under `sms`.
    """
    if not is_receipt(event):
        return event
    said = str(event["eventType"])
    at = iso(_milliseconds(event.get("eventTimestamp")))
    kind = _kind(said, final=event.get("isFinal") is not False)
    told = {name: event.get(name) for name in ("eventType", "eventTimestamp", "messageStatus")}
    return {"eventType": kind, "mail": _mail(event, at), **_detail(event, kind, at), "sms": told}


def _kind(said: str, *, final: bool) -> str:
    """A type that nobody knows yet says no more than that the service has the text."""
    kind = _KINDS.get(said, _SENT)
    return _LATE if kind == _BACK and not final else kind


def _mail(event: Mapping[str, Any], at: str) -> dict[str, Any]:
    context = event.get("context")
    tags = context if isinstance(context, Mapping) else {}
    return {
        "messageId": str(event["messageId"]),
        "timestamp": at,
        "destination": [_number(event)],
        "tags": {str(name): [str(value)] for name, value in tags.items()},
    }


def _detail(event: Mapping[str, Any], kind: str, at: str) -> dict[str, Any]:
    number, why = _number(event), str(event.get("messageStatusDescription") or "")
    entry = {"emailAddress": number, "diagnosticCode": why}
    said = str(event["eventType"])
    # Never Permanent: that would put the number on a list of addresses that get no mail.
    bounce = {"bounceType": "Transient", "bounceSubType": _SOFT if said == _UNCLEAR else said}
    found: dict[str, dict[str, Any]] = {
        _SENT: {"send": {}},
        _THERE: {"delivery": {"timestamp": at, "recipients": [number]}},
        _LATE: {"deliveryDelay": {"timestamp": at, "delayedRecipients": [entry]}},
        _BACK: {"bounce": {"timestamp": at, **bounce, "bouncedRecipients": [entry]}},
        "Reject": {"reject": {"reason": why or said}},
        "Rendering Failure": {"failure": {"reason": why or said}},
    }
    return found[kind]


def _number(event: Mapping[str, Any]) -> str:
    return str(event.get("destinationPhoneNumber") or _NOBODY)


def _milliseconds(found: object) -> int:
    """A time that the clock's arithmetic can hold; 0 for what is none."""
    return int(found) if isinstance(found, int | float) and 0 <= found < 1 << 47 else 0
