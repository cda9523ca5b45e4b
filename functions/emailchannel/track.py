"""What became of a mail: SES's events, folded.

The status is a function of the *set* of events, so any order and any repetition give the same
answer. Event shapes: Amazon SES developer guide, "Event record contents".
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .errors import Unprocessable
from .ports import Channel

# The later in this list, the more final: the strongest finding about a recipient is his status.
STRENGTH: Final = (
    "queued",
    "sent",
    "delayed",
    "delivered",
    "bounced",
    "complained",
    "rejected",
    "failed",
)
_RANK: Final = {status: rank for rank, status in enumerate(STRENGTH)}

# eventType -> (the object with the details, its list of recipients, the status)
_EVENTS: Final = {
    "Send": ("send", "", "sent"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients", "delayed"),
    "Delivery": ("delivery", "recipients", "delivered"),
    "Bounce": ("bounce", "bouncedRecipients", "bounced"),
    "Complaint": ("complaint", "complainedRecipients", "complained"),
    "Reject": ("reject", "", "rejected"),
    "Rendering Failure": ("failure", "", "failed"),
}


def track(channel: Channel, event: Mapping[str, Any]) -> str:
    """Take in one SES event; returns the message's delivery status, or empty when it is not ours.

    Raises Unprocessable for what is no SES event, Retryable when our own record is not there yet.
    """
    mail = event.get("mail")
    if not isinstance(mail, Mapping) or not isinstance(mail.get("messageId"), str):
        raise Unprocessable("not-an-ses-event")
    outbox = _tag(mail, "outbox")
    outgoing = channel.cases.outgoing(outbox) if outbox else None
    if outgoing is None or event.get("eventType") not in _EVENTS:
        return ""
    ses_id = str(mail["messageId"])
    if outgoing.state == "SENDING":
        channel.cases.sent(outgoing, ses_id)
    channel.cases.keep_event(ses_id, event_id(event), dict(event))
    status = fold(channel.cases.events(ses_id))
    channel.cases.delivered(outgoing.case_id, outgoing.message_id, status, _RANK[status])
    return status


def _tag(mail: Mapping[str, Any], name: str) -> str:
    values = (mail.get("tags") or {}).get(name) or [""]
    return str(values[0])


def event_id(event: Mapping[str, Any]) -> str:
    """The same event, delivered again, has the same id."""
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def by_recipient(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The status of every recipient, by lower-cased address."""
    found: dict[str, str] = {}
    for event in events:
        name, listed, status = _EVENTS[str(event["eventType"])]
        detail = event.get(name) or {}
        recipients = detail.get(listed) if listed else event["mail"].get("destination")
        for recipient in recipients or ():
            address = recipient["emailAddress"] if isinstance(recipient, Mapping) else recipient
            key = str(address).lower()
            found[key] = max(found.get(key, "queued"), status, key=_RANK.__getitem__)
    return found


def fold(events: Iterable[Mapping[str, Any]]) -> str:
    """One word for the whole mail: the strongest finding among its recipients."""
    return max(by_recipient(events).values(), key=_RANK.__getitem__, default="sent")
