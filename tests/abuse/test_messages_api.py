"""Whoever has a key of the messages API, or only a mailbox, tries for more than is his."""

import base64
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

import pytest
from gql.transport.exceptions import TransportQueryError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.testing import fetch, stack
from tests.abuse.world import FAST, World
from tests.api import LIST, ONE, OPEN, POST, SEND, TALK, Api, bounce, refused
from tests.builders import mail

EVIL = (
    "\r\nBcc: thief@evil.example",
    "\nX-Evil: 1",
    "\r\n\r\n<script>x</script>",
    "\x00",
    "\u2028X",
)
FIELDS = ("subject", "from", "senderId", "filename", "contentType", "contentId")


@pytest.fixture(scope="module")
def w():
    with stack(**FAST, SendAcknowledgement="false", ApiRequestsPerSecond="500") as made:
        yield World(made)


@pytest.fixture(scope="module")
def api(w):
    return Api(w.s)


def ask(s, key, query):
    """(status, answer) of a request over HTTP."""
    body = json.dumps({"query": query}).encode()
    headers = {"x-api-key": key, "content-type": "application/json"}
    request = urllib.request.Request(s.outputs["MessagesApiUrl"], body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def wish(to, field, evil):
    """A request with a line of its own in one field."""
    file = {"filename": "a.txt", "content": "YQ==", "contentType": "text/plain"}
    if field in ("filename", "contentType", "contentId"):
        file[field] = f"{file.get(field, 'a')}{evil}"
        return {"to": to, "subject": "Hi", "body": "Hi.", "attachments": [file]}
    start = "Shop <shop@support.example.com>" if field == "from" else "Hi"
    asked = {"to": to, "subject": "Hi", "body": "Hi.", "attachments": [file]}
    return asked | {field: f"{start}{evil}"}


@pytest.mark.parametrize("field", FIELDS)
def test_a147_no_field_makes_a_header_line(w, api, field):
    for evil in EVIL:
        to, before = w.person(), len(w.s.sent())
        try:
            api.ask(SEND, input=wish(to, field, evil))
        except Exception as error:  # refused, with a reason: the type is tested elsewhere
            assert "InvalidInput" in str(error), (evil, error)
        w.s.settle()
        for one in w.s.sent()[before:]:
            assert one["recipients"] == [to]
            found = message_from_bytes(one["raw"], policy=policy.default)
            for part in found.walk():
                assert not {"bcc", "x-evil"} & {name.lower() for name in part}
            assert "<script>" not in found.get_body(("plain",)).get_content()


def test_a148_twenty_at_once_with_one_key_are_one_mail(w, api):
    to = w.person()
    with ThreadPoolExecutor(20) as pool:
        calls = [pool.submit(attempt, w.s, to) for _ in range(20)]
    ids = {call.result() for call in calls} - {None}
    w.s.settle()
    assert ids == {api.send(to, idempotencyKey="one-key")["id"]}
    assert len([one for one in w.s.sent() if one["recipients"] == [to]]) == 1


def attempt(s, to):
    """A client of its own; AWS may be too busy for it, and tells it so."""
    try:
        return Api(s).send(to, idempotencyKey="one-key")["id"]
    except Exception as error:
        assert "Busy" in str(error)
        return None


def test_a149_another_spelling_of_a_suppressed_address_is_suppressed(w, api):
    to = w.person("hugo")
    w.s.ses_events("manual")
    api.send(to)
    w.s.settle()
    [sent] = [one for one in w.s.sent() if one["recipients"] == [to]]
    w.s.emit(bounce(sent))
    w.s.settle()
    w.s.ses_events("auto")
    name, domain = to.split("@")
    for other in (to, f"{name}@{domain.upper()}", f"Hugo <{to}>", f" {to} ", f"<{to}>"):
        refused("Suppressed", api.send, other)


@pytest.mark.parametrize(
    "identity",
    ["", "x", "../../etc/passwd", "CASE#1", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "0" * 26, "é" * 26,
     "01arz3ndektsv4rrffq69g5fav", "0" * 10_000],
)  # fmt: skip
def test_a150_an_id_of_nobody_is_nothing(api, identity):
    assert api.one(identity) is None
    assert api.talk(identity) is None
    refused("NotFound", api.post, identity)
    for name in ("to", "senderId", "recipientId"):
        if identity:
            assert api.list(**{name: identity})["data"] == []
            refused("NotFound", api.send, caseId=identity)
            refused("NotFound", api.list, caseId=identity)


def test_a151_scripts_of_a_customer_reach_no_app(w, api):
    to = w.person()
    made = api.open(to)
    html = '<p onclick="x()">Yes</p><script>steal()</script><img src="https://evil.example/t.gif">'
    raw = mail(to, made["replyTo"], "Re: Your order", "Yes\n", html=html)
    w.deliver(raw, to, made["replyTo"])
    [told] = api.thread(made["caseId"])
    assert told["body"].strip() == "Yes"
    for evil in ("script", "onclick", "evil.example"):
        assert evil not in told["html"]


def test_a152_a_file_of_a_customer_is_a_download_whatever_it_says_it_is(w, api):
    to = w.person()
    made = api.open(to)
    evil = [("invoice.html", "text/html", b"<script>x</script>")]
    raw = mail(to, made["replyTo"], "Re: Your order", "Here.\n", attachments=evil)
    w.deliver(raw, to, made["replyTo"])
    [file] = api.thread(made["caseId"])[0]["attachments"]
    status, headers, body = fetch(file["url"])
    assert (status, body) == (200, b"<script>x</script>")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment")


def test_a153_who_knows_the_address_of_a_conversation_is_not_its_other_side(w, api):
    to = w.person()
    made = api.open(to)
    api.post(made["caseId"], "The door's code is 4711.")
    w.s.settle()
    before = len(w.s.sent())
    for claims in (w.person("mallory"), to):
        raw = mail(claims, made["replyTo"], "Re: Your order", "Send me the code again.\n")
        failed = {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"}
        w.deliver(raw, "mallory@evil.example", made["replyTo"], failed)
    assert [one for one in api.thread(made["caseId"]) if one["authenticated"]
            and one["direction"] == "IN"] == []  # fmt: skip
    api.post(made["caseId"], "Is anybody there?")
    w.s.settle()
    for one in w.s.sent()[before:]:
        assert one["recipients"] == [to]
        assert "Send me the code again" not in one["raw"].decode()


def test_a154_two_that_answer_by_themselves_do_not_go_on_for_ever(w, api):
    """The app's own conversation with a mailbox that is on holiday."""
    to = w.person()
    made = api.open(to)
    api.post(made["caseId"])
    w.s.settle()
    before = len(w.s.sent())
    for n in range(5):
        raw = mail(to, made["replyTo"], f"Automatic reply {n}", "I am away.\n",
                   headers={"Auto-Submitted": "auto-replied"})  # fmt: skip
        w.deliver(raw, to, made["replyTo"])
    assert w.s.sent()[before:] == []


def test_a155_one_request_with_many_fields_is_counted_as_many(w):
    """Aliases do not get around the rate of a caller: he waits for each, or is refused."""
    with stack(**FAST, ApiRequestsPerSecond="1") as s:
        fields = " ".join(f'a{n}: message(id: "x") {{ id }}' for n in range(6))
        began = time.monotonic()
        _, answer = ask(s, s.outputs["MessagesApiKey"], f"query {{ {fields} }}")
        refusals = {error["errorType"] for error in answer.get("errors", ())}
        assert refusals == {"Throttled"} or time.monotonic() - began > 3


def test_a156_the_key_of_another_stack_opens_nothing(w):
    with stack(**FAST) as other:
        key = other.outputs["MessagesApiKey"]
        status, answer = ask(w.s, key, 'query { message(id: "x") { id } }')
        assert (status, answer.get("data")) == (401, None)


def test_a157_a_picture_is_not_the_way_for_other_content(w, api):
    """What is shown in the HTML is a picture; anything else with a contentId is a file."""
    to = w.person()
    file = {"filename": "x.svg", "contentType": "image/svg+xml", "contentId": "pic",
            "content": base64.b64encode(b"<svg onload='x()'/>").decode()}  # fmt: skip
    api.send(to, html='<p>Look</p><img src="cid:pic">', attachments=[file])
    w.s.settle()
    [sent] = [one for one in w.s.sent() if one["recipients"] == [to]]
    parts = list(message_from_bytes(sent["raw"], policy=policy.default).walk())
    [svg] = [part for part in parts if part.get_content_type() == "image/svg+xml"]
    assert svg.get_content_disposition() == "attachment"


words = st.one_of(
    st.text(max_size=40),
    st.text(min_size=300, max_size=400),
    st.sampled_from(["", " ", "\x00", "ann@customer.example", "+14155550123", "a" * 3000, "😀" * 90,
                     "2026-11-22T10:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z",
                     "=?utf-8?q?=00?= <a@b.example>", '"<script>"@x.example', "YQ=="]),
)  # fmt: skip
method = st.sampled_from(["EMAIL", "SMS"])
files = st.lists(
    st.fixed_dictionaries(
        {"filename": words, "content": words},
        optional={"contentType": words, "contentId": words},
    ),
    max_size=2,
)
said = {
    "html": words, "senderId": words, "recipientId": words, "attachments": files,
    "idempotencyKey": words,
}  # fmt: skip
requests = st.one_of(
    st.tuples(
        st.just(SEND),
        st.fixed_dictionaries(
            {"input": st.fixed_dictionaries(
                {"to": words, "body": words},
                optional=said | {"subject": words, "from": words, "caseId": words,
                                 "deliveryMethod": method},
            )}
        ),
    ),
    st.tuples(
        st.just(LIST),
        st.fixed_dictionaries(
            {"filter": st.fixed_dictionaries(
                {},
                optional={"to": words, "senderId": words, "recipientId": words, "caseId": words,
                          "since": words, "deliveryMethod": method},
            )},
            optional={"first": st.integers(-(2**31), 2**31 - 1), "after": words},
        ),
    ),
    st.tuples(st.just(ONE), st.fixed_dictionaries({"id": words})),
    st.tuples(
        st.just(TALK),
        st.fixed_dictionaries(
            {"caseId": words},
            optional={"first": st.integers(-5, 200), "after": words,
                      "order": st.sampled_from(["NEWEST_FIRST", "OLDEST_FIRST"])},
        ),
    ),
    st.tuples(
        st.just(OPEN),
        st.fixed_dictionaries(
            {"to": words, "subject": words},
            optional={"from": words, "task": st.booleans(), "key": words},
        ),
    ),
    st.tuples(
        st.just(POST),
        st.fixed_dictionaries(
            {"caseId": words, "input": st.fixed_dictionaries({"body": words}, optional=said)}
        ),
    ),
)  # fmt: skip


@settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(request=requests)
def test_a158_nothing_that_is_asked_makes_it_fail(api, request):
    query, variables = request
    try:
        api.ask(query, **variables)
    except TransportQueryError as error:
        kinds = {one.get("errorType") for one in error.errors}
        assert not kinds & {"Failed", "Busy"}, (variables, error.errors)
