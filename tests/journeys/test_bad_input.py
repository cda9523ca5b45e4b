"""Bad input ends as a case with the raw mail, or with a listed reason; never in a dead letter."""

import os

import pytest

from tests.builders import mail

ANN = "ann@customer.example"
HEAD = b"From: ann@customer.example\r\n"


def deliver(s, raw, sender=ANN):
    ses_id = s.deliver(raw, sender, [s.inquiry_address])
    s.settle()
    return ses_id


def nothing_is_stuck(s):
    assert {name: n for name, n in s.queues().items() if n} == {}


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(mail(sender=None), id="no-from"),
        pytest.param(b"From: ann@customer.example\r\nSubject: x\r\n\r\n", id="no-body"),
        pytest.param(b"From: ann@customer.example\r\nSubject: x\r\n", id="headers-only"),
        pytest.param(bytes(range(128, 256)) * 40, id="garbage"),
        pytest.param(b"\0" * 500, id="nul-octets"),
        pytest.param(b"no header at all", id="no-header"),
        pytest.param(mail(subject="x" * 5000), id="long-subject"),
        pytest.param(
            b"From: \xff\xfe <\xe9@b>\r\nSubject: \xe9\xff\r\n\r\n\xff\xfe", id="8-bit-header"
        ),
        pytest.param(
            HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
            id="unterminated",
        ),
        pytest.param(
            HEAD + b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\x",
            id="charset",
        ),
    ],
)
def test_a_broken_mail_is_a_case_with_the_raw_mail(s, raw):
    ses_id = deliver(s, raw)
    [case] = s.cases()
    [message] = s.messages(case["id"])
    assert message["id"] == ses_id
    assert s.raw(ses_id).endswith(raw)
    [task] = s.tasks()
    assert task["state"] == "QUEUED"
    nothing_is_stuck(s)


def test_twenty_five_megabytes_arrive(s):
    octets = os.urandom(18_520_000)  # 25 MB once it is base64
    raw = mail(attachments=[("film.bin", "application/octet-stream", octets)])
    assert len(raw) > 25_000_000
    ses_id = deliver(s, raw)
    [case] = s.cases()
    assert case["contact_id"]
    status, _, body = s.download(ses_id, 0)
    assert (status, len(body)) == (200, len(octets))
    assert body == octets
    nothing_is_stuck(s)


def notification(s, key):
    return {
        "notificationType": "Received",
        "mail": {
            "messageId": key.rpartition("/")[2],
            "source": ANN,
            "timestamp": "2026-11-22T10:00:00Z",
        },
        "receipt": {
            "timestamp": "2026-11-22T10:00:00Z",
            "recipients": [s.inquiry_address],
            "action": {"type": "S3", "objectKey": key},
            **{
                f"{v}Verdict": {"status": "PASS"} for v in ("spf", "dkim", "dmarc", "spam", "virus")
            },
        },
    }


@pytest.mark.parametrize(
    ("key", "octets", "reason"),
    [
        ("inbound/AMAZON_SES_SETUP_NOTIFICATION", b"hello", "not-a-mail"),
        ("inbound/empty", b"", "empty-object"),
        ("inbound/gone", None, "object-missing"),
    ],
)
def test_what_is_no_mail_is_listed_with_its_reason(s, key, octets, reason):
    if octets is not None:
        s.put_object(key, octets)
    s.notify(notification(s, key))
    s.settle()
    assert s.cases() == []
    assert [entry["reason"] for entry in s.quarantine()] == [reason]
    nothing_is_stuck(s)


@pytest.mark.parametrize(
    "body",
    [
        {"Event": "s3:TestEvent", "Service": "Amazon S3"},
        {"notificationType": "Received"},
        {"Records": []},
        {"mail": {}, "receipt": {"action": {"objectKey": "elsewhere/x"}}},
        {},
    ],
)
def test_a_notification_about_no_mail_is_dropped(s, body):
    s.notify(body)
    s.settle()
    assert s.cases() == []
    nothing_is_stuck(s)


def test_an_s3_event_names_its_object_url_encoded(s):
    s.put_object("inbound/a b+c%d", mail())
    event = {"eventTime": "2026-11-22T10:00:00Z", "s3": {"object": {"key": "inbound/a+b%2Bc%25d"}}}
    s.notify({"Records": [event]})
    s.settle()
    [case] = s.cases()
    [message] = s.messages(case["id"])
    assert message["id"] == "a b+c%d"
    assert message["disposition"] == "flagged"


def test_an_s3_event_does_not_replace_what_ses_found(s):
    ses_id = deliver(s, mail())
    kept = s.channel.mails.read(f"inbound/{ses_id}.json")
    s.notify({"Records": [{"s3": {"object": {"key": f"inbound/{ses_id}"}}}]})
    s.settle()
    assert s.channel.mails.read(f"inbound/{ses_id}.json") == kept
    assert len(s.cases()) == 1


@pytest.mark.parametrize("verdict", ["spam", "virus"])
def test_spam_and_viruses_never_reach_an_agent(s, verdict):
    s.deliver(mail(), ANN, [s.inquiry_address], {verdict: "FAIL"})
    s.settle()
    assert s.cases() == []
    assert s.tasks() == []
    assert [(e["reason"], e["from"]) for e in s.quarantine()] == [(verdict, ANN)]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto-Submitted": "auto-replied"}, "auto-reply"),
        ({"List-Id": "<news.example.org>"}, "list"),
        ({"Precedence": "bulk"}, "bulk"),
    ],
)
def test_automatic_mail_is_listed_and_starts_no_task(s, headers, kind):
    deliver(s, mail(headers=headers))
    assert s.tasks() == []
    assert [entry["reason"] for entry in s.quarantine()] == [f"automatic:{kind}"]


def test_our_own_address_as_sender_is_a_loop(s):
    deliver(s, mail(sender=s.inquiry_address), s.inquiry_address)
    assert s.tasks() == []
    assert [entry["reason"] for entry in s.quarantine()] == ["loop"]


def test_the_same_notification_again_changes_nothing(s):
    ses_id = deliver(s, mail())
    s.redeliver(ses_id, 3, overlap=True)
    s.settle()
    [case] = s.cases()
    assert len(s.messages(case["id"])) == 1
    assert len(s.tasks()) == 1
    nothing_is_stuck(s)


def test_the_logs_hold_nothing_private(s):
    from tests.journeys.test_one_mail import answer

    deliver(s, mail(subject="Secret subject", text="A very private matter indeed."))
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay", text="An equally private answer.")
    code = s.task(case["contact_id"])["attributes"]["access_code"]
    logs = s.logs()
    assert "Opened" in logs
    for private in (ANN, "alice@corp", "Secret subject", "private", "X-Amz-Signature", code):
        assert private not in logs
