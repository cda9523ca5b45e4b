"""The agent page keeps prepared replies: the routes of an agent's own."""

import re
from typing import Any

from ..case import Contact
from ..desk import own_replies
from ..desk.canned import Fault
from ..desk.values import Canned
from .channel import channel
from .desk_reading import agent_of
from .http import Answer, Problem, Request, Route, answer

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LONGEST_TITLE, _LONGEST_SUBJECT, _LONGEST_HTML = 100, 250, 20_000


def _list(request: Request, _contact: Contact) -> Answer:
    known = own_replies.listed(channel(), agent_of(request))
    return answer(200, {"replies": [_shown(reply) for reply in known]})


def _keep(request: Request, _contact: Contact) -> Answer:
    reply = Canned(
        _id(request),
        request.text("title", longest=_LONGEST_TITLE),
        request.text("subject", longest=_LONGEST_SUBJECT, default=""),
        request.text("html", longest=_LONGEST_HTML),
    )
    try:
        kept = own_replies.keep(channel(), agent_of(request), reply)
    except own_replies.Full as error:
        detail = f"You keep {own_replies.MOST} replies already. Delete one first."
        raise Problem(409, "Too many", detail) from error
    if isinstance(kept, Fault):
        raise Problem(422, "Not kept", kept.reason)
    return answer(200, _shown(kept))


def _drop(request: Request, _contact: Contact) -> Answer:
    own_replies.drop(channel(), agent_of(request), _id(request))
    return {"statusCode": 204, "headers": {"cache-control": "no-store"}, "body": ""}


def _id(request: Request) -> str:
    found = request.parts["id"]
    if not _ID.fullmatch(found):
        detail = "An id is made of a-z, 0-9 and -, at most 60 of them."
        raise Problem(400, "Bad request", detail)
    return found


def _shown(reply: Canned) -> dict[str, Any]:
    return dict(vars(reply))


ROUTES = (
    Route("GET", "/replies/own", _list),
    Route("PUT", "/replies/own/{id}", _keep),
    Route("DELETE", "/replies/own/{id}", _drop),
)
