"""Door: SES says what became of a mail, and the SMS service what became of a text."""

from typing import Any

from emailchannel.app import receipts
from emailchannel.aws import events, runtime
from emailchannel.aws.channel import channel
from emailchannel.track import track


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES events and receipts -> delivery status of our messages."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    found = events.unwrapped(runtime.body(record))
    return track(channel(), receipts.as_mail_event(found)) or "not-ours"
