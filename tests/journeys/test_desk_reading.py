"""The agent page reads: a long case page by page, other cases, headers, who else is there."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from emailchannel import directory
from local.testing import alias_of
from tests.abuse.desk import Desk, again, desk_of, free_all, page_world, serve_no_queue
from tests.abuse.world import Matter
from tests.builders import mail
from tests.load import cases

LONG = 120  # messages
MESSAGE = {
    "id", "direction", "kind", "disposition", "reason", "flags", "from", "to", "cc", "bcc",
    "subject", "at", "language", "sentiment", "delivery", "returned", "actor", "answers",
    "reply_to", "warnings", "actions", "attachments",
}  # fmt: skip


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


def long_case(w, name) -> Matter:
    """A case of LONG messages; the newest is a mail that waits for an agent."""
    customer = w.person()
    case_id = cases.make(w.s, name, LONG - 1, customer)
    matter = Matter(case_id, customer, alias_of(w.s, case_id), "")
    again(w, matter)
    return matter


@contextmanager
def no_queue(w, agent):
    """Meanwhile this agent serves none."""
    before = directory.by_id(w.s.channel, w.s._agent(agent)["id"])
    serve_no_queue(w, agent)
    yield
    w.s.channel.cases.keep_agent(before)


def ids(page):
    return [message["id"] for message in page["messages"]]


def read(desk, path):
    status, found = desk("GET", path)
    assert status == 200, found
    return found


# --- Pages --------------------------------------------------------------------------------------


def test_pages_have_no_gap_and_no_repetition_while_new_mail_arrives(w):
    matter = long_case(w, "pages")
    desk = desk_of(w, matter)
    everything = [message["id"] for message in w.s.messages(matter.id)]
    assert len(everything) == LONG
    view = desk.view()
    assert set(view["messages"][0]) >= MESSAGE
    pages, cursor, late = [ids(view)], view["older"], []
    while cursor:
        late.append(again(w, matter))
        page = read(desk, f"/case/messages?before={cursor}&limit=30")
        pages.insert(0, ids(page))
        cursor = page["older"]
    assert [len(page) for page in pages] == [10, 30, 30, 50]
    assert [one for page in pages for one in page] == everything
    assert ids(read(desk, "/case?limit=5")) == [*everything, *late][-5:]
    assert ids(read(desk, "/case/messages")) == [*everything, *late][-50:]


def test_the_history_comes_in_pages_too(w):
    matter = long_case(w, "history")
    desk = desk_of(w, matter)
    view = desk.view()
    assert len(view["interactions"]) == 100
    pages, cursor = [view["interactions"]], view["older_interactions"]
    while cursor:
        page = read(desk, f"/case/interactions?before={cursor}")
        pages.insert(0, page["interactions"])
        cursor = page["older"]
    found = [(entry["kind"], entry["actor"], entry["reason"]) for page in pages for entry in page]
    assert [entry for entry in found if entry[0] != "viewed"] == [
        entry for entry in w.history(matter.id) if entry[0] != "viewed"
    ]


def test_a_case_of_one_page_has_no_older_one(w):
    desk = desk_of(w, w.matter())
    view = desk.view()
    assert (view["older"], view["older_interactions"]) == (None, None)
    assert read(desk, "/case/messages")["older"] is None
    assert read(desk, "/case?limit=1")["older"] is None


def test_the_head_of_a_case_does_not_depend_on_its_page(w):
    matter = w.matter()
    stranger = w.person("ben")
    raw = mail(f"Ben <{stranger}>", matter.alias, "Re: x", "Me too")
    w.deliver(raw, stranger, matter.alias)
    w.answer(matter)
    again(w, matter)
    desk = desk_of(w, matter)
    whole, last = desk.view()["case"], read(desk, "/case?limit=1")["case"]
    assert whole == last
    assert whole["held"] == 1
    assert whole["latest_message_id"] == w.s.messages(matter.id)[-1]["id"]
    assert whole["last_answer"]


def test_recipients_come_from_the_newest_mail_wherever_it_is(w):
    """A third party's mails after it do not hide it: who was copied then gets the answer too."""
    matter, partner = w.matter(), w.person("partner")
    raw = mail(
        f"Ann <{matter.customer}>", matter.alias, "Re: x", "With him", headers={"Cc": partner}
    )
    w.deliver(raw, matter.customer, matter.alias)
    stranger = w.person("ben")
    raw = mail(f"Ben <{stranger}>", matter.alias, "Re: x", "Me too")
    w.deliver(raw, stranger, matter.alias)
    found = read(desk_of(w, matter), "/case?limit=1")["case"]["recipients"]
    assert [entry["address"] for entry in found["cc"]] == [partner]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5", "%D9%A1", ""])
def test_a_page_has_one_to_a_hundred_messages(w, limit):
    desk = desk_of(w, w.matter())
    for path in ("/case", "/case/messages"):
        status, found = desk("GET", f"{path}?limit={limit}")
        assert (status, found["status"]) == (400, 400)


# --- Other cases --------------------------------------------------------------------------------


def test_the_customers_other_cases_newest_first(w):
    first = w.matter(subject="Kettle")
    second = w.matter(first.customer, subject="Toaster")
    third = w.matter(first.customer, subject="Oven")
    w.matter()
    desk = desk_of(w, third)
    assert desk.view()["case"]["others"] == 2
    found = read(desk, "/case/others")
    assert [entry["id"] for entry in found["cases"]] == [second.id, first.id]
    assert [entry["subject"] for entry in found["cases"]] == ["Toaster", "Kettle"]
    assert not any(entry["answered"] or entry["linked"] for entry in found["cases"])
    assert found["older"] is None


def test_many_other_cases_come_in_pages(w):
    before = w.matter()
    for number in range(21):
        raw = mail(f"Ann <{before.customer}>", w.s.inquiry_address, f"Case {number}")
        w.s.deliver(raw, before.customer, [w.s.inquiry_address])
    w.s.settle()
    desk = desk_of(w, before)
    found, cursor = [], ""
    while cursor is not None:
        page = read(desk, "/case/others" + (f"?before={cursor}" if cursor else ""))
        found += [entry["id"] for entry in page["cases"]]
        cursor = page["older"]
    theirs = [case["id"] for case in w.s.cases() if case["customer"] == before.customer]
    assert found == [case_id for case_id in reversed(theirs) if case_id != before.id]
    assert len(found) == desk.view()["case"]["others"] == 21


def test_another_case_is_read_and_not_written(w):
    bill = ("bill.pdf", "application/pdf", b"%PDF-1.4")
    first = w.matter(attachments=[bill])
    desk = desk_of(w, w.matter(first.customer))
    view = read(desk, f"/cases/{first.id}")
    assert set(view) == {
        "now", "case", "messages", "older", "interactions", "older_interactions",
    }  # fmt: skip
    [message] = view["messages"]
    assert (message["id"], message["actions"]) == (first.mail_id, [])
    assert ids(read(desk, f"/cases/{first.id}/messages")) == [first.mail_id]
    for what in ("original", "formatted", "attachments/0"):
        assert read(desk, f"/cases/{first.id}/messages/{first.mail_id}/{what}")["url"]
    assert read(desk, f"/cases/{first.id}/messages/{first.mail_id}/headers")["headers"]
    seen = [entry for entry in w.history(first.id) if entry[0] == "viewed"]
    assert {reason for _, _, reason in seen} >= {"case", "original", "headers", "attachments/0"}
    assert {actor for _, actor, _ in seen} == {"alice"}


def test_a_case_of_an_agents_queue_may_be_read_and_no_other(w):
    own, other = w.matter(), w.matter()
    desk = desk_of(w, own)
    assert desk.call("GET", f"/cases/{other.id}").status == 200
    with no_queue(w, "alice"):
        for path in ("", "/messages", f"/messages/{other.mail_id}/original"):
            assert desk.call("GET", f"/cases/{other.id}{path}").status == 404
        assert desk.call("GET", f"/cases/{own.id}").status == 200
        assert desk.call("GET", "/cases/00000000000000000000").status == 404


def test_a_linked_case_of_somebody_else_may_be_read_both_ways(w):
    matter, stranger = w.matter(), w.person("ben")
    raw = mail(f"Ben <{stranger}>", matter.alias, "Mine too", "I have one of my own")
    held = w.deliver(raw, stranger, matter.alias).id
    desk = desk_of(w, matter)
    status, decided = desk("POST", f"/messages/{held}/decision", {"action": "new-case"})
    assert status == 200
    w.s.settle()
    with no_queue(w, "alice"):
        assert desk.call("GET", f"/cases/{decided['case_id']}").status == 200


def test_mails_without_a_sender_have_no_customer_in_common(w):
    """Nobody wrote them: one of them says nothing of the others."""
    made = []
    for number in range(2):
        raw = mail("", w.s.inquiry_address, f"Nobody {number}")
        made.append(w.deliver(raw, w.person("x"), w.s.inquiry_address, {"dmarc": "GRAY"}).id)
    theirs = [w.case_of(one) for one in made]
    assert [w.s.channel.cases.case(case_id).customer.address for case_id in theirs] == ["", ""]
    desk = Desk(w.s, w.api(theirs[0], "bob").token)
    with no_queue(w, "bob"):
        assert desk.view()["case"]["others"] == 0
        assert read(desk, "/case/others") == {"cases": [], "older": None}
        assert desk.call("GET", f"/cases/{theirs[1]}").status == 404


# --- Cursors ------------------------------------------------------------------------------------


def test_a_cursor_belongs_to_its_case_and_its_list(w):
    one = w.matter()
    two = w.matter(one.customer)
    for matter in (one, two):
        again(w, matter)
    desk = desk_of(w, two)
    cursor = read(desk, "/case?limit=1")["older"]
    theirs = read(desk, f"/cases/{one.id}?limit=1")["older"]
    assert ids(read(desk, f"/case/messages?before={cursor}")) == [two.mail_id]
    assert ids(read(desk, f"/cases/{one.id}/messages?before={theirs}")) == [one.mail_id]
    for path in (
        f"/case/messages?before={theirs}",
        f"/cases/{one.id}/messages?before={cursor}",
        f"/case/interactions?before={cursor}",
        f"/case/others?before={cursor}",
        f"/case/messages?before={cursor}A",
        "/case/messages?before=",
    ):
        status, found = desk("GET", path)
        assert (status, found["status"]) == (400, 400), path


# --- Headers ------------------------------------------------------------------------------------


def test_headers_are_shown_decoded_with_those_of_ses_first(w):
    matter = w.matter(subject="Grüße aus Köln", headers={"X-Long": "y" * 300})
    found = read(desk_of(w, matter), f"/messages/{matter.mail_id}/headers")["headers"]
    names = [name for name, _ in found]
    assert names[0] == "Return-Path"
    assert names.index("X-SES-Spam-Verdict") < names.index("From")
    assert ["Subject", "Grüße aus Köln"] in found
    assert ["X-Long", "y" * 300] in found


def test_headers_end_somewhere(w):
    many = {f"X-{number}": "z" * 900 for number in range(200)}
    matter = w.matter(headers=many)
    found = read(desk_of(w, matter), f"/messages/{matter.mail_id}/headers")["headers"]
    assert 50 < len(found) < 90
    assert {len(value) for name, value in found if name.startswith("X-") and name[2:].isdigit()} \
        == {900}  # fmt: skip
    assert sum(len(name) + len(value) for name, value in found) <= 65_536


def test_our_own_mail_has_headers_too(w):
    matter = w.matter()
    w.answer(matter)
    again(w, matter)
    desk = desk_of(w, matter)
    [answer] = [m for m in desk.view()["messages"] if m["direction"] == "out"]
    found = dict(read(desk, f"/messages/{answer['id']}/headers")["headers"])
    assert found["To"].endswith(f"{matter.customer}>") or found["To"] == matter.customer


# --- Who is here --------------------------------------------------------------------------------


def test_two_agents_see_each_other(alone):
    matter = alone.matter()
    alices = desk_of(alone, matter)
    assert alices("POST", "/case/presence", {"writing": True}) == (200, {"viewers": []})
    passed_on = alone.s.transfer(alices.contact, "bob")
    alone.accept(passed_on, "bob")
    bobs = Desk(alone.s, alone.session(passed_on).token, passed_on)
    status, found = bobs("POST", "/case/presence", {"writing": False})
    [seen] = found["viewers"]
    assert (status, seen["username"], seen["writing"]) == (200, "alice", True)
    assert seen["name"]
    assert bobs.view()["viewers"] == [seen]
    alone.later(seconds=50)
    assert bobs.view()["viewers"] == []
    assert bobs("POST", "/case/presence", {"writing": True})[1] == {"viewers": []}


def test_presence_is_no_history_and_no_journal(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    before = w.history(matter.id), len(w.s.channel.mails.page(f"journal/{matter.id}/")[0])
    for writing in (True, False):
        assert desk.call("POST", "/case/presence", {"writing": writing}).status == 200
    after = w.history(matter.id), len(w.s.channel.mails.page(f"journal/{matter.id}/")[0])
    assert after == before
    assert desk.call("POST", "/case/presence", {"writing": "yes"}).status == 400
    assert desk.call("POST", "/case/presence", {}).status == 400


# --- The session --------------------------------------------------------------------------------


def test_a_session_is_renewed_while_it_lives_and_the_old_token_lives_on(alone):
    desk = desk_of(alone, alone.matter())
    first = desk.token
    alone.later(minutes=9)
    status, renewed = desk("POST", "/sessions/renew")
    assert status == 201
    assert desk.call("GET", "/case").status == 200
    alone.later(minutes=2)
    assert Desk(alone.s, first).call("GET", "/case").status == 401
    assert Desk(alone.s, first).call("POST", "/sessions/renew").status == 401
    assert Desk(alone.s, renewed["token"]).call("GET", "/case").status == 200


def test_a_contact_that_another_agent_holds_does_not_revive_a_session(w):
    """Not while he holds it, and not when it comes back to the first: a new whisper lets him in."""
    matter = w.matter()
    alices = desk_of(w, matter)
    held = w.s.channel.cases.contact(alices.contact)
    bob = w.s._agent("bob")
    w.s.channel.cases.contact_moved(
        replace(held, agent_id=bob["id"], username="bob", agent_arn=f"arn:x/{bob['id']}")
    )
    assert alices.call("GET", "/case").status == 401
    assert alices.call("POST", "/sessions/renew").status == 401


def test_a_code_made_for_one_agent_opens_nothing_for_another(w):
    matter = w.matter()
    contact = w.case(matter.id)["contact_id"]
    w.accept(contact, "alice")
    code = w.s.task(contact)["attributes"]["access_code"]
    held, bob = w.s.channel.cases.contact(contact), w.s._agent("bob")
    w.s.channel.cases.contact_moved(replace(held, agent_id=bob["id"], username="bob"))
    body = {"contact_id": contact, "code": code}
    assert Desk(w.s)("POST", "/sessions", body)[0] == 403


def test_nothing_a_customer_wrote_is_logged(w):
    matter = w.matter(subject="Heronry")
    desk = desk_of(w, matter)
    read(desk, f"/messages/{matter.mail_id}/headers")
    read(desk, "/case")
    read(desk, "/case/others")
    logged = json.dumps(w.s.logs())
    for secret in ("Heronry", matter.customer, desk.token):
        assert secret not in logged
