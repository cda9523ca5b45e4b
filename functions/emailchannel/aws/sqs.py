"""The work queues. Bodies name things, and carry nothing of a mail."""

import json
from typing import Any

from .errors import translated


class SqsQueues:
    """`ports.Queues`."""

    def __init__(self, client: Any, ingest_url: str, task_url: str, send_url: str) -> None:
        self._client = client
        self._ingest = ingest_url
        self._task = task_url
        self._send = send_url

    def ingest(self, key: str, *, released: bool = False) -> None:
        """Ask for a stored mail to be taken in; `released` by a person from the quarantine."""
        self._put(self._ingest, {"take": key, "released": released})

    def task(self, case_id: str, message_id: str, after: str = "") -> None:
        """Ask for a task, or for news in the open one; `after` names a contact that was lost."""
        self._put(self._task, {"case_id": case_id, "message_id": message_id, "after": after})

    def send(self, outbox_id: str) -> None:
        """Ask for a mail of the outbox to be sent."""
        self._put(self._send, {"outbox_id": outbox_id})

    def _put(self, url: str, body: dict[str, str | bool]) -> None:
        with translated():
            self._client.send_message(QueueUrl=url, MessageBody=json.dumps(body))
