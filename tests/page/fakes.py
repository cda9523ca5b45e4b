"""A small world for the agent page: desktop side, case API, mail store and a stranger's host.

`World` holds plain data; a test changes it and looks at what the browser does. Its four routes are
put on ports by `server.py`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.page import writing

ACCOUNT = "111122223333"
QUEUE = {
    "name": "BasicQueue",
    "queueARN": f"arn:aws:connect:us-east-1:{ACCOUNT}:instance/i/queue/q",
}
CASE_ID = "7k3m9q2xv4tb8ncd5whj"
RELAYS = {
    f"{purpose}_address": f"{purpose}+{CASE_ID}1a2b3c0123456789abcdefghjkmnpq@mail.corp.example"
    for purpose in ("relay", "queuerelay", "agentrelay", "rejectrelay")
}

Answer = tuple[int, dict[str, str], bytes]
Route = Callable[[str, str, dict[str, str], bytes], Answer]


def as_json(status: int, body: object) -> Answer:
    """An HTTP answer with a JSON body."""
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def problem(status: int, title: str, detail: str) -> Answer:
    """An error answer (RFC 9457)."""
    return as_json(
        status, {"type": "about:blank", "title": title, "status": status} | {"detail": detail}
    )


def iso(moment: datetime) -> str:
    """UTC, seconds, with Z."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def mail(**changes: Any) -> dict[str, Any]:
    """A formatted mail, version 1."""
    return {
        "version": 1,
        "case_id": CASE_ID,
        "message_id": "m-1",
        "received_at": iso(datetime.now(UTC) - timedelta(minutes=12)),
        "from": {"name": "Ann Meyer", "address": "ann@example.com"},
        "reply_to": [],
        "to": [{"name": "", "address": "support@corp.example"}],
        "cc": [{"name": "Ben", "address": "ben@example.com"}],
        "subject": "Blue lamp arrived broken",
        "date": None,
        "text": "The glass is broken.\n\nOn Monday you wrote:\n> It is on its way.",
        "new_text": "The glass is broken.",
        "quoted_text": "On Monday you wrote:\n> It is on its way.",
        "html": (
            "<p>Hello,</p><p>the <b>glass</b> of the lamp arrived broken. "
            "Can you send another one?</p><p>Ann</p>"
            "<p>On Monday you wrote:</p><blockquote><p>It is on its way.</p></blockquote>"
        ),
        "attachments": [
            {
                "n": 0,
                "filename": "broken lamp.jpg",
                "content_type": "image/jpeg",
                "size": 348_160,
                "inline": False,
                "content_id": None,
            },
        ],
        "language": {"code": "en", "score": 0.99},
        "sentiment": {
            "label": "NEGATIVE",
            "scores": {"Positive": 0.01, "Negative": 0.91, "Neutral": 0.06, "Mixed": 0.02},
        },
        "key_phrases": [
            {"text": "the blue lamp", "score": 0.98},
            {"text": "broken glass", "score": 0.95},
        ],
        "entities": [],
        "authenticated": True,
        "warnings": [],
        "flags": [],
        "encryption": "none",
    } | changes


HELD = ["admit", "add", "new-case", "block"]
OUTCOMES = {
    "admit": "accepted",
    "add": "accepted",
    "new-case": "moved",
    "block": "blocked",
    "send": "noted",
    "discard": "blocked",
}

REASONS = {"admit": "admitted", "add": "added", "block": "blocked-sender"}


def held(case: dict[str, Any]) -> int:
    """How many messages of a case wait for a decision."""
    return sum(bool({"admit", "send"} & set(one["actions"])) for one in case["messages"])


def listed(message_id: str, **changes: Any) -> dict[str, Any]:
    """A message as the case API lists it."""
    return {
        "id": message_id,
        "direction": "in",
        "kind": "customer",
        "disposition": "accepted",
        "reason": "customer",
        "flags": [],
        "from": {"name": "Ann Meyer", "address": "ann@example.com"},
        "reply_to": [],
        "to": ["support@corp.example"],
        "cc": [],
        "subject": "Blue lamp arrived broken",
        "at": iso(datetime.now(UTC) - timedelta(minutes=5)),
        "delivery": "",
        "returned": "",
        "actor": "",
        "attachments": [],
        "warnings": [],
        "actions": [],
    } | changes


def answer(message_id: str = "o-1", **changes: Any) -> dict[str, Any]:
    """An answer by alice, as the case API lists it."""
    return listed(
        message_id,
        **{
            "direction": "out",
            "kind": "reply",
            "disposition": "sent",
            "from": {"name": "", "address": f"support+{CASE_ID}@mail.corp.example"},
            "to": ["ann@example.com"],
            "subject": "Re: Blue lamp arrived broken",
            "actor": "alice",
            "delivery": "delivered",
            "recipients": [],
        }
        | changes,
    )


def page_of(found: list[dict[str, Any]], start: int, size: int, name: str) -> dict[str, Any]:
    """A page of a list from its beginning, and the cursor of the page after it."""
    end = start + size
    return {name: found[start:end], "older": str(end) if end < len(found) else None}


def before(found: list[dict[str, Any]], skip: int, size: int) -> dict[str, Any]:
    """A page of messages from their end, oldest first, and the cursor of the page before it."""
    turned = page_of(found[::-1], skip, size, "messages")
    return turned | {"messages": turned["messages"][::-1]}


@dataclass
class Agent:
    """An agent of the fake Connect, with the contacts he or she has."""

    username: str
    first: str
    last: str
    state: str = "Offline"
    version: int = 1
    contacts: list[dict[str, Any]] = field(default_factory=list)

    def view(self) -> dict[str, Any]:
        """The agent as the desktop side gives it."""
        return {
            "id": self.username,
            "arn": f"arn:aws:connect:us-east-1:{ACCOUNT}:instance/i/agent/{self.username}",
            "username": self.username,
            "email": f"{self.username}@corp.example",
            "first_name": self.first,
            "last_name": self.last,
            "state": self.state,
            "routing_profile": "Basic Routing Profile",
            "queues": [QUEUE],
        }


class World:
    """Everything the page can reach, and what it asked for."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.agents = {
            "alice": Agent("alice", "Alice", "Archer"),
            "bob": Agent("bob", "Bob", "Baker"),
        }
        self.endpoints = [
            {
                "type": "queue",
                "name": "Returns",
                "endpointARN": "arn:qc:returns",
                "endpointId": "r",
            },
            {"type": "agent", "name": "Bob Baker", "endpointARN": "arn:qc:bob", "endpointId": "b"},
        ]
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.expired: set[str] = set()
        self.files: dict[int, bytes] = {}  # what attachments hold, by number
        self.headers: list[list[str]] = [["From", "Ann Meyer <ann@example.com>"]]
        self.viewers: list[dict[str, Any]] = []  # who else looks at the case
        self.present: list[bool] = []  # every time the page told that it is there: writing?
        self.others: list[dict[str, Any]] = []  # the customer's other cases, newest first
        self.other_cases: dict[str, dict[str, Any]] = {}  # those that can be read, by id
        self.states: list[dict[str, Any]] = []  # every state that was asked for
        self.codes: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.cases: dict[str, dict[str, Any]] = {}
        self.api_up = True
        self.whisper_runs = False  # an accepted contact stays `connecting` meanwhile
        self.transfers: list[tuple[str, str]] = []
        self.asked: list[str] = []
        self.tracked: list[str] = []
        self.page_size = 50  # messages, and entries of the history, in an answer
        self.urls: dict[str, str] = {}
        self.decided: list[dict[str, str]] = []  # every decision that was asked for
        self.undo_seconds = 0  # how long an answer that was let go waits
        self.clock_ahead = timedelta()  # of the channel's clock, seen from the browser
        self.undone: list[str] = []  # every answer that was to be taken back
        self.refusals: list[Answer] = []  # what the next decisions are answered instead
        self.answers: dict[str, Answer] = {}  # by idempotency key
        self.may_answer = threading.Event()  # cleared, a decision waits
        self.may_answer.set()
        self.writing = writing.Writing(self)

    # -- what a test sets up ------------------------------------------------------------------

    def store(self, key: str, body: object, content_type: str = "application/json") -> str:
        """Puts an object into the mail store and gives its link."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.objects[f"/{key}"] = (content_type, raw)
        return f"{self.urls['store']}/{key}?X-Amz-Signature=s"

    def offer(
        self, contact_id: str = "c-1", content: dict[str, Any] | None = None, **attributes: str
    ) -> dict[str, Any]:
        """Offers a task for a mail to alice; extra attributes win, empty ones are left out."""
        content = content or mail()
        link = self.store(f"formatted/{contact_id}", content)
        original = self.store(f"inbound/{contact_id}", b"Subject: x\r\n\r\nx", "message/rfc822")
        given = {
            "interaction_id": CASE_ID,
            "message_id": content["message_id"],
            "from_address": content["from"]["address"],
            "from_name": content["from"]["name"],
            "sent_to_email": "support@corp.example",
            "subject": content["subject"],
            "detected_language": "en",
            "detected_sentiment": "NEGATIVE",
            "received_at": content["received_at"],
            "email_url": link,
            "email_url_expires_at": iso(datetime.now(UTC) + timedelta(minutes=50)),
            "access_code": f"code-{contact_id}",
            **RELAYS,
            **attributes,
        }
        contact = {
            "contactId": contact_id,
            "initialContactId": contact_id,
            "previousContactId": None,
            "relatedContactId": None,
            "type": "task",
            "state": "connecting",
            "stateSince": int(datetime.now(UTC).timestamp() * 1000),
            "name": content["subject"][:512],
            "description": "",
            "attributes": {name: value for name, value in given.items() if value},
            "references": {"Original email": {"type": "URL", "value": original}},
            "queue": QUEUE,
            "acceptedAt": None,
        }
        self.cases.setdefault(contact_id, self._case(content))
        with self.lock:
            self.agents["alice"].contacts.append(contact)
            self.agents["alice"].version += 1
        return contact

    def add(self, message: dict[str, Any], content: dict[str, Any] | None = None) -> None:
        """Adds a message to the case, and its formatted mail to the store."""
        case = self.cases["c-1"]
        case["messages"].append(message)
        case["case"]["held"] = held(case)
        fallback = mail(message_id=message["id"], subject=message["subject"], html="")
        self.store(f"fresh/{message['id']}", content or fallback)

    def _case(self, content: dict[str, Any]) -> dict[str, Any]:
        message = listed(
            content["message_id"],
            **{name: content[name] for name in ("from", "reply_to", "to", "cc", "subject")},
            at=content["received_at"],
            attachments=content["attachments"],
            warnings=content["warnings"],
        )
        return {
            "case": {
                "id": CASE_ID,
                "status": "open",
                "customer": content["from"],
                "subject": content["subject"],
                "answered": False,
                "linked": [],
                "participants": [],
                "recipients": {"to": [content["from"]], "cc": []},
                "held": 0,
                "suppressed": "",
            },
            "messages": [message],
            "relay_addresses": {},
            "interactions": [],
        }

    # -- agent desktop side -------------------------------------------------------------------

    def desktop(self, method: str, path: str, _headers: dict[str, str], body: bytes) -> Answer:
        """`/_local/connect/<account>/...`"""
        parts = urlsplit(path).path.removeprefix(f"/_local/connect/{ACCOUNT}/").split("/")
        sent = json.loads(body) if body else {}
        with self.lock:
            match method, parts:
                case "GET", ["agents"]:
                    return as_json(200, [agent.view() for agent in self.agents.values()])
                case "PUT", ["agents", name, "state"]:
                    self.agents[name].state = sent["state"]
                    self.agents[name].version += 1
                    return as_json(200, {})
                case "GET", ["agents", name, "snapshot"]:
                    agent = self.agents[name]
                    return as_json(
                        200,
                        {
                            "version": agent.version,
                            "agent": agent.view(),
                            "contacts": agent.contacts,
                        },
                    )
                case "GET", ["agents", _, "endpoints"]:
                    return as_json(200, self.endpoints)
                case "POST", ["contacts", contact_id, action]:
                    return self._act(contact_id, action, sent)
        return as_json(404, {"message": f"no {method} {path}"})

    def _act(self, contact_id: str, action: str, sent: dict[str, str]) -> Answer:
        agent = self.agents[sent["agent"]]
        contact = next((one for one in agent.contacts if one["contactId"] == contact_id), None)
        if contact is None:
            return as_json(404, {"message": "no such contact"})
        allowed, after = {
            "accept": (("connecting",), "connected"),
            "reject": (("connecting",), "missed"),
            "end": (("connected",), "ended"),
            "transfer": (("connected",), "ended"),
            "clear": (("ended", "missed", "error"), None),
        }[action]
        if contact["state"] not in allowed:
            return as_json(409, {"message": f"{action} is not allowed: {contact['state']}"})
        if action == "transfer":
            self.transfers.append((contact_id, sent["endpointARN"]))
        if action == "accept":
            self.codes[contact["attributes"].get("access_code", "")] = contact_id
        if after is None:
            agent.contacts.remove(contact)
        else:
            contact["state"] = contact["state"] if self.whisper_runs else after
        agent.version += 1
        return as_json(200, {})

    # -- case API -----------------------------------------------------------------------------

    def api(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """The case API; every call but the first needs the token."""
        parts = urlsplit(path).path.strip("/").split("/")
        if parts[-1] == "decision":
            self.may_answer.wait(10)
        with self.lock:
            if not self.api_up:
                return problem(503, "Unavailable", "The service is being maintained.")
            if (method, parts) == ("POST", ["sessions"]):
                return self._open_session(json.loads(body))
            contact_id = self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))
            if contact_id is None:
                return problem(401, "Unauthorized", "The session is over.")
            if (found := self.writing.api(method, path, headers, body)) is not None:
                return found
            match method, parts:
                case "POST", ["sessions", "renew"]:
                    return self._token(contact_id)
                case "POST", ["messages", message_id, "decision"]:
                    sent = {"message": message_id, **json.loads(body)}
                    return self._decide(contact_id, sent, headers["idempotency-key"])
                case "POST", ["messages", message_id, "undo"]:
                    return self._undo(self.cases[contact_id], message_id)
                case "GET", ["case"]:
                    return as_json(200, self._newest(self.cases[contact_id]))
                case "GET", ["messages", message_id, "attachments", n]:
                    key = f"attachments/{message_id}/{n}"
                    file = self.files.get(int(n), b"bytes")
                    return as_json(200, {"url": self.store(key, file, "image/jpeg")})
                case "GET", ["messages", message_id, what]:
                    return self._read(message_id, what)
        return self._around(method, path, body, self.cases[contact_id])

    def _around(self, method: str, path: str, body: bytes, case: dict[str, Any]) -> Answer:
        """Who else looks at the case, its state, and the customer's other cases."""
        parts = urlsplit(path).path.strip("/").split("/")
        start = int(parse_qs(urlsplit(path).query).get("before", ["0"])[0])
        match method, parts:
            case "POST", ["case", "presence"]:
                self.present.append(json.loads(body)["writing"])
                return as_json(200, {"viewers": self.viewers})
            case "POST", ["case", "state"]:
                return self._set_state(case["case"], json.loads(body))
            case "GET", ["case", "messages" | "interactions" as what]:
                found, older = self._page(case[what], start)
                return as_json(200, {what: found, "older": older})
            case "GET", ["case", "others"]:
                return as_json(200, page_of(self.others, start, 3, "cases"))
            case "GET", ["cases", case_id] if case_id in self.other_cases:
                other = self.other_cases[case_id]
                return as_json(200, {**other, **before(other["messages"], 0, 2)})
            case "GET", ["cases", case_id, "messages"] if case_id in self.other_cases:
                return as_json(200, before(self.other_cases[case_id]["messages"], start, 2))
            case "GET", ["cases", case_id, "messages", message_id, "attachments", n]:
                key = f"attachments/{case_id}/{message_id}/{n}"
                return as_json(200, {"url": self.store(key, b"bytes", "image/jpeg")})
            case "GET", ["cases", case_id, "messages", message_id, what]:
                return self._read(message_id, what)
        return problem(404, "Not found", path)

    def _set_state(self, head: dict[str, Any], sent: dict[str, Any]) -> Answer:
        self.states.append(sent)
        if self.refusals:
            return self.refusals.pop(0)
        head["status"] = sent["status"]
        return as_json(200, {"status": sent["status"]})

    def _newest(self, case: dict[str, Any]) -> dict[str, Any]:
        """A case with the newest page of its messages and of its history."""
        messages, older = self._page(sorted(case["messages"], key=lambda one: str(one["at"])))
        entries, before = self._page(case["interactions"])
        now = iso(datetime.now(UTC) + self.clock_ahead)
        pages = {"messages": messages, "older": older}
        return {"now": now, **case, **pages} | {
            "interactions": entries,
            "older_interactions": before,
        }

    def _page(self, found: list[Any], before: int | None = None) -> tuple[list[Any], str | None]:
        """The newest of a list, or those before one, and where the page before begins."""
        end = len(found) if before is None else before
        start = max(0, end - self.page_size)
        return found[start:end], str(start) if start else None

    def _read(self, message_id: str, what: str) -> Answer:
        """A message's original, formatted mail or header fields."""
        if what == "original":
            key = f"original/{message_id}"
            return as_json(200, {"url": self.store(key, b"raw", "message/rfc822")})
        if what == "formatted":
            link = f"{self.urls['store']}/fresh/{message_id}?X-Amz-Signature=f"
            return as_json(200, {"url": link})
        if what == "headers":
            return as_json(200, {"headers": self.headers})
        return problem(404, "Not found", what)

    def _decide(self, contact_id: str, sent: dict[str, str], key: str) -> Answer:
        self.decided.append(sent | {"key": key})
        if self.refusals:
            return self.refusals.pop(0)
        if key not in self.answers:
            self.answers[key] = self._carry_out(self.cases[contact_id], sent)
        return self.answers[key]

    def _carry_out(self, case: dict[str, Any], sent: dict[str, str]) -> Answer:
        message = next(one for one in case["messages"] if one["id"] == sent["message"])
        action = sent["action"]
        if action not in message["actions"]:
            return problem(409, "Decided", "bob has decided about this message already.")
        message["actions"] = []
        message["disposition"] = OUTCOMES.get(action, message["disposition"])
        message["reason"] = REASONS.get(action, action)
        if action in ("add", "reply-to"):
            people = [message["from"]] if action == "add" else message["reply_to"]
            case["case"]["participants"] += people
            case["case"]["recipients"]["cc"] += people
        if action == "send":
            self._let_go(case, message)
        case["case"]["held"] = held(case)
        goes_on = "0new0case0new0case00" if action == "new-case" else CASE_ID
        return as_json(200, {"disposition": message["disposition"], "case_id": goes_on})

    def _let_go(self, case: dict[str, Any], message: dict[str, Any]) -> None:
        """An answer that was held goes into the outbox."""
        leaves = datetime.now(UTC) + self.clock_ahead + timedelta(seconds=self.undo_seconds)
        waits = {"not_before": iso(leaves)} if self.undo_seconds else {}
        to = [case["case"]["customer"]["address"]]
        case["messages"].append(
            answer(f"out-{message['id']}", to=to, delivery="queued", at=iso(datetime.now(UTC)))
            | waits
        )
        case["case"]["answered"] = True

    def _undo(self, case: dict[str, Any], message_id: str) -> Answer:
        self.undone.append(message_id)
        if self.refusals:
            return self.refusals.pop(0)
        message = next(one for one in case["messages"] if one["id"] == message_id)
        message |= {"delivery": "undone"}
        message.pop("not_before", None)
        case["case"]["answered"] = False
        return as_json(200, {"delivery": "undone"})

    def _open_session(self, sent: dict[str, str]) -> Answer:
        contact_id = self.codes.pop(sent["code"], None)
        if contact_id is None or contact_id != sent["contact_id"]:
            return problem(401, "Unauthorized", "This code is not valid, or was used already.")
        return self._token(contact_id, 201)

    def _token(self, contact_id: str, status: int = 200) -> Answer:
        token = f"token-{len(self.tokens)}-{contact_id}"
        self.tokens[token] = contact_id
        ends = iso(datetime.now(UTC) + timedelta(minutes=10))
        return as_json(status, {"token": token, "expires_at": ends})

    # -- mail store, and somebody else's host ---------------------------------------------------

    def mail_store(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Presigned GETs: 403 once expired, attachment disposition as in the signature."""
        if method == "PUT":
            return self.writing.store(path, headers, body)
        key = urlsplit(path).path
        self.asked.append(key)
        if key in self.expired:
            return (
                403,
                {"Content-Type": "application/xml"},
                b"<Error><Code>AccessDenied</Code></Error>",
            )
        if key not in self.objects:
            return (
                404,
                {"Content-Type": "application/xml"},
                b"<Error><Code>NoSuchKey</Code></Error>",
            )
        content_type, raw = self.objects[key]
        given = {"Content-Type": content_type}
        if content_type != "application/json":
            given["Content-Disposition"] = 'attachment; filename="file"'
        return 200, given, raw

    def stranger(self, _method: str, path: str, _headers: dict[str, str], _body: bytes) -> Answer:
        """A host no mail may reach."""
        self.tracked.append(path)
        return 200, {"Content-Type": "image/gif"}, b"GIF89a"


def query(url: str) -> dict[str, list[str]]:
    """The query of a mailto link, decoded."""
    return parse_qs(urlsplit(url).query, strict_parsing=True)
