"""The table, built again from what lies in the mail bucket."""

import argparse
import textwrap
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, TypeVar

from emailchannel import caretaker
from emailchannel.aws.rows_rebuild import RebuildRows
from emailchannel.aws.sqs import SqsQueues
from emailchannel.aws.table import Table
from emailchannel.ports import INBOUND, RELAY, Channel, Stored
from emailchannel.rebuild import Folded

from . import screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE
from .records import Listing, Records, Span, span
from .stack import read

REBUILD: Final = "rebuild"
REPAIR: Final = "repair"
_AT_ONCE: Final = 8
_BATCH: Final = 64
_SHOWN: Final = 10

_One = TypeVar("_One")
_Other = TypeVar("_Other")


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "replay",
        help="build the table again from the mail bucket",
        description="Folds the journal of the mail bucket into rows of the table. Sends nothing, "
        "starts nothing. A case with anything in the span is built whole.",
    )
    days(made)
    made.add_argument(
        "--mode",
        choices=(REBUILD, REPAIR),
        default=REPAIR,
        help="rebuild: write every row anew; repair (unless given): write what is missing, and "
        "have mail taken in that has no record",
    )
    made.add_argument("--table", help="write into this table instead of the stack's")
    made.add_argument("--dry-run", action="store_true", help="only say what would be done")
    made.add_argument("--yes", action="store_true", help="do not ask")
    made.set_defaults(run=run)


def days(made: argparse.ArgumentParser) -> None:
    """The options of a span: whole days, UTC."""
    made.add_argument("--from", dest="first", type=day, metavar="DAY", help="2026-11-01, UTC")
    made.add_argument("--to", dest="last", type=day, metavar="DAY", help="this day is included")


def day(text: str) -> date:
    """A day such as 2026-11-01."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-01") from None


@dataclass
class _Count:
    cases: int = 0
    rows: int = 0
    headless: int = 0
    epochs: int = 0
    mails: int = 0


def run(deployment: Deployment, options: argparse.Namespace) -> int:
    """Rebuild or repair, and say what was done."""
    wanted, dry = span(options.first, options.last), bool(options.dry_run)
    table, rows = _table(deployment, options.table)
    if options.mode == REBUILD and not (dry or options.yes) and not _agreed(table):
        print("Nothing was written.")
        return NOT_DONE
    records = Records(deployment.channel.mails)
    listing = records.listing(wanted)
    count = _Count()
    _write(records, listing, _writer(rows, options.mode, dry=dry), count)
    count.epochs = _epochs(records, listing, rows, dry=dry)
    take = None if dry or options.table or options.mode == REBUILD else _taker(deployment)
    count.mails = _without_record(deployment.channel, rows, wanted, take)
    _say(count, listing, records, options)
    return NOT_DONE if records.unreadable else DONE


def _table(deployment: Deployment, named: str | None) -> tuple[str, RebuildRows]:
    if named is None:
        return "the stack's table", RebuildRows(deployment.table)
    return f"the table {named}", RebuildRows(Table(deployment.client("dynamodb"), named))


def _agreed(table: str) -> bool:
    words = (
        f"Every row that the journal tells of is written anew into {table}, over what is there. "
        "No mail is sent and no task started. While mail is being taken in, what is under way can "
        "be written over: do it into an empty table, or when the functions rest."
    )
    print(textwrap.fill(words, screen.WIDTH))
    return screen.agreed("Go on?")


def _writer(rows: RebuildRows, mode: str, *, dry: bool) -> Callable[[Folded], int]:
    if not dry:
        return rows.rebuild if mode == REBUILD else rows.repair
    if mode == REPAIR:
        return lambda folded: len(rows.missing(folded))
    return lambda folded: sum(1 for _ in rows.rows(folded)) + len(folded.intakes)


def _write(
    records: Records, listing: Listing, writer: Callable[[Folded], int], count: _Count
) -> None:
    def one(folded: Folded) -> tuple[Folded, int]:
        return folded, writer(folded)

    places = listing.places
    for done, (folded, written) in enumerate(
        at_once(lambda place: one(records.folded(place)), places), 1
    ):
        count.rows += written
        count.cases += bool(folded.case_id)
        count.headless += bool(folded.case_id) and folded.head is None
        screen.progress(done, len(places), "cases and mails")


def at_once(work: Callable[[_One], _Other], things: list[_One]) -> Iterator[_Other]:
    """The results of some work on each thing, in order, a few at a time."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, len(things), _BATCH):
            yield from pool.map(work, things[start : start + _BATCH])


def _epochs(records: Records, listing: Listing, rows: RebuildRows, *, dry: bool) -> int:
    """Relay addresses that were revoked stay dead; what else administrators did is in the rows."""
    told = [records.act(key) for key in listing.acts if "-revocation-" in key]
    if dry:
        return len(told)
    return sum(
        rows.restore_epoch(act["agent_id"], act["username"], int(act["epoch"]))
        for act in told
        if act
    )


def _taker(deployment: Deployment) -> Callable[[str], None]:
    """What has a stored mail taken in, on its own queue."""
    names = ("IngestQueue", "TaskQueue", "SendQueue", "RelayQueue")
    resources = read(deployment).resources
    queues = SqsQueues(deployment.client("sqs"), *(resources[name] for name in names))
    channel = replace(deployment.channel, queues=queues)
    return lambda key: caretaker.take(channel, key)


def _without_record(
    channel: Channel, rows: RebuildRows, wanted: Span, take: Callable[[str], None] | None
) -> int:
    """Count the mails that nobody has taken in, and have it done if that is asked for."""
    new = list(untaken(channel, rows, wanted))
    for key in new if take else ():
        take(key)  # type: ignore[misc]
    return len(new)


def untaken(channel: Channel, rows: RebuildRows, wanted: Span) -> Iterator[str]:
    """Keys of the stored mails without an intake; those of the last minutes are under way."""
    old = channel.now_ms() - caretaker.UNTOUCHED
    mails = [
        stored.key
        for route in (INBOUND, RELAY)
        for stored in stored_under(channel, f"{route}/")
        if not stored.key.endswith(".json") and wanted.holds(stored.at) and stored.at < old
    ]

    def is_new(key: str) -> bool:
        route, _, name = key.partition("/")
        return rows.intake(name, route) is None

    for key, new in zip(mails, at_once(is_new, mails), strict=True):
        if new:
            yield key


def stored_under(channel: Channel, prefix: str) -> Iterable[Stored]:
    """Every object with this prefix."""
    after = ""
    while True:
        page, after = channel.mails.page(prefix, after)
        yield from page
        if not after:
            return


def _say(count: _Count, listing: Listing, records: Records, options: argparse.Namespace) -> None:
    dry = bool(options.dry_run)
    cases = screen.counted(count.cases, "case")
    others = screen.counted(len(listing.places) - count.cases, "mail")
    verb = "would be written" if dry else "written"
    print(f"{screen.counted(listing.records, 'record')} in the journal.")
    print(f"{cases} and {others} of no case: {screen.counted(count.rows, 'row')} {verb}.")
    if count.epochs:
        print(f"{screen.counted(count.epochs, 'revocation')} of relay addresses kept.")
    if count.headless:
        print(f"{screen.counted(count.headless, 'case')} without a beginning: no head was made.")
    if count.mails:
        print(_about_mails(count.mails, options))
    for key in records.unreadable[:_SHOWN]:
        print(f"{key}: cannot be read; it was left out.")
    if options.mode == REBUILD and not dry:
        words = (
            "The directory of agents, sessions and limits are not rebuilt. `agents sync` reads the "
            "directory; `verify` compares the table with the bucket."
        )
        print(textwrap.fill(words, screen.WIDTH))


def _about_mails(number: int, options: argparse.Namespace) -> str:
    mails = screen.counted(number, "mail")
    if options.mode == REPAIR and not (options.dry_run or options.table):
        return f"{mails} without a record put into their queue."
    return f"{mails} without a record: `replay --mode repair` has them taken in."
