"""Door: a customer's mail is in the bucket."""

from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.insist import insist
from emailchannel.ports import INBOUND, Envelope
from emailchannel.receive import Outcome, Quarantined, receive


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES receipt notifications, and of {take: key, released, plain} -> cases."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    mails = channel().mails
    if order := runtime.order(record, mails):
        if order.released or order.plain:
            found = receive(channel(), order.envelope, released=True, plain=order.plain)
            return _word(found)
        return _word(_take(record, order.envelope))
    envelope = runtime.announced(record, INBOUND, mails)
    return _word(_take(record, envelope)) if envelope else "NoMail"


def _take(record: runtime.Record, envelope: Envelope) -> Outcome:
    return insist(channel(), envelope, runtime.receives(record))


def _word(outcome: Outcome) -> str:
    """For the log and the metrics: a flood is told from the rest of the quarantine."""
    if isinstance(outcome, Quarantined) and outcome.reason.startswith(("flood", "canary")):
        return "Flooded" if outcome.reason.startswith("flood") else "Canary"
    return type(outcome).__name__
