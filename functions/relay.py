"""Door: an agent's mail is in the bucket."""

from typing import Any

from emailchannel.aws import events, runtime
from emailchannel.aws.channel import channel
from emailchannel.ports import RELAY
from emailchannel.relay import relay


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES receipt notifications -> answers in the outbox."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    if events.is_greeting(record.get("body")):
        return "greeting"
    notification = events.unwrapped(runtime.body(record))
    envelope = events.envelope(notification)
    if envelope is None or envelope.route != RELAY:
        return "ignored"
    runtime.keep_notification(channel().mails, envelope.key, notification)
    outcome = relay(channel(), envelope)
    return type(outcome).__name__
