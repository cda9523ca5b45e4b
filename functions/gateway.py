"""Door: a customer's mail is in the bucket."""

from typing import Any

from emailchannel.aws import events, runtime
from emailchannel.aws.channel import channel
from emailchannel.ports import INBOUND
from emailchannel.receive import receive


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES receipt notifications -> cases."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    if events.is_greeting(record.get("body")):
        return "greeting"
    notification = events.unwrapped(runtime.body(record))
    envelope = events.envelope(notification)
    if envelope is None or envelope.route != INBOUND:
        return "ignored"
    runtime.keep_notification(channel().mails, envelope.key, notification)
    outcome = receive(channel(), envelope)
    return type(outcome).__name__
