"""What is shown: lines that fit a terminal, and nothing in them that a terminal would obey."""

import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

WIDTH: Final = 80


def plain(text: str) -> str:
    """The text on one line; what a terminal would act on, or show turned round, becomes `?`."""
    joined = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "?" for letter in joined)


def width(text: str) -> int:
    """How many columns a terminal needs (Unicode annex 11)."""
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """The text made plain, and cut to so many columns."""
    text = plain(text)
    if width(text) <= columns:
        return text
    room, kept = columns - 1, ""
    for letter in text:
        room -= _columns(letter)
        if room < 0:
            break
        kept += letter
    return f"{kept}…"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be, two blanks between; the last is cut where the line ends."""
    lines = [head, *([plain(cell) for cell in row] for row in rows)]
    wide = [max(width(line[n]) for line in lines) for n in range(len(head) - 1)]
    left = WIDTH - sum(wide) - 2 * len(wide)
    return "\n".join(_line(line, wide, left) for line in lines)


def _line(cells: Sequence[str], wide: Sequence[int], left: int) -> str:
    padded = [cell + " " * (room - width(cell)) for cell, room in zip(cells, wide, strict=False)]
    return "  ".join([*padded, cut(cells[-1], max(left, 8))]).rstrip()


def moment(milliseconds: int) -> str:
    """A time to the minute, UTC."""
    if not milliseconds:
        return "unknown"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def counted(number: int, noun: str, several: str = "") -> str:
    """`1 mail`, `2 mails`; `1 reply`, `2 replies`."""
    return f"{number} {noun}" if number == 1 else f"{number} {several or f'{noun}s'}"


def agreed(question: str) -> bool:
    """Ask; only a plain yes is one, and silence is none."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        print()
        return False


def progress(done: int, of: int, what: str) -> None:
    """A bar on the terminal, redrawn in place; nothing where output goes to a file."""
    if not sys.stderr.isatty():
        return
    filled = 30 * done // max(of, 1)
    bar = "#" * filled + "." * (30 - filled)
    print(f"\r[{bar}] {done} of {of} {what}", end="\n" if done == of else "", file=sys.stderr)
