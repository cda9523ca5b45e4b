"""The tree of parts of a mail (RFC 2046), as offsets into its bytes: nothing is copied.

Written here because the standard parser recurses for every level, copies every line, and behaves
differently between versions of Python; this one is linear in the size of the mail.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from emailchannel.mail.encoded import base64_bytes
from emailchannel.mail.headers import Headers, scan
from emailchannel.mail.text import clean_filename

DEEPEST: Final = 50
MOST_PARTS: Final = 1_000
MOST_DELIMITERS: Final = 50_000
_LONGEST_DELIMITER: Final = 300
_MOST_UU_LINES: Final = 700_000  # of 45 bytes: over 30 MB
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}")


@dataclass(slots=True, eq=False)
class Part:
    """One node of the tree. `start` and `end` bound its body in `raw`, still encoded."""

    raw: bytes = field(repr=False)
    headers: Headers
    start: int
    end: int
    type: str
    parameters: dict[str, str]
    disposition: str
    filename: str
    parts: list[Part] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    decoded: bytes | None = field(default=None, repr=False)

    @property
    def main_type(self) -> str:
        """The part of the media type before the slash."""
        return self.type.partition("/")[0]

    @property
    def content_id(self) -> str | None:
        """Content-ID without its brackets, or None."""
        return self.headers.raw("content-id").strip().strip("<>")[:300] or None

    def body(self) -> bytes:
        """The body without its transfer encoding (RFC 2045 section 6). Never raises."""
        if self.decoded is None:
            self.decoded = _decode_body(self)
        return self.decoded

    def walk(self) -> list[Part]:
        """This part and all below it, in the order of the mail."""
        found = [self]
        for part in self.parts:
            found.extend(part.walk())
        return found


def build(raw: bytes) -> Part:
    """The tree of `raw`, whose line ends are LF or CRLF. Never raises.

    Flags on the parts: those of `headers.scan`, not-fully-parsed (too deep or too many parts),
    ambiguous-structure (two Content-Types, a parameter given twice, a missing end boundary).
    """
    return _Builder(raw).part(0, len(raw), 0, "text/plain")


class _Builder:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.count = 0
        self.lines, self.cut = _delimiters(raw)
        self.by_text: dict[bytes, list[_Line]] = {}
        for line in self.lines:
            self.by_text.setdefault(line.text, []).append(line)

    def part(self, start: int, end: int, depth: int, default: str) -> Part:
        self.count += 1
        found = scan(self.raw, start, end)
        part = _describe(self.raw, found.headers, found.body, end, default)
        part.flags |= found.flags
        if part.main_type == "multipart":
            if depth >= DEEPEST:
                part.flags.add("not-fully-parsed")
                part.type = "application/octet-stream"
            else:
                self._split(part, depth)
        elif part.type == "message/rfc822" and _mails_in_mails(self.raw, part):
            part.flags.add("not-fully-parsed")
        return part

    def _split(self, part: Part, depth: int) -> None:
        boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace")
        marks = self._marks(part, boundary)
        if not marks:
            lines = _within(self.lines, part.start, part.end)
            boundary = _guess_boundary(lines) or _heads_a_part(self.raw, lines)
            marks = self._marks(part, boundary)
            part.flags.add("ambiguous-structure")
        ranges, closed = _ranges(marks, boundary, part.end)
        if self.cut or not closed:
            part.flags.add("ambiguous-structure")
        if marks and part.headers.count("content-type") > 1:
            ranges.insert(0, (part.start, marks[0].start))  # its first delimiter went missing
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        for start, end in ranges:
            if self.count >= MOST_PARTS:
                part.flags.add("not-fully-parsed")
                break
            part.parts.append(self.part(start, end, depth + 1, default))
        if not part.parts:  # declared multipart, yet nothing but text, or nothing at all
            part.type = "text/plain"
            part.start = marks[-1].stop if marks and not ranges else part.start

    def _marks(self, part: Part, boundary: bytes) -> list[_Line]:
        """The delimiter lines of a boundary inside a part, in order."""
        if not boundary:
            return []
        found = [
            line
            for text in (boundary, boundary + b"--")
            for line in _within(self.by_text.get(text, []), part.start, part.end)
        ]
        return sorted(found)


def _mails_in_mails(raw: bytes, part: Part) -> bool:
    """Whether mails stand in mails deeper than people send them. What is attached is not read."""
    start = part.start
    for _ in range(DEEPEST):
        found = scan(raw, start, part.end)
        if not found.headers.raw("content-type").lower().startswith("message/rfc822"):
            return False
        start = found.body
    return True


class _Line(NamedTuple):
    """A line that may delimit parts: where it starts, where the next one does, its text.

    `before` is the end of the part above: the line end in front of a delimiter belongs to the
    delimiter (RFC 2046 section 5.1.1).
    """

    start: int
    stop: int
    text: bytes
    before: int


def _within(lines: list[_Line], start: int, end: int) -> list[_Line]:
    return lines[bisect_left(lines, (start,)) : bisect_left(lines, (end,))]


def _delimiters(raw: bytes) -> tuple[list[_Line], bool]:
    """All short lines that start with two dashes, and whether there were too many."""
    lines: list[_Line] = []
    start = 0 if raw.startswith(b"--") else raw.find(b"\n--") + 1
    while (start or raw.startswith(b"--")) and len(lines) < MOST_DELIMITERS:
        stop = raw.find(b"\n", start, start + _LONGEST_DELIMITER) + 1
        if stop or start + _LONGEST_DELIMITER >= len(raw):
            stop = stop or len(raw)
            before = start - (2 if raw[start - 2 : start] == b"\r\n" else 1)
            lines.append(_Line(start, stop, raw[start + 2 : stop].rstrip(), max(before, 0)))
        following = raw.find(b"\n--", start + 2)
        if following < 0:
            return lines, False
        start = following + 1
    return lines, len(lines) >= MOST_DELIMITERS


def _guess_boundary(lines: list[_Line]) -> bytes:
    """The first delimiter that also occurs with an end mark, or twice; b"" if none does."""
    counts = Counter(line.text for line in lines)
    for text, count in counts.items():
        if text and not text.endswith(b"--") and (text + b"--" in counts or count > 1):
            return text
    return b""


_CONTENT_FIELD: Final = re.compile(rb"content-(?:type|transfer-encoding|disposition)[ \t]*:", re.I)


def _heads_a_part(raw: bytes, lines: list[_Line]) -> bytes:
    """The first delimiter with a Content- field right below it; b"" if none has one."""
    for line in lines[:100]:
        if line.text and _CONTENT_FIELD.match(raw, line.stop):
            return line.text
    return b""


def _ranges(marks: list[_Line], boundary: bytes, end: int) -> tuple[list[tuple[int, int]], bool]:
    """Ranges between the delimiters, and whether the last one was an end mark."""
    ranges: list[tuple[int, int]] = []
    begin: int | None = None
    for line in marks:
        if begin is not None:
            ranges.append((begin, max(begin, line.before)))
        if line.text != boundary:
            return ranges, begin is not None
        begin = line.stop
    if begin is not None and begin < end:
        ranges.append((begin, end))
    return ranges, False


def _describe(raw: bytes, headers: Headers, start: int, end: int, default: str) -> Part:
    type_, parameters, twice = headers.parameters("content-type")
    if not _TYPE.fullmatch(type_):
        type_ = default if type_ in ("", "text", "plain") else "application/octet-stream"
    disposition, details, _ = headers.parameters("content-disposition")
    filename = clean_filename(details.get("filename") or parameters.get("name") or "")
    part = Part(raw, headers, start, end, type_, parameters, disposition, filename)
    if twice or headers.count("content-type") > 1:
        part.flags.add("ambiguous-structure")
    return part


def _decode_body(part: Part) -> bytes:
    encoding = re.sub(r"[^a-z0-9-]", "", part.headers.raw("content-transfer-encoding").lower())
    body = slice(part.start, part.end)  # given on without a name, so that it is freed early
    if encoding == "base64":
        return _decode_base64(part.raw[body], part.flags)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.raw[body])
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _decode_uu(part.raw[body])
    if encoding not in ("", "7bit", "8bit", "binary", "7-bit", "8-bit"):
        part.flags.add("unknown-encoding")
    return part.raw[body]


def _decode_base64(data: bytes, flags: set[str]) -> bytes:
    """Tolerant: padding may be missing or stand between two runs of data."""
    data = data.translate(None, b" \t\r\n")
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except binascii.Error:
        flags.add("bad-base64")
    return b"".join(base64_bytes(run) for run in re.split(rb"=+", data, maxsplit=1_000))


_LINE: Final = re.compile(rb"[^\n]+")


def _decode_uu(data: bytes) -> bytes:
    out = bytearray()
    for match in islice(_LINE.finditer(data), _MOST_UU_LINES):
        line = match[0]
        if line.startswith(b"begin ") or line.strip() in (b"", b"end"):
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            continue
    return bytes(out)
