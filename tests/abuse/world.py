"""The outside of one stack, for tests of abuse: people with addresses of their own, and what left.

Several tests share a stack: each has its own customers, so that none sees another's mail.
"""

import http.client
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from itertools import count
from urllib.parse import urlparse

from emailchannel.ports import INBOUND, RELAY
from local.testing import Stack, alias_of
from tests.builders import mail

# Tests wait for tasks and answers; their pace is tested elsewhere.
FAST = {"TasksPerSecond": "20", "UndoSeconds": "0"}
SECRET = "The code word is heron."  # stands in a customer's mail: nobody else may read it


@dataclass(frozen=True)
class Matter:
    """A case: its id, the customer's address, the customer's alias, and the mail that opened it."""

    id: str
    customer: str
    alias: str
    mail_id: str
    raw: bytes = b""


@dataclass(frozen=True)
class Result:
    """A delivered mail, and every mail that left because of it."""

    id: str
    sent: list[dict] = field(default_factory=list)

    def to(self, address: str) -> list[dict]:
        return [one for one in self.sent if address in one["recipients"]]


class World:
    """One stack and the people around it."""

    def __init__(self, s: Stack) -> None:
        self.s = s
        self._numbers = count(1)
        self.ahead = timedelta()

    def person(self, name: str = "ann") -> str:
        """An address at a domain where nobody else has one."""
        return f"{name}@{name}{next(self._numbers)}.example"

    def deliver(self, raw, sender, to, verdicts=None) -> Result:
        """Hand a mail in, wait until all is quiet, and see what left."""
        before = len(self.s.sent())
        ses_id = self.s.deliver(raw, sender, [to] if isinstance(to, str) else to, verdicts)
        self.s.settle()
        return Result(ses_id, self.s.sent()[before:])

    def matter(self, customer="", verdicts=None, **more) -> Matter:
        """A customer opens a case."""
        customer = customer or self.person()
        more.setdefault("text", f"Hello,\n\nthe kettle leaks. {SECRET}\n\nAnn\n")
        raw = mail(f"Ann Archer <{customer}>", **more)
        ses_id = self.deliver(raw, customer, self.s.inquiry_address, verdicts).id
        case_id = self.case_of(ses_id)
        return Matter(case_id, customer, alias_of(self.s, case_id), ses_id, raw)

    def case_of(self, ses_id: str) -> str:
        """The case a mail has become part of, or empty."""
        for route in (INBOUND, RELAY):
            known = self.s.channel.cases.intake(ses_id, route)
            if known:
                return known.case_id
        return ""

    def address(self, matter: Matter, purpose="relay", agent="alice") -> str:
        return self.s.relay_address(matter.id, purpose, agent)

    def answer(self, matter, agent="alice", purpose="relay", *, to="", verdicts=None, **more):
        """The agent writes to the relay address that the page shows him, or to another one."""
        to = to or self.address(matter, purpose, agent)
        own = f"{agent}@corp.example"
        more.setdefault("text", f"Dear Ann, it is on its way ({next(self._numbers)}).")
        sender = more.pop("sender", f"{agent.title()} <{own}>")
        mail_from = more.pop("mail_from", own)
        raw = more.pop("raw", None) or mail(
            sender, more.pop("header_to", to), more.pop("subject", "Re: My kettle"), **more
        )
        return self.deliver(raw, mail_from, to, verdicts)

    def case(self, case_id: str) -> dict:
        return next(case for case in self.s.cases() if case["id"] == case_id)

    def message(self, ses_id: str) -> dict:
        """What a mail has become: its message, in the case it belongs to."""
        found = self.s.messages(self.case_of(ses_id))
        return next(message for message in found if message["id"] == ses_id)

    def became(self, ses_id: str) -> tuple[str, str]:
        """(disposition, reason) of a mail."""
        message = self.s.channel.cases.message(self.case_of(ses_id), ses_id)
        return message.disposition, message.reason

    def quarantined(self, ses_id: str) -> str:
        """Why a mail was kept from agents; empty when it was not."""
        return next((e["reason"] for e in self.s.quarantine() if e["id"] == ses_id), "")

    def history(self, case_id: str) -> list[tuple[str, str, str]]:
        found = self.s.interactions(case_id)
        return [(entry["kind"], entry["actor"], entry["reason"]) for entry in found]

    def tasks(self, case_id: str) -> list[dict]:
        tasks = self.s.tasks()
        return [t for t in tasks if t["attributes"].get("interaction_id") == case_id]

    def later(self, **more: float) -> None:
        """Move time on for everything."""
        self.ahead += timedelta(**more)
        self.s.at(datetime.now(UTC) + self.ahead)
        self.s.settle()

    def api(self, case_id: str, agent: str = "alice") -> "Api":
        """The agent takes the case's task, and his page opens a session."""
        contact = self.case(case_id)["contact_id"]
        self.accept(contact, agent)
        return self.session(contact)

    def accept(self, contact: str, agent: str) -> None:
        """The agent takes a task, after those that have waited longer."""
        for task in self.s.tasks():
            if task["id"] == contact:
                break
            if task["state"] in {"QUEUED", "OFFERED"}:
                self.s.accept(task["id"], agent)
                self.s.complete(task["id"])
        self.s.accept(contact, agent)

    def session(self, contact: str) -> "Api":
        """The page's session for a contact that an agent holds."""
        api = Api(self.s)
        code = self.s.task(contact)["attributes"]["access_code"]
        status, session = api("POST", "/sessions", {"contact_id": contact, "code": code})
        assert status == 201
        api.token = session["token"]
        return api


class Api:
    """The agent page's side of the HTTP API."""

    def __init__(self, s: Stack, token: str = "") -> None:
        self.s, self.token = s, token

    def __call__(self, method, path, body=None):
        """(status, decoded answer)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.s.world.port)
        host = urlparse(self.s.outputs["AgentApiUrl"]).netloc
        headers = {"Host": host, "Authorization": f"Bearer {self.token}"}
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    def decide(self, message_id, action):
        """(status, decoded answer, mails that left because of it)"""
        before = len(self.s.sent())
        status, found = self("POST", f"/messages/{message_id}/decision", {"action": action})
        self.s.settle()
        return status, found, self.s.sent()[before:]

    def view(self):
        status, found = self("GET", "/case")
        assert status == 200
        return found


def read(octets):
    return message_from_bytes(octets, policy=policy.default)


def everything(octets: bytes) -> str:
    """All a reader of a mail can find in it: its octets, header fields and parts, decoded."""
    found = [octets.decode("utf-8", "replace")]
    for part in read(octets).walk():
        found += [f"{name}: {value}" for name, value in part.items()]
        if not part.is_multipart():
            found.append((part.get_payload(decode=True) or b"").decode("utf-8", "replace"))
    return "\n".join(found).lower()


def says(octets: bytes) -> str:
    """The text of a mail."""
    body = read(octets).get_body(("plain",))
    return body.get_content() if body else ""


def recipients(mails) -> list[str]:
    return sorted(address for one in mails for address in one["recipients"])


def human(mails) -> list[dict]:
    """Those that a person wrote."""
    return [one for one in mails if b"\nAuto-Submitted:" not in one["raw"]]
