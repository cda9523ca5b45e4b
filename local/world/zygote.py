"""The parent of all Lambda workers: a process that has imported what handlers import.

A worker is a fork of it, so that a cold start costs milliseconds instead of the second that
loading boto3 and its service models takes. One worker serves one connection:

    emulator -> zygote  connect to the Unix socket
    emulator -> worker  {"code", "layers", "handler", "env", "function", "memory"} + the log's
                        file descriptor (SCM_RIGHTS)
    worker -> emulator  {"pid"} then {"status": "ready"} or {"status": "error", ...}
    then for each invocation  {"event", "context", "offset"} -> {"status", "result" | "error"}

Messages are JSON, each preceded by its length in eight bytes. The zygote is single-threaded (it
is safe to fork) and is also the emulator's janitor: when the emulator is gone, however it ended,
it kills the workers and removes the temporary folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import struct
import sys
import time
import traceback
from pathlib import Path
from typing import Any

_PRELOAD = """
    boto3 aws_lambda_powertools aws_lambda_powertools.utilities.batch jinja2 nh3 inscriptis
    lxml.html bs4 chardet email.message email.policy html hmac uuid zipfile
"""
_SERVICES = "s3 dynamodb sqs sns ses sesv2 connect comprehend secretsmanager events sts"
_PR_SET_PDEATHSIG = 1

_real_time = time.time
_offset = 0.0


def _shifted_time() -> float:
    return _real_time() + _offset


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    connection.sendall(struct.pack(">Q", len(data)) + data)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, or None when the other side is gone."""
    head = _read(connection, 8)
    body = _read(connection, struct.unpack(">Q", head)[0]) if head else None
    return None if body is None else dict(json.loads(body))


def _read(connection: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        chunk = connection.recv(min(size - len(parts), 1 << 20))
        if not chunk:
            return None
        parts += chunk
    return bytes(parts)


# -- preloading ---------------------------------------------------------------------------------


def preload() -> None:
    """Import what handlers import and keep botocore's service models for every session to come."""
    for name in _PRELOAD.split():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import boto3
    import botocore.loaders

    _shift_signing()
    for name in ("load_service_model", "load_data_with_path"):
        _share(botocore.loaders.Loader, name)
    make: Any = boto3.session.Session("none", "none", region_name="us-east-1").client
    for service in _SERVICES.split():
        make(service)


def _shift_signing() -> None:
    """Signatures (and so the life of presigned links) are in the account's time, too."""
    for name in ("botocore.auth", "botocore.crt.auth"):
        with contextlib.suppress(ImportError):
            _shift_now(importlib.import_module(name))


def _shift_now(module: Any) -> None:
    real = module.get_current_datetime

    def shifted(*args: Any, **kwargs: Any) -> Any:
        return real(*args, **kwargs) + datetime.timedelta(seconds=_offset)

    module.get_current_datetime = shifted


def _share(kind: type, name: str) -> None:
    """Make a loading method answer from one cache for all instances of the class."""
    load, known = getattr(kind, name), {}

    def load_once(self: Any, *args: Any, **kwargs: Any) -> Any:
        key = repr((args, kwargs))
        if key not in known:
            known[key] = load(self, *args, **kwargs)
        return known[key]

    setattr(kind, name, load_once)


# -- a worker -----------------------------------------------------------------------------------


def _worker(connection: socket.socket) -> None:
    """Serve one connection until it closes. Runs in the forked process, which then exits."""
    first, descriptors, _flags, _address = socket.recv_fds(connection, 8, 1)
    size = struct.unpack(">Q", first)[0]
    init = json.loads(_read(connection, size) or b"{}")
    os.dup2(descriptors[0], 1)
    os.dup2(descriptors[0], 2)
    os.close(descriptors[0])
    # On AWS the log is written line by line; block buffering would lose the last lines of a crash.
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
    send(connection, {"pid": os.getpid()})
    try:
        handler = _load(init)
    except BaseException as error:
        traceback.print_exc()
        send(connection, {"status": "error", **_described(error)})
        return
    send(connection, {"status": "ready"})
    while (message := receive(connection)) is not None:
        send(connection, _invoke(handler, init, message))


def _load(init: dict[str, Any]) -> Any:
    os.environ.clear()
    os.environ.update(init["env"])
    time.tzset()
    os.chdir(init["code"])
    sys.path[:0] = [init["code"], *(f"{layer}/python" for layer in init["layers"])]
    module, _, name = init["handler"].rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)


def _described(error: BaseException) -> dict[str, Any]:
    return {
        "error": {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
    }


class _Context:
    """What Lambda passes as `context` (the attributes Powertools and handlers read)."""

    def __init__(self, init: dict[str, Any], invocation: dict[str, Any]) -> None:
        self.function_name = init["function"]
        self.function_version = init["env"].get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        self.memory_limit_in_mb = init["memory"]
        self.invoked_function_arn = invocation["arn"]
        self.aws_request_id = invocation["request_id"]
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = init["env"].get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.identity = None
        self.client_context = None
        self._deadline = _real_time() + invocation["timeout"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - _real_time()) * 1000))


def _invoke(handler: Any, init: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    global _offset  # noqa: PLW0603  (the shim's one variable: how far this account's clock is ahead)
    _offset = message["offset"]
    try:
        result = handler(message["event"], _Context(init, message["context"]))
        json.dumps(result)
    except Exception as error:
        traceback.print_exc()
        return {"status": "error", **_described(error)}
    return {"status": "ok", "result": result}


# -- the zygote itself --------------------------------------------------------------------------


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _fork(server: socket.socket) -> None:
    connection, _ = server.accept()
    if os.fork():
        connection.close()
        return
    _die_with_parent()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    server.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # only the zygote listens for the emulator's end
    os.close(nothing)
    status = 0
    try:
        _worker(connection)
    except BaseException:
        status = 1
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def main(folder: str) -> None:
    """Serve forks on `folder`/zygote.sock until standard input closes, then remove `folder`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the workers
    time.time = _shifted_time
    preload()
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{folder}/zygote.tmp")
    server.listen(128)
    # Renamed when it listens: the emulator waits for the name.
    Path(f"{folder}/zygote.tmp").rename(f"{folder}/zygote.sock")
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        selector.register(0, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj == 0:
                    shutil.rmtree(folder, ignore_errors=True)
                    return  # workers die with their parent
                _fork(server)


if __name__ == "__main__":
    main(sys.argv[1])
