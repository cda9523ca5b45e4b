"""Header fields of outgoing mail: encoded, folded, ASCII only (RFC 5322, RFC 2047, RFC 2231)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote

from emailchannel.mail.address import a_label
from emailchannel.mail.text import clean, clean_filename
from emailchannel.mail.values import Address

_FOLD: Final = 78  # RFC 5322 section 2.1.1
_WORD_BYTES: Final = 42  # base64 of 42 bytes and its frame stay under 75 characters (RFC 2047)
_ATOM: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


def field(name: str, pieces: Iterable[str]) -> str:
    """`Name: value` with its CRLF, folded between the pieces."""
    lines = [f"{name}:"]
    for piece in pieces:
        if len(lines[-1]) + 1 + len(piece) > _FOLD and len(lines[-1]) > len(name) + 1:
            lines.append("")
        lines[-1] += f" {piece}"
    return "\r\n".join(lines) + "\r\n"


def unstructured(text: str) -> list[str]:
    """Pieces of a text value: plain words, or encoded words if anything in it needs that."""
    plain = text.isascii() and "=?" not in text and max(map(len, text.split(" "))) <= _FOLD - 2
    return text.split(" ") if plain else encoded_words(text)


def encoded_words(text: str) -> list[str]:
    """RFC 2047 encoded words of UTF-8, never cut inside a character."""
    words: list[str] = []
    current = b""
    for character in text:
        more = character.encode("utf-8")
        if len(current) + len(more) > _WORD_BYTES:
            words.append(_encoded(current))
            current = b""
        current += more
    words.append(_encoded(current))
    return words


def _encoded(data: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(data).decode('ascii')}?="


def addr_spec(address: Address) -> str:
    """The address with an ASCII domain; ValueError, in words, if it cannot be written to."""
    local, at, domain = address.addr.strip().rpartition("@")
    domain = a_label(domain)
    if not at or not _DOMAIN.fullmatch(domain) or len(domain) > 253:
        raise ValueError("an address lacks a valid domain")
    if not local.isascii():
        raise ValueError("Amazon SES cannot send to an address with special letters before the @")
    if not _LOCAL.fullmatch(local) or len(local) > 64:
        raise ValueError("the part of an address before the @ is not valid")
    return f"{local}@{domain}"


def mailboxes(addresses: Sequence[Address]) -> list[str]:
    """Pieces of an address list."""
    pieces: list[str] = []
    for number, address in enumerate(addresses, 1):
        pieces.extend(_mailbox(address))
        if number < len(addresses):
            pieces[-1] += ","
    return pieces


def _mailbox(address: Address) -> list[str]:
    spec = addr_spec(address)
    name = clean(address.name, 150).replace('"', "'").replace("\\", "")
    if not name:
        return [spec]
    if not name.isascii() or "=?" in name:
        return [*encoded_words(name), f"<{spec}>"]
    words = name if _ATOM.fullmatch(name) else f'"{name}"'
    return [words, f"<{spec}>"]


def identifiers(ids: Iterable[str]) -> list[str]:
    """Pieces of a list of message ids, which come without angle brackets."""
    return [f"<{one}>" for one in ids]


def disposition(kind: str, filename: str) -> list[str]:
    """Pieces of Content-Disposition; a name beyond plain ASCII goes as filename* (RFC 2231)."""
    name = clean_filename(filename, 200) or "attachment"
    if re.fullmatch(r"[A-Za-z0-9 !#$&+^_`{}~.,()@=\[\]'-]{1,60}", name):
        return [f"{kind};", f'filename="{name}"']
    value = quote(name, safe="!#$&+-.^_`|~")
    if len(value) <= 55:
        return [f"{kind};", f"filename*=utf-8''{value}"]
    chunks = _chunks(value)
    pieces = [f"filename*{index}*={chunk}" for index, chunk in enumerate(chunks)]
    pieces[0] = f"filename*0*=utf-8''{chunks[0]}"
    return [f"{kind};", *(f"{piece};" for piece in pieces[:-1]), pieces[-1]]


def _chunks(value: str) -> list[str]:
    """Cut a percent-encoded value into pieces, never inside an escape."""
    return re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", value)
