"""The emulator's process: ministack, patched, and the control endpoints on one port."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from local.world.state import State
from local.world.workers import Worker, Zygote


def environment(port: int, folder: Path, state: Path | None) -> dict[str, str]:
    """ministack's settings: this machine only, IAM enforced, no listeners of its own."""
    settings = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": "us-east-1",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": os.environ.get("LOCAL_LOG_LEVEL", "WARNING"),
        "TMPDIR": str(folder),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        "PERSIST_STATE": "0",
    }
    if state:
        settings |= {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state / "services"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state / "objects"),
        }
    return settings


def run(port: int, state_folder: Path | None, relay_to: str, *, watch_input: bool) -> None:
    """Serve until a signal (or, with `watch_input`, the end of standard input)."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(256)
    folder = Path(tempfile.mkdtemp(prefix="emulator-"))
    for name in [name for name in os.environ if name.startswith(("AWS_", "LAMBDA_"))]:
        del os.environ[name]
    os.environ.update(environment(listener.getsockname()[1], folder, state_folder))
    tempfile.tempdir = None
    # Functions run as forks of the zygote; loading Docker's client would take a fifth of the boot.
    sys.modules["docker"] = None  # type: ignore[assignment]
    Worker.zygote = Zygote(folder)  # before the imports below: it starts while they run
    try:
        asyncio.run(_serve(listener, state_folder, relay_to, watch_input=watch_input))
    finally:
        Worker.zygote.stop()


async def _serve(
    listener: socket.socket, state_folder: Path | None, relay_to: str, *, watch_input: bool
) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    import ministack.app as gateway  # isort: skip
    from local.world import connect_mount, patches, relay

    patches.apply()
    relay.configure(relay_to)
    connect_mount.start()
    state = State(state_folder)
    state.load()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if watch_input:
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "ERROR"
    config.graceful_timeout = 0.2
    application = _Application(gateway.app)
    serving = asyncio.create_task(serve(application, config, shutdown_trigger=stop.wait))
    await asyncio.wait(
        {serving, asyncio.create_task(application.started.wait())},
        return_when=asyncio.FIRST_COMPLETED,
    )
    print(json.dumps({"port": int(os.environ["GATEWAY_PORT"])}), flush=True)
    threading.Thread(target=_warm_up, daemon=True).start()
    await serving
    state.save()
    Worker.zygote.stop()
    os._exit(0)  # neither the executor's threads, which may wait for a function, nor daemon threads


def _warm_up() -> None:
    from local import comprehend

    with contextlib.suppress(OSError):  # a stop meanwhile removes the folder it unpacks into
        comprehend.warm_up()


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    loop.call_soon_threadsafe(stop.set)


class _Application:
    """Control endpoints under /_local/, everything else to ministack."""

    def __init__(self, gateway: Any) -> None:
        self._gateway = gateway
        self.started = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._gateway(scope, receive, self._noticing(send))
        elif scope["type"] == "http" and scope["path"].startswith("/_local/"):
            await self._control(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        from local.world import hooks

        if scope.get("client"):
            hooks.caller_port.set(scope["client"][1])
        try:
            await self._gateway(scope, receive, send)
        except hooks.ConnectionLost:
            await _hang_up(send)

    def _noticing(self, send: Any) -> Any:
        async def forward(message: Any) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self.started.set()

        return forward

    async def _control(self, scope: Any, receive: Any, send: Any) -> None:
        from local.world import control

        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope.get("query_string", b"").decode()
        status, headers, answer = await control.serve(scope["method"], scope["path"], query, body)
        lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        lines.append((b"content-length", str(len(answer)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": answer})


async def _hang_up(send: Any) -> None:
    """Close the connection of a request; hypercorn itself would answer 500 for us."""
    from hypercorn.events import Closed

    stream = send.__self__
    stream.closed = True
    await stream.send.__self__.send(Closed())


logging.getLogger("hypercorn.error").setLevel(logging.ERROR)
