"""What only the agent before whom a case lies may decide, and what leaves after each decision."""

import pytest

from tests.abuse.world import Api, everything, human, recipients, says
from tests.builders import mail

EVE = "eve@evil.example"
FAIL = {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"}


@pytest.fixture(autouse=True)
def clean_desks(w):
    """Every agent is free again after a test."""
    yield
    for task in w.s.tasks():
        if task["state"] == "CONNECTED":
            w.s.complete(task["id"])


# --- What the agent is warned of -----------------------------------------------------------------

DISGUISES = {
    "own-name": "Support support.example.com <x@evil.example>",
    "address-in-name": '"ann@customer.example" <x@evil.example>',
    "punycode-domain": "Ann <ann@xn--pple-43d.example>",
    "mixed-script-domain": "Ann <ann@xn--pple-43d.example>",
    "look-alike-domain": "Ann <ann@supp0rt.examp1e.com>",
}


def test_a54_disguises_are_named_in_the_document_the_task_and_the_page(w):
    for code, sender in DISGUISES.items():
        address = sender.rpartition("<")[2].rstrip(">")
        ses_id = w.deliver(mail(sender, subject=code), address, w.s.inquiry_address).id
        shown = w.message(ses_id)
        assert code in [entry["code"] for entry in shown["formatted"]["warnings"]], code
        assert code in shown["flags"]
    case_id = w.case_of(ses_id)
    api = w.api(case_id)
    [message] = api.view()["messages"]
    assert "look-alike-domain" in [entry["code"] for entry in message["warnings"]]


# --- What the agent decides ----------------------------------------------------------------------


def held(w, verdicts=None, **more):
    """A stranger's mail on a case, and an agent who has the case before him."""
    matter, stranger = w.matter(), w.person("third")
    raw = mail(f"Third <{stranger}>", matter.alias, "Re: x", "I saw it all.", **more)
    ses_id = w.deliver(raw, stranger, matter.alias, verdicts).id
    return matter, stranger, ses_id, w.api(matter.id)


def test_a55_admitted_once_is_read_and_no_more(w):
    matter, stranger, ses_id, api = held(w)
    status, _, sent = api.decide(ses_id, "admit")
    assert (status, sent) == (200, [])
    assert w.became(ses_id) == ("accepted", "admitted")
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]
    again = w.deliver(mail(stranger, matter.alias, "Re: x", "More."), stranger, matter.alias)
    assert w.became(again.id) == ("held", "third-party")
    assert ("decided", "alice", "admit") in w.history(matter.id)


def test_a56_added_people_hear_from_now_on_and_nothing_of_before(w):
    matter, stranger, ses_id, api = held(w)
    status, _, sent = api.decide(ses_id, "add")
    assert (status, sent) == (200, [])
    assert w.case(matter.id)["participants"] == [stranger]
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "Anything new?"),
        matter.customer,
        matter.alias,
    )
    [answer] = human(w.answer(matter).sent)
    assert sorted(answer["recipients"]) == sorted([matter.customer, stranger])
    assert "heron" not in everything(answer["raw"])
    again = w.deliver(mail(stranger, matter.alias, "Re: x", "Thank you."), stranger, matter.alias)
    assert w.became(again.id) == ("accepted", "participant")


def test_a57_a_case_of_their_own_shows_nothing_of_the_other(w):
    matter, stranger, ses_id, api = held(w)
    status, found, sent = api.decide(ses_id, "new-case")
    assert (status, found["disposition"], sent) == (200, "moved", [])
    new = w.case(found["case_id"])
    assert (new["customer"], new["linked"]) == (stranger, [matter.id])
    address = w.s.relay_address(new["id"], "relay", "alice")
    raw = mail("alice@corp.example", address, "Re: x", "Thank you for telling us.")
    [answer] = human(w.deliver(raw, "alice@corp.example", address).sent)
    assert answer["recipients"] == [stranger]
    said = everything(answer["raw"])
    for private in (matter.id, matter.customer, "heron"):
        assert private not in said


def test_a58_a_forged_mail_given_its_own_case_still_brings_nobody_in(w):
    _, stranger, ses_id, api = held(w, FAIL, headers={"Cc": EVE})
    status, found, _ = api.decide(ses_id, "new-case")
    assert status == 200
    address = w.s.relay_address(found["case_id"], "relay", "alice")
    raw = mail("alice@corp.example", address, "Re: x", "Who are you?")
    [answer] = human(w.deliver(raw, "alice@corp.example", address).sent)
    assert answer["recipients"] == [stranger]
    assert "i saw it all" not in everything(answer["raw"])


def test_a59_a_blocked_sender_is_kept_away_from_the_case_only(w):
    matter, stranger, ses_id, api = held(w)
    assert api.decide(ses_id, "block")[0] == 200
    before = len(w.s.messages(matter.id))
    again = w.deliver(mail(stranger, matter.alias, "Re: x", "Again!"), stranger, matter.alias)
    assert again.sent == []
    assert w.quarantined(again.id) == "blocked-sender"
    assert ("refused", "channel", "blocked-sender") in w.history(matter.id)
    assert len(w.s.messages(matter.id)) == before
    own = w.deliver(mail(stranger, subject="My own matter"), stranger, w.s.inquiry_address)
    assert w.case_of(own.id) not in {"", matter.id}


def test_a60_only_who_holds_the_contact_decides_and_only_once(w):
    matter, _, ses_id, api = held(w)
    other = w.matter()
    foreign = w.api(other.id, "bob")
    assert foreign.decide(ses_id, "add")[0] == 404
    assert Api(w.s).decide(ses_id, "add")[0] == 401
    assert Api(w.s, "A" * 32).decide(ses_id, "add")[0] == 401
    assert api.decide(ses_id, "delete-everything")[0] == 400
    assert api.decide(other.mail_id, "add")[0] == 404
    assert api.decide(matter.mail_id, "add")[0] == 409
    contact = w.case(matter.id)["contact_id"]
    passed_on = w.s.transfer(contact, "carol")
    assert api.decide(ses_id, "add")[0] == 401
    assert w.became(ses_id) == ("held", "third-party")
    w.accept(passed_on, "carol")
    assert api.decide(ses_id, "add")[0] == 401
    carols = w.session(passed_on)
    assert carols.decide(ses_id, "block")[0] == 200
    assert carols.decide(ses_id, "add")[0] == 409
    assert w.case(matter.id)["participants"] == []


def test_a61_a_code_opens_one_session_of_its_own_contact(w):
    one, two = w.matter(), w.matter()
    contacts = [w.case(matter.id)["contact_id"] for matter in (one, two)]
    for contact, agent in zip(contacts, ("alice", "bob"), strict=True):
        w.accept(contact, agent)
    code = w.s.task(contacts[0])["attributes"]["access_code"]
    api = Api(w.s)
    assert api("POST", "/sessions", {"contact_id": contacts[1], "code": code})[0] == 403
    fresh = w.s.task(contacts[1])["attributes"]["access_code"]
    assert api("POST", "/sessions", {"contact_id": contacts[1], "code": fresh})[0] == 201
    assert api("POST", "/sessions", {"contact_id": contacts[1], "code": fresh})[0] == 403


def overtaken(w, text="Dear Ann, it is on its way."):
    """An agent's answer by mail that the customer's next mail has overtaken."""
    matter = w.matter()
    address = w.address(matter)
    api = w.api(matter.id)
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "Stop, do not send it!"),
        matter.customer,
        matter.alias,
    )
    raw = mail("alice@corp.example", "undisclosed@corp.example", "Re: x", text)
    return matter, address, api, w.deliver(raw, "alice@corp.example", address)


def test_a62_an_overtaken_answer_waits_for_the_agent(w):
    matter, address, api, result = overtaken(w)
    assert recipients(result.sent) == ["alice@corp.example"]
    assert "written again" in says(result.sent[0]["delivered"])
    assert w.became(result.id) == ("held", "stale")
    status, _, sent = api.decide(result.id, "send")
    assert status == 200
    assert recipients(sent) == [matter.customer]
    assert api.decide(result.id, "discard")[0] == 409
    assert api.decide(result.id, "send")[2] == []
    assert w.answer(matter, to=address).to(matter.customer) == []


def test_a63_a_discarded_answer_is_never_sent(w):
    matter, _, api, result = overtaken(w)
    assert api.decide(result.id, "discard")[::2] == (200, [])
    assert w.became(result.id) == ("blocked", "discard")
    assert api.decide(result.id, "send")[::2] == (409, [])
    assert w.case(matter.id)["status"] == "open"


def test_a64_a_held_answer_to_a_hidden_address_does_not_show_it_when_sent(w):
    """The relay address stood in the envelope alone, and in the text."""
    matter = w.matter()
    address = w.address(matter)
    api = w.api(matter.id)
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "Wait!"),
        matter.customer,
        matter.alias,
    )
    token = address.partition("+")[2].partition("@")[0]
    raw = mail("alice@corp.example", "x@corp.example", "Re: x", f"Write to {address} or {token}.")
    result = w.deliver(raw, "alice@corp.example", address)
    assert w.became(result.id) == ("held", "stale")
    [sent] = human(api.decide(result.id, "send")[2])
    said = everything(sent["raw"])
    assert token not in said
    assert "alice@corp.example" not in said
