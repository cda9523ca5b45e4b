"""The shell for one machine: the app behind a small web server on 127.0.0.1."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from .backend import App
from .web import Refused, Request, Response

_MOST_BODY: Final = 8_000_000
_PATIENCE: Final = 30  # seconds for a browser to say what it wants


@contextmanager
def serving(app: App, port: int = 0) -> Iterator[str]:
    """Serves until the end of the `with`; its URL. Raises OSError if the port is taken.

    Port 0 is any free one.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(app))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _handler(app: App) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _PATIENCE

        def _serve(self) -> None:
            try:
                response = app.handle(self._request())
            except Refused as refused:
                response = refused.response().complete()
                self.close_connection = True  # its body was not read
            with suppress(ConnectionError):  # the browser may have gone meanwhile
                self._send(response)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  (http.server's names)

        def _request(self) -> Request:
            """Raises Refused."""
            headers = {name.lower(): value for name, value in self.headers.items()}
            if headers.get("host", "").rpartition(":")[0] not in ("127.0.0.1", "localhost"):
                # A page from elsewhere may not reach in by a name of its own.
                raise Refused(421, "InvalidInput", "This address is 127.0.0.1 or localhost.")
            length = headers.get("content-length", "0")
            if not length.isdecimal() or len(length) > 9 or int(length) > _MOST_BODY:
                raise Refused(413, "TooLarge", "This is too large to be sent.")
            target = urlsplit(self.path)
            query = dict(parse_qsl(target.query))
            body = self.rfile.read(int(length))
            caller = str(self.client_address[0])
            return Request(self.command, target.path, query, headers, body, caller)

        def _send(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            if response.status != 304:
                self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: links and tokens do not go into logs."""

    return Handler
