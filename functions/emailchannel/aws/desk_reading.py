"""The agent page reads: the routes of sessions, cases, their mails and links, and of decisions."""

from collections.abc import Callable

from .. import present
from ..case import Agent, Case, Contact, Message
from ..decide import Decided, NotPossible, decide
from ..desk import cursor, headers, others, presence, session, view
from ..undo import TooLate, Undone, undo
from .channel import channel
from .http import Answer, Problem, Request, Route, answer

LINK_LIFE = 60  # seconds: a link is followed at once
_NOT_POSSIBLE = {
    "decided": "Somebody has decided this already. Look at the case again.",
    "unknown-action": "There is no such action.",
    "not-an-agent": "You are not an active agent of Amazon Connect.",
    "cannot-compose": "This answer cannot be written as a mail. Write it anew.",
}


def not_found(what: str) -> Problem:
    """The answer for what is not there, and for what is not this agent's to know of."""
    return Problem(404, "Not found", f"There is no such {what}.")


def agent_of(request: Request) -> Agent:
    """The agent who asks. Raises Problem."""
    if request.agent is None:
        raise Problem(401, "Session over", "The session has ended.")
    return request.agent


def own_case(contact: Contact) -> Case:
    """The contact's case. Raises Problem."""
    case = channel().cases.case(contact.case_id)
    if case is None:
        raise not_found("case")
    return case


# Sessions


def _session(made: tuple[str, str] | None) -> Answer:
    if made is None:
        detail = "This task is not yours now, or its code has been used. Accept it again."
        raise Problem(403, "Not yours", detail)
    token, expires = made
    return answer(201, {"token": token, "expires_at": expires})


def _open(request: Request) -> Answer:
    contact_id, code = request.text("contact_id"), request.text("code")
    return _session(session.opened(channel(), contact_id, code))


def _renew(request: Request) -> Answer:
    made = session.renewed(channel(), request.token)
    if made is None:
        raise Problem(401, "Session over", "The session has ended, or the task is not yours now.")
    return _session(made)


def _person(request: Request) -> Answer:
    """By an ID token; without an authorizer in front there are no claims, and no such address."""
    if not request.claims:
        raise Problem(404, "Not found", "There is nothing at this address.")
    made = session.of_person(channel(), request.claims)
    if made is None:
        detail = "You are not known as an agent. Accept one task first; then try again."
        raise Problem(403, "Not an agent", detail)
    token, expires = made
    return answer(201, {"token": token, "expires_at": expires})


# Cases


def _case(request: Request, contact: Contact) -> Answer:
    limit = request.limit(view.PAGE)
    found = view.whole(channel(), own_case(contact), agent_of(request), limit)
    session.saw(channel(), contact.username, contact.case_id, "case")
    return answer(200, found)


def _before(request: Request, of: str, kind: str) -> str:
    asked = request.query.get("before")
    key = "" if asked is None else cursor.key_of(of, kind, asked)
    if key is None:
        raise Problem(400, "Bad request", "This cursor is not of this list.")
    return key


def _messages(request: Request, contact: Contact) -> Answer:
    before = _before(request, contact.case_id, view.MESSAGES)
    limit = request.limit(view.PAGE)
    return answer(200, view.messages(channel(), own_case(contact), limit, before))


def _interactions(request: Request, contact: Contact) -> Answer:
    before = _before(request, contact.case_id, view.HISTORY)
    return answer(200, view.history(channel(), contact.case_id, before))


def _others(request: Request, contact: Contact) -> Answer:
    own = own_case(contact)
    cases, older = others.beside(channel(), own, _before(request, own.id, view.OTHERS))
    listed = [view.listed(case, own) for case in cases]
    return answer(200, {"cases": listed, "older": cursor.cursor(own.id, view.OTHERS, older)})


def _presence(request: Request, contact: Contact) -> Answer:
    agent, writing = agent_of(request), request.flag("writing")
    around = presence.here(channel(), contact.case_id, agent, writing=writing)
    return answer(200, {"viewers": [view.viewer(one) for one in around]})


def _other(request: Request, contact: Contact) -> Case:
    wanted = request.parts["case"]
    case = others.readable(channel(), own_case(contact), agent_of(request), wanted)
    if case is None:
        raise not_found("case")
    return case


def _of_his_queues(request: Request) -> Case:
    case = others.of_his_queues(channel(), agent_of(request), request.parts["case"])
    if case is None:
        raise not_found("case")
    return case


def _other_case(request: Request, contact: Contact) -> Answer:
    return _read(request, _other(request, contact))


def _read(request: Request, case: Case) -> Answer:
    session.saw(channel(), agent_of(request).username, case.id, "case")
    return answer(200, view.read_only(channel(), case, request.limit(view.PAGE)))


def _other_messages(request: Request, contact: Contact) -> Answer:
    return _read_messages(request, _other(request, contact))


def _read_messages(request: Request, case: Case) -> Answer:
    before = _before(request, case.id, view.MESSAGES)
    limit = request.limit(view.PAGE)
    return answer(200, view.messages(channel(), case, limit, before, may_decide=False))


# Messages


def _decide(request: Request, contact: Contact) -> Answer:
    match decide(channel(), contact, request.parts["id"], request.text("action")):
        case Decided(disposition, case_id):
            return answer(200, {"disposition": disposition, "case_id": case_id})
        case NotPossible("unknown-action" as reason):
            raise Problem(400, "Bad request", _NOT_POSSIBLE[reason])
        case NotPossible(reason):
            raise Problem(409, "Not possible", _NOT_POSSIBLE[reason])
    raise not_found("mail")


def _undo(request: Request, contact: Contact) -> Answer:
    match undo(channel(), contact, request.parts["id"]):
        case Undone():
            return answer(200, {"delivery": "undone"})
        case TooLate():
            raise Problem(409, "Too late", "The answer has left already.")
    raise not_found("answer")


def _message(request: Request, contact: Contact) -> Message:
    """The message that is asked for: of the contact's case, or of one that may be read."""
    other = request.parts.get("case", contact.case_id) != contact.case_id
    return _message_of(request, _other(request, contact).id if other else contact.case_id)


def _message_of(request: Request, case_id: str) -> Message:
    message = channel().cases.message(case_id, request.parts["id"])
    if message is None:
        raise not_found("mail")
    return message


def _linked(request: Request, message: Message, what: str, url: str | None) -> Answer:
    if url is None:
        raise Problem(404, "Not found", "This mail has no such file, or it is locked.")
    session.saw(channel(), agent_of(request).username, message.case_id, what, message.id)
    return answer(200, {"url": url})


def _attachment(request: Request, message: Message) -> Answer:
    n = int(request.parts["n"])
    url = present.attachment_link(channel(), message, n, LINK_LIFE)
    return _linked(request, message, f"attachments/{n}", url)


def _original(request: Request, message: Message) -> Answer:
    original = present.original_link if message.raw_key else None
    url = original(channel(), message.case_id, message, LINK_LIFE) if original else None
    return _linked(request, message, "original", url)


def _formatted(request: Request, message: Message) -> Answer:
    key = message.formatted_key
    url = channel().mails.link(key, "mail.json", "application/json", LINK_LIFE)
    return _linked(request, message, "formatted", url)


def _headers(request: Request, message: Message) -> Answer:
    start = channel().mails.start
    raw = start(message.raw_key, headers.ENOUGH) if message.raw_key else None
    if raw is None:
        raise not_found("mail")
    session.saw(channel(), agent_of(request).username, message.case_id, "headers", message.id)
    return answer(200, {"headers": headers.shown(raw)})


Show = Callable[[Request, Message], Answer]


def _in_task(show: Show) -> Callable[[Request, Contact], Answer]:
    return lambda request, contact: show(request, _message(request, contact))


def _outside(show: Show) -> Callable[[Request], Answer]:
    return lambda request: show(request, _message_of(request, _of_his_queues(request).id))


_OF_A_MESSAGE = (
    ("attachments/{n}", _attachment),
    ("original", _original),
    ("formatted", _formatted),
    ("headers", _headers),
)
ROUTES = (
    Route("POST", "/sessions", open_action=_open),
    Route("POST", "/sessions/renew", open_action=_renew),
    Route("POST", "/sessions/person", open_action=_person),
    Route("GET", "/case", _case),
    Route("GET", "/case/messages", _messages),
    Route("GET", "/case/interactions", _interactions),
    Route("GET", "/case/others", _others),
    Route("POST", "/case/presence", _presence),
    Route(
        "GET",
        "/cases/{case}",
        _other_case,
        outside=lambda request: _read(request, _of_his_queues(request)),
    ),
    Route(
        "GET",
        "/cases/{case}/messages",
        _other_messages,
        outside=lambda request: _read_messages(request, _of_his_queues(request)),
    ),
    Route("POST", "/messages/{id}/decision", _decide),
    Route("POST", "/messages/{id}/undo", _undo),
    *(Route("GET", f"/messages/{{id}}/{what}", _in_task(show)) for what, show in _OF_A_MESSAGE),
    *(
        Route(
            "GET",
            f"/cases/{{case}}/messages/{{id}}/{what}",
            _in_task(show),
            outside=_outside(show),
        )
        for what, show in _OF_A_MESSAGE
    ),
)
