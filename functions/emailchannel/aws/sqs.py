"""The work queues. Bodies name things, and carry nothing of a mail."""

import json
from typing import Any

from .errors import translated


class SqsQueues:
    """`ports.Queues`."""

    def __init__(self, client: Any, task_url: str, send_url: str) -> None:
        self._client = client
        self._task = task_url
        self._send = send_url

    def task(self, case_id: str, message_id: str) -> None:
        """Ask for a task, or for news in the open one."""
        self._put(self._task, {"case_id": case_id, "message_id": message_id})

    def send(self, outbox_id: str) -> None:
        """Ask for a mail of the outbox to be sent."""
        self._put(self._send, {"outbox_id": outbox_id})

    def _put(self, url: str, body: dict[str, str]) -> None:
        with translated():
            self._client.send_message(QueueUrl=url, MessageBody=json.dumps(body))
