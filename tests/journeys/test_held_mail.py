"""Held mail waits for an agent, and never ends unseen."""

import pytest

from local.testing import alias_of, stack
from tests.abuse.world import World, human, recipients
from tests.builders import mail

EVE = "eve@evil.example"


@pytest.fixture
def w(s):
    return World(s)


def held(w, text="I know more about this."):
    """A stranger's mail on a case: (the case, SES message id)."""
    matter = w.matter()
    return matter, w.deliver(mail(EVE, matter.alias, "Re: x", text), EVE, matter.alias).id


def test_the_page_shows_it_with_its_warning_and_what_can_be_done(w):
    matter, ses_id = held(w)
    view = w.api(matter.id).view()
    assert view["case"]["held"] == 1
    shown = view["messages"][-1]
    assert shown["id"] == ses_id
    assert shown["disposition"] == "held"
    assert shown["warnings"][0]["code"] == "third-party"
    assert shown["actions"] == ["admit", "add", "new-case", "block"]
    assert view["case"]["recipients"]["to"][0]["address"] == matter.customer
    assert view["case"]["recipients"]["cc"] == []


def test_a_task_that_ends_unseen_is_followed_by_another(w):
    matter, ses_id = held(w)
    w.answer(matter)
    contact = w.case(matter.id)["contact_id"]
    w.s.client("connect").stop_contact(ContactId=contact, InstanceId=w.s.instance_id)
    w.s.settle()
    assert w.became(ses_id)[0] == "held"
    [task] = [t for t in w.tasks(matter.id) if t["state"] != "ENDED"]
    assert task["id"] != contact
    assert task["attributes"]["warning"] == "third-party"
    assert task["attributes"]["message_id"] == ses_id


def test_what_an_agent_left_undecided_is_there_for_the_next_one(w):
    matter, ses_id = held(w)
    w.api(matter.id)
    w.s.complete(w.case(matter.id)["contact_id"])
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "Well?"),
        matter.customer,
        matter.alias,
    )
    api = w.api(matter.id, "bob")
    assert api.view()["case"]["held"] == 1
    assert api.decide(ses_id, "block")[0] == 200
    assert api.view()["case"]["held"] == 0


def test_a_stale_answer_is_held_told_and_sent_by_its_author(w):
    matter = w.matter()
    address = w.address(matter)
    api = w.api(matter.id)
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "It works again!"),
        matter.customer,
        matter.alias,
    )
    result = w.answer(matter, to=address, text="We send a new one.")
    assert recipients(result.sent) == ["alice@corp.example"]
    shown = api.view()["messages"][-1]
    assert (shown["disposition"], shown["reason"]) == ("held", "stale")
    assert shown["actions"] == ["send", "discard"]
    status, _, sent = api.decide(result.id, "send")
    assert (status, recipients(sent)) == (200, [matter.customer])
    assert "We send a new one" in human(sent)[0]["raw"].decode()
    assert ("decided", "alice", "send") in w.history(matter.id)


def test_an_answer_to_the_newest_mail_is_not_stale(w):
    matter = w.matter()
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "PS."),
        matter.customer,
        matter.alias,
    )
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]


def test_a_strangers_or_a_machines_mail_makes_no_answer_stale(w):
    matter = w.matter()
    address = w.address(matter)
    w.deliver(mail(EVE, matter.alias, "Re: x"), EVE, matter.alias)
    machine = mail(matter.customer, matter.alias, "x", headers={"Auto-Submitted": "auto-replied"})
    w.deliver(machine, matter.customer, matter.alias)
    assert recipients(human(w.answer(matter, to=address).sent)) == [matter.customer]


def test_third_parties_can_have_cases_of_their_own_instead():
    with stack(SendAcknowledgement="false", ThirdPartyMail="new-case") as s:
        w = World(s)
        matter = w.matter()
        result = w.deliver(mail(EVE, matter.alias, "Re: x"), EVE, matter.alias)
        new = w.case(w.case_of(result.id))
        assert (new["customer"], new["linked"]) == (EVE, [matter.id])
        assert len(s.messages(matter.id)) == 1
        assert alias_of(s, new["id"]) != matter.alias
