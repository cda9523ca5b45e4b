"""Door: an agent's mail is in the bucket."""

from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.ports import RELAY
from emailchannel.relay import relay


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES receipt notifications, and of {take: key} -> answers in the outbox."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    mails = channel().mails
    if order := runtime.order(record, mails):
        return type(relay(channel(), order.envelope)).__name__
    envelope = runtime.announced(record, RELAY, mails)
    return type(relay(channel(), envelope)).__name__ if envelope else "NoMail"
