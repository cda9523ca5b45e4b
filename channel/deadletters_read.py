"""Dead letters as values: what each was about. Reading them hides them from others for a while.

Source: Amazon SQS API reference (ReceiveMessage, ChangeMessageVisibilityBatch).
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from emailchannel.aws import events
from emailchannel.aws.errors import translated
from emailchannel.errors import Unprocessable

from .deployment import Deployment
from .stack import Queue, Stack

_HIDDEN: Final = 60  # seconds that a letter is hidden while it is looked at
_MOST: Final = 10_000  # letters of a queue that are looked at
_BATCH: Final = 10


@dataclass(frozen=True)
class DeadLetter:
    """One message of a dead-letter queue. `key`: the stored mail it is about, if it is about one.

    `at`: when it was first sent (ms). `tries`: how often it was received, also to be listed.
    """

    queue: Queue
    id: str
    receipt: str
    body: str
    attributes: Mapping[str, Any]
    at: int
    tries: int
    kind: str
    key: str = ""
    case_id: str = ""
    sender: str = ""
    subject: str = ""
    names: frozenset[str] = field(default_factory=frozenset)

    def is_called(self, name: str) -> bool:
        """Whether an id, or the beginning of one, means this letter."""
        return any(known.startswith(name) for known in (self.id, *self.names))


@contextmanager
def letters(stack: Stack, queues: list[Queue]) -> Iterator[list[DeadLetter]]:
    """All dead letters of these queues, oldest first; those still there are shown again at the end.

    Letters that the caller deletes meanwhile stay deleted.
    """
    client = stack.client("sqs")
    found: dict[Queue, list[dict[str, Any]]] = {queue: [] for queue in queues}
    try:
        with ThreadPoolExecutor(len(queues)) as pool:
            list(pool.map(lambda queue: _receive(client, queue.dead_url, found[queue]), queues))
        told = [
            _told(stack.deployment, queue, message)
            for queue, messages in found.items()
            for message in messages
        ]
        yield sorted(told, key=lambda letter: (letter.at, letter.id))
    finally:
        for queue, messages in found.items():
            _show_again(client, queue, messages)


def _receive(client: Any, url: str, into: list[dict[str, Any]]) -> None:
    """All messages of a queue, each once. They are kept as they come, to be shown again."""
    known: set[str] = set()
    while len(into) < _MOST:
        with translated():
            answer = client.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=_BATCH,
                VisibilityTimeout=_HIDDEN,
                WaitTimeSeconds=1,  # long polling asks all of SQS's servers: empty means empty
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
        new = [had for had in answer.get("Messages") or [] if had["MessageId"] not in known]
        if not new:
            return
        known |= {message["MessageId"] for message in new}
        into += new


def _show_again(client: Any, queue: Queue, messages: list[dict[str, Any]]) -> None:
    """Letters become visible at once; one that is deleted, or visible already, does not mind."""
    for start in range(0, len(messages), _BATCH):
        entries = [
            {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
            for n, message in enumerate(messages[start : start + _BATCH])
        ]
        with suppress(ClientError, BotoCoreError):  # they come back by themselves
            client.change_message_visibility_batch(QueueUrl=queue.dead_url, Entries=entries)


def _told(deployment: Deployment, queue: Queue, message: Mapping[str, Any]) -> DeadLetter:
    attributes = message.get("Attributes") or {}
    body = str(message.get("Body") or "")
    return DeadLetter(
        queue=queue,
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=body,
        attributes=message.get("MessageAttributes") or {},
        at=int(attributes.get("SentTimestamp") or 0),
        tries=int(attributes.get("ApproximateReceiveCount") or 0),
        **_about(deployment, body),
    )


def _about(deployment: Deployment, body: str) -> dict[str, Any]:
    """The fields that say what a letter is about."""
    try:
        found = json.loads(body)
        found = events.unwrapped(found) if isinstance(found, Mapping) else None
    except (ValueError, Unprocessable):
        found = None
    if not isinstance(found, Mapping):
        return {"kind": "unreadable"}
    if isinstance(found.get("take"), str):
        return _of_mail(deployment, found["take"], {})
    if isinstance(found.get("outbox_id"), str):
        return _of_outgoing(deployment, found["outbox_id"])
    if isinstance(found.get("case_id"), str):
        return {"kind": "the task of a case", **_of_case(deployment, found["case_id"])}
    detail, mail = found.get("detail"), found.get("mail")
    if isinstance(detail, Mapping):
        kind = f"contact event {detail.get('eventType') or ''}".rstrip()
        return {"kind": kind, "names": frozenset({str(detail.get("contactId") or "")} - {""})}
    if isinstance(mail, Mapping) and "receipt" in found:
        return _announced(deployment, found, mail)
    if isinstance(mail, Mapping):
        kind = f"delivery event {found.get('eventType') or ''}".rstrip()
        return {"kind": kind, "names": frozenset({str(mail.get("messageId") or "")} - {""})}
    return {"kind": "unreadable"}


def _announced(
    deployment: Deployment, found: Mapping[str, Any], mail: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        envelope = events.envelope(found)
    except Unprocessable:
        envelope = None
    return _of_mail(deployment, envelope.key, mail) if envelope else {"kind": "unreadable"}


def _of_mail(deployment: Deployment, key: str, mail: Mapping[str, Any]) -> dict[str, Any]:
    route, _, ses_id = key.partition("/")
    intake = deployment.cases.intake(ses_id, route)
    if not mail:
        kept = deployment.channel.mails.read(f"{key}.json")
        mail = json.loads(kept).get("mail", {}) if kept else {}
    common = mail.get("commonHeaders") or {}
    author = common.get("from") or [mail.get("source") or (intake.sender if intake else "")]
    return {
        "kind": "mail of a customer" if route == "inbound" else "mail to agents' addresses",
        "key": key,
        "case_id": intake.case_id if intake else "",
        "sender": str(author[0]),
        "subject": str(common.get("subject") or ""),
        "names": frozenset({ses_id}),
    }


def _of_outgoing(deployment: Deployment, outbox_id: str) -> dict[str, Any]:
    outgoing = deployment.cases.outgoing(outbox_id)
    about = _of_case(deployment, outgoing.case_id) if outgoing and outgoing.case_id else {}
    state = outgoing.state if outgoing else "of which there is no record"
    names = frozenset({outbox_id})
    key = outgoing.key if outgoing else ""
    return {"kind": f"mail to be sent, {state}", **about, "names": names, "key": key}


def _of_case(deployment: Deployment, case_id: str) -> dict[str, Any]:
    case = deployment.cases.case(case_id)
    about = {"sender": case.customer.address, "subject": case.subject} if case else {}
    return {"case_id": case_id, **about, "names": frozenset({case_id})}
