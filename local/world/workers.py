"""Lambda execution environments as forks of the zygote, in place of ministack's subprocesses.

ministack leases a worker per concurrent invocation and keeps it warm; this class is what it
leases. It has the attributes ministack's pool touches (`_proc`, `_lock`, `in_use`, `last_used`).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

from local.world import clock
from local.world.wire import receive, send, send_with_file

_code_lock = threading.Lock()


class Zygote:
    """The running zygote process and its folder (which it removes when it ends)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.world.zygote", str(folder)],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
        )

    def connect(self, code: Path) -> socket.socket:
        """A connection to a fork that has the code's packages imported already, if it has any."""
        if not any(code.glob("*/__init__.py")):
            return _connected(self._first())
        own = code.with_suffix(".sock")
        with _code_lock:
            if not own.exists():
                with _connected(self._first()) as connection:
                    send(connection, {"packages": str(code), "socket": str(own)})
                    receive(connection)
        return _connected(own)

    def _first(self) -> Path:
        """The first zygote's socket, once it listens."""
        path, deadline = self.folder / "zygote.sock", time.monotonic() + 30
        while not path.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise WorkerDied
            time.sleep(0.005)
        return path

    def stop(self) -> None:
        """Let it kill the workers, remove its folder and end."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def unpacked(self, archive: bytes) -> Path:
        """The folder holding the archive's files; functions with the same code share it."""
        folder = self.folder / "code" / hashlib.sha256(archive).hexdigest()[:24]
        with _code_lock:
            if not folder.exists():
                folder.parent.mkdir(exist_ok=True)
                fresh = Path(tempfile.mkdtemp(dir=folder.parent))
                with zipfile.ZipFile(io.BytesIO(archive)) as opened:
                    opened.extractall(fresh)
                fresh.rename(folder)
        return folder


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


class _Process:
    """A forked worker seen as ministack's pool sees a `subprocess.Popen`."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid, self.connection = pid, connection
        self._ended = False

    def poll(self) -> int | None:
        return 0 if self._ended else None

    def terminate(self) -> None:
        if not self._ended:
            self._ended = True
            # Still connected, so the pid is still this worker's.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.connection.close()

    kill = terminate

    def wait(self, timeout: float | None = None) -> int:  # noqa: ARG002  (Popen's signature)
        return 0


class WorkerDied(Exception):
    """The worker process ended during an invocation."""


class Worker:
    """One execution environment of one function version."""

    zygote: Zygote  # set once, when the world boots

    def __init__(self, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        self.func_name, self.config, self.code_zip = func_name, config, code_zip
        self._lock = threading.Lock()
        self._proc: _Process | None = None
        self._log = -1
        self._log_read = 0
        self.in_use = False
        self.last_used = time.time()
        self._cold = True

    def invoke(
        self,
        event: Any,
        request_id: str,
        *,
        trace_id: str | None = None,  # noqa: ARG002
        invoked_function_arn: str | None = None,
        depth: int | None = None,  # noqa: ARG002
        durable: dict[str, str] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """Run the handler once; ministack's result: status, result | error, cold_start, log."""
        with self._lock:
            cold = self._proc is None
            timeout = float(self.config.get("Timeout", 3))
            try:
                process = self._proc or self._spawn()
                process.connection.settimeout(timeout)
                context = {
                    "request_id": request_id,
                    "arn": invoked_function_arn or self.config.get("FunctionArn", ""),
                    "timeout": timeout,
                }
                shift = clock.offset(_account(self.config))
                send(process.connection, {"event": event, "context": context, "offset": shift})
                answer = receive(process.connection)
                if answer is None:
                    raise WorkerDied
            except TimeoutError:
                answer = self._ended(f"Task timed out after {timeout:.2f} seconds")
            except (OSError, WorkerDied):
                answer = self._ended("Runtime exited without providing a reason")
            return {**_result(answer), "cold_start": cold, "log": self._drain()}

    def _ended(self, reason: str) -> dict[str, Any]:
        self.kill()
        return {"status": "error", "error": {"errorMessage": reason, "errorType": "Sandbox"}}

    def _spawn(self) -> _Process:
        init = self._init()
        connection = self.zygote.connect(Path(init["code"]))
        self._log, self._log_read = os.memfd_create("log"), 0
        send_with_file(connection, init, self._log)
        connection.settimeout(30)
        hello = receive(connection)
        if hello is None:
            raise WorkerDied
        self._proc = _Process(hello["pid"], connection)
        ready = receive(connection)
        if ready is None:
            raise WorkerDied
        if ready["status"] != "ready":
            log = self._drain()
            self.kill()
            raise RuntimeError(f"{ready['error']['errorMessage']}\n{log}")
        return self._proc

    def _init(self) -> dict[str, Any]:
        code = self.zygote.unpacked(self.code_zip)
        return {
            "code": str(code),
            "layers": [str(self.zygote.unpacked(layer)) for layer in self._layers()],
            "handler": self.config.get("Handler", "index.handler"),
            "env": self._environment(code),
            "function": self.config.get("FunctionName", ""),
            "memory": self.config.get("MemorySize", 128),
        }

    def _layers(self) -> list[bytes]:
        from ministack.services.lambda_svc import _resolve_layer_zip

        found = (_resolve_layer_zip(layer) for layer in self.config.get("Layers", []))
        return [archive for archive in found if archive]

    def _environment(self, code: Path) -> dict[str, str]:
        """The function's variables and those Lambda reserves.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        from ministack.core.lambda_runtime import execution_credentials

        function, region = self.config.get("FunctionName", ""), _region(self.config)
        return {
            "PATH": os.environ.get("PATH", ""),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
            **self.config.get("Environment", {}).get("Variables", {}),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{self.config.get('Runtime', '')}",
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.config.get("MemorySize", 128)),
            "AWS_LAMBDA_FUNCTION_VERSION": self.config.get("Version", "$LATEST"),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{os.urandom(8).hex()}",
            "LAMBDA_TASK_ROOT": str(code),
            "_HANDLER": self.config.get("Handler", ""),
            **execution_credentials(self.config),
        }

    def _drain(self) -> str:
        """What was written to standard output and error since the last call."""
        if self._log < 0:
            return ""
        size = os.fstat(self._log).st_size
        text = os.pread(self._log, size - self._log_read, self._log_read)
        self._log_read = size
        return text.decode(errors="replace").rstrip("\n")

    def kill(self) -> None:
        process, self._proc = self._proc, None
        if process:
            process.terminate()
        self._cold = True

    def _discard_tmpdir(self) -> None:
        """Called by the pool when the worker is dropped."""
        if self._log >= 0:
            os.close(self._log)
            self._log = -1


def _result(answer: dict[str, Any]) -> dict[str, Any]:
    """A worker's answer in the shape ministack's executor reads."""
    if answer["status"] == "ok":
        return {"status": "ok", "result": answer["result"]}
    return {"status": "error", "error": answer["error"]["errorMessage"], "fault": answer["error"]}


def _account(config: dict[str, Any]) -> str:
    return str(config.get("FunctionArn", ":::::")).split(":")[4]


def _region(config: dict[str, Any]) -> str:
    return str(config.get("FunctionArn", ":::::")).split(":")[3]
