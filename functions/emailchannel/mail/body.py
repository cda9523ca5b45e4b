"""Which parts are the body and which are attachments (RFC 8621 section 4.1.4), as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Final

from emailchannel.mail import charset, html
from emailchannel.mail.flowed import unflow
from emailchannel.mail.headers import scan
from emailchannel.mail.structure import Part
from emailchannel.mail.text import clean_filename, to_safe_str, unify_line_ends
from emailchannel.mail.values import Attachment

LONGEST_TEXT: Final = 1_000_000
_EXTENSIONS: Final = {
    "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "image/jpeg": "jpg",
    "image/png": "png", "image/gif": "gif", "application/pdf": "pdf", "message/rfc822": "eml",
    "application/pgp-signature": "asc", "application/pkcs7-signature": "p7s",
    "application/pkcs7-mime": "p7m", "application/ms-tnef": "dat",
    "message/delivery-status": "txt", "text/rfc822-headers": "txt",
}  # fmt: skip


@dataclass(slots=True)
class Selected:
    """Parts in the order of reading: as plain text, as HTML, and apart."""

    plain: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    apart: list[Part] = field(default_factory=list)


def select(root: Part) -> Selected:
    """Choose the body parts; of an alternative, the plain text and the HTML are both kept."""
    selected = Selected()
    _select(root, "mixed", selected, (True, True))
    return selected


def _select(
    part: Part, above: str, selected: Selected, into: tuple[bool, bool], *, first: bool = True
) -> None:
    """`into` says whether this branch feeds the plain and the HTML reading."""
    if part.type == "multipart/alternative":
        _alternative(part, selected, into)
    elif part.parts:
        subtype = part.type.partition("/")[2]
        for index, child in enumerate(part.parts):
            hidden = subtype == "related" and index > 0 and child.main_type != "multipart"
            if hidden or (subtype == "report" and index > 0):
                selected.apart.extend(_leaves(child))
            else:
                _select(child, subtype, selected, into, first=first and index == 0)
    elif _is_body(part, first=first or above == "alternative"):
        if into[0]:
            selected.plain.append(part)
        if into[1]:
            selected.html.append(part)
    else:
        selected.apart.append(part)


def _alternative(part: Part, selected: Selected, into: tuple[bool, bool]) -> None:
    """Feed each reading from the part that suits it; one that is missing takes the other."""
    plain = [
        child for child in part.parts if child.type == "text/plain" and _is_body(child, first=True)
    ]
    rich = [child for child in part.parts if child not in plain]
    with_html = [
        child for child in rich if any(leaf.type == "text/html" for leaf in _leaves(child))
    ]
    for child in part.parts:
        if child in with_html:
            _select(child, "alternative", selected, (into[0] and not plain, into[1]))
        elif child in plain:
            _select(child, "alternative", selected, (into[0], into[1] and not with_html))
        else:
            _select(child, "alternative", selected, (into[0] and not (plain or with_html),) * 2)


def _leaves(part: Part) -> list[Part]:
    return [leaf for leaf in part.walk() if not leaf.parts]


def _is_body(part: Part, *, first: bool) -> bool:
    """Text without a file name; the first part of a mail and alternatives may have one."""
    if (
        part.type not in ("text/plain", "text/html", "text/enriched")
        or part.disposition == "attachment"
    ):
        return False
    return first or not part.filename


def plain_text(parts: list[Part], fallback: str | None, flags: set[str]) -> str:
    """The body as plain text: HTML parts are laid out, format=flowed is undone."""
    pieces = []
    for part in parts:
        text = decoded(part, fallback, flags)
        if part.type != "text/plain":
            text = html.to_text(text)
        elif part.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.parameters.get("delsp", "").lower() == "yes")
        pieces.append(text)
    text = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip())
    if len(text) > LONGEST_TEXT:
        flags.add("text-cut")
    return text[:LONGEST_TEXT]


def epilogue(root: Part, fallback: str | None) -> str:
    """What stands below the last delimiter (RFC 2046 section 5.1.1): all that some mails hold."""
    start = max((part.end for part in root.parts), default=root.end)
    below = root.raw[start : root.end][:LONGEST_TEXT].lstrip(b"\r\n").partition(b"\n")
    text, _ = charset.decode(below[2] if below[0].startswith(b"--") else b"", fallback)
    return to_safe_str(unify_line_ends(text)).strip("\n")


def html_source(parts: list[Part], fallback: str | None, flags: set[str]) -> str:
    """The body as HTML of the sender, not sanitised; "" for a mail without HTML."""
    if not any(part.type == "text/html" for part in parts):
        return ""
    pieces = []
    for part in parts:
        text = decoded(part, fallback, flags)
        pieces.append(text if part.type == "text/html" else f"<pre>{escape(text)}</pre>")
    return "<hr>".join(pieces)


def decoded(part: Part, fallback: str | None, flags: set[str]) -> str:
    """The text of one part, cut at 1 MB of characters, with LF line ends."""
    data = part.body()[: 4 * LONGEST_TEXT]
    text, guessed = charset.decode(data, part.parameters.get("charset") or fallback, fallback)
    if guessed and not data.isascii():
        flags.add("charset-guessed")
    if len(text) > LONGEST_TEXT:
        flags.add("text-cut")
    return to_safe_str(unify_line_ends(text[:LONGEST_TEXT]))


def attachments(parts: list[Part], html_text: str) -> tuple[Attachment, ...]:
    """The parts that are not body, decoded, in the order of the mail."""
    return tuple(_attachment(part, number, html_text) for number, part in enumerate(parts, 1))


def _attachment(part: Part, number: int, html_text: str) -> Attachment:
    payload = part.body()
    content_id = part.content_id
    inline = content_id is not None and f"cid:{content_id}" in html_text
    name = part.filename or _default_name(part, number)
    return Attachment(name, part.type, len(payload), content_id, inline, payload)


def _default_name(part: Part, number: int) -> str:
    if part.type == "message/rfc822":
        subject = scan(part.raw, part.start, part.end).headers.text("subject")
        return (clean_filename(subject, 100) or f"message-{number}") + ".eml"
    return f"attachment-{number}.{_EXTENSIONS.get(part.type, 'bin')}"
