"""What agents are told when their mail was not sent, and what time changes; in a quiet stack."""

import pytest

from tests.abuse.world import everything, human
from tests.builders import mail, reply_to

ALICE = "Alice <alice@corp.example>"


def test_d04_relay_other_agent_token(w):
    w.later(hours=2)
    matter = w.matter()
    address = w.address(matter, agent="alice")
    first = w.answer(matter, "bob", to=address)
    assert first.to(matter.customer) == []
    [explanation] = first.sent
    assert explanation["recipients"] == ["bob@corp.example"]
    assert w.became(first.id) == ("blocked", "token")
    assert ("foreign-address", "bob", "alice") in w.history(matter.id)
    assert w.answer(matter, "bob", to=address).sent == []
    assert w.history(matter.id).count(("foreign-address", "bob", "alice")) == 2
    w.later(minutes=61)
    assert len(w.answer(matter, "bob", to=address).to("bob@corp.example")) == 1


def forward_of(matter, address):
    inline = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Ann Archer <"
        f"{matter.customer}>\nDate: Sun, 22 Nov 2026 at 10:00\nSubject: My kettle is broken\n"
        f"To: <support@support.example.com>\n\nthe kettle leaks.\n"
    )
    return mail(ALICE, address, "Fwd: My kettle is broken", inline)


def test_a20_a_forward_to_a_relay_address_is_no_answer(w):
    w.later(hours=2)
    matter = w.matter()
    address = w.address(matter)
    result = w.answer(matter, raw=forward_of(matter, address), to=address)
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "forwarded")
    assert [one["recipients"] for one in result.sent] == [["alice@corp.example"]]


def test_a25_an_explanation_tells_nothing_and_comes_once_an_hour(w):
    w.later(hours=2)
    matter = w.matter(subject="My secret matter")
    address = w.address(matter, agent="alice")
    results = [w.answer(matter, "bob", to=address, text="x y z") for _ in range(3)]
    [explanation] = [one for result in results for one in result.sent]
    assert explanation["recipients"] == ["bob@corp.example"]
    assert b"Auto-Submitted: auto-replied" in explanation["raw"]
    said = everything(explanation["raw"])
    token = address.partition("+")[2].partition("@")[0]
    for private in (matter.id, matter.customer, token, "secret matter", "heron", "x y z"):
        assert private not in said


def test_a26_an_out_of_office_to_an_explanation_dies(w):
    w.later(hours=2)
    matter = w.matter()
    result = w.answer(matter, "bob", to=w.address(matter, agent="alice"))
    [explanation] = result.sent
    marked = reply_to(
        explanation["delivered"],
        "I am away.",
        "Bob <bob@corp.example>",
        headers={"Auto-Submitted": "auto-replied"},
    )
    again = w.deliver(marked, "bob@corp.example", w.s.inquiry_address)
    assert again.sent == []
    assert w.quarantined(again.id).startswith("automatic:")


@pytest.mark.parametrize("verdict", ["FAIL", "GRAY", ""])
def test_a27_a_forged_agent_is_never_written_to(w, verdict):
    w.later(hours=2)
    matter = w.matter()
    own = w.address(matter, agent="bob")
    tries = [
        w.answer(matter, "bob", to=to, verdicts={"dmarc": verdict})
        for to in (own, w.address(matter, agent="alice"), f"relay+none@{w.s.domain}")
    ]
    assert [result.sent for result in tries] == [[], [], []]


def test_a33_a_revoked_address_is_dead_and_its_agent_is_told(w):
    w.later(hours=2)
    matter = w.matter()
    address = w.address(matter, agent="carol")
    w.s.channel.cases.revoke(w.s._agent("carol")["id"])
    result = w.answer(matter, "carol", to=address)
    assert w.became(result.id) == ("blocked", "token")
    assert [one["recipients"] for one in result.sent] == [["carol@corp.example"]]
    assert ("foreign-address", "carol", "carol") in w.history(matter.id)
    assert human(w.answer(matter, "carol").sent)


def test_a34_a_mail_caught_and_played_again_much_later_sends_nothing(w):
    matter = w.matter()
    address = w.address(matter)
    raw = mail(ALICE, address, "Re: kettle", "We pay you back 100 Euro.")
    assert len(human(w.answer(matter, raw=raw, to=address).sent)) == 1
    for days in (1, 6, 2, 30):
        w.later(days=days)
        assert not w.answer(matter, raw=raw, to=address).to(matter.customer)
