"""Puts the page and a fake world on free ports of this machine.

Each part has a port of its own, so that the page's Content-Security-Policy is put to the test.
"""

from __future__ import annotations

import gzip
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.page.fakes import ACCOUNT, Answer, Route, World, as_json

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "agent_ccp" / "dist"
STREAMS = DIST / "vendor" / "connect-streams.js"
ALLOWED = "authorization, content-type, idempotency-key"  # headers, as the template's CORS has them
STAND_IN = ROOT / "local" / "streams" / "connect-streams.js"


def policy(urls: dict[str, str]) -> str:
    """The Content-Security-Policy the page is served with."""
    return (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: https:; font-src 'self' data:; "
        f"connect-src 'self' {urls['api']} {urls['store']} {urls['desktop']}; "
        f"frame-src 'self' {urls['desktop']}; object-src 'none'; base-uri 'none'"
    )


@lru_cache(maxsize=64)
def _compressed(file: Path, _changed: float) -> bytes:
    """A file of the page as it goes over the wire: CloudFront compresses it."""
    return gzip.compress(file.read_bytes(), 6)


def page_route(streams: Path, config: dict[str, str], csp: str) -> Route:
    """The built page, with `streams` as its copy of amazon-connect-streams."""

    def answer(_method: str, path: str, asked: dict[str, str], _body: bytes) -> Answer:
        name = urlsplit(path).path.lstrip("/") or "index.html"
        if name == "config.json":
            return as_json(200, config) if config else (404, {}, b"")
        file = streams if name == "vendor/connect-streams.js" else DIST / name
        if not file.is_file():
            return 404, {}, b""
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {"Content-Type": kind} | ({"Content-Security-Policy": csp} if csp else {})
        if name.startswith("assets/"):  # their names change with their content
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if "gzip" not in asked.get("accept-encoding", "") or file.suffix == ".woff2":
            return 200, headers, file.read_bytes()
        headers["Content-Encoding"] = "gzip"
        return 200, headers, _compressed(file, file.stat().st_mtime)

    return answer


class Server:
    """A route on a free port of this machine."""

    def __init__(self, route: Route, cors: bool = True) -> None:
        self.route = route
        self.cors = cors
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                headers = {name.lower(): value for name, value in self.headers.items()}
                if self.command == "OPTIONS":
                    answer: Answer = (204, {}, b"")
                else:
                    answer = server.route(self.command, self.path, headers, body)
                status, extra, content = answer
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                if server.cors:
                    self.send_header("Access-Control-Allow-Origin", "*")
                    self.send_header("Access-Control-Allow-Headers", ALLOWED)
                    self.send_header("Access-Control-Allow-Methods", "GET, PUT, POST, DELETE")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(ConnectionError):  # the browser may have gone meanwhile
                    self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_DELETE = do_OPTIONS = _answer  # noqa: N815

            def log_message(self, *_args: object) -> None:
                """Quiet."""

        return Handler

    def __enter__(self) -> Self:
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.http.shutdown()
        self.http.server_close()


@contextmanager
def serving(
    world: World, *, configured: bool = True, streams: Path = STAND_IN, csp: bool = True
) -> Iterator[str]:
    """Serves the world and gives the address of the page."""
    parts = {
        "desktop": world.desktop,
        "api": world.api,
        "store": world.mail_store,
        "stranger": world.stranger,
    }
    servers = {name: Server(route) for name, route in parts.items()}
    world.urls = {name: server.url for name, server in servers.items()}
    config = {
        "ccpUrl": f"{world.urls['desktop']}/_local/connect/{ACCOUNT}/",
        "apiUrl": world.urls["api"],
        "region": "us-east-1",
        "instanceUrl": world.urls["desktop"],
        "title": "Email",
    }
    route = page_route(streams, config if configured else {}, policy(world.urls) if csp else "")
    with ExitStack() as stack:
        for server in servers.values():
            stack.enter_context(server)
        yield stack.enter_context(Server(route, cors=False)).url
