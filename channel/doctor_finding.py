"""What a check found, as a value."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from .dns import LookUp
from .stack import Stack

OK: Final = "ok"
WARNING: Final = "warning"
PROBLEM: Final = "problem"
UNCHECKED: Final = "not checked"


@dataclass(frozen=True)
class Finding:
    """`words`: what it is. `remedy`: what to do; `lines`: commands or DNS records for that."""

    status: str
    words: str
    remedy: str = ""
    lines: tuple[str, ...] = ()


Check = Callable[[Stack, LookUp], Iterable[Finding]]


def ok(words: str) -> Finding:
    """As it should be."""
    return Finding(OK, words)


def warning(words: str, remedy: str, *lines: str) -> Finding:
    """It works, and could be better, or will not always work."""
    return Finding(WARNING, words, remedy, lines)


def problem(words: str, remedy: str, *lines: str) -> Finding:
    """Mail is lost or stays where it is until this is put right."""
    return Finding(PROBLEM, words, remedy, lines)


def unchecked(words: str) -> Finding:
    """Nobody knows; `words` say what, and why."""
    return Finding(UNCHECKED, words)
