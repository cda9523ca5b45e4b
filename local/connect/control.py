"""The agent desktop's side of the local Connect: agents, their contacts, what happened.

JSON in, JSON out. 404 for what does not exist, 409 with a message for what is not allowed now.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from local.connect import agents, lookup, views
from local.connect.agents import NotNow
from local.connect.centre import ContactCentre
from local.connect.errors import ServiceError
from local.connect.model import Contact, Limits, User

Answer = tuple[int, dict[str, str], bytes]
Act = Callable[[ContactCentre, Contact, User], None]

_ACTS: dict[str, Act] = {
    "accept": agents.accept,
    "reject": agents.reject,
    "end": agents.end,
    "clear": agents.clear,
}


def handle(centre: ContactCentre, method: str, path: str, body: bytes) -> Answer:
    """Answer one request."""
    path = "/" + path.strip("/")
    for verb, pattern, respond in _ROUTES:
        found = re.fullmatch(pattern, path)
        if found and verb == method:
            with centre.lock:
                return _respond(centre, respond, found.groups(), body)
    return _json(404, {"message": f"no {method} {path}"})


def _respond(
    centre: ContactCentre, respond: Respond, names: tuple[str, ...], body: bytes
) -> Answer:
    try:
        return _json(200, respond(centre, json.loads(body or b"{}"), *names))
    except ServiceError as problem:
        return _json(404 if problem.status == 404 else 409, {"message": problem.message})
    except NotNow as problem:
        return _json(409, {"message": str(problem)})
    except (ValueError, KeyError, TypeError) as problem:
        return _json(400, {"message": f"bad request: {problem!r}"})


def _json(status: int, value: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _user(centre: ContactCentre, username: str) -> User:
    found = lookup.user_named(centre.instance, username)
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"no agent {username}")
    return found


def _list_agents(centre: ContactCentre, _body: dict[str, Any]) -> Any:
    return [views.agent(centre.instance, each) for each in centre.instance.users.values()]


def _put_state(centre: ContactCentre, body: dict[str, Any], username: str) -> Any:
    user = _user(centre, username)
    agents.set_state(centre, user, str(body["state"]))
    return views.agent(centre.instance, user)


def _get_snapshot(centre: ContactCentre, _body: dict[str, Any], username: str) -> Any:
    return views.snapshot(centre.instance, _user(centre, username))


def _get_endpoints(centre: ContactCentre, _body: dict[str, Any], username: str) -> Any:
    found = agents.endpoints(centre.instance, _user(centre, username))
    return [views.endpoint(each) for each in found]


def _act(centre: ContactCentre, body: dict[str, Any], contact_id: str, verb: str) -> Any:
    contact = lookup.contact(centre.instance, contact_id)
    user = _user(centre, body["agent"])
    if verb == "transfer":
        successor = agents.transfer(centre, contact, user, str(body["endpointARN"]))
        return views.contact(centre.instance, successor)
    _ACTS[verb](centre, contact, user)
    return views.contact(centre.instance, contact)


def _list_contacts(centre: ContactCentre, _body: dict[str, Any]) -> Any:
    return [views.contact(centre.instance, each) for each in centre.instance.contacts.values()]


def _get_trace(centre: ContactCentre, _body: dict[str, Any], contact_id: str) -> Any:
    return lookup.contact(centre.instance, contact_id).trace


def _get_events(centre: ContactCentre, _body: dict[str, Any]) -> Any:
    return centre.instance.events


def _get_log(centre: ContactCentre, _body: dict[str, Any]) -> Any:
    return centre.instance.log


def _set_limits(centre: ContactCentre, body: dict[str, Any]) -> Any:
    """{"rps": number or null (off), "burst": number, "active_tasks": number}, each optional."""
    limits = centre.instance.limits
    centre.instance.limits = Limits(
        rps=body.get("rps", limits.rps),
        burst=int(body.get("burst", limits.burst)),
        active_tasks=int(body.get("active_tasks", limits.active_tasks)),
    )
    return vars(centre.instance.limits)


Respond = Callable[..., Any]
_ROUTES: tuple[tuple[str, str, Respond], ...] = (
    ("GET", "/agents", _list_agents),
    ("PUT", "/agents/([^/]+)/state", _put_state),
    ("GET", "/agents/([^/]+)/snapshot", _get_snapshot),
    ("GET", "/agents/([^/]+)/endpoints", _get_endpoints),
    ("POST", "/contacts/([^/]+)/(accept|reject|end|clear|transfer)", _act),
    ("GET", "/contacts", _list_contacts),
    ("GET", "/contacts/([^/]+)/trace", _get_trace),
    ("GET", "/events", _get_events),
    ("GET", "/log", _get_log),
    ("POST", "/limits", _set_limits),
)
