"""The steps of an erasure. Each can be repeated, and each leaves findable what is left to do.

Objects go before the rows by which they are found, and the rows that say whose a case is go last.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from emailchannel import journal
from emailchannel.aws import items
from emailchannel.aws.errors import translated
from emailchannel.aws.items import Item
from emailchannel.case import Message
from emailchannel.moments import iso
from emailchannel.ports import INBOUND, RELAY, Record

from . import redact, screen
from .deployment import Deployment
from .erasing_contacts import Erased, clear
from .errors import CannotGoOn
from .person import MOVED, Person

_TRIES: Final = 5
_BATCH: Final = 1000  # S3 DeleteObjects

Version = tuple[str, str]  # key, version id


class Eraser:
    """Erases a person; `done` says what went so far."""

    def __init__(self, deployment: Deployment, person: Person) -> None:
        self._deployment, self._person = deployment, person
        self._s3 = deployment.client("s3")
        self.done = Erased()

    def run(self) -> Erased:
        """Do all of it, in the order that can be broken off."""
        steps = (
            ("pending records", self._pending_records),
            (
                "tasks of others",
                lambda: self._contacts(own=False),
            ),
            ("mails", self._mails),
            ("mails sent", self._outbox),
            ("mails on other cases", self._elsewhere),
            ("journals", self._journals),
            ("records of mails", self._tombstones),
            ("rows of others", self._rows_of_others),
            ("rows", lambda: self._rows(last=False)),
            # Without its messages a case gets no new task for the one that is ended here.
            (
                "tasks of Amazon Connect",
                lambda: self._contacts(own=True),
            ),
            ("last rows", lambda: self._rows(last=True)),
        )
        for n, (what, step) in enumerate(steps):
            screen.progress(n, len(steps), f"steps: {what}")
            step()
        screen.progress(len(steps), len(steps), "steps")
        return self.done

    # Objects

    def _versions(self, prefix: str) -> Iterator[tuple[Version, bool]]:
        """Every version and delete marker under a prefix, and whether it is the present one."""
        pages = self._s3.get_paginator("list_object_versions")
        with translated():
            for page in pages.paginate(Bucket=self._deployment.bucket, Prefix=prefix):
                for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    yield (entry["Key"], entry["VersionId"]), bool(entry["IsLatest"])

    def _delete(self, kind: str, versions: Iterable[Version]) -> None:
        found = list(versions)
        for start in range(0, len(found), _BATCH):
            batch = found[start : start + _BATCH]
            objects = [{"Key": key, "VersionId": version} for key, version in batch]
            with translated():
                answer = self._s3.delete_objects(
                    Bucket=self._deployment.bucket, Delete={"Objects": objects, "Quiet": True}
                )
            if errors := answer.get("Errors"):
                words = f"{errors[0].get('Code')}: {errors[0].get('Message')}"
                raise CannotGoOn(
                    f"S3 would not delete {len(errors)} object versions ({words}). What was begun"
                    " can be given again; docs/operations.md lists the rights that are needed."
                )
            for key, version in batch:
                self.done.gone(kind, f"{key}@{version}")

    def _delete_all(self, kind: str, prefix: str, *exactly: str) -> None:
        """All versions of these keys, or of everything under the prefix when none is given."""
        self._delete(
            kind,
            [
                version
                for version, _ in self._versions(prefix)
                if not exactly or version[0] in exactly
            ],
        )

    def _delete_mail(self, route: str, ses_id: str) -> None:
        key = f"{route}/{ses_id}"
        self._delete_all("originals and notifications", key, key, f"{key}.json")

    def _delete_bodies(self, message_id: str) -> None:
        formatted = f"formatted/{message_id}"
        self._delete_all("formatted mails", formatted, f"{formatted}.json", f"{formatted}.eml")
        self._delete_all("attachments", f"attachments/{message_id}/")

    # Steps

    def _pending_records(self) -> None:
        """Before the journal's objects: the caretaker would write them again from these."""
        for item in list(self._person.gone):
            if item["pk"].startswith("JOURNAL#"):
                self._delete_row(item)
        for record in self._person.pending:
            cleaned = redact.record_without(record, self._person.address)
            row = items.journal_item(Record(**{**vars(cleaned), "id": record.id}))
            if self._deployment.table.put(row, "attribute_exists(#record)"):
                self.done.counts["rows cleared of the address"] += 1

    def _contacts(self, *, own: bool) -> None:
        clear(self._deployment, self._person, self.done, own=own)

    def _mails(self) -> None:
        for mail in self._person.mails:
            if mail.route != MOVED:
                self._delete_mail(mail.route, mail.ses_id)
            self._delete_bodies(mail.ses_id)
        for mail in self._person.tombstones:  # a notification that came again since
            if mail.route in {INBOUND, RELAY}:
                self._delete_mail(mail.route, mail.ses_id)

    def _outbox(self) -> None:
        for mail in self._person.outbox:
            self._delete_all("mails sent", mail.key, mail.key)
            self._delete_bodies(mail.id)

    def _elsewhere(self) -> None:
        for message in self._person.elsewhere:
            route, _, ses_id = message.raw_key.partition("/")
            if route in {INBOUND, RELAY}:
                self._delete_mail(route, ses_id)
            self._delete_bodies(message.id)
            self._leave_word(message)

    def _leave_word(self, message: Message) -> None:
        """So that the agent's page says why nothing is there."""
        write = self._deployment.channel.mails.write
        body = redact.document(message.id, message.case_id, iso(message.at))
        write(f"formatted/{message.id}.json", body, "application/json")
        write(f"formatted/{message.id}.eml", b"This mail was erased.\r\n", "message/rfc822")
        held = items.case_key(message.case_id, f"HELD#{message.id}")
        if self._deployment.table.get(held):
            self._delete_row(held)

    def _journals(self) -> None:
        for case_id in self._person.cases:
            self._delete_all("journal records", f"{journal.PREFIX}/{case_id}/")
            self._delete_all("files of drafts", f"uploads/{case_id}/")
        for case_id in sorted(self._person.touched()):
            self._clean_journal(case_id)
        self._clean_journal(journal.NO_CASE)

    def _clean_journal(self, place: str) -> None:
        """Take the person out of the journal of somebody else, and out of its old versions."""
        mine = self._person.ids()
        former: list[Version] = []
        for version, is_latest in self._versions(f"{journal.PREFIX}/{place}/"):
            if not is_latest:
                former.append(version)
                continue
            body = self._deployment.channel.mails.read(version[0])
            record = _record(body) if body else None
            if record is None:
                continue
            if place == journal.NO_CASE and _is_about(record, mine):
                former.append(version)
            elif self._person.address.is_in(record.facts):
                cleaned = redact.record_without(record, self._person.address)
                self._deployment.channel.mails.write(
                    version[0], journal.dumps(cleaned).encode(), "application/json"
                )
                former.append(version)
        self._delete("journal records", former)

    def _rows_of_others(self) -> None:
        for item in self._person.named:
            if self._clean_row({name: item[name] for name in ("pk", "sk")}):
                self.done.counts["rows cleared of the address"] += 1

    def _clean_row(self, key: Item) -> bool:
        """Change what names him, and nothing that somebody changes meanwhile."""
        table = self._deployment.table
        for _ in range(_TRIES):
            item = table.get(key)
            if item is None or not self._person.address.is_in(item):
                return False
            cleaned = redact.row_without(item, self._person.address)
            names = [name for name in item if cleaned[name] != item[name]]
            values = {f"n{i}": cleaned[name] for i, name in enumerate(names)}
            values |= {f"o{i}": item[name] for i, name in enumerate(names)}
            sets = ", ".join(f"#{name} = :n{i}" for i, name in enumerate(names))
            same = " AND ".join(f"#{name} = :o{i}" for i, name in enumerate(names))
            if table.update(key, f"SET {sets}", same, **values) is not None:
                return True
        raise CannotGoOn("A row changes all the time. Give the command again in a moment.")

    def _tombstones(self) -> None:
        for mail in self._person.mails:
            journal.write(self._deployment.channel, redact.tombstone_record(mail))
            self._deployment.table.put(items.intake_item(redact.tombstone(mail)))
            self.done.gone("records of mails", f"MAIL#{mail.ses_id}/{mail.route}")

    def _rows(self, *, last: bool) -> None:
        """Rows about him; last the contacts, heads and addresses by which all else is found."""
        for item in sorted(self._person.gone, key=_rank):
            if (_rank(item)[0] > 0) is last and not item["pk"].startswith("JOURNAL#"):
                self._delete_row(item)
        if not last:
            for mail in self._person.outbox:
                self._delete_row(items.outbox_key(mail.id))

    def _delete_row(self, item: Item) -> None:
        self._deployment.table.delete({name: item[name] for name in ("pk", "sk")})
        self.done.gone("rows", f"{item['pk']}/{item['sk']}")


def _rank(item: Item) -> tuple[int, str]:
    pk, sk = str(item["pk"]), str(item["sk"])
    kind = pk.partition("#")[0]
    rank = {"CONTACT": 1, "ADDRESS": 3}.get(kind, 2 if sk == "CASE" else 0)
    return rank, f"{pk}/{sk}"


def _record(body: bytes) -> Record | None:
    try:
        return journal.loads(body)
    except ValueError:
        return None


def _is_about(record: Record, ids: set[str]) -> bool:
    """Whether a record of no case is of one of these mails, and no tombstone."""
    facts: dict[str, Any] = record.facts
    change = facts.get("change") or {}
    intake = change.get("intake") or {}
    if intake.get("outcome") == redact.ERASED:
        return False
    about = {intake.get("ses_id"), facts.get("outbox_id")}
    about |= {mail["id"] for mail in change.get("outgoing") or ()}
    return bool(about & ids)
