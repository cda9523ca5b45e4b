"""Who may do what on a case, and whether SES's findings make a sender believable."""

from dataclasses import replace

import pytest

from emailchannel import case as cases
from emailchannel import route, trust
from emailchannel.case import Case, Participant
from emailchannel.mail.verdict import Verdicts, aligned, authenticated, from_receipt

CASE = Case(
    "c1",
    Participant("ann@customer.example", "Ann"),
    "Kettle",
    1,
    participants=(Participant("bob@partner.example"),),
)


@pytest.mark.parametrize(
    ("sender", "proven", "disposition", "reason"),
    [
        ("ann@customer.example", True, "accepted", "customer"),
        ("ann@customer.example", False, "flagged", "customer-unverified"),
        ("bob@partner.example", True, "accepted", "participant"),
        ("bob@partner.example", False, "flagged", "participant-unverified"),
        ("joe@customer.example", True, "held", "colleague"),
        ("joe@customer.example", False, "held", "third-party-unverified"),
        ("eve@elsewhere.example", True, "held", "third-party"),
        ("eve@elsewhere.example", False, "held", "third-party-unverified"),
        ("eve@evilcustomer.example", True, "held", "third-party"),
        ("", True, "held", "third-party"),
    ],
)
def test_the_sender_decides_not_the_alias(sender, proven, disposition, reason):
    decision = trust.TABLE[trust.relation(CASE, sender), proven]
    assert (decision.disposition, decision.reason) == (disposition, reason)


def test_an_agents_word_is_a_note_only_when_it_is_proven():
    who = trust.relation(CASE, "alice@corp.example", is_agent=True)
    assert trust.TABLE[who, True].disposition == trust.NOTED
    assert trust.TABLE[who, False].disposition == trust.HELD


def test_an_agent_who_is_the_customer_himself_is_the_customer():
    case = replace(CASE, customer=Participant("alice@corp.example"))
    assert trust.relation(case, "alice@corp.example", is_agent=True) == trust.CUSTOMER


@pytest.mark.parametrize("domain", ["gmail.com", "gmx.de", "localhost", ""])
def test_a_public_domain_makes_no_colleagues(domain):
    case = replace(CASE, customer=Participant(f"ann@{domain}"))
    assert trust.relation(case, f"joe@{domain}") == trust.STRANGER


def test_whatever_is_held_or_flagged_carries_a_warning():
    for decision in trust.ALL:
        doubtful = decision.disposition in {trust.HELD, trust.FLAGGED}
        assert bool(decision.warning) == doubtful, decision


def test_every_reason_is_given_once_for_each_disposition():
    for reason in {decision.reason for decision in trust.ALL}:
        assert len({d.disposition for d in trust.ALL if d.reason == reason}) == 1


def test_an_unverified_first_mail_opens_a_case_with_a_warning():
    assert trust.NEW_CASE[False].disposition == trust.FLAGGED


@pytest.mark.parametrize(
    ("verdicts", "envelope_from", "proven"),
    [
        (Verdicts(dmarc="PASS"), "bounce@mailer.example", True),
        (Verdicts(spf="PASS", dkim="PASS", dmarc="FAIL"), "ann@customer.example", False),
        (Verdicts(spf="PASS", dmarc="GRAY"), "ann@customer.example", True),
        (Verdicts(spf="PASS", dmarc="GRAY"), "x@bounces.customer.example", True),
        (Verdicts(spf="PASS", dmarc="GRAY"), "eve@evil.example", False),
        (Verdicts(spf="PASS", dmarc="GRAY"), "eve@evilcustomer.example", False),
        (Verdicts(spf="PASS"), "ann@customer.example", False),
        (Verdicts(spf="PASS", dmarc="PROCESSING_FAILED"), "ann@customer.example", False),
        (Verdicts(), "ann@customer.example", False),
    ],
)
def test_only_a_clear_pass_proves_a_sender(verdicts, envelope_from, proven):
    assert authenticated(verdicts, "ann@customer.example", envelope_from) is proven


def test_nobody_is_proven_without_an_address():
    assert not authenticated(Verdicts(dmarc="PASS"), "", "ann@customer.example")


@pytest.mark.parametrize("one", ["example", "", "com"])
def test_bare_domains_align_with_nothing(one):
    assert not aligned(one, "ann.example")
    assert not aligned(one, one)


@pytest.mark.parametrize(
    "receipt",
    [{}, {"dmarcVerdict": None}, {"dmarcVerdict": {"status": 1}}, {"dmarcVerdict": "PASS"}],
)
def test_an_odd_notification_is_no_pass(receipt):
    assert from_receipt(receipt).dmarc == ""


def test_verdicts_are_read_from_the_receipt():
    receipt = {f"{n}Verdict": {"status": "pass"} for n in ("spf", "dkim", "dmarc", "spam", "virus")}
    assert from_receipt(receipt) == Verdicts("PASS", "PASS", "PASS", "PASS", "PASS")


def test_after_an_answer_the_next_mail_goes_where_the_purpose_says():
    queue, agent = "arn:queue", "arn:agent"
    assert route.after_answer("relay", queue, agent) == (cases.Target(), cases.WAITING)
    assert route.after_answer("queuerelay", queue, agent)[0] == cases.Target("queue", queue)
    assert route.after_answer("agentrelay", queue, agent)[0] == cases.Target("agent", agent)
    assert route.after_answer("rejectrelay", queue, agent) == (cases.Target(), cases.REJECTED)
    assert route.after_answer("queuerelay", "", agent)[0] == cases.Target()


@pytest.mark.parametrize(
    ("status", "days_later", "takes"),
    [
        (cases.OPEN, 500, True),
        (cases.WAITING, 500, True),
        (cases.RESOLVED, 13.9, True),
        (cases.RESOLVED, 14.1, False),
        (cases.REJECTED, 0, False),
    ],
)
def test_a_closed_case_opens_again_for_some_days_and_a_rejected_one_never(
    status, days_later, takes
):
    case = replace(CASE, status=status, closed_at=1000)
    assert cases.takes_more(case, 1000 + int(days_later * cases.DAY), 14) is takes


def test_a_case_is_answered_until_the_customer_writes_again():
    answered = Case("c", CASE.customer, "", 1, latest_at=5, answered_at=5)
    assert answered.answered
    assert not Case("c", CASE.customer, "", 1, latest_at=6, answered_at=5).answered
    assert not Case("c", CASE.customer, "", 1).answered
