"""An answer as the customer gets it: from the case, with the mail being answered below it."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from .case import Case, Message
from .mail import alias, thread
from .mail.compose import compose
from .mail.values import Address, Attachment
from .ports import Channel

_QUOTE_LIMIT: Final = 20_000  # characters of the customer's own text that we quote back
_BETWEEN_ADDRESS: Final = re.compile(r"[ \t]*<?(?:mailto:)?\0>?")


@dataclass(frozen=True)
class Answer:
    """What the agent wrote: his new text, and files passed on byte for byte."""

    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Headers:
    """The headers of the composed mail that our records keep."""

    from_address: str
    subject: str
    references: tuple[str, ...]


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Take internal addresses out of an agent's text, whatever their case.

    `<agent@corp.example>` behind a name disappears with its brackets.
    """
    for secret in sorted(set(filter(None, secrets)), key=len, reverse=True):
        text = re.sub(re.escape(secret), "\0", text, flags=re.IGNORECASE)
    # What follows a relay address's local part is only our own domain: it goes with it.
    text = re.sub(r"\0@[A-Za-z0-9.-]+", "\0", text)
    return _BETWEEN_ADDRESS.sub("", text)


def compose_reply(
    channel: Channel,
    case: Case,
    answered: Message | None,
    answer: Answer,
    identity: str,
    at: int,
) -> tuple[bytes, Headers]:
    """The frozen MIME of an answer, and the headers our records keep. `at` in milliseconds."""
    settings = channel.settings
    sender = alias.customer_alias(settings.inquiry_local, case.id, settings.domain)
    previous = (*answered.references, answered.message_id) if answered else ()
    references = thread.references_for_reply(
        thread.anchor(case.id, settings.domain), tuple(filter(None, previous))
    )
    subject = thread.reply_subject((answered.subject if answered else "") or case.subject)
    fields = {
        "paragraphs": _paragraphs(answer.text),
        "text": answer.text.strip(),
        "disclaimer": settings.disclaimer,
        **_quoted(channel, answered),
    }
    mime = compose(
        from_=Address(settings.from_name, sender),
        to=(Address(case.customer.name, case.customer.address),),
        cc=(),
        subject=subject,
        text=_templates().get_template("reply.txt").render(fields),
        html=_templates().get_template("reply.html").render(fields),
        reply_to=(Address(settings.from_name, sender),),
        in_reply_to=answered.message_id if answered else None,
        references=references,
        attachments=answer.attachments,
        message_id=f"{identity}@{settings.domain}",
        date=datetime.fromtimestamp(at / 1000, UTC),
    )
    return mime, Headers(sender, subject, references)


def _paragraphs(text: str) -> list[list[str]]:
    """Paragraphs of lines, for the HTML side."""
    return [block.split("\n") for block in re.split(r"\n[ \t]*\n", text.strip()) if block.strip()]


def _quoted(channel: Channel, answered: Message | None) -> dict[str, object]:
    """The customer's own text of the mail being answered; earlier history is never mailed out."""
    body = channel.mails.read(answered.formatted_key) if answered else None
    if answered is None or body is None:
        return {"quote": [], "quote_from": "", "quote_at": ""}
    document = json.loads(body)
    text = str(document.get("new_text") or document.get("text") or "")[:_QUOTE_LIMIT]
    when = datetime.fromtimestamp(answered.at / 1000, UTC)
    return {
        "quote": text.strip().split("\n"),
        "quote_from": answered.from_.name or answered.from_.address,
        "quote_at": f"{when:%d %b %Y, %H:%M} UTC",
    }
