"""A request and its response, whichever shell brings them, and what every response says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
_ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",  # a browser minds it where there is TLS
}


@dataclass(frozen=True)
class Request:
    """What a browser asks: header names are in lower case, `caller` is its address."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    caller: str


@dataclass(frozen=True)
class Response:
    """What it is told; nobody keeps it unless its headers say so."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def complete(self) -> Response:
        """With the headers that every response has."""
        return replace(self, headers={"Cache-Control": "no-store"} | _ALWAYS | dict(self.headers))


class Refused(Exception):
    """A request that is not done: its status, a word for the page and a sentence for its reader."""

    def __init__(self, status: int, kind: str, sentence: str, wait: int = 0) -> None:
        super().__init__(sentence)
        self.status, self.kind, self.sentence, self.wait = status, kind, sentence, wait

    def response(self) -> Response:
        """As the page gets it; `wait` is in seconds."""
        headers = {"Retry-After": str(self.wait)} if self.wait else {}
        return as_json(self.status, {"error": self.kind, "message": self.sentence}, headers)


def as_json(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    kind = {"Content-Type": "application/json; charset=utf-8"}
    return Response(status, json.dumps(value).encode(), kind | dict(headers or {}))


def wish(request: Request, most: int) -> dict[str, Any]:
    """The JSON object in a request's body of at most `most` octets. Raises Refused."""
    if len(request.body) > most:
        raise Refused(413, "TooLarge", "This is too large to be sent. Take fewer or smaller files.")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "InvalidInput", "Only JSON is read here.")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or nothing but brackets
        found = None
    if not isinstance(found, dict):
        raise Refused(400, "InvalidInput", "This is not a JSON object.")
    return found


def text(found: Mapping[str, Any], name: str, most: int, *, least: int = 1) -> str:
    """A string of the wish, trimmed, `least` to `most` characters. Raises Refused."""
    value = found.get(name, "")
    if not isinstance(value, str) or not _is_unicode(value):
        raise Refused(400, "InvalidInput", f"The field {name} must be text.")
    if not least <= len(value.strip()) <= most:
        span = f"must have {least} to {most} characters" if least else f"is longer than {most}"
        raise Refused(400, "InvalidInput", f"The field {name} {span}.")
    return value.strip()


def _is_unicode(value: str) -> bool:
    """Whether there is no half of a surrogate pair in it, which JSON can escape."""
    return value.encode(errors="ignore").decode() == value
