"""The case as the agent page shows it: JSON values, in pages from the newest on."""

from typing import Any, Final

from .. import answer, decide, present
from ..case import Agent, Case, Interaction, Message
from ..document import warnings_of
from ..moments import iso
from ..ports import Channel, Viewer
from . import presence
from .cursor import cursor

MESSAGES: Final = "messages"
HISTORY: Final = "interactions"
OTHERS: Final = "others"
PAGE: Final = 50
_ENTRIES: Final = 100
_FATES: Final = 20  # answers of a page whose recipients are shown: each costs a read

View = dict[str, Any]


def whole(channel: Channel, case: Case, agent: Agent, limit: int = PAGE) -> View:
    """The contact's case: head, newest messages and history, relay addresses, other viewers."""
    addresses = present.relay_addresses(channel, case, agent.id)
    return {
        "now": iso(channel.now_ms()),
        "case": {**_head(case), **_people(channel, case), **_beside(channel, case)},
        **messages(channel, case, limit),
        **_newest_history(channel, case.id),
        "relay_addresses": {
            name.removesuffix("_address"): address for name, address in addresses.items()
        },
        "viewers": [viewer(one) for one in presence.others(channel, case.id, agent)],
    }


def read_only(channel: Channel, case: Case, limit: int = PAGE) -> View:
    """Another case, to be read: nothing can be decided or answered in it."""
    return {
        "now": iso(channel.now_ms()),
        "case": {**_head(case), **_people(channel, case)},
        **messages(channel, case, limit, may_decide=False),
        **_newest_history(channel, case.id),
    }


def messages(
    channel: Channel, case: Case, limit: int, before: str = "", *, may_decide: bool = True
) -> View:
    """A page of messages, oldest first, and the cursor of the page before it."""
    found, older = channel.cases.message_page(case.id, limit, before)
    fates = _fates(channel, found)
    listed = [{**_message(case, one), **fates.get(one.id, {})} for one in found]
    if not may_decide:
        listed = [{**one, "actions": []} for one in listed]
    return {"messages": listed, "older": cursor(case.id, MESSAGES, older)}


def history(channel: Channel, case_id: str, before: str = "") -> View:
    """A page of the history, oldest first."""
    found, older = channel.cases.log_page(case_id, _ENTRIES, before)
    return {
        "interactions": [_entry(entry) for entry in found],
        "older": cursor(case_id, HISTORY, older),
    }


def _newest_history(channel: Channel, case_id: str) -> View:
    newest = history(channel, case_id)
    return {"interactions": newest["interactions"], "older_interactions": newest["older"]}


def _entry(entry: Interaction) -> View:
    told = {"kind": entry.kind, "actor": entry.actor, "reason": entry.reason, "ref": entry.ref}
    return {"at": iso(entry.at), **told}


def listed(case: Case, beside: Case) -> View:
    """A case in a list, beside the one at hand."""
    return {
        "id": case.id,
        "subject": case.subject,
        "status": case.status,
        "created_at": iso(case.created_at),
        "latest_at": iso(case.latest_at) if case.latest_at else "",
        "answered": case.answered,
        "linked": case.id in beside.linked or beside.id in case.linked,
    }


def viewer(found: Viewer) -> View:
    """Another agent who looks at the case."""
    return {
        "username": found.username,
        "name": found.name,
        "writing": found.writing,
        "since": iso(found.since),
    }


def _head(case: Case) -> View:
    return {
        "id": case.id,
        "status": case.status,
        "customer": _person(case.customer.name, case.customer.address),
        "subject": case.subject,
        "answered": case.answered,
        "linked": list(case.linked),
        "queue": case.queue_arn,
        "latest_message_id": case.latest_message_id,
        "last_answer": case.last_answer,
    }


def _people(channel: Channel, case: Case) -> View:
    """Who is on the case, and who would get an answer to its newest mail."""
    newest = case.latest_message_id and channel.cases.message(case.id, case.latest_message_id)
    copies = answer.copied(channel, case, newest or None)
    return {
        "participants": [_person(entry.name, entry.address) for entry in case.participants],
        "recipients": {
            "to": [_person(case.customer.name, case.customer.address)],
            "cc": [_person(copy.name, copy.addr) for copy in copies],
        },
    }


def _beside(channel: Channel, case: Case) -> View:
    address = case.customer.address
    others, more = channel.cases.cases_of(address, 20) if address else ([], "")
    return {
        "held": len(channel.cases.held(case.id)),
        "suppressed": channel.cases.suppressed(address.lower()),
        "others": sum(other.id != case.id for other in others) + bool(more),
    }


def _person(name: str, address: str) -> dict[str, str]:
    return {"name": name, "address": address}


def _message(case: Case, message: Message) -> View:
    return {
        "id": message.id,
        "direction": message.direction,
        "kind": message.kind,
        "disposition": message.disposition,
        "reason": message.reason,
        "flags": list(message.flags),
        "from": _person(message.from_.name, message.from_.address),
        "to": list(message.to),
        "cc": list(message.cc),
        "bcc": list(message.bcc),
        "subject": message.subject,
        "at": iso(message.at),
        "language": message.language,
        "sentiment": message.sentiment,
        "delivery": message.delivery,
        "returned": message.returned,
        "actor": message.actor,
        "answers": message.answers,
        "reply_to": [_person("", address) for address in message.reply_to],
        "warnings": warnings_of(message),
        "actions": list(decide.actions(case, message)),
        "attachments": [
            {"n": a.n, "filename": a.filename, "content_type": a.content_type, "size": a.size}
            for a in message.attachments
        ],
    }


def _fates(channel: Channel, found: list[Message]) -> dict[str, View]:
    """What became of the newest answers, by their ids."""
    answers = [message for message in found if message.direction == "out"]
    return {message.id: _fate(channel, message) for message in answers[-_FATES:]}


def _fate(channel: Channel, message: Message) -> View:
    """A status for each recipient; until when it may be taken back, while it may."""
    if message.delivery != "queued":
        told = channel.cases.recipients_status(message.id).items()
        return {"recipients": [{"address": a, "status": s, "reason": r} for a, (s, r) in told]}
    waiting = channel.cases.outgoing(message.id)
    if waiting and waiting.state == "PENDING" and waiting.not_before > channel.now_ms():
        return {"recipients": [], "not_before": iso(waiting.not_before)}
    return {"recipients": []}
