"""A Lambda execution environment: the forked process that serves one connection.

emulator -> worker  {"code", "layers", "handler", "env", "function", "memory"} with the file
                    that takes standard output and error
worker -> emulator  {"pid"}, then {"status": "ready"} or {"status": "error", "error"}
for each invocation {"event", "context", "offset"} -> {"status", "result" | "error"}
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import json
import os
import socket
import sys
import time
import traceback
from typing import Any

from local.world.wire import receive, send

_real_time = time.time
_offset = 0.0


def shift_time() -> None:
    """From here on `time.time()` is in the account's time, and so is what botocore signs.

    Called before anything is imported that takes the function by name. Signatures move along so
    that presigned links live and die by the account's clock.
    """
    time.time = lambda: _real_time() + _offset
    for name in ("botocore.auth", "botocore.crt.auth"):
        with contextlib.suppress(ImportError):
            _shift_now(importlib.import_module(name))


def _shift_now(module: Any) -> None:
    real = module.get_current_datetime

    def shifted(*args: Any, **kwargs: Any) -> Any:
        return real(*args, **kwargs) + datetime.timedelta(seconds=_offset)

    module.get_current_datetime = shifted


def serve(connection: socket.socket, init: dict[str, Any], log: int) -> None:
    """Load the handler and answer invocations until the emulator closes the connection."""
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    # Line by line, as Lambda takes it; with a full buffer the last lines of a crash would be lost.
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
    for name in [name for name in sys.modules if name.split(".")[0] == "local"]:
        del sys.modules[name]  # a function sees its own code only
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
