"""The writing endpoints of the case API, for `World`: drafts, files, sends and signatures."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.page import fakes

if TYPE_CHECKING:
    from tests.page.fakes import Answer, World

SIGNATURE = "<div>-- </div><div>Alice Archer<br>Corp support</div>"
LIMITS = {"file": 20_000_000, "total": 25_000_000, "files": 20, "html": 200_000}
REPLIES = [
    {
        "id": "lamp",
        "title": "Replacement lamp",
        "subject": "",
        "html": "<p>Dear Ann,</p><p>a new lamp leaves today.</p>",
        "text": "Dear Ann,\n\na new lamp leaves today.",
    },
    {
        "id": "thanks",
        "title": "Thank you",
        "subject": "",
        "html": "<p>Thank you for writing.</p>",
        "text": "Thank you for writing.",
    },
]


def filled(reply: dict[str, str]) -> dict[str, Any]:
    """An own prepared reply as the composer gets it."""
    html = reply["html"].replace("{{ customer.first_name }}", "Ann")
    return reply | {"html": html, "text": re.sub("<[^>]*>", "", html), "mine": True}


class Writing:
    """What agents write in the one case of the world; a test changes and reads it as it likes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = [
            {"name": "Ann Meyer", "address": "ann@example.com", "role": "customer"},
            {"name": "Ben", "address": "ben@example.com", "role": "copied"},
            {"name": "", "address": "carla@partner.example", "role": "participant"},
        ]
        self.limits = dict(LIMITS)
        self.replies = REPLIES
        self.own: dict[str, dict[str, str]] = {}  # alice's prepared replies, by id
        self.undo_seconds = 0
        self.signature = {"html": SIGNATURE, "text": "-- \nAlice Archer\nCorp support"}
        self.draft: dict[str, Any] | None = None
        self.files: dict[str, dict[str, Any]] = {}
        self.put: dict[str, tuple[str, bytes]] = {}  # the store's uploads: type and bytes
        self.may_upload = threading.Event()  # cleared, an upload waits
        self.may_upload.set()
        self.refuse_uploads = 0  # how many PUTs are answered with 503
        self.sent: list[dict[str, Any]] = []  # mails and notes that came to be
        self.keys: list[str] = []  # of every send that was asked for
        self.answered: dict[str, Answer] = {}  # by key
        self.saves = 0
        self.silent = 0  # how many sends are carried out and answered with 503
        self.refusals: list[Answer] = []  # what the next sends are answered instead
        self.over = False  # the session has ended

    # -- what happens elsewhere -----------------------------------------------------------------

    def saved_by(self, author: str, html: str, **changes: Any) -> None:
        """Somebody else saves the draft."""
        version = self.draft["version"] + 1 if self.draft else 1
        self.draft = {
            "version": version,
            "kind": "reply",
            "html": html,
            "to": ["ann@example.com"],
            "cc": [],
            "bcc": [],
            "next": "default",
            "answers": "m-1",
            "files": [],
            "author": author,
            "at": fakes.iso(datetime.now(UTC) - timedelta(minutes=11)),
        } | changes

    def colleague_answers(self, username: str = "bob") -> None:
        """A colleague's answer leaves."""
        case = self.world.cases["c-1"]
        case["messages"].append(
            fakes.answer(
                "o-bob", actor=username, at=fakes.iso(datetime.now(UTC) - timedelta(minutes=2))
            )
        )
        case["case"] |= {"answered": True, "last_answer": "o-bob"}

    def customer_writes(self) -> None:
        """The customer writes once more."""
        at = fakes.iso(datetime.now(UTC) - timedelta(minutes=2))
        self.world.add(fakes.listed("m-2", at=at, subject="Re: Blue lamp"))
        self.world.cases["c-1"]["case"]["latest_message_id"] = "m-2"

    # -- HTTP -----------------------------------------------------------------------------------

    def api(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """The answer, or None where the path is none of ours."""
        parts = urlsplit(path).path.strip("/").split("/")
        query = parse_qs(urlsplit(path).query)
        mine = parts[:1] == ["signature"] or parts[:2] in (
            ["replies", "own"],
            ["case", "composer"],
            ["case", "draft"],
            ["case", "files"],
            ["case", "messages"],
        )
        if not mine or (method, parts) == ("GET", ["case", "messages"]):
            return None
        if self.over:
            return fakes.problem(401, "Unauthorized", "The session is over.")
        sent = json.loads(body) if body else {}
        match method, parts:
            case "GET", ["case", "composer"]:
                return fakes.as_json(200, self._composer())
            case "PUT", ["case", "draft"]:
                return self._save(sent)
            case "DELETE", ["case", "draft"]:
                return self._discard(int(query["version"][0]))
            case "POST", ["case", "files"]:
                return self._announce(sent)
            case "GET", ["case", "files", file_id]:
                key = f"uploads/{file_id}"
                kind, raw = self.put[file_id]
                return fakes.as_json(200, {"url": self.world.store(key, raw, kind)})
            case "POST", ["case", "messages"]:
                return self._send(sent, headers["idempotency-key"])
            case "GET", ["signature"]:
                return fakes.as_json(200, self.signature)
            case _, ["replies", "own", *names]:
                return self._own_replies(method, "".join(names), sent)
            case "PUT", ["signature"]:
                self.signature = {"html": sent["html"], "text": "kept"}
                return fakes.as_json(200, self.signature)
        return None

    def store(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """A presigned PUT: type and length are part of the signature."""
        self.may_upload.wait(10)
        file_id = urlsplit(path).path.rsplit("/", 1)[-1]
        file = self.files.get(file_id)
        if self.refuse_uploads:
            self.refuse_uploads -= 1
            return 503, {}, b""
        if file is None or headers.get("content-type") != file["content_type"]:
            return 403, {}, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        if len(body) != file["size"]:
            return 403, {}, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        self.put[file_id] = (file["content_type"], body)
        return 200, {}, b""

    def _composer(self) -> dict[str, Any]:
        case = self.world.cases["c-1"]["case"]
        return {
            "from": "support@corp.example",
            "customer": case["customer"],
            "people": self.people,
            "signature": self.signature,
            "replies": [filled(one) for one in self.own.values()]
            + [one | {"mine": False} for one in self.replies],
            "limits": self.limits,
            "undo_seconds": self.undo_seconds,
            "draft": self.draft,
        }

    def _own_replies(self, method: str, reply_id: str, sent: dict[str, str]) -> Answer:
        if method == "GET":
            return fakes.as_json(200, {"replies": list(self.own.values())})
        if method == "DELETE":
            self.own.pop(reply_id, None)
            return 204, {}, b""
        named = re.findall(r"{{ *([a-z_.]+) *}}", sent["html"])
        if wrong := [name for name in named if name != "customer.first_name"]:
            return fakes.problem(422, "Not kept", f"There is nothing called {wrong[0]}.")
        self.own[reply_id] = {"id": reply_id, **sent}
        return fakes.as_json(200, self.own[reply_id])

    def _save(self, sent: dict[str, Any]) -> Answer:
        current = self.draft["version"] if self.draft else 0
        if sent["version"] != current:
            return self._conflict()
        self.saves += 1
        files = [self.files[one] for one in sent["files"]]
        at = fakes.iso(datetime.now(UTC))
        self.draft = sent | {"version": current + 1, "files": files, "author": "alice", "at": at}
        return fakes.as_json(200, {"version": current + 1, "at": at})

    def _conflict(self) -> Answer:
        return fakes.as_json(
            409,
            {
                "type": "urn:email-channel:draft-changed",
                "title": "The draft has changed",
                "status": 409,
                "detail": "Somebody saved another version.",
                "draft": self.draft,
            },
        )

    def _discard(self, version: int) -> Answer:
        if self.draft and self.draft["version"] != version:
            return self._conflict()
        self.draft = None
        return 204, {}, b""

    def _announce(self, sent: dict[str, Any]) -> Answer:
        if sent["size"] > self.limits["file"]:
            return fakes.problem(413, "Too large", "The file is too large.")
        number = len(self.files) + 1
        file_id = f"f{number}"
        content_id = f"image{number}@corp.example" if sent["inline"] else None
        self.files[file_id] = sent | {"id": file_id, "content_id": content_id}
        url = f"{self.world.urls['store']}/uploads/c/{file_id}?X-Amz-Signature=p"
        headers = {"content-type": sent["content_type"], "content-length": str(sent["size"])}
        found = {"id": file_id, "url": url, "headers": headers, "content_id": content_id}
        return fakes.as_json(201, found)

    def _send(self, sent: dict[str, Any], key: str) -> Answer:
        self.keys.append(key)
        if self.refusals:
            return self.refusals.pop(0)
        if key not in self.answered:
            newer = self._newer(sent["seen"])
            if newer:
                return newer
            self.answered[key] = self._carry_out(sent)
        if self.silent:
            self.silent -= 1
            return fakes.problem(503, "Unavailable", "Something is slow.")
        return self.answered[key]

    def _newer(self, seen: dict[str, str]) -> Answer | None:
        case = self.world.cases["c-1"]
        head = case["case"]
        if seen["last_answer"] != head.get("last_answer", ""):
            found, kind = case["messages"][-1], "answer"
        elif seen["latest_message_id"] != head.get("latest_message_id", "m-1"):
            found, kind = case["messages"][-1], "customer"
        else:
            return None
        newer = {"actor": found["actor"] or found["from"]["name"], "at": found["at"]}
        newer |= {"message_id": found["id"], "kind": kind}
        said = {"type": "urn:email-channel:stale", "title": "Stale", "status": 409}
        return fakes.as_json(409, said | {"detail": "Somebody wrote meanwhile.", "newer": newer})

    def _carry_out(self, sent: dict[str, Any]) -> Answer:
        missing = [one for one in sent["files"] if one not in self.put]
        if missing:
            return fakes.problem(422, "Not sent", "A file was not uploaded.")
        self.sent.append(sent)
        case = self.world.cases["c-1"]
        message_id = f"{sent['kind']}-{len(self.sent)}"
        now = datetime.now(UTC)
        if sent["kind"] == "note":
            case["messages"].append(
                fakes.listed(
                    message_id, kind="note", disposition="noted", actor="alice", at=fakes.iso(now)
                )
            )
            self._sent(sent)
            return fakes.as_json(201, {"id": message_id, "delivery": "", "not_before": None})
        leaves = now + timedelta(seconds=self.undo_seconds)
        waits = {"not_before": fakes.iso(leaves)} if self.undo_seconds else {}
        case["messages"].append(
            fakes.answer(message_id, to=sent["to"], delivery="queued", at=fakes.iso(now)) | waits
        )
        if sent["kind"] == "reply":
            case["case"] |= {"answered": True, "last_answer": message_id}
        if sent["next"] == "close":
            case["case"]["status"] = "resolved"
        self._sent(sent)
        found = {"id": message_id, "delivery": "queued", "not_before": waits.get("not_before")}
        return fakes.as_json(201, found)

    def _sent(self, sent: dict[str, Any]) -> None:
        if self.draft and sent.get("draft_version") == self.draft["version"]:
            self.draft = None
