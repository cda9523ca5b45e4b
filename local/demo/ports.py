"""Which ports the demo listens on: the usual ones, the next free one where one is taken."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

_TRIED = 200


@dataclass(frozen=True)
class Ports:
    """All on 127.0.0.1."""

    aws: int = 4566
    page: int = 8080
    console: int = 8081
    conversation: int = 8082
    mailboxes: int = 8085
    smtp: int = 2525
    mailbox_smtp: int = 2526
    mailbox_imap: int = 2143


class NoFreePort(RuntimeError):
    """Nothing can be listened on."""


def choose(kept: Path, *, any_free: bool = False) -> Ports:
    """Ports free now; those of the last time (in `kept`) first, so that links stay good.

    `any_free` takes whatever the system gives, in place of the usual ones.
    """
    wanted = asdict(Ports())
    if any_free:
        wanted = dict.fromkeys(wanted, 0)
    if kept.exists():
        wanted |= {n: p for n, p in json.loads(kept.read_text()).items() if n in wanted}
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        chosen[name] = _free(port, set(chosen.values()))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(chosen))
    return Ports(**chosen)


def _free(first: int, taken: set[int]) -> int:
    for port in range(first, first + _TRIED) if first else [0] * _TRIED:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            number = int(probe.getsockname()[1])
        if number not in taken:
            return number
    raise NoFreePort(f"No free port from {first} on.")
