"""What the journal of a case says of a mail: the times that no row of the table keeps."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from emailchannel import journal
from emailchannel.case import Contact, Interaction
from emailchannel.ports import Channel, Record

_AT_ONCE: Final = 8  # reads
_MOST: Final = 400  # records of one case that are read, from the mail on
_EARLIER: Final = 60_000  # ms: clocks of several machines


@dataclass(frozen=True)
class Kept:
    """The history of a case, and its journal from some time on, oldest first."""

    history: list[Interaction]
    records: list[Record]

    def change_about(self, identity: str) -> Record | None:
        """The change that took in, or made, this mail."""
        for record in self.of_kind(journal.CHANGE):
            change = record.facts["change"]
            intake, message = change.get("intake") or {}, change.get("message") or {}
            if identity in {intake.get("ses_id"), message.get("id")}:
                return record
        return None

    def intake_of(self, message_id: str) -> dict[str, Any]:
        """The intake record of the mail that led to a message, or nothing."""
        found = self.change_about(message_id)
        intake = found.facts["change"].get("intake") if found else None
        return dict(intake or {})

    def of_kind(self, kind: str) -> list[Record]:
        """The records of one kind."""
        return [record for record in self.records if record.kind == kind]

    def contacts(self) -> list[tuple[int, Contact]]:
        """What happened to the case's contacts, and when."""
        return [
            (record.at, journal.value_of(Contact, record.facts["contact"]))
            for record in self.of_kind(journal.CONTACT)
        ]


def read(channel: Channel, case_id: str, since: int) -> Kept:
    """History of a case, and its journal since a time (ms)."""
    history = channel.cases.interactions(case_id) if case_id else []
    return Kept(history, records(channel, case_id, since))


def records(channel: Channel, case_id: str, since: int) -> list[Record]:
    """What the journal keeps of a case (empty: of no case) since a time, as far as it is read."""
    prefix = f"{journal.PREFIX}/{case_id or journal.NO_CASE}/"
    # Names begin with their time, so that the listing can begin where the mail does.
    page, _ = channel.mails.page(prefix, f"{prefix}{max(since - _EARLIER, 0):013d}")
    keys = [stored.key for stored in page[:_MOST]]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        bodies = list(pool.map(channel.mails.read, keys))
    return [record for body in bodies if body and (record := _loaded(body))]


def _loaded(body: bytes) -> Record | None:
    try:
        return journal.loads(body)
    except ValueError:
        return None
