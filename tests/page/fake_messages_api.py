"""The messages API as schema.graphql has it, in memory: graphql-core executes the real schema.

It answers over HTTP as AppSync does (x-api-key, errorType beside each error), and a test makes
things happen: `arrive`, `becomes`, `refuse`.
"""

# ruff: noqa: N802, N803 - resolvers and their arguments have the schema's names

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.page.server import ROOT

KEY = "da2-" + "k" * 26
# What AppSync knows without being told.
OF_APPSYNC = """
scalar AWSDateTime
scalar AWSURL
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
"""
DOMAIN = "support.example.com"


@cache
def schema() -> GraphQLSchema:
    """The project's own."""
    return build_schema(OF_APPSYNC + (ROOT / "schema.graphql").read_text())


class Refusal(GraphQLError):
    """An error with a type of the schema."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind}, as the API says it")
        self.kind = kind


@dataclass
class Conversation:
    id: str
    to: str
    subject: str
    open: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class MessagesApi:
    """What it knows, and what it was asked; `asked` are the names of the operations."""

    url: str = ""
    conversations: dict[str, Conversation] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    losing: int = 0  # so many answers are done, and lost on their way
    slow: float = 0.0  # seconds each answer takes
    _keys: dict[str, Any] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: Any = field(default_factory=threading.RLock)

    # What a test makes happen

    def arrive(
        self,
        case_id: str,
        body: str,
        *files: tuple[str, str, bytes],
        html: str | None = None,
        authenticated: bool = True,
        at: float | None = None,
    ) -> dict[str, Any]:
        """A mail of the one with whom the conversation is."""
        conversation = self.conversations[case_id]
        message = self._message(conversation, "IN", body, files, at)
        message |= {"html": html, "authenticated": authenticated}
        return message

    def say(self, case_id: str, body: str, at: float | None = None) -> dict[str, Any]:
        """Something the app said long ago."""
        return self._message(self.conversations[case_id], "OUT", body, (), at)

    def becomes(self, message: dict[str, Any], state: str, reason: str | None = None) -> None:
        """What delivery events do."""
        message |= {"deliveryStatus": state, "deliveryReason": reason}

    def refuse(self, kind: str, times: int = 1) -> None:
        """The next mutations come to this."""
        self.refusals += [kind] * times

    @property
    def only(self) -> Conversation:
        """The one conversation there is."""
        [found] = self.conversations.values()
        return found

    # The resolvers, by the schema's names

    def openConversation(
        self, _info: Any, to: str, subject: str, idempotencyKey: str | None = None, **_: Any
    ) -> dict[str, Any]:
        def opened() -> Conversation:
            number = next(self._numbers)
            made = Conversation(f"{number:020d}", to, subject)
            self.conversations[made.id] = made
            return made

        self._refuse()
        if "@" not in to or to.endswith(".invalid"):
            raise Refusal("InvalidRecipient")
        return self._conversation(self._once(idempotencyKey, opened))

    def postMessage(self, _info: Any, caseId: str, input: dict[str, Any]) -> dict[str, Any]:
        self._refuse()
        if caseId not in self.conversations:
            raise Refusal("NotFound")
        files = [
            (file["filename"], file.get("contentType") or "", base64.b64decode(file["content"]))
            for file in input.get("attachments") or []
        ]

        def posted() -> dict[str, Any]:
            body = input.get("body") or ""
            return self._message(self.conversations[caseId], "OUT", body, files, None)

        return self._once(input.get("idempotencyKey"), posted)

    def conversation(
        self,
        _info: Any,
        caseId: str,
        first: int = 50,
        after: str | None = None,
        order: str = "OLDEST_FIRST",
    ) -> dict[str, Any] | None:
        found = self.conversations.get(caseId)
        return found and self._conversation(found, first, after, order == "NEWEST_FIRST")

    def message(self, _info: Any, id: str) -> dict[str, Any] | None:
        known = [m for c in self.conversations.values() for m in c.messages if m["id"] == id]
        return known[0] if known else None

    # Inside

    def _refuse(self) -> None:
        if self.refusals:
            raise Refusal(self.refusals.pop(0))

    def _once(self, key: str | None, act: Any) -> Any:
        if key is None or key not in self._keys:
            made = act()
            self._keys[key or str(next(self._numbers))] = made
            return made
        return self._keys[key]

    def _conversation(
        self, found: Conversation, first: int = 50, after: str | None = None, newest: bool = False
    ) -> dict[str, Any]:
        rows = sorted(found.messages, key=lambda message: message["id"], reverse=newest)
        if after:
            last = base64.b64decode(after).decode()
            rows = [row for row in rows if (row["id"] < last if newest else row["id"] > last)]
        page = rows[: min(first, 100)]
        end = base64.b64encode(page[-1]["id"].encode()).decode() if page else None
        return {
            "caseId": found.id,
            "subject": found.subject,
            "to": found.to,
            "replyTo": f"support+{found.id}@{DOMAIN}",
            "open": found.open,
            "messages": {
                "data": page,
                "pageInfo": {"hasNextPage": len(rows) > len(page), "endCursor": end},
            },
        }

    def _message(
        self, of: Conversation, direction: str, body: str, files: Any, at: float | None
    ) -> dict[str, Any]:
        moment = time.time() if at is None else at
        made = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
        out = direction == "OUT"
        ours = f"support+{of.id}@{DOMAIN}"
        number = next(self._numbers)
        message: dict[str, Any] = {
            "id": f"{int(moment * 1000):013d}{number:013d}",  # sorts and is as long as a ULID
            "direction": direction,
            "deliveryMethod": "EMAIL",
            "deliveryStatus": "ACCEPTED" if out else "RECEIVED",
            "createdAt": made.replace("+00:00", "Z"),
            "from": ours if out else of.to,
            "to": of.to if out else ours,
            "subject": of.subject,
            "body": body,
            "caseId": of.id,
            "authenticated": True,
            "attachments": [self._attachment(*file) for file in files],
        }
        with self._lock:
            of.messages.append(message)
        return message

    def _attachment(self, name: str, kind: str, octets: bytes) -> dict[str, Any]:
        key = str(next(self._numbers))
        self.files[key] = octets
        url = f"{self.url.removesuffix('/graphql')}/files/{key}?X-Amz-Signature=0"
        about = {"filename": name, "contentType": kind or "application/octet-stream", "url": url}
        return about | {"size": len(octets), "inline": False}

    def execute(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request, in AppSync's shape."""
        self.asked.append(asked["query"].split()[1].partition("(")[0])
        with self._lock:
            result = graphql_sync(
                schema(), asked["query"], self, variable_values=asked.get("variables")
            )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_as_appsync(error) for error in result.errors]
        return answer


def _as_appsync(error: GraphQLError) -> dict[str, Any]:
    original = error.original_error
    kind = original.kind if isinstance(original, Refusal) else "ValidationError"
    kind = error.kind if isinstance(error, Refusal) else kind
    return {"path": error.path, "errorType": kind, "errorInfo": None, "message": error.message}


@contextmanager
def messages_api() -> Iterator[MessagesApi]:
    """The API on a port of its own until the end of the `with`."""
    api = MessagesApi()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(api))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_port}/graphql"
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


def _handler(api: MessagesApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("x-api-key") != KEY:
                error = {"errorType": "UnauthorizedException", "message": "no valid key"}
                return self.answer(401, json.dumps({"errors": [error]}).encode())
            answer = api.execute(json.loads(body))
            time.sleep(api.slow)
            if api.losing:
                api.losing -= 1
                return self.answer(502, b"lost")
            return self.answer(200, json.dumps(answer).encode())

        def do_GET(self) -> None:
            """A presigned link, as the bucket answers it."""
            key = self.path.removeprefix("/files/").partition("?")[0]
            self.answer(200, api.files[key], **{"Content-Disposition": "attachment"})

        def answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler
