"""Whether the table says what the mail bucket says."""

import argparse
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel.aws.errors import code, translated
from emailchannel.aws.rows_rebuild import DIFFERENT, MISSING, Difference, RebuildRows
from emailchannel.rebuild import Folded

from . import screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE
from .records import Place, Records, Span, span
from .replay import at_once, days, untaken

_MINUTE: Final = 60_000  # ms
_MOST: Final = 10_000
_SHOWN: Final = 10
_REPAIR: Final = "`replay --mode repair`"

# kind of finding -> what it means, and what to do about it
_WORDS: Final = {
    "mail-without-record": (
        "Stored mail that nobody has taken in",
        f"{_REPAIR} has it taken in.",
    ),
    "row-missing": ("Rows that the journal tells of are missing", f"{_REPAIR} writes them."),
    "row-different": (
        "Rows differ from what the journal tells",
        "Look at the case. `replay --mode rebuild` writes it as the journal has it.",
    ),
    "row-unrecorded": (
        "Rows that the journal does not tell of",
        "Do not rebuild this table before you know why: they would be lost.",
    ),
    "case-unrecorded": (
        "Cases that the journal does not tell of",
        "They are older than the journal, or its objects are gone: they cannot be rebuilt.",
    ),
    "object-missing": (
        "Bodies of messages are gone from the bucket",
        "The bucket keeps old versions for a while: restore them there.",
    ),
    "journal-late": (
        "Changes whose record is not in the bucket yet",
        "The caretaker writes them every five minutes: look at its log.",
    ),
    "record-unreadable": ("Objects of the journal that are no records", "Restore an old version."),
}


@dataclass(frozen=True)
class Finding:
    """What is wrong, and with what."""

    kind: str
    about: str


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser("verify", help="compare the table with the mail bucket")
    days(made)
    made.set_defaults(run=run)


def run(deployment: Deployment, options: argparse.Namespace) -> int:
    """All findings by kind; 1 when there are any."""
    wanted = span(options.first, options.last)
    rows, records = RebuildRows(deployment.table), Records(deployment.channel.mails)
    listing = records.listing(wanted)
    found = list(_of_places(deployment, rows, records, listing.places))
    known = {place.case_id for place in listing.places}
    found += _of_table(deployment, rows, wanted, known)
    found += [Finding("record-unreadable", key) for key in records.unreadable]
    _say(found)
    cases = screen.counted(sum(bool(place.case_id) for place in listing.places), "case")
    looked = f"{screen.counted(listing.records, 'record')} and {cases} looked at"
    print(f"{looked}: {screen.counted(len(found), 'finding') if found else 'all is in order'}.")
    return NOT_DONE if found else DONE


def _of_table(
    deployment: Deployment, rows: RebuildRows, wanted: Span, known: set[str]
) -> Iterator[Finding]:
    channel = deployment.channel
    for key in untaken(channel, rows, wanted):
        yield Finding("mail-without-record", key)
    for case in rows.all_cases():
        if wanted.holds(case.created_at) and case.id not in known:
            yield Finding("case-unrecorded", case.id)
    for record_id in rows.left_in_journal(channel.now_ms() - _MINUTE, _MOST):
        yield Finding("journal-late", record_id)


def _of_places(
    deployment: Deployment, rows: RebuildRows, records: Records, places: list[Place]
) -> Iterator[Finding]:
    is_there = _objects(deployment)

    def look(place: Place) -> list[Finding]:
        folded = records.folded(place)
        wrong = rows.differences(folded)
        if wrong:  # it may have changed while we looked
            wrong = rows.differences(records.folded(_again(records, place)))
        return [*(_finding(entry) for entry in wrong), *_bodies(folded, is_there)]

    for done, found in enumerate(at_once(look, places), 1):
        screen.progress(done, len(places), "cases and mails")
        yield from found


def _again(records: Records, place: Place) -> Place:
    """The place with the records it has by now."""
    if not place.case_id:
        return place
    prefix = place.keys[0].rpartition("/")[0]
    return Place(place.case_id, tuple(records.keys(f"{prefix}/")))


def _finding(entry: Difference) -> Finding:
    kind = {MISSING: "row-missing", DIFFERENT: "row-different"}.get(entry.what, "row-unrecorded")
    names = f": {', '.join(entry.names)}" if entry.names else ""
    return Finding(kind, f"{entry.pk} {entry.sk}{names}")


def _bodies(folded: Folded, is_there: Callable[[str], bool]) -> Iterator[Finding]:
    """Every message has its bodies, every mail that was sent its exact bytes."""
    messages = [told.message for told in folded.messages]
    keys = [key for message in messages for key in (message.raw_key, message.formatted_key)]
    keys += [mail.outgoing.key for mail in folded.mails if mail.outgoing.state == "SENT"]
    for key in dict.fromkeys(filter(None, keys)):
        if not is_there(key):
            yield Finding("object-missing", key)


def _objects(deployment: Deployment) -> Callable[[str], bool]:
    client = deployment.client("s3")

    def is_there(key: str) -> bool:
        with translated():
            try:
                client.head_object(Bucket=deployment.bucket, Key=key)
            except ClientError as error:
                if code(error) not in {"404", "NoSuchKey", "NotFound"}:
                    raise
                return False
        return True

    return is_there


def _say(found: list[Finding]) -> None:
    by_kind: defaultdict[str, list[str]] = defaultdict(list)
    for finding in found:
        by_kind[finding.kind].append(finding.about)
    for kind, (words, advice) in _WORDS.items():
        about = by_kind[kind]
        if not about:
            continue
        print(f"{kind} ({len(about)})")
        print(textwrap.fill(f"{words}. {advice}", screen.WIDTH))
        for one in about[:_SHOWN]:
            print(f"  {screen.cut(one, screen.WIDTH - 2)}")
        if len(about) > _SHOWN:
            print(f"  and {len(about) - _SHOWN} more")
