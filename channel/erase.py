"""Erase a person (GDPR, article 17): everything that is kept of an address, with a receipt."""

import argparse
import hashlib
import json
import secrets
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from emailchannel.moments import iso

from . import journal, screen
from .deployment import Deployment
from .erasing import Eraser
from .erasing_contacts import Erased
from .errors import DONE, NOT_DONE, NOT_STARTED, CannotGoOn
from .person import Person, address_of, find, refuse_agents, warn_of_time

_KEPT: Final = (
    "That these mails came (id, time, the word erased), so that nothing takes them in again.",
    "Mails of other people's cases that name the address in their text: they are theirs. The"
    " records about them name it no more.",
    "Backups: point-in-time recovery of the table goes back up to 35 days.",
    "Queues: a notification of Amazon SES may lie in a dead-letter queue for up to 14 days"
    " (`deadletters list`).",
    "Amazon SES: where the account's suppression list has the address, it stays there, since it"
    " keeps mail from it (`aws sesv2 delete-suppressed-destination`).",
    "Mailboxes: of agents who answered by mail, and of everybody who wrote or received.",
)
_LISTED: Final = 10  # cases
_LOGS: Final = "The channel's logs name no addresses; nothing had to be erased there."


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "erase",
        help="erase a person: all that is kept of an address",
        description="Erases the cases of this customer and his mails on cases of others, with"
        " every version of every object, and takes the address out of what stays. It reads the"
        " whole table, says what it found, and asks. It can be broken off and given again.",
    )
    made.add_argument("address", help="for example ann@customer.example")
    made.add_argument("--yes", action="store_true", help="do not ask")
    made.add_argument("--receipt", type=Path, metavar="FILE", help="write a receipt (JSON) here")
    made.set_defaults(run=erase)


def erase(deployment: Deployment, options: argparse.Namespace) -> int:
    """Find, ask, erase, and say what went."""
    address = address_of(options.address)
    refuse_agents(deployment, address)
    _can_be_written(options.receipt)
    warn_of_time()
    person = find(deployment, address)
    if not person.is_known:
        Eraser(deployment, person).run()  # a notification may have come again
        print(f"Nothing is kept about {address.text}.")
        return DONE
    print("\n".join(_shown(person)))
    if not options.yes and not screen.agreed("Erase all this? It cannot be undone."):
        print("Nothing was erased.")
        return NOT_DONE
    number = secrets.token_hex(8)
    journal.write(deployment, "erase", number, action="erase", receipt=number)
    done = Eraser(deployment, person).run()
    receipt = _receipt(deployment, person, done, number)
    print("\n".join(_told(receipt)))
    if options.receipt:
        options.receipt.write_text(json.dumps(receipt, indent=1) + "\n", encoding="utf-8")
        print(f"Receipt written to\n  {options.receipt}")
    return DONE


def _can_be_written(path: Path | None) -> None:
    """Before anything is gone. Raises CannotGoOn."""
    if path is None:
        return
    if path.exists():
        raise CannotGoOn(f"{path} is there already. Name another file.", NOT_STARTED)
    try:
        path.touch(mode=0o600)
        path.unlink()
    except OSError as error:
        words = f"The receipt cannot be written: {error.strerror} ({path})."
        raise CannotGoOn(words, NOT_STARTED) from error


def _found(person: Person) -> Iterator[tuple[int, str, str]]:
    own = sum(person.address == mail.sender for mail in person.mails)
    tasks = sum(bool(case.contact_id) for case in person.cases.values())
    yield len(person.cases), "case", "of this customer, with all that belongs to it"
    yield tasks, "open task", "for these cases, to be ended"
    yield own, "mail", "from this address"
    yield len(person.mails) - own, "mail", "of others in these cases, agents' mails included"
    yield len(person.outbox), "mail", "sent: answers and acknowledgements"
    yield len(person.elsewhere), "mail", "on somebody else's case, where a note remains"
    yield len(person.named), "row", "of others that will not name the address any more"
    yield len(person.gone), "row", "about this person"


def _shown(person: Person) -> Iterator[str]:
    yield f"Of {screen.plain(person.address.text)} there is:"
    for number, noun, rest in _found(person):
        if number:
            yield f"  {screen.counted(number, noun)} {rest}"
    for case in list(person.cases.values())[:_LISTED]:
        line = f"{case.id}  {screen.moment(case.created_at)}  {case.subject}"
        yield f"    {screen.cut(line, screen.WIDTH - 4)}"
    if len(person.cases) > _LISTED:
        yield f"    and {len(person.cases) - _LISTED} more"


def _receipt(deployment: Deployment, person: Person, done: Erased, number: str) -> dict[str, Any]:
    """Without the address, so that it may be kept: its SHA-256 shows whose it is."""
    address = hashlib.sha256(person.address.text.encode()).hexdigest()
    return {
        "version": 1,
        "receipt": number,
        "stack": deployment.name,
        "address_sha256": address,
        "at": iso(deployment.channel.now_ms()),
        "actor": deployment.actor,
        "erased": dict(sorted(done.counts.items())),
        "keys_sha256": sorted(done.keys),
        "kept": [*done.kept, *_KEPT],
        "logs": _LOGS,
    }


def _told(receipt: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"Receipt {receipt['receipt']}, {receipt['at']}, by {receipt['actor']}"
    for what, number in receipt["erased"].items():
        yield f"  {number:>6}  {what}"
    yield "Kept, and why:"
    for words in receipt["kept"]:
        yield from textwrap.wrap(
            words, screen.WIDTH, initial_indent="  - ", subsequent_indent="    "
        )
    yield from textwrap.wrap(receipt["logs"], screen.WIDTH)
