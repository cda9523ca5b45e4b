"""Door: the task queue. Starts Connect tasks at the pace Connect allows."""

from typing import Any

from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.offer import offer


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of {case_id, message_id} -> tasks, or news in open ones."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    order = runtime.body(record)
    case_id, message_id = str(order.get("case_id")), str(order.get("message_id"))
    contact = offer(channel(), case_id, message_id, str(order.get("after") or ""))
    return "task" if contact else "nothing"
