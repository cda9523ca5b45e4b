"""Our own mail, coming back: it is kept and listed, and nothing answers it (RFC 5321 s. 6.3)."""

from typing import Final

from .mail import alias
from .mail.address import normalise
from .mail.headers import scan
from .mail.values import ParsedMail
from .ports import Channel

HEADER: Final = "X-Email-Channel-Loop"
_MOST_MARKS: Final = 10


def mark(channel: Channel, identity: str) -> str:
    """The signed mark that our mail `identity` leaves with."""
    return alias.loop_mark(channel.keys.relay_keys(), identity)


def is_ours(channel: Channel, address: str) -> bool:
    """Whether an address is the inquiry address, a customer's alias or a relay address of ours."""
    settings = channel.settings
    address = normalise(address)
    own = f"{settings.inquiry_local}@{settings.domain}"
    return (
        address in {settings.inquiry_address, own}
        or alias.case_of_alias(address, settings.inquiry_local, settings.domain) is not None
        or alias.purpose_of(address, settings.domain) is not None
    )


def comes_back(channel: Channel, raw: bytes, mail: ParsedMail, mail_from: str) -> bool:
    """Whether a mail is our own, or has gone round too often to go on."""
    author = mail.from_.addr if mail.from_ else ""
    if any(address and is_ours(channel, address) for address in (author, mail_from)):
        return True
    if "too-many-hops" in mail.flags:
        return True
    marks = scan(raw).headers.all(HEADER.lower())[:_MOST_MARKS]
    return any(_is_mark(channel, value) for value in marks)


def _is_mark(channel: Channel, value: str) -> bool:
    version = value.strip().lower().split(".")[1:2]
    return bool(version) and alias.is_loop_mark(channel.keys.relay_keys(version[0]), value)
