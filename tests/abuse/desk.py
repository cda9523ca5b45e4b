"""The agent page's side of the HTTP API, as whoever holds a token may speak it: also badly."""

import http.client
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from emailchannel import directory
from emailchannel.aws import desk_reading, desk_replies, desk_writing
from local.testing import Stack, stack
from tests.abuse.world import FAST, Matter, World
from tests.builders import mail

ROUTES = (*desk_reading.ROUTES, *desk_writing.ROUTES, *desk_replies.ROUTES)
REFUSED = {400, 404, 413, 422}
KEPT = ("kind", "html", "to", "cc", "bcc", "next", "answers", "files")  # of a draft
ORIGIN = "https://desk.example"  # where the page is
_numbers = count(1)


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body) if self.body else None


class Desk:
    """Calls with one token."""

    def __init__(self, s: Stack, token: str = "", contact: str = "") -> None:
        self.s, self.token, self.contact = s, token, contact

    def raw(self, method, path, body=None, headers=None) -> Reply:
        """A call just as it is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.s.world.port, timeout=60)
        host = urlparse(self.s.outputs["AgentApiUrl"]).netloc
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        reply = Reply(answer.status, found, answer.read())
        connection.close()
        return reply

    def call(self, method, path, body=None, key="") -> Reply:
        """A call as the page makes it."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        return self.raw(method, path, body, headers)

    def __call__(self, method, path, body=None, key=""):
        """(status, decoded answer)"""
        reply = self.call(method, path, body, key)
        return reply.status, reply.json

    def view(self):
        status, found = self("GET", "/case")
        assert status == 200, found
        return found

    def composer(self):
        status, found = self("GET", "/case/composer")
        assert status == 200, found
        return found

    def letter(self, **more):
        """The body of an answer to the customer's newest mail, as the page would send it now."""
        case = self.view()["case"]
        seen = {"latest_message_id": case["latest_message_id"], "last_answer": case["last_answer"]}
        return {
            "kind": "reply",
            "html": f"<p>It is on its way ({next(_numbers)}).</p>",
            "to": [case["customer"]["address"]],
            "cc": [],
            "bcc": [],
            "next": "default",
            "answers": case["latest_message_id"],
            "files": [],
            "seen": seen,
            **more,
        }

    def draft(self, **more):
        """The body that saves this as the case's first draft."""
        letter = self.letter(**more)
        return {"version": 0, **{name: letter[name] for name in KEPT}}

    def send(self, key="", **more):
        """Send an answer: (status, decoded answer, mails that left because of it)."""
        before = len(self.s.sent())
        status, found = self("POST", "/case/messages", self.letter(**more), key or new_key())
        self.s.settle()
        return status, found, self.s.sent()[before:]

    def slot(self, filename="note.txt", kind="text/plain", size=4, inline=False, **more):
        """Ask for a place to put a file: (status, decoded answer)."""
        body = {"filename": filename, "content_type": kind, "size": size, "inline": inline, **more}
        return self("POST", "/case/files", body)

    def upload(self, octets=b"text", filename="note.txt", kind="text/plain", inline=False):
        """A file put in its place: what the API told of it."""
        status, slot = self.slot(filename, kind, len(octets), inline)
        assert status == 201, slot
        assert put(slot, octets) == 200
        return slot


def new_key() -> str:
    return f"key-{next(_numbers):08}"


def put(slot, octets, **changed) -> int:
    """What the bucket says to these bytes at the address of a slot."""
    headers = {**slot["headers"], **changed}
    try:
        with urlopen(Request(slot["url"], octets, headers, method="PUT"), timeout=30) as answer:
            return answer.status
    except OSError as error:
        return getattr(error, "code", 0)


def desk_of(w: World, matter: Matter, agent: str = "alice") -> Desk:
    """The page of an agent who takes the case's task."""
    api = w.api(matter.id, agent)
    return Desk(w.s, api.token, w.case(matter.id)["contact_id"])


def serve_no_queue(w: World, *agents: str) -> None:
    """These agents serve no queue any more, as the channel knows them."""
    for agent in agents:
        found = directory.by_id(w.s.channel, w.s._agent(agent)["id"])
        w.s.channel.cases.keep_agent(replace(found, queues=()))


@contextmanager
def page_world(**parameters: str):
    """A stack with its page at ORIGIN."""
    with stack(**{"PageOrigin": ORIGIN, **FAST, **parameters}) as s:
        yield World(s)


def free_all(w: World) -> None:
    """Every agent is free again, and nothing waits for one of them alone."""
    for task in w.s.tasks():
        own = "/queue/agent/" in (task["queue"] or {}).get("arn", "")
        waits = own and task["state"] in {"QUEUED", "OFFERED"}
        if waits:
            w.s.accept(task["id"], task["queue"]["name"])
        if waits or task["state"] == "CONNECTED":
            w.s.complete(task["id"])


def at_once(calls) -> list:
    """All of these at the same time; what each returns."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def again(w: World, matter: Matter, text="Anything new?") -> str:
    """The customer writes once more on her case; returns the mail's id."""
    raw = mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", text)
    return w.deliver(raw, matter.customer, matter.alias).id
