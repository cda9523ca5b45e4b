"""Encoded words (RFC 2047) and parameters (RFC 2045 section 5.1, RFC 2231), in linear time."""

from __future__ import annotations

import binascii
import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from emailchannel.mail import charset
from emailchannel.mail.text import to_safe_str

_WORD_START: Final = re.compile(r"=\?([A-Za-z0-9_.:()+*'-]{1,60})\?([bBqQ])\?")
_LONGEST_WORD: Final = 8_000  # RFC 2047 says 75, senders do not
_MOST_PARAMETERS: Final = 200
_MEDIA_TYPE: Final = re.compile(r"\s*([^\s;/\"=]{1,80})\s*/\s*([^\s;,\"=]{1,120})")
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64))


class _Word(NamedTuple):
    label: str
    data: bytes


def decode_words(value: str, fallback: str | None = None) -> str:
    """The text of a header value with its encoded words decoded. Never raises.

    White space between adjacent words disappears; words cut in the middle of a character are
    joined before they are decoded (RFC 2047 section 6.2). `fallback` is a charset label to try
    for a word whose own label is wrong.
    """
    if "=?" not in value:
        return to_safe_str(value)
    out: list[str] = []
    pending: list[_Word] = []
    position = 0
    while (found := _next_word(value, position)) is not None:
        start, end, word = found
        between = value[position:start]
        if not (pending and not between.strip()):
            out.append(_flush(pending, fallback))
            out.append(between)
        pending.append(word)
        position = end
    out.append(_flush(pending, fallback))
    out.append(value[position:])
    return to_safe_str("".join(out))


def _next_word(value: str, position: int) -> tuple[int, int, _Word] | None:
    while (match := _WORD_START.search(value, position)) is not None:
        end = value.find("?=", match.end(), match.end() + _LONGEST_WORD)
        if end < 0:
            position = match.end()
            continue
        body = value[match.end() : end]
        inner = body.rfind("=?")
        if inner >= 0 and _WORD_START.match(value, match.end() + inner):
            position = match.end() + inner  # an unclosed word before a good one
            continue
        label = match[1].split("*")[0]  # RFC 2231 section 5: a language tag may follow
        return match.start(), end + 2, _Word(label, _word_bytes(body, match[2], label))
    return None


def _word_bytes(body: str, encoding: str, label: str) -> bytes:
    raw = _raw_bytes(body, label)
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    return base64_bytes(raw)


def _raw_bytes(body: str, label: str) -> bytes:
    """Undo the reading of raw 8-bit letters, which do not belong in an encoded word."""
    if not body.isascii():
        try:
            return body.encode(charset.codec(label) or "utf-8")
        except UnicodeError:
            pass
    return body.encode("utf-8", "replace")


def base64_bytes(raw: bytes) -> bytes:
    """Decode base64 that may lack its padding or hold foreign characters. Never raises."""
    raw = raw.translate(None, _NOT_BASE64)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


def _flush(pending: list[_Word], fallback: str | None) -> str:
    """Decode and forget the words read so far; neighbours of one charset count as one."""
    out: list[str] = []
    start = 0
    for i in range(1, len(pending) + 1):
        if i == len(pending) or pending[i].label.lower() != pending[start].label.lower():
            data = b"".join(word.data for word in pending[start:i])
            out.append(charset.decode(data, pending[start].label, fallback)[0])
            start = i
    pending.clear()
    return "".join(out)


def parse_parameters(value: str) -> tuple[str, dict[str, str], bool]:
    """Main value (lower-case), parameters (lower-case names) and whether a name came twice.

    Handles RFC 2231 continuations and charsets, quoted strings, and unquoted values with spaces,
    which are common in the wild. Reads at most 200 parameters.
    """
    main, pairs = _split_parameters(value) if len(value) > 100 else _split_short(value)
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    twice = False
    for name, text in pairs:
        base, star, rest = name.partition("*")
        if not star:
            twice = twice or base in plain
            plain.setdefault(base, text)
            continue
        number, _, extended = rest.partition("*")
        index = int(number) if number.isdecimal() and len(number) < 4 else 0
        is_extended = rest in ("", "*") or rest.endswith("*") or bool(extended)
        pieces.setdefault(base, {}).setdefault(index, (text, is_extended or not rest))
    plain = {name: decode_words(text) for name, text in plain.items()}
    plain.update({name: _join_pieces(found) for name, found in pieces.items()})
    return main, plain, twice


@lru_cache(maxsize=256)  # "text/plain; charset=utf-8" and a few others are most of all
def _split_short(value: str) -> tuple[str, list[tuple[str, str]]]:
    return _split_parameters(value)


def _split_parameters(value: str) -> tuple[str, list[tuple[str, str]]]:
    position = _end_of_piece(value, 0)
    media = _MEDIA_TYPE.match(value)
    main = f"{media[1]}/{media[2]}" if media else value[: min(position, 400)].strip(' \t\r\n"')
    pairs: list[tuple[str, str]] = []
    while position < len(value) and len(pairs) < _MOST_PARAMETERS:
        start = position + 1
        position = _end_of_piece(value, start)
        name, equals, text = value[start:position].partition("=")
        if equals and name.strip():
            pairs.append((name.strip().lower(), _unquote(text.strip())))
    return main.lower(), pairs


def _end_of_piece(value: str, start: int) -> int:
    """Where the next `;` outside a quoted string is; the end if there is none."""
    position = start
    while (match := _STOP.search(value, position)) is not None:
        if match[0] == ";":
            return match.start()
        closing = _QUOTED.match(value, match.start())
        if closing is None:  # an unclosed quote: no later one is worth looking for
            end = value.find(";", match.end())
            return end if end >= 0 else len(value)
        position = closing.end()
    return len(value)


_STOP: Final = re.compile(r'[;"]')
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.S)


def _unquote(text: str) -> str:
    if text.startswith('"'):
        closing = _QUOTED.match(text)
        text = text[1 : closing.end() - 1] if closing else text[1:]
        # A lone backslash is a path separator more often than a quoted pair.
        return re.sub(r'\\(["\\])', r"\1", text)
    return text


def _join_pieces(found: dict[int, tuple[str, bool]]) -> str:
    label: str | None = None
    data: list[bytes] = []
    for count, index in enumerate(sorted(found)):
        text, is_extended = found[index]
        if is_extended and count == 0 and text.count("'") >= 2:
            label, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "replace")
        data.append(unquote_to_bytes(raw) if is_extended else raw)
    return to_safe_str(charset.decode(b"".join(data), label)[0])
