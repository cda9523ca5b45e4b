"""Door: Connect contact events: who holds which task, and when it is over."""

from typing import Any

from emailchannel.assignment import follow
from emailchannel.aws import runtime
from emailchannel.aws.channel import channel


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """SQS batch of EventBridge events (`Amazon Connect Contact Event`) -> assignments."""
    return runtime.batch(event, _one)


def _one(record: runtime.Record) -> str:
    detail = runtime.body(record).get("detail")
    return follow(channel(), detail if isinstance(detail, dict) else {}) or "not-ours"
