"""What is in the quarantine, and what became of what was."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from botocore.exceptions import ClientError

from emailchannel import journal
from emailchannel.aws.items import Item
from emailchannel.errors import Retryable
from emailchannel.ports import INBOUND, RELAY, Change, Intake

from .deployment import Deployment
from .errors import CannotGoOn

QUARANTINED: Final = "quarantined"
DELETED: Final = "deleted"
SHORT: Final = 12  # letters of an id that tell it from others on the screen
_LEAST: Final = 6  # letters that must be given
_AT_ONCE: Final = 8  # reads
_NO_DATE: Final = "1970-01-01"  # mail whose notification was lost


@dataclass(frozen=True)
class Unknown:
    """No mail, or more than one, goes by what was given."""

    words: str


def since(deployment: Deployment, first: date) -> list[Intake]:
    """Mail kept from agents since that day (UTC), oldest first."""
    last = datetime.fromtimestamp(deployment.channel.now(), UTC).date() + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    names = [_NO_DATE, *(day.isoformat() for day in days)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = pool.map(lambda day: list(_of_day(deployment, day)), dict.fromkeys(names))
        entries = [item for items in found for item in items]
        return [kept for kept in pool.map(lambda item: _still(deployment, item), entries) if kept]


def _of_day(deployment: Deployment, day: str, start: str = "") -> Iterable[Item]:
    return deployment.table.query(f"QUARANTINE#{day}", f"QUARANTINE#{start}")


def _still(deployment: Deployment, item: Item) -> Intake | None:
    """The intake of an entry; one that has left the quarantine is struck off the list."""
    known = deployment.cases.intake(item["ses_id"], item["route"])
    if known is None or known.outcome == QUARANTINED:
        return known
    with suppress(ClientError, Retryable):  # who may only look shall not be stopped by this
        finish(deployment, known)
    return None


def named(deployment: Deployment, given: Iterable[str]) -> Iterator[Intake | Unknown]:
    """The mails of these ids, or of these beginnings of ids; each once."""
    everything: list[Item] | None = None
    for name in dict.fromkeys(given):
        found: Intake | Unknown | None = _exactly(deployment, name)
        if found is None and len(name) >= _LEAST:
            everything = deployment.cases.quarantined() if everything is None else everything
            found = _beginning(deployment, name, everything)
        yield found or Unknown(f"{name}: no such mail. `quarantine list` shows what there is.")


def one(deployment: Deployment, given: str) -> Intake:
    """The mail of this id, or beginning of an id. Raises CannotGoOn."""
    [found] = named(deployment, [given])
    if isinstance(found, Unknown):
        raise CannotGoOn(found.words)
    return found


def _exactly(deployment: Deployment, name: str) -> Intake | None:
    found = (deployment.cases.intake(name, route) for route in (INBOUND, RELAY))
    return next(filter(None, found), None)


def _beginning(deployment: Deployment, name: str, items: list[Item]) -> Intake | Unknown | None:
    matching = [item for item in items if str(item["ses_id"]).startswith(name)]
    if len(matching) > 1:
        return Unknown(f"{name}: {len(matching)} mails begin so. Give more of the id.")
    if not matching:
        return None
    return deployment.cases.intake(matching[0]["ses_id"], matching[0]["route"])


def raw_key(intake: Intake) -> str:
    """The object of the untouched mail; its notification is beside it."""
    return f"{intake.route}/{intake.ses_id}"


def is_listed(deployment: Deployment, intake: Intake) -> bool:
    """Whether the list still names this mail."""
    day = datetime.fromtimestamp(intake.at / 1000, UTC).date().isoformat()
    start = f"{intake.at:013d}#{intake.ses_id}"
    return any(item["ses_id"] == intake.ses_id for item in _of_day(deployment, day, start))


def mark_deleted(deployment: Deployment, intake: Intake) -> bool:
    """Say in the records that the mail is deleted; False when it has left the quarantine."""
    gone = replace(intake, outcome=DELETED, stage="done")
    return journal.keep(deployment.channel, Change("", intake=gone, replaces=QUARANTINED))


def finish(deployment: Deployment, intake: Intake) -> None:
    """What remains to be done for a mail that has left the quarantine. Can be repeated."""
    if intake.outcome == DELETED:
        key = raw_key(intake)
        deployment.delete_objects(key, f"{key}.json")
    deployment.cases.unlist(intake)
