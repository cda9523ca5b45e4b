"""Door: a customer's mail is in the bucket."""

from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.ports import INBOUND
from emailchannel.receive import receive


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of SES receipt notifications -> cases."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    envelope = runtime.announced(record, INBOUND, channel().mails)
    return type(receive(channel(), envelope)).__name__ if envelope else "no mail"
