"""A mail's headers as SES reports them in its notifications and events."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from typing import Any

_END = re.compile(rb"\r?\n\r?\n")
_LIMIT = 10_000  # bytes of headers, then the list is cut off


def parsed_headers(raw: bytes) -> Message:
    """The headers of a raw mail, however large its body."""
    end = _END.search(raw)
    return message_from_bytes(raw[: end.end()] if end else raw)


def header_list(raw: bytes) -> tuple[list[dict[str, str]], bool]:
    """Headers as [{name, value}], cut off where they pass 10 KB; whether they were cut."""
    kept: list[dict[str, str]] = []
    size = 0
    for name, value in parsed_headers(raw).items():
        text = " ".join(str(value).split())
        size += len(name) + len(text)
        if size > _LIMIT:
            return kept, True
        kept.append({"name": name, "value": text})
    return kept, False


def common_headers(parsed: Message) -> dict[str, Any]:
    """from, to, cc, replyTo as lists; date, subject as text; only what is there."""
    found: dict[str, Any] = {}
    for key, name in (("from", "From"), ("to", "To"), ("cc", "Cc"), ("replyTo", "Reply-To")):
        if parsed.get(name):
            found[key] = [part.strip() for part in _decoded(parsed[name]).split(",")]
    for key, name in (("date", "Date"), ("subject", "Subject")):
        if parsed.get(name) is not None:
            found[key] = _decoded(parsed[name])
    return found


def _decoded(value: Any) -> str:
    text = " ".join(str(value).split())
    try:
        return str(make_header(decode_header(text)))
    except (LookupError, ValueError):
        return text
