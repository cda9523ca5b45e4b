"""A change of a table becomes the mails that the rules ask for: composed, frozen, sent once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from .. import journal, loops
from ..app import letter, send
from ..app.ulid import ulid
from ..app.values import BY_RULE, EMAIL, AppMessage, Refused
from ..document import SUBJECT_LIMIT
from ..errors import Unprocessable
from ..happened import Row
from ..mail import html as markup
from ..mail.address import normalise
from ..mail.address_list import parse_addresses
from ..mail.compose import ComposeError, compose
from ..mail.text import clean, clean_filename
from ..mail.values import Address, Attachment
from ..outbox import frozen_key, outbox_id
from ..ports import Change, Channel, Outgoing
from ..reply import Answer, moment
from .conditions import all_hold, at, fits
from .render import NotRendered, fill
from .rules import File, Rule

SMALL: Final = 5_000_000  # bytes of a file that goes with the mail; a larger one as a link
LINK_LIFE: Final = 12 * 3600  # seconds at most: the link dies with the credentials that sign it
_STOPPED: Final = "stopped"


class Files(Protocol):
    """S3 objects of any bucket that the administrator has let us read."""

    def size(self, bucket: str, key: str) -> int: ...
    def read(self, bucket: str, key: str) -> bytes: ...
    def link(self, bucket: str, key: str, filename: str, seconds: int) -> str: ...


@dataclass(frozen=True)
class Mail:
    """What would be sent. `file` is what goes along, or (too large) what `link` leads to."""

    rule: str
    sender: Address
    to: Address
    reply_to: Address | None
    subject: str
    text: str
    html: str
    file: Attachment | None = None
    link: str = ""


def tell(
    channel: Channel, files: Files, rules: Sequence[Rule], table: str, origin: str, row: Row
) -> int:
    """Send what the rules ask for; returns how many mails. `origin`: the table's ARN.

    The same change again sends nothing. Raises Retryable when AWS is busy, and Unprocessable,
    naming rules and fields, when a mail can never be made; those of the other rules are sent.
    """
    if channel.settings.stop_automatic_mail:
        return 0
    sent, faults = 0, []
    for rule in rules:
        try:
            if mail := wanted(channel, files, rule, table, row):
                _send(channel, mail, outbox_id("rule", origin, row.change, rule.name))
                sent += 1
        except Unprocessable as error:
            faults.append(error.reason)
    if faults:
        raise Unprocessable("; ".join(faults))
    return sent


def wanted(channel: Channel, files: Files, rule: Rule, table: str, row: Row) -> Mail | None:
    """The mail that a rule asks for at a change. Raises Unprocessable."""
    if not fits(rule, table, row):
        return None
    try:
        return _made(channel, files, rule, row)
    except NotRendered as error:
        raise Unprocessable(f"{rule.name}: {error.words}") from error


def _made(channel: Channel, files: Files, rule: Rule, row: Row) -> Mail:
    found = at(rule.recipient_path, row) if rule.recipient_path else rule.to
    to = letter.recipient_of(channel, str(found or ""))
    sender = letter.sender_of(channel, rule.from_)
    if isinstance(to, Refused):
        raise Unprocessable(f"{rule.name}: to: {to.kind}")
    if isinstance(sender, Refused):
        raise Unprocessable(f"{rule.name}: from: {sender.kind}")
    mail = Mail(
        rule.name,
        Address(sender.name, sender.address),
        to,
        _reply_to(rule),
        clean(fill("subject", rule.subject, row), SUBJECT_LIMIT),
        fill("text", rule.text, row),
        fill("html", rule.html, row, html=True) if rule.html else "",
    )
    file = next((one for one in rule.files if all_hold(one.when, row)), None)
    return _with_file(files, mail, file, row) if file else mail


def _reply_to(rule: Rule) -> Address | None:
    found = parse_addresses(rule.reply_to) if rule.reply_to else ()
    return found[0] if found else None


def _with_file(files: Files, mail: Mail, file: File, row: Row) -> Mail:
    key, name = fill("key", file.key, row), clean_filename(fill("filename", file.filename, row))
    size = files.size(file.bucket, key)
    if size < 0:
        raise Unprocessable(f"{mail.rule}: attachment: there is no such object")
    if size <= SMALL:
        payload = files.read(file.bucket, key)
        kind = file.content_type
        return replace(mail, file=Attachment(name or "file", kind, size, None, False, payload))
    link = files.link(file.bucket, key, name or "file", LINK_LIFE)
    words = f"{name} is too large for a mail. For the next few hours it is here:"
    text = f"{mail.text.rstrip()}\n\n{words}\n{link}\n"
    shown = {"words": words, "link": link, "name": name}
    html = mail.html and mail.html + _linked(shown)
    return replace(mail, text=text, html=html, link=link)


def _linked(shown: dict[str, Any]) -> str:
    row = Row("", 0, {}, shown)
    source = '<p>{{ new.words }} <a href="{{ new.link }}">{{ new.name }}</a></p>'
    return fill("link", source, row, html=True)


def composed(channel: Channel, mail: Mail, identity: str, at_ms: int) -> bytes:
    """The bytes of a mail. Raises Unprocessable."""
    try:
        return compose(
            from_=mail.sender,
            to=(mail.to,),
            subject=mail.subject,
            text=mail.text or markup.to_text(mail.html),
            html=mail.html or None,
            reply_to=(mail.reply_to,) if mail.reply_to else (),
            attachments=(mail.file,) if mail.file else (),
            auto_submitted="auto-generated",
            extra={
                "X-Auto-Response-Suppress": "All",
                loops.HEADER: loops.mark(channel, identity),
            },
            message_id=f"{identity}@{channel.settings.domain}",
            date=moment(at_ms),
        )
    except ComposeError as error:
        raise Unprocessable(f"{mail.rule}: the mail cannot be written") from error


def _send(channel: Channel, mail: Mail, identity: str) -> None:
    """Keep it as a message of ours and have it sent; told again, it is there already."""
    known = channel.cases.outgoing(identity)
    if known is None:
        now = channel.now_ms()
        mime = composed(channel, mail, identity, now)
        channel.mails.write(frozen_key(identity), mime, "message/rfc822")
        files = (mail.file,) if mail.file else ()
        send.keep_body(
            channel, identity, "", now, mail.subject, Answer(mail.text, mail.html, files)
        )
        message = AppMessage(
            ulid(now, identity),
            now,
            EMAIL,
            mail.sender.addr,
            normalise(mail.to.addr),
            mail.subject,
            identity,
            send.body_key(identity),
            sender_id=f"{BY_RULE}{mail.rule}",
        )
        outgoing = Outgoing(
            identity,
            "",
            "",
            frozen_key(identity),
            mail.sender.addr,
            (mail.to.addr,),
            at=now,
            by_app=True,
            app_id=message.id,
        )
        journal.keep(channel, Change("", outgoing=(outgoing,), app=message))
    if known is None or known.state == "PENDING":
        channel.queues.send(identity)
