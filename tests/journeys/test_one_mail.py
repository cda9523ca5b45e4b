"""The main job, from outside: a customer's mail, an agent's answer, and what comes after."""

import json
from email import message_from_bytes, policy

import pytest

from local.testing import alias_of, fetch
from tests.builders import answers, mail, reply_to

ANN = "ann@customer.example"
ALICE = "alice@corp.example"


def deliver(s, raw=None, sender=ANN, to=None, **verdicts):
    ses_id = s.deliver(raw or mail(), sender, [to or s.inquiry_address], verdicts)
    s.settle()
    return ses_id


def answer(s, case_id, purpose, agent="alice", text="Dear Ann, we send a new one.", **more):
    """The agent answers from a mail client, through the address that the page shows."""
    address = s.relay_address(case_id, purpose, agent)
    sender = f"{agent.title()} <{agent}@corp.example>"
    s.deliver(
        mail(sender, address, "Re: whatever", text, **more), f"{agent}@corp.example", [address]
    )
    s.settle()


def read(octets):
    return message_from_bytes(octets, policy=policy.default)


def quiet_and_clean(s):
    assert {name: n for name, n in s.queues().items() if n} == {}


def test_a_mail_becomes_a_case_and_a_task_with_all_an_agent_needs(s):
    raw = mail(
        text="The kettle I bought is broken and leaks. I am very angry, this is terrible!",
        attachments=[("bill.pdf", "application/pdf", b"%PDF-1.4 bill")],
    )
    ses_id = deliver(s, raw)
    [case] = s.cases()
    assert case["status"] == "open"
    assert case["customer"] == ANN
    assert len(case["id"]) == 20
    [message] = s.messages(case["id"])
    assert (message["id"], message["disposition"], message["reason"]) == (ses_id, "accepted", "new")
    [task] = s.tasks()
    assert task["id"] == case["contact_id"]
    assert task["state"] == "QUEUED"
    attributes = task["attributes"]
    assert attributes["interaction_id"] == case["id"]
    assert attributes["from_address"] == ANN
    assert attributes["sent_to_email"] == s.inquiry_address
    assert attributes["detected_language"] == "en"
    assert attributes["detected_sentiment"] == "NEGATIVE"
    status, _, body = fetch(attributes["email_url"])
    document = json.loads(body)
    assert status == 200
    assert document["subject"] == "My kettle is broken"
    assert document["key_phrases"]
    assert document["authenticated"] is True
    status, headers, original = fetch(task["references"]["Original email"]["Value"])
    assert status == 200
    assert f'filename="{case["id"]}.eml"' in headers["content-disposition"]
    assert original.endswith(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")) or raw in original
    status, headers, body = s.download(ses_id, 0)
    assert (status, body) == (200, b"%PDF-1.4 bill")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment")
    quiet_and_clean(s)


def test_a_glad_mail_differs_from_an_angry_one(s):
    deliver(s, mail(text="Thank you so much, the new kettle is wonderful. I am very happy!"))
    assert s.tasks()[0]["attributes"]["detected_sentiment"] == "POSITIVE"


def test_the_whole_story(s):
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    task = s.task(case["contact_id"])
    assert (task["state"], task["agent"]) == ("CONNECTED", "alice")
    assert task["attributes"]["agentrelay_address"] == s.relay_address(
        case["id"], "agentrelay", "alice"
    )
    followed = s.transfer(task["id"], "bob")
    s.accept(followed, "bob")
    assert s.cases()[0]["contact_id"] == followed

    answer(s, case["id"], "agentrelay", "bob", "Dear Ann,\n\na new kettle is on its way.\n\nBob")
    [sent] = s.sent()
    assert sent["recipients"] == [ANN]
    delivered = read(sent["delivered"])
    alias = alias_of(s, case["id"])
    assert alias in delivered["From"]
    assert alias in delivered["Reply-To"]
    assert delivered["Subject"] == "Re: My kettle is broken"
    assert delivered["References"].split()[0] == f"<case.{case['id']}@{s.domain}>"
    text = delivered.get_body(("plain",)).get_content()
    assert "a new kettle is on its way" in text
    assert "> the kettle I bought is broken and leaks." in text
    assert b"bob@corp.example" not in sent["raw"]
    assert s.cases()[0]["status"] == "waiting"
    assert s.messages(case["id"])[-1]["delivery"] == "delivered"
    s.complete(followed)

    deliver(s, reply_to(sent["delivered"], "Thank you, Bob!"), to=alias)
    [case] = s.cases()
    assert case["status"] == "open"
    assert len(s.messages(case["id"])) == 3
    newest = s.task(case["contact_id"])
    assert newest["attributes"]["target_type"] == "agent"
    s.accept(newest["id"], "bob")
    assert s.task(newest["id"])["agent"] == "bob"
    quiet_and_clean(s)


@pytest.mark.parametrize("purpose", ["relay", "queuerelay", "agentrelay"])
def test_where_the_customers_next_mail_goes(s, purpose):
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    held = s.task(case["contact_id"])
    answer(s, case["id"], purpose)
    s.complete(case["contact_id"])
    deliver(s, reply_to(s.sent()[0]["delivered"], "And my bill?"), to=alias_of(s, case["id"]))
    [case] = s.cases()
    task = s.task(case["contact_id"])
    wanted = {
        "relay": "default",
        "queuerelay": "queue",
        "agentrelay": "agent",
    }[purpose]
    assert task["attributes"]["target_type"] == wanted
    assert task["state"] == "QUEUED"
    if purpose == "queuerelay":
        assert task["queue"]["arn"] == held["queue"]["arn"]
    if purpose == "agentrelay":
        assert s.agents[0]["id"] in task["attributes"]["target_destination"]


def test_an_agent_who_kept_a_case_can_give_it_back_to_its_queue(s):
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    queue = s.task(case["contact_id"])["queue"]["arn"]
    answer(s, case["id"], "agentrelay")
    s.complete(case["contact_id"])
    alias = alias_of(s, case["id"])
    deliver(s, reply_to(s.sent()[0]["delivered"], "And my bill?"), to=alias)
    mine = s.cases()[0]["contact_id"]
    assert "/queue/agent/" in s.task(mine)["queue"]["arn"]
    s.accept(mine, "alice")
    answer(s, case["id"], "queuerelay", text="My colleagues will see to it.")
    s.complete(mine)
    deliver(s, reply_to(s.sent()[1]["delivered"], "Thank you"), to=alias)
    [case] = s.cases()
    assert (case["target_type"], case["target_destination"]) == ("queue", queue)
    assert s.task(case["contact_id"])["queue"]["arn"] == queue


def test_after_rejectrelay_a_new_mail_opens_a_linked_case(s):
    deliver(s)
    [first] = s.cases()
    answer(s, first["id"], "rejectrelay", text="We cannot help with this.")
    assert s.cases()[0]["status"] == "rejected"
    assert len(s.sent()) == 1
    deliver(s, reply_to(s.sent()[0]["delivered"], "But why?"), to=alias_of(s, first["id"]))
    old, new = s.cases()
    assert old["status"] == "rejected"
    assert new["linked"] == [first["id"]]
    assert new["contact_id"]


def test_an_empty_rejectrelay_mail_closes_without_a_word_to_the_customer(s):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "rejectrelay", text="\n")
    assert s.cases()[0]["status"] == "rejected"
    assert s.sent() == []


def test_a_second_mail_updates_the_open_task(s):
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    second = deliver(
        s, mail(subject="PS", text="I forgot the order number: 4711."), to=alias_of(s, case["id"])
    )
    [case] = s.cases()
    [task] = s.tasks()
    assert task["attributes"]["message_id"] == second
    assert task["attributes"]["subject"] == "PS"
    assert task["attributes"]["relay_address"] == s.relay_address(case["id"], "relay", "alice")


def test_the_task_shows_the_newest_mail_whatever_order_they_are_worked_in(s):
    deliver(s)
    [case] = s.cases()
    for number in range(8):
        s.deliver(mail(subject=f"PS {number}"), ANN, [alias_of(s, case["id"])])
    s.settle()
    newest = s.messages(case["id"])[-1]
    [task] = s.tasks()
    assert task["attributes"]["message_id"] == newest["id"]
    assert len(s.messages(case["id"])) == 9


def test_replies_find_their_case_without_the_alias(s):
    deliver(s)
    [case] = s.cases()
    answer(s, case["id"], "relay")
    delivered = s.sent()[0]["delivered"]
    only_reply = read(reply_to(delivered, "hi"))
    del only_reply["References"]
    deliver(s, reply_to(delivered, "by references"))
    deliver(s, only_reply.as_bytes())
    [case] = s.cases()
    assert len(s.messages(case["id"])) == 4


def test_a_stranger_on_the_alias_is_held_and_seen(s):
    deliver(s)
    [case] = s.cases()
    deliver(s, mail("Eve <eve@evil.example>"), "eve@evil.example", alias_of(s, case["id"]))
    [case] = s.cases()
    assert case["customer"] == ANN
    held = s.messages(case["id"])[-1]
    assert (held["disposition"], held["reason"]) == ("held", "third-party")
    assert s.task(case["contact_id"])["attributes"]["warning"] == "third-party"
    answer(s, case["id"], "relay")
    assert [mail["recipients"] for mail in s.sent()] == [[ANN]]


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [({"dmarc": "FAIL"}, "dmarc"), ({"virus": "FAIL"}, "virus"), ({"spam": "FAIL"}, "spam")],
)
def test_a_forged_or_foul_agent_mail_goes_nowhere(s, verdicts, reason):
    deliver(s)
    [case] = s.cases()
    address = s.relay_address(case["id"], "relay", "alice")
    deliver(s, mail("Alice <alice@corp.example>", address), ALICE, address, **verdicts)
    assert s.sent() == []
    blocked = s.messages(case["id"])[-1]
    assert (blocked["disposition"], blocked["reason"]) == ("blocked", reason)
    assert s.interactions(case["id"])[-1]["kind"] == "blocked"


def test_an_address_serves_only_the_agent_and_the_case_it_was_made_for(s):
    deliver(s)
    deliver(s, mail(subject="Another matter"))
    one, two = s.cases()
    address = s.relay_address(one["id"], "relay", "alice")
    deliver(s, mail("Bob <bob@corp.example>", address), "bob@corp.example", address)
    moved = address.replace(one["id"], two["id"])
    deliver(s, mail("Alice <alice@corp.example>", moved), ALICE, moved)
    assert answers(s) == []
    assert s.messages(one["id"])[-1]["reason"] == "token"
    assert s.messages(two["id"])[-1]["reason"] == "token"


def test_an_answer_says_what_the_agent_wrote_and_nothing_of_where_from(s):
    deliver(s)
    [case] = s.cases()
    text = (
        "Dear Ann,\n\nyour new kettle is on its way.\n\n-- \nAlice Archer <alice@corp.example>\n"
        "Support\n\nOn Sunday, support wrote:\n> an earlier mail that stays inside\n"
    )
    headers = {
        "X-Originating-IP": "[192.0.2.7]",
        "User-Agent": "Mail 1.0",
        "Cc": "boss@corp.example",
    }
    answer(s, case["id"], "relay", text=text, headers=headers)
    [sent] = s.sent()
    assert sent["recipients"] == [ANN]
    for body in ("plain", "html"):
        said = read(sent["delivered"]).get_body((body,)).get_content()
        assert "your new kettle is on its way" in said
        assert "Alice Archer" in said
        assert "stays inside" not in said
    for private in (b"corp.example", b"192.0.2.7", b"User-Agent", b"relay+"):
        assert private not in sent["raw"]


def test_an_answers_attachment_arrives_as_it_was(s):
    deliver(s)
    [case] = s.cases()
    octets = bytes(range(256)) * 40
    answer(s, case["id"], "relay", attachments=[("plan.bin", "application/octet-stream", octets)])
    [part] = list(read(s.sent()[0]["delivered"]).iter_attachments())
    assert (part.get_filename(), part.get_content()) == ("plan.bin", octets)


def test_completing_an_unanswered_mail_leaves_the_case_open(s):
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    s.complete(case["contact_id"])
    [case] = s.cases()
    assert (case["status"], case["answered"], case["contact_id"]) == ("open", False, "")
    assert s.interactions(case["id"])[-1]["kind"] == "task-ended"


def test_links_are_renewed_while_a_task_waits(s):
    from datetime import UTC, datetime, timedelta

    deliver(s)
    before = s.tasks()[0]["attributes"]["email_url_expires_at"]
    s.at(datetime.now(UTC) + timedelta(seconds=3600))
    s.settle()
    after = s.tasks()[0]["attributes"]["email_url_expires_at"]
    assert after > before
