"""Internal addresses in text that goes to customers: found however they are written, and removed.

A text is read once more as a *view*: entities and percent signs decoded, compatibility forms
folded, everything that takes no room left out. Each character of the view knows which part of the
source it stands for, so that what is found there can be cut out here.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from operator import attrgetter
from typing import Final, TypeVar

from emailchannel.mail import alias
from emailchannel.mail.address import a_label
from emailchannel.mail.text import clean_filename

CUT: Final = "[…]"  # stands where a mere cut would join two halves to an address again
_ROUNDS: Final = 4
_LAYERS: Final = 3  # an entity in a percent escape in an entity
_SHORTEST: Final = 4
_LETTERS: Final = "[0-9a-hjkmnp-tv-z]"  # of Crockford's base32
_TOKEN_LENGTH: Final = alias.CASE_ID_LENGTH + 1 + alias.STAMP_LENGTH + alias.MAC_LENGTH
_ANY_RELAY: Final = rf"relay\+{_LETTERS}{{{_TOKEN_LENGTH}}}"
_RELAY: Final = f"(?:queue|agent|reject)?{_ANY_RELAY}"
_ENTITY: Final = re.compile(
    r"&(?:amp;)*(#x[0-9a-f]{1,7};?|#[0-9]{1,8};?|[a-z][a-z0-9]{1,31};)", re.I
)
_PERCENT: Final = re.compile(r"(?:%(?:25)*[0-9a-f]{2})++", re.I)
_OCTET: Final = re.compile(r"%(?:25)*([0-9a-f]{2})", re.I)
# A line end goes with the quote marks below it: programs wrap long words.
_FOLDED: Final = re.compile(r"\n[>\s]*+|[^\n!-~]++|[A-Z]++")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]++")
_WRAPPED: Final = re.compile(r"\n[>\s]*+")
_ASCII: Final = {code: chr(code).lower() if code > 32 else None for code in range(127)} | {
    127: None
}
_NO_ROOM: Final = frozenset({"Cc", "Cf", "Cs", "Mn", "Me", "Zs", "Zl", "Zp"})
_FILLERS: Final = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800")
_HOST: Final = re.compile(r"(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*+")
_CLOSED_BY: Final = {"<": ">", "(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class _View:
    """`text[i]` stands for `source[starts[i]:ends[i]]`."""

    text: str
    starts: array[int]
    ends: array[int]


_Write = Callable[[re.Match[str]], Iterator[tuple[str, int, int]]]


def _rewrite(view: _View, pattern: re.Pattern[str], write: _Write) -> _View:
    """`write` gives what a match reads as: (text, start, end), the last two in `view`."""
    pieces: list[str] = []
    starts, ends = array("q"), array("q")
    position = 0
    for match in pattern.finditer(view.text):
        kept = slice(position, match.start())
        pieces.append(view.text[kept])
        starts.extend(view.starts[kept])
        ends.extend(view.ends[kept])
        for text, start, end in write(match):
            pieces.append(text)
            starts.extend([view.starts[start]] * len(text))
            ends.extend([view.ends[end - 1]] * len(text))
        position = match.end()
    pieces.append(view.text[position:])
    starts.extend(view.starts[position:])
    ends.extend(view.ends[position:])
    return _View("".join(pieces), starts, ends)


def _entity(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    yield unescape(f"&{match[1]}"), *match.span()


def _octets(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    decoder = getincrementaldecoder("utf-8")("replace")
    first = match.start()
    for octet in _OCTET.finditer(match.string, *match.span()):
        text = decoder.decode(bytes([int(octet[1], 16)]))
        if text:
            yield text, first, octet.end()
            first = octet.end()


def _characters(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    if match[0].startswith("\n"):
        return
    for index, character in enumerate(match[0], match.start()):
        folded = _folded(character)
        if folded:
            yield folded, index, index + 1


@lru_cache(maxsize=4_096)
def _folded(character: str) -> str:
    """A character in its plain form; "" for what takes no room: marks, blanks, controls."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    return "".join(
        one for one in text if unicodedata.category(one) not in _NO_ROOM and one not in _FILLERS
    )


def _apart(match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """The plain form of other scripts' signs, where a blank still keeps two words apart."""
    for index, character in enumerate(match[0], match.start()):
        yield " " if character.isspace() else _folded(character), index, index + 1


def _view_of(source: str) -> _View:
    span = array("q", range(len(source) + 1))
    return _View(source, span[:-1], span[1:])


def _substitute(text: str, pattern: re.Pattern[str], write: _Write) -> str:
    """`_rewrite` for a text alone, many times faster: most texts hold no secret."""
    return pattern.sub(lambda match: "".join(piece for piece, _, _ in write(match)), text)


def _fold(text: str) -> str:
    """The text that `_rewrite(view, _FOLDED, _characters)` has."""
    if "\n" in text:
        text = _WRAPPED.sub("", text)
    return text.translate(_ASCII) if text.isascii() else "".join(map(_folded, text))


_Text = TypeVar("_Text", str, _View)
_Rewrite = Callable[[_Text, re.Pattern[str], _Write], _Text]


def _stages(
    text: _Text, rewrite: _Rewrite[_Text], plain: Callable[[_Text], str]
) -> Iterator[_Text]:
    """The text as it is, and as it reads after each decoding that somebody may do.

    Each counts: what looks like an escape may be a percent sign in front of a word.
    """
    yield text
    for _ in range(_LAYERS):
        before = plain(text)
        if "&" in before:
            text = rewrite(text, _ENTITY, _entity)
            yield text
        if "%" in plain(text):
            text = rewrite(text, _PERCENT, _octets)
            yield text
        if not plain(text).isascii():
            text = rewrite(text, _FOREIGN, _apart)
        if plain(text) == before:
            return


class Finder:
    """Finds secrets: addresses, the local parts of relay addresses, bare tokens.

    Beyond those given, every relay address of ours is one, and every token of a case that a given
    token belongs to.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        found: dict[str, None] = {_RELAY: None}
        for secret in secrets:
            for form in _forms(secret):
                folded = _fold(form)
                if len(folded) >= _SHORTEST:
                    found[re.escape(folded)] = None
            token = secret.strip().lower().partition("@")[0].rpartition("+")[2]
            if alias.is_token(token, _TOKEN_LENGTH):
                rest = _TOKEN_LENGTH - alias.CASE_ID_LENGTH
                found[f"{token[: alias.CASE_ID_LENGTH]}{_LETTERS}{{{rest}}}"] = None
        # The longest first: an address that holds another one goes as a whole.
        self._pattern = re.compile("|".join(sorted(found, key=len, reverse=True)))
        # Each begins with plain letters, which makes the search in large files fast.
        self._octets = [re.compile(one.encode()) for one in {*found, _ANY_RELAY} - {_RELAY}]

    def found(self, text: str) -> bool:
        """Whether a secret stands in the text, in whatever disguise."""
        stages = _stages(text, _substitute, str)
        return any(self._pattern.search(_fold(stage)) for stage in stages)

    def found_in_octets(self, data: bytes) -> bool:
        """The same in the bytes of a file, in ASCII, UTF-16 or UTF-32, over any line ends."""
        squeezed = data.replace(b"=\r\n", b"").replace(b"=\n", b"").lower()
        squeezed = squeezed.translate(None, b"\0\r\n\t >")
        return any(pattern.search(squeezed) for pattern in self._octets)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the secrets stand, with the brackets around them; in order, none overlaps."""
        if not self.found(text):
            return []
        spans = sorted(
            self._span(text, view, match)
            for stage in _stages(_view_of(text), _rewrite, attrgetter("text"))
            for view in (_rewrite(stage, _FOLDED, _characters),)
            for match in self._pattern.finditer(view.text)
        )
        return _merged(spans)

    def _span(self, text: str, view: _View, match: re.Match[str]) -> tuple[int, int]:
        start, end = view.starts[match.start()], view.ends[match.end() - 1]
        if "@" not in match[0] and (host := _HOST.match(text, end)) is not None:
            end = host.end()  # our own domain, which says nothing by itself
        return _widened(text, start, end)

    def scrub(self, text: str) -> str:
        """The text without its secrets."""
        for number in range(_ROUNDS):
            spans = self.spans(text)
            if not spans:
                break
            text = without(text, spans, CUT if number == _ROUNDS - 1 else "")
        return text

    def scrub_filename(self, name: str, default: str = "attachment") -> str:
        """A file name without secrets; its extension stays, and it is never empty."""
        if not self.found(name):
            return name
        stem, dot, extension = name.rpartition(".")
        if not self.found(stem):
            stem, dot, extension = name, "", ""
        stem = clean_filename(self.scrub(stem)).strip(" .,;_-")
        named = f"{stem or default}{dot}{extension}"
        return default if self.found(named) else named


def _forms(secret: str) -> Iterator[str]:
    """An address with its domain in both forms (RFC 5890); anything else as it is."""
    secret = secret.strip()
    yield secret
    local, at, domain = secret.rpartition("@")
    if not at:
        return
    ascii_domain = a_label(domain)
    yield f"{local}@{ascii_domain}"
    try:
        yield f"{local}@{ascii_domain.encode('ascii').decode('idna')}"
    except UnicodeError:
        return


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ordered spans, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """With `mailto:`, the brackets around it and the blanks in front of it."""
    for _ in range(3):
        if text[max(0, start - 7) : start].lower() == "mailto:":
            start -= 7
        if start and end < len(text) and _CLOSED_BY.get(text[start - 1]) == text[end]:
            start, end = start - 1, end + 1
    if text[end : end + 1].isalnum():
        return start, end
    while start and text[start - 1] in " \t":
        start -= 1
    return start, end


def without(text: str, spans: Iterable[tuple[int, int]], replacement: str = "") -> str:
    """The text with these ranges replaced; ordered, not overlapping."""
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += [text[position:start], replacement]
        position = end
    return "".join([*pieces, text[position:]])


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Take internal addresses out of a decoded text, however they are written.

    `<agent@corp.example>` behind a name disappears with its brackets.
    """
    return Finder(secrets).scrub(text)
