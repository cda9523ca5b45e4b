"""What an agent decides about a message that was held, or about the people of a case.

A message is decided once; who comes second is told so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from . import directory, journal, trust
from .answer import Draft, prepare, state_after
from .case import Agent, Case, Contact, Interaction, Message, Participant
from .mail import alias
from .mail.address import normalise
from .mail.command import read_command
from .mail.compose import ComposeError
from .mail.parse import parse
from .outbox import outbox_id
from .ports import Change, Channel, Intake

HELD_MAIL: Final = ("admit", "add", "new-case", "block")
HELD_ANSWER: Final = ("send", "discard")
OTHER_ADDRESS: Final = ("reply-to",)
_PROPER: Final = "different-reply-to"


@dataclass(frozen=True)
class Decided:
    """The message is now `disposition`; `case_id` is where its matter goes on."""

    disposition: str
    case_id: str


@dataclass(frozen=True)
class NotPossible:
    """Nothing was changed. reason: decided, unknown-action, not-an-agent, cannot-compose."""

    reason: str


Outcome = Decided | NotPossible


@dataclass(frozen=True)
class _Choice:
    case: Case
    message: Message
    agent: Agent
    action: str
    at: int

    def log(self) -> Interaction:
        return Interaction(self.at, "decided", self.agent.username, self.action, self.message.id)


def actions(case: Case, message: Message) -> tuple[str, ...]:
    """What may be decided about a message now."""
    if message.disposition == trust.HELD:
        return HELD_ANSWER if message.kind == "relay" else HELD_MAIL
    known = {case.customer.address, *(entry.address for entry in case.participants)}
    if _PROPER in message.flags and set(map(normalise, message.reply_to)) - known:
        return OTHER_ADDRESS if message.disposition == trust.ACCEPTED else ()
    return ()


def decide(channel: Channel, contact: Contact, message_id: str, action: str) -> Outcome | None:
    """Carry out the decision of the contact's agent; None when the case has no such message."""
    case = channel.cases.case(contact.case_id)
    message = channel.cases.message(contact.case_id, message_id)
    if case is None or message is None:
        return None
    agent = directory.by_id(channel, contact.agent_id)
    if agent is None or not agent.active:
        return NotPossible("not-an-agent")
    if action not in _ACTIONS:
        return NotPossible("unknown-action")
    choice = _Choice(case, message, agent, action, channel.now_ms())
    if message.disposition != trust.HELD and message.reason == _REASONS.get(action):
        return _again(channel, choice)
    if action not in actions(case, message):
        return NotPossible("decided")
    return _ACTIONS[action](channel, choice)


def _decided(
    channel: Channel, choice: _Choice, disposition: str, change: Change, case_id: str = ""
) -> Outcome:
    message = replace(choice.message, disposition=disposition, reason=_REASONS[choice.action])
    if not journal.keep(channel, replace(change, decided=message)):
        return NotPossible("decided")
    _follow_up(channel, choice)
    return Decided(disposition, case_id or choice.case.id)


def _again(channel: Channel, choice: _Choice) -> Outcome:
    """The same decision once more: perhaps its answer was lost, and with it what must follow."""
    _follow_up(channel, choice)
    moved = choice.action == "new-case"
    case_id = _new_case_id(channel, choice.message) if moved else choice.case.id
    return Decided(choice.message.disposition, case_id)


def _follow_up(channel: Channel, choice: _Choice) -> None:
    """What a decision starts; each step can be repeated."""
    if choice.action == "new-case":
        case_id = _new_case_id(channel, choice.message)
        if kept := channel.cases.message(case_id, choice.message.id):
            channel.cases.customer_wrote(case_id, kept)
            channel.queues.task(case_id, kept.id)
            if intake := channel.cases.intake(kept.id, "moved"):
                channel.cases.done(intake)
    elif choice.action == "send":
        identity = outbox_id("relay", choice.message.id)
        channel.queues.send(identity, channel.settings.undo_seconds)


def _new_case_id(channel: Channel, message: Message) -> str:
    return alias.case_id(channel.keys.case_key(), f"moved|{message.id}")


def _plain(choice: _Choice) -> Change:
    return Change(choice.case.id, (choice.log(),))


def _admit(channel: Channel, choice: _Choice) -> Outcome:
    return _decided(channel, choice, trust.ACCEPTED, _plain(choice))


def _add(channel: Channel, choice: _Choice) -> Outcome:
    sender = choice.message.from_
    if not sender.address:
        return _admit(channel, choice)
    change = replace(_plain(choice), joins=Participant(sender.address, sender.name))
    return _decided(channel, choice, trust.ACCEPTED, change)


def _block(channel: Channel, choice: _Choice) -> Outcome:
    change = replace(_plain(choice), blocks=choice.message.from_.address)
    return _decided(channel, choice, trust.BLOCKED, change)


def _new_case(channel: Channel, choice: _Choice) -> Outcome:
    """A case of its own for the sender: linked, with the mail in it and a task to come."""
    old = choice.message
    new = Case(
        id=_new_case_id(channel, old),
        customer=old.from_,
        subject=old.subject,
        created_at=old.at,
        linked=(choice.case.id,),
    )
    kept = replace(old, case_id=new.id, disposition=trust.ACCEPTED, reason="moved")
    if old.reason.endswith("unverified"):  # a case of its own proves nobody
        kept = replace(
            kept, disposition=trust.NEW_CASE[False].disposition, reason=trust.NEW_CASE[False].reason
        )
    # The record's route is not SES's: the mail itself was taken in long ago.
    intake = Intake(old.id, "moved", "opened", "moved", new.id, old.id, at=choice.at, task=True)
    change = Change(new.id, (choice.log(),), intake, case=new, message=kept)
    return _decided(channel, choice, trust.MOVED, change, new.id)


def _send(channel: Channel, choice: _Choice) -> Outcome:
    """An answer that was held since the customer wrote again goes out as its author wrote it."""
    draft = _draft(channel, choice)
    answered, case = draft.answered, choice.case
    state = state_after(channel, case, choice.agent, draft.purpose, answered, choice.at)
    change = replace(_plain(choice), state=state)
    words = draft.mail.new_text if draft.text is None else draft.text
    if draft.mail.attachments or words.strip():
        try:
            message, outgoing = prepare(channel, draft)
        except ComposeError:
            return NotPossible("cannot-compose")
        undo = channel.settings.undo_seconds * 1000
        outgoing = replace(outgoing, not_before=choice.at + undo if undo else 0)
        change = replace(change, message=message, outgoing=(outgoing,))
    return _decided(channel, choice, trust.NOTED, change)


def _draft(channel: Channel, choice: _Choice) -> Draft:
    held = choice.message
    author = directory.by_address(channel, held.from_.address) or choice.agent
    mail = parse(channel.mails.read(held.raw_key) or b"")
    command = read_command(mail.new_text)
    return Draft(
        choice.case,
        replace(author, username=held.actor or author.username),
        held.purpose,
        channel.cases.message(choice.case.id, held.answers) if held.answers else None,
        mail,
        outbox_id("relay", held.id),
        choice.at,
        (*author.addresses, _relay_local(channel, choice)),
        command.rest if command.name else None,
    )


def _relay_local(channel: Channel, choice: _Choice) -> str:
    """The local part of an address that answers this case: by it all others are known too.

    The one he wrote to may have stood in the envelope alone, and in his text.
    """
    keys, held = channel.keys.relay_keys(), choice.message
    stamp, agent = alias.stamp(held.answers), choice.agent
    purpose, domain = held.purpose, channel.settings.domain
    address = alias.relay_address(
        keys, purpose, choice.case.id, stamp, agent.id, agent.epoch, domain
    )
    return address.partition("@")[0]


def _discard(channel: Channel, choice: _Choice) -> Outcome:
    return _decided(channel, choice, trust.BLOCKED, _plain(choice))


def _reply_to(channel: Channel, choice: _Choice) -> Outcome:
    """The other address that the sender named hears of the case from now on."""
    for address in map(normalise, choice.message.reply_to):
        change = replace(_plain(choice), joins=Participant(address))
        if not journal.keep(channel, change):
            return NotPossible("decided")
    return Decided(choice.message.disposition, choice.case.id)


_ACTIONS: Final[Mapping[str, Callable[[Channel, _Choice], Outcome]]] = {
    "admit": _admit,
    "add": _add,
    "block": _block,
    "new-case": _new_case,
    "send": _send,
    "discard": _discard,
    "reply-to": _reply_to,
}
_REASONS: Final = {
    "admit": "admitted",
    "add": "added",
    "block": "blocked-sender",
    "new-case": "moved",
    "send": "send",
    "discard": "discard",
}
