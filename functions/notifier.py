"""Door: streams of tables. Sends the mails that the rules ask for (docs/notifications.md)."""

from typing import Any

from emailchannel.aws import runtime, streams, watching
from emailchannel.aws.channel import channel
from emailchannel.notify.tell import tell


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """DynamoDB stream batch -> mails in the outbox. What can never be sent is set aside."""
    return runtime.stream(event, _one, watching.set_aside)


def _one(record: runtime.Record) -> str:
    origin, table = watching.table_of(record)
    rules = watching.rules()
    sent = tell(channel(), watching.files(), rules, table, origin, streams.row_of(record))
    return "Notified" if sent else "NothingToSend"
