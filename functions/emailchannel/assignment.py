"""Who holds which task: Connect's contact events, which may come late, twice and in any order.

Fields: Amazon Connect administrator guide, "Contact events data model".
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from . import journal
from .case import OPEN, Contact, Interaction, shared_queue
from .moments import milliseconds
from .ports import Channel

OVER: Final = frozenset({"DISCONNECTED", "COMPLETED"})
_TRANSFERRED: Final = "TRANSFERRED"
# An agent ended it, and knows what waits in it: everything else is a loss.
_MEANT: Final = frozenset({"AGENT_DISCONNECT", "AGENT_COMPLETED", "API", _TRANSFERRED})


def follow(channel: Channel, detail: Mapping[str, Any]) -> str:
    """Take in one contact event; returns what it meant, or empty when the contact is not ours."""
    contact = channel.cases.contact(str(detail.get("contactId") or ""))
    if contact is None:
        return ""
    kind = str(detail.get("eventType") or "")
    if kind in OVER:
        at = milliseconds(detail.get("disconnectTimestamp")) or channel.now_ms()
        return over(channel, contact, str(detail.get("disconnectReason") or ""), at)
    queue = shared_queue(str((detail.get("queueInfo") or {}).get("queueArn") or ""))
    if kind == "QUEUED" and queue and contact.state == "started":
        moved = replace(contact, queue_arn=queue)
        journal.contact(channel, moved, "moved")
        channel.cases.contact_moved(moved)
        return "queued"
    return "known"


def over(channel: Channel, contact: Contact, reason: str, at: int) -> str:
    """A task has ended. Its case stays what it is: an unanswered mail keeps waiting there.

    What it was for is offered again when nobody ever had it, or when it was lost and not ended. The
    case is freed last: until then the same event does all of this once more. `at` in milliseconds.
    """
    if contact.state == "ended":
        channel.cases.contact_ended(contact, following=reason == _TRANSFERRED)
        return "known"
    following = reason == _TRANSFERRED
    case = channel.cases.case(contact.case_id)
    freed = not following and case is not None and case.contact_id == contact.id
    journal.contact(channel, contact, "ended", following=following)
    if freed:
        actor = contact.username or "channel"
        entry = Interaction(at, "task-ended", actor, reason.lower(), contact.id)
        journal.note(channel, contact.case_id, entry)
        if not contact.agent_id or reason not in _MEANT:
            offer_again(channel, contact.case_id, contact.id)
    channel.cases.contact_ended(contact, following=following)
    return "ended" if freed else "known"


def offer_again(channel: Channel, case_id: str, after: str) -> bool:
    """Have a task started for what waits in a case; False when nothing does.

    `after` names what it follows: the same twice is one task.
    """
    waiting = channel.cases.held(case_id)
    case = channel.cases.case(case_id)
    if case and case.status == OPEN and not case.answered:
        waiting.append(case.latest_message_id)
    for message_id in waiting[-1:]:
        channel.queues.task(case_id, message_id, after)
    return bool(waiting)
