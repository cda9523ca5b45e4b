"""The back end of the conversation app, asked as a browser would, and as somebody else would."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from examples.app_conversation import access, messages_api, on_lambda, secret, web
from examples.app_conversation.backend import FOLDER, App
from examples.app_conversation.local_server import serving
from tests.page.conversation import ANN, CODE, Clock, app
from tests.page.fake_messages_api import KEY, MessagesApi
from tests.page.fake_messages_api import messages_api as fake

START = {"to": ANN, "subject": "Your flat", "code": CODE, "key": "first-key"}
SAID = {"text": "Hello", "key": "some-key-1"}


@dataclass
class Caller:
    """Somebody who asks the app."""

    app: App
    api: MessagesApi
    clock: Clock
    address: str = "192.0.2.1"

    def ask(
        self, method: str, path: str, wish: Any = None, token: str = "", **headers: str
    ) -> web.Response:
        path, _, query = path.partition("?")
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"authorization": f"Bearer {token}"} if token else {}
        body = b"" if wish is None else json.dumps(wish).encode()
        given = {"content-type": "application/json"} | given
        pairs = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        return self.app.handle(web.Request(method, path, pairs, given, body, self.address))

    def begin(self, **other: str) -> str:
        """A new conversation's token."""
        answer = self.ask("POST", "/conversations", START | other)
        assert answer.status == 201, answer.body
        return str(json.loads(answer.body)["token"])


@pytest.fixture
def caller() -> Iterator[Caller]:
    clock = Clock()
    with fake() as api:
        yield Caller(app(api.url, clock), api, clock)


def said(answer: web.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_conversation_is_begun_written_to_and_read(caller: Caller) -> None:
    token = caller.begin()
    content = base64.b64encode(b"%PDF").decode()
    file = {"name": "plan.pdf", "type": "application/pdf", "content": content}
    answer = caller.ask("POST", "/messages", SAID | {"files": [file]}, token)
    assert answer.status == 201
    caller.api.arrive(caller.api.only.id, "Hi", html="<b>Hi</b>")
    answer = caller.ask("GET", "/conversation", token=token)
    found = said(answer)
    assert (found["to"], found["subject"], found["open"]) == (ANN, "Your flat", True)
    assert [(m["own"], m["text"], m["state"]) for m in found["messages"]] == [
        (True, "Hello", "ACCEPTED"),
        (False, "Hi", "RECEIVED"),
    ]
    assert found["messages"][0]["files"][0]["name"] == "plan.pdf"
    [kept] = caller.api.only.messages[0]["attachments"]
    assert (kept["contentType"], kept["size"]) == ("application/pdf", 4)
    assert b"<b>" not in answer.body


def test_polling_costs_one_small_question_and_no_body(caller: Caller) -> None:
    token = caller.begin()
    caller.ask("POST", "/messages", SAID, token)
    first = caller.ask("GET", "/conversation", token=token)
    caller.api.asked.clear()
    tag = first.headers["ETag"]
    same = caller.ask("GET", "/conversation", token=token, if_none_match=tag)
    assert (same.status, same.body, caller.api.asked) == (304, b"", ["State"])
    for change in (
        lambda: caller.api.becomes(caller.api.only.messages[0], "BOUNCED", "no such mailbox"),
        lambda: caller.api.arrive(caller.api.only.id, "Hi"),
        lambda: setattr(caller.api.only, "open", False),
    ):
        change()
        other = caller.ask("GET", "/conversation", token=token, if_none_match=tag)
        assert other.status == 200
        assert other.headers["ETag"] != tag
        tag = other.headers["ETag"]


def test_earlier_messages_come_in_pages_without_a_gap(caller: Caller) -> None:
    token = caller.begin()
    for number in range(70):
        caller.api.arrive(caller.api.only.id, str(number))
    found = said(caller.ask("GET", "/conversation", token=token))
    texts = [message["text"] for message in found["messages"]]
    while found["earlier"]:
        caller.api.arrive(caller.api.only.id, "meanwhile")
        found = said(caller.ask("GET", f"/conversation?after={found['earlier']}", token=token))
        texts = [message["text"] for message in found["messages"]] + texts
    assert texts == [str(number) for number in range(70)]


def test_the_same_key_sends_once_and_only_in_its_conversation(caller: Caller) -> None:
    one, other = caller.begin(), caller.begin(key="second-key")
    for token in (one, one, other):
        assert caller.ask("POST", "/messages", SAID, token).status == 201
    assert [len(c.messages) for c in caller.api.conversations.values()] == [1, 1]


def test_a_conversation_begun_twice_with_a_key_is_one(caller: Caller) -> None:
    caller.begin()
    caller.begin()
    assert caller.api.only.to == ANN


@pytest.mark.parametrize(
    "code", ["", "\ud800", "let-me-in-pleas", 7, None, ["let-me-in-please"], "é"]
)
def test_a_wrong_code_opens_nothing(caller: Caller, code: Any) -> None:
    answer = caller.ask("POST", "/conversations", START | {"code": code})
    assert (answer.status, said(answer)["error"]) == (403, "WrongCode")
    assert caller.api.asked == []


def test_wrong_codes_are_limited_for_each_caller(caller: Caller) -> None:
    wrong = START | {"code": "wrong"}
    for _ in range(5):
        assert caller.ask("POST", "/conversations", wrong).status == 403
    answer = caller.ask("POST", "/conversations", START)  # the right one is not looked at either
    assert (answer.status, said(answer)["error"]) == (429, "TooManyTries")
    assert 0 < int(answer.headers["Retry-After"]) <= 301
    caller.address = "192.0.2.2"
    caller.begin()
    caller.address = "192.0.2.1"
    caller.clock.ahead = 301
    caller.begin()


def test_callers_that_are_remembered_are_limited_too() -> None:
    tries = access.Tries(1)
    for number in range(10_001):
        tries.begin(str(number), 0)
    assert (tries.begin("1", 1), tries.begin("0", 1)) == (300, 0)


def test_codes_that_are_right_are_not_counted(caller: Caller) -> None:
    for number in range(20):
        caller.begin(key=f"one-of-many-{number}")


def tampered(token: str) -> list[str]:
    body, _, mac = token.partition(".")
    other = access._encode(access.base64.urlsafe_b64decode(body + "==").replace(b'"0', b'"9'))
    return ["", "x", ".", f"{other}.{mac}", f"{body}.", f"{body}.{mac[:-2]}AA", f"{mac}.{body}"]


def test_only_a_genuine_token_lets_in(caller: Caller) -> None:
    token = caller.begin()
    for bad in tampered(token):
        for method, path in (("GET", "/conversation"), ("POST", "/messages")):
            assert caller.ask(method, path, SAID, bad).status == 401
        assert caller.ask("POST", "/token", {"code": CODE}, bad).status == 403
    foreign = access.Tokens(b"another key").issue(caller.api.only.id, caller.clock())
    assert caller.ask("GET", "/conversation", token=foreign).status == 401
    assert caller.api.only.messages == []


def test_a_token_ends_is_renewed_in_use_and_comes_back_with_the_code(caller: Caller) -> None:
    token = caller.begin()
    caller.clock.ahead = access.LIFE / 2 + 60
    answer = caller.ask("GET", "/conversation", token=token)
    renewed = answer.headers["Conversation-Token"]
    tag = answer.headers["ETag"]
    caller.clock.ahead = access.LIFE + 60
    assert caller.ask("GET", "/conversation", token=token).status == 401
    answer = caller.ask("GET", "/conversation", token=renewed, if_none_match=tag)
    assert answer.status in (200, 304)
    wrong = caller.ask("POST", "/token", {"code": "wrong"}, token)
    assert (wrong.status, said(wrong)["error"]) == (403, "WrongCode")
    again = said(caller.ask("POST", "/token", {"code": CODE}, token))["token"]
    assert caller.ask("GET", "/conversation", token=again).status == 200
    caller.clock.ahead = access.BACK + access.LIFE + 60
    assert caller.ask("POST", "/token", {"code": CODE}, token).status == 403


def test_without_the_code_a_token_is_not_renewed_for_ever(caller: Caller) -> None:
    token = caller.begin()
    while caller.clock.ahead < access.SESSION - 1000:
        caller.clock.ahead += 1000
        answer = caller.ask("GET", "/conversation", token=token)
        assert answer.status == 200
        token = answer.headers.get("Conversation-Token", token)
    caller.clock.ahead = access.SESSION + 1
    assert caller.ask("GET", "/conversation", token=token).status == 401


def test_a_file_is_reached_by_its_own_link_alone(caller: Caller) -> None:
    token, other = caller.begin(), caller.begin(key="second-key")
    one, two = caller.api.conversations
    mine = caller.api.arrive(one, "plans", ("a.pdf", "", b"a"), ("b.pdf", "", b"b"))
    foreign = caller.api.arrive(two, "secret", ("c.pdf", "", b"c"))
    files = said(caller.ask("GET", "/conversation", token=token))["messages"][0]["files"]
    links = [f"/{file['link']}" for file in files]
    answer = caller.ask("GET", links[1])
    assert answer.status == 302
    assert answer.headers["Location"] == mine["attachments"][1]["url"]
    assert answer.headers["Cache-Control"] == "no-store"
    stolen = links[0].partition("?t=")[2]
    for path in (
        f"/attachments/{mine['id']}/1?t={stolen}",
        f"/attachments/{foreign['id']}/0?t={stolen}",
        f"/attachments/{mine['id']}/0?t={token}",
        f"/attachments/{foreign['id']}/0?t={other}",
        f"/attachments/{mine['id']}/0",
    ):
        assert caller.ask("GET", path).status == 403
    # A token signed for this conversation does not open a message of another.
    forged = caller.app.tokens.issue_file(one, foreign["id"], 0, caller.clock())
    assert caller.ask("GET", f"/attachments/{foreign['id']}/0?t={forged}").status == 404
    for number in ("9", "-1", "x", "", "1e3", "²", "9" * 5000):
        forged = caller.app.tokens.issue_file(one, mine["id"], 9, caller.clock())
        path = f"/attachments/{mine['id']}/{number}?t={forged}"
        assert caller.ask("GET", path).status == 404
    assert caller.ask("GET", "/conversation", token=stolen).status == 401
    caller.clock.ahead = 2 * access.LINK + 1
    assert caller.ask("GET", links[0]).status == 403


def test_a_link_that_is_none_is_not_followed(caller: Caller) -> None:
    token = caller.begin()
    message = caller.api.arrive(caller.api.only.id, "x", ("a.pdf", "", b"a"))
    message["attachments"][0]["url"] = "javascript:alert(1)"
    [file] = said(caller.ask("GET", "/conversation", token=token))["messages"][0]["files"]
    assert caller.ask("GET", f"/{file['link']}").status == 502


@pytest.mark.parametrize("kind", messages_api.SENTENCES)
def test_what_the_api_refuses_becomes_a_sentence(caller: Caller, kind: str) -> None:
    token = caller.begin()
    caller.api.refuse(kind)
    answer = caller.ask("POST", "/messages", SAID, token)
    assert (answer.status, said(answer)["error"]) == (messages_api.SENTENCES[kind][0], kind)
    assert said(answer)["message"].endswith(".") or said(answer)["message"].endswith("?")
    assert "as the API says it" not in said(answer)["message"]
    assert ("Retry-After" in answer.headers) == (kind in ("Throttled", "Busy", "Failed"))


def test_every_error_of_the_schema_has_a_sentence() -> None:
    text = (FOLDER.parents[2] / "schema.graphql").read_text()
    named = text.partition("Errors have an errorType:")[2].partition("\n\n")[0]
    names = named.replace("#", " ").replace(".", " ").replace(",", " ").split()
    assert set(messages_api.SENTENCES) == set(names)


def test_an_api_that_does_not_answer_or_does_not_let_in(caller: Caller) -> None:
    token = caller.begin()
    caller.api.losing = 1
    answer = caller.ask("GET", "/conversation", token=token)
    assert (answer.status, said(answer)["error"]) == (502, "Unreachable")
    keyless = Caller(app(caller.api.url, caller.clock, "wrong"), caller.api, caller.clock)
    answer = keyless.ask("GET", "/conversation", token=token)
    assert (answer.status, said(answer)["error"]) == (502, "Misconfigured")
    nowhere = Caller(app("http://127.0.0.1:9/graphql", caller.clock), caller.api, caller.clock)
    assert said(nowhere.ask("GET", "/conversation", token=token))["error"] == "Unreachable"
    caller.api.conversations.clear()
    assert caller.ask("GET", "/conversation", token=token).status == 404


@pytest.mark.parametrize(
    "wish",
    [
        [],
        {},
        {"text": "", "key": "some-key-1"},
        {"text": " \n", "key": "some-key-1"},
        {"text": 7, "key": "some-key-1"},
        {"text": "x" * 50_001, "key": "some-key-1"},
        {"text": "x", "key": "short"},
        {"text": "x", "key": "some-key-\ud800"},
        {"text": "\udfff", "key": "some-key-1"},
        {"text": "x", "key": "some-key-1", "files": "x"},
        {"text": "x", "key": "some-key-1", "files": [{"name": "a", "content": "", "type": 7}]},
        {"text": "x", "key": "some-key-1", "files": ["x"]},
        {"text": "x", "key": "some-key-1", "files": [{"name": "", "content": ""}]},
        {"text": "x", "key": "some-key-1", "files": [{"name": "a", "content": "!"}]},
        {"text": "x", "key": "some-key-1", "files": [{"name": "a", "content": "é"}]},
        {"text": "x", "key": "some-key-1", "files": [{"name": "a", "content": ""}] * 11},
        {"text": "x", "key": "some-key-1", "files": [{"name": "a", "content": "A" * 5_600_000}]},
    ],
)
def test_what_is_not_a_message_is_refused(caller: Caller, wish: Any) -> None:
    token = caller.begin()
    answer = caller.ask("POST", "/messages", wish, token)
    assert answer.status in (400, 413)
    assert said(answer)["message"]
    assert caller.api.only.messages == []


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 15_000, b'{"a":' * 3000, b"NaN", b"1e999"])
def test_what_is_no_json_is_refused(caller: Caller, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    asked = web.Request("POST", "/conversations", {}, headers, body, caller.address)
    assert caller.app.handle(asked).status == 400


def test_other_bodies_methods_and_paths_are_refused(caller: Caller) -> None:
    token = caller.begin()
    form = caller.ask("POST", "/messages", SAID, token, content_type="text/plain")
    assert form.status == 415
    large = caller.ask("POST", "/conversations", START | {"subject": "x" * 30_000})
    assert large.status == 413
    for path in ("/../backend.py", "/backend.py", "/page/index.html", "/%2e%2e/x", "/.", "//"):
        assert caller.ask("GET", path).status == 404
    for method, path in (("DELETE", "/conversation"), ("GET", "/messages"), ("POST", "/")):
        assert caller.ask(method, path, SAID, token).status == 405


def test_the_page_is_strict_and_holds_no_key(caller: Caller) -> None:
    answer = caller.ask("GET", "/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for path in FOLDER.iterdir():
        got = caller.ask("GET", f"/{path.name}")
        assert got.status == 200
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert KEY.encode() not in got.body
        assert b"innerHTML" not in got.body
    page = (FOLDER / "index.html").read_text()
    assert " style=" not in page
    assert " onclick" not in page
    assert "<script>" not in page
    assert "http" not in page


def test_nothing_that_is_secret_is_in_a_representation(caller: Caller) -> None:
    shown = repr(caller.app)
    assert KEY not in shown
    assert CODE not in shown
    assert "kkkk" not in shown


def test_the_local_server_is_for_this_machine_alone(caller: Caller) -> None:
    with serving(caller.app) as url:
        request = urllib.request.Request(url, headers={"Host": "attacker.example"})
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        with refused.value as answer:
            assert answer.code == 421
        for length in ("9" * 9, "9" * 5000, "-1", "x"):
            headers = {"Content-Length": length}
            request = urllib.request.Request(f"{url}/messages", b"x", headers)
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            with refused.value as answer:
                assert answer.code == 413
        with urllib.request.urlopen(url, timeout=10) as page:
            assert b"<title>" in page.read()


def event(method: str, path: str, body: bytes | None = None, **headers: str) -> dict[str, Any]:
    """As an HTTP API hands it over."""
    path, _, query = path.partition("?")
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers | {"Content-Type": "application/json"},
        "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.7"}},
        **({"body": base64.b64encode(body).decode(), "isBase64Encoded": True} if body else {}),
    }


def test_on_lambda_the_keys_come_from_secrets_and_are_read_again(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def read(arn: str, _environment: Any) -> str:
        asked.append(arn)
        return json.dumps({"apiKey": KEY, "accessCode": CODE}) if arn == "access" else "k" * 32

    monkeypatch.setattr(secret, "read", read)
    monkeypatch.setattr(on_lambda, "_known", [])
    for name, value in (
        ("ACCESS_SECRET", "access"),
        ("TOKEN_SECRET", "token"),
        ("MESSAGES_API_URL", caller.api.url),
    ):
        monkeypatch.setenv(name, value)
    begun = on_lambda.handler(event("POST", "/conversations", json.dumps(START).encode()), None)
    assert begun["statusCode"] == 201
    token = json.loads(begun["body"])["token"]
    read_it = event("GET", "/conversation", Authorization=f"Bearer {token}")
    answer = on_lambda.handler(read_it, None)
    assert (answer["statusCode"], json.loads(answer["body"])["to"]) == (200, ANN)
    assert "<title>" in on_lambda.handler(event("GET", "/"), None)["body"]
    assert asked == ["access", "token"]
    on_lambda._known[0] = (on_lambda._known[0][0] - 301, on_lambda._known[0][1])
    assert on_lambda.handler(read_it, None)["statusCode"] == 200
    assert len(asked) == 4


@pytest.mark.parametrize("session", ["", "a-session-token"])
def test_the_request_for_a_secret_is_signed_as_botocore_signs_it(session: str) -> None:
    body = b'{"SecretId": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"}'
    at = datetime.now(UTC).replace(microsecond=0)
    keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "a+secret/key"}
    if session:
        keys["AWS_SESSION_TOKEN"] = session
    host = "secretsmanager.eu-west-1.amazonaws.com"
    ours = secret.signed(host, body, "eu-west-1", keys, at.timestamp())
    theirs = AWSRequest("POST", f"https://{host}/", data=body)
    for name in ("content-type", "x-amz-target"):
        theirs.headers[name] = ours[name]
    credentials = Credentials(
        keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], session or None
    )
    theirs.context["timestamp"] = ours["x-amz-date"]
    SigV4AuthAt(credentials, "secretsmanager", "eu-west-1", ours["x-amz-date"]).add_auth(theirs)
    assert ours["Authorization"] == theirs.headers["Authorization"]


class SigV4AuthAt(SigV4Auth):
    """botocore's, at a moment of ours."""

    def __init__(self, credentials: Credentials, service: str, region: str, stamp: str) -> None:
        super().__init__(credentials, service, region)
        self.stamp = stamp

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self.stamp
        super()._modify_request_before_signing(request)

    def scope(self, request: AWSRequest) -> str:
        request.context["timestamp"] = self.stamp
        return super().scope(request)
