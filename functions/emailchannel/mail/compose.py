"""Outgoing mail, built from cleaned strings and nothing else (RFC 5322, MIME).

No header of a received mail is ever copied: a decoded value can hold a line end and a second
header. Only the fields named here can leave, and the finished bytes are read again and compared
with what was asked for before anybody gets them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from emailchannel.mail import header_writer as write
from emailchannel.mail.headers import scan
from emailchannel.mail.parse import message_ids, parse
from emailchannel.mail.text import clean, to_safe_str, unify_line_ends
from emailchannel.mail.values import Address, Attachment

__all__ = ["ALLOWED_EXTRA", "Address", "Attachment", "ComposeError", "clean", "compose"]

MOST_RECIPIENTS: Final = 50  # of one SES call
ALLOWED_EXTRA: Final = frozenset(
    {
        "x-auto-response-suppress", "x-email-channel-loop", "list-id", "list-unsubscribe",
        "list-unsubscribe-post", "list-help", "list-archive",
    }
)  # fmt: skip
_AUTO_SUBMITTED: Final = ("auto-replied", "auto-generated", "no")
_LONGEST_LINE: Final = 998  # RFC 5322 section 2.1.1, without the CRLF
_LONGEST_SUBJECT: Final = 250
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_ID: Final = re.compile(r"[!-;=?-~]{1,250}@[!-;=?-~]{1,250}")


class ComposeError(ValueError):
    """The mail cannot be sent as asked; the message says why, for a person to read."""


def compose(
    *,
    from_: Address,
    to: Sequence[Address],
    cc: Sequence[Address] = (),
    subject: str,
    text: str,
    html: str | None = None,
    reply_to: Sequence[Address] = (),
    in_reply_to: str | None = None,
    references: Iterable[str] = (),
    attachments: Sequence[Attachment] = (),
    inline: Sequence[Attachment] = (),
    auto_submitted: str | None = None,
    extra: Mapping[str, str] | None = None,
    message_id: str | None = None,
    date: datetime | None = None,
) -> bytes:
    """The bytes of a mail: 7-bit ASCII, CRLF, no line over 998 characters.

    Message ids come without angle brackets. `inline` are images that `html` names as
    `cid:<content_id>`. `extra` may hold the fields of ALLOWED_EXTRA only; `auto_submitted` is one
    of auto-replied, auto-generated, no (RFC 3834). `text` and `html` are used as they are: give
    HTML that has been sanitised. `date` is aware. The same arguments give the same bytes.

    Raises ComposeError for an address, field or id that cannot be written, and if the mail does
    not read back as it was meant.
    """
    try:
        fields = _fields(
            from_, to, cc, subject, reply_to, in_reply_to, references, auto_submitted, extra or {},
            message_id, date,
        )  # fmt: skip
        body = _body(text, html, attachments, inline)
    except ComposeError:
        raise
    except (ValueError, UnicodeError) as error:
        raise ComposeError(str(error)) from error
    raw = b"".join([*(line.encode("ascii") for line in fields), b"MIME-Version: 1.0\r\n", body])
    _verify(raw, fields, from_, to, cc)
    return raw


def _fields(
    from_: Address,
    to: Sequence[Address],
    cc: Sequence[Address],
    subject: str,
    reply_to: Sequence[Address],
    in_reply_to: str | None,
    references: Iterable[str],
    auto_submitted: str | None,
    extra: Mapping[str, str],
    message_id: str | None,
    date: datetime | None,
) -> list[str]:
    if not to and not cc:
        raise ComposeError("a mail needs a recipient")
    if len(to) + len(cc) > MOST_RECIPIENTS:
        raise ComposeError(f"a mail has at most {MOST_RECIPIENTS} recipients")
    if auto_submitted is not None and auto_submitted not in _AUTO_SUBMITTED:
        raise ComposeError("Auto-Submitted is auto-replied, auto-generated or no")
    values = [
        ("From", write.mailboxes([from_])),
        ("To", write.mailboxes(to)),
        ("Cc", write.mailboxes(cc)),
        ("Reply-To", write.mailboxes(reply_to)),
        ("Subject", write.unstructured(clean(subject, _LONGEST_SUBJECT))),
        ("Date", [format_datetime(date)] if date else []),
        ("Message-ID", _identifiers([message_id] if message_id else [])),
        ("In-Reply-To", _identifiers([in_reply_to] if in_reply_to else [])),
        ("References", _identifiers(references)),
        ("Auto-Submitted", [auto_submitted] if auto_submitted else []),
        *(_extra(name, value) for name, value in extra.items()),
    ]
    return [write.field(name, pieces) for name, pieces in values if pieces]


def _identifiers(ids: Iterable[str]) -> list[str]:
    bare = [one.strip().strip("<>") for one in ids]
    if any(not _ID.fullmatch(one) for one in bare):
        raise ComposeError("a message id holds characters that a header cannot carry")
    return write.identifiers(bare)


def _extra(name: str, value: str) -> tuple[str, list[str]]:
    if name.lower() not in ALLOWED_EXTRA:
        raise ComposeError(f"the header {clean(name, 60)} may not be set")
    text = clean(value, 900)
    if not text or not text.isascii():
        raise ComposeError(f"the header {name} needs a plain ASCII value")
    return name, text.split(" ")


# --- the body ------------------------------------------------------------------------------------


def _body(
    text: str, html: str | None, attachments: Sequence[Attachment], inline: Sequence[Attachment]
) -> bytes:
    plain = _text_part("plain", text)
    if html is None and inline:
        raise ComposeError("inline images need an HTML body")
    content = plain
    if html is not None:
        rich = _text_part("html", html)
        if inline:
            rich = _multipart("related", [rich, *(_file_part(one, "inline") for one in inline)])
        content = _multipart("alternative", [plain, rich])
    if attachments:
        files = [_file_part(one, "attachment") for one in attachments]
        content = _multipart("mixed", [content, *files])
    return content


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    """A boundary derived from the content: the same mail always has the same bytes."""
    digest = sha256(b"".join(parts))
    boundary = f"=_{subtype}_{digest.hexdigest()[:32]}"
    while any(boundary.encode("ascii") in part for part in parts):
        digest.update(b"again")
        boundary = f"=_{subtype}_{digest.hexdigest()[:32]}"
    head = write.field("Content-Type", [f"multipart/{subtype};", f'boundary="{boundary}"'])
    mark = b"--" + boundary.encode("ascii")
    pieces = [head.encode("ascii") + b"\r\n"]
    for part in parts:
        pieces.extend((mark, b"\r\n", part, b"\r\n"))
    return b"".join([*pieces, mark, b"--\r\n"])


def _text_part(subtype: str, text: str) -> bytes:
    text = unify_line_ends(to_safe_str(text))
    data = (text if text.endswith("\n") else text + "\n").replace("\n", "\r\n").encode("utf-8")
    encoding, body = _encode_text(data)
    kind = "us-ascii" if data.isascii() else "utf-8"
    head = write.field("Content-Type", [f"text/{subtype};", f"charset={kind}"])
    return (head + write.field("Content-Transfer-Encoding", [encoding]) + "\r\n").encode() + body


def _encode_text(data: bytes) -> tuple[str, bytes]:
    """As it is where that is safe, else quoted-printable, else base64 if most is not ASCII."""
    lines = data.split(b"\r\n")
    if data.isascii() and max(map(len, lines)) <= 900 and b"\nFrom " not in b"\n" + data:
        return "7bit", data
    if sum(byte > 126 for byte in data[:20_000]) * 4 > min(len(data), 20_000):
        return "base64", _base64(data)
    encoded = b"\r\n".join(_quoted_printable(line) for line in lines)
    return "quoted-printable", encoded


def _quoted_printable(line: bytes) -> bytes:
    encoded = binascii.b2a_qp(line, istext=False).replace(b"=\n", b"=\r\n")
    return encoded.replace(b"From ", b"=46rom ", 1) if encoded.startswith(b"From ") else encoded


def _base64(data: bytes) -> bytes:
    encoded = base64.b64encode(data)
    return b"".join(encoded[i : i + 76] + b"\r\n" for i in range(0, len(encoded), 76))


def _file_part(file: Attachment, kind: str) -> bytes:
    type_ = file.content_type.lower().partition(";")[0].strip()
    if not _TYPE.fullmatch(type_) or type_.startswith(("multipart/", "message/")):
        type_ = "application/octet-stream"
    fields = [
        write.field("Content-Type", [type_]),
        write.field("Content-Disposition", write.disposition(kind, file.filename)),
        write.field("Content-Transfer-Encoding", ["base64"]),
    ]
    if kind == "inline":
        content_id = (file.content_id or "").strip("<>")
        if not re.fullmatch(r"[!-;=?-~]{1,200}", content_id):
            raise ComposeError("an inline image needs a Content-ID of plain characters")
        fields.append(write.field("Content-ID", [f"<{content_id}>"]))
    return "".join(fields).encode("ascii") + b"\r\n" + _base64(file.payload)


# --- the proof -----------------------------------------------------------------------------------


def _verify(
    raw: bytes, fields: list[str], from_: Address, to: Sequence[Address], cc: Sequence[Address]
) -> None:
    """Read the mail as its receiver would; refuse it if that gives other fields or people."""
    headers = scan(raw).headers
    wanted = [line.partition(":")[0].lower() for line in fields]
    allowed = [*wanted, "mime-version", "content-type", "content-transfer-encoding"]
    names = [found.name for found in headers.fields]
    if [name for name in names if name not in allowed] or names[: len(wanted)] != wanted:
        raise ComposeError("the finished mail has other headers than asked for")
    mail = parse(raw[: raw.find(b"\r\n\r\n") + 4])
    for asked, read in (((from_,), (mail.from_,)), (to, mail.to), (cc, mail.cc)):
        if [write.addr_spec(one) for one in asked] != [one.addr if one else "" for one in read]:
            raise ComposeError("the finished mail names other people than asked for")
    if any(len(line) > _LONGEST_LINE for line in raw.split(b"\r\n")) or not raw.isascii():
        raise ComposeError("the finished mail has a line that Amazon SES refuses")
    if len(message_ids(headers.raw("references"))) != headers.raw("references").count("<"):
        raise ComposeError("the finished mail has other references than asked for")
