"""Door: the table's stream. Tells other systems what has happened."""

from typing import Any

from emailchannel import happened
from emailchannel.aws import news, runtime, streams
from emailchannel.aws.settings import stack_name


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """DynamoDB stream batch -> events on EventBridge, and news for AppSync's subscribers."""
    return runtime.stream(event, _one)


def _one(record: runtime.Record) -> str:
    row = streams.row_of(record)
    events = list(happened.events(row, stack_name()))
    news.teller().tell(events)
    told = list(happened.publications(row))
    for publication in told:
        news.teller().publish(publication)
    return "Told" if events or told else "NothingToTell"
