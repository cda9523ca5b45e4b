"""What a customer's mail does to a case that is done."""

from datetime import UTC, datetime, timedelta

import pytest

from local.testing import alias_of, stack
from tests.builders import answers, reply_to
from tests.journeys.test_one_mail import answer, deliver

OOO = {"Auto-Submitted": "auto-replied", "Subject": "Out of office"}


def closed(s, how="#close\nDear Ann, it is done.", purpose="relay"):
    """A case that was answered and closed: (case id, its alias, the answer)."""
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], purpose, text=how)
    s.complete(s.cases()[0]["contact_id"])
    return case["id"], alias_of(s, case["id"]), answers(s)[0]["delivered"]


def open_tasks(s):
    return [task for task in s.tasks() if task["state"] != "ENDED"]


def test_a_resolved_case_opens_again_for_its_customer(s):
    case_id, alias, sent = closed(s)
    assert s.cases()[0]["status"] == "resolved"
    deliver(s, reply_to(sent, "It is broken again."), to=alias)
    [case] = s.cases()
    assert (case["id"], case["status"]) == (case_id, "open")
    assert len(open_tasks(s)) == 1


def test_after_the_days_of_grace_a_linked_case_opens(s):
    case_id, alias, sent = closed(s)
    s.at(datetime.now(UTC) + timedelta(days=15))
    deliver(s, reply_to(sent, "It is broken again."), to=alias)
    old, new = s.cases()
    assert (old["id"], old["status"]) == (case_id, "resolved")
    assert (new["status"], new["linked"]) == ("open", [case_id])
    assert len(open_tasks(s)) == 1


def test_the_days_of_grace_are_the_administrators():
    with stack(SendAcknowledgement="false", ReopenDays="1") as s:
        case_id, alias, sent = closed(s)
        s.at(datetime.now(UTC) + timedelta(days=2))
        deliver(s, reply_to(sent, "It is broken again."), to=alias)
        assert [case["linked"] for case in s.cases()] == [[], [case_id]]


@pytest.mark.parametrize("text", ["Thanks!", "Vielen Dank!", "Merci beaucoup"])
def test_thanks_open_nothing(s, text):
    case_id, alias, sent = closed(s)
    deliver(s, reply_to(sent, text), to=alias)
    [case] = s.cases()
    assert case["status"] == "resolved"
    assert s.messages(case_id)[-1]["disposition"] == "attached"
    assert open_tasks(s) == []


def test_thanks_with_a_question_open_it(s):
    _, alias, sent = closed(s)
    deliver(s, reply_to(sent, "Thanks, but when does it come?"), to=alias)
    assert s.cases()[0]["status"] == "open"
    assert len(open_tasks(s)) == 1


def test_an_out_of_office_opens_nothing(s):
    case_id, alias, sent = closed(s)
    deliver(s, reply_to(sent, "I am away.", headers=OOO), to=alias)
    assert s.cases()[0]["status"] == "resolved"
    assert s.messages(case_id)[-1]["disposition"] == "attached"
    assert open_tasks(s) == []


def test_a_rejected_case_takes_no_more_and_every_mail_opens_a_linked_one(s):
    case_id, alias, sent = closed(s, "We cannot help.", "rejectrelay")
    for text in ("But why?", "Answer me!"):
        deliver(s, reply_to(sent, text), to=alias)
    old, *new = s.cases()
    assert old["status"] == "rejected"
    assert [case["linked"] for case in new] == [[case_id]] * len(new)
    assert new
    assert len(s.messages(case_id)) == 2


def test_a_stranger_on_a_resolved_case_leaves_it_closed_and_is_seen(s):
    case_id, alias, _ = closed(s)
    deliver(
        s,
        reply_to(answers(s)[0]["delivered"], "I know more.", "Eve <eve@evil.example>"),
        "eve@evil.example",
        alias,
    )
    [case] = s.cases()
    assert case["status"] == "resolved"
    held = s.messages(case_id)[-1]
    assert (held["disposition"], held["reason"]) == ("held", "third-party")
    assert len(open_tasks(s)) == 1


def test_an_agent_can_still_answer_a_resolved_case(s):
    case_id, _, _ = closed(s)
    answer(s, case_id, "relay", text="One more thing, dear Ann.")
    assert len(answers(s)) == 2
