"""What became of a mail: SES's events, folded; of a text, its receipts (app/receipts.py).

The status is a function of the *set* of events, so any order and any repetition give the same
answer. Event shapes: Amazon SES developer guide, "Event record contents".
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from . import journal, returned
from .app.values import SMS
from .errors import Retryable, Unprocessable
from .moments import milliseconds
from .ports import Channel, Delivery, Outgoing
from .send import accepted

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
RANKS: Final = {status: 2 * rank for rank, status in enumerate(STRENGTH)}
_SOFT_RANK: Final = RANKS["delivered"] - 1

# eventType -> (the object with the details, its list of recipients, the status). What a recipient
# does with a mail that he has is no news of its delivery; we do not ask SES for it.
_EVENTS: Final = {
    "Send": ("send", "", "sent"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients", "delayed"),
    "Delivery": ("delivery", "recipients", "delivered"),
    "Bounce": ("bounce", "bouncedRecipients", "bounced"),
    "Complaint": ("complaint", "complainedRecipients", "complained"),
    "Reject": ("reject", "", "rejected"),
    "Rendering Failure": ("failure", "", "failed"),
    "Open": ("open", "", "delivered"),
    "Click": ("click", "", "delivered"),
    "Subscription": ("subscription", "", "delivered"),
}
LOST: Final = frozenset({"bounced", "complained", "rejected", "failed"})
_WAIT: Final = 600  # seconds until an event that nobody knows is looked at again
_PATIENCE: Final = 3600  # seconds: by then its mail's row is there, or never will be
UNMATCHED: Final = "EventsUnmatched"


def track(channel: Channel, event: Mapping[str, Any]) -> str:
    """Take in one SES event; returns the mail's delivery status, or empty when it is not ours.

    Raises Unprocessable for what is no SES event, Retryable while our own record is not there.
    """
    mail = event.get("mail")
    if not isinstance(mail, Mapping) or not isinstance(mail.get("messageId"), str):
        raise Unprocessable("not-an-ses-event")
    outbox = _tag(mail, "outbox")
    if not outbox or event.get("eventType") not in _EVENTS:
        return ""
    at = milliseconds(mail.get("timestamp"))
    outgoing = channel.cases.outgoing(outbox)
    if outgoing is None:
        if channel.now() - at / 1000 < _PATIENCE:
            raise Retryable("the mail of this event is not known yet", after=_WAIT)
        return UNMATCHED
    journal.event(channel, outgoing, event_id(event), at, dict(event))
    channel.cases.keep_event(outgoing.id, event_id(event), dict(event))
    if event["eventType"] == "Send" and outgoing.method != SMS:  # receipts say nothing of SES
        channel.cases.events_flow(at)
    accepted(channel, outgoing, str(mail["messageId"]))
    return settle(channel, outgoing)


def settle(channel: Channel, outgoing: Outgoing) -> str:
    """Fold all that is known of a mail into its status, and do what the status asks for."""
    events = channel.cases.events(outgoing.id)
    if not events:
        return ""
    delivery = folded(events)
    _remember_suppressed(channel, events)
    worst, words = _worst(events), why(events)
    if worst and not _is_told(channel, outgoing, delivery):
        kind = _EVENTS[str(worst["eventType"])][2]
        returned.bring_back(channel, outgoing, kind, words, _happened(worst))
    # Last: by this we know that the agent has been told.
    channel.cases.delivered(outgoing, replace(delivery, words=words))
    return delivery.status


def why(events: Iterable[Mapping[str, Any]]) -> str:
    """Why a mail did not arrive as it should, in words; empty when it did."""
    worst = _worst(events)
    return returned.event_words(worst) if worst else ""


def _is_told(channel: Channel, outgoing: Outgoing, delivery: Delivery) -> bool:
    message = channel.cases.message(outgoing.case_id, outgoing.message_id)
    return message is None or RANKS.get(message.delivery, 0) >= delivery.rank


def _happened(event: Mapping[str, Any]) -> int:
    detail = event.get(_EVENTS[str(event["eventType"])][0]) or {}
    return milliseconds(detail.get("timestamp")) or milliseconds(event["mail"].get("timestamp"))


def _worst(events: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The event that says most clearly that the mail did not arrive as it should."""
    told = by_recipient(events)
    lost = [event for event in events if _is_loss(event, told)]
    return max(lost, key=lambda event: (_rank_of(event), event_id(event)), default=None)


def _is_loss(event: Mapping[str, Any], told: Mapping[str, str]) -> bool:
    name, listed, status = _EVENTS[str(event["eventType"])]
    if status not in LOST:
        return False
    if not _is_soft(event):
        return True
    recipients = (event.get(name) or {}).get(listed) or ()
    return any(told.get(str(entry.get("emailAddress")).lower()) in LOST for entry in recipients)


def _is_soft(event: Mapping[str, Any]) -> bool:
    """A bounce that may be no more than an automatic answer: it does not undo a delivery."""
    bounce = event.get("bounce") or {}
    return bounce.get("bounceType") != "Permanent" and bounce.get("bounceSubType") == "General"


def _rank_of(event: Mapping[str, Any]) -> int:
    status = _EVENTS[str(event["eventType"])][2]
    return _SOFT_RANK if status == "bounced" and _is_soft(event) else RANKS[status]


def _remember_suppressed(channel: Channel, events: Iterable[Mapping[str, Any]]) -> None:
    """SES puts an address on the account's suppression list after a hard bounce or a complaint."""
    for event in events:
        bounce, complaint = event.get("bounce") or {}, event.get("complaint") or {}
        hard = bounce.get("bouncedRecipients") if bounce.get("bounceType") == "Permanent" else ()
        for reason, recipients in (
            ("bounce", hard),
            ("complaint", complaint.get("complainedRecipients")),
        ):
            for entry in recipients or ():
                address = str(entry.get("emailAddress")).lower()
                if not channel.cases.suppressed(address):
                    channel.cases.suppress(address, reason, channel.now_ms())


def _tag(mail: Mapping[str, Any], name: str) -> str:
    values = (mail.get("tags") or {}).get(name) or [""]
    return str(values[0])


def event_id(event: Mapping[str, Any]) -> str:
    """The same event, delivered again, has the same id."""
    canonical = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def by_recipient(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The status of every recipient, by lower-cased address."""
    return {address: status for address, (_, status, _) in _told(events).items()}


def _told(events: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, str, str]]:
    """(rank, status, reason) of every recipient: the strongest finding about him."""
    found: dict[str, tuple[int, str, str]] = {}
    for event in sorted(events, key=event_id):
        name, listed, status = _EVENTS[str(event["eventType"])]
        detail, rank = event.get(name) or {}, _rank_of(event)
        recipients = detail.get(listed) if listed else event["mail"].get("destination")
        for recipient in recipients or ():
            entry = recipient if isinstance(recipient, Mapping) else {"emailAddress": recipient}
            key = str(entry.get("emailAddress")).lower()
            if rank > found.get(key, (0, "", ""))[0]:
                reason = str(entry.get("diagnosticCode") or detail.get("reason") or "")
                found[key] = rank, status, reason
    return found


def folded(events: Iterable[Mapping[str, Any]]) -> Delivery:
    """One word for the whole mail, the strongest finding among its recipients, and theirs."""
    listed = list(events)
    told = _told(listed)
    rank, status, _ = max(told.values(), default=(RANKS["sent"], "sent", ""))
    recipients = {address: (word, why) for address, (_, word, why) in told.items()}
    return Delivery(status, rank, recipients, len(listed))


def fold(events: Iterable[Mapping[str, Any]]) -> str:
    """The word alone."""
    return folded(events).status
