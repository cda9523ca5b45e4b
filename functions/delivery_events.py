"""Door: SES says what became of a mail."""

from typing import Any

from emailchannel.aws import events, runtime
from emailchannel.aws.channel import channel
from emailchannel.track import track


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES events -> delivery status of our messages."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    return track(channel(), events.unwrapped(runtime.body(record))) or "not-ours"
