"""The way into the agent page's API: a code that is good once, and short sessions.

Each is bound to a contact and to the agent who held it. What lives longer than a moment in Connect,
such as a contact's attributes, holds nothing but a spent code.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Final

from .. import directory, journal
from ..case import Agent, Contact, Interaction
from ..mail.address import normalise
from ..moments import iso
from ..ports import Channel, Grant

CODE_LIFE: Final = 120  # seconds an access code can be exchanged
SESSION_LIFE: Final = 600  # seconds a session lives unless renewed
PERSON_LIFE: Final = 3600  # seconds a session without a contact lives; it is not renewed
_CODE: Final = "code"
_SESSION: Final = "session"
_PERSON: Final = "person"
_LOOK: Final = 600_000  # milliseconds


def code(channel: Channel, contact: Contact) -> str:
    """A code for the agent who has just taken this contact."""
    agent = channel.cases.agent(contact.agent_id)
    grant = Grant(contact.id, contact.agent_id, agent.epoch if agent else 0)
    return _mint(channel, grant, _CODE, CODE_LIFE)


def opened(channel: Channel, contact_id: str, code: str) -> tuple[str, str] | None:
    """Exchange the code of this contact, once, for (session token, expiry); None when refused."""
    grant = channel.cases.use_session(_hash(code), _CODE, int(channel.now()), once=True)
    if grant is None or grant.contact_id != contact_id:
        return None
    return _session(channel, grant)


def renewed(channel: Channel, token: str) -> tuple[str, str] | None:
    """A new token for a session that still lives, while its agent still holds the contact."""
    grant = channel.cases.use_session(_hash(token), _SESSION, int(channel.now()), once=False)
    return _session(channel, grant) if grant else None


def holder(channel: Channel, token: str) -> tuple[Contact, Agent] | None:
    """The contact that a session is for and its agent, if he still holds it and is still one."""
    grant = channel.cases.use_session(_hash(token), _SESSION, int(channel.now()), once=False)
    return _holder(channel, grant) if grant else None


def of_person(channel: Channel, claims: Mapping[str, str]) -> tuple[str, str] | None:
    """A session without a contact, to read only: (token, expiry); None when it is refused.

    `claims` are those of an ID token whose signature, issuer and audience API Gateway has checked.
    The agent is known by his address, which the issuer must have verified (OpenID Connect Core
    1.0 section 5.1).
    """
    address = normalise(claims.get("email", ""))
    if not address or claims.get("email_verified", "").lower() != "true":
        return None
    agent = directory.by_address(channel, address, known=True)
    if agent is None or not agent.active:
        return None
    token = _mint(channel, Grant("", agent.id, agent.epoch), _PERSON, PERSON_LIFE)
    return token, iso(channel.now_ms() + PERSON_LIFE * 1000)


def reader(channel: Channel, token: str) -> Agent | None:
    """The agent of a session without a contact, if he is still one."""
    grant = channel.cases.use_session(_hash(token), _PERSON, int(channel.now()), once=False)
    return _agent(channel, grant) if grant else None


def saw(channel: Channel, username: str, case_id: str, what: str, ref: str = "") -> None:
    """Write into the history that the agent looked: once in ten minutes for the same thing."""
    at = channel.now_ms() // _LOOK * _LOOK
    journal.note(channel, case_id, Interaction(at, "viewed", username, what, ref))


def _session(channel: Channel, grant: Grant) -> tuple[str, str] | None:
    held = _holder(channel, grant)
    if held is None:
        return None
    contact, agent = held
    grant = Grant(contact.id, agent.id, agent.epoch)
    token = _mint(channel, grant, _SESSION, SESSION_LIFE)
    return token, iso(channel.now_ms() + SESSION_LIFE * 1000)


def _holder(channel: Channel, grant: Grant) -> tuple[Contact, Agent] | None:
    contact = channel.cases.contact(grant.contact_id)
    if contact is None or contact.state != "connected" or not contact.agent_id:
        return None
    if not grant.bound:
        agent = directory.by_id(channel, contact.agent_id)
        return (contact, agent) if agent and agent.active else None
    agent = _agent(channel, grant) if contact.agent_id == grant.agent_id else None
    return (contact, agent) if agent else None


def _agent(channel: Channel, grant: Grant) -> Agent | None:
    agent = directory.by_id(channel, grant.agent_id)
    if agent is None or not agent.active or agent.epoch != grant.epoch:
        return None
    return agent


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _mint(channel: Channel, grant: Grant, kind: str, life: int) -> str:
    secret = secrets.token_urlsafe(24)
    channel.cases.keep_session(_hash(secret), grant, kind, int(channel.now()) + life)
    return secret
