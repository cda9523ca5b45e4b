"""Door: the schedule. Looks after what should have happened and has not."""

from typing import Any

from emailchannel import canary, caretaker
from emailchannel.aws import runtime
from emailchannel.aws.channel import channel


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """EventBridge schedule -> a round of all steps; {canary: true} -> the canary sent.

    Returns what was found, by name. A step that fails is named in `failed`; the others are done.
    """
    if event.get("canary"):
        sent = canary.send(channel())
        return {"canary": sent.id, "sent_at": sent.sent_at}
    return runtime.steps(caretaker.steps(channel()))
