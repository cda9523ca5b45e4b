"""The command `make rehearse`."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from local.rehearse.steps import Done, Rehearsal, rehearse, steps, what_is_missing


def main(arguments: list[str]) -> int:
    """Rehearse; all that `sam` said goes to the folder given (or .local/rehearsal)."""
    missing = what_is_missing()
    if missing:
        print(missing, file=sys.stderr)
        return 1
    said = Path(arguments[0] if arguments else ".local/rehearsal").resolve()
    signal.signal(signal.SIGTERM, _stop)
    os.environ["LOCAL_LOG_LEVEL"] = "CRITICAL"  # the emulator's; failures are told below
    begun = time.monotonic()
    print("\n  A deployment, rehearsed on this machine with the real SAM CLI\n")
    try:
        done = run(said, _print)
    except KeyboardInterrupt:
        print("\n  Stopped. The emulator and the temporary folders are gone.", file=sys.stderr)
        return 130
    print(f"\n  {time.monotonic() - begun:>12.1f} s  in all; what sam said is in {said}")
    return int(done[-1].failed)


def run(said: Path, tell: Callable[[Done], object]) -> list[Done]:
    """Rehearse with an emulator and a copy of the sources of its own, gone at the end."""
    said.mkdir(parents=True, exist_ok=True)
    for old in said.glob("*.txt"):
        old.unlink()
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder, ExitStack() as running:
        return rehearse(steps(Rehearsal(running, Path(folder), said)), tell)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _print(done: Done) -> None:
    mark = "FAILED" if done.failed else "ok"
    print(f"  {mark:<6} {done.seconds:>5.1f} s  {done.name:<38} {done.came}", flush=True)
