"""The work queues. Bodies name things, and carry nothing of a mail."""

import json
from typing import Any

from .errors import translated

_LONGEST_DELAY = 900  # SQS SendMessage


class SqsQueues:
    """`ports.Queues`."""

    def __init__(
        self, client: Any, ingest_url: str, task_url: str, send_url: str, relay_url: str = ""
    ) -> None:
        self._client = client
        self._ingest = ingest_url
        self._relay = relay_url
        self._task = task_url
        self._send = send_url

    def ingest(self, key: str, *, released: bool = False) -> None:
        """Ask for a stored mail to be taken in; `released` by a person from the quarantine."""
        self._put(self._ingest, {"take": key, "released": released})

    def relay(self, key: str) -> None:
        """Ask for an agent's stored mail to be taken in."""
        self._put(self._relay, {"take": key})

    def task(self, case_id: str, message_id: str, after: str = "") -> None:
        """Ask for a task, or for news in the open one; `after` names a contact that was lost."""
        self._put(self._task, {"case_id": case_id, "message_id": message_id, "after": after})

    def send(self, outbox_id: str, delay: int = 0) -> None:
        """Ask for a mail of the outbox to be sent, in so many seconds (at most 900)."""
        self._put(self._send, {"outbox_id": outbox_id}, min(delay, _LONGEST_DELAY))

    def _put(self, url: str, body: dict[str, str | bool], delay: int = 0) -> None:
        with translated():
            self._client.send_message(
                QueueUrl=url, MessageBody=json.dumps(body), DelaySeconds=delay
            )
