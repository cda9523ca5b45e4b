"""The mail that says at once that ours has arrived: to whom, when, and in which words."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from local.testing import alias_of, stack
from tests.builders import answers, mail, reply_to

ANN = "ann@customer.example"


@pytest.fixture
def s():  # acknowledgements are on unless they are switched off
    name = "Kettles Ltd <support@support.example.com>"
    with stack(DefaultEmailFrom=name, EmailDisclaimer="Kettles Ltd, No. 123") as world:
        yield world


def deliver(s, raw, sender=ANN, to=None, **verdicts):
    ses_id = s.deliver(raw, sender, [to or s.inquiry_address], verdicts)
    s.settle()
    return ses_id


def read(one):
    return message_from_bytes(one["delivered"], policy=policy.default)


def body(one, kind="plain"):
    return read(one).get_body((kind,)).get_content()


def test_a_new_case_is_acknowledged_in_the_customers_language(s):
    deliver(s, mail(subject="Kaputt", text="Guten Tag,\n\nmein Wasserkocher ist kaputt. Danke!"))
    [case] = s.cases()
    [sent] = s.sent()
    found = read(sent)
    assert sent["recipients"] == [ANN]
    assert alias_of(s, case["id"]) in found["From"]
    assert alias_of(s, case["id"]) in found["Reply-To"]
    assert "Kettles Ltd" in found["From"]
    assert found["Subject"] == "Re: Kaputt"
    assert found["Auto-Submitted"] == "auto-replied"
    for kind in ("plain", "html"):
        assert "Kettles Ltd, No. 123" in body(sent, kind)
        assert "Wasserkocher" not in body(sent, kind)
    assert "E-Mail" in body(sent)
    assert found.get_content_type() == "multipart/alternative"
    [told] = [e for e in s.interactions(case["id"]) if e["kind"] == "acknowledged"]
    assert (told["actor"], told["reason"]) == ("channel", "de")
    assert "sent" in [entry["kind"] for entry in s.interactions(case["id"])]
    assert [m["direction"] for m in s.messages(case["id"])] == ["in"]


def test_a_reply_to_it_finds_the_case_and_is_not_acknowledged(s):
    deliver(s, mail())
    [sent] = s.sent()
    reply = reply_to(sent["delivered"], "I forgot: the number is 4711.")
    deliver(s, reply, to=read(sent)["Reply-To"].addresses[0].addr_spec)
    [case] = s.cases()
    assert len(s.messages(case["id"])) == 2
    assert len(s.sent()) == 1


def test_once_a_day_for_an_address(s):
    deliver(s, mail())
    deliver(s, mail(subject="Another matter"))
    assert len(s.cases()) == 2
    assert len(s.sent()) == 1
    s.at(datetime.now(UTC) + timedelta(hours=23))
    deliver(s, mail(subject="A third"))
    assert len(s.sent()) == 1
    s.at(datetime.now(UTC) + timedelta(hours=25))
    deliver(s, mail(subject="The next day"))
    assert len(s.sent()) == 2
    assert len(s.cases()) == 4


def test_the_same_mail_handed_over_again_is_acknowledged_once(s):
    ses_id = deliver(s, mail())
    s.redeliver(ses_id, 2, overlap=True)
    s.settle()
    assert len(s.sent()) == 1
    assert len(s.cases()) == 1


def test_who_is_not_proven_gets_none_and_is_served_all_the_same(s):
    deliver(s, mail(), dmarc="FAIL")
    assert s.sent() == []
    assert len(s.tasks()) == 1


def test_a_domain_without_dmarc_is_proven_by_its_return_path(s):
    deliver(s, mail(), dmarc="GRAY")
    assert [one["recipients"] for one in s.sent()] == [[ANN]]


def test_it_does_not_count_as_an_answer(s):
    deliver(s, mail())
    [case] = s.cases()
    assert (case["status"], case["answered"]) == ("open", False)
    address = s.relay_address(case["id"], "relay", "alice")
    deliver(s, mail("alice@corp.example", address, "Re: x"), "alice@corp.example", address)
    assert len(answers(s)) == 1
    assert s.cases()[0]["status"] == "waiting"


def test_it_can_be_switched_off():
    with stack(SendAcknowledgement="false") as s:
        deliver(s, mail())
        assert s.sent() == []
        [case] = s.cases()
        assert "acknowledged" not in [entry["kind"] for entry in s.interactions(case["id"])]
