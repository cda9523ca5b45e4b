"""The agent API from outside: many calls at once, odd addresses, odd bodies."""

import json
from http import HTTPStatus

import pytest

from tests.abuse.desk import ORIGIN, ROUTES, at_once, desk_of, free_all, new_key, page_world
from tests.abuse.world import human, recipients


@pytest.fixture(scope="module")
def w():
    with page_world() as world:
        yield world


@pytest.fixture(autouse=True)
def clean_desks(request):
    """Every agent is free again after a test of the shared stack."""
    yield
    if "w" in request.fixturenames:
        free_all(request.getfixturevalue("w"))


# --- Once and only once -------------------------------------------------------------------------


def test_a103_twenty_sends_with_one_key_are_one_mail(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    letter, key, before = desk.letter(), new_key(), len(w.s.sent())
    found = at_once([lambda: desk("POST", "/case/messages", letter, key)] * 20)
    found += [desk("POST", "/case/messages", letter, key)]
    busy = [status for status, _ in found if status in {409, 429, 503}]
    assert all(status in {201, *busy} for status, _ in found), found
    assert found[-1][0] == 201
    assert len({answer["id"] for status, answer in found if status == 201}) == 1
    w.s.settle()
    [sent] = human(w.s.sent()[before:])
    assert sent["recipients"] == [matter.customer]
    assert [m["kind"] for m in w.s.messages(matter.id)].count("reply") == 1
    changed = {**letter, "html": "<p>Something else</p>"}
    status, answer = desk("POST", "/case/messages", changed, key)
    assert status != 201 or answer["id"] == found[-1][1]["id"]
    w.s.settle()
    assert len(human(w.s.sent()[before:])) == 1


def test_a104_each_key_is_one_mail(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    first = desk.send(html="<p>The same</p>")
    second = desk.send(html="<p>The same</p>")
    assert (first[0], second[0]) == (201, 201)
    assert len(human(first[2])) == len(human(second[2])) == 1
    letter, before, keys = desk.letter(), len(w.s.sent()), [new_key() for _ in range(8)]
    found = at_once([lambda key=key: desk("POST", "/case/messages", letter, key) for key in keys])
    w.s.settle()
    done = [answer["id"] for status, answer in found if status == 201]
    assert {status for status, _ in found} <= {201, 409, 503}
    assert len(done) == len(set(done)) == len(human(w.s.sent()[before:]))
    assert done


def test_a105_a_key_of_another_case_or_agent_is_another_key(w):
    one, two = w.matter(), w.matter()
    alices, bobs, key = desk_of(w, one), desk_of(w, two, "bob"), new_key()
    assert alices.send(key)[0] == 201
    status, _, sent = bobs.send(key)
    assert (status, recipients(human(sent))) == (201, [two.customer])


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 81, "a b c d e f g h", "k" * 9 + "\t", "../../../x"]
)
def test_a106_a_key_is_a_key(w, key):
    matter = w.matter()
    desk = desk_of(w, matter)
    before = len(w.s.sent())
    headers = {"Authorization": f"Bearer {desk.token}", "Idempotency-Key": key}
    body = json.dumps(desk.letter())
    status = desk.raw("POST", "/case/messages", body, headers).status
    w.s.settle()
    assert status in {201, 400, 422}
    assert len(human(w.s.sent()[before:])) == (status == 201)
    if not 8 <= len(key.strip()) <= 80:
        assert status != 201


def test_a107_ten_savers_of_a_draft_are_one_and_nine(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    draft = desk.draft()
    calls = [
        lambda n=n: desk("PUT", "/case/draft", {**draft, "html": f"<p>{n}</p>"}) for n in range(10)
    ]
    found = at_once(calls)
    assert sorted(status for status, _ in found) == [200] + [409] * 9
    kept = desk.composer()["draft"]
    winner = next(n for n, (status, _) in enumerate(found) if status == 200)
    assert kept["html"] == f"<p>{winner}</p>"
    assert {problem["type"] for status, problem in found if status == 409} == {
        "urn:email-channel:draft-changed"
    }
    assert desk("DELETE", f"/case/draft?version={kept['version'] + 7}")[0] in {204, 409}
    for version in ("", "x", "-1", "1e5"):
        assert desk("DELETE", f"/case/draft?version={version}")[0] in {400, 409, 422}


# --- Addresses of the API -----------------------------------------------------------------------

PATHS = (
    "/messages/%2e%2e/original",
    "/messages/..%2f..%2fsent/original",
    "/messages/../original",
    "/messages/%252e%252e/original",
    "/Case",
    "/CASE",
    "/case;x=1",
    "/./case",
    "/x/../case",
    "/case%00",
    "/case%20",
    "/messages//original",
    "/messages/%/original",
    "/messages/a%0d%0ab/original",
    "/messages/\\..\\/original",
    "/cases/..%2f..",
    "/cases/%2e%2e/messages",
    "/case/files/..%2f..%2finbound",
    "/case/files/%2e%2e%2fsettings",
)


def test_a108_paths_lead_nowhere_else(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    for path in PATHS:
        reply = desk.call("GET", path)
        assert reply.status in {400, 404, 405}, path
        assert matter.customer.encode() not in reply.body
    own = f"/messages/{matter.mail_id}"
    for tail in (
        "/attachments/-1",
        "/attachments/99999",
        "/attachments/1e1",
        "/attachments/0x0",
        "/attachments/%D9%A1",
        "/original/..",
        "/original%2f..%2fx",
        "/original.eml",
    ):
        assert desk.call("GET", own + tail).status == 404, tail
    for method in ("PATCH", "TRACE", "PROPFIND", "CASE"):
        assert desk.call(method, "/case").status in {400, 404, 405, 501}, method


def test_a109_only_the_pages_origin_may_ask(w):
    desk = desk_of(w, w.matter())
    for method in ("GET", "POST", "PUT", "DELETE"):
        asked = {
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        }
        ours = desk.raw("OPTIONS", "/case", None, {"Origin": ORIGIN, **asked})
        assert ours.status in {200, 204}
        assert ours.headers["access-control-allow-origin"] == ORIGIN
        assert method in ours.headers["access-control-allow-methods"]
        assert "access-control-allow-credentials" not in ours.headers
    for origin in (
        "https://evil.example",
        "null",
        f"{ORIGIN}.evil.example",
        "http://desk.example",
        f"{ORIGIN}:8443",
        "https://evil-desk.example",
    ):
        theirs = desk.raw("OPTIONS", "/case", None, {"Origin": origin, **asked})
        assert "access-control-allow-origin" not in theirs.headers, origin
        headers = {"Origin": origin, "Authorization": f"Bearer {desk.token}"}
        assert "access-control-allow-origin" not in desk.raw("GET", "/case", None, headers).headers


# --- Bodies -------------------------------------------------------------------------------------

ODD = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x" * 100_000,
    "\x00",
    "\ud800",
    "\udfff\ud800",
    "a\r\nBcc: x@y.z",
    [],
    [None],
    [[]],
    [{}],
    {},
    {"a": {"b": []}},
    ["\ud800"],
    ["x"] * 5_000,
    "\u202e",
    "💥",
)
WRITES = {  # route -> a body that is right, but for the one member that is made wrong
    ("POST", "/sessions"): {"contact_id": "c", "code": "d"},
    ("POST", "/messages/{id}/decision"): {"action": "add"},
    ("POST", "/case/presence"): {"writing": False},
    ("PUT", "/case/draft"): {
        "version": 0,
        "kind": "note",
        "html": "<p>x</p>",
        "to": [],
        "cc": [],
        "bcc": [],
        "next": "default",
        "answers": "",
        "files": [],
    },
    ("POST", "/case/files"): {
        "filename": "a.txt",
        "content_type": "text/plain",
        "size": 4,
        "inline": False,
    },
    ("POST", "/case/messages"): {
        "kind": "forward",
        "html": "<p>x</p>",
        "to": [],
        "cc": [],
        "bcc": [],
        "next": "default",
        "answers": "",
        "files": [],
        "seen": {"latest_message_id": "", "last_answer": ""},
        "subject": "x",
        "draft_version": 0,
    },
    ("PUT", "/signature"): {"html": "<p>x</p>"},
    ("PUT", "/replies/own/{id}"): {"title": "x", "subject": "", "html": "<p>x</p>"},
    ("POST", "/case/state"): {
        "status": "nothing",
        "seen": {"latest_message_id": "", "last_answer": ""},
    },
}


def problem(reply) -> bool:
    """Whether an answer is a proper refusal, or no refusal at all."""
    if reply.status < HTTPStatus.BAD_REQUEST:
        return True
    kind = reply.headers.get("content-type", "")
    return (
        reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        and kind == "application/problem+json"
        and {"type", "title", "status", "detail"} <= set(reply.json)
    )


def test_a110_no_body_breaks_the_api(w):
    """Wrong types, deep, huge and broken JSON: a problem in words, and never an error."""
    matter = w.matter()
    desk = desk_of(w, matter)
    before = len(w.s.sent())
    routes = [r for r in ROUTES if r.method in {"POST", "PUT"} and not r.path.endswith("undo")]
    bodies = (
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"html":"' + b"x" * 5_000_000 + b'"}',
        b'{"size":1e999}',
        b'{"version":NaN}',
        b'{"a":1,"a":2}',
        b"1" * 5_000,
        b"\x00",
        b"\xef\xbb\xbf{}",
    )
    bad = []
    for route in routes:
        path = route.path.replace("{id}", matter.mail_id)
        headers = {"Authorization": f"Bearer {desk.token}", "Idempotency-Key": new_key()}
        for body in bodies:
            reply = desk.raw(route.method, path, body, headers)
            if not problem(reply):
                bad.append((route.path, body[:20], reply.status))
    w.s.settle()
    assert bad == []
    assert human(w.s.sent()[before:]) == []


@pytest.mark.parametrize("route", list(WRITES), ids=" ".join)
def test_a111_no_member_of_a_body_breaks_the_api(w, route):
    matter = w.matter()
    desk = desk_of(w, matter)
    method, path = route
    bad, right = [], WRITES[route]
    for name in right:
        for odd in ODD:
            key = new_key()
            reply = desk.call(method, path.format(id=matter.mail_id), {**right, name: odd}, key)
            if not problem(reply):
                bad.append((name, repr(odd)[:40], reply.status))
    assert bad == []


def test_a112_every_route_with_a_body_is_tried_here():
    writes = {(r.method, r.path) for r in ROUTES if r.method in {"POST", "PUT"}}
    bare = {("POST", "/sessions/renew"), ("POST", "/messages/{id}/undo")}
    bare |= {("POST", "/sessions/person")}  # takes nothing from a body: test_agent_api_person.py
    assert writes - bare <= set(WRITES)
