"""Guards that the other tests of abuse do not need to touch, each alone."""

import pytest

from emailchannel import limits
from emailchannel.mail import alias
from local.testing import stack
from tests.abuse.world import FAST, World, human
from tests.builders import mail

HOME = "alice@home.example"


@pytest.fixture(scope="module")
def w():
    further = f"alice={HOME}, alice=a.archer@corp.example"
    with stack(AgentExtraAddresses=further, **FAST) as s:
        yield World(s)


@pytest.fixture
def alone():
    """A stack for a test that changes Amazon Connect."""
    with stack(**FAST) as s:
        yield World(s)


def made(w, matter, key, agent="alice", version="1", purpose="relay", epoch=0):
    """An address for the newest mail of a case, signed with any key."""
    stamp = w.address(matter).partition("+")[2][21:25]
    keys = alias.RelayKeys(version, {version: key})
    user = w.s._agent(agent)["id"]
    return alias.relay_address(keys, purpose, matter.id, stamp, user, epoch, w.s.domain)


def test_g01_a_further_address_serves_only_in_the_agents_domains(w):
    matter = w.matter()
    home = w.answer(matter, sender=f"Alice <{HOME}>", mail_from=HOME)
    assert home.sent == []
    assert w.became(home.id) == ("held", "third-party")
    other = "a.archer@corp.example"
    [sent] = human(w.answer(matter, sender=f"Alice <{other}>", mail_from=other).sent)
    assert sent["recipients"] == [matter.customer]
    assert other.encode() not in sent["raw"]


@pytest.mark.parametrize("version", ["0", "z"])
def test_g02_a_version_that_no_key_has_signs_nothing(w, version):
    matter = w.matter()
    result = w.answer(matter, to=made(w, matter, b"", version=version))
    assert result.sent == []
    assert w.became(result.id) == ("blocked", "token")


def test_g03_an_agent_of_another_queue_may_not_answer(alone):
    """Carol serves this queue no more, and has never had the case; Bob has had it before."""
    matter = alone.matter()
    alone.s.accept(alone.case(matter.id)["contact_id"], "bob")
    address, bobs = alone.address(matter, agent="carol"), alone.address(matter, agent="bob")
    connect = alone.s.client("connect")
    profile = alone.s.parameters["RoutingProfileId"]
    arguments = {"InstanceId": alone.s.instance_id, "RoutingProfileId": profile}
    queues = connect.list_routing_profile_queues(**arguments)[
        "RoutingProfileQueueConfigSummaryList"
    ]
    references = [{"QueueId": queue["QueueId"], "Channel": queue["Channel"]} for queue in queues]
    connect.disassociate_routing_profile_queues(QueueReferences=references, **arguments)
    alone.later(minutes=16)  # what is known of agents is a quarter of an hour old at most
    refused = alone.answer(matter, "carol", to=address)
    assert not refused.to(matter.customer)
    assert alone.became(refused.id) == ("blocked", "not-allowed")
    [sent] = human(alone.answer(matter, "bob", to=bobs).sent)
    assert sent["recipients"] == [matter.customer]


def test_g04_an_agent_who_left_connect_may_not_answer(alone):
    matter = alone.matter()
    alone.s.accept(alone.case(matter.id)["contact_id"], "bob")
    address = alone.address(matter, agent="bob")
    alone.s.client("connect").delete_user(
        InstanceId=alone.s.instance_id, UserId=alone.s._agent("bob")["id"]
    )
    alone.later(minutes=16)
    result = alone.answer(matter, "bob", to=address)
    assert not result.to(matter.customer)
    assert alone.became(result.id)[0] == "blocked"


def used_up(w, limit, key):
    """Take all places of a limit."""
    now = w.s.channel.now() + w.ahead.total_seconds()
    for number in range(limit.most):
        name = f"{limit.name}#{key}"
        assert w.s.channel.cases.within(name, limit.most, limit.seconds, now, f"o{number}")


def test_g05_a_case_has_so_many_answers_an_hour_and_no_more(w):
    """The mail is kept, and the agent is told."""
    matter = w.matter()
    used_up(w, limits.CASE_ANSWERS, matter.id)
    result = w.answer(matter, "alice")
    assert w.became(result.id) == ("blocked", "too-many")
    assert [one["recipients"] for one in result.sent] == [["alice@corp.example"]]
    w.later(minutes=61)
    assert human(w.answer(matter, "alice").sent)


def test_g06_an_unproven_mails_text_is_not_quoted_outward(w):
    matter = w.matter(verdicts={"dmarc": "FAIL"}, text="Pay at http://evil.example now.\n")
    [sent] = human(w.answer(matter).sent)
    assert b"evil.example" not in sent["raw"]
    proven = w.matter(text="Pay at http://fair.example now.\n")
    [sent] = human(w.answer(proven).sent)
    assert b"fair.example" in sent["raw"]


def test_g07_a_customer_who_can_be_read_in_two_ways_is_not_proven(w):
    matter = w.matter()
    raw = mail(None, matter.alias, text="Please answer to my new address.").replace(
        b"To:", f"From: {matter.customer}, x@evil.example\r\nTo:".encode(), 1
    )
    result = w.deliver(raw, "x@evil.example", matter.alias)
    assert w.became(result.id)[0] in {"flagged", "held"}
    copied = mail(f'"{matter.customer}" <{matter.customer}>', matter.alias, text="It is I.")
    assert w.became(w.deliver(copied, matter.customer, matter.alias).id)[0] == "accepted"


def test_g08_an_agents_note_needs_what_the_relay_would_need(w):
    matter = w.matter()
    raw = mail("Alice <alice@corp.example>", matter.alias, text="Refund her in full.")
    verdicts = {"dmarc": "GRAY", "spf": "PASS"}
    doubtful = w.deliver(raw, "alice@corp.example", matter.alias, verdicts)
    assert w.became(doubtful.id) == ("held", "agent-unverified")
    other = mail("Alice <alice@corp.example>", matter.alias, text="Refund half of it.")
    proven = w.deliver(other, "alice@corp.example", matter.alias)
    assert w.became(proven.id) == ("noted", "agent-note")


def test_g09_an_agents_counter_spans_all_his_cases(w):
    matter = w.matter()
    used_up(w, limits.AGENT_ANSWERS, w.s._agent("carol")["id"])
    result = w.answer(matter, "carol")
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "too-many")


def test_g10_a_domain_without_dmarc_is_proven_by_whom_it_let_sign(w):
    """SPF or DKIM, aligned with From; a signature of somebody else's is none."""
    gray = {"dmarc": "GRAY", "spf": "FAIL"}
    signed, unsigned = gray | {"dkim": "PASS"}, gray | {"dkim": "FAIL"}
    assert w.became(w.matter(verdicts=signed).mail_id) == ("accepted", "new")
    assert w.became(w.matter(verdicts=unsigned).mail_id) == ("flagged", "new-unverified")


def test_g11_made_up_senders_run_into_a_counter_of_their_own(alone):
    now = alone.s.channel.now()
    for _ in range(limits.UNPROVEN):
        alone.s.channel.cases.tally("unproven", 3600, now)
    forged = mail("Zoe <zoe@gmail.com>", text="A task, please.")
    ses_id = alone.deliver(forged, "zoe@gmail.com", alone.s.inquiry_address, {"dmarc": "FAIL"}).id
    assert alone.quarantined(ses_id) == "flood:unproven"
    assert alone.became(alone.matter().mail_id) == ("accepted", "new")


def test_g12_the_envelope_says_that_nobody_sent_it(w):
    """SES's notification decides, even if the stored mail had lost its Return-Path."""
    matter = w.matter()
    address = w.address(matter)
    verdicts = {
        f"{n}Verdict": {"status": "PASS"} for n in ("spf", "dkim", "dmarc", "spam", "virus")
    }
    for name, source in (("nobody", "<>"), ("alice", "alice@corp.example")):
        raw = mail("Alice <alice@corp.example>", address, "Re: x", f"Sent by {name}.")
        w.s.put_object(f"relay/{name}", raw)
        timestamp = "2026-11-22T10:00:00Z"
        action = {"type": "S3", "objectKey": f"relay/{name}"}
        receipt = {"recipients": [address], "action": action, "timestamp": timestamp, **verdicts}
        found = {"messageId": name, "source": source, "timestamp": timestamp}
        w.s.notify({"notificationType": "Received", "mail": found, "receipt": receipt})
        w.s.settle()
    assert w.became("nobody") == ("blocked", "automatic")
    assert [m["reason"] for m in w.s.messages(matter.id) if m["direction"] == "out"] == ["relay"]


def test_g13_who_sends_a_customers_mail_before_him_does_not_silence_him(w):
    matter = w.matter()
    fixed = {"Message-ID": "<the-same@customer.example>"}
    same = {"headers": fixed, "text": "Please stop the order."}
    first = w.deliver(
        mail("eve@evil.example", matter.alias, **same), "eve@evil.example", matter.alias
    )
    own = w.deliver(mail(matter.customer, matter.alias, **same), matter.customer, matter.alias)
    assert w.became(first.id)[0] == "held"
    assert w.became(own.id) == ("accepted", "customer")
    again = w.deliver(mail(matter.customer, matter.alias, **same), matter.customer, matter.alias)
    assert again.sent == []
    assert ("duplicate", "customer", "same-mail") in w.history(matter.id)
