"""The emulated world in this very process, on a clock of its own, to be put back at will.

Calls reach the emulator without a socket, work that it would do on threads is done when it is
asked for, and time passes only when somebody lets it: the same run is the same run every time.
This takes over the process, so it runs as a program and is never imported by other tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from botocore.useragent import UserAgentString

from local.emulator import Emulator, Reply

FUNCTIONS = Path(__file__).parents[2] / "functions"


class _Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class Here(Emulator):
    """The emulator in this process, with the interface of the one in a child process."""

    def __init__(self) -> None:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="faults-"))
        _take_environment(self.port, self._folder)
        self._loop = asyncio.new_event_loop()
        self._own = asyncio.new_event_loop()  # of this thread: no handing over for each call
        self._ready = threading.Event()
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()
        if not self._ready.wait(60):
            raise RuntimeError("the emulator did not start")
        self._send = botocore.endpoint.Endpoint._send
        botocore.endpoint.Endpoint._send = lambda endpoint, request: self._transport(request)
        UserAgentString.to_string = functools.cache(UserAgentString.to_string)

    def _serve(self, listener: socket.socket) -> None:
        from local.world.workers import Worker, Zygote

        Worker.zygote = Zygote(self._folder)
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._run(listener))

    async def _run(self, listener: socket.socket) -> None:
        from hypercorn.asyncio import serve
        from hypercorn.config import Config

        import ministack.app as gateway  # isort: skip
        from local.world import connect_mount, patches, relay
        from local.world.server import _Application

        patches.apply()
        relay.configure("")
        connect_mount.start()
        config = Config()
        config.bind = [f"fd://{listener.detach()}"]
        config.loglevel = "ERROR"
        config.graceful_timeout = 0.2
        self._application = _Application(gateway.app)
        self._stopping = asyncio.Event()
        serving = asyncio.create_task(
            serve(self._application, config, shutdown_trigger=self._stopping.wait)
        )
        await self._application.started.wait()
        self._ready.set()
        await serving

    def stop(self) -> None:
        from local.world.workers import Worker

        botocore.endpoint.Endpoint._send = self._send
        with contextlib.suppress(Exception):
            Worker.zygote.stop()
        self._loop.call_soon_threadsafe(self._stopping.set)

    def _transport(self, request: Any) -> AWSResponse:
        found = urlsplit(request.url)
        headers = {_text(name).lower(): _text(value) for name, value in request.headers.items()}
        headers.setdefault("host", found.netloc)
        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        content = body.encode() if isinstance(body, str) else bytes(body)
        headers.setdefault("content-length", str(len(content)))
        status, answered, answer = self.ask(
            request.method, found.path or "/", found.query, headers, content
        )
        return AWSResponse(request.url, status, answered, _Body(answer))

    def control(self, method: str, path: str, body: Any = None) -> Reply:
        path, _, query = path.partition("?")
        content = b"" if body is None else json.dumps(body).encode()
        status, _, answer = self.ask(method, path, query, {"host": "localhost"}, content)
        return Reply(status, json.loads(answer) if answer else None)

    def ask(
        self, method: str, path: str, query: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """One HTTP request, without HTTP."""
        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "http",
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", self.port),
        }
        return self._own.run_until_complete(self._asked(scope, body))

    async def _asked(self, scope: dict[str, Any], body: bytes) -> tuple[int, dict[str, str], bytes]:
        status, headers, parts = 0, {}, []
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if pending:
                return pending.pop()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers.update(
                    {n.decode("latin-1"): v.decode("latin-1") for n, v in message["headers"]}
                )
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        await self._application(scope, receive, send)
        return status, headers, b"".join(parts)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _take_environment(port: int, folder: Path) -> None:
    from local.world.server import environment

    for name in [name for name in os.environ if name.startswith(("AWS_", "LAMBDA_"))]:
        del os.environ[name]
    os.environ.update(environment(port, folder, None))
    tempfile.tempdir = None
    sys.modules["docker"] = None  # type: ignore[assignment]
