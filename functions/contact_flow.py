"""Door: a contact flow asks for presigned links, or tells which agent took the task.

Flows want a flat object of strings, and every key every time: a missing one would fail the block
that reads it. (Amazon Connect administrator guide, "Invoke AWS Lambda functions".)
"""

from typing import Any

from emailchannel.aws import events, runtime
from emailchannel.aws.channel import channel
from emailchannel.mail.alias import PURPOSES
from emailchannel.present import refresh, whisper

LINKS = ("email_url", "email_url_expires_at", "link_refresh_seconds")
WHISPER = (*LINKS, "access_code", "agent_username", *(f"{name}_address" for name in PURPOSES))


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Contact flow event -> flat attributes. An error goes to the block's error branch."""
    call = events.flow_call(event)
    if call.purpose == "whisper":
        found, keys = whisper(channel(), call.contact, call.message_id), WHISPER
    else:
        found, keys = refresh(channel(), call.contact, call.message_id), LINKS
    runtime.logger.info("flow", extra={"purpose": call.purpose, "contact": call.contact.id})
    return {key: found.get(key, "") for key in keys}
