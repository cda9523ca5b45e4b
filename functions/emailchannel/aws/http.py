"""HTTP as API Gateway's HTTP APIs speak it (payload 2.0): requests, answers, problems, routes."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..case import Agent, Contact

Answer = dict[str, Any]
LONGEST_BODY = 1_000_000  # bytes: a long text with all its markup
_SHAPES = {"n": re.compile(r"[0-9]{1,4}")}
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")


class Problem(Exception):
    """An answer that is not a success: problem details (RFC 9457), in words for an agent.

    `allow` are the methods of the address, for 405 (RFC 9110 section 15.5.6).
    """

    def __init__(self, status: int, title: str, detail: str, **more: object) -> None:
        super().__init__(title)
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        self.body |= more
        self.status = status
        self.allow = ""


@dataclass(frozen=True)
class Request:
    """One call. `parts` are the pieces of the path that the route names; `agent` calls.

    `claims` are those of an ID token that API Gateway has checked.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    parts: Mapping[str, str] = field(default_factory=dict)
    agent: Agent | None = None
    claims: Mapping[str, str] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """The bearer token (RFC 6750), or empty."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises Problem."""
        if len(self.body) > LONGEST_BODY:
            raise Problem(413, "Too large", f"A request has at most {LONGEST_BODY} bytes.")
        try:
            found = json.loads(self.body)
            _fit(found)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Problem(400, "Bad request", "Send a JSON object.")
        return found

    def text(self, name: str, *, longest: int = 200, default: str | None = None) -> str:
        """A member of the JSON body that is a string. Raises Problem."""
        found = self.json.get(name, default)
        if not isinstance(found, str) or len(found) > longest:
            detail = f"{name} is a string of at most {longest} characters."
            raise Problem(400, "Bad request", detail)
        return found

    def flag(self, name: str) -> bool:
        """A member of the JSON body that is true or false. Raises Problem."""
        found = self.json.get(name)
        if not isinstance(found, bool):
            raise Problem(400, "Bad request", f"{name} is true or false.")
        return found

    def number(self, name: str, least: int, most: int) -> int:
        """A member of the JSON body that is a whole number. Raises Problem."""
        found = self.json.get(name)
        if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
            raise Problem(400, "Bad request", f"{name} is a whole number from {least} to {most}.")
        return found

    def texts(self, name: str, *, most: int, longest: int = 320) -> tuple[str, ...]:
        """A member of the JSON body that is a list of strings; () without it. Raises Problem."""
        found = self.json.get(name, [])
        fits = isinstance(found, list) and len(found) <= most
        if not fits or any(not isinstance(one, str) or len(one) > longest for one in found):
            detail = f"{name} is a list of at most {most} strings of at most {longest} characters."
            raise Problem(400, "Bad request", detail)
        return tuple(found)

    def limit(self, most: int) -> int:
        """The page size that the query asks for: at least 1, at most and by default `most`."""
        asked = self.query.get("limit", str(most))
        fits = asked.isascii() and asked.isdigit() and len(asked) < 7
        if not fits or not 1 <= int(asked) <= most:
            raise Problem(400, "Bad request", f"limit is a number from 1 to {most}.")
        return int(asked)


@dataclass(frozen=True)
class Route:
    """What answers to a method and a path: `{id}` stands for an identifier, `{n}` for a number.

    With `action` a session is needed, whose contact it gets; `outside` is for a session without a
    contact; `open_action` needs none.
    """

    method: str
    path: str
    action: Callable[[Request, Contact], Answer] | None = None
    open_action: Callable[[Request], Answer] | None = None
    outside: Callable[[Request], Answer] | None = None

    def parts(self, path: str) -> dict[str, str] | None:
        """The pieces of a path that this route names, or None when it is not this route's."""
        own, asked = self.path.split("/"), path.split("/")
        if len(own) != len(asked):
            return None
        found = {}
        for piece, value in zip(own, asked, strict=True):
            name = piece.strip("{}")
            if name == piece and piece != value:
                return None
            if name != piece and not _SHAPES.get(name, _ID).fullmatch(value):
                return None
            if name != piece:
                found[name] = value
        return found


def _fit(value: Any) -> None:
    """Raises ValueError for a string with a lone surrogate, which has no bytes, or with NUL."""
    if isinstance(value, dict):
        _fit(list(value))
        _fit(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            _fit(one)
    elif isinstance(value, str) and b"\0" in value.encode():
        raise ValueError("NUL in a text")


def request_of(event: Mapping[str, Any]) -> Request:
    """An event of API Gateway as a request; header names are lower case."""
    text = event.get("body") or ""
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    return Request(
        event["requestContext"]["http"]["method"],
        event["rawPath"],
        event.get("queryStringParameters") or {},
        {name.lower(): value for name, value in (event.get("headers") or {}).items()},
        body,
        claims=_claims(event["requestContext"]),
    )


def _claims(context: Mapping[str, Any]) -> Mapping[str, str]:
    """What the API's JWT authorizer found; nothing in headers or body counts as one."""
    found = ((context.get("authorizer") or {}).get("jwt") or {}).get("claims") or {}
    return {str(name): str(value) for name, value in found.items()}


def found(routes: tuple[Route, ...], request: Request) -> tuple[Route, Mapping[str, str]]:
    """The route of a request and the parts of its path. Raises Problem 404 or 405."""
    allowed = set()
    for route in routes:
        parts = route.parts(request.path)
        if parts is not None and route.method == request.method:
            return route, parts
        if parts is not None:
            allowed.add(route.method)
    if not allowed:
        raise Problem(404, "Not found", "There is nothing at this address.")
    problem = Problem(405, "Not allowed", "This address does not know that method.")
    problem.allow = ", ".join(sorted(allowed))
    raise problem


def answer(status: int, body: object, kind: str = "application/json") -> Answer:
    """A JSON answer that nobody may keep."""
    headers = {"content-type": kind, "cache-control": "no-store"}
    text = json.dumps(body, separators=(",", ":"))
    return {"statusCode": status, "headers": headers, "body": text}


def refusal(problem: Problem) -> Answer:
    """The answer that a problem is."""
    made = answer(problem.status, problem.body, "application/problem+json")
    if problem.allow:
        made["headers"]["allow"] = problem.allow
    return made
