"""All that the functions may ever do, once: the story that grants are measured against."""

import http.client
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlparse
from urllib.request import Request, urlopen

from emailchannel.mail import alias
from local import deploy
from local.testing import ROOT, fetch
from tests import api as messages
from tests.builders import answers, mail, reply_to
from tests.journeys.test_one_mail import alias_of, answer, deliver
from tests.texts import send_text


class Api:
    """The agent page's side of the HTTP API."""

    def __init__(self, s):
        self.port, self.host, self.token = (
            s.world.port,
            urlparse(s.outputs["AgentApiUrl"]).netloc,
            "",
        )

    def __call__(self, method, path, body=None, **more):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Host": self.host, "Authorization": f"Bearer {self.token}", **more}
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found


def walk_through(s):
    """Everything a function may ever do, once."""
    throttled(s)
    ses_id = deliver(s, mail(attachments=[("a.txt", "text/plain", b"hello")]))
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    attributes = s.task(case["contact_id"])["attributes"]
    fetch(attributes["email_url"])
    fetch(s.task(case["contact_id"])["references"]["Original email"]["Value"])
    api = Api(s)
    opening = {"contact_id": case["contact_id"], "code": attributes["access_code"]}
    status, session = api("POST", "/sessions", opening)
    assert status == 201
    api.token = session["token"]
    deliver(s, mail(subject="PS"), to=alias_of(s, case["id"]))
    newest = s.task(case["contact_id"])["attributes"]["email_url"]
    assert fetch(newest)[0] == 200
    assert fetch(s.task(case["contact_id"])["references"]["Original email"]["Value"])[0] == 200
    s.fault("ses:SendEmail", "throttle", 1)
    answer(s, case["id"], "relay", attachments=[("b.txt", "text/plain", b"hi")])
    s.at(datetime.now(UTC) + timedelta(seconds=30))
    s.settle()
    assert len(answers(s)) == 1
    stranger_of_the_directory(s)
    assert len(answers(s)) == 2
    nobody_decides(s)
    blocked = s.relay_address(case["id"], "relay", "alice")
    deliver(
        s, mail("Alice <alice@corp.example>", blocked), "alice@corp.example", blocked, dmarc="FAIL"
    )
    status, view = api("GET", "/case")
    assert status == 200
    for message in view["messages"]:
        for what in (
            "original",
            "formatted",
            *(f"attachments/{a['n']}" for a in message["attachments"]),
        ):
            status, link = api("GET", f"/messages/{message['id']}/{what}")
            assert status == 200
            assert fetch(link["url"])[0] == 200
    for minutes in (9, 18):  # until what we know of the agent is old, the session being renewed
        s.at(datetime.now(UTC) + timedelta(minutes=minutes))
        status, session = api("POST", "/sessions/renew")
        assert status == 201
        api.token = session["token"]
    assert api("GET", "/case")[0] == 200
    at_the_desk(s, api)
    a_colleague_and_a_stranger(s, case, api)
    an_overtaken_answer(s, case, api)
    s.at(datetime.now(UTC) + timedelta(minutes=40))
    deliver(s, mail(subject="PPS"), to=alias_of(s, case["id"]))
    deliver(s, reply_to(answers(s)[0]["delivered"], "Thanks"), to=alias_of(s, case["id"]))
    another_system(s)
    for n in range(5):  # more at once than the pace allows
        deliver(s, mail(subject=f"Matter {n}"))
    for key in ("inbound/gone", "relay/gone"):
        s.notify(missing(s, key))
    s.settle()
    lost = s.client("s3")
    outbox = s.messages(case["id"])
    assert [m for m in outbox if m["direction"] == "out"]
    forget_frozen_mail(s, case, lost)
    look_after(s)
    a_customer_at_a_relay_address(s, case)
    s.complete(case["contact_id"])
    an_answer_bounces(s)
    nobody_takes_a_task(s)
    send_text(s, "walked", "+12065550123", "Your kettle is ready")
    assert len(s.texts()) == 1
    assert ses_id
    somebody_works_on_the_rules(s)
    s.client("secretsmanager").rotate_secret(SecretId=s.resources["RelayKeys"])
    s.settle()
    assert s.channel.keys.relay_keys("2").current == "2"


def throttled(s):
    """Each door that a queue feeds gets work while DynamoDB is busy, and hides it for a while."""
    s.fault("dynamodb:GetItem", "throttle", 3 * 4)  # the SDK tries three times
    for key in ("inbound/none", "relay/none"):
        s.notify(missing(s, key))
    s.client("sqs").send_message(
        QueueUrl=s.resources["EventsQueue"],
        MessageBody=json.dumps({"mail": {"messageId": "m", "tags": {"outbox": ["o"]}}}),
    )
    s.client("sqs").send_message(
        QueueUrl=s.resources["ContactEventsQueue"],
        MessageBody=json.dumps({"detail": {"contactId": "c"}}),
    )
    s.settle()
    assert s.queues()["ingest"] == 1
    s.at(datetime.now(UTC) + timedelta(seconds=10))
    s.settle()
    assert not any(s.queues().values())


def stranger_of_the_directory(s):
    """An agent of the case's queue whom the directory has not met yet."""
    [case] = s.cases()
    carol = next(agent for agent in s.agents if agent["username"] == "carol")
    stamp = alias.stamp(s.channel.cases.case(case["id"]).latest_message_id)
    keys = s.channel.keys.relay_keys()
    address = alias.relay_address(keys, "relay", case["id"], stamp, carol["id"], 0, s.domain)
    deliver(s, mail("Carol <carol@corp.example>", address), "carol@corp.example", address)


def at_the_desk(s, api):
    """An agent writes in the page: a note with a file, under a signature of his own."""
    file = {"filename": "c.txt", "content_type": "text/plain", "size": 5, "inline": False}
    status, place = api("POST", "/case/files", file)
    assert status == 201
    put = Request(place["url"], b"hello", place["headers"], method="PUT")
    with urlopen(put, timeout=30) as stored:
        assert stored.status == 200
    assert fetch(api("GET", f"/case/files/{place['id']}")[1]["url"])[0] == 200
    for path in ("/case/composer", "/case/others", "/case/messages", "/case/interactions"):
        assert api("GET", path)[0] == 200
    assert api("POST", "/case/presence", {"writing": True})[0] == 200
    assert api("PUT", "/signature", {"html": "<p>Alice</p>"})[0] == 200
    assert api("GET", "/signature")[0] == 200
    status, view = api("GET", "/case")
    assert status == 200
    newest = view["messages"][-1]["id"]
    assert api("GET", f"/messages/{newest}/headers")[0] == 200
    seen = {name: view["case"][name] for name in ("latest_message_id", "last_answer")}
    note = {"kind": "note", "html": "<p>Look at this.</p>", "files": [place["id"]], "seen": seen}
    assert api("PUT", "/case/draft", {"version": 0, **note})[0] == 200
    key = {"Idempotency-Key": "walked-once"}
    assert api("POST", "/case/messages", {**note, "draft_version": 1}, **key)[0] == 201
    s.settle()


def another_system(s):
    """It sends a mail with a file, begins a conversation and reads both."""
    api = messages.Api(s)
    to, file = "eli@customer.example", {"filename": "d.txt", "content": "aGVsbG8="}
    made = api.send(to, attachments=[file], idempotencyKey="walked-once")
    case_id = api.open(to)["caseId"]
    api.post(case_id)
    s.settle()
    deliver(s, mail(to, text="Thanks."), to, alias_of(s, case_id))
    for address in (to, "cut@customer.example"):
        s.client("sesv2").put_suppressed_destination(EmailAddress=address, Reason="BOUNCE")
        messages.refused("Suppressed", api.send, address)
    found = (api.one(made["id"]), *api.list(to=to)["data"], *api.thread(case_id))
    assert len(found) == 5
    assert fetch(found[0]["attachments"][0]["url"])[0] == 200
    [outgoing] = [one for one in s.sent() if one["recipients"] == [to]][:1]
    gone = f"formatted/{outgoing['tags']['outbox']}.json"
    s.client("s3").delete_object(Bucket=s.resources["MailBucket"], Key=gone)
    assert api.one(made["id"])["body"] == ""


def a_colleague_and_a_stranger(s, case, api):
    """An agent whom nobody has met writes to the customer's alias, and so does a stranger."""
    alias_ = alias_of(s, case["id"])
    deliver(s, mail("Bob <bob@corp.example>"), "bob@corp.example", alias_)
    held = deliver(s, mail("Eve <eve@evil.example>"), "eve@evil.example", alias_)
    status, found = api("POST", f"/messages/{held}/decision", {"action": "new-case"})
    assert (status, found["disposition"]) == (200, "moved")
    s.settle()


def an_overtaken_answer(s, case, api):
    """The customer writes while an agent answers; the agent has it sent all the same."""
    address = s.relay_address(case["id"], "relay", "alice")
    deliver(s, mail(subject="Once more"), to=alias_of(s, case["id"]))
    attached = [("c.txt", "text/plain", b"as you asked")]
    written = mail("Alice <alice@corp.example>", address, attachments=attached)
    held = deliver(s, written, "alice@corp.example", address)
    status, found = api("POST", f"/messages/{held}/decision", {"action": "send"})
    assert (status, found["disposition"]) == (200, "noted")


def a_customer_at_a_relay_address(s, case):
    """His mail is stored under another prefix, and its original can be read all the same."""
    address = s.relay_address(case["id"], "relay", "alice")
    deliver(s, mail(subject="By mistake"), to=address)
    s.at(datetime.now(UTC) + timedelta(hours=24, minutes=20))
    s.settle()
    task = s.task(next(c for c in s.cases() if c["id"] == case["id"])["contact_id"])
    assert task["attributes"]["subject"] == "By mistake"
    assert fetch(task["references"]["Original email"]["Value"])[0] == 200


def nobody_takes_a_task(s):
    """A task ends in the queue, unseen: there must be another one."""
    deliver(s, mail("Dan <dan@customer.example>", subject="Stopped"), "dan@customer.example")
    s.at(datetime.now(UTC) + timedelta(hours=25))
    s.settle()
    case = next(case for case in s.cases() if case["subject"] == "Stopped")
    s.client("connect").stop_contact(ContactId=case["contact_id"], InstanceId=s.instance_id)
    s.settle()
    address = s.relay_address(case["id"], "relay", "alice")
    deliver(s, mail("Dan <dan@customer.example>"), "dan@customer.example", address)
    for minutes in (2, 64):  # its task starts; then the queue's flow renews the links
        s.at(datetime.now(UTC) + timedelta(hours=25, minutes=minutes))
        s.settle()
    task = s.task(next(c for c in s.cases() if c["id"] == case["id"])["contact_id"])
    assert fetch(task["references"]["Original email"]["Value"])[0] == 200


def forget_frozen_mail(s, case, s3):
    """An answer whose frozen MIME disappears before it is sent."""
    s.fault("ses:SendEmail", "throttle", 1)
    answer(s, case["id"], "relay", text="Second answer")
    newest = [m for m in s.messages(case["id"]) if m["direction"] == "out"][-1]
    s3.delete_object(Bucket=s.resources["MailBucket"], Key=newest["raw_key"])
    s.at(datetime.now(UTC) + timedelta(minutes=60))
    s.settle()
    s.settle()


def an_answer_bounces(s):
    """An answer comes back, and SES speaks of a mail that nobody knows yet."""
    bouncing = "bounce@customer.example"
    deliver(s, mail(f"Bo <{bouncing}>", subject="Bo's matter"), bouncing)
    case = next(case for case in s.cases() if case["customer"] == bouncing)
    answer(s, case["id"], "relay")
    assert s.messages(case["id"])[-1]["delivery"] == "bounced"
    now = datetime.now(UTC) + timedelta(days=1)
    tags = {"outbox": ["unknown"]}
    mentioned = {"messageId": "m", "timestamp": now.isoformat(), "destination": [], "tags": tags}
    s.emit({"eventType": "Send", "mail": mentioned, "send": {}})
    s.settle()


def look_after(s):
    """A round of the caretaker when there is much to find, and a canary."""
    for route in ("inbound", "relay"):
        s.put_object(f"{route}/unannounced", mail(subject="Nobody has told"))
    nobody_knows_whether_it_left(s)
    s.at(datetime.now(UTC) + timedelta(days=1))
    s.settle()
    s.invoke("caretaker", {})
    s.invoke("caretaker", {"canary": True})
    s.settle()


def nobody_knows_whether_it_left(s):
    """SES takes a mail, its answer is lost, and so are its events."""
    s.ses_events("manual")
    s.fault("ses:SendEmail", "timeout-after", 1)
    answer(s, opened_by(s, "una@customer.example", 70)["id"], "relay")
    s.ses_events("auto")


def nobody_decides(s):
    """A stranger's mail is held; the agent ends the task without a word about it."""
    case = opened_by(s, "hal@customer.example", 2)
    deliver(s, mail("Eve <eve@evil.example>"), "eve@evil.example", alias_of(s, case["id"]))
    s.accept(case["contact_id"], "carol")
    s.complete(case["contact_id"])
    s.settle()


def opened_by(s, customer, minutes):
    """A case of this customer, so many minutes from now, when the pace lets its task start."""
    deliver(s, mail(f"Someone <{customer}>", subject="A matter"), customer)
    s.at(datetime.now(UTC) + timedelta(minutes=minutes))
    s.settle()
    return next(case for case in s.cases() if case["customer"] == customer)


def missing(s, key):
    return {
        "notificationType": "Received",
        "mail": {"messageId": "gone", "source": "a@b.example", "timestamp": "2026-11-22T10:00:00Z"},
        "receipt": {
            "recipients": [s.inquiry_address],
            "action": {"type": "S3", "objectKey": key},
            "timestamp": "2026-11-22T10:00:00Z",
        },
    }


def somebody_works_on_the_rules(s):
    """By hand, until a deployment puts them right."""
    ses, name = s.client("ses"), f"{s.name}-rules"
    ses.create_receipt_rule_set(RuleSetName="spare")
    ses.create_receipt_rule(RuleSetName=name, Rule={"Name": "theirs"})
    relay = ses.describe_receipt_rule(RuleSetName=name, RuleName=f"{s.name}-relay")["Rule"]
    ses.update_receipt_rule(RuleSetName=name, Rule={**relay, "Enabled": False})
    values = {**s.parameters, "ReceiptRulePosition": "first", "ApiKeyNumber": "2"}
    deploy.update_stack(
        s.world, s.account, s.name, deploy.translate(ROOT / "template.yaml"), values
    )
    ses.delete_receipt_rule(RuleSetName=name, RuleName="theirs")
