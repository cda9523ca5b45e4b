"""The agent page writes: the routes of answers, notes, drafts, files and the case's state."""

from typing import Any

from ..case import Case, Contact
from ..desk import drafts, files, recipients, state, words
from ..desk.letter import Unfit
from ..desk.values import (
    KINDS,
    LARGEST_FILE,
    LARGEST_MAIL,
    LONGEST_HTML,
    MOST_FILES,
    NEXT,
    Saved,
    Upload,
    Writing,
)
from ..desk.write import Letter, Seen, Sent, Stale, TooMany, write
from ..mail import alias
from ..moments import iso
from .channel import channel
from .desk_reading import LINK_LIFE, agent_of, not_found, own_case
from .http import Answer, Problem, Request, Route, answer

STALE = "urn:email-channel:stale"
CHANGED = "urn:email-channel:draft-changed"
_LIMITS = {
    "file": LARGEST_FILE,
    "total": LARGEST_MAIL,
    "files": MOST_FILES,
    "html": LONGEST_HTML,
}
_MOST_ADDRESSES = 50
_SHORTEST_KEY, _LONGEST_KEY = 8, 80


def _composer(request: Request, contact: Contact) -> Answer:
    case, agent = own_case(contact), agent_of(request)
    settings = channel().settings
    signature = words.signature(channel(), case, agent)
    draft = channel().cases.draft(case.id)
    people = recipients.people(channel(), case)
    found = {
        "from": alias.customer_alias(settings.inquiry_local, case.id, settings.domain),
        "customer": {"name": case.customer.name, "address": case.customer.address},
        "people": [{"name": a.name, "address": a.addr, "role": role} for a, role in people],
        "signature": {"html": signature.html, "text": signature.text},
        "replies": [vars(one) for one in words.replies(channel(), case, agent)],
        "limits": _LIMITS,
        "undo_seconds": settings.undo_seconds,
        "draft": _draft(case, draft) if draft else None,
    }
    return answer(200, found)


def _draft(case: Case, saved: Saved) -> dict[str, Any]:
    writing = saved.writing
    uploads = (channel().cases.upload(case.id, file_id) for file_id in writing.files)
    return {
        "version": saved.version,
        "author": saved.author,
        "at": iso(saved.at),
        **vars(writing),
        "files": [_file(upload) for upload in uploads if upload],
    }


def _file(upload: Upload) -> dict[str, Any]:
    return dict(vars(upload))


def _one_of(request: Request, name: str, known: tuple[str, ...]) -> str:
    found = request.text(name, default=known[0])
    if found not in known:
        raise Problem(400, "Bad request", f"{name} is one of {', '.join(known)}.")
    return found


def _writing(request: Request) -> Writing:
    # Markup is measured where it is sent: a draft that is too long must not be lost.
    return Writing(
        _one_of(request, "kind", KINDS),
        request.text("html", longest=2 * LONGEST_HTML, default=""),
        request.texts("to", most=_MOST_ADDRESSES),
        request.texts("cc", most=_MOST_ADDRESSES),
        request.texts("bcc", most=_MOST_ADDRESSES),
        _one_of(request, "next", NEXT),
        request.text("answers", longest=120, default=""),
        request.texts("files", most=2 * MOST_FILES, longest=80),
    )


def _seen(request: Request) -> Seen:
    found = request.json.get("seen")
    names = ("latest_message_id", "last_answer")
    told = [found.get(name) for name in names] if isinstance(found, dict) else []
    if not told or any(not isinstance(one, str) or len(one) > 120 for one in told):
        raise Problem(400, "Bad request", "seen names latest_message_id and last_answer.")
    return Seen(*map(str, told))


def _save_draft(request: Request, contact: Contact) -> Answer:
    case, version = own_case(contact), request.number("version", 0, 1_000_000)
    found = drafts.save(channel(), contact, agent_of(request), version, _writing(request))
    if isinstance(found, Saved):
        return answer(200, {"version": found.version, "at": iso(found.at)})
    raise _changed(case, found)


def _changed(case: Case, found: drafts.Changed) -> Problem:
    draft = _draft(case, found.draft) if found.draft else None
    detail = "Somebody has saved another draft since."
    return Problem(409, "Changed", detail, type=CHANGED, draft=draft)


def _drop_draft(request: Request, contact: Contact) -> Answer:
    version = request.query.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) < 8):
        raise Problem(400, "Bad request", "Name the version of the draft.")
    found = drafts.drop(channel(), contact, int(version))
    if found:
        raise _changed(own_case(contact), found)
    return {"statusCode": 204, "headers": {"cache-control": "no-store"}, "body": ""}


def _new_file(request: Request, contact: Contact) -> Answer:
    size = request.number("size", 1, 1_000_000_000)
    found = files.place(
        channel(),
        contact,
        request.text("filename", longest=255),
        request.text("content_type", longest=127, default=""),
        size,
        inline=request.flag("inline"),
    )
    if isinstance(found, files.TooLarge):
        detail = f"A file may have {LARGEST_FILE // 1_000_000} MB."
        raise Problem(413, "Too large", detail)
    return answer(201, {**_file(found.upload), "url": found.url, "headers": found.headers})


def _file_link(request: Request, contact: Contact) -> Answer:
    url = files.link(channel(), contact, request.parts["id"], LINK_LIFE)
    if url is None:
        raise not_found("file")
    return answer(200, {"url": url})


def _send(request: Request, contact: Contact) -> Answer:
    key = request.headers.get("idempotency-key", "")
    if not (_SHORTEST_KEY <= len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()):
        detail = f"Send an Idempotency-Key of {_SHORTEST_KEY} to {_LONGEST_KEY} characters."
        raise Problem(400, "Bad request", detail)
    letter = Letter(
        _writing(request), _seen(request), key, request.text("subject", longest=500, default="")
    )
    match write(channel(), contact, agent_of(request), letter):
        case Sent(identity, delivery, not_before):
            _forget_draft(request, contact)
            undo = iso(not_before) if not_before else None
            return answer(201, {"id": identity, "delivery": delivery, "not_before": undo})
        case Stale() as newer:
            raise _stale(newer)
        case Unfit(why):
            raise Problem(422, "Not sent", why)
        case TooMany():
            raise Problem(429, "Too many", "There have been very many answers. Wait a while.")
    raise not_found("mail")


def _forget_draft(request: Request, contact: Contact) -> None:
    version = request.json.get("draft_version")
    if isinstance(version, int) and not isinstance(version, bool) and 0 < version < 1_000_000:
        drafts.drop(channel(), contact, version)


def _stale(newer: Stale) -> Problem:
    found = {"kind": newer.kind, "actor": newer.actor, "at": iso(newer.at)}
    found["message_id"] = newer.message_id
    detail = "Somebody has written since. Look at it before you send."
    return Problem(409, "Not up to date", detail, type=STALE, newer=found)


def _signature(request: Request, contact: Contact) -> Answer:
    found = words.signature(channel(), own_case(contact), agent_of(request))
    return answer(200, {"html": found.html, "text": found.text})


def _keep_signature(request: Request, contact: Contact) -> Answer:
    text = request.text("html", longest=words.LONGEST)
    words.keep_signature(channel(), agent_of(request), text)
    return _signature(request, contact)


def _state(request: Request, contact: Contact) -> Answer:
    status = request.text("status")
    if status not in state.STATES:
        raise Problem(400, "Bad request", f"status is one of {', '.join(state.STATES)}.")
    found = state.change(channel(), contact, agent_of(request), status, _seen(request))
    if isinstance(found, Stale):
        raise _stale(found)
    return answer(200, {"status": found})


ROUTES = (
    Route("GET", "/case/composer", _composer),
    Route("PUT", "/case/draft", _save_draft),
    Route("DELETE", "/case/draft", _drop_draft),
    Route("POST", "/case/files", _new_file),
    Route("GET", "/case/files/{id}", _file_link),
    Route("POST", "/case/messages", _send),
    Route("POST", "/case/state", _state),
    Route("GET", "/signature", _signature),
    Route("PUT", "/signature", _keep_signature),
)
