"""Whether a mail says nothing but thank you, so that it need not open a closed matter again.

Better to show a person one mail of thanks too many than to overlook one that said more: every word
must be known to thank, to greet or to close, in one language, or be a name where names stand. A
question, a figure, a link, a sad face or one unknown word, and it is not only thanks.
"""

# ruff: noqa: RUF001 - signs of other scripts stand here on purpose

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from emailchannel.mail import thanks_words as shared
from emailchannel.mail import thanks_world as tables
from emailchannel.mail.quote_words import is_device_line

_LONGEST: Final = 400
_MOST_WORDS: Final = 12  # beside greeting, closing and names
_LONGEST_PHRASE: Final = 6
_LONGEST_UNSPACED: Final = 16
_MOST_NAMES: Final = 3

_FACE: Final = r"(?<![\w:;])(?:[:;=]['’]?-?[)\]DPp*]|\([:;]|<3|\^_?\^|x[dD](?!\w))[)D3]{0,9}"
_EMOJI: Final = (
    "[\U0001f642\U0001f600-\U0001f60b\U0001f60d\U0001f60e\U0001f618\U0001f61c\U0001f970\U0001f917"
    "\U0001f64f\U0001f44d\U0001f44c\U0001f44f\U0001f64c\U0001f389\U0001f38a\U0001f490\U0001f339"
    "\U0001f337\U0001f31f\U0001f31e\u2b50\u2600\u2728\u2764\u2665\u263a\u2705\U0001f495-\U0001f49c"
    "\U0001f91d\U0001f4aa\U0001f929\U0001f973\U0001f607][\ufe0f\U0001f3fb-\U0001f3ff]{0,2}"
)
_HAPPY: Final = re.compile(f"{_FACE}|{_EMOJI}")
_THUMB: Final = frozenset("\U0001f44d\U0001f44c\U0001f64f\u2764\u2705")
_SAD: Final = re.compile(r"[:;=]['’]?-?[(\[/\\|<cCsS](?!\w)|\)-?:")
_DEVICES: Final = ("iphone", "ipad", "android", "gesendet", "outlook", "samsung", "phone", "mail")
# What separates clauses; whatever else is neither a letter nor a blank makes it more than thanks.
_BREAKS: Final = frozenset(".,!:;…¡。、！，．～~·・।،؛–—-\"“”„«»'’‘*_&+/")
_INSIDE: Final = frozenset("'’-·")
_GREEK: Final = re.compile(r"[\u0370-\u03ff]")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f\uac00-\ud7af]")


def is_thanks(text: str) -> bool:
    """Whether a mail's new text only thanks or confirms. Linear, never raises.

    "Perfect, thank you Bob :-)" and "Vielen Dank! Gruß Ann" do; "Thanks, but it is still broken",
    "no thanks" and "Danke, wann kommt es?" do not. A bare "ok" may answer a question and does not.
    """
    text = text.strip()
    if not 0 < len(text) <= _LONGEST:
        return False
    text = unicodedata.normalize("NFKC", text)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    cheered = not _THUMB.isdisjoint(text)
    if _SAD.search(_HAPPY.sub(". ", text)) or (";" in text and _GREEK.search(text)):
        return False
    text = _HAPPY.sub(". ", text)
    lines = [line for line in text.splitlines() if not _is_device_line(line)]
    if not all(_ordinary(letter) for line in lines for letter in line):
        return False
    clauses = [clauses for line in lines if (clauses := _clauses(line))]
    if not clauses:
        return cheered
    if _UNSPACED.search(text):
        return any(_unspaced(clauses, words, cheered=cheered) for words in _unspaced_words())
    return any(_Reader(words, cheered).reads(clauses) for words in _vocabularies())


def fold(text: str) -> str:
    """Text as it is compared: without accents and case, ordinary width."""
    bare = (one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Mn")
    plain = unicodedata.normalize("NFC", "".join(bare)).casefold()
    return plain.replace("ı", "i").replace("’", "'")


def _is_device_line(line: str) -> bool:
    """Whether the line only says what was written with, and names a thing we know."""
    return line.strip(" .").lower().endswith(_DEVICES) and is_device_line(line.strip())


def _ordinary(letter: str) -> bool:
    return letter in _BREAKS or letter.isspace() or unicodedata.category(letter)[0] in "LM"


def _clauses(line: str) -> list[list[str]]:
    """The words of each clause of a line; a sign within a word does not end the clause."""
    inside = (
        letter in _INSIDE and line[i - 1 : i].isalpha() and line[i + 1 : i + 2].isalpha()
        for i, letter in enumerate(line)
    )
    signs = zip(line, inside, strict=True)
    plain = "".join("\n" if one in _BREAKS and not kept else one for one, kept in signs)
    return [words for clause in plain.split("\n") if (words := clause.split())]


class _Item(NamedTuple):
    """Some words and what they may be: letters of _KINDS, none for what is not known."""

    kinds: str
    words: list[str]


# Thanks, Done, More, Before, Object, Agreeing, Greeting, Closing, Title.
_KINDS: Final = "TDMBOAGCN"


def _vocabulary(language: shared.Language) -> dict[str, str]:
    found: dict[str, str] = {}
    everywhere = (shared.AGREEING, shared.GREETINGS, shared.CLOSINGS, shared.TITLES)
    for kind, entries in zip(_KINDS, (*language, *everywhere), strict=True):
        for entry in filter(None, entries.split("|")):
            key = fold(entry)
            found[key] = found.get(key, "") + kind
    return found


@cache
def _vocabularies() -> tuple[dict[str, str], ...]:
    return tuple(_vocabulary(language) for language in tables.LANGUAGES.values())


@cache
def _unspaced_words() -> tuple[dict[str, str], ...]:
    return tuple(
        {key.replace(" ", ""): kinds for key, kinds in _vocabulary(language).items()}
        for language in tables.UNSPACED.values()
    )


@cache
def _no_names() -> frozenset[str]:
    return frozenset(fold(word) for word in shared.NO_NAMES.split("|"))


def _items(words: list[str], vocabulary: dict[str, str]) -> list[_Item]:
    """The clause in the longest phrases that the vocabulary knows."""
    folded = [fold(word) for word in words]
    items: list[_Item] = []
    at = 0
    while at < len(words):
        length = next(
            (
                n
                for n in range(_LONGEST_PHRASE, 1, -1)
                if " ".join(folded[at : at + n]) in vocabulary
            ),
            1,
        )
        length = min(length, len(words) - at)
        kinds = vocabulary.get(" ".join(folded[at : at + length]), "")
        items.append(_Item(kinds, words[at : at + length]))
        at += length
    return items


@dataclass
class _Reader:
    """Reads clause by clause in one language; `last` is what the last word was, "" at the start."""

    vocabulary: dict[str, str]
    thanked: bool
    last: str = ""
    names: int = 0
    counted: int = 0
    things: bool = False

    def reads(self, lines: list[list[list[str]]]) -> bool:
        """Whether every clause only thanks, agrees, greets, closes or names somebody."""
        for line in lines:
            for clause in line:
                self.things = False
                items = _items(clause, self.vocabulary)
                if not all(self._takes(item) for item in items) or self.last == "B":
                    return False
        return self.thanked and self.counted <= _MOST_WORDS

    def _takes(self, item: _Item) -> bool:
        kind = self._kind(item)
        if kind == "name":
            self.names += 1
        elif kind in ("G", "C"):
            self.names = 0
        elif kind != "N":
            self.counted += len(item.words)
        self.thanked = self.thanked or kind in ("T", "D")
        self.things = (self.things or kind == "B") and kind not in ("T", "D", "C", "name")
        self.last = kind
        return bool(kind)

    def _kind(self, item: _Item) -> str:
        """What the words are where they stand; "" if that is nothing we know."""
        if self.things and "O" in item.kinds:
            return "O"
        for kind in item.kinds:
            if kind in "TDMACG" or (kind == "B" and self.thanked):
                return kind
            if kind == "N" and self.last in ("G", "C", "T", "M", "N", "name"):
                return kind
        return "name" if not item.kinds and self._is_name(item.words[0]) else ""

    def _is_name(self, word: str) -> bool:
        """Whether a name stands here: after a greeting, a closing or the thanks."""
        addressed = self.last in ("G", "C", "N", "name")
        if self.names >= _MOST_NAMES or not (addressed or self.thanked) or len(word) > 20:
            return False
        if fold(word) in _no_names():
            return False
        if word[0].upper() == word[0].lower():  # a script without capitals
            return addressed
        return word[0].isupper() and (len(word) == 1 or not word.isupper())


_ADDRESSED: Final = re.compile(
    r"[\u3400-\u9fff\u30a0-\u30ff\uac00-\ud7af]{1,6}?(?:様|さん|先生|님)"
)


def _unspaced(lines: list[list[list[str]]], vocabulary: dict[str, str], *, cheered: bool) -> bool:
    """The same for what is written without blanks between the words."""
    thanked, counted = cheered, 0
    for clause in ("".join(words) for line in lines for words in line):
        name = _ADDRESSED.match(clause)
        split = _segmented(fold(clause[name.end() :] if name else clause), vocabulary)
        if split is None:
            return False
        thanked, counted = thanked or split[0], counted + split[1]
    return thanked and counted <= _MOST_WORDS


def _segmented(clause: str, vocabulary: dict[str, str]) -> tuple[bool, int] | None:
    """Whether it thanks, and in how many words of the vocabulary; None if it cannot be split."""
    best: list[tuple[bool, int] | None] = [(False, 0), *[None] * len(clause)]
    for end in range(1, len(clause) + 1):
        for start in range(max(0, end - _LONGEST_UNSPACED), end):
            before, kinds = best[start], vocabulary.get(clause[start:end], "")
            if before is None or not kinds or kinds == "N":
                continue
            found = (before[0] or not set("TD").isdisjoint(kinds), before[1] + 1)
            now = best[end]
            if now is None or (found[0], -found[1]) > (now[0], -now[1]):
                best[end] = found
    return best[-1]
