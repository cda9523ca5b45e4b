"""Who is on a case, and who hears from it."""

import pytest

from tests.abuse.world import World, everything, human, recipients
from tests.builders import mail, reply_to

FRIEND = "friend@elsewhere.example"


@pytest.fixture
def w(s):
    return World(s)


def test_the_customers_copies_hear_the_answer_to_that_mail(w):
    matter = w.matter(headers={"Cc": FRIEND})
    assert w.message(matter.mail_id)["cc"] == [FRIEND]
    view = w.api(matter.id).view()
    assert [one["address"] for one in view["case"]["recipients"]["cc"]] == [FRIEND]
    [sent] = human(w.answer(matter).sent)
    assert sorted(sent["recipients"]) == sorted([matter.customer, FRIEND])
    assert FRIEND in everything(sent["raw"]).split("subject:")[0]
    assert w.case(matter.id)["participants"] == []


def test_a_second_person_in_to_is_answered_as_well(w):
    customer = w.person()
    raw = mail(f"Ann <{customer}>", f"{w.s.inquiry_address}, {FRIEND}")
    case_id = w.case_of(w.deliver(raw, customer, w.s.inquiry_address).id)
    address = w.s.relay_address(case_id, "relay", "alice")
    raw = mail("alice@corp.example", address, "Re: x", "Hello both.")
    [sent] = human(w.deliver(raw, "alice@corp.example", address).sent)
    assert sorted(sent["recipients"]) == sorted([customer, FRIEND])


def test_a_person_added_by_an_agent_belongs_to_the_case(w):
    matter = w.matter()
    raw = mail(f"Friend <{FRIEND}>", matter.alias, "Re: x", "I am her brother.")
    ses_id = w.deliver(raw, FRIEND, matter.alias).id
    api = w.api(matter.id)
    assert api.decide(ses_id, "add")[0] == 200
    view = api.view()
    assert [one["address"] for one in view["case"]["participants"]] == [FRIEND]
    [sent] = human(w.answer(matter).sent)
    assert sorted(sent["recipients"]) == sorted([matter.customer, FRIEND])
    again = reply_to(sent["delivered"], "And one question more?", f"Friend <{FRIEND}>")
    result = w.deliver(again, FRIEND, matter.alias)
    assert w.became(result.id) == ("accepted", "participant")
    assert w.case(matter.id)["customer"] == matter.customer
    assert sorted(recipients(human(w.answer(matter).sent))) == sorted([matter.customer, FRIEND])
    forged = mail(f"Friend <{FRIEND}>", matter.alias, "Re: x", headers={"Cc": "eve@evil.example"})
    result = w.deliver(forged, "eve@evil.example", matter.alias, {"dmarc": "FAIL"})
    assert w.became(result.id) == ("flagged", "participant-unverified")
    assert "eve@evil.example" not in recipients(w.answer(matter).sent)


def test_another_reply_address_is_used_once_an_agent_agrees(w):
    matter = w.matter(headers={"Reply-To": FRIEND})
    api = w.api(matter.id)
    [shown] = api.view()["messages"]
    assert "different-reply-to" in [one["code"] for one in shown["warnings"]]
    assert shown["actions"] == ["reply-to"]
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]
    assert api.decide(matter.mail_id, "reply-to")[0] == 200
    [sent] = human(w.answer(matter).sent)
    assert sorted(sent["recipients"]) == sorted([matter.customer, FRIEND])


def test_an_agents_own_copies_are_told_to_him_and_get_nothing(w):
    matter = w.matter()
    result = w.answer(matter, headers={"Cc": f"{FRIEND}, bob@corp.example"})
    assert recipients(human(result.sent)) == [matter.customer]
    [told] = result.to("alice@corp.example")
    assert FRIEND in everything(told["raw"])
    assert w.case(matter.id)["participants"] == []
