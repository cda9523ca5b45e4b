"""Door: a customer's mail is in the bucket."""

from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.ports import INBOUND
from emailchannel.receive import Outcome, Quarantined, receive


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES receipt notifications, and of {take: key, released} -> cases."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    if order := runtime.order(record, channel().mails):
        stored, released = order
        return _word(receive(channel(), stored, released=released))
    envelope = runtime.announced(record, INBOUND, channel().mails)
    return _word(receive(channel(), envelope)) if envelope else "NoMail"


def _word(outcome: Outcome) -> str:
    """For the log and the metrics: a flood is told from the rest of the quarantine."""
    if isinstance(outcome, Quarantined) and outcome.reason.startswith("flood"):
        return "Flooded"
    return type(outcome).__name__
