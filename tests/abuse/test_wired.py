"""Mail in circles dies: two copies of the channel wired to each other, and to an autoresponder.

A postman in the test carries every mail that leaves to whoever owns its recipient.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from itertools import count

import pytest

from emailchannel.mail.address import normalise
from local.testing import Stack, stack
from tests.abuse.world import FAST, says
from tests.builders import mail

OTHER = {
    "GeneralInquiryEmailAddress": "help@two.example",
    "InquiryEmailAddressDomain": "two.example",
}
MOST = 3  # automatic mails an address
BOT = "bot@machine.example"
_numbers = count(1)


def bare(raw: bytes) -> bytes:
    """A mail as a careless server hands it on: without any field that marks it as automatic."""
    found = message_from_bytes(raw)
    for name in {name for name in found.keys() if marks(name)}:  # noqa: SIM118 - a mail is no dict
        del found[name]
    return found.as_bytes()


def marks(name: str) -> bool:
    return name.lower().startswith("x-") or name.lower() in {"auto-submitted", "precedence"}


@dataclass
class Autoresponder:
    """Answers everything at once, as a new mail of a person: nothing tells that it is a machine."""

    field: str = "Reply-To"
    quotes: bool = True
    answered: int = 0

    def answer(self, raw: bytes) -> tuple[bytes, str]:
        seen = message_from_bytes(raw)
        self.answered += 1
        reply = EmailMessage()
        reply["From"] = f"The Machine <{BOT}>"
        reply["To"] = to = normalise(
            str(seen[self.field] or seen["From"]).rpartition("<")[2].rstrip(">")
        )
        reply["Subject"] = f"Your mail no. {next(_numbers)}"
        reply["Message-ID"] = f"<{next(_numbers)}@machine.example>"
        quote = "\n".join(f"> {line}" for line in says(raw).splitlines())
        reply.set_content(f"We have read it ({self.answered}).\n\n{quote if self.quotes else ''}\n")
        return reply.as_bytes(), to


@dataclass
class Postman:
    """Carries mail between stacks and a machine until nothing is left to carry."""

    stacks: list[Stack]
    machine: Autoresponder | None = None
    strips: bool = False
    carried: Counter = field(default_factory=Counter)  # stack's domain -> mails taken over

    def round(self) -> int:
        """Everything that has left since the last round, once; how many mails that was."""
        moved = 0
        for s in self.stacks:
            new = s.sent()[self.carried[s.domain] :]
            self.carried[s.domain] += len(new)
            for one in new:
                moved += sum(self._hand_over(one, recipient) for recipient in one["recipients"])
        for s in self.stacks:
            s.settle()
        return moved

    def _hand_over(self, one: dict, recipient: str) -> int:
        raw = bare(one["delivered"]) if self.strips else one["delivered"]
        sender = normalise(one["sender"])
        if self.machine and recipient == BOT:
            reply, to = self.machine.answer(raw)
            return self._deliver(reply, BOT, to)
        return self._deliver(raw, sender, recipient)

    def _deliver(self, raw: bytes, sender: str, recipient: str) -> int:
        for s in self.stacks:
            if recipient.endswith(f"@{s.domain}"):
                s.deliver(raw, sender, [recipient])
                return 1
        return 0

    def until_quiet(self, most: int = 12) -> None:
        for _ in range(most):
            if not self.round():
                return
        raise AssertionError(f"mail still goes round after {most} rounds: {self.carried}")


def mailbox(address: str) -> str:
    """Whose mailbox it is: aliases of one inquiry address are one mailbox."""
    local, _, domain = address.partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def automatic(s: Stack) -> Counter:
    """How many mails the channel wrote by itself, by recipient's mailbox."""
    own = [one for one in s.sent() if b"\nAuto-Submitted:" in one["raw"]]
    return Counter(mailbox(address) for one in own for address in one["recipients"])


def died_out(*stacks: Stack, tasks: int = MOST) -> None:
    for s in stacks:
        assert all(number <= MOST for number in automatic(s).values()), automatic(s)
        assert len(s.tasks()) <= tasks, [t["name"] for t in s.tasks()]
        assert not any(s.queues().values())


@pytest.fixture
def pair():
    with stack(**FAST) as one, stack(**OTHER, **FAST) as two:
        yield one, two


def start(sender: Stack, receiver: Stack) -> None:
    """Somebody of one copy's company writes in its name to the other copy."""
    address = sender.inquiry_address
    receiver.deliver(
        mail(f"Desk <{address}>", receiver.inquiry_address), address, [receiver.inquiry_address]
    )
    receiver.settle()


def answer(s: Stack, text: str) -> None:
    """The agents answer every open case."""
    for case in s.cases():
        if case["status"] == "open":
            address = s.relay_address(case["id"], "relay", "alice")
            raw = mail("alice@corp.example", address, "Re: x", text)
            s.deliver(raw, "alice@corp.example", [address])
    s.settle()


def hours(stacks, postman, number, work=None):
    """Hour by hour; `work` is done after each."""
    begin = datetime.now(UTC)
    for hour in range(1, number + 1):
        for s in stacks:
            s.at(begin + timedelta(hours=hour))
        postman.until_quiet()
        if work:
            work(hour)
            postman.until_quiet()


@pytest.mark.parametrize("strips", [False, True], ids=["as they are", "stripped"])
def test_a80_two_copies_of_the_channel(pair, strips):
    one, two = pair
    postman = Postman([one, two], strips=strips)
    start(two, one)
    start(one, two)
    postman.until_quiet()
    died_out(one, two)
    for number in range(3):
        answer(one, f"Answer {number} of one.")
        answer(two, f"Answer {number} of two.")
        postman.until_quiet()
        died_out(one, two)
    begin = datetime.now(UTC)
    for hour in (1, 2, 5, 12, 23, 25, 36, 48):
        for s in pair:
            s.at(begin + timedelta(hours=hour))
        postman.until_quiet()
        died_out(one, two)


@pytest.mark.parametrize("field_", ["From", "Reply-To"])
@pytest.mark.parametrize("quotes", [True, False], ids=["quoting", "bare"])
def test_a81_a_machine_that_answers_everything(field_, quotes):
    with stack(**FAST) as s:
        machine = Autoresponder(field_, quotes)
        postman = Postman([s], machine)
        s.deliver(mail(f"The Machine <{BOT}>"), BOT, [s.inquiry_address])
        s.settle()
        postman.until_quiet()
        died_out(s)
        assert machine.answered <= MOST
        answer(s, "Dear machine, thank you.")
        postman.until_quiet()
        died_out(s)
        hours([s], postman, 48, lambda hour: answer(s, f"{hour}") if hour in (2, 30) else None)
        died_out(s)


def test_a82_a_machine_that_always_writes_anew():
    """It never answers to the alias: each of its mails opens a case, and none an endless one."""
    with stack(**FAST) as s:
        for hour in range(3):
            for number in range(5):
                raw = mail(f"The Machine <{BOT}>", subject=f"Ticket {hour}.{number}")
                s.deliver(raw, BOT, [s.inquiry_address])
            s.settle()
            s.at(datetime.now(UTC) + timedelta(hours=hour + 1))
        assert automatic(s) == Counter({BOT: 1})


def test_a83_a_rejected_machine_starts_no_circle():
    """Every mail on a rejected case opens a new one: the acknowledgement must not feed that."""
    with stack(**FAST) as s:
        machine = Autoresponder()
        postman = Postman([s], machine)
        s.deliver(mail(f"The Machine <{BOT}>"), BOT, [s.inquiry_address])
        s.settle()
        address = s.relay_address(s.cases()[0]["id"], "rejectrelay", "alice")
        s.deliver(
            mail("alice@corp.example", address, "Re: x", "No."), "alice@corp.example", [address]
        )
        s.settle()
        postman.until_quiet()
        died_out(s)
