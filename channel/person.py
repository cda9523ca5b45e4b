"""Everything that is kept about one address: found by reading the whole table once."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from emailchannel.aws import items
from emailchannel.aws.errors import translated
from emailchannel.aws.items import Item
from emailchannel.aws.table import decode
from emailchannel.case import Case, Message
from emailchannel.mail.address import normalise
from emailchannel.ports import Intake, Outgoing, Record

from . import screen
from .deployment import Deployment
from .errors import NOT_STARTED, CannotGoOn
from .redact import ERASED, Address
from .stack import read

MOVED: Final = "moved"  # the route of a held mail's record once it has a case of its own


@dataclass
class Person:
    """What is kept about an address, by what shall become of it. Rows are whole items.

    cases: whose customer he is. mails: intake records of what he wrote and of what came to his
    cases. elsewhere: his mails on cases of others. outbox: what was sent to him alone, or from his
    cases. gone: rows that are about him. named: rows of others that name him. pending: records of
    changes that are not in the journal yet. entries: where other systems list messages. others:
    mails of others on his cases, that live on in a case of their own.
    """

    address: Address
    cases: dict[str, Case] = field(default_factory=dict)
    mails: list[Intake] = field(default_factory=list)
    elsewhere: list[Message] = field(default_factory=list)
    outbox: list[Outgoing] = field(default_factory=list)
    gone: list[Item] = field(default_factory=list)
    named: list[Item] = field(default_factory=list)
    pending: list[Record] = field(default_factory=list)
    contacts: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    tombstones: list[Intake] = field(default_factory=list)
    contents: dict[str, Item] = field(default_factory=dict)
    entries: list[Item] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether anything is kept."""
        found = (self.cases, self.mails, self.elsewhere, self.outbox, self.gone, self.named)
        return any((*found, self.pending))

    def ids(self) -> set[str]:
        """The mails that are his: SES ids of what came, outbox ids of what went."""
        return {mail.ses_id for mail in self.mails} | {mail.id for mail in self.outbox}

    def touched(self) -> set[str]:
        """Cases of others in whose journal he may be."""
        rows = (item for item in self.named if item["pk"].startswith("CASE#"))
        found = {item["pk"].partition("#")[2] for item in rows}
        found |= {message.case_id for message in self.elsewhere}
        found |= {mail.case_id for mail in self.mails if mail.case_id}
        found |= {str(item.get("case_id") or "") for item in (*self.named, *self.gone)}
        found |= {
            item["pk"].partition("#")[2] for item in self.gone if item["sk"].startswith("BLOCK#")
        }
        return found - set(self.cases) - {""}


def address_of(given: str) -> Address:
    """The address as the channel keeps it. Raises CannotGoOn for what is none."""
    found = normalise(given.strip())
    local, at, domain = found.rpartition("@")
    if not (local and at and domain) or any(letter.isspace() for letter in found):
        words = f"{screen.plain(given)} is no email address, such as ann@customer.example."
        raise CannotGoOn(words, NOT_STARTED)
    return Address(found)


def find(deployment: Deployment, address: Address) -> Person:
    """Look through the table for an address; a bar shows how far it is."""
    person = Person(address, _cases_of(deployment, address))
    rows, read_rows = table_rows(deployment), 0
    for read_rows, item in enumerate(_every_row(deployment), 1):
        if not read_rows % 500:
            screen.progress(min(read_rows, max(rows - 1, 1)), max(rows, 1), "rows")
        _sort(person, item)
    screen.progress(max(read_rows, 1), max(read_rows, 1), "rows")
    _complete(deployment, person)
    return person


def table_rows(deployment: Deployment) -> int:
    """How many rows the table has, as AWS counted them some hours ago."""
    client = deployment.client("dynamodb")
    found = client.describe_table(TableName=_table(deployment))["Table"]
    return int(found.get("ItemCount") or 0)


def _table(deployment: Deployment) -> str:
    return read(deployment).resources["Table"]


def _every_row(deployment: Deployment) -> Iterator[Item]:
    client, request = deployment.client("dynamodb"), {"TableName": _table(deployment)}
    more: dict[str, Any] = {}
    while True:
        with translated():
            page = client.scan(**request, **more, ConsistentRead=True)
        yield from map(decode, page["Items"])
        if "LastEvaluatedKey" not in page:
            return
        more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _cases_of(deployment: Deployment, address: Address) -> dict[str, Case]:
    rows = deployment.table.query(f"ADDRESS#{address.text}", "CASE#")
    found = (deployment.cases.case(item["case_id"]) for item in rows)
    return {case.id: case for case in found if case}


def _sort(person: Person, item: Item) -> None:
    kind, _, name = str(item["pk"]).partition("#")
    if kind == "JOURNAL":
        _sort_record(person, item)
    elif kind == "CASE" and name in person.cases:
        person.gone.append(item)
    elif kind == "MAIL":
        _sort_mail(person, items.to_intake(item))
    elif kind == "OUTBOX" and item["sk"] == "OUTBOX" and "recipients" in item:
        _sort_outgoing(person, item)
    elif kind == "CONTENT":
        person.contents[str(item["ses_id"])] = item
    elif kind in {"SES", "CONTACT"}:
        if item.get("case_id") in person.cases:
            person.gone.append(item)
        if kind == "CONTACT":
            person.contacts[name] = str(item["case_id"])
    elif kind in {"APP", "TO", "SENDER", "RECIPIENT"}:
        _sort_entry(person, item)
    elif person.address.is_in(item["pk"]) or person.address.is_in(item["sk"]):
        person.gone.append(item)
    elif person.address.is_in(item):
        (person.gone if kind == "QUARANTINE" else person.named).append(item)
        if _is_his(person, item):
            person.elsewhere.append(items.to_message(item))


def _sort_entry(person: Person, item: Item) -> None:
    """Where other systems find a message, or (APP) a message of theirs that has no case."""
    his = person.address == item.get("to") or person.address.is_in(item["pk"])
    if his or item.get("case_id") in person.cases:
        person.gone.append(item)
    else:
        person.entries.append(item)


def _is_his(person: Person, item: Item) -> bool:
    return bool(item["sk"].startswith("MSG#") and person.address == item["sender"]["address"])


def _sort_record(person: Person, item: Item) -> None:
    if "record" not in item:
        return
    record = items.to_record(item)
    if record.case_id in person.cases:
        person.gone.append(item)
    elif person.address.is_in(record.facts):
        person.pending.append(record)


def _sort_mail(person: Person, intake: Intake) -> None:
    if intake.outcome == ERASED:
        person.tombstones.append(intake)
    elif intake.case_id in person.cases or person.address == intake.sender:
        person.mails.append(intake)
    if intake.route == MOVED and intake.case_id not in person.cases:
        person.others.add(intake.ses_id)


def _sort_outgoing(person: Person, item: Item) -> None:
    outgoing = items.to_outgoing(item)
    if outgoing.case_id in person.cases or all(
        person.address == recipient for recipient in outgoing.recipients
    ):
        person.outbox.append(outgoing)
    elif person.address.is_in(item):
        person.named.append(item)


def _complete(deployment: Deployment, person: Person) -> None:
    """What could be told only when all rows were seen."""
    # A mail of somebody else that was held here, and has a case of its own now, is his.
    person.mails = [
        mail
        for mail in person.mails
        if person.address == mail.sender or mail.ses_id not in person.others
    ]
    ids = person.ids()
    outbox = {f"OUTBOX#{mail.id}" for mail in person.outbox}
    person.gone += [item for item in person.named if item["pk"] in outbox]
    person.named = [item for item in person.named if item["pk"] not in outbox]
    for mail in person.outbox:
        rows = deployment.table.query(f"OUTBOX#{mail.id}", "EVENT#")
        known = {item["sk"] for item in person.gone if item["pk"] == f"OUTBOX#{mail.id}"}
        person.gone += [item for item in rows if item["sk"] not in known]
        row = deployment.table.get(items.outbox_key(mail.id))
        ses_id = row.get("ses_id") if row else ""
        named = deployment.table.get({"pk": f"SES#{ses_id}", "sk": "SES"}) if ses_id else None
        if named and named not in person.gone:
            person.gone.append(named)
    messages = {item["pk"] for item in person.gone if item["sk"] == "APP"}
    person.gone += [item for item in person.entries if item["sk"] in messages]
    for ses_id, item in person.contents.items():
        if ses_id in ids or item.get("case_id") in person.cases:
            person.gone.append(item)
    person.contacts = {
        contact: case
        for contact, case in person.contacts.items()
        if case in person.cases or case in person.touched()
    }


def refuse_agents(deployment: Deployment, address: Address) -> None:
    """An agent's work belongs to his customers' cases. Raises CannotGoOn."""
    if agent := deployment.cases.agent_at(address.text):
        words = (
            f"{address.text} is the address of the agent {agent.username}, whose answers belong to"
            " other people's cases. Delete the user in Amazon Connect instead; after that, `agents"
            " revoke` ends his relay addresses."
        )
        raise CannotGoOn(words)


def warn_of_time() -> None:
    """Said before the table is read."""
    print("Looking through the whole table; nothing is changed yet.", file=sys.stderr)
