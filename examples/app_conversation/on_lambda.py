"""The shell for AWS: the app behind an HTTP API or a function URL (payload format 2.0)."""

from __future__ import annotations

import base64
import json
import os
import time
from typing import Any, Final
from urllib.parse import parse_qsl

from . import secret
from .access import Tokens, Tries
from .backend import App
from .messages_api import Api
from .web import Request, Response

_FRESH: Final = 300  # seconds until a key that was rotated is read again
_tries = Tries()  # of this copy of the function, however often the key is read
_known: list[tuple[float, App]] = []


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry."""
    return _as_event(_app(time.time()).handle(_request(event)))


def _app(now: float) -> App:
    if not _known or _known[0][0] + _FRESH <= now:
        _known[:] = [(now, _read_app())]
    return _known[0][1]


def _read_app() -> App:
    """From the two secrets: {"apiKey", "accessCode"} and the key of the tokens."""
    found = json.loads(secret.read(os.environ["ACCESS_SECRET"], os.environ))
    tokens = Tokens(secret.read(os.environ["TOKEN_SECRET"], os.environ).encode())
    api = Api(os.environ["MESSAGES_API_URL"], found["apiKey"])
    return App(api, found["accessCode"], tokens, _tries)


def _request(event: dict[str, Any]) -> Request:
    http = event["requestContext"]["http"]
    body = event.get("body") or ""
    octets = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    query = dict(parse_qsl(event.get("rawQueryString", "")))
    path = event["rawPath"]
    return Request(http["method"], path, query, headers, octets, http.get("sourceIp", ""))


def _as_event(response: Response) -> dict[str, Any]:
    headers, body = dict(response.headers), response.body.decode()  # the page is text throughout
    return {"statusCode": response.status, "headers": headers, "body": body}
