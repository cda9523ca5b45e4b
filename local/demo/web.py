"""A small web server of the demo: one route on a port of this machine, a thread a request."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

log = logging.getLogger("local.demo")


@dataclass(frozen=True)
class Request:
    """What a browser asks; header names are in lower case, `target` is path and query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What it is told."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Route = Callable[[Request], Answer]


def as_json(status: int, value: Any) -> Answer:
    """A JSON answer that nobody keeps."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Answer(status, json.dumps(value).encode(), headers)


class Server:
    """Serves a route on 127.0.0.1 between `with` and its end. Raises OSError if the port is taken.

    A request for another host name is refused: a page from elsewhere may not reach in by DNS.
    """

    def __init__(self, port: int, route: Route) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(route))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Server:
        serve = self._http.serve_forever
        threading.Thread(target=serve, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.shutdown()
        self._http.server_close()


def _handler(route: Route) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = _answer(route, Request(self.command, self.path, headers, body))
            with suppress(ConnectionError):  # the browser may have gone meanwhile
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = _serve  # noqa: N815  (http.server's names)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


def _answer(route: Route, request: Request) -> Answer:
    if request.headers.get("host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
        return as_json(421, {"message": "This address is for 127.0.0.1 and localhost."})
    try:
        return route(request)
    except Exception as error:
        log.warning("%s %s: %s", request.method, request.target, error)
        return as_json(502, {"message": f"{type(error).__name__}: {error}"})
