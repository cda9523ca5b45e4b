"""What an agent gets with a task: links, relay addresses, and a code for the page's API."""

import json
from dataclasses import replace
from typing import Final

from . import directory, journal
from .case import Case, Contact, Interaction, Message
from .desk import session
from .document import attachment_key
from .mail import alias
from .moments import iso
from .ports import Channel

ORIGINAL: Final = "Original email"  # the name of the task's reference
_REFRESH_MARGIN: Final = 60  # links are renewed this long before they die


def links(
    channel: Channel, case_id: str, message: Message
) -> tuple[dict[str, str], dict[str, str]]:
    """Presigned links for a message: (contact attributes, contact references)."""
    seconds = channel.settings.access_timeout
    formatted = channel.mails.link(message.formatted_key, "mail.json", "application/json", seconds)
    attributes = {
        "email_url": formatted,
        "email_url_expires_at": iso(channel.now_ms() + seconds * 1000),
        "link_refresh_seconds": str(max(seconds - _REFRESH_MARGIN, 1)),
    }
    return attributes, {ORIGINAL: original_link(channel, case_id, message, seconds)}


def original_link(channel: Channel, case_id: str, message: Message, seconds: int) -> str:
    """The untouched mail, downloading as `<case>.eml`."""
    return channel.mails.link(message.raw_key, f"{case_id}.eml", "message/rfc822", seconds)


def attachment_link(channel: Channel, message: Message, n: int, seconds: int) -> str | None:
    """A link minted on click; None when there is no such attachment or it must not be opened."""
    if "virus-unknown" in message.flags:
        return None
    names = attachment_names(channel, message)
    if n not in names:
        return None
    key = attachment_key(message.id, n)
    return channel.mails.link(key, names[n], "application/octet-stream", seconds)


def attachment_names(channel: Channel, message: Message) -> dict[int, str]:
    """Every attachment's file name by its number: the row lists only the first of them."""
    body = channel.mails.read(message.formatted_key)
    listed = json.loads(body)["attachments"] if body else []
    return {entry["n"]: entry["filename"] or f"attachment-{entry['n'] + 1}" for entry in listed}


def relay_addresses(channel: Channel, case: Case, agent_id: str) -> dict[str, str]:
    """The four addresses through which this agent may answer the case, by attribute name.

    They answer the newest mail of the customer, whatever else has arrived on the case since.
    """
    agent = directory.by_id(channel, agent_id) if agent_id else None
    if agent is None or not agent.active or not case.latest_message_id:
        return {}
    keys = channel.keys.relay_keys()
    return {
        f"{purpose}_address": alias.relay_address(
            keys,
            purpose,
            case.id,
            alias.stamp(case.latest_message_id),
            agent.id,
            agent.epoch,
            channel.settings.domain,
        )
        for purpose in alias.PURPOSES
    }


def refresh(channel: Channel, contact: Contact, message_id: str) -> dict[str, str]:
    """A flow asks for links (inbound, while queued, on transfer): the attributes to set."""
    journal.contact(channel, contact, "moved")
    channel.cases.contact_moved(contact)
    message = channel.cases.message(contact.case_id, message_id)
    if message is None:
        return {}
    attributes, references = links(channel, contact.case_id, message)
    channel.contacts.refer(contact.id, references)
    return attributes


def whisper(channel: Channel, contact: Contact, message_id: str) -> dict[str, str]:
    """An agent has accepted the task: record him, and hand out links, addresses and a code.

    A flow may repeat the call: every call leaves a code of its own, each good once.
    """
    agent = directory.by_id(channel, contact.agent_id)
    username = agent.username if agent else contact.username
    connected = replace(contact, state="connected", username=username)
    journal.contact(channel, connected, "moved")
    channel.cases.contact_moved(connected)
    journal.note(
        channel,
        contact.case_id,
        Interaction(channel.now_ms(), "accepted", username, "", contact.id),
    )
    case = channel.cases.case(contact.case_id)
    message = channel.cases.message(contact.case_id, message_id)
    if case is None or message is None:
        return {}
    attributes, references = links(channel, contact.case_id, message)
    channel.contacts.refer(contact.id, references)
    return {
        **attributes,
        **relay_addresses(channel, case, contact.agent_id),
        "access_code": session.code(channel, connected),
        "agent_username": username,
    }
