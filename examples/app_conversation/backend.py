"""The app's back end: it holds the key of the messages API, and lets a page into one conversation.

`App.handle(request) -> response` is all of it; `local_server.py` and `on_lambda.py` bring requests.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from .access import BACK, LINK, Pass, Tokens, Tries, same
from .messages_api import Api
from .web import Refused, Request, Response, as_json, text, wish

FOLDER: Final = Path(__file__).with_name("page")
KINDS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
MOST_WORDS: Final = 50_000  # characters of a message
MOST_FILES: Final = 10
FILE_BYTES: Final = 4_000_000  # of a message's files: a Lambda function takes 6 MB, in Base64
_MOST_BODY: Final = 6_000_000
_SMALL_BODY: Final = 20_000
TOKEN: Final = "Conversation-Token"  # noqa: S105  (the name of the header with a renewed one)


@dataclass(frozen=True)
class App:
    """The app; `access_code` lets somebody start a conversation."""

    api: Api
    access_code: str = field(repr=False)
    tokens: Tokens
    tries: Tries = field(default_factory=Tries)
    now: Callable[[], float] = time.time

    def handle(self, request: Request) -> Response:
        """Answer a request; whatever it is, with a response."""
        try:
            return self._answer(request).complete()
        except Refused as refused:
            return refused.response().complete()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/attachments/"):
            _only("GET", request)
            return self._file(request)
        routes = {
            "/conversations": ("POST", self._open),
            "/token": ("POST", self._let_in_again),
            "/conversation": ("GET", self._read),
            "/messages": ("POST", self._post),
        }
        method, route = routes.get(request.path, ("GET", _page))
        _only(method, request)
        return route(request)

    # The way in

    def _open(self, request: Request) -> Response:
        """{code, to, subject, key} -> {token}: a conversation with somebody is opened."""
        wanted = wish(request, _SMALL_BODY)
        self._check_code(request, wanted)
        to, subject = text(wanted, "to", 320), text(wanted, "subject", 200)
        key = _key("open", text(wanted, "key", 100, least=8))
        case_id = self.api.open(to, subject, key)
        return as_json(201, {"token": self.tokens.issue(case_id, self.now())})

    def _let_in_again(self, request: Request) -> Response:
        """{code} -> {token}: back into the conversation of a token that has ended."""
        wanted = wish(request, _SMALL_BODY)
        self._check_code(request, wanted)
        known = self.tokens.read(_bearer(request))
        if known is None or known.until + BACK <= self.now():
            raise Refused(403, "Forbidden", "This conversation cannot be opened again from here.")
        return as_json(200, {"token": self.tokens.issue(known.case_id, self.now())})

    def _check_code(self, request: Request, wanted: dict[str, Any]) -> None:
        if wait := self.tries.begin(request.caller, self.now()):
            sentence = f"Too many wrong codes. Try again in {-(-wait // 60)} min."
            raise Refused(429, "TooManyTries", sentence, wait)
        code = wanted.get("code")
        if not isinstance(code, str) or not same(code, self.access_code):
            raise Refused(403, "WrongCode", "This access code is not right.")
        self.tries.was_right(request.caller)

    def _let_in(self, request: Request) -> tuple[Pass, dict[str, str]]:
        """The conversation of the request's token, and a header with the next one when it is time.

        Raises Refused.
        """
        known = self.tokens.read(_bearer(request))
        if known is None or known.until <= self.now():
            raise Refused(401, "Ended", "Your time here is over. Enter the access code to go on.")
        renewed = self.tokens.renewed(known, self.now())
        return known, {TOKEN: renewed} if renewed else {}

    # The conversation

    def _read(self, request: Request) -> Response:
        """Its newest messages, or, with ?after=, earlier ones; 304 when nothing has changed."""
        known, headers = self._let_in(request)
        after, seen = request.query.get("after"), request.headers.get("if-none-match")
        if not after and seen and self._tag(self.api.state(known.case_id)) == seen:
            return Response(304, b"", headers | {"ETag": seen})
        found = self.api.read(known.case_id, after)
        tag = {} if after else {"ETag": self._tag(found)}
        return as_json(200, self._conversation(known.case_id, found), headers | tag)

    def _tag(self, found: dict[str, Any]) -> str:
        """Changes with what a page shows of the newest messages, and when links end."""
        names = ("id", "deliveryStatus", "deliveryReason")
        rows = [[message[name] for name in names] for message in found["messages"]["data"]]
        content = json.dumps([found["open"], int(self.now()) // LINK, rows])
        return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'

    def _conversation(self, case_id: str, found: dict[str, Any]) -> dict[str, Any]:
        page = found["messages"]
        more = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
        messages = [self._message(case_id, message) for message in reversed(page["data"])]
        about = {name: found[name] for name in ("subject", "to", "replyTo", "open")}
        return {**about, "messages": messages, "earlier": more, "fileBytes": FILE_BYTES}

    def _message(self, case_id: str, message: dict[str, Any]) -> dict[str, Any]:
        """As the page gets it: its text, never its HTML; links of this app, not of the bucket."""
        message_id = str(message["id"])
        return {
            "id": message_id,
            "own": message["direction"] == "OUT",
            "from": message["from"],
            "proven": message["authenticated"],
            "at": message["createdAt"],
            "state": message["deliveryStatus"],
            "reason": message["deliveryReason"],
            "text": message["body"],
            "files": [
                {"name": file["filename"], "size": file["size"]}
                | {"link": self._link(case_id, message_id, number)}
                for number, file in enumerate(message["attachments"])
            ],
        }

    def _post(self, request: Request) -> Response:
        """{text, files: [{name, type, content (Base64)}], key} -> the message."""
        known, headers = self._let_in(request)
        wanted = wish(request, _MOST_BODY)
        files = _files(wanted.get("files", []))
        body = text(wanted, "text", MOST_WORDS, least=0 if files else 1)
        key = _key(known.case_id, text(wanted, "key", 100, least=8))
        given = {"body": body, "attachments": files, "senderId": "app", "idempotencyKey": key}
        message = self.api.post(known.case_id, given)
        return as_json(201, self._message(known.case_id, message), headers)

    # Files

    def _link(self, case_id: str, message_id: str, number: int) -> str:
        token = self.tokens.issue_file(case_id, message_id, number, self.now())
        return f"attachments/{message_id}/{number}?t={token}"

    def _file(self, request: Request) -> Response:
        """To the file of a link that this app gave out; the link carries its own token."""
        message_id, _, number = request.path.removeprefix("/attachments/").partition("/")
        if not number.isascii() or not number.isdigit() or len(number) > 3:
            raise Refused(404, "NotFound", "There is no such file.")
        token = request.query.get("t", "")
        case_id = self.tokens.read_file(token, message_id, int(number), self.now())
        if not case_id:
            raise Refused(403, "Ended", "This link has ended. Reload the conversation.")
        url = self.api.file(case_id, message_id, int(number))
        if urlsplit(url).scheme not in ("https", "http"):  # http: of the emulator
            raise Refused(502, "Unreachable", "The file cannot be reached.")
        return Response(302, b"", {"Location": url})


def _only(method: str, request: Request) -> None:
    if request.method != method:
        raise Refused(405, "InvalidInput", f"Only {method} is answered here.")


def _page(request: Request) -> Response:
    """A file of the page."""
    name = request.path.removeprefix("/") or "index.html"
    names = {path.name: path for path in FOLDER.iterdir() if path.suffix in KINDS}
    if name not in names:
        raise Refused(404, "NotFound", "There is nothing here.")
    headers = {"Content-Type": KINDS[names[name].suffix], "Cache-Control": "no-cache"}
    return Response(200, names[name].read_bytes(), headers)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


def _key(scope: str, key: str) -> str:
    """The page's key, good in this conversation alone."""
    return hashlib.sha256(f"{scope} {key}".encode()).hexdigest()


def _files(given: Any) -> list[dict[str, str]]:
    """As AttachmentInputs. Raises Refused."""
    if not isinstance(given, list) or not all(isinstance(file, dict) for file in given):
        raise Refused(400, "InvalidInput", "The field files must be a list of files.")
    if len(given) > MOST_FILES:
        raise Refused(413, "TooLarge", f"A message takes {MOST_FILES} files at most.")
    files = [_file(file) for file in given]
    try:
        octets = sum(len(base64.b64decode(file["content"], validate=True)) for file in files)
    except (binascii.Error, ValueError):
        raise Refused(400, "InvalidInput", "The content of a file must be Base64.") from None
    if octets > FILE_BYTES:
        raise Refused(
            413, "TooLarge", f"A message takes {FILE_BYTES // 10**6} MB of files at most."
        )
    return files


def _file(given: dict[str, Any]) -> dict[str, str]:
    kind = text(given, "type", 100, least=0)
    content = text(given, "content", _MOST_BODY, least=0)
    file = {"filename": text(given, "name", 255), "content": content}
    return file | {"contentType": kind} if kind else file
