"""From the bytes of a mail to a value, whatever the bytes are.

`parse` never raises: a mail that cannot be understood is still a mail that somebody sent. What
was cut, guessed or left out is said in `ParsedMail.flags`:

not-fully-parsed    too deep, too many parts, or an unforeseen defect; look at the raw mail
malformed-header    lines of the header block that are no field
header-cut          a field longer than 64 KB; headers-cut: over 2,000 fields or 1 MB
duplicate-from      more than one From field; the first is taken
several-from        more than one author in From; the first is taken
no-from             no address in From
mixed-line-endings  CRLF, LF and CR are mixed: two programs may see other lines
list-cut            more than 500 addresses in a field
ambiguous-structure two programs may see different parts (repeated Content-Type, no end boundary)
bad-base64, unknown-encoding, charset-guessed, text-cut, html-simplified
no-automatic-answer the sender asks for none (X-Auto-Response-Suppress)
too-many-hops       over 50 Received fields (RFC 5321 section 6.3)
active-file         an attachment of a type that programs run
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from emailchannel.mail import automatic, body, bounce, forward, html, html_quote, quote
from emailchannel.mail.address import parse_addresses
from emailchannel.mail.calendar import invitation
from emailchannel.mail.encoded import decode_words
from emailchannel.mail.headers import Headers, scan
from emailchannel.mail.structure import Part, build
from emailchannel.mail.text import clean, to_safe_str
from emailchannel.mail.values import Address, Attachment, Bounce, Invitation, ParsedMail

__all__ = ["ParsedMail", "message_ids", "parse", "salvage"]

_LONGEST_SUBJECT: Final = 1_000
_MOST_LISTED: Final = 500
_MOST_HOPS: Final = 50
_MOST_REFERENCES: Final = 200
_ID: Final = re.compile(r"<([^<>\s]{1,500})>")
_BARE_ID: Final = re.compile(r"(?<![^<>\s,;])[^<>\s,;@]{1,400}@[^<>\s,;]{1,400}")
_ACTIVE: Final = re.compile(
    r"\.(?:exe|com|bat|cmd|scr|pif|js|jse|vbs|vbe|wsf|hta|jar|msi|ps1|lnk|svg|html?|xhtml|xml|"
    r"iso|img|vhdx?|docm|xlsm|pptm|chm|reg|cpl|htaccess)$",
    re.I,
)


def parse(raw: bytes) -> ParsedMail:
    """Read a mail (RFC 5322, MIME) of any size and shape. Never raises; time grows linearly."""
    try:
        return _parse(raw)
    except Exception:  # the last wall: no mail may be lost to a defect here
        return salvage(raw)


def _parse(raw: bytes) -> ParsedMail:
    flags = {"mixed-line-endings"} if _mixes_line_ends(raw) else set()
    raw = _with_line_feeds(raw).lstrip(b"\r\n")
    root = build(raw)
    parts = root.walk()
    fallback = _fallback_charset(parts)
    headers = root.headers.with_charset(fallback)
    selected = body.select(root)
    text = body.plain_text(selected.plain, fallback, flags)
    source = body.html_source(selected.html, fallback, flags)
    if not (text or source or selected.apart):
        text = body.epilogue(root, fallback)
    new, quoted, signature = _split(text, source, selected)
    files = body.attachments(selected.apart, source)
    flags.update(
        *(part.flags for part in parts), _header_flags(headers), _file_flags(source, files)
    )
    report = bounce.find(root)
    return replace(
        _envelope(headers, flags),
        text=text,
        html=html.sanitise(source) if source else "",
        new_text=new,
        quoted_text=quoted,
        signature=signature,
        attachments=files,
        automatic=_automatic(headers, report),
        bounce=report,
        forwarded=forward.find(text, headers.text("subject")),
        calendar=_calendar(parts, fallback),
        encryption=_encryption(parts, text),
        flags=frozenset(flags),
    )


def salvage(raw: bytes) -> ParsedMail:
    """What a scan of the header block gives, and the bytes below it as text."""
    try:
        found = scan(raw[:2_000_000])
        text = to_safe_str(raw[found.body : found.body + 100_000].decode("utf-8", "replace"))
        mail = replace(_envelope(found.headers, set()), text=text, new_text=text)
    except Exception:
        mail = ParsedMail()
    return replace(mail, flags=frozenset({"not-fully-parsed"}))


def _mixes_line_ends(raw: bytes) -> bool:
    pairs, feeds, returns = raw.count(b"\r\n"), raw.count(b"\n"), raw.count(b"\r")
    return sum(count > 0 for count in (pairs, feeds - pairs, returns - pairs)) > 1


def _with_line_feeds(raw: bytes) -> bytes:
    """A mail whose lines end in a lone CR gets line feeds."""
    head = raw[:200_000]
    if head.count(b"\r") - head.count(b"\r\n") > 2 * head.count(b"\n"):
        return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return raw


def _fallback_charset(parts: list[Part]) -> str | None:
    """The first charset that any part names."""
    return next((found for part in parts if (found := part.parameters.get("charset"))), None)


def _envelope(headers: Headers, flags: set[str]) -> ParsedMail:
    authors = _addresses(headers, "from", flags)
    senders = _addresses(headers, "sender", flags)
    if headers.count("from") > 1:
        flags.add("duplicate-from")
    elif len(authors) > 1:
        flags.add("several-from")
    if not (authors and authors[0].addr):
        flags.add("no-from")
    ids = message_ids(headers.raw("message-id"))
    return ParsedMail(
        subject=clean(headers.text("subject"), _LONGEST_SUBJECT),
        from_=authors[0] if authors else None,
        sender=senders[0] if senders else None,
        reply_to=_addresses(headers, "reply-to", flags),
        to=_addresses(headers, "to", flags),
        cc=_addresses(headers, "cc", flags),
        date=_date(headers.text("date")),
        message_id=ids[0] if ids else None,
        in_reply_to=message_ids(headers.raw("in-reply-to")),
        references=message_ids(headers.raw("references")),
    )


def _addresses(headers: Headers, name: str, flags: set[str]) -> tuple[Address, ...]:
    found = [address for value in headers.all(name)[:20] for address in parse_addresses(value)]
    if len(found) > _MOST_LISTED:
        flags.add("list-cut")
    return tuple(found[:_MOST_LISTED])


def message_ids(value: str) -> tuple[str, ...]:
    """The message ids of a field, without angle brackets, each once; the last 200 at most."""
    found = _ID.findall(value) or _BARE_ID.findall(decode_words(value))
    return tuple(dict.fromkeys(to_safe_str(one) for one in found))[-_MOST_REFERENCES:]


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value[:200])
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        date.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return date


def _split(text: str, source: str, selected: body.Selected) -> tuple[str, str, str]:
    """Fold the quoted part. HTML without a plain twin is cut by the marks in its tree first."""
    only_html = bool(selected.plain) and all(part.type == "text/html" for part in selected.plain)
    if source and only_html and html.fits(source):
        pruned = html_quote.without_quoted(source)
        if pruned is not None:
            own = html.to_text(pruned)
            new, quoted, signature = quote.split(own)
            return new, f"{quoted}\n{_left_out(text, own)}".strip("\n"), signature
    return quote.split(text)


def _left_out(text: str, own: str) -> str:
    """The lines of `text` that are not in `own`, both in the same order."""
    expected = iter([line.strip() for line in own.split("\n") if line.strip()])
    awaited = next(expected, None)
    left: list[str] = []
    for line in text.split("\n"):
        if awaited is not None and line.strip() == awaited:
            awaited = next(expected, None)
        else:
            left.append(line)
    return "\n".join(left).strip("\n")


def _header_flags(headers: Headers) -> Iterable[str]:
    if automatic.suppresses_answers(headers):
        yield "no-automatic-answer"
    if headers.count("received") > _MOST_HOPS:
        yield "too-many-hops"


def _file_flags(source: str, files: tuple[Attachment, ...]) -> Iterable[str]:
    if source and not html.fits(source):
        yield "html-simplified"
    if any(_ACTIVE.search(file.filename) for file in files):
        yield "active-file"


def _automatic(headers: Headers, report: Bounce | None) -> str | None:
    return automatic.kind(headers) or ("auto-generated" if report else None)


def _calendar(parts: list[Part], fallback: str | None) -> Invitation | None:
    for part in parts:
        if part.type == "text/calendar" or part.filename.lower().endswith(".ics"):
            found = invitation(
                body.decoded(part, fallback, set()), part.parameters.get("method", "")
            )
            if found is not None:
                return found
    return None


def _encryption(parts: list[Part], text: str) -> str:
    """none, signed or encrypted, by structure only (RFC 1847, RFC 8551, RFC 3156, RFC 9580)."""
    types = {part.type for part in parts}
    smime = [part for part in parts if part.type in _SMIME or part.filename.lower() == "smime.p7m"]
    opaque = {part.parameters.get("smime-type", "").lower() for part in smime}
    if "multipart/encrypted" in types or (smime and not opaque & {"signed-data", "certs-only"}):
        return "encrypted"
    if "-----BEGIN PGP MESSAGE-----" in text:
        return "encrypted"
    if smime or "multipart/signed" in types or "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        return "signed"
    return "none"


_SMIME: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
