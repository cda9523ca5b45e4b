"""What another system wants to send, as the mail that it becomes: checked, cleaned, its files."""

import re
from dataclasses import dataclass, replace
from typing import Final

from .. import loops
from ..mail import html as markup
from ..mail.address import normalise
from ..mail.address_list import parse_addresses
from ..mail.header_writer import addr_spec
from ..mail.text import clean, clean_filename, to_safe_str, unify_line_ends
from ..mail.values import Address, Attachment
from ..ports import Channel
from ..reply import Answer
from . import texts
from .values import BY_RULE, Ask, Refused

LONGEST: Final = 200_000  # characters of a text, with its markup
MOST_FILES: Final = 20
LARGEST: Final = 4_000_000  # bytes of all files: a Lambda's request has 6 MB, base64 a third more
LONGEST_SUBJECT: Final = 250
LONGEST_ID: Final = 200
_CONTENT_ID: Final = re.compile(r"[A-Za-z0-9._@-]{1,100}")
_SHOWN: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True)
class Sender:
    """Who a mail says it is from: a verified address, and a name that may be empty."""

    name: str
    address: str


def answer_of(ask: Ask) -> Answer | Refused:
    """The words and files of a mail."""
    if refused := _unfit(ask):
        return refused
    files = tuple(_file(one, n) for n, one in enumerate(ask.attachments, 1))
    shown = markup.sanitise(ask.html) if ask.html.strip() else ""
    inline = tuple(file for file in files if file.inline and shown)
    apart = tuple(replace(file, inline=False) for file in files if file not in inline)
    text = unify_line_ends(to_safe_str(ask.body)).strip("\n") or markup.to_text(shown)
    return Answer(text, shown, apart, inline)


def _unfit(ask: Ask) -> Refused | None:
    if len(ask.body) > LONGEST or len(ask.html) > LONGEST:
        return Refused("TooLarge", f"A text has at most {LONGEST} characters.")
    if len(ask.attachments) > MOST_FILES:
        return Refused("TooLarge", f"A message has at most {MOST_FILES} attachments.")
    if sum(file.size for file in ask.attachments) > LARGEST:
        return Refused("TooLarge", f"All attachments may have {LARGEST // 1_000_000} MB together.")
    if not (ask.body.strip() or ask.html.strip() or ask.attachments):
        return Refused("InvalidInput", "There is nothing to send: give body, html or attachments.")
    for name, value in (("senderId", ask.sender_id), ("recipientId", ask.recipient_id)):
        if len(value) > LONGEST_ID:
            return Refused("InvalidInput", f"{name} has at most {LONGEST_ID} characters.")
    if ask.sender_id.startswith(BY_RULE):
        return Refused("InvalidInput", f"A senderId that begins with {BY_RULE} is a rule's own.")
    odd = [file for file in ask.attachments if file.content_id and not _is_id(file.content_id)]
    if odd:
        return Refused("InvalidInput", "A contentId has letters, digits and . _ @ - only.")
    return None


def _is_id(content_id: str) -> bool:
    return _CONTENT_ID.fullmatch(content_id) is not None


def _file(file: Attachment, number: int) -> Attachment:
    kind = file.content_type.lower().partition(";")[0].strip() or "application/octet-stream"
    return replace(
        file,
        filename=clean_filename(file.filename) or f"attachment-{number}",
        content_type=kind,
        inline=bool(file.content_id) and kind in _SHOWN,
    )


def number_of(channel: Channel, ask: Ask) -> str | Refused:
    """The one number that a text is for, in E.164; what a text cannot carry is refused."""
    if not channel.settings.sms_sender:
        return Refused("InvalidInput", "This channel sends no SMS: SmsSender is not set.")
    if ask.html.strip() or ask.attachments or ask.subject.strip() or ask.case_id:
        words = "An SMS has a body and nothing else: no subject, html, attachments or caseId."
        return Refused("InvalidInput", words)
    if ask.from_.strip() not in {"", channel.settings.sms_sender}:
        return Refused("InvalidInput", "from is not a verified sender: texts come from SmsSender.")
    number = texts.e164(ask.to)
    if not number:
        words = "to is no number in E.164, such as +14155550123."
        return Refused("InvalidRecipient", words)
    refused = texts.refusal(ask.body)
    if refused == "too-long":
        return Refused("TooLarge", "This text is too long for an SMS.")
    return Refused("InvalidInput", f"This text cannot be an SMS: {refused}.") if refused else number


def recipient_of(channel: Channel, text: str) -> Address | Refused:
    """The one address that a mail is for."""
    plain = len(text) <= LONGEST_SUBJECT and text.isprintable()
    found = parse_addresses(text) if plain else ()
    if len(found) != 1:
        return Refused("InvalidRecipient", "to is one email address.")
    try:
        spec = addr_spec(found[0])
    except ValueError as error:
        return Refused("InvalidRecipient", f"Nothing can be sent to this address: {error}.")
    if "." not in spec.rpartition("@")[2]:
        return Refused("InvalidRecipient", "Nothing can be sent to this address: it has no domain.")
    if loops.is_ours(channel, spec):
        words = "This address is the channel's own: the mail would come back."
        return Refused("InvalidRecipient", words)
    return Address(clean(found[0].name), spec)


def sender_of(channel: Channel, text: str) -> Sender | Refused:
    """Who a mail is from: what is asked for if that is a verified address of ours."""
    settings = channel.settings
    own = f"{settings.inquiry_local}@{settings.domain}"
    if not text.strip():
        return Sender(settings.from_name, settings.from_address or own)
    plain = len(text) <= 2 * LONGEST_SUBJECT and text.isprintable()
    found = parse_addresses(text) if plain else ()
    address = normalise(found[0].addr) if len(found) == 1 else ""
    known = address.rpartition("@")[2] == settings.domain and _can_be_written(address)
    if not known or (address != own and loops.is_ours(channel, address)):
        words = f"from is not a verified sender: give an address of {settings.domain}."
        return Refused("InvalidInput", words)
    return Sender(clean(found[0].name) or settings.from_name, address)


def _can_be_written(address: str) -> bool:
    try:
        addr_spec(Address("", address))
    except ValueError:
        return False
    return True
