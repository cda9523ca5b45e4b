"""The journeys of mails, for the console: the same as `python -m channel trace` shows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from channel import journey
from channel.hops import Journey, Source
from emailchannel.aws.dynamodb import DynamoCases
from emailchannel.aws.table import Table
from emailchannel.case import Message
from local import testing
from local.demo.web import Answer, Request, as_json

_CASES = 30
_SHOWN = 60  # mails
_MOST = 12  # journeys of a case


class Journeys:
    """Recent mails, and the way of each of them."""

    def __init__(self, stack: testing.Stack) -> None:
        self._stack = stack

    def recent(self) -> list[dict[str, Any]]:
        """Mails that came or went, newest first: {id, at, direction, who, subject, state}."""
        cases = cast("DynamoCases", self._stack.channel.cases)
        found = [
            _mail(message)
            for case in cases.all_cases()[-_CASES:]
            for message in cases.messages(case.id)
        ]
        found += [
            {
                "id": item["ses_id"],
                "at": int(item["at"]),
                "direction": "in",
                "who": item["sender"] or "(no sender)",
                "subject": "(kept from agents)",
                "state": item["reason"],
            }
            for item in cases.quarantined()[-_SHOWN:]
        ]
        return sorted(found, key=lambda mail: mail["at"], reverse=True)[:_SHOWN]

    def of(self, request: Request) -> Answer:
        """The journeys of `id`, and of the mails that belong to them; oldest first."""
        given = parse_qs(urlsplit(request.target).query).get("id", [""])[0]
        source = self._source()
        found = journey.known(source, given)
        if not found and "@" in given:
            found = journey.by_message_id(source, given, lambda _row: None)
        if not found:
            return as_json(404, {"message": f"There is no mail or case {given[:100]}."})
        made = [journey.of(source, one) for one in found[-_MOST:]]
        near = [one for each in made for one in journey.related(source, each)]
        unique: dict[str, Journey] = {one.id: one for one in (*made, *near)}
        ordered = sorted(unique.values(), key=lambda one: one.at)
        return as_json(200, [asdict(one) for one in ordered])

    def _source(self) -> Source:
        stack = self._stack
        instance = stack.channel.settings.instance_id
        queues = stack.client("connect").list_queues(InstanceId=instance)["QueueSummaryList"]
        table = Table(stack.client("dynamodb"), stack.resources["Table"])
        return Source(stack.channel, table, {q["Arn"]: q.get("Name", "") for q in queues})


def _mail(message: Message) -> dict[str, Any]:
    out = message.direction == "out"
    return {
        "id": message.id,
        "at": message.at,
        "direction": message.direction,
        "who": f"to {', '.join(message.to)}" if out else message.from_.address,
        "subject": message.subject,
        "state": message.delivery if out else message.disposition,
    }
