"""Who may do what on a case, and whether SES's findings make a sender believable."""

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
    participants=(Participant("bob@customer.example"),),
)


@pytest.mark.parametrize(
    ("sender", "proven", "disposition", "reason"),
    [
        ("ann@customer.example", True, "accepted", "customer"),
        ("ann@customer.example", False, "flagged", "customer-unverified"),
        ("bob@customer.example", True, "accepted", "participant"),
        ("bob@customer.example", False, "held", "participant-unverified"),
        ("eve@elsewhere.example", True, "held", "third-party"),
        ("eve@elsewhere.example", False, "held", "third-party-unverified"),
        ("", True, "held", "third-party"),
    ],
)
def test_the_sender_decides_not_the_alias(sender, proven, disposition, reason):
    decision = trust.decide(CASE, sender, authenticated=proven)
    assert (decision.disposition, decision.reason) == (disposition, reason)


def test_whatever_is_not_plainly_accepted_carries_a_warning():
    for decision in (*trust.TABLE.values(), *trust.NEW_CASE.values()):
        assert bool(decision.warning) == (decision.disposition != trust.ACCEPTED)


def test_an_unverified_first_mail_opens_a_case_with_a_warning():
    assert trust.decide(None, "ann@x.example", authenticated=False).disposition == trust.FLAGGED


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


def test_a_rejected_case_takes_no_more_mail_and_a_resolved_one_does():
    assert not cases.accepts_mail(Case("c", CASE.customer, "", 1, status=cases.REJECTED))
    assert cases.accepts_mail(Case("c", CASE.customer, "", 1, status=cases.RESOLVED))


def test_a_case_is_answered_until_the_customer_writes_again():
    answered = Case("c", CASE.customer, "", 1, latest_at=5, answered_at=5)
    assert answered.answered
    assert not Case("c", CASE.customer, "", 1, latest_at=6, answered_at=5).answered
    assert not Case("c", CASE.customer, "", 1).answered
