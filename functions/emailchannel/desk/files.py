"""Files that an agent puts into an answer: the page uploads them straight to the bucket."""

import secrets
from dataclasses import dataclass
from typing import Final

from ..case import Contact
from ..mail import alias
from ..mail.text import clean_filename
from ..ports import Channel
from .values import LARGEST_FILE, Upload, upload_key

PLACE_LIFE: Final = 600  # seconds that an upload may begin
# What a mail program shows by itself in a text; others go as files.
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_PLAIN: Final = "application/octet-stream"


@dataclass(frozen=True)
class Place:
    """Where to put the bytes of an upload: a PUT to `url` with `headers`."""

    upload: Upload
    url: str
    headers: dict[str, str]


@dataclass(frozen=True)
class TooLarge:
    """More bytes than a file may have."""


def place(
    channel: Channel, contact: Contact, filename: str, content_type: str, size: int, *, inline: bool
) -> Place | TooLarge:
    """A place for one file of the contact's case; `size` bytes, no more and no fewer."""
    if size > LARGEST_FILE:
        return TooLarge()
    kind = content_type.lower().partition(";")[0].strip()
    shown = inline and kind in _SHOWN
    identity = alias.base32(secrets.token_bytes(17), 26)
    upload = Upload(
        identity,
        clean_filename(filename) or "attachment",
        kind if _names_a_file(kind) else _PLAIN,
        size,
        shown,
        f"{identity}@inline" if shown else "",
    )
    channel.cases.keep_upload(contact.case_id, upload, channel.now_ms())
    key = upload_key(contact.case_id, identity)
    url, headers = channel.mails.place(key, size, PLACE_LIFE)
    return Place(upload, url, headers)


def _names_a_file(kind: str) -> bool:
    group, _, name = kind.partition("/")
    whole = group.isalnum() and bool(name) and kind.isascii() and len(kind) <= 100
    return whole and group not in {"multipart", "message"} and kind != "text/html"


def link(channel: Channel, contact: Contact, file_id: str, seconds: int) -> str | None:
    """Where a file of the case that was uploaded can be had; None when there is none."""
    upload = channel.cases.upload(contact.case_id, file_id)
    if upload is None:
        return None
    key = upload_key(contact.case_id, file_id)
    if channel.mails.size(key) != upload.size:
        return None
    kind = upload.content_type if upload.inline else _PLAIN
    return channel.mails.link(key, upload.filename, kind, seconds)
