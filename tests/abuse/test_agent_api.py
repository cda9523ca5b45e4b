"""The agent API from outside: whose session opens what, and until when."""

import base64
import json
import re
from dataclasses import replace

import pytest

from tests.abuse.desk import (
    REFUSED,
    ROUTES,
    Desk,
    again,
    at_once,
    desk_of,
    free_all,
    new_key,
    page_world,
    serve_no_queue,
)
from tests.abuse.world import human

GONE = {401, 403}


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


@pytest.fixture
def alone():
    """A stack whose time may be moved."""
    with page_world() as world:
        yield world


# --- Who gets in --------------------------------------------------------------------------------


def test_a90_without_a_token_nothing_answers(w):
    stranger = Desk(w.s)
    for route in ROUTES:
        if route.action is None:
            continue
        path = re.sub(r"\{\w+\}", "1", route.path)
        for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer AAAA"}):
            assert stranger.raw(route.method, path, "{}", headers).status == 401, route


def test_a91_a_token_counts_in_its_own_header_only(w):
    desk = desk_of(w, w.matter())
    for path, body, headers in (
        (f"/case?token={desk.token}&access_token={desk.token}", None, {}),
        (f"/case?authorization=Bearer%20{desk.token}", None, {}),
        ("/case", None, {"Cookie": f"token={desk.token}; authorization=Bearer {desk.token}"}),
        ("/case", json.dumps({"token": desk.token, "access_token": desk.token}), {}),
        ("/case", None, {"Authorization": f"Basic {desk.token}"}),
        ("/case", None, {"Authorization": desk.token}),
        ("/case", None, {"X-Authorization": f"Bearer {desk.token}"}),
    ):
        assert desk.raw("GET", path, body, headers).status == 401, (path, headers)
    assert desk.call("GET", "/case").status == 200


def test_a92_a_code_opens_one_session_also_when_asked_for_many_times_at_once(w):
    matter, other = w.matter(), w.matter()
    desk, contact = Desk(w.s), w.case(matter.id)["contact_id"]
    w.accept(contact, "alice")
    w.accept(w.case(other.id)["contact_id"], "bob")
    code = w.s.task(contact)["attributes"]["access_code"]
    wrong = {"contact_id": w.case(other.id)["contact_id"], "code": code[:-1] + "!"}
    assert desk("POST", "/sessions", wrong)[0] == 403
    body = {"contact_id": contact, "code": code}
    found = at_once([lambda: desk("POST", "/sessions", body)[0]] * 20)
    assert sorted(found) == [201] + [403] * 19
    assert desk("POST", "/sessions", body)[0] == 403


def test_a93_a_code_lives_two_minutes_and_a_session_ten(alone):
    matter = alone.matter()
    contact = alone.case(matter.id)["contact_id"]
    alone.accept(contact, "alice")
    code = alone.s.task(contact)["attributes"]["access_code"]
    alone.later(seconds=100)
    desk = Desk(alone.s)
    status, session = desk("POST", "/sessions", {"contact_id": contact, "code": code})
    assert status == 201
    desk.token = session["token"]
    alone.later(minutes=9)
    first, (status, renewed) = desk.token, desk("POST", "/sessions/renew")
    assert status == 201
    alone.later(minutes=2)
    assert desk.call("GET", "/case").status == 401
    assert Desk(alone.s, first)("POST", "/sessions/renew")[0] in GONE
    desk.token = renewed["token"]
    assert desk.call("GET", "/case").status == 200
    alone.later(minutes=9)
    assert desk.call("GET", "/case").status == 401


def test_a94_a_code_that_lay_about_opens_nothing(alone):
    matter = alone.matter()
    contact = alone.case(matter.id)["contact_id"]
    alone.accept(contact, "alice")
    code = alone.s.task(contact)["attributes"]["access_code"]
    alone.later(seconds=125)
    assert Desk(alone.s)("POST", "/sessions", {"contact_id": contact, "code": code})[0] == 403


def dead(desk: Desk) -> bool:
    """Whether a session reads, writes and renews no more."""
    body = {"kind": "note", "html": "<p>x</p>"}
    return (
        desk.call("GET", "/case").status in GONE
        and desk.call("POST", "/case/messages", body, new_key()).status in GONE
        and desk.call("PUT", "/case/draft", {"version": 0, **body}).status in GONE
        and desk.call("POST", "/sessions/renew").status in GONE
    )


def test_a95_transfer_and_end_kill_the_session(w):
    matter = w.matter()
    alices = desk_of(w, matter)
    passed_on = w.s.transfer(alices.contact, "bob")
    assert dead(alices)
    w.accept(passed_on, "bob")
    assert dead(alices)
    bobs = Desk(w.s, w.session(passed_on).token, passed_on)
    assert bobs.view()["case"]["id"] == matter.id
    w.s.complete(passed_on)
    assert dead(bobs)


def test_a96_a_task_taken_over_by_a_colleague_leaves_the_first_with_nothing(w):
    """The same contact comes to lie before Bob: Alice's token is not to become his."""
    matter = w.matter()
    alices = desk_of(w, matter)
    bob = w.s._agent("bob")
    held = w.s.channel.cases.contact(alices.contact)
    taken = replace(held, agent_id=bob["id"], username="bob", agent_arn=f"arn:x/{bob['id']}")
    w.s.channel.cases.contact_moved(taken)
    assert dead(alices)


def test_a97_a_deactivated_agent_is_out_within_a_quarter_of_an_hour(alone):
    desk = desk_of(alone, alone.matter())
    alone.s.client("connect").delete_user(
        InstanceId=alone.s.instance_id, UserId=alone.s._agent("alice")["id"]
    )
    for _ in range(2):
        alone.later(minutes=8)
        status, renewed = desk("POST", "/sessions/renew")
        desk.token = renewed.get("token", desk.token)
    assert status in GONE
    assert dead(desk)


# --- Whose things -------------------------------------------------------------------------------

CALLS_OF_ANOTHER_CASE = {  # every route that names a thing: calls that name somebody else's
    ("POST", "/messages/{id}/decision"): [("/messages/{message}/decision", {"action": "add"})],
    ("POST", "/messages/{id}/undo"): [
        ("/messages/{answer}/undo", {}),
        ("/messages/{message}/undo", {}),
    ],
    ("GET", "/messages/{id}/attachments/{n}"): [("/messages/{message}/attachments/0", None)],
    ("GET", "/messages/{id}/original"): [("/messages/{message}/original", None)],
    ("GET", "/messages/{id}/formatted"): [("/messages/{message}/formatted", None)],
    ("GET", "/messages/{id}/headers"): [("/messages/{message}/headers", None)],
    ("GET", "/case/files/{id}"): [("/case/files/{file}", None), ("/case/files/{own_file}x", None)],
    # Nobody can name another agent's: tests/journeys/test_own_replies.py
    ("PUT", "/replies/own/{id}"): [],
    ("DELETE", "/replies/own/{id}"): [],
    ("GET", "/cases/{id}"): [("/cases/{case}", None)],
    ("GET", "/cases/{id}/messages"): [("/cases/{case}/messages", None)],
    ("GET", "/cases/{case}/messages/{id}/{what}"): [
        ("/cases/{case}/messages/{message}/original", None),
        ("/cases/{case}/messages/{message}/formatted", None),
        ("/cases/{case}/messages/{message}/headers", None),
        ("/cases/{case}/messages/{message}/attachments/0", None),
        ("/cases/{own}/messages/{message}/original", None),
        ("/cases/{own}/messages/{message}/formatted", None),
        ("/cases/{own}/messages/{message}/attachments/0", None),
    ],
}


def tried(route) -> list:
    """The calls that try a route with somebody else's things."""
    path = re.sub(r"^/cases/\{\w+\}", "/cases/{id}", route.path)
    if re.match(r"/cases/\{id\}/messages/", path):
        return CALLS_OF_ANOTHER_CASE["GET", "/cases/{case}/messages/{id}/{what}"]
    return CALLS_OF_ANOTHER_CASE[route.method, path]


@pytest.fixture
def strangers(w):
    """Alice has one case, Bob one with a file, a draft and an answer, of a queue not hers."""
    agents = [w.s.channel.cases.agent(a["id"]) for a in w.s.agents]
    bill = ("bill.pdf", "application/pdf", b"%PDF-1.4")
    own = w.matter()
    alices = desk_of(w, own, "alice")  # first: whoever waits longest is served first
    other = w.matter(attachments=[bill])
    bobs = desk_of(w, other, "bob")
    file = bobs.upload(b"private")
    status, answer, _ = bobs.send()
    assert status == 201, answer
    draft = bobs.draft(html="<p>heron</p>", files=[file["id"]])
    assert bobs("PUT", "/case/draft", draft)[0] == 200
    serve_no_queue(w, "alice")
    own_file = alices.upload(b"mine")["id"]
    names = {
        "message": other.mail_id,
        "answer": answer["id"],
        "case": other.id,
        "own": own.id,
        "file": file["id"],
        "own_file": own_file,
    }
    yield alices, bobs, own, other, names
    for agent in agents:
        if agent:
            w.s.channel.cases.keep_agent(agent)


def test_a98_nothing_of_another_case_by_any_route(w, strangers):
    alices, _, _, other, names = strangers
    for route in ROUTES:
        if "{" not in route.path:
            continue
        for path, body in tried(route):
            status, found = alices(route.method, path.format(**names), body)
            assert status in {404, 405}, (route, path, status)
            assert other.customer not in json.dumps(found)
            assert "X-Amz" not in json.dumps(found)


def test_a99_nothing_of_another_case_by_any_body(w, strangers):
    alices, _, _, other, names = strangers
    status, found, sent = alices.send(files=[names["file"]])
    assert (status in REFUSED, human(sent)) == (True, []), found
    status, found, sent = alices.send(to=[other.customer])
    assert (status in REFUSED, human(sent)) == (True, []), found
    forward = {"kind": "forward", "to": ["boss@partner.example"], "subject": "Fwd: x"}
    status, found, sent = alices.send(answers=other.mail_id, **forward)
    assert (status in REFUSED, human(sent)) == (True, []), found
    status, found, sent = alices.send(answers=other.mail_id)
    assert (status in REFUSED, human(sent)) == (True, []), found
    draft = alices.draft(files=[names["file"]])
    status, found = alices("PUT", "/case/draft", draft)
    composer = alices.composer()
    assert "heron" not in json.dumps(composer)
    assert other.customer not in json.dumps(composer)
    shown = (composer["draft"] or {}).get("files", [])
    assert names["file"] not in [file["id"] for file in shown]


def test_a100_a_case_that_may_be_read_may_not_be_written_to(w):
    """Another case of the same customer: reading shows it, no route of `/cases` changes it."""
    first = w.matter()
    second = w.matter(first.customer)
    desk = desk_of(w, second)
    status, found = desk("GET", f"/cases/{first.id}")
    assert status == 200, found
    assert not found.get("relay_addresses")
    assert not any(message.get("actions") for message in found["messages"])
    before = w.s.messages(first.id), len(w.s.sent())
    for method, path in (
        ("POST", "messages"),
        ("PUT", "draft"),
        ("DELETE", "draft?version=0"),
        ("POST", "files"),
        ("POST", "state"),
        ("POST", "presence"),
        ("GET", "composer"),
        ("POST", f"messages/{first.mail_id}/decision"),
        ("POST", f"messages/{first.mail_id}/undo"),
    ):
        status, _ = desk(method, f"/cases/{first.id}/{path}", desk.letter(), new_key())
        assert status in {404, 405}, (method, path)
    assert desk("POST", f"/messages/{first.mail_id}/decision", {"action": "add"})[0] == 404
    status, _, sent = desk.send(answers=first.mail_id)
    assert (status in REFUSED, human(sent)) == (True, [])
    w.s.settle()
    assert (w.s.messages(first.id), len(w.s.sent())) == before


def test_a101_a_cursor_is_good_for_what_it_was_made_for(w):
    one, two = w.matter(), w.matter()
    for matter in (one, two):
        again(w, matter)
    mine, his = desk_of(w, one), desk_of(w, two, "bob")
    cursor = mine("GET", "/case?limit=1")[1]["older"]
    assert cursor
    assert mine("GET", f"/case/messages?before={cursor}")[0] == 200
    assert one.id not in cursor
    assert his("GET", f"/case/messages?before={cursor}")[0] == 400
    assert mine("GET", f"/case/interactions?before={cursor}")[0] == 400
    assert mine("GET", f"/case/others?before={cursor}")[0] == 400
    own = {"pk": f"CASE#{two.id}", "sk": f"MSG#{two.mail_id}"}
    forged = base64.urlsafe_b64encode(json.dumps(own).encode()).decode().rstrip("=")
    changed = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for bad in (
        forged,
        changed,
        cursor[:-2],
        "AAAA",
        "%00",
        "%F0%9F%92%A9",
        "x" * 5000,
        "[]",
        "-1",
    ):
        for path in ("/case/messages", "/case/interactions", "/case/others"):
            status, found = mine("GET", f"{path}?before={bad}")
            assert status == 400, (path, bad, status)
            assert found["status"] == 400
    for limit in ("0", "-1", "abc", "1e9", "999999999999999999999", "%00", "1.5", ""):
        assert mine("GET", f"/case?limit={limit}")[0] in {200, 400}, limit


def test_a113_a_cursor_made_by_hand_reaches_nothing(w):
    """How cursors are made is no secret: one that names another kind of row is refused."""
    from emailchannel.desk import cursor

    matter = w.matter()
    desk = desk_of(w, matter)
    for kind in ("messages", "interactions", "others"):
        for key in ("ZZZZ", "HEAD", "DRAFT", "VIEW#", "A", "~", "x" * 2_000):
            made = cursor.cursor(matter.id, kind, key)
            status, found = desk("GET", f"/case/{kind}?before={made}")
            assert (status, found["status"]) == (400, 400), (kind, key)


def test_a102_presence_tells_of_this_case_only(w):
    one, two = w.matter(), w.matter()
    alices, bobs = desk_of(w, one), desk_of(w, two, "bob")
    assert bobs("POST", "/case/presence", {"writing": True}) == (200, {"viewers": []})
    assert alices("POST", "/case/presence", {"writing": True}) == (200, {"viewers": []})
    assert alices.view()["viewers"] == []
    for wrong in ({"writing": "yes"}, {"writing": None}, {"writing": {"a": 1}}, [], "x", 1):
        assert alices("POST", "/case/presence", wrong)[0] in {200, 400}, wrong
    passed_on = w.s.transfer(alices.contact, "carol")
    w.accept(passed_on, "carol")
    carols = Desk(w.s, w.session(passed_on).token, passed_on)
    [seen] = carols("POST", "/case/presence", {"writing": False})[1]["viewers"]
    assert set(seen) == {"username", "name", "writing", "since"}
    assert seen["username"] == "alice"
    assert w.history(one.id) == [entry for entry in w.history(one.id) if entry[0] != "presence"]
