"""The quiet world, read once: every row, object, mail and task."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .lab import ACCOUNT, Lab

Item = dict[str, Any]


@dataclass
class State:
    """The quiet world: every row, object, mail and task."""

    lab: Lab

    @cached_property
    def rows(self) -> list[Item]:
        from ministack.services import dynamodb

        from emailchannel.aws.table import decode

        return [
            decode(json.loads(json.dumps(item)) if _plain(item) else item)
            for (account, *_), table in dynamodb._tables._data.items()
            if account == ACCOUNT
            for by_sort in table["items"].values()
            for item in by_sort.values()
        ]

    def of(self, pk: str, sk: str = "") -> list[Item]:
        return [row for row in self.rows if row["pk"].startswith(pk) and row["sk"].startswith(sk)]

    @cached_property
    def keys(self) -> list[str]:
        from ministack.services import s3

        bucket = self.lab.s.resources["MailBucket"]
        return list(s3._buckets._data[ACCOUNT, bucket]["objects"])

    @cached_property
    def cases(self) -> dict[str, Item]:
        return {row["id"]: row for row in self.of("CASE#", "CASE")}

    def messages(self, case_id: str) -> list[Item]:
        return self.of(f"CASE#{case_id}", "MSG#")

    def history(self, case_id: str) -> list[Item]:
        return self.of(f"CASE#{case_id}", "LOG#")

    @cached_property
    def outbox(self) -> dict[str, Item]:
        return {row["id"]: row for row in self.of("OUTBOX#", "OUTBOX")}

    @cached_property
    def sent(self) -> list[Any]:
        return [mail for mail in self.lab.sent() if not self.is_canary(mail)]

    def is_canary(self, mail: Any) -> bool:
        return mail.recipients == (self.lab.s.inquiry_address,)

    @cached_property
    def tasks(self) -> list[dict[str, Any]]:
        return self.lab.tasks()

    def tasks_of(self, case_id: str) -> list[dict[str, Any]]:
        return [t for t in self.tasks if t["attributes"].get("interaction_id") == case_id]


def _plain(item: Any) -> bool:
    """Binary values do not pass through JSON."""
    return not any("B" in value for value in item.values() if isinstance(value, dict))
