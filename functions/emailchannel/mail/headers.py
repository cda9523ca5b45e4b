"""The header block of a mail or of one part, read by a linear scan that never gives up.

A standard parser ends the header block at the first malformed line, and the rest of the header
becomes body text. Here a malformed line is skipped as long as header fields follow it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from emailchannel.mail import charset
from emailchannel.mail.encoded import decode_words, parse_parameters

LONGEST_BLOCK: Final = 1_000_000
LONGEST_FIELD: Final = 65_536
MOST_FIELDS: Final = 2_000
_LOOK_AHEAD: Final = 4

_FIELD: Final = re.compile(rb"([!-9;-~]{1,100})[ \t]{0,20}:")
_WHOLE_FIELD: Final = re.compile(
    rb"([!-9;-~]{1,100})[ \t]{0,20}:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)"
)
_MBOX_LINE: Final = re.compile(rb">?From [^:]{0,200}:\d\d")
_KNOWN: Final = re.compile(
    rb"from|to|cc|bcc|subject|date|message-id|mime-version|content-[a-z-]+|x-[a-z0-9-]+|received|"
    rb"return-path|reply-to|sender|in-reply-to|references|dkim-signature|list-[a-z-]+|user-agent|"
    rb"authentication-results|received-spf|delivered-to|importance|auto-submitted|thread-[a-z]+"
)


class Field(NamedTuple):
    """One header field: lower-case name and unfolded value as sent."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in the order of the mail. Names are compared in lower case."""

    fields: tuple[Field, ...] = ()
    charset: str | None = None  # label to try for raw 8-bit values
    _by_name: dict[str, list[Field]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, list[Field]] = {}
        for found in self.fields:
            index.setdefault(found.name, []).append(found)
        object.__setattr__(self, "_by_name", index)

    def with_charset(self, label: str | None) -> Headers:
        """The same fields, whose raw 8-bit values are to be read as `label` if not UTF-8."""
        return Headers(self.fields, label)

    def count(self, name: str) -> int:
        """How many fields have this name."""
        return len(self._by_name.get(name, ()))

    def all(self, name: str) -> tuple[str, ...]:
        """Values of every field of this name, encoded words not decoded."""
        return tuple(self._read(found) for found in self._by_name.get(name, ()))

    def raw(self, name: str) -> str:
        """Value of the first field of this name, encoded words not decoded; "" without one."""
        found = self._by_name.get(name)
        return self._read(found[0]) if found else ""

    def text(self, name: str) -> str:
        """Value of the first field of this name as text on one line; "" without one."""
        found = self._by_name.get(name)
        return self._text(found[0]) if found else ""

    def parameters(self, name: str) -> tuple[str, dict[str, str], bool]:
        """Main value, parameters, and whether one came twice (see `encoded`)."""
        raw = self.raw(name)
        return parse_parameters(raw) if raw else ("", {}, False)

    def _read(self, found: Field) -> str:
        value = found.value
        if value.isascii() and b"\x1b" not in value:
            return value.decode("ascii")
        return charset.decode(value, None, self.charset)[0]

    def _text(self, found: Field) -> str:
        return " ".join(decode_words(self._read(found), self.charset).split())


@dataclass(frozen=True, slots=True)
class Scan:
    """Headers, where the body starts, and what was wrong."""

    headers: Headers
    body: int
    flags: frozenset[str]


def scan(raw: bytes, start: int = 0, end: int | None = None) -> Scan:
    """Read the header block of raw[start:end] (LF or CRLF line ends).

    Flags: header-cut (a field over 64 KB), headers-cut (over 2,000 fields or 1 MB),
    malformed-header (a line that is no field). Without any field the whole range is body.
    """
    end = len(raw) if end is None else end
    return _well_formed(raw, start, end) or _Scanner(raw, start, end).run()


def _well_formed(raw: bytes, start: int, end: int) -> Scan | None:
    """The quick way, for a header block without any defect; None sends it the slow way."""
    fields: list[Field] = []
    limit = min(end, start + LONGEST_BLOCK)
    mbox = _MBOX_LINE.match(raw, start, limit)
    position = raw.find(b"\n", start, limit) + 1 if mbox else start
    while (match := _WHOLE_FIELD.match(raw, position, limit)) is not None:
        value = match[2]
        if len(value) > LONGEST_FIELD or len(fields) >= MOST_FIELDS:
            return None
        if b"\n" in value:
            value = b"".join(line.rstrip(b"\r") for line in value.split(b"\n"))
        fields.append(Field(match[1].decode("ascii").lower(), value.strip()))
        position = match.end()
    if position >= limit:
        return None if limit < end else Scan(Headers(tuple(fields)), end, frozenset())
    blank = 2 if raw.startswith(b"\r\n", position) else raw.startswith(b"\n", position)
    return Scan(Headers(tuple(fields)), position + blank, frozenset()) if blank else None


class _Scanner:
    def __init__(self, raw: bytes, start: int, end: int) -> None:
        self.raw, self.start, self.end = raw, start, end
        self.fields: list[Field] = []
        self.name = ""
        self.value = bytearray()
        self.flags: set[str] = set()

    def run(self) -> Scan:
        position = self.start
        first = True
        while position < self.end:
            stop = self._line_end(position)
            line = self.raw[position:stop].rstrip(b"\r\n")
            if not line:
                position = stop
                break
            if self._full(position):
                position = self._block_end(position)
                break
            if not self._take(line, first, stop):
                break
            first = False
            position = stop
        self._close()
        return Scan(Headers(tuple(self.fields)), position, frozenset(self.flags))

    def _line_end(self, position: int) -> int:
        found = self.raw.find(b"\n", position, self.end)
        return self.end if found < 0 else found + 1

    def _take(self, line: bytes, first: bool, following: int) -> bool:
        """Use one line; False if the body starts with it."""
        if line[0] in b" \t" and not first:
            self._continue(line)
            return True
        match = _FIELD.match(line)
        if match is not None:
            self._close()
            self.name = match[1].decode("ascii").lower()
            self.value = bytearray(line[match.end() :][:LONGEST_FIELD])
            if len(line) - match.end() > LONGEST_FIELD:
                self.flags.add("header-cut")
            return True
        if first and _MBOX_LINE.match(line):
            return True
        if not self._more_fields(following):
            return False
        self._close()
        self.flags.add("malformed-header")
        return True

    def _continue(self, line: bytes) -> None:
        if not self.name:
            return
        room = LONGEST_FIELD - len(self.value)
        if len(line) > room:
            self.flags.add("header-cut")
        if room > 0:
            self.value += line[:room]

    def _close(self) -> None:
        if self.name:
            self.fields.append(Field(self.name, bytes(self.value).strip()))
        self.name = ""
        self.value = bytearray()

    def _full(self, position: int) -> bool:
        if len(self.fields) < MOST_FIELDS and position - self.start < LONGEST_BLOCK:
            return False
        self.flags.add("headers-cut")
        return True

    def _block_end(self, position: int) -> int:
        """Start of the body when the rest of the block is not read."""
        ends = [
            found + len(mark)
            for mark in (b"\n\r\n", b"\n\n")
            if (found := self.raw.find(mark, position - 1, self.end)) >= 0
        ]
        return min(ends, default=self.end)

    def _more_fields(self, position: int) -> bool:
        """Whether a header field follows within a few lines, before an empty one."""
        for _ in range(_LOOK_AHEAD):
            stop = self._line_end(position)
            line = self.raw[position : min(stop, position + 200)].rstrip(b"\r\n")
            if not line or position >= self.end:
                return False
            match = _FIELD.match(line)
            if match is not None and _KNOWN.fullmatch(match[1].lower()):
                return True
            position = stop
        return False
