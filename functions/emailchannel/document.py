"""The formatted mail: what the agent page shows, as one JSON document. Version 1 is a contract."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from . import trust
from .case import AttachmentRecord, Message
from .mail.values import Address, ParsedMail
from .ports import Findings
from .trust import Decision

VERSION: Final = 1
SUBJECT_LIMIT: Final = 250
BYTES_CONTENT: Final = "application/octet-stream"  # what any file is stored and downloads as

_WARNINGS = {
    "not-fully-parsed": "This mail could not be read completely. Open the original to see all.",
    "no-sender": "This mail names no sender.",
    "duplicate-from": "This mail names its sender more than once; the first one is shown.",
    "several-from": "This mail has several authors; the first one is shown.",
    "ambiguous-structure": (
        "The parts of this mail can be read in more than one way. Something may be missing or "
        "shown in the wrong place: compare with the original."
    ),
    "active-file": "An attachment of this mail is of a type that can run on your computer.",
    "text-cut": "This mail is very long. Its end is left out here: open the original to see all.",
    "html-simplified": "This mail is too complicated to show as it was meant. Its text is shown.",
    "bad-base64": "A part of this mail arrived damaged.",
    "list-cut": "This mail names more people than are shown here.",
    "address-in-name": "The sender's name shows another address than the one he writes from.",
    "own-name": "The sender calls himself as you do, but writes from a foreign address.",
    "punycode-domain": "The sender's domain is written in other letters than it seems.",
    "mixed-script-domain": "The sender's domain mixes letters of several scripts to look familiar.",
    "look-alike-domain": "The sender's domain looks like yours, and is not.",
    "different-reply-to": (
        "The sender wants answers at another address. Your answer goes to the address he wrote "
        "from, unless you say otherwise."
    ),
    "virus-unknown": (
        "The virus scan of this mail found something or gave no result. Its attachments are locked."
    ),
}


def attachment_key(message_id: str, n: int) -> str:
    """Where an attachment's bytes are: never under a name that its sender chose."""
    return f"attachments/{message_id}/{n}"


def _address(address: Address | None) -> dict[str, str]:
    return {"name": address.name, "address": address.addr} if address else _address(Address("", ""))


def attachment_records(mail: ParsedMail) -> tuple[AttachmentRecord, ...]:
    """What is kept of the attachments, numbered as the links number them."""
    return tuple(
        AttachmentRecord(
            n, part.filename, part.content_type, part.size, part.inline, part.content_id or ""
        )
        for n, part in enumerate(mail.attachments)
    )


def warnings(mail: ParsedMail, decision: Decision, extra: tuple[str, ...]) -> list[dict[str, str]]:
    """The warnings an agent must see, most important first: [{code, text}]."""
    found = [{"code": decision.reason, "text": decision.warning}] if decision.warning else []
    codes = [*extra, *sorted(mail.flags)]
    return found + [{"code": code, "text": _WARNINGS[code]} for code in codes if code in _WARNINGS]


def warnings_of(message: Message) -> list[dict[str, str]]:
    """The same warnings, from what the table keeps of a message."""
    said = {decision.reason: decision.warning for decision in trust.ALL}
    found = [{"code": message.reason, "text": text}] if (text := said.get(message.reason)) else []
    codes = [code for code in message.flags if code in _WARNINGS]
    return found + [{"code": code, "text": _WARNINGS[code]} for code in codes]


def _language(findings: Findings) -> dict[str, Any] | None:
    if not findings.language:
        return None
    return {"code": findings.language, "score": findings.language_score}


def _sentiment(findings: Findings) -> dict[str, Any] | None:
    if not findings.sentiment:
        return None
    return {"label": findings.sentiment, "scores": findings.sentiment_scores}


def _people(mail: ParsedMail) -> dict[str, Any]:
    return {
        "from": _address(mail.from_),
        "reply_to": [_address(a) for a in mail.reply_to],
        "to": [_address(a) for a in mail.to],
        "cc": [_address(a) for a in mail.cc],
    }


def _files(mail: ParsedMail) -> list[dict[str, Any]]:
    return [
        {**asdict(record), "content_id": record.content_id or None}
        for record in attachment_records(mail)
    ]


def _findings(findings: Findings) -> dict[str, Any]:
    return {
        "language": _language(findings),
        "sentiment": _sentiment(findings),
        "key_phrases": [{"text": text, "score": score} for text, score in findings.key_phrases],
        "entities": [
            {"text": text, "type": kind, "score": score} for text, kind, score in findings.entities
        ],
    }


def formatted(
    mail: ParsedMail,
    findings: Findings,
    decision: Decision,
    *,
    case_id: str,
    message_id: str,
    received_at: int,
    authenticated: bool,
    extra_warnings: tuple[str, ...] = (),
) -> bytes:
    """The document for one mail, UTF-8 JSON. `received_at` in milliseconds."""
    received = datetime.fromtimestamp(received_at / 1000, UTC)
    document = {
        "version": VERSION,
        "case_id": case_id,
        "message_id": message_id,
        "received_at": received.isoformat().replace("+00:00", "Z"),
        **_people(mail),
        "subject": mail.subject,
        "date": mail.date.isoformat() if mail.date else None,
        "text": mail.text,
        "new_text": mail.new_text,
        "quoted_text": mail.quoted_text,
        "signature": mail.signature,
        "html": mail.html,
        "attachments": _files(mail),
        **_findings(findings),
        "authenticated": authenticated,
        "warnings": warnings(mail, decision, extra_warnings),
        "flags": sorted(mail.flags),
        "encryption": mail.encryption,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
