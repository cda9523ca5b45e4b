"""An answer taken back: for a few seconds after an agent gave it, it has not left yet."""

from dataclasses import dataclass

from . import journal
from .case import FORWARD, OPEN, Contact, Interaction, Target
from .ports import Channel, State


@dataclass(frozen=True)
class Undone:
    """It will not be sent, and the customer waits again."""


@dataclass(frozen=True)
class TooLate:
    """It has left, or is not the case's newest answer any more."""


def undo(channel: Channel, contact: Contact, message_id: str) -> Undone | TooLate | None:
    """Take back an answer of the contact's case, or a forwarded mail; None when there is none.

    It stays in the case, marked as not sent. Asked again, the answer is the same.
    """
    case = channel.cases.case(contact.case_id)
    outgoing = channel.cases.outgoing(message_id)
    if case is None or outgoing is None or outgoing.case_id != case.id:
        return None
    message = channel.cases.message(case.id, outgoing.message_id)
    # Whom the next mail was to go to was a part of what is taken back.
    answers = message is None or message.kind != FORWARD
    before = State(Target(), OPEN, answered_at=0) if answers else None
    if outgoing.state != "UNDONE" and not channel.cases.undo(outgoing, before):
        return TooLate()
    journal.result(channel, outgoing, "UNDONE", actor=contact.username)
    log = Interaction(outgoing.at, "undone", contact.username, "", outgoing.id)
    journal.note(channel, case.id, log)
    return Undone()
