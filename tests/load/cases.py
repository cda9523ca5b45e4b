"""Cases of any size, written fast: the product's own changes, put into the table in batches."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from emailchannel import journal
from emailchannel.aws.dynamodb import DynamoCases
from emailchannel.aws.table import Table
from emailchannel.case import WAITING, Case, Interaction, Message, Participant
from emailchannel.mail import alias
from emailchannel.ports import INBOUND, RELAY, Change, Channel, Intake, Outgoing
from local.testing import Stack

_BATCH = 25  # BatchWriteItem
_WORK_LEFT = ("todo", "todo_at", "record")  # of rows whose work is not done yet
_MINUTE = 60_000


class _Batches:
    """A DynamoDB client that keeps the puts of transactions and writes them by the batch.

    Rows appear as they are when the work they started is done.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._waiting: list[dict[str, Any]] = []
        self._table = ""

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803
        for write in TransactItems:
            put = write["Put"]
            self._table = put["TableName"]
            item = {name: put["Item"][name] for name in put["Item"] if name not in _WORK_LEFT}
            self._waiting.append({"PutRequest": {"Item": item}})
        while len(self._waiting) >= _BATCH:
            self.flush()

    def update_item(self, **_request: Any) -> dict[str, Any]:
        return {}

    def flush(self) -> None:
        batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
        if batch:
            self._client.batch_write_item(RequestItems={self._table: batch})


class _NoMails:
    """The journal and the bodies of old messages are not read on the way of a mail."""

    def write(self, key: str, body: bytes, content_type: str) -> None:
        pass


def make(s: Stack, name: str, size: int, customer: str) -> str:
    """A case of `size` messages, by turns a customer's mail and an agent's answer; its id."""
    batches = _Batches(s.client("dynamodb"))
    channel = replace(
        s.channel,
        cases=DynamoCases(Table(batches, s.resources["Table"])),
        mails=cast("Any", _NoMails()),
    )
    case_id = alias.case_id(b"load", name)
    for change in _changes(case_id, name, size, customer, channel.now_ms()):
        _keep(channel, change)
    batches.flush()
    return case_id


def _keep(channel: Channel, change: Change) -> None:
    if not journal.keep(channel, change):
        raise RuntimeError("a change was refused")


def _changes(case_id: str, name: str, size: int, customer: str, now: int) -> Iterator[Change]:
    """Oldest first, one a minute until now."""
    begun = now - size * _MINUTE
    mails = [_mail(case_id, f"{name}x{n:06d}", begun + n * _MINUTE, customer) for n in range(size)]
    newest = max((mail for mail in mails if mail.direction == "in"), key=lambda mail: mail.at)
    case = Case(
        case_id,
        Participant(customer),
        "Kettle",
        begun,
        status=WAITING,
        latest_message_id=newest.id,
        latest_at=newest.at,
        answered_at=mails[-1].at,
    )
    for n, mail in enumerate(mails):
        change = _answered(mail, customer) if mail.direction == "out" else _received(mail)
        yield replace(change, case=case) if n == 0 else change


def _mail(case_id: str, identity: str, at: int, customer: str) -> Message:
    """Even ones are the customer's."""
    inward = int(identity[-1]) % 2 == 0
    return Message(
        id=identity,
        case_id=case_id,
        at=at,
        direction="in" if inward else "out",
        kind="customer" if inward else "reply",
        disposition="accepted" if inward else "sent",
        reason="customer" if inward else "",
        from_=Participant(customer if inward else "support@support.example.com"),
        to=("support@support.example.com" if inward else customer,),
        subject="Re: Kettle",
        message_id=f"{identity}@customer.example",
        references=tuple(f"{n}.{identity}@customer.example" for n in range(10)),
        delivery="" if inward else "delivered",
        raw_key=f"inbound/{identity}",
        formatted_key=f"formatted/{identity}.json",
        actor="" if inward else "alice",
    )


def _received(mail: Message) -> Change:
    log = Interaction(mail.at, "received", "customer", mail.reason, mail.id)
    intake = Intake(
        mail.id, INBOUND, "continued", "", mail.case_id, mail.id, at=mail.at, stage="done"
    )
    return Change(mail.case_id, (log,), intake, message=mail)


def _answered(mail: Message, customer: str) -> Change:
    log = Interaction(mail.at, "answered", "alice", "relay", mail.id)
    intake = Intake(mail.id, RELAY, "relayed", "", mail.case_id, mail.id, at=mail.at, stage="done")
    outgoing = Outgoing(
        mail.id, mail.case_id, mail.id, mail.raw_key, mail.from_.address, (customer,), "SENT"
    )
    return Change(mail.case_id, (log,), intake, message=mail, outgoing=(outgoing,))
