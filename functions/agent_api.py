"""Door: the agent page's HTTP API.

A session belongs to one contact and the agent who holds it; it opens only what belongs to that
contact's case. Errors are problem details (RFC 9457).
"""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from emailchannel import present
from emailchannel.aws import runtime
from emailchannel.aws.channel import channel
from emailchannel.case import Contact, Message
from emailchannel.decide import Decided, NotPossible, decide
from emailchannel.errors import Retryable
from emailchannel.undo import TooLate, Undone, undo

Answer = dict[str, Any]
LINK_LIFE = 60  # seconds: a link is followed at once

_MESSAGE = re.compile(
    r"/messages/([A-Za-z0-9_-]{1,120})/(attachments/(\d{1,4})|original|formatted)"
)
_DECISION = re.compile(r"/messages/([A-Za-z0-9_-]{1,120})/decision")
_UNDO = re.compile(r"/messages/([A-Za-z0-9_-]{1,120})/undo")
_NOT_POSSIBLE = {
    "decided": "Somebody has decided this already. Look at the case again.",
    "unknown-action": "There is no such action.",
    "not-an-agent": "You are not an active agent of Amazon Connect.",
    "cannot-compose": "This answer cannot be written as a mail. Write it anew.",
}


def handler(event: dict[str, Any], _context: object) -> Answer:
    """API Gateway HTTP API event (payload 2.0) -> response."""
    http = event["requestContext"]["http"]
    method, path = http["method"], event["rawPath"]
    try:
        answer = _route(method, path, event)
    except Retryable as error:
        runtime.logger.warning("busy", extra={"reason": error.reason})
        answer = _problem(503, "Busy", "AWS did not answer in time. Try again in a moment.")
    runtime.logger.info("api", extra={"method": method, "status": answer["statusCode"]})
    return answer


def _route(method: str, path: str, event: dict[str, Any]) -> Answer:
    if (method, path) == ("POST", "/sessions"):
        return _open(event)
    if (method, path) == ("POST", "/sessions/renew"):
        return _renew(event)
    if (method, path) == ("GET", "/case"):
        return _with_contact(event, _case)
    decision = _DECISION.fullmatch(path)
    if method == "POST" and decision:
        return _with_contact(event, lambda contact: _decide(contact, decision[1], event))
    taken_back = _UNDO.fullmatch(path)
    if method == "POST" and taken_back:
        return _with_contact(event, lambda contact: _undo(contact, taken_back[1]))
    found = _MESSAGE.fullmatch(path)
    if method == "GET" and found:
        return _with_contact(event, lambda contact: _link(contact, found))
    return _problem(404, "Not found", "There is nothing at this address.")


def _json(status: int, body: object, kind: str = "application/json") -> Answer:
    headers = {"content-type": kind, "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}


def _problem(status: int, title: str, detail: str) -> Answer:
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return _json(status, problem, "application/problem+json")


def _session(session: tuple[str, str] | None, status: int) -> Answer:
    if session is None:
        return _problem(
            403,
            "Not yours",
            "This task is not yours now, or its code has been used. Accept it again.",
        )
    token, expires = session
    return _json(status, {"token": token, "expires_at": expires})


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    return base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()


def _open(event: dict[str, Any]) -> Answer:
    try:
        wanted = json.loads(_body(event))
        contact_id, code = wanted["contact_id"], wanted["code"]
    except (ValueError, KeyError, TypeError):
        return _problem(400, "Bad request", "Send a JSON object with contact_id and code.")
    if not isinstance(contact_id, str) or not isinstance(code, str):
        return _problem(400, "Bad request", "contact_id and code are strings.")
    return _session(present.open_session(channel(), contact_id, code), 201)


def _token(event: dict[str, Any]) -> str:
    scheme, _, token = str((event.get("headers") or {}).get("authorization", "")).partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _renew(event: dict[str, Any]) -> Answer:
    return _session(present.renew_session(channel(), _token(event)), 201)


def _with_contact(event: dict[str, Any], action: Callable[[Contact], Answer]) -> Answer:
    token = _token(event)
    contact = present.session_contact(channel(), token) if token else None
    if contact is None:
        return _problem(401, "Session over", "The session has ended, or the task is not yours now.")
    return action(contact)


def _case(contact: Contact) -> Answer:
    view = present.case_view(channel(), contact)
    present.saw(channel(), contact, "case")
    return _json(200, view) if view else _problem(404, "Not found", "There is no such case.")


def _decide(contact: Contact, message_id: str, event: dict[str, Any]) -> Answer:
    try:
        action = json.loads(_body(event))["action"]
    except (ValueError, KeyError, TypeError):
        return _problem(400, "Bad request", "Send a JSON object with an action.")
    match decide(channel(), contact, message_id, str(action)):
        case Decided(disposition, case_id):
            return _json(200, {"disposition": disposition, "case_id": case_id})
        case NotPossible("unknown-action" as reason):
            return _problem(400, "Bad request", _NOT_POSSIBLE[reason])
        case NotPossible(reason):
            return _problem(409, "Not possible", _NOT_POSSIBLE[reason])
        case _:
            return _problem(404, "Not found", "This case has no such mail.")


def _undo(contact: Contact, message_id: str) -> Answer:
    match undo(channel(), contact, message_id):
        case Undone():
            return _json(200, {"delivery": "undone"})
        case TooLate():
            return _problem(409, "Too late", "The answer has left already.")
        case _:
            return _problem(404, "Not found", "This case has no such answer.")


def _link(contact: Contact, found: re.Match[str]) -> Answer:
    message = channel().cases.message(contact.case_id, found[1])
    url = _url(contact, message, found) if message else None
    if url is None:
        return _problem(404, "Not found", "This case has no such mail or file, or it is locked.")
    present.saw(channel(), contact, found[2], found[1])
    return _json(200, {"url": url})


def _url(contact: Contact, message: Message, found: re.Match[str]) -> str | None:
    if found[3]:
        return present.attachment_link(channel(), message, int(found[3]), LINK_LIFE)
    if found[2] == "original":
        return present.original_link(channel(), contact.case_id, message, LINK_LIFE)
    return channel().mails.link(message.formatted_key, "mail.json", "application/json", LINK_LIFE)
