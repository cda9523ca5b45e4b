"""The bytes of a mail, put together as programs do it: encoded words, encodings, parts."""

import base64
import quopri
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime

Field = tuple[str, str]
_SPECIALS = set('()<>[]:;@\\,."')


def date_now(zone_name: str = "") -> str:
    """Date as mail programs write it, some with the zone's name behind it."""
    return format_datetime(datetime.now(UTC)) + (f" ({zone_name})" if zone_name else "")


def word(text: str, charset: str = "utf-8", how: str = "B") -> str:
    """Unstructured text as RFC 2047 has it, in as many words as it takes."""
    if text.isascii():
        return text
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        charset = "utf-8"  # as Outlook does
    room = 12 if how == "Q" else 10 if charset.startswith("iso-2022") else 13
    chunks = [text[i : i + room] for i in range(0, len(text), room)]
    return "\n ".join(f"=?{charset}?{how}?{_encoded(chunk, charset, how)}?=" for chunk in chunks)


def _encoded(chunk: str, charset: str, how: str) -> str:
    octets = chunk.encode(charset)
    if how == "B":
        return base64.b64encode(octets).decode()
    keep = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(chr(o) if o in keep else "_" if o == 32 else f"={o:02X}" for o in octets)


def mailbox(name: str, address: str, charset: str = "utf-8", how: str = "B") -> str:
    """`name <address>`, the name quoted or encoded where it has to be."""
    if not name:
        return address
    if not name.isascii():
        return f"{word(name, charset, how)} <{address}>"
    if set(name) & _SPECIALS:
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def part(
    kind: str,
    text: str | bytes,
    charset: str = "utf-8",
    encoding: str = "quoted-printable",
    *,
    parameters: str = "",
    headers: Iterable[Field] = (),
) -> bytes:
    """One leaf: its header fields, a blank line, its content."""
    octets = text if isinstance(text, bytes) else text.encode(charset)
    described = kind if isinstance(text, bytes) else f"{kind}; charset={charset}"
    fields = [("Content-Type", described + parameters), *headers]
    if encoding:
        fields.append(("Content-Transfer-Encoding", encoding))
    if encoding == "base64":
        octets = base64.encodebytes(octets)
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets)
    return block(fields) + b"\n" + octets.rstrip(b"\n") + b"\n"


def attachment(name: str, kind: str, octets: bytes, *headers: Field) -> bytes:
    """A file, in base64."""
    disposition = ("Content-Disposition", f'attachment; filename="{name}"')
    named = f'; name="{name}"'
    found = headers if any(key == "Content-Disposition" for key, _ in headers) else None
    fields = found or (disposition, *headers)
    return part(kind, octets, encoding="base64", parameters=named, headers=fields)


def multi(
    subtype: str, boundary: str, *parts: bytes, parameters: str = "", note: str = ""
) -> bytes:
    """A multipart with its own Content-Type field."""
    head = f'Content-Type: multipart/{subtype};{parameters}\n boundary="{boundary}"\n\n{note}'
    middle = b"".join(f"\n--{boundary}\n".encode() + each for each in parts)
    return head.encode() + middle + f"\n--{boundary}--\n".encode()


def block(fields: Iterable[Field]) -> bytes:
    """Header lines; a value's own line breaks are its folding."""
    return "".join(f"{name}: {value}\n" for name, value in fields if value).encode()


def mail(fields: Iterable[Field], content: bytes) -> bytes:
    """The whole mail with CRLF line ends. `content` starts with its own Content-Type."""
    whole = block(fields) + content
    return whole.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
