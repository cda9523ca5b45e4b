"""Commands on the first line of an agent's answer: #note and #close.

What looks like a mistyped command counts as one that is unknown: an internal note must not reach
the customer because of a slip of the finger.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

NOTE: Final = "note"
CLOSE: Final = "close"
UNKNOWN: Final = "unknown:"
_KNOWN: Final = (NOTE, CLOSE)
_LONGEST_WORD: Final = 40

# What programs put around a word unseen or as emphasis: blanks, format characters, variation
# selectors and keycaps, and the signs of Markdown for bold, code and lists.
_UNSEEN: Final = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\u20e3"
)
_EMPHASIS: Final = r"*_`~\\"
_BEFORE: Final = re.compile(rf"[\s{_UNSEEN}{_EMPHASIS}•+-]*+")
_SIGN: Final = re.compile(rf"[#＃﹟][#＃﹟\s{_UNSEEN}]*+")  # noqa: RUF001  (number signs of other widths)
_WORD: Final = re.compile(rf"[^\s,;:.!：{_EMPHASIS}–—]*+")  # noqa: RUF001  (the signs that end a word)
_COLON: Final = re.compile(r"[,;:.!：–—]?")  # noqa: RUF001
_EMPHASIS_END: Final = re.compile(rf"[{_EMPHASIS}{_UNSEEN}]*+")
_EMPHASIS_SIGNS: Final = frozenset("*_`~")
_UNSEEN_SIGNS: Final = re.compile(f"[{_UNSEEN}]+")


@dataclass(frozen=True)
class Command:
    """`name`: "note", "close", "unknown:<word>", or "" for an ordinary answer.

    `rest` is what follows the command, on its line and below; for "" it is the whole text.
    """

    name: str
    rest: str


def read_command(text: str) -> Command:
    """The command in the first non-empty line of what an agent wrote. Linear, never raises."""
    found = _word(text)
    if found is None:
        return Command("", text)
    signs, word, end, emphasised = found
    rest = _rest(text, end, emphasised=emphasised)
    if signs == 1 and word in _KNOWN:
        second = _word(rest) if word == CLOSE else None  # two were meant: which goes out?
        if second is None or not (second[1] in _KNOWN or _mistyped(second[1])):
            return Command(word, rest)
        return Command(f"{UNKNOWN}{word} #{second[1][:_LONGEST_WORD]}", rest)
    if _mistyped(word) or (signs == 1 and _alone(word, text, end)):
        return Command(UNKNOWN + word[:_LONGEST_WORD], rest)
    return Command("", text)


def _word(text: str) -> tuple[int, str, int, bool] | None:
    """How many number signs (and blanks) stand first, the word after them as it reads, where it
    ends, and whether it is emphasised; None if the text starts with no such word."""
    before = _BEFORE.match(text)
    start = before.end() if before else 0
    sign = _SIGN.match(text, start)
    if sign is None or "\n" in sign[0]:
        return None
    found = _WORD.match(text, sign.end())
    end = found.end() if found else sign.end()
    word = _folded(text[sign.end() : end][: _LONGEST_WORD + 20])
    signs = len(_UNSEEN_SIGNS.sub("", sign[0]))
    return signs, word, end, not _EMPHASIS_SIGNS.isdisjoint(text[:start])


def _folded(word: str) -> str:
    """The word as it reads: without unseen characters, in lower case, in ordinary width."""
    return unicodedata.normalize("NFKC", _UNSEEN_SIGNS.sub("", word)).casefold()


def _rest(text: str, at: int, *, emphasised: bool) -> str:
    for sign in (_EMPHASIS_END, _COLON, _EMPHASIS_END if emphasised else None):
        found = sign.match(text, at) if sign else None
        at = found.end() if found else at
    return text[at:].strip()


def _alone(word: str, text: str, end: int) -> bool:
    """Whether the line holds this word only, and it is one: "#closd", and not "#1234"."""
    line = text.find("\n", end)
    others = text[end : line if line >= 0 else len(text)]
    letters = word.replace("-", "").replace("'", "")
    return letters.isalpha() and not others[:200].strip("*_`~\\,;:.!：–— \t\r\u00a0")  # noqa: RUF001


def _mistyped(word: str) -> bool:
    """Whether a command may be meant: it starts the word, or is one edit away from it."""
    return any(word.startswith(known) or _one_edit(word, known) for known in _KNOWN)


def _one_edit(word: str, known: str) -> bool:
    """Whether one letter is missing, added, wrong, or two neighbours are swapped."""
    same = 0
    while same < min(len(word), len(known)) and word[same] == known[same]:
        same += 1
    left, wanted = word[same:], known[same:]
    return (
        left[1:] == wanted[1:]
        or left[1:] == wanted
        or left == wanted[1:]
        or (left[:2] == wanted[1::-1] and left[2:] == wanted[2:])
    )
