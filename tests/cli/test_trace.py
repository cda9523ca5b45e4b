"""`python -m channel trace`: where a mail has been, and where it is."""

import json

import pytest

from local.testing import alias_of
from tests.builders import answers, mail
from tests.journeys.test_one_mail import answer

ANN = "ann@customer.example"
SECRET = "the kettle I bought"


def deliver(s, sender=ANN, raw=None, to=None, **verdicts):
    ses_id = s.deliver(raw or mail(sender), sender, [to or s.inquiry_address], verdicts)
    s.settle()
    return ses_id


def case_of(s, sender):
    return next(case for case in s.cases() if case["customer"] == sender)


@pytest.fixture
def cli(world, sign_in):
    return sign_in(world)


def told(cli, given):
    """The journeys of what was given, by id."""
    said = cli("trace", given, "--json")
    assert said.status == 0, said.err
    return {one["id"]: one for one in json.loads(said.out)}


def hops(one):
    return [hop["what"] for hop in one["hops"]]


def test_every_hop_from_ses_to_delivered(world, cli):
    s, sender = world, "whole@customer.example"
    ses_id = deliver(s, sender)
    case = case_of(s, sender)
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay")
    out = answers(s)[-1]

    both = told(cli, ses_id)
    found = both[ses_id]
    assert hops(found) == [
        "received by Amazon SES",
        "stored in the mail bucket",
        f"opened case {case['id']}",
        "language and sentiment",
        "task started",
        f"in queue {s.name} email",
        "accepted by alice",
        "answered by alice",
    ]
    times = [hop["at"] for hop in found["hops"]]
    assert times == sorted(times)
    assert all(times)
    assert found["waits"] == ""
    [outbox] = found["answers"]
    sent = both[outbox]
    assert hops(sent) == [
        "alice's mail received by Amazon SES",
        "in the outbox",
        "given to Amazon SES",
        "accepted by Amazon SES",
        f"delivered: {sender}",
    ]
    assert sent["hops"][-1]["detail"].startswith("250 ")
    for given in (outbox, out["message_id"], f"<{out['message_id']}@email.amazonses.com>"):
        assert set(told(cli, given)) == {ses_id, outbox}
    assert set(told(cli, case["id"])) == {ses_id, outbox}


def test_the_screen_fits_and_shows_no_body(world, cli):
    s, sender = world, "screen@customer.example"
    ses_id = deliver(s, sender, mail(sender, subject="\x1b[2JA long subject " * 10))
    said = cli("trace", ses_id)
    assert said.status == 0
    assert sender in said.out
    assert SECRET not in said.out
    assert "\x1b" not in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    words = f"WAITS: in queue {s.name} email: no agent has taken it, since"
    assert words in " ".join(said.out.split())


def test_a_bounce_and_what_followed(world, cli):
    s, sender = world, "bounce@customer.example"
    deliver(s, sender)
    case = case_of(s, sender)
    s.accept(case["contact_id"], "bob")
    answer(s, case["id"], "relay", agent="bob")
    s.complete(case["contact_id"])
    s.settle()
    [found] = [one for one in told(cli, case["id"]).values() if one["direction"] == "out"]
    bounced = next(hop for hop in found["hops"] if hop["what"] == f"bounced: {sender}")
    assert "550 5.1.1" in bounced["detail"]
    assert bounced["tone"] == "bad"
    assert "brought back to an agent" in hops(found)


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [({"spam": "FAIL"}, "in the quarantine"), ({"virus": "FAIL"}, "in the quarantine")],
)
def test_what_agents_do_not_see(world, cli, verdicts, words):
    ses_id = deliver(world, "foul@customer.example", **verdicts)
    found = told(cli, ses_id)[ses_id]
    assert words in found["waits"]
    assert found["since"]


def test_a_held_mail_waits_for_a_decision(world, cli):
    s, sender = world, "owner@customer.example"
    deliver(s, sender)
    case = case_of(s, sender)
    ses_id = deliver(s, "x@stranger.example", to=alias_of(s, case["id"]))
    assert told(cli, ses_id)[ses_id]["waits"].startswith("held")


def test_a_mail_that_nobody_took_in_is_found(world, cli):
    world.put_object("inbound/forgotten1", mail("lost@customer.example"))
    found = told(cli, "forgotten1")["forgotten1"]
    assert found["waits"].startswith("not taken in yet")


def test_an_agents_answer_that_may_be_undone_or_is_unknown(s, sign_in):
    cli = sign_in(s)
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    s.ses_events("manual")
    answer(s, case["id"], "relay")
    [outbox] = [
        message["id"] for message in s.messages(case["id"]) if message["direction"] == "out"
    ]
    assert told(cli, outbox)[outbox]["waits"].startswith("with Amazon SES: no news")
    row = {"pk": {"S": f"OUTBOX#{outbox}"}, "sk": {"S": "OUTBOX"}}
    for state, words in [("UNKNOWN", "unknown whether"), ("PENDING", "in the send queue")]:
        s.client("dynamodb").update_item(
            TableName=s.resources["Table"],
            Key=row,
            UpdateExpression="SET #s = :s",
            ExpressionAttributeNames={"#s": "state"},
            ExpressionAttributeValues={":s": {"S": state}},
        )
        assert told(cli, outbox)[outbox]["waits"].startswith(words)


def test_a_message_id_of_a_customer_is_looked_for_in_the_table(world, cli):
    raw = mail("mid@customer.example", headers={"Message-ID": "<mine.1@mail.example>"})
    ses_id = deliver(world, "mid@customer.example", raw)
    assert ses_id in told(cli, "<mine.1@mail.example>")
    said = cli("trace", "<nobody@mail.example>")
    assert said.status == 1
    assert "no such mail" in " ".join(said.err.split())
    assert cli("trace", "nothing").status == 1
