"""Relay tokens inside files: such a file must not go out, since its bytes are never changed."""

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail import charset, html
from emailchannel.mail.scrub import Finder
from emailchannel.mail.structure import Part, build
from emailchannel.mail.text import to_safe_str

_DEEPEST: Final = 10  # mails in mails
_LONGEST_TEXT: Final = 1_000_000
_TEXTS: Final = ("text/", "application/xml", "application/json", "application/xhtml", "image/svg")
_TEXT_FILE: Final = re.compile(r"\.(?:txt|html?|ics|ifb|vcf|vcard|csv|md|xml|json|svg)$", re.I)
_MAIL_FILE: Final = re.compile(r"\.(?:eml|mht|mhtml|mbox)$", re.I)
_HEADER: Final = re.compile(rb"\s{0,20}(?:From |[A-Za-z-]{2,40}:[ \t])[^\r\n]{0,998}\r?\n[!-~ \t]")


def in_file(content_type: str, filename: str, data: bytes, finder: Finder) -> bool:
    """Whether a file shows a token: as it is, as text, or in any part of a mail.

    A mail that nests too deep to be read counts as one that does. Archives are not opened.
    """
    return _in_file(content_type, filename, data, finder, 0)


def _in_file(content_type: str, filename: str, data: bytes, finder: Finder, depth: int) -> bool:
    if finder.found_in_octets(data):
        return True
    is_text = content_type.startswith(_TEXTS) or _TEXT_FILE.search(filename)
    if is_text and _in_text(data, finder):
        return True
    is_mail = content_type.startswith("message/") or _MAIL_FILE.search(filename)
    if is_mail or (depth == 0 and _HEADER.match(data)):
        return depth >= _DEEPEST or _in_mail(data, finder, depth)
    return False


def _in_text(data: bytes, finder: Finder) -> bool:
    text, _ = charset.decode(data[: 4 * _LONGEST_TEXT], None)
    text = to_safe_str(text[:_LONGEST_TEXT])
    return finder.found(text) or ("<" in text and finder.found(html.to_text(text)))


def _in_mail(data: bytes, finder: Finder, depth: int) -> bool:
    root = build(data)
    return any(_in_part(part, finder, depth) for part in root.walk())


def _in_part(part: Part, finder: Finder, depth: int) -> bool:
    if "not-fully-parsed" in part.flags:
        return True
    names = {field.name for field in part.headers.fields}
    if any(finder.found(part.headers.text(name)) for name in names):
        return True
    return not part.parts and _in_file(part.type, part.filename, part.body(), finder, depth + 1)
