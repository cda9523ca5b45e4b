"""Genuine mail in three groups: first mails of customers, their replies, agents' answers.

None of it may be refused. Each entry says where the mail should go and what must be read there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.mail.genuine.letter import Seen

ACCEPTED = frozenset({"accepted"})
FLAGGED = frozenset({"flagged"})  # taken in, with the warning that its sender is not proven
HELD = frozenset({"held"})  # a person would ask first, too
KEPT = frozenset({"accepted", "attached"})  # a mere thank-you need not trouble an agent


@dataclass(frozen=True)
class First:
    """A mail to the inquiry address; it opens a case and a task."""

    name: str
    raw: bytes
    mail_from: str
    customer: str
    subject: str
    says: tuple[str, ...]
    disposition: frozenset[str] = ACCEPTED
    verdicts: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()  # instead of the inquiry address


@dataclass(frozen=True)
class Reply:
    """A customer's reply to an agent's answer. `write` makes it from what his client shows.

    `hides`: what must be folded away as quoted. `to`: envelope recipients from the alias and the
    inquiry address; the alias where it is None.
    """

    name: str
    customer: str
    write: Callable[[Seen], bytes]
    says: tuple[str, ...]
    sender: str = ""  # From, when it is not the customer's
    disposition: frozenset[str] = ACCEPTED
    verdicts: Mapping[str, str] = field(default_factory=dict)
    hides: tuple[str, ...] = ("It is on its way",)
    to: Callable[[str, str], list[str]] | None = None
    acknowledged: bool = False  # answers the acknowledgement instead of an agent's answer


@dataclass(frozen=True)
class Answer:
    """An agent's mail to a relay address. `write` makes it from the address and the customer's.

    `hides`: what must not reach the customer. `stopped`: the reason why it rightly does not go.
    """

    name: str
    write: Callable[[str, Seen], bytes]
    says: tuple[str, ...]
    agent: str = "alice"
    hides: tuple[str, ...] = ("does not pour",)
    files: tuple[str, ...] = ()
    stopped: str = ""
    also_to_alias: bool = False
    upper_case: bool = False  # the client writes our local part in capitals


def by_name(entries: tuple[First | Reply | Answer, ...]) -> list[str]:
    """Names for pytest's parameters; they must differ."""
    names = [entry.name for entry in entries]
    assert len(set(names)) == len(names)
    return names
