"""The parent of all Lambda workers: a process that has imported what handlers import.

A worker is a fork of it, so that a cold start costs milliseconds instead of the second that
loading boto3 and its service models takes. Each connection to its Unix socket gets a fork, which
is told what to be:

    {"code", "handler", ...}     a worker (see worker.py)
    {"packages", "socket"}       a zygote of its own for some code, with the modules of its
                                 packages imported; answers {"ready"} once it listens

A zygote is single-threaded (it is safe to fork). The first one is also the emulator's janitor:
when the emulator is gone, however it ended, it kills the workers and removes the folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import shutil
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from local.world import preload, worker
from local.world.wire import receive_with_file, send

_PR_SET_PDEATHSIG = 1


def main(folder: str) -> None:
    """Serve forks on `folder`/zygote.sock until standard input closes, then remove `folder`."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", str(Path.cwd()))]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the workers
    worker.shift_time()
    preload.libraries()
    server = _listen(Path(folder) / "zygote.sock")
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        selector.register(0, selectors.EVENT_READ)
        while all(key.fileobj is server for key, _events in selector.select()):
            _fork(server)
    shutil.rmtree(folder, ignore_errors=True)  # the workers die with their parent


def _listen(path: Path) -> socket.socket:
    """A listening socket; its name appears when it listens, since the emulator waits for it."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(f"{path}.new")
    server.listen(128)
    Path(f"{path}.new").rename(path)
    return server


def _fork(server: socket.socket) -> None:
    connection, _ = server.accept()
    if os.fork():
        connection.close()
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    server.close()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)  # only the first zygote listens for the emulator's end
    os.close(nothing)
    status = 0
    try:
        _become(connection)
    except BaseException:
        status = 1  # never unwind into the parent's loop
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


def _become(connection: socket.socket) -> None:
    role, log = receive_with_file(connection)
    if role is None:
        return
    if "packages" in role:
        _serve_package(connection, role)
    else:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        worker.serve(connection, role, log)


def _serve_package(connection: socket.socket, role: dict[str, Any]) -> None:
    preload.packages(Path(role["packages"]))
    server = _listen(Path(role["socket"]))
    send(connection, {"ready": True})
    connection.close()
    while True:
        _fork(server)


if __name__ == "__main__":
    main(sys.argv[1])
