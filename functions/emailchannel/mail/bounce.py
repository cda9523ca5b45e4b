"""Delivery reports (RFC 3464), complaints (RFC 5965), and the free-form bounces of old servers.

A bounce has no authentication: it is a note for the agent, and never changes what is known about
an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from emailchannel.mail import charset
from emailchannel.mail.headers import Headers, scan
from emailchannel.mail.structure import Part
from emailchannel.mail.text import clean, unify_line_ends
from emailchannel.mail.values import Bounce, BouncedRecipient

_MOST_RECIPIENTS: Final = 100
_READ: Final = 200_000  # bytes of one part
_STATUS: Final = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY: Final = re.compile(
    r"(?<![\d.])([45]\d\d)(?=[ \-#:>])(?:[ \-#]{1,2}([245]\.\d{1,3}\.\d{1,3}))?"
)
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])"
)
_DAEMON: Final = re.compile(
    r"mailer[-_ ]?daemon|postmaster|mail delivery (?:sub)?system|mail-?admin|mailsystem|"
    r"mail system|mail administrator|mta[-_ ]|smtpd|bounce|double-bounce|delivery service",
    re.I,
)
_FAILED: Final = re.compile(
    r"undeliver|non[- ]?deliver|not delivered|delivery (?:status|failure|failed|has failed|report|"
    r"error|problem|unsuccessful|notification|incomplete|delayed)|failure notice|failed mail|"
    r"mail delivery (?:failed|failure|problem|error)|returned (?:mail|to sender)|mail failure|"
    r"unzustellbar|fehler bei der|non remis|échec de la remise|no entregad|no se (?:ha )?pud|"
    r"mancata consegna|impossibile recapitare|niet bezorgd|onbestelbaar|kunne ikke leveres|"
    r"не доставлен|не удалось|配信|送信できません|エラー|退信|投递|warning: (?:message|could not)|"
    r"message (?:delayed|could not|not|failed)|could not (?:be )?(?:send|deliver)|"
    r"permanent delivery|address (?:not found|error)|user unknown|error(?: in)? (?:sending|mail)|"
    r"rejected mail|mail could not|mail system error|unknown (?:user|address)|dsn:|delivery to",
    re.I,
)
_ORIGINAL: Final = re.compile(
    r"^-{3,}.{0,60}(?:original|returned|copy of|unsent|below this line).{0,60}$|"
    r"^.{0,40}(?:copy of (?:the|your) (?:message|mail)|original message follows|"
    r"message header).{0,60}$",
    re.I | re.M,
)
_ID_LINE: Final = re.compile(r"^>?\s?message-id:\s{0,5}<([^<>\s]{1,250})>", re.I | re.M)


def find(root: Part) -> Bounce | None:
    """What a mail reports about the delivery of another one; None for any other mail."""
    parts = root.walk()
    recipients = [one for part in parts for one in _reported(part)]
    if not recipients and _looks_like_bounce(root.headers):
        recipients = _read_text(parts, root.headers)
        if not recipients:
            return None
    if not recipients:
        return None
    return Bounce(tuple(recipients[:_MOST_RECIPIENTS]), _original_id(parts))


def _content(part: Part) -> bytes:
    return part.body()[:_READ]


def _groups(data: bytes) -> Iterable[Headers]:
    """The groups of fields of a delivery-status part, separated by empty lines."""
    data = data.replace(b"\r\n", b"\n").lstrip(b"\n")
    for block in re.split(rb"\n[ \t]*\n", data)[: _MOST_RECIPIENTS + 10]:
        found = scan(block).headers
        if found.fields:
            yield found


def _reported(part: Part) -> list[BouncedRecipient]:
    if part.type in ("message/delivery-status", "message/global-delivery-status"):
        return _delivery_status(_content(part))
    if part.type == "message/feedback-report":
        return _feedback(_content(part))
    return []


def _delivery_status(data: bytes) -> list[BouncedRecipient]:
    found: list[BouncedRecipient] = []
    for group in _groups(data):
        address = _typed(group.raw("final-recipient")) or _typed(group.raw("original-recipient"))
        action = clean(group.text("action").partition(" ")[0], 20).lower()
        if not address and not action:
            continue
        diagnostic = clean(_typed(group.text("diagnostic-code")), 500)
        status = _first(_STATUS, group.text("status"))
        if not status or status.endswith(".0.0"):  # the server's own words often say more
            status = _first(_STATUS, diagnostic) or status
        found.append(BouncedRecipient(address, action or _action(status), status, diagnostic))
    return found


def _feedback(data: bytes) -> list[BouncedRecipient]:
    found: list[BouncedRecipient] = []
    for group in _groups(data):
        if not group.count("feedback-type"):
            continue
        wanted = group.all("original-rcpt-to") or group.all("removal-recipient") or ("",)
        kind = clean(group.text("feedback-type"), 60)
        found.extend(BouncedRecipient(_typed(text), "feedback", "", kind) for text in wanted)
    return found


def _typed(value: str) -> str:
    """The value behind `rfc822;` and its like (RFC 3464 section 2.1.2)."""
    kind, semicolon, rest = value.partition(";")
    value = rest if semicolon and len(kind) < 20 else value
    match = _ADDRESS.search(value[:2_000])
    return (
        match[0] if match and len(value) < 330 and "@" in value else clean(value, 2_000).strip("<>")
    )


def _action(status: str) -> str:
    return {"2": "delivered", "4": "delayed"}.get(status[:1], "failed")


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text[:5_000])
    return match[1] if match else ""


def _looks_like_bounce(headers: Headers) -> bool:
    type_, parameters, _ = headers.parameters("content-type")
    report = type_ == "multipart/report" and "delivery" in parameters.get("report-type", "").lower()
    daemon = _DAEMON.search(headers.text("from")[:500]) is not None
    null_path = headers.raw("return-path").strip() == "<>"
    subject = _FAILED.search(headers.text("subject")[:500]) is not None
    failed = bool(headers.count("x-failed-recipients"))
    return report or failed or daemon + null_path + subject >= 2


def _read_text(parts: list[Part], headers: Headers) -> list[BouncedRecipient]:
    text = "\n".join(_text(part) for part in parts if part.main_type == "text")[:_READ]
    cut = _ORIGINAL.search(text)
    words = text[: cut.start()] if cut and cut.start() > 20 else text
    status = _first(_STATUS, words)
    reply = _REPLY.search(words[:20_000])
    if not status and reply:
        status = reply[2] or ""
    named = headers.text("x-failed-recipients")
    found = dict.fromkeys(_ADDRESS.findall(named or words[:20_000]))
    own = set(_ADDRESS.findall(headers.raw("from") + " " + headers.raw("to")))
    addresses = [a for a in found if a not in own] or list(found)
    line = _line_with(words, reply.start()) if reply else _line_with(words, words.find(status))
    action = "delayed" if status.startswith("4") or _DELAYED.search(words[:5_000]) else "failed"
    return [BouncedRecipient(a, action, status, clean(line, 500)) for a in addresses[:1] or [""]]


_DELAYED: Final = re.compile(
    r"warning message only|delayed|not yet been delivered|will (?:be )?(?:re)?tr(?:y|ied)", re.I
)


def _line_with(text: str, position: int) -> str:
    if position < 0:
        return ""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    return text[start : end if end >= 0 else len(text)][:1_000]


def _text(part: Part) -> str:
    return unify_line_ends(charset.decode(_content(part), part.parameters.get("charset"))[0])


def _original_id(parts: list[Part]) -> str | None:
    """Message-ID of the mail that came back: its header part, or quoted in the text."""
    for part in parts[1:]:
        if part.type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/rfc822-headers",
        ):
            match = _ID_LINE.search(_text(part))
            if match:
                return match[1]
    for part in parts:
        if part.main_type == "text":
            match = _ID_LINE.search(_text(part))
            if match:
                return match[1]
    return None
