"""An answer as the customer gets it: from the case, with the mail being answered below it."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from .case import Case, Message
from .mail import alias, leak, quote_words, thread
from .mail.answer_html import AnswerHtml, own_words
from .mail.compose import compose
from .mail.scrub import Finder, scrub
from .mail.values import Address, Attachment, ParsedMail
from .ports import Channel
from .trust import ACCEPTED

__all__ = ["Answer", "Headers", "compose_reply", "leaks", "rebuild", "scrub"]

_QUOTE_LIMIT: Final = 20_000  # characters of the customer's own text that we quote back
_SIGNATURES: Final = frozenset(
    {
        "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What the agent wrote: his new text, the same as HTML or "", and files byte for byte.

    `html` is sanitised and shows the images of `inline`, which is empty without it.
    """

    text: str
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    inline: tuple[Attachment, ...] = ()


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


def rebuild(mail: ParsedMail, secrets: Iterable[str], *, text: str | None = None) -> Answer:
    """What the agent wrote in `mail`, without quotes and without internal addresses.

    `secrets` are his addresses and the local part and token of the relay address. The HTML is
    left out unless its own part is certain and says the same as the text. Files stay byte for
    byte, except signatures of the mail itself, which no longer hold and name their owner. `text`
    stands for the mail's own words where a command stood above them.
    """
    finder = Finder(secrets)
    files = [_clean_file(file, n, finder) for n, file in enumerate(_files(mail), 1)]
    if text is not None:
        return Answer(finder.scrub(own_words(text)), attachments=tuple(files))
    written = "\n\n".join(filter(None, (mail.new_text, mail.signature)))
    text = finder.scrub(own_words(written))
    page = AnswerHtml(mail.html)
    page.scrub(finder)
    same = page.says(text)
    if not same:
        text, same = _without_unmarked_history(page, text)
    return _with_html(text, page, files, finder) if same else Answer(text, "", tuple(files))


def _with_html(text: str, page: AnswerHtml, files: list[Attachment], finder: Finder) -> Answer:
    shown = _shown(page, files)
    fresh = {cid: _renamed(file, n) for n, (cid, file) in enumerate(shown.items(), 1)}
    html = page.finished({cid: file.content_id or "" for cid, file in fresh.items()}, finder)
    if not html:
        return Answer(text, "", tuple(files))
    inside = [*shown.values(), *(one for one in files if _is_history(one, page))]
    apart = tuple(file for file in files if not any(file is one for one in inside))
    return Answer(text, html, apart, tuple(fresh.values()))


def _without_unmarked_history(page: AnswerHtml, text: str) -> tuple[str, bool]:
    """The text down to history that only the HTML marks, if it looks like the head of one.

    And whether it now says what the HTML says.
    """
    own, rest = page.split_off(text)
    head = "\n".join(rest.strip().split("\n")[:8])[:2_000]
    is_history = quote_words.ADDRESS.search(head) or quote_words.TIME.search(head.lower())
    return (own, True) if own and is_history else (text, False)


def _is_history(file: Attachment, page: AnswerHtml) -> bool:
    """Whether only the quoted mail showed this picture."""
    return (file.content_id or "") in page.history and file.content_type.startswith("image/")


def _files(mail: ParsedMail) -> list[Attachment]:
    signed = mail.encryption == "signed"
    return [
        file
        for file in mail.attachments
        if file.payload
        and file.content_type not in _SIGNATURES
        and not (signed and file.content_type == "application/pgp-keys")
    ]


def _clean_file(file: Attachment, number: int, finder: Finder) -> Attachment:
    kind = file.content_type
    return replace(
        file,
        filename=finder.scrub_filename(file.filename, f"attachment-{number}"),
        content_type="application/octet-stream" if finder.found(kind) else kind,
    )


def _shown(page: AnswerHtml, files: Iterable[Attachment]) -> dict[str, Attachment]:
    """The images that the HTML shows, by the Content-ID that it knows them by."""
    wanted = page.shown
    found: dict[str, Attachment] = {}
    for file in files:
        if file.content_id in wanted and file.content_type.startswith("image/"):
            found.setdefault(file.content_id or "", file)
    return found


def _renamed(image: Attachment, number: int) -> Attachment:
    """With a Content-ID of ours: those of mail programs name the sender's host."""
    digest = hashlib.sha256(image.payload).hexdigest()[:16]
    return replace(image, content_id=f"image{number}.{digest}@inline", inline=True)


def leaks(mail: ParsedMail, token: str) -> bool:
    """Whether a file of the mail shows a relay token; its bytes cannot be changed, so it stays.

    `token` is that of the address the agent wrote to; any other of the same case counts too, and
    any relay address.
    """
    finder = Finder([token])
    return any(
        leak.in_file(file.content_type, file.filename, file.payload, finder)
        for file in mail.attachments
    )


def compose_reply(
    channel: Channel,
    case: Case,
    answered: Message | None,
    answer: Answer,
    identity: str,
    at: int,
    *,
    to: tuple[Address, ...] = (),
    cc: tuple[Address, ...] = (),
    loop_mark: str = "",
    forwarded_as: str = "",
    subject: str = "",
) -> tuple[bytes, Headers]:
    """The frozen MIME of an answer, and the headers our records keep. `at` in milliseconds.

    It goes to the customer unless `to` says otherwise. `loop_mark` is our own mark against mail in
    circles. A person wrote it, so it carries no Auto-Submitted. With `forwarded_as`, its
    subject, it takes `answered` to somebody else: then it answers nothing. `subject` replaces
    that of the mail it answers. Raises ComposeError.
    """
    settings = channel.settings
    sender = alias.customer_alias(settings.inquiry_local, case.id, settings.domain)
    references = _references(channel, case, answered)
    usual = thread.reply_subject((answered.subject if answered else "") or case.subject)
    titled = forwarded_as or subject or usual
    author = Address(case.app_name or settings.from_name, sender)
    text, html = rendered(channel, answer, answered, forward=bool(forwarded_as))
    mime = compose(
        from_=author,
        to=to or (Address(case.customer.name, case.customer.address),),
        cc=cc,
        subject=titled,
        text=text,
        html=html,
        reply_to=(author,),
        in_reply_to=answered.message_id if answered and not forwarded_as else None,
        references=references,
        attachments=answer.attachments,
        inline=answer.inline,
        extra={"X-Email-Channel-Loop": loop_mark} if loop_mark else None,
        message_id=f"{identity}@{settings.domain}",
        date=moment(at),
    )
    return mime, Headers(sender, titled, references)


def moment(at: int) -> datetime:
    """A time in milliseconds as a mail dates it."""
    return datetime.fromtimestamp(at / 1000, UTC)


def _references(channel: Channel, case: Case, answered: Message | None) -> tuple[str, ...]:
    anchor = thread.anchor(case.id, channel.settings.domain)
    previous = (*answered.references, answered.message_id) if answered else ()
    return thread.references_for_reply(anchor, tuple(filter(None, previous)))


def rendered(
    channel: Channel, answer: Answer, answered: Message | None = None, *, forward: bool = False
) -> tuple[str, str]:
    """Text and HTML of a mail; without `answered` it answers nothing."""
    fields = _fields(channel, answered, answer, forward=forward)
    templates = _templates()
    text = templates.get_template("reply.txt").render(fields)
    return text, templates.get_template("reply.html").render(fields)


def _fields(
    channel: Channel, answered: Message | None, answer: Answer, *, forward: bool
) -> dict[str, object]:
    """What the two templates show."""
    return {
        "paragraphs": _paragraphs(answer.text),
        "html": answer.html,
        "text": answer.text.strip(),
        "disclaimer": channel.settings.disclaimer,
        **_quoted(channel, answered, forward=forward),
    }


def _paragraphs(text: str) -> list[list[str]]:
    """Paragraphs of lines, for the HTML side."""
    return [block.split("\n") for block in re.split(r"\n[ \t]*\n", text.strip()) if block.strip()]


def _quoted(channel: Channel, answered: Message | None, *, forward: bool) -> dict[str, object]:
    """The customer's own text of the mail being answered; earlier history is never mailed out.

    Nor is a mail whose sender is not proven: its text may be meant for whom it pretends to be from.
    Whom it is forwarded to, an agent has decided.
    """
    proven = answered is not None and (forward or answered.disposition == ACCEPTED)
    body = channel.mails.read(answered.formatted_key) if answered and proven else None
    if answered is None or body is None:
        return {"quote": [], "quote_from": "", "quote_at": ""}
    document = json.loads(body)
    text = str(document.get("new_text") or document.get("text") or "")[:_QUOTE_LIMIT]
    text = scrub(text, ())  # his own words, but never a relay address that once reached him
    when = datetime.fromtimestamp(answered.at / 1000, UTC)
    return {
        "quote": text.strip().split("\n"),
        "quote_from": answered.from_.name or answered.from_.address,
        "quote_at": f"{when:%d %b %Y, %H:%M} UTC",
    }
