"""The console: what the channel knows, read with its own code; two forms send real mail."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local import testing
from local.demo import letters
from local.demo.journeys import Journeys
from local.demo.web import Answer, Request, as_json

_PAGES = {
    "/": Path(__file__).with_name("console.html"),
    "/trace": Path(__file__).with_name("trace.html"),
}
_SHOWN = 40  # cases, tasks, mails
_SAFE = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; connect-src 'self';"
    " style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'none'",
}
PURPOSES = {
    "agentrelay": "The customer's next mail comes to this agent",
    "queuerelay": "The customer's next mail goes to this agent's queue",
    "relay": "The customer's next mail goes to the default queue",
    "rejectrelay": "The case is closed; a later mail opens a new one",
}


class Console:
    """The route of the console. `smtp` is the port where mail to the channel is received."""

    def __init__(self, stack: testing.Stack, smtp: int, links: dict[str, str]) -> None:
        self._stack, self._smtp, self._links = stack, smtp, links
        self._journeys = Journeys(stack)

    def __call__(self, request: Request) -> Answer:
        path = urlsplit(request.target).path
        if request.method == "POST":
            if request.headers.get("content-type") != "application/json":
                return as_json(415, {"message": "JSON is expected."})
            return self._act(path, json.loads(request.body))
        if path in _PAGES:
            return Answer(200, _PAGES[path].read_bytes(), dict(_SAFE))
        if path == "/state":
            return as_json(200, self.state())
        if path == "/about":
            return as_json(200, self._about())
        if path == "/mails":
            return as_json(200, self._journeys.recent())
        if path == "/journey":
            return self._journeys.of(request)
        return as_json(404, {"message": "There is nothing here."})

    # What is shown

    def _about(self) -> dict[str, Any]:
        samples = {
            name: {
                "from": letter.sender,
                "subject": letter.subject,
                "text": letter.text,
                "attachment": bool(letter.attachments),
            }
            for name, letter in letters.SAMPLES.items()
        }
        address = self._stack.inquiry_address
        about = {"links": self._links, "address": address, "smtp": self._smtp}
        return {**about, "samples": samples, "purposes": PURPOSES}

    def state(self) -> dict[str, Any]:
        """Everything the page shows, newest first."""
        stack = self._stack
        names = self._names()
        cases = [self._case(case, names) for case in stack.cases()[-_SHOWN:]]
        delivery = {
            message["id"]: message["delivery"] for case in cases for message in case["messages"]
        }
        return {
            "agents": [
                {key: agent[key] for key in ("username", "first_name", "last_name", "state")}
                for agent in stack.agents
            ],
            "cases": cases[::-1],
            "quarantine": stack.quarantine()[::-1],
            "tasks": [_task(task) for task in stack.tasks()[-_SHOWN:]][::-1],
            "queues": stack.queues(),
            "sent": [_sent(mail, delivery) for mail in stack.sent()[-_SHOWN:]][::-1],
            "texts": [_text(text) for text in stack.texts()[-_SHOWN:]][::-1],
        }

    def _names(self) -> dict[str, str]:
        """Agents and queues by ARN."""
        instance = self._stack.channel.settings.instance_id
        queues = self._stack.client("connect").list_queues(InstanceId=instance)
        names = {q["Arn"]: q.get("Name", "") for q in queues["QueueSummaryList"]}
        return names | {agent["arn"]: agent["username"] for agent in self._stack.agents}

    def _case(self, case: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
        messages = [_message(message) for message in self._stack.messages(case["id"])]
        history = [
            {**entry, "at": _iso(entry["at"])} for entry in self._stack.interactions(case["id"])
        ]
        target = names.get(case["target_destination"], case["target_destination"])
        return {**case, "target_destination": target, "messages": messages, "history": history}

    # What can be done

    def _act(self, path: str, wish: dict[str, str]) -> Answer:
        actions = {"/customer": self._write_as_customer, "/agent": self._answer_as_agent}
        if path not in actions:
            return as_json(404, {"message": "There is nothing here."})
        try:
            return as_json(200, {"said": actions[path](wish)})
        except letters.Refused as refused:
            return as_json(409, {"message": f"The mail server answered: {refused}"})
        except (KeyError, ValueError) as wrong:
            return as_json(400, {"message": f"Something is missing: {wrong}"})

    def _write_as_customer(self, wish: dict[str, str]) -> str:
        letter = letters.Letter(wish["from"], wish["subject"], wish["text"])
        if wish.get("attachment"):
            attached = letters.SAMPLES["attachment"].attachments
            letter = replace(letter, attachments=attached)
        if answered := wish.get("answers"):
            seen = next(m for m in self._stack.sent() if m["message_id"] == answered)
            raw, to = letters.answer(seen["delivered"], letter)
        else:
            to = self._stack.inquiry_address
            raw = letters.write(letter, to)
        return letters.post(self._smtp, letter.sender, to, raw)

    def _answer_as_agent(self, wish: dict[str, str]) -> str:
        agent = next(a for a in self._stack.agents if a["username"] == wish["agent"])
        case = next(c for c in self._stack.cases() if c["id"] == wish["case"])
        to = self._stack.relay_address(wish["case"], wish["purpose"], wish["agent"])
        sender = f"{agent['first_name']} {agent['last_name']} <{agent['email']}>"
        letter = letters.Letter(sender, f"Re: {case['subject']}", wish["text"])
        return letters.post(self._smtp, sender, to, letters.write(letter, to))


def _iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def _message(message: dict[str, Any]) -> dict[str, Any]:
    document = message.pop("formatted")
    names = [attachment.get("filename", "") for attachment in message.pop("attachments")]
    return {**message, "attachments": names, "at": document.get("received_at", "")}


def _task(task: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": task["id"],
        "state": task["state"],
        "name": task["name"],
        "agent": task["agent"] or "",
        "queue": (task["queue"] or {}).get("name", ""),
        "at": _iso(int(task["created_at"] * 1000)),
        "case": task["attributes"].get("interaction_id", ""),
        "target": task["attributes"].get("target_type", ""),
    }


def _sent(mail: dict[str, Any], delivery: dict[str, str]) -> dict[str, Any]:
    headers = message_from_bytes(mail["delivered"], policy=policy.default)
    known = [delivery[tag] for tag in mail["tags"].values() if tag in delivery]
    return {
        "id": mail["message_id"],
        "at": _iso(int(mail["at"] * 1000)),
        "to": mail["recipients"],
        "from": str(headers["From"]),
        "subject": str(headers["Subject"]),
        "delivery": known[0] if known else "",
    }


def _text(text: dict[str, Any]) -> dict[str, Any]:
    at = _iso(int(text["at"] * 1000))
    return {"id": text["message_id"], "at": at, "to": text["to"], "text": text["text"]}
