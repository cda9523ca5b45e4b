"""Messages between the emulator and its Lambda workers: JSON, preceded by the length (8 bytes)."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    connection.sendall(struct.pack(">Q", len(data)) + data)


def send_with_file(connection: socket.socket, message: dict[str, Any], descriptor: int) -> None:
    """Send a message and, beside it, an open file (SCM_RIGHTS)."""
    data = json.dumps(message).encode()
    socket.send_fds(connection, [struct.pack(">Q", len(data))], [descriptor])
    connection.sendall(data)


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message, or None when the other side is gone."""
    message, _descriptor = receive_with_file(connection)
    return message


def receive_with_file(connection: socket.socket) -> tuple[dict[str, Any] | None, int]:
    """The next message and the file that came with it (-1: none)."""
    head, descriptors, _flags, _address = socket.recv_fds(connection, 8, 1)
    if head and len(head) < 8:
        head += _read(connection, 8 - len(head)) or b""
    body = _read(connection, struct.unpack(">Q", head)[0]) if len(head) == 8 else None
    return (
        None if body is None else dict(json.loads(body)),
        descriptors[0] if descriptors else -1,
    )


def _read(connection: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        chunk = connection.recv(min(size - len(parts), 1 << 20))
        if not chunk:
            return None
        parts += chunk
    return bytes(parts)
