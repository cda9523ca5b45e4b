"""What an agent gets to see of a case: links, relay addresses, the way into the page's API."""

import hashlib
import json
import secrets
from dataclasses import replace
from typing import Any, Final

from . import answer, decide, directory, journal
from .case import Case, Contact, Interaction, Message
from .document import attachment_key, warnings_of
from .mail import alias
from .moments import iso
from .ports import Channel
from .trust import HELD

ORIGINAL: Final = "Original email"  # the name of the task's reference
CODE_LIFE: Final = 120  # seconds an access code can be exchanged
SESSION_LIFE: Final = 600  # seconds a session lives unless renewed
CODE: Final = "code"
SESSION: Final = "session"
_LOOK: Final = 600_000  # milliseconds
_FATES: Final = 20  # answers whose recipients are shown: each costs a read
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
        "access_code": _mint(channel, contact.id, CODE, CODE_LIFE),
        "agent_username": username,
    }


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _mint(channel: Channel, contact_id: str, kind: str, life: int) -> str:
    secret = secrets.token_urlsafe(24)
    channel.cases.keep_session(_hash(secret), contact_id, kind, int(channel.now()) + life)
    return secret


def open_session(channel: Channel, contact_id: str, code: str) -> tuple[str, str] | None:
    """Exchange the code of this contact, once, for (session token, expiry); None when refused."""
    now = int(channel.now())
    bound = channel.cases.use_session(_hash(code), CODE, now, once=True)
    if bound is None or bound != contact_id or _live(channel, contact_id) is None:
        return None
    return _session(channel, contact_id)


def renew_session(channel: Channel, token: str) -> tuple[str, str] | None:
    """A new token for a session that still lives, while its agent still holds the contact."""
    contact = session_contact(channel, token)
    return _session(channel, contact.id) if contact else None


def _session(channel: Channel, contact_id: str) -> tuple[str, str]:
    token = _mint(channel, contact_id, SESSION, SESSION_LIFE)
    return token, iso(channel.now_ms() + SESSION_LIFE * 1000)


def session_contact(channel: Channel, token: str) -> Contact | None:
    """The contact a session token stands for, if its agent still holds it."""
    bound = channel.cases.use_session(_hash(token), SESSION, int(channel.now()), once=False)
    return _live(channel, bound) if bound else None


def saw(channel: Channel, contact: Contact, what: str, ref: str = "") -> None:
    """Write into the history that the agent looked: once in ten minutes for the same thing."""
    at = channel.now_ms() // _LOOK * _LOOK
    journal.note(channel, contact.case_id, Interaction(at, "viewed", contact.username, what, ref))


def _live(channel: Channel, contact_id: str) -> Contact | None:
    contact = channel.cases.contact(contact_id)
    return contact if contact and contact.state == "connected" and contact.agent_id else None


def case_view(channel: Channel, contact: Contact) -> dict[str, Any] | None:
    """The contact's case as the page shows it: case, messages oldest first, history, addresses."""
    case = channel.cases.case(contact.case_id)
    if case is None:
        return None
    addresses = relay_addresses(channel, case, contact.agent_id)
    messages = channel.cases.messages(case.id)
    fates = _fates(channel, messages)
    return {
        "now": iso(channel.now_ms()),
        "case": {**_case(case), **_people(channel, case, messages)},
        "messages": [{**_message(case, m), **fates.get(m.id, {})} for m in messages],
        "interactions": [
            {"at": iso(entry.at), "kind": entry.kind, "actor": entry.actor, "reason": entry.reason}
            for entry in channel.cases.interactions(case.id)
        ],
        "relay_addresses": {
            name.removesuffix("_address"): address for name, address in addresses.items()
        },
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "status": case.status,
        "customer": {"name": case.customer.name, "address": case.customer.address},
        "subject": case.subject,
        "answered": case.answered,
        "linked": list(case.linked),
        "latest_message_id": case.latest_message_id,
    }


def _people(channel: Channel, case: Case, messages: list[Message]) -> dict[str, Any]:
    """Who is on the case, and who would get an answer to its newest mail."""
    newest = next((m for m in messages if m.id == case.latest_message_id), None)
    copies = answer.copied(channel, case, newest)
    return {
        "participants": [_person(entry.name, entry.address) for entry in case.participants],
        "recipients": {
            "to": [_person(case.customer.name, case.customer.address)],
            "cc": [_person(copy.name, copy.addr) for copy in copies],
        },
        "held": sum(message.disposition == HELD for message in messages),
        "suppressed": channel.cases.suppressed(case.customer.address.lower()),
    }


def _person(name: str, address: str) -> dict[str, str]:
    return {"name": name, "address": address}


def _message(case: Case, message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "direction": message.direction,
        "kind": message.kind,
        "disposition": message.disposition,
        "reason": message.reason,
        "flags": list(message.flags),
        "from": {"name": message.from_.name, "address": message.from_.address},
        "to": list(message.to),
        "cc": list(message.cc),
        "subject": message.subject,
        "at": iso(message.at),
        "delivery": message.delivery,
        "returned": message.returned,
        "actor": message.actor,
        "reply_to": [_person("", address) for address in message.reply_to],
        "warnings": warnings_of(message),
        "actions": list(decide.actions(case, message)),
        "attachments": [
            {"n": a.n, "filename": a.filename, "content_type": a.content_type, "size": a.size}
            for a in message.attachments
        ],
    }


def _fates(channel: Channel, messages: list[Message]) -> dict[str, dict[str, Any]]:
    """What became of the newest answers, by their ids."""
    answers = [message for message in messages if message.direction == "out"]
    return {message.id: _fate(channel, message) for message in answers[-_FATES:]}


def _fate(channel: Channel, message: Message) -> dict[str, Any]:
    """A status for each recipient; until when it may be taken back, while it may."""
    if message.delivery != "queued":
        told = channel.cases.recipients_status(message.id).items()
        return {"recipients": [{"address": a, "status": s, "reason": r} for a, (s, r) in told]}
    waiting = channel.cases.outgoing(message.id)
    if waiting and waiting.state == "PENDING" and waiting.not_before > channel.now_ms():
        return {"recipients": [], "not_before": iso(waiting.not_before)}
    return {"recipients": []}
