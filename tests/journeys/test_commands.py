"""What an agent can say with the first line of his mail."""

import pytest

from tests.builders import answers, mail
from tests.journeys.test_one_mail import answer, deliver, read


def result(s):
    """The one mail that told the agent what was done."""
    [told] = [one for one in s.sent() if one["recipients"] == ["alice@corp.example"]]
    return read(told["delivered"]).get_body(("plain",)).get_content()


@pytest.mark.parametrize("line", ["#note", "#NOTE:", "  #Note", "\uff03note", "**#note**"])
def test_a_note_stays_inside(s, line):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "relay", text=f"{line}\nShe has called twice already.")
    assert answers(s) == []
    note = s.messages(case["id"])[-1]
    assert (note["kind"], note["disposition"], note["reason"]) == ("note", "noted", "command")
    assert "She has called twice" in note["text"]
    assert "note" in result(s)
    assert s.cases()[0]["status"] == "open"
    assert ("noted", "alice") in [(e["kind"], e["actor"]) for e in s.interactions(case["id"])]


def test_close_with_words_answers_and_closes(s):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "relay", text="#close\nDear Ann,\n\nwe have sent a new one.")
    [sent] = answers(s)
    said = read(sent["delivered"]).get_body(("plain",)).get_content()
    assert "we have sent a new one" in said
    assert "#close" not in said
    assert "#close" not in read(sent["delivered"]).get_body(("html",)).get_content()
    assert s.cases()[0]["status"] == "resolved"
    assert ("closed", "command") in {(e["kind"], e["reason"]) for e in s.interactions(case["id"])}
    assert "closed" in result(s)


def test_close_alone_closes_without_a_word(s):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "relay", text="#close\n")
    assert answers(s) == []
    assert s.cases()[0]["status"] == "resolved"
    assert ("closed", "command") in {(e["kind"], e["reason"]) for e in s.interactions(case["id"])}
    assert "closed" in result(s)


@pytest.mark.parametrize("line", ["#nte", "#notes", "#closed", "#close #note", "#escalate"])
def test_a_mistyped_command_goes_to_nobody(s, line):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "relay", text=f"{line}\nShe is difficult.")
    assert answers(s) == []
    assert s.messages(case["id"])[-1]["reason"] == "unknown-command"
    assert "#note" in result(s)
    assert "She is difficult" not in result(s)
    assert s.cases()[0]["status"] == "open"


@pytest.mark.parametrize("line", ["#1234 is your order number.", "Dear Ann, #note is a word."])
def test_words_that_are_no_command_go_to_the_customer(s, line):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "relay", text=line)
    [sent] = answers(s)
    assert line in read(sent["delivered"]).get_body(("plain",)).get_content()


def test_a_note_with_a_file_keeps_it_inside(s):
    deliver(s)
    [case] = s.cases()
    file = ("plan.txt", "text/plain", b"secret plan")
    answer(s, case["id"], "relay", text="#note see the file", attachments=[file])
    note = s.messages(case["id"])[-1]
    assert s.download(note["id"], 0)[2].strip() == b"secret plan"
    answer(s, case["id"], "relay", text="Dear Ann, thank you.")
    [sent] = answers(s)
    assert b"secret" not in sent["raw"]


def test_a_command_in_a_forged_mail_does_nothing(s):
    deliver(s)
    [case] = s.cases()
    address = s.relay_address(case["id"], "relay", "alice")
    forged = mail("Alice <alice@corp.example>", address, "Re: x", "#close\n")
    deliver(s, forged, "alice@corp.example", address, dmarc="FAIL")
    assert s.cases()[0]["status"] == "open"
    assert s.sent() == []


def test_a_repeated_command_is_carried_out_once(s):
    deliver(s)
    [case] = s.cases()
    address = s.relay_address(case["id"], "relay", "alice")
    raw = mail("Alice <alice@corp.example>", address, "Re: x", "#note once")
    deliver(s, raw, "alice@corp.example", address)
    deliver(s, raw, "alice@corp.example", address)
    notes = [m for m in s.messages(case["id"]) if m["kind"] == "note"]
    assert len(notes) == 1
    assert len(s.sent()) == 1
