"""The journey of a mail of ours: from the agent to the recipients' servers."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from emailchannel.case import Interaction, Message
from emailchannel.mail.parse import parse
from emailchannel.moments import iso, milliseconds
from emailchannel.ports import Outgoing

from . import journey_record
from .hops import BAD, GOOD, WAITS, Hop, Journey, Source
from .journey_record import Kept

# eventType -> (its object, its recipients, what to say, tone)
_EVENTS: Final = {
    "Delivery": ("delivery", "recipients", "delivered", GOOD),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients", "delayed", WAITS),
    "Bounce": ("bounce", "bouncedRecipients", "bounced", BAD),
    "Complaint": ("complaint", "complainedRecipients", "complained of", BAD),
    "Reject": ("reject", "", "rejected by Amazon SES", BAD),
    "Rendering Failure": ("failure", "", "failed in Amazon SES", BAD),
}
_FINAL: Final = frozenset(_EVENTS) - {"DeliveryDelay"}

Event = Mapping[str, Any]


def outbound(source: Source, outbox_id: str) -> Journey:
    """Of a mail of the outbox. Raises LookupError when there is none."""
    cases = source.channel.cases
    outgoing = cases.outgoing(outbox_id)
    if outgoing is None:
        raise LookupError(outbox_id)
    message = cases.message(outgoing.case_id, outgoing.message_id) if outgoing.is_answer else None
    at = message.at if message else outgoing.at
    kept = journey_record.read(source.channel, outgoing.case_id, at)
    found = cases.events(outbox_id)
    waits, since = _waits(source, outgoing, found)
    hops = [
        *_origin(kept, outgoing, message),
        *_sending(kept, outgoing, found),
        *(hop for event in found for hop in _event(event)),
        *_returned(kept, outgoing),
    ]
    return Journey(
        outbox_id,
        "out",
        at,
        outgoing.sender,
        outgoing.recipients,
        message.subject if message else _subject(source, outgoing),
        outgoing.case_id,
        tuple(hops),
        waits,
        since,
        (),
        message.answers if message else "",
    )


def _subject(source: Source, outgoing: Outgoing) -> str:
    raw = source.channel.mails.read(outgoing.key)
    return parse(raw).subject if raw else ""


def _origin(kept: Kept, outgoing: Outgoing, message: Message | None) -> Iterator[Hop]:
    if message:
        intake = kept.intake_of(message.id)
        if intake.get("route") == "relay":
            ses_id = str(intake["ses_id"])
            yield Hop(message.at, f"{message.actor}'s mail received by Amazon SES", ses_id)
        else:
            yield Hop(message.at, f"written by {message.actor}", "on the agent page")
    said = f"purpose: {message.purpose}" if message else "by the channel itself"
    yield Hop(outgoing.at, "in the outbox", said)
    if outgoing.not_before:
        yield Hop(outgoing.not_before, "may not be undone any more")


def _sending(kept: Kept, outgoing: Outgoing, found: Sequence[Event]) -> Iterator[Hop]:
    for log in _logs(kept, "sent-again", outgoing.id):
        yield Hop(log.at, "given to Amazon SES, which did not answer", "it was sent again", BAD)
    if outgoing.claimed_at:
        again = ", a second time" if outgoing.resent else ""
        said = f"attempt {outgoing.attempt}{again}"
        yield Hop(outgoing.claimed_at, "given to Amazon SES", said)
    for log in _logs(kept, "not-sent", outgoing.id):
        yield Hop(log.at, "not sent", log.reason, BAD)
    if outgoing.state == "UNDONE":
        yield Hop(0, "undone by the agent", "it never left", BAD)
    sends = [event for event in found if event["eventType"] == "Send"]
    if outgoing.ses_id and not sends:
        yield Hop(outgoing.claimed_at, "accepted by Amazon SES", outgoing.ses_id, GOOD)
    for event in sends:
        mail = event["mail"]
        at = max(milliseconds(mail.get("timestamp")), outgoing.claimed_at)
        yield Hop(at, "accepted by Amazon SES", str(mail["messageId"]), GOOD)


def _logs(kept: Kept, kind: str, ref: str) -> list[Interaction]:
    return [log for log in kept.history if log.kind == kind and log.ref == ref]


def _event(event: Event) -> Iterator[Hop]:
    """A delivery event, a hop for each recipient, with the words of his server."""
    known = _EVENTS.get(str(event["eventType"]))
    if known is None:
        return
    name, listed, what, tone = known
    detail = event.get(name) or {}
    at = milliseconds(detail.get("timestamp")) or milliseconds(event["mail"].get("timestamp"))
    recipients = detail.get(listed) if listed else event["mail"].get("destination")
    for recipient in recipients or ():
        entry = recipient if isinstance(recipient, Mapping) else {"emailAddress": recipient}
        words = entry.get("diagnosticCode") or detail.get("smtpResponse") or detail.get("reason")
        kinds = (detail.get("bounceType"), detail.get("bounceSubType"), detail.get("delayType"))
        said = ", ".join(str(kind) for kind in kinds if kind)
        text = ": ".join(filter(None, (said, str(words or detail.get("errorMessage") or ""))))
        yield Hop(at, f"{what}: {entry.get('emailAddress')}", text, tone)


def _returned(kept: Kept, outgoing: Outgoing) -> Iterator[Hop]:
    returned = _logs(kept, "returned", outgoing.message_id) if outgoing.message_id else []
    for log in returned:
        yield Hop(log.at, "brought back to an agent", log.reason, BAD)
        after = [one for one in kept.history if one.kind == "offered" and one.at >= log.at]
        for task in after[:1]:
            yield Hop(task.at, "task started", f"contact {task.ref}")


def _waits(source: Source, outgoing: Outgoing, found: Sequence[Event]) -> tuple[str, int]:
    if outgoing.state == "PENDING":
        if outgoing.not_before > source.channel.now_ms():
            return f"the agent may undo it until {iso(outgoing.not_before)}", outgoing.at
        return "in the send queue", outgoing.at
    if outgoing.state == "SENDING":
        return "given to Amazon SES, whose answer is not known yet", outgoing.claimed_at
    if outgoing.state == "UNKNOWN":
        return "unknown whether Amazon SES has sent it", outgoing.claimed_at
    kinds = {event["eventType"] for event in found}
    if outgoing.state == "SENT" and not kinds & _FINAL:
        delayed = "the recipient's server puts it off" if "DeliveryDelay" in kinds else ""
        return delayed or "with Amazon SES: no news of its delivery yet", outgoing.claimed_at
    return "", 0
