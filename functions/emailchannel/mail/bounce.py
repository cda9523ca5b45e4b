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
    r"mailer[-_ ]?daemon|post[-_ ]?master|mail delivery (?:sub)?system|mail-?admin|mailsystem|"
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
    r"rejected mail|mail failed|returning to sender|delayed mail|"
    r"mail could not|mail system error|unknown (?:user|address)|dsn:|delivery to",
    re.I,
)
_FAILED_TEXT: Final = re.compile(
    r"could not be delivered|was not delivered|cannot be delivered|delivery (?:has )?failed|"
    r"unable to deliver|undeliverable|no such user|user unknown|unknown user|invalid (?:user )?"
    r"address|mailbox (?:is )?(?:full|unavailable|not found)|送信できません|配信できません|"
    r"(?<!\d)[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3}[ -]|requested action|user |no such|mailbox)",
    re.I,
)
_NO_REPLY: Final = re.compile(r"\bno[-_.]?reply", re.I)
_ORIGINAL: Final = re.compile(
    r"^-{3,}+.{0,60}(?:original|returned|copy of|unsent|below this line).{0,60}$|"
    r"^.{0,40}(?:copy of (?:the|your) (?:message|mail)|original message follows|"
    r"message header).{0,60}$",
    re.I | re.M,
)
_ID_LINE: Final = re.compile(r"^>?\s?message-id:\s{0,5}<([^<>\s]{1,250})>", re.I | re.M)


def find(root: Part) -> Bounce | None:
    """What a mail reports about the delivery of another one; None for any other mail."""
    parts = root.walk()
    recipients = [one for part in parts for one in _reported(part)]
    if not recipients and _looks_like_bounce(root.headers, parts):
        recipients = _read_text(parts, root.headers)
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
        if not status or status.endswith(".0.0"):
            status = _undefined(diagnostic, action) or status
        found.append(BouncedRecipient(address, action or _action(status), status, diagnostic))
    return found


def _undefined(diagnostic: str, action: str) -> str:
    """X.0.0, "other or undefined" (RFC 3463 section 3.1), where only the class is known."""
    reply = _REPLY.search(diagnostic[:2_000])
    if reply:
        return reply[2] or f"{reply[1][0]}.0.0"
    return {"failed": "5.0.0", "delayed": "4.0.0"}.get(action, "")


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


def _looks_like_bounce(headers: Headers, parts: list[Part]) -> bool:
    """A report without its machine-readable part: it says so, or several signs agree."""
    kind = parts[0].parameters.get("report-type", "").lower()
    if "delivery" in kind or headers.count("x-failed-recipients"):
        return True
    sender = headers.text("from")[:500]
    daemon = _DAEMON.search(sender) is not None
    null_path = headers.raw("return-path").strip() == "<>"
    if not (daemon or null_path or _NO_REPLY.search(sender)):
        return False
    subject = _FAILED.search(headers.text("subject")[:500]) is not None
    if daemon + null_path + subject >= 2:
        return True
    returned = any(part.type in _RETURNED for part in parts[1:])
    return daemon + subject + returned + _says_failed(parts) >= (2 if daemon else 3)


_RETURNED: Final = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")


def _says_failed(parts: list[Part]) -> bool:
    text = next((part for part in parts if part.type == "text/plain"), None)
    return text is not None and _FAILED_TEXT.search(_text(text)[:1_500]) is not None


def _read_text(parts: list[Part], headers: Headers) -> list[BouncedRecipient]:
    """Who was not reached, and why, from a report written for people."""
    text = "\n".join(_text(part) for part in parts if part.main_type == "text")[:_READ]
    fields = _REPORT_FIELD.search(text)
    if fields:
        reported = _delivery_status(text[fields.start() :][:20_000].encode("utf-8", "replace"))
        if reported:
            return [one for one in reported if one.address] or reported
    cut = _ORIGINAL.search(text)
    words = (text[: cut.start()] if cut and cut.start() > 20 else text)[:20_000]
    found = _addressed(words, headers)
    delayed = _DELAYED.search(words[:5_000]) is not None
    if len(found) < 2:
        return [_judged(found[0][0] if found else "", words, delayed)]
    ends = [position for _, position in found[1:]] + [len(words)]
    return [
        _judged(address, words[start:end], delayed)
        for (address, start), end in zip(found, ends, strict=True)
    ]


_REPORT_FIELD: Final = re.compile(r"^(?:final|original)-recipient[ \t]*:", re.I | re.M)


def _addressed(words: str, headers: Headers) -> list[tuple[str, int]]:
    """Addresses that the report is about, each with where it stands, in order."""
    named = _ADDRESS.findall(headers.text("x-failed-recipients")[:5_000])
    own = set(_ADDRESS.findall(headers.raw("from") + " " + headers.raw("to")))
    listed = {match[1]: match.start() for match in reversed([*_LISTED.finditer(words)])}
    if named:
        return [(one, max(words.find(one), 0)) for one in dict.fromkeys(named)]
    others = sorted((start, one) for one, start in listed.items() if one not in own)
    if others:
        return [(one, start) for start, one in others[:_MOST_RECIPIENTS]]
    found = list(_ADDRESS.finditer(words))
    foreign = [match for match in found if match[0] not in own] or found
    return [(match[0], match.start()) for match in foreign[:1]]


# An address that stands alone on a line, or heads one and is followed by a colon.
_LISTED: Final = re.compile(
    rf"^[ \t]{{0,12}}<?({_ADDRESS.pattern})>?[ \t]{{0,4}}(?:[:;]|\(|\.\.\.|$)", re.M
)


def _judged(address: str, words: str, delayed: bool) -> BouncedRecipient:
    reply = _REPLY.search(words)
    status = _first(_STATUS, words) or (reply[2] if reply and reply[2] else "")
    line = _line_with(words, reply.start() if reply else words.find(status) if status else -1)
    action = "delayed" if status.startswith("4") or (delayed and not status) else "failed"
    if not status:
        status = _undefined(reply[0] if reply else "", action)
    return BouncedRecipient(address, action, status, clean(line, 500))


_DELAYED: Final = re.compile(
    r"warning message only|warning only|delayed|not yet been delivered|"
    r"will (?:be )?(?:re)?tr(?:y|ied)",
    re.I,
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
