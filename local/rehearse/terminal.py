"""A command at a terminal: its questions are answered by name, and everything is written down."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[=>])")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")  # progress, which a terminal shows in place
# "Parameter RoutingProfileId []: ", "Deploy this changeset? [y/N]: "
_QUESTION = re.compile(r"(?:^|\n)\s*(?:Parameter )?([^\n\[]+?) \[[^\]\n]*\]: $")
_ROWS, _COLUMNS = 50, 150
_MOST_SECONDS = 300.0


Answers = Mapping[str, str | Callable[[], str]]  # by question; a callable looks first


class NotAnswered(RuntimeError):
    """The command did not end in time."""


@dataclass(frozen=True)
class Said:
    """What a command said, as a terminal would show it, and how it ended."""

    command: Sequence[str]
    status: int
    text: str
    asked: Mapping[str, str] = field(default_factory=dict)  # question -> our answer

    def tail(self, lines: int = 25) -> str:
        """The end of what it said."""
        return "\n".join(self.text.rstrip().splitlines()[-lines:])


def run(command: Sequence[str], folder: Path, env: Mapping[str, str], answers: Answers) -> Said:
    """Run to the end; a question without an answer gets Enter. Raises NotAnswered after 300 s."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (_ROWS, _COLUMNS))
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**env, "TERM": "dumb", "COLUMNS": str(_COLUMNS)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,  # Ctrl-C is for us; the command is ended below
    )
    os.close(theirs)
    asked: dict[str, str] = {}
    try:
        text = _converse(ours, answers, asked)
        return Said(command, process.wait(), _shown(text), asked)
    finally:
        os.close(ours)
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _converse(terminal: int, answers: Answers, asked: dict[str, str]) -> str:
    """Read and answer until the command closes its terminal."""
    said, answered, deadline = "", 0, time.monotonic() + _MOST_SECONDS
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            raise NotAnswered(f"no end after {_MOST_SECONDS:.0f} s:\n{_shown(said)[-2000:]}")
        try:
            heard = os.read(terminal, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            return said
        if not heard:
            return said
        said += heard.decode(errors="replace")
        question = _QUESTION.search(_ESCAPE.sub("", said[answered:].replace("\r\n", "\n")))
        if question:
            name = question[1].strip()
            answer = answers.get(name, "")
            asked[name] = answer if isinstance(answer, str) else answer()
            answered = len(said)
            os.write(terminal, asked[name].encode() + b"\n")


def _shown(said: str) -> str:
    plain = _ESCAPE.sub("", said).replace("\r\n", "\n")
    lines = (line.rstrip() for line in _OVERWRITTEN.sub("", plain).split("\n"))
    return "\n".join(lines)
