"""Strings that are safe to store, to show and to put in a header."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - {*b"\t\r\n"})
# Zero-width, bidirectional and other invisible format characters: they make one name look like
# another (UTR #36), and none of them is needed in a subject, a display name or a file name.
_INVISIBLE: Final = re.compile(
    "[\x80-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_SPACE: Final = re.compile(r"\s+")
_LINE_ENDS: Final = re.compile(r"\r+\n?")


def to_safe_str(value: str) -> str:
    """The same text without lone surrogates (they become U+FFFD) and without C0 controls.

    Tab, LF and CR stay. The result always encodes to UTF-8, JSON and DynamoDB.
    """
    if value.isprintable():
        return value
    try:
        octets = value.encode()
    except UnicodeEncodeError:
        octets = _SURROGATES.sub("\ufffd", value).encode()
    return octets.translate(None, _CONTROLS).decode()  # ten times faster than a pattern


def clean(value: str, limit: int = 250) -> str:
    """One line fit for a header or a label: NFC, no control, bidi or zero-width characters.

    White space of any kind, line ends included, collapses to one space; the result has at most
    `limit` characters.
    """
    if len(value) <= limit and value.isascii() and value.isprintable():
        return " ".join(value.split())  # as most are
    value = value[: limit * 8 + 1_000]
    value = _SPACE.sub(" ", value)
    value = _INVISIBLE.sub("", to_safe_str(value))
    value = _SPACE.sub(" ", unicodedata.normalize("NFC", value)).strip()
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def clean_filename(value: str, limit: int = 255) -> str:
    """A file name to show and to offer: no path, no control or invisible characters.

    At most `limit` characters, and the extension survives the cut. May be empty.
    """
    if len(value) > 4_000:
        value = value[:2_000] + value[-2_000:]
    value = re.split(r"[/\\]", clean(value, 4_000))[-1].strip(" .") if value else ""
    value = re.sub(r'[<>:"|?*]', "_", value)
    if len(value) <= limit:
        return value
    stem, dot, extension = value.rpartition(".")
    if not dot or len(extension) > 20:
        return value[:limit]
    return f"{stem[: limit - len(extension) - 1]}.{extension}"


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set: for tables that read best as prose."""
    return frozenset(text.split())


def unify_line_ends(value: str) -> str:
    """CRLF and lone CR become LF."""
    return _LINE_ENDS.sub("\n", value) if "\r" in value else value
