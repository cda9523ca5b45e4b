"""A mail forwarded inline: who wrote it first, read from the block that the mail program wrote.

There is no standard for this, so the answer carries a confidence, and a person confirms it before
anything is sent to the address found.
"""

# ruff: noqa: RUF001 - words and signs of other scripts stand here on purpose

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail import quote_words as words
from emailchannel.mail.address import parse_addresses
from emailchannel.mail.quote import attribution, header_block
from emailchannel.mail.text import clean
from emailchannel.mail.values import Address, Forwarded

_MOST_LINES: Final = 6_000
_LONGEST_LINE: Final = 1_000
_HEADER_LINES: Final = 16
_SUBJECT: Final = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:fwd?|fw|wg|tr|rv|enc|i|doorst|vs|vb|vl|vid|pd|fs|пересл|переслано|"
    r"ilt|i̇lt|továbbítás|tov|fwd?:? ?fw|转发|轉寄|転送|전달|prosl|předáno|πρθ|vì)\s?[:：]",
    re.I,
)
_IN_ATTRIBUTION: Final = re.compile(
    r"(?:[\"«“„]\s?([^\"»”“<>]{1,80}?)\s?[\"»”“]|((?:[^\W\d_][\w'.-]{0,30} ){1,3}))?\s?\(?<?"
    r"([^\s<>()\"]{1,64}@[^\s<>()\"]{1,200})"
)
_LINK_FORM: Final = re.compile(r"<?\bmailto:([^\s<>\]]{3,300})>?|\[mailto:([^\s\]]{3,300})\]", re.I)


def says_so(subject: str) -> bool:
    """Whether a subject begins as mail programs begin that of a forwarded mail."""
    return _SUBJECT.match(subject[:300]) is not None


def find(text: str, subject: str = "") -> Forwarded | None:
    """The mail forwarded inside `text` (LF line ends), or None.

    Confidence: 0.95 for a "Forwarded message" line, 0.9 for header lines under a subject that
    says so, 0.7 for an "On ... wrote:" line under such a subject, 0.6 for header lines with
    nothing of the sender's own above them. The header lines of a quoted answer alone are no
    forwarded mail.
    """
    lines = text.split("\n")[:_MOST_LINES]
    seen = [line[:_LONGEST_LINE].strip(" \t\r\ufeff") for line in lines]
    announced = next((i for i, line in enumerate(seen) if words.FORWARDED.match(line)), None)
    if announced is None:
        inline = next(
            (i for i, line in enumerate(seen) if words.FORWARDED_INLINE.match(line)), None
        )
        if inline is not None:
            return _read_inline(lines, inline)
    announced_by_subject = says_so(subject)
    start = _block_start(seen, 0 if announced is None else announced + 1)
    if start is None:
        return _read_attribution(lines, seen) if announced_by_subject else None
    if announced is not None and _close(seen, announced, start):
        return _read(lines, start, 0.95)
    if announced_by_subject:
        return _read(lines, start, 0.9)
    if not any(line and not words.RULE.match(line) for line in seen[:start]):
        return _read(lines, start, 0.6)
    return None


def _close(seen: list[str], announced: int, start: int) -> bool:
    return sum(bool(line) for line in seen[announced + 1 : start]) <= 1


def _block_start(seen: list[str], index: int) -> int | None:
    """First line of the header block of the forwarded mail."""
    for position in range(index, len(seen)):
        if header_block(seen, position):
            return position
    return None


def _fields(seen: list[str]) -> tuple[dict[str, str], int]:
    """Header lines by kind, long ones joined, and the number of lines they take."""
    found: dict[str, str] = {}
    current = ""
    for position, raw in enumerate(seen):
        line = raw.lstrip("> |")
        kind = _kind(line)
        if kind and kind not in found:
            current = kind
            match = words.HEADER.match(line)
            found[kind] = match[2].strip() if match else ""
        elif not line:
            if len(found) > 2 or not _field_follows(seen, position + 1):
                return found, position
        elif (current in ("to", "cc") and "@" in line) or _field_follows(seen, position + 1):
            found[current] = f"{found[current]} {line}".strip()
        else:
            return found, position
    return found, len(seen)


def _kind(line: str) -> str:
    match = words.HEADER.match(line)
    return words.kind(match[1]) if match else ""


def _field_follows(seen: list[str], index: int) -> bool:
    return index < len(seen) and _kind(seen[index].lstrip("> |")) != ""


def _read(lines: list[str], start: int, confidence: float) -> Forwarded:
    seen = [
        line[:_LONGEST_LINE].strip(" \t\r\ufeff") for line in lines[start : start + _HEADER_LINES]
    ]
    fields, end = _fields(seen)
    body = lines[start + end :]
    if seen[0].startswith(">"):
        body = [line.removeprefix(">").removeprefix(" ") for line in body]
    return _forwarded(fields, body, confidence)


def _read_inline(lines: list[str], index: int) -> Forwarded | None:
    """Header lines that stand on one line, together with their announcement."""
    line = words.FORWARDED_INLINE.sub("", lines[index][:4_000])
    pieces = words.LABEL.split(line)
    fields: dict[str, str] = {}
    for label, value in zip(pieces[1::2], pieces[2::2], strict=False):
        fields.setdefault(words.kind(label), value.strip())
    return _forwarded(fields, lines[index + 1 :], 0.95) if "from" in fields else None


def _read_attribution(lines: list[str], seen: list[str]) -> Forwarded | None:
    for position, line in enumerate(seen[:200]):
        length = attribution(seen, position) if line else 0
        if length:
            joined = " ".join(seen[position : position + length])
            match = _IN_ATTRIBUTION.search(joined)
            if match is None:
                return None
            sender = f"{match[1] or match[2] or ''} <{match[3]}>"
            return _forwarded({"from": sender}, lines[position + length :], 0.7)
    return None


def _forwarded(fields: dict[str, str], body: list[str], confidence: float) -> Forwarded:
    senders = _people(fields.get("from", ""))
    return Forwarded(
        sender=senders[0] if senders else Address(clean(fields.get("from", ""), 300), ""),
        date=clean(fields.get("date", ""), 100),
        subject=clean(fields.get("subject", ""), 250),
        to=_people(fields.get("to", "")),
        cc=_people(fields.get("cc", "")),
        text="\n".join(body).strip("\n"),
        confidence=confidence,
    )


def _people(value: str) -> tuple[Address, ...]:
    """Addresses as mail programs print them: links, square brackets, semicolons."""
    value = re.sub(r"[*\[\]]", " ", _LINK_FORM.sub(r" <\1\2> ", value))
    value = re.sub(r"(<[^<>]{3,320}>)\s*(?:<[^<>]{3,320}>)+", r"\1", value)
    found = (person for person in parse_addresses(value[:20_000]) if "@" in person.addr)
    return tuple(dict.fromkeys(found))[:100]
