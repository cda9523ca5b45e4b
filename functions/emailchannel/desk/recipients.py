"""Whom an agent may write to from the page."""

from typing import Final

from .. import answer, loops
from ..answer import Recipients
from ..case import Case
from ..mail.address import normalise, same_mailbox
from ..mail.header_writer import addr_spec
from ..mail.values import Address
from ..ports import Channel
from .values import Writing

CUSTOMER: Final = "customer"
PARTICIPANT: Final = "participant"
COPIED: Final = "copied"
MOST_FORWARDED: Final = 10


def people(channel: Channel, case: Case) -> tuple[tuple[Address, str], ...]:
    """Everybody an answer of this case may go to, with what he is to it."""
    newest = channel.cases.message(case.id, case.latest_message_id or "-")
    known = [(Address(case.customer.name, case.customer.address), CUSTOMER)]
    among = {normalise(entry.address) for entry in case.participants}
    for address in answer.copied(channel, case, newest):
        role = PARTICIPANT if normalise(address.addr) in among else COPIED
        known.append((address, role))
    return tuple((address, role) for address, role in known if address.addr)


def of_reply(channel: Channel, case: Case, writing: Writing) -> Recipients | str:
    """The recipients that an answer names, or why it may not go to them."""
    known = [address for address, _ in people(channel, case)]
    rows = []
    for row in (writing.to, writing.cc, writing.bcc):
        found = [next((one for one in known if same_mailbox(one.addr, a)), a) for a in row]
        strangers = [one for one in found if isinstance(one, str)]
        if strangers:
            return "An answer goes to people of this case only. Forward it to write to others."
        rows.append([one for one in found if isinstance(one, Address)])
    return _distinct(*rows)


def of_forward(channel: Channel, writing: Writing) -> Recipients | str:
    """The recipients that a forwarded mail names, or why it may not go to them."""
    if len((*writing.to, *writing.cc, *writing.bcc)) > MOST_FORWARDED:
        return f"A mail is forwarded to at most {MOST_FORWARDED} addresses."
    rows = [[Address("", a.strip()) for a in row] for row in (writing.to, writing.cc, writing.bcc)]
    for address in (one for row in rows for one in row):
        if not _can_be_written(address):
            return "One of the addresses is not an email address."
        if loops.is_ours(channel, normalise(address.addr)):
            return "One of the addresses is the channel's own: the mail would come back."
    return _distinct(*rows)


def _distinct(to: list[Address], cc: list[Address], bcc: list[Address]) -> Recipients | str:
    """Each mailbox once, in the most visible row it stands in."""
    seen: set[str] = set()
    rows = []
    for row in (to, cc, bcc):
        kept = []
        for address in row:
            name = normalise(address.addr)
            if name not in seen:
                seen.add(name)
                kept.append(address)
        rows.append(tuple(kept))
    if not rows[0]:
        return "Name somebody in To."
    return Recipients(*rows)


def _can_be_written(address: Address) -> bool:
    local, at, domain = address.addr.rpartition("@")
    if not (local and at and "." in domain.strip(".")):
        return False
    try:
        addr_spec(address)
    except ValueError:
        return False
    return True
