"""One mail of the quarantine, for an administrator's eyes."""

import json
import textwrap
from dataclasses import dataclass
from typing import Final

from emailchannel.aws import events
from emailchannel.errors import Unprocessable
from emailchannel.mail.parse import parse
from emailchannel.mail.values import ParsedMail
from emailchannel.ports import Envelope, Intake

from . import screen
from .deployment import Deployment
from .listed import raw_key

_LINES: Final = 12  # of the text
_LABEL: Final = 13
_NEXT_LINE: Final = "\n" + " " * _LABEL
_ROUTES: Final = {"inbound": "a customer's mail", "relay": "written to an agents' address"}
NO_MAIL: Final = frozenset({"not-a-mail", "object-missing", "empty-object"})

_WHY: Final = {
    "spam": "Amazon SES takes it for spam",
    "virus": "Amazon SES found a virus in it",
    "loop": "it is our own mail coming back, or has gone round too often",
    "bounce": "it is a delivery report that belongs to no case",
    "automatic": "a program sent it, and it belongs to no case",
    "flood:sender": "its sender sent more mail in an hour than MailsPerSenderPerHour",
    "flood:domain": "its domain sent more mail in an hour than MailsPerDomainPerHour",
    "blocked-sender": "an agent blocked its sender on the case it names",
    "not-a-mail": "Amazon SES announced its rule with it: it is no mail",
    "object-missing": "it was announced, and was not in the bucket",
    "empty-object": "the object in the bucket is empty",
    "from-syntax": "its From field does not name one author beyond doubt",
    "agent-domain": "its author has no address of AgentEmailDomains",
    "dmarc": "it names an agent as its author, and DMARC does not prove it",
    "unknown-agent": "its author has an agents' domain, and is no agent of Amazon Connect",
    "address": "it was not written to one relay address that can be read",
    "token": "the relay address was made for another agent or case, or is revoked",
    "no-case": "the relay address names no case",
}


def words_of(reason: str) -> str:
    """Why the mail is there."""
    return _WHY.get(reason) or _WHY.get(reason.partition(":")[0]) or "the channel kept it"


@dataclass(frozen=True)
class Letter:
    """What is stored of a mail; `envelope` is None where the notification was lost."""

    raw: bytes
    envelope: Envelope | None

    @classmethod
    def of(cls, deployment: Deployment, intake: Intake) -> "Letter":
        """Read it from the bucket."""
        mails, key = deployment.channel.mails, raw_key(intake)
        return cls(mails.read(key) or b"", _envelope(mails.read(f"{key}.json")))


def _envelope(notification: bytes | None) -> Envelope | None:
    try:
        return events.envelope(json.loads(notification)) if notification else None
    except (Unprocessable, ValueError):
        return None


def describe(intake: Intake, letter: Letter) -> str:
    """The mail in lines of at most 80 columns."""
    rows = [
        ("id", intake.ses_id),
        ("received", f"{screen.moment(intake.at)} UTC"),
        ("reason", f"{intake.reason}: {words_of(intake.reason)}"),
        ("route", f"{intake.route}: {_ROUTES.get(intake.route, '')}"),
        *_envelope_rows(letter.envelope),
    ]
    if not letter.raw:
        return "\n".join(map(_row, [*rows, ("mail", "not in the bucket")]))
    mail = parse(letter.raw)
    return "\n".join([*map(_row, [*rows, *_mail_rows(mail)]), "", *_text(mail)])


def _row(row: tuple[str, str]) -> str:
    label, text = row
    lines = textwrap.wrap(screen.plain(text), screen.WIDTH - _LABEL, max_lines=4) or [""]
    return f"{label:<{_LABEL}}{_NEXT_LINE.join(lines)}".rstrip()


def _envelope_rows(envelope: Envelope | None) -> list[tuple[str, str]]:
    if envelope is None:
        return [("envelope", "lost: nothing about this mail is proven")]
    found = envelope.verdicts
    verdicts = {
        "spf": found.spf,
        "dkim": found.dkim,
        "dmarc": found.dmarc,
        "spam": found.spam,
        "virus": found.virus,
    }
    return [
        ("sent from", envelope.mail_from or "<> (nobody wants to hear of it)"),
        ("sent to", ", ".join(envelope.recipients)),
        ("verdicts", ", ".join(f"{name} {value or '-'}" for name, value in verdicts.items())),
    ]


def _mail_rows(mail: ParsedMail) -> list[tuple[str, str]]:
    rows = [("From", str(mail.from_ or "(nobody)"))]
    if mail.reply_to:
        rows.append(("Reply-To", ", ".join(map(str, mail.reply_to))))
    rows.append(("Subject", mail.subject or "(none)"))
    rows += [
        ("attachment", f"{file.filename} ({file.content_type}, {file.size:,} bytes)")
        for file in mail.attachments
    ]
    return rows


def _text(mail: ParsedMail) -> list[str]:
    """The first lines of what it says, indented so that it cannot pass for ours."""
    full = [line for line in mail.text.splitlines() if line.strip()]
    shown = [f"  {screen.cut(line, screen.WIDTH - 2)}" for line in full[:_LINES]]
    more = len(full) - len(shown)
    return (
        [*shown, f"  ... {screen.counted(more, 'more line')}"] if more else shown or ["  (empty)"]
    )
