"""A received mail as SES stores and reports it, and which rule takes it. Values only.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.message import Message
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any

from local.world.headers import common_headers, header_list, parsed_headers
from local.world.times import at, iso

GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$"


@dataclass(frozen=True)
class Verdicts:
    """What SES found; each PASS, FAIL, GRAY or PROCESSING_FAILED (spam and virus also DISABLED)."""

    spam: str = "PASS"
    virus: str = "PASS"
    spf: str = "PASS"
    dkim: str = "PASS"
    dmarc: str = "PASS"
    dmarcPolicy: str | None = None  # noqa: N815  (the notification's field, only with a FAIL)

    def scanned(self, raw: bytes, *, enabled: bool) -> Verdicts:
        """The verdicts of a rule: content scanned for the standard test strings, or not at all."""
        if not enabled:
            return replace(self, spam="DISABLED", virus="DISABLED")
        spam = "FAIL" if GTUBE in raw else self.spam
        return replace(self, spam=spam, virus="FAIL" if EICAR in raw else self.virus)


@dataclass(frozen=True)
class Arrival:
    """A mail at the end of the SMTP conversation."""

    raw: bytes
    mail_from: str
    rcpt_to: tuple[str, ...]
    verdicts: Verdicts
    message_id: str
    when: float
    helo: str = "mail.example.org"
    client_ip: str = "192.0.2.10"


def matches(condition: str, address: str) -> bool:
    """Whether a rule's recipient condition covers the address (both case-insensitive).

    `user@d` covers user+label@d too, `user+label@d` only itself, `d` the domain, `.d` its
    subdomains.
    """
    condition, address = condition.lower(), address.lower()
    local, _, domain = address.rpartition("@")
    if "@" not in condition:
        return domain.endswith(condition) if condition.startswith(".") else domain == condition
    return condition in (address, f"{local.split('+')[0]}@{domain}")


def covers(rule: dict[str, Any], address: str) -> bool:
    """Whether the rule is enabled and takes mail for the address (no conditions: any address)."""
    conditions = rule.get("Recipients") or []
    return bool(rule.get("Enabled")) and (
        not conditions or any(matches(condition, address) for condition in conditions)
    )


def received(arrival: Arrival, region: str, recipient: str) -> bytes:
    """The mail as stored: SES's header block, then the bytes as they came."""
    verdicts, domain = arrival.verdicts, arrival.mail_from.rpartition("@")[2]
    author = parseaddr(str(parsed_headers(arrival.raw).get("From", "")))[1].rpartition("@")[2]
    date = format_datetime(at(arrival.when)).replace("+0000", "+0000 (UTC)")
    spf = {"PASS": "pass", "FAIL": "fail", "GRAY": "none"}.get(verdicts.spf, "temperror")
    dkim = {"PASS": "pass", "FAIL": "fail", "GRAY": "none"}.get(verdicts.dkim, "temperror")
    dmarc = {"PASS": "pass", "FAIL": "fail", "GRAY": "none"}.get(verdicts.dmarc, "temperror")
    check = (
        f"(spfCheck: domain of {domain or '_'} {'designates' if spf == 'pass' else 'excludes'}"
        f" {arrival.client_ip} as permitted sender) client-ip={arrival.client_ip};"
        f" envelope-from={arrival.mail_from}; helo={arrival.helo};"
    )
    lines = [
        f"Return-Path: <{arrival.mail_from}>",
        f"Received: from {arrival.helo} ({arrival.helo} [{arrival.client_ip}])\r\n"
        f" by inbound-smtp.{region}.amazonaws.com with SMTP id {arrival.message_id}\r\n"
        f" for {recipient};\r\n {date}",
    ]
    if verdicts.spam != "DISABLED":
        lines += [
            f"X-SES-Spam-Verdict: {verdicts.spam}",
            f"X-SES-Virus-Verdict: {verdicts.virus}",
        ]
    lines += [
        f"Received-SPF: {spf} {check}",
        f"Authentication-Results: amazonses.com;\r\n spf={spf} {check}\r\n"
        f" dkim={dkim} header.i=@{author};\r\n dmarc={dmarc} header.from={author};",
        f"X-SES-RECEIPT: AEFBQUFBQUFBQUFH{arrival.message_id}",
        "X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=local; c=relaxed/simple;"
        " s=local; d=amazonses.com; v=1; bh=local;"
        " h=From:To:Cc:Bcc:Subject:Date:Message-ID:MIME-Version:Content-Type:X-SES-RECEIPT;",
    ]
    added = "\r\n".join(lines).encode() + b"\r\n"
    # A mail that a test hands over with bare LF stays as it is; one that mixes both kinds of line
    # ends would be something else than what was handed over.
    bare = b"\n" in arrival.raw and b"\r\n" not in arrival.raw
    return (added.replace(b"\r\n", b"\n") if bare else added) + arrival.raw


def notification(
    stored: bytes,
    arrival: Arrival,
    matched: list[str],
    verdicts: Verdicts,
    action: dict[str, Any],
) -> dict[str, Any]:
    """What SES publishes about a received mail (notificationType Received)."""
    headers, truncated = header_list(stored)
    parsed = parsed_headers(stored)
    receipt: dict[str, Any] = {
        "timestamp": iso(arrival.when),
        "processingTimeMillis": 574,
        "recipients": matched,
    }
    for name in ("spam", "virus", "spf", "dkim", "dmarc"):
        receipt[f"{name}Verdict"] = {"status": getattr(verdicts, name)}
    if verdicts.dmarc == "FAIL" and verdicts.dmarcPolicy:
        receipt["dmarcPolicy"] = verdicts.dmarcPolicy
    common = {"returnPath": arrival.mail_from, **common_headers(parsed)}
    if parsed.get("Message-ID"):
        common["messageId"] = str(parsed["Message-ID"]).strip()
    mail = {
        "timestamp": iso(arrival.when),
        "source": arrival.mail_from,
        "messageId": arrival.message_id,
        "destination": _named_recipients(parsed) or matched,
        "headersTruncated": truncated,
        "headers": headers,
        "commonHeaders": common,
    }
    return {
        "notificationType": "Received",
        "mail": mail,
        "receipt": {**receipt, "action": action},
    }


def _named_recipients(parsed: Message) -> list[str]:
    fields = [str(v) for name in ("To", "Cc") for v in parsed.get_all(name, [])]
    return [address for _name, address in getaddresses(fields) if address]
