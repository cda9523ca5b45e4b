"""Door: the send queue. Hands the outbox to SES."""

from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.send import send


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of {outbox_id} -> mails."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    result = send(channel(), str(runtime.body(record).get("outbox_id")))
    return type(result).__name__
