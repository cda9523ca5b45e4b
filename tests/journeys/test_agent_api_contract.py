"""The agent API is what docs/agent-api.yaml says: both ways, over HTTP, on the deployed stack."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import content_type_conformance as of_its_type
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.checks import response_schema_conformance as conforms
from schemathesis.specs.openapi.checks import status_code_conformance as documented

from emailchannel.aws import desk_reading, desk_replies, desk_writing
from tests.abuse.desk import Desk, again, desk_of, page_world, put
from tests.abuse.world import Matter, World
from tests.builders import mail

DOCUMENT = Path(__file__).parents[2] / "docs" / "agent-api.yaml"
ROUTES = (*desk_reading.ROUTES, *desk_replies.ROUTES, *desk_writing.ROUTES)
METHODS = {"GET", "POST", "PUT", "DELETE"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40

# What a query has beyond what is described is nobody's concern.
config = SchemathesisConfig.from_dict({"generation": {"allow-extra-parameters": False}})
schema = schemathesis.openapi.from_path(DOCUMENT, config=config)
described = yaml.safe_load(DOCUMENT.read_text())


@dataclass(frozen=True)
class At:
    """A desk with a case before it, and the API's address by path."""

    world: World
    desk: Desk
    base: str
    matter: Matter


@pytest.fixture(scope="module")
def at():
    with page_world(UndoSeconds="120") as w:
        bill = ("bill.pdf", "application/pdf", b"%PDF-1.4")
        before = w.matter(attachments=[bill])
        matter = w.matter(before.customer, attachments=[bill])
        again(w, matter)
        desk = desk_of(w, matter)
        api = (urlsplit(w.s.outputs["AgentApiUrl"]).hostname or "").partition(".")[0]
        base = f"{w.s.world.endpoint}/_aws/execute-api/{api}/$default"
        yield At(w, desk, base, matter)


def shape(path: str) -> str:
    """A path without the names of its parts."""
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def test_every_route_is_described_and_everything_described_is_a_route():
    in_words = {
        (method.upper(), shape(path))
        for path, item in described["paths"].items()
        for method in item
        if method.upper() in METHODS
    }
    assert in_words == {(route.method, shape(route.path)) for route in ROUTES}


def test_every_refusal_is_described_as_a_problem():
    for path, item in described["paths"].items():
        for method, operation in item.items():
            if method.upper() not in METHODS:
                continue
            assert {"operationId", "responses"} <= set(operation), (method, path)
            if operation.get("security") != []:
                assert "401" in operation["responses"], (method, path)


def own(path: str, at: At) -> dict[str, str]:
    """Ids of what is there, for the parts of a path that are ids."""
    if path.startswith("/messages/"):
        return {"id": at.matter.mail_id}
    if path.startswith("/cases/"):
        return {"case": at.matter.id} | ({"id": at.matter.mail_id} if "{id}" in path else {})
    return {}


def spoiled(case, location: str) -> bool:
    """Whether schemathesis has made this part of a call to be refused."""
    parts = case.meta.components if case.meta else {}
    return any(where.value == location and part.mode.is_negative for where, part in parts.items())


@schema.parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_whatever_is_sent_the_answer_is_as_described(case, at):
    """Also what does not fit the description: it is refused as described, and never an error."""
    if not spoiled(case, "header"):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {at.desk.token}"}
    if case.path_parameters and not spoiled(case, "path") and hash(case.id) % 2:
        case.path_parameters |= own(case.operation.path, at)  # every other time what is there
    response = case.call(base_url=at.base, timeout=60)
    if response.request.method not in METHODS:  # it ended at API Gateway
        assert response.status_code in {403, 404}
        return
    # Whose people, files and cursors they are no schema can say: what fits may still be refused.
    case.validate_response(response, excluded_checks=[positive_data_acceptance])


def announced(octets: bytes) -> dict:
    """A picture, as the page announces it."""
    name = {"filename": "a.png", "content_type": "image/png"}
    return {**name, "size": len(octets), "inline": False}


def third_party(at: At) -> str:
    """A stranger writes on the case; returns the id of the mail, which is held."""
    stranger = at.world.person("ben")
    raw = mail(f"Ben <{stranger}>", at.matter.alias, "Re: x", "Me too")
    return at.world.deliver(raw, stranger, at.matter.alias).id


class Visits:
    """Calls that go well, each answer held against the description; which routes they were."""

    def __init__(self, at: At) -> None:
        self.at, self.seen = at, set()

    def __call__(self, method, path, body=None, *, query=None, key="", **parts):
        """The decoded answer."""
        headers = {"Authorization": f"Bearer {self.at.desk.token}"}
        if key:
            headers["Idempotency-Key"] = key
        more = {"query": query} if query else {}
        if body is not None:
            more |= {"body": body, "media_type": "application/json"}
        case = schema[path][method].Case(path_parameters=parts, headers=headers, **more)
        answer = case.call(base_url=self.at.base, timeout=60)
        case.validate_response(answer, checks=[conforms, documented, of_its_type])
        assert answer.status_code < 300, (method, path, answer.text)
        self.seen.add((method, shape(path)))
        return answer.json() if answer.content else None


def test_a_day_at_the_desk_is_as_described(at):
    """Every route answers well at least once, and says what the document says it does."""
    ask, desk = Visits(at), at.desk
    ask("POST", "/case/presence", {"writing": True})
    view = ask("GET", "/case", query={"limit": 1})
    ask("GET", "/case")
    ask("GET", "/case/messages", query={"before": view["older"]})
    ask("GET", "/case/interactions")
    [other] = ask("GET", "/case/others")["cases"]
    ask("GET", "/cases/{case}", case=other["id"])
    [theirs, *_] = ask("GET", "/cases/{case}/messages", case=other["id"])["messages"]
    for what in ("formatted", "original", "headers", "attachments/{n}"):
        own = {"id": at.matter.mail_id} | ({"n": 0} if "{n}" in what else {})
        ask("GET", f"/messages/{{id}}/{what}", **own)
        foreign = {"case": other["id"], "id": theirs["id"]} | ({"n": 0} if "{n}" in what else {})
        path = f"/cases/{{case}}/messages/{{id}}/{what}"
        if path in described["paths"]:
            ask("GET", path, **foreign)
    ask("PUT", "/signature", {"html": "<p>Alice</p>"})
    ask("GET", "/signature")
    reply = {"title": "New lamp", "html": "<p>Dear {{ customer.name }}</p>"}
    ask("PUT", "/replies/own/{id}", reply, id="lamp")
    ask("GET", "/replies/own")
    ask("DELETE", "/replies/own/{id}", id="lamp")
    file = ask("POST", "/case/files", announced(PNG))
    assert put(file, PNG) == 200
    ask("GET", "/case/files/{id}", id=file["id"])
    letter = desk.letter(files=[file["id"]])
    version = ask("PUT", "/case/draft", desk.draft(files=[file["id"]]))["version"]
    ask("GET", "/case/composer")
    ask("DELETE", "/case/draft", query={"version": version})
    answer = ask("POST", "/case/messages", letter, key="a-day-at-the-desk")
    ask("POST", "/messages/{id}/undo", {}, id=answer["id"])
    held = third_party(at)
    ask("POST", "/messages/{id}/decision", {"action": "admit"}, id=held)
    seen = desk.letter()["seen"]
    ask("POST", "/case/state", {"status": "resolved", "seen": seen})
    ask("POST", "/sessions/renew", {})
    elsewhere = {("POST", "/sessions"), ("POST", "/sessions/person")}  # test_agent_api_person.py
    assert elsewhere >= {(r.method, shape(r.path)) for r in ROUTES} - ask.seen
