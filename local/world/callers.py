"""Which Lambda worker made a call, told by the port the call came from."""

from __future__ import annotations

import os
from pathlib import Path

from ministack.core import lambda_runtime

_LOOPBACK = "0100007F"


def worker_at(port: int) -> int | None:
    """The process id of the worker with a connection from this port; None for other callers."""
    socket = _socket(port)
    return next((pid for pid in _workers() if socket and _has(pid, socket)), None)


def _socket(port: int) -> str:
    """The client's end of a connection to us, as a link in /proc/<pid>/fd names it ("": gone).

    The columns of /proc/net/tcp: proc(5).
    """
    ends = [f"{_LOOPBACK}:{port:04X}", f"{_LOOPBACK}:{int(os.environ['GATEWAY_PORT']):04X}"]
    for line in Path("/proc/net/tcp").read_text().splitlines():
        columns = line.split()
        if columns[1:3] == ends:
            return f"socket:[{columns[9]}]"
    return ""


def _workers() -> list[int]:
    with lambda_runtime._lock:
        workers = [worker for pool in lambda_runtime._workers.values() for worker in pool]
    return [worker._proc.pid for worker in workers if worker._proc]


def _has(pid: int, socket: str) -> bool:
    try:
        links = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:  # it has ended, or closed a file meanwhile
        return False
    return socket in links
