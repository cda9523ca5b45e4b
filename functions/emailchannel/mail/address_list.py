"""Address lists as strangers write them: a tolerant, linear reader for showing."""

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail.encoded import decode_words
from emailchannel.mail.text import clean
from emailchannel.mail.values import Address

MOST_ADDRESSES: Final = 2_000
LONGEST_LIST: Final = 65_536
_LONGEST_NAME: Final = 300
_LONGEST_ADDRESS: Final = 320  # RFC 5321 section 4.5.3.1: 64 + 1 + 255

_ENCODED_WORD: Final = r"=\?[A-Za-z0-9_.:()+*'-]{1,60}\?[bBqQ]\?[^?\s]{0,2000}\?="
_TOKEN: Final = re.compile(rf'{_ENCODED_WORD}|"(?:[^"\\]|\\.)*+"|[<>(),;:"]|[^<>(),;:"=]++|=', re.S)


def parse_addresses(header_value: str) -> tuple[Address, ...]:
    """The mailboxes of an address list (RFC 5322 section 3.4), as far as they can be read.

    Never raises, linear, at most 2,000 addresses of the first 64 KB. Groups are opened, comments
    and routes dropped. In `name <addr>` the angle brackets decide, whatever the name looks like.
    Encoded words are decoded in names only. Entries without an address keep their name.
    """
    return _ListReader(header_value[:LONGEST_LIST]).read()


class _ListReader:
    def __init__(self, value: str) -> None:
        self.tokens = _tokens(value)
        self.found: list[Address] = []
        self.words: list[str] = []  # of the name, or of an address without angle brackets
        self.angle: str | None = None
        self.comment = ""
        self.unclosed_comment = False

    def read(self) -> tuple[Address, ...]:
        position = 0
        while position < len(self.tokens) and len(self.found) < MOST_ADDRESSES:
            position = self._take(position)
        self._flush()
        return tuple(self.found[:MOST_ADDRESSES])

    def _take(self, position: int) -> int:
        mark = self.tokens[position]
        if mark == "(" and not self.unclosed_comment:
            return self._take_comment(position)
        if mark == "<":
            return self._take_angle(position)
        if mark in (",", ";"):
            self._flush()
        elif mark == ":" and not any("@" in word for word in self.words):
            self.words.clear()  # the name of a group
        elif mark not in (">", "(", ")"):
            self.words.append(mark)
        return position + 1

    def _take_comment(self, position: int) -> int:
        depth = 0
        for end in range(position, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[end], 0)
            if depth == 0:
                self.comment = "".join(self.tokens[position + 1 : end])
                return end + 1
        self.unclosed_comment = True
        return position + 1

    def _take_angle(self, position: int) -> int:
        if self.angle:
            self._flush()
        end = self._until(position + 1, "<>")
        if self.tokens[end : end + 1] != [">"]:  # never closed
            end = self._until(position + 1, "<,;")
        inside = "".join(self.tokens[position + 1 : end])
        if inside.lstrip().startswith("@") and ":" in inside:
            inside = inside.rpartition(":")[2]  # obsolete source route
        self.angle = inside
        return end + (self.tokens[end : end + 1] == [">"])

    def _until(self, position: int, stops: str) -> int:
        while position < len(self.tokens) and self.tokens[position] not in stops:
            position += 1
        return position

    def _flush(self) -> None:
        raw = "".join(self.words).strip()
        angle, comment = self.angle, self.comment
        self.words, self.angle, self.comment = [], None, ""
        if angle is not None:
            self._add(self._whole_name(raw), angle)
        elif "@" in raw:
            address = max(raw.split(), key=lambda word: "@" in word) if '"' not in raw else raw
            self._add(comment or raw.replace(address, "", 1), address)
        elif raw and (" " in raw or "=?" in raw or raw.startswith('"')):
            self._add(raw, "")
        elif raw:
            self._add(comment, raw)

    def _whole_name(self, raw: str) -> str:
        """Undo a split at the comma of an unquoted `Surname, Name <address>`."""
        previous = self.found[-1] if self.found else None
        if previous and raw and not raw.startswith('"') and "@" not in previous.addr:
            if previous.addr and previous.name:
                return raw
            self.found.pop()
            return f"{previous.addr or previous.name}, {raw}"
        return raw

    def _add(self, name: str, addr: str) -> None:
        mailbox = Address(_name(name), _addr_spec(addr))
        if mailbox.name or mailbox.addr:
            self.found.append(mailbox)


def _tokens(value: str) -> list[str]:
    if value.count('"') > 200:  # only hostile lists have more; unclosed ones would cost squares
        value = value.replace("\\", "")
    return _TOKEN.findall(value)


def _name(raw: str) -> str:
    unquoted = re.sub(r'"((?:[^"\\]|\\.)*+)"', lambda m: re.sub(r"\\(.)", r"\1", m[1]), raw)
    name = clean(decode_words(unquoted), _LONGEST_NAME)
    return name.strip("'") if name.startswith("'") and name.endswith("'") else name


def _addr_spec(raw: str) -> str:
    found = clean(raw, 2 * _LONGEST_ADDRESS)
    if '"' not in found:
        found = found.replace(" ", "")
    return found[:_LONGEST_ADDRESS].removeprefix("mailto:").rstrip(".")
