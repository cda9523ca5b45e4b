"""An agent keeps prepared replies for himself, beside those of everybody."""

import json

import pytest

from tests.abuse.desk import desk_of, free_all, page_world

TEAM = {"id": "hours", "title": "Hours", "subject": "", "html": "<p>9 to 5</p>"}


@pytest.fixture(scope="module")
def w():
    with page_world(SendAcknowledgement="false") as world:
        document = {"version": 1, "replies": [TEAM]}
        world.s.channel.mails.write(
            "settings/replies.json", json.dumps(document).encode(), "application/json"
        )
        yield world


@pytest.fixture
def desks(w):
    """Alice and bob, each with a case of their own."""
    free_all(w)
    return desk_of(w, w.matter(), "alice"), desk_of(w, w.matter(), "bob")


def keep(desk, identity="lamp", title="New lamp", html="<p>Dear {{ customer.first_name }}</p>"):
    return desk("PUT", f"/replies/own/{identity}", {"title": title, "html": html})


def titles(desk):
    return [(one["title"], one["mine"]) for one in desk.composer()["replies"]]


def test_ones_own_come_first_and_are_filled_in(w, desks):
    alice, bob = desks
    status, kept = keep(alice)
    assert (status, kept["title"], kept["subject"]) == (200, "New lamp", "")
    assert kept["html"] == "<p>Dear {{ customer.first_name }}</p>"
    assert titles(alice) == [("New lamp", True), ("Hours", False)]
    [mine, _] = alice.composer()["replies"]
    assert mine["text"].strip() == "Dear Ann"
    assert titles(bob) == [("Hours", False)]
    assert bob("GET", "/replies/own") == (200, {"replies": []})
    assert bob("DELETE", "/replies/own/lamp")[0] == 204
    assert keep(alice, title="Newer lamp")[0] == 200
    assert [one["title"] for one in alice("GET", "/replies/own")[1]["replies"]] == ["Newer lamp"]
    assert alice("DELETE", "/replies/own/lamp")[0] == 204
    assert alice("DELETE", "/replies/own/lamp")[0] == 204
    assert titles(alice) == [("Hours", False)]


def test_two_windows_lose_nothing(w, desks):
    alice, _ = desks
    assert keep(alice, "one", "One")[0] == keep(alice, "two", "Two")[0] == 200
    assert {one["id"] for one in alice("GET", "/replies/own")[1]["replies"]} >= {"one", "two"}
    for identity in ("one", "two"):
        alice("DELETE", f"/replies/own/{identity}")


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("<p>{{ customer.nickname }}</p>", "nickname"),
        ("<p>{{ 7 * 7 }}</p>", "*"),
        ("<p>{% for x in y %}</p>", ""),
        ("   ", "empty"),
    ],
)
def test_what_cannot_be_filled_in_is_refused_in_words(w, desks, html, says):
    status, problem = keep(desks[0], html=html)
    assert status == 422
    assert says in problem["detail"]


def test_markup_that_a_mail_may_not_have_is_left_out(w, desks):
    alice, _ = desks
    status, kept = keep(alice, html='<p onclick="x()">Hi<script>alert(1)</script></p>')
    assert (status, kept["html"]) == (200, "<p>Hi</p>")
    alice("DELETE", "/replies/own/lamp")


@pytest.mark.parametrize("identity", ["Lamp", "-lamp", "a_b", "x" * 61])
def test_an_id_is_of_plain_letters(w, desks, identity):
    assert keep(desks[0], identity)[0] in {400, 404}


def test_there_are_at_most_a_hundred(w, desks):
    alice, _ = desks
    cases = w.s.channel.cases
    agent = w.s._agent("alice")["id"]
    assert keep(alice)[0] == 200
    [one] = cases.own_replies(agent)
    for n in range(99):
        cases.keep_own_reply(agent, one.__class__(f"r{n}", f"R{n}", "", "<p>x</p>"))
    assert keep(alice, "more")[0] == 409
    assert keep(alice, title="Written over")[0] == 200
    for reply in cases.own_replies(agent):
        cases.drop_own_reply(agent, reply.id)
