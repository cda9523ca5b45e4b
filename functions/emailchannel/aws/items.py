"""Values <-> items of the one table. Pure: no client is seen here.

Keys (docs/architecture.md has the table): CASE#id holds the head, its messages, their stamps and
the history; MAIL#, OUTBOX#, SES#, CONTACT#, AGENT#, ADDRESS#, SESSION#, RATE# hold what their names
say. Items stay under 10 KB and no list grows with a case.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from .. import journal
from ..app.ulid import in_case
from ..app.values import EMAIL, AppMessage, Place
from ..case import (
    APP,
    Agent,
    AttachmentRecord,
    Case,
    Contact,
    Interaction,
    Message,
    Participant,
    Target,
)
from ..mail import alias
from ..mail.address import normalise
from ..ports import Intake, Outgoing, Record, Todo, Viewer

Item = dict[str, Any]

LISTED = frozenset({APP, "reply"})  # kinds of messages that other systems list by recipient

_LISTED = 20  # of attachments, recipients, references: S3 has all of them
_LONGEST = 200  # characters of each; a longer message id than this cannot be told from a bad one


def case_key(case_id: str, sk: str = "CASE") -> Item:
    """The key of a case's head, or of something that belongs to the case."""
    return {"pk": f"CASE#{case_id}", "sk": sk}


def message_sk(message: Message) -> str:
    """Messages sort by the time SES received them."""
    return f"MSG#{message.at:013d}#{message.id}"


def stamp_sk(message_id: str) -> str:
    """The pointer that finds a message by its stamp, or by its id."""
    return f"STAMP#{alias.stamp(message_id)}#{message_id}"


def log_item(case_id: str, log: Interaction) -> Item:
    """An entry of the history; the same entry written twice is one."""
    identity = "|".join((log.kind, log.actor, log.reason, log.ref))
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return {**case_key(case_id, f"LOG#{log.at:013d}#{digest}"), **asdict(log)}


def case_item(case: Case) -> Item:
    """The head of a case."""
    return {**case_key(case.id), **asdict(case)}


def case_of_customer(case: Case) -> Item:
    """The entry by which a customer's cases are found."""
    key = {"pk": f"ADDRESS#{case.customer.address}", "sk": f"CASE#{case.created_at:013d}#{case.id}"}
    return {**key, "case_id": case.id}


def to_case(item: Item) -> Case:
    """The case that `case_item` wrote, and that later updates changed."""
    return Case(
        id=item["id"],
        customer=Participant(**item["customer"]),
        subject=item["subject"],
        created_at=int(item["created_at"]),
        status=item["status"],
        target=Target(**item["target"]),
        participants=tuple({e["address"]: Participant(**e) for e in item["participants"]}.values()),
        linked=tuple(item["linked"]),
        contact_id=item.get("contact_id", ""),
        queue_arn=item.get("queue_arn", ""),
        agent_id=item.get("agent_id", ""),
        latest_message_id=item.get("latest_message_id", ""),
        latest_at=int(item.get("latest_at", 0)),
        answered_at=int(item.get("answered_at", 0)),
        closed_at=int(item.get("closed_at", 0)),
        last_answer=item.get("last_answer", ""),
        last_contact=item.get("last_contact", ""),
        starting=item.get("task_claim", ""),
        app=item.get("app", ""),
        app_name=item.get("app_name", ""),
    )


def message_item(message: Message) -> Item:
    """One message; its lists are cut, since its bodies in S3 hold everything."""
    values = asdict(message)
    values["sender"] = values.pop("from_")
    values["sender"]["name"] = values["sender"]["name"][:_LONGEST]
    values["attachments"] = [
        {**entry, "filename": entry["filename"][:_LONGEST], "content_id": ""}
        for entry in values["attachments"][:_LISTED]
    ]
    for name in ("to", "cc", "bcc", "reply_to", "references"):
        values[name] = [entry for entry in values[name] if len(entry) <= _LONGEST][:_LISTED]
    return {**case_key(message.case_id, message_sk(message)), **values}


def to_message(item: Item) -> Message:
    """The message that `message_item` wrote."""
    lists: dict[str, Any] = {
        name: tuple(item.get(name, ()))
        for name in ("flags", "to", "cc", "bcc", "reply_to", "references")
    }
    attachments = tuple(
        AttachmentRecord(**{**entry, "n": int(entry["n"]), "size": int(entry["size"])})
        for entry in item["attachments"]
    )
    texts = {
        name: item.get(name, "")
        for name in (
            "id",
            "case_id",
            "direction",
            "kind",
            "disposition",
            "reason",
            "subject",
            "message_id",
            "delivery",
            "raw_key",
            "formatted_key",
            "language",
            "sentiment",
            "actor",
            "purpose",
            "answers",
            "returned",
            "sender_id",
            "recipient_id",
        )
    }
    return Message(
        at=int(item["at"]),
        from_=Participant(**item["sender"]),
        attachments=attachments,
        **lists,
        **texts,
    )


def to_interaction(item: Item) -> Interaction:
    """The entry that `log_item` wrote."""
    return Interaction(
        int(item["at"]), item["kind"], item["actor"], item["reason"], item.get("ref", "")
    )


def viewer_item(case_id: str, viewer: Viewer) -> Item:
    """That an agent has a case open."""
    return {**case_key(case_id, f"VIEW#{viewer.agent_id}"), **asdict(viewer)}


def to_viewer(item: Item) -> Viewer:
    """The agent whom `viewer_item` wrote down."""
    values = {name: item[name] for name in Viewer.__dataclass_fields__}
    return Viewer(**{**values, "since": int(item["since"]), "at": int(item["at"])})


def intake_item(intake: Intake) -> Item:
    """The intake record of one stored mail."""
    item = {"pk": f"MAIL#{intake.ses_id}", "sk": intake.route, **asdict(intake)}
    return item if intake.stage == "done" else {**item, **todo("intake", intake.at)}


def to_intake(item: Item) -> Intake:
    """The record that `intake_item` wrote."""
    values = {name: item[name] for name in Intake.__dataclass_fields__ if name in item}
    return Intake(**{**values, "at": int(values["at"]), "outboxes": tuple(values["outboxes"])})


def todo(kind: str, at: int) -> Item:
    """What puts a row into the index of work that is left."""
    return {"todo": kind, "todo_at": at}


def to_todo(item: Item) -> Todo:
    """The entry of the index of work that is left."""
    of, name = item["pk"].partition("#")[2], item["sk"]
    kind = item["todo"]
    scope = {"intake": name, "hold": of}.get(kind, "")
    identity = name.partition("#")[2] if kind == "hold" else of
    return Todo(kind, identity, scope, int(item["todo_at"]))


def todo_key(found: Todo) -> Item:
    """The key of the row that an entry stands for."""
    match found.kind:
        case "intake":
            return {"pk": f"MAIL#{found.id}", "sk": found.scope}
        case "outbox":
            return outbox_key(found.id)
        case "hold":
            return case_key(found.scope, f"HELD#{found.id}")
        case "journal":
            return journal_key(found.id)
        case _:
            return case_key(found.id)


def journal_key(record_id: str) -> Item:
    """The key of a change whose object in S3 may be missing."""
    return {"pk": f"JOURNAL#{record_id}", "sk": "JOURNAL"}


def journal_item(record: Record) -> Item:
    """A change that is to be written to S3."""
    packed = zlib.compress(journal.dumps(record).encode())
    return {**journal_key(record.id), "record": packed, **todo("journal", record.at)}


def to_record(item: Item) -> Record:
    """The record that `journal_item` packed."""
    return journal.loads(zlib.decompress(bytes(item["record"])))


def outgoing_item(outgoing: Outgoing) -> Item:
    """One mail of the outbox."""
    values = asdict(outgoing)
    if outgoing.method == EMAIL:  # as rows of releases that knew nothing else
        del values["method"]
    return {**outbox_key(outgoing.id), **values, **todo("outbox", outgoing.at)}


def outbox_key(outbox_id: str, sk: str = "OUTBOX") -> Item:
    """The key of a mail of the outbox, or of something that became of it."""
    return {"pk": f"OUTBOX#{outbox_id}", "sk": sk}


def to_outgoing(item: Item) -> Outgoing:
    """The mail that `outgoing_item` wrote."""
    values = {name: item[name] for name in Outgoing.__dataclass_fields__ if name in item}
    for name in ("attempt", "at", "claimed_at", "not_before", "resent"):
        values[name] = int(values.get(name, 0))
    return Outgoing(**{**values, "recipients": tuple(values["recipients"])})


def app_key(identity: str, sk: str = "APP") -> Item:
    """The key of a message of another system that belongs to no case, or of where one is."""
    return {"pk": f"APP#{identity}", "sk": sk}


def app_item(message: AppMessage) -> Item:
    """One message of another system; its text is in S3."""
    return {**app_key(message.id), **asdict(message)}


def to_app(item: Item) -> AppMessage:
    """The message that `app_item` wrote, and that later updates changed."""
    values = {name: item[name] for name in AppMessage.__dataclass_fields__ if name in item}
    return AppMessage(**{**values, "at": int(item["at"]), "segments": int(item["segments"])})


def place_items(message: Message) -> Iterator[Item]:
    """By what other systems find a message of a case: its id, and where they list it."""
    identity = in_case(message.at, message.case_id, message.id)
    where = {"case_id": message.case_id, "message_id": message.id}
    yield {**app_key(identity, "PLACE"), **where}
    if message.direction == "out" and message.kind in LISTED:
        named = (message.to, message.sender_id, message.recipient_id)
        for key in _entries(identity, *named):
            yield {**key, **where, "method": EMAIL}


def app_entries(message: AppMessage) -> Iterator[Item]:
    """Where other systems list a message that belongs to no case."""
    for key in _entries(message.id, (message.to,), message.sender_id, message.recipient_id):
        yield {**key, "method": message.method}


def entry_key(index: str, name: str, identity: str = "") -> Item:
    """The key of an entry. index: TO (an address or number), SENDER, RECIPIENT."""
    return {"pk": f"{index}#{name}", "sk": f"APP#{identity}"}


def _entries(identity: str, to: tuple[str, ...], sender_id: str, recipient_id: str) -> list[Item]:
    names = [("TO", normalise(address)) for address in to]
    names += [("SENDER", sender_id), ("RECIPIENT", recipient_id)]
    found = dict.fromkeys((index, name) for index, name in names if name)
    return [entry_key(index, name, identity) for index, name in found]


def to_place(item: Item) -> Place:
    """Where the message of an entry is."""
    identity = str(item["sk"] if item["sk"] != "PLACE" else item["pk"]).removeprefix("APP#")
    return Place(identity, item.get("case_id", ""), item.get("message_id", ""))


def contact_key(contact_id: str) -> Item:
    """The key of a contact."""
    return {"pk": f"CONTACT#{contact_id}", "sk": "CONTACT"}


def to_contact(item: Item) -> Contact:
    """The contact kept under `contact_key`."""
    return Contact(**{name: item.get(name, "") for name in Contact.__dataclass_fields__})


def agent_item(agent: Agent) -> Item:
    """One agent of the directory."""
    return {"pk": f"AGENT#{agent.id}", "sk": "AGENT", **asdict(agent)}


def to_agent(item: Item) -> Agent:
    """The agent that `agent_item` wrote."""
    values = {name: item[name] for name in Agent.__dataclass_fields__}
    for name in ("addresses", "queues"):
        values[name] = tuple(values[name])
    for name in ("epoch", "checked_at"):
        values[name] = int(values[name])
    return Agent(**values)
