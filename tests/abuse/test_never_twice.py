"""Delivered twice, answered twice, or not at all: D14, D26-D30, and what surrounds them."""

import json
from urllib.parse import quote_plus

from local.testing import stack
from tests.abuse.world import FAST, World, human
from tests.builders import mail

QUIET = dict.fromkeys(("ingest", "relay", "task", "send", "events", "contacts"), 0)


def dead(s):
    return {name: count for name, count in s.queues().items() if name.endswith("-dead") and count}


def report(to, original_id, recipient, status="5.1.1"):
    """A delivery report as a receiving server writes it (RFC 3464)."""
    return (
        "From: MAILER-DAEMON@mx.customer.example\r\n"
        f"To: <{to}>\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <dsn.{status}@mx.customer.example>\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
        "\r\n--b\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.customer.example\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{original_id}@email.amazonses.com>\r\n\r\n--b--\r\n"
    ).encode()


def test_d14_a_real_bounce_is_told_once(w):
    matter = w.matter(f"bounce@{w.person().partition('@')[2]}")
    before, cases = len(w.tasks(matter.id)), len(w.s.cases())
    result = w.answer(matter)
    [sent] = human(result.sent)
    answer = w.s.messages(matter.id)[-1]
    assert answer["delivery"] == "bounced"
    told = w.deliver(report(matter.alias, sent["message_id"], matter.customer), "", matter.alias)
    assert told.sent == []
    assert w.message(told.id)["kind"] == "bounce"
    assert w.message(told.id)["disposition"] == "attached"
    kept = w.s.channel.cases.message(matter.id, told.id)
    assert kept.answers == answer["id"]  # with the message that it is about
    assert len(w.s.cases()) == cases
    out = [message for message in w.s.messages(matter.id) if message["direction"] == "out"]
    assert [message["delivery"] for message in out] == ["bounced"]
    returned = [entry for entry in w.history(matter.id) if entry[0] == "returned"]
    assert len(returned) == 1
    assert "there is no such address" in returned[0][2]
    assert w.case(matter.id)["status"] == "open"
    assert not w.case(matter.id)["answered"]
    [task] = w.tasks(matter.id)[before - 1 :]
    assert task["attributes"]["warning"] == "bounced"
    assert matter.customer in task["attributes"]["notice"]


def test_d14_a_forged_report_changes_no_status(w):
    matter = w.matter()
    [sent] = human(w.answer(matter).sent)
    w.deliver(report(matter.alias, sent["message_id"], matter.customer), "", matter.alias)
    assert w.s.messages(matter.id)[1]["delivery"] == "delivered"
    assert w.case(matter.id)["status"] == "waiting"


def test_d26_a_record_delivered_again_and_again():
    with stack(**FAST) as s:
        w = World(s)
        matter = w.matter()
        s.redeliver(matter.mail_id, 1)
        s.redeliver(matter.mail_id, 2, overlap=True)
        s.settle()
        assert len(s.cases()) == 1
        assert len(s.messages(matter.id)) == 1
        assert len(s.tasks()) == 1
        assert len(s.sent()) == 1  # the acknowledgement
        kinds = sorted(entry["kind"] for entry in s.interactions(matter.id))
        assert kinds == ["acknowledged", "offered", "received", "sent"]
        assert s.queues() | QUIET == s.queues()


def test_d27_the_same_mail_under_two_ids(w):
    matter = w.matter()
    tasks = len(w.s.tasks())
    again = w.deliver(matter.raw, matter.customer, w.s.inquiry_address)
    assert again.sent == []
    assert len(w.s.tasks()) == tasks
    assert [m["id"] for m in w.s.messages(matter.id)] == [matter.mail_id]
    assert ("duplicate", "customer", "same-mail") in w.history(matter.id)


def test_d28_ses_accepts_and_its_answer_is_lost(w):
    matter = w.matter()
    w.s.fault("ses:SendEmail", "timeout-after", 1)
    result = w.answer(matter)
    assert [one["recipients"] for one in human(result.sent)] == [[matter.customer]]
    answer = w.s.messages(matter.id)[-1]
    assert answer["delivery"] == "delivered"  # SES's events said so
    assert w.s.channel.cases.outgoing(answer["id"]).state == "SENT"
    before = len(w.s.sent())
    w.later(hours=1)
    w.later(hours=1)
    assert len(w.s.sent()) == before
    assert [m["delivery"] for m in w.s.messages(matter.id)][1:] == ["delivered"]


def test_d29_what_is_no_mail_becomes_no_case():
    with stack(**FAST) as s:
        s.notify({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"})
        keys = ("inbound/AMAZON_SES_SETUP_NOTIFICATION", "inbound/empty", "inbound/a+b%25 c")
        for key, body in zip(keys, (b"x", b"", mail("Ann <ann@customer.example>")), strict=True):
            s.put_object(key, body)
            where = {"bucket": {"name": "b"}, "object": {"key": quote_plus(key, safe="/")}}
            s.notify({"Records": [{"eventTime": "2026-11-22T10:00:00.000Z", "s3": where}]})
        where = {"bucket": {"name": "b"}, "object": {"key": "inbound/gone"}}
        s.notify({"Records": [{"s3": where}]})
        s.settle()
        assert dead(s) == {}
        [case] = s.cases()  # the key was decoded: its mail is a mail
        assert s.raw("a+b%25 c").startswith(b"From: Ann")
        assert s.messages(case["id"])[0]["id"] == "a+b%25 c"
        reasons = {entry["id"]: entry["reason"] for entry in s.quarantine()}
        assert reasons == {
            "AMAZON_SES_SETUP_NOTIFICATION": "not-a-mail",
            "empty": "empty-object",
            "gone": "object-missing",
        }


def test_d30_a_long_thread(w):
    matter = w.matter()
    for n in range(13):
        w.accept(w.case(matter.id)["contact_id"], "bob")
        w.s.complete(w.case(matter.id)["contact_id"])
        raw = mail(f"Ann <{matter.customer}>", matter.alias, "Re: My kettle", f"And then {n}")
        w.deliver(raw, matter.customer, matter.alias)
    assert len(w.s.messages(matter.id)) == 14
    assert len(w.tasks(matter.id)) == 14
    assert w.case(matter.id)["contact_id"] == w.tasks(matter.id)[-1]["id"]
    assert "open-task-quota" not in json.dumps(w.s.logs())
    assert dead(w.s) == {}
