"""Who holds which task: Connect's contact events, which may come late, twice and in any order.

Fields: Amazon Connect administrator guide, "Contact events data model".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from .case import OPEN, Contact, Interaction, shared_queue
from .ports import Channel

OVER: Final = frozenset({"DISCONNECTED", "COMPLETED"})
_TRANSFERRED: Final = "TRANSFERRED"


def follow(channel: Channel, detail: Mapping[str, Any]) -> str:
    """Take in one contact event; returns what it meant, or empty when the contact is not ours."""
    contact = channel.cases.contact(str(detail.get("contactId") or ""))
    if contact is None:
        return ""
    kind = str(detail.get("eventType") or "")
    if kind in OVER:
        return _over(channel, contact, str(detail.get("disconnectReason") or ""))
    queue = shared_queue(str((detail.get("queueInfo") or {}).get("queueArn") or ""))
    if kind == "QUEUED" and queue and contact.state == "started":
        channel.cases.contact_moved(replace(contact, queue_arn=queue))
        return "queued"
    return "known"


def _over(channel: Channel, contact: Contact, reason: str) -> str:
    """A task has ended. Its case stays what it is: an unanswered mail keeps waiting there."""
    if contact.state == "ended":
        return "known"
    freed = channel.cases.contact_ended(contact, following=reason == _TRANSFERRED)
    if freed:
        entry = Interaction(
            channel.now_ms(),
            "task-ended",
            contact.username or "channel",
            reason.lower(),
            contact.id,
        )
        channel.cases.note(contact.case_id, entry)
        if not contact.agent_id:
            _offer_again(channel, contact)
    return "ended" if freed else "known"


def _offer_again(channel: Channel, contact: Contact) -> None:
    """Nobody ever had this task: whatever waited in it must not end unseen."""
    waiting = channel.cases.held(contact.case_id)
    case = channel.cases.case(contact.case_id)
    if case and case.status == OPEN and not case.answered:
        waiting.append(case.latest_message_id)
    for message_id in waiting[-1:]:
        channel.queues.task(contact.case_id, message_id, contact.id)
