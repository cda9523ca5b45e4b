"""Least privilege, shown by running: what a role is granted is what its function uses.

The emulator enforces IAM and records every decision. One story walks through all that the
functions do; an action that is granted and never used, or used and not needed, fails here.
"""

import copy
import http.client
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlparse

import pytest

from emailchannel.mail import alias
from local import deploy, testing
from local.testing import fetch, stack
from local.world.calls import allowed
from tests.builders import answers, mail, reply_to
from tests.journeys.test_one_mail import alias_of, answer, deliver

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
# What the event source mapping does in the function's name; the emulator asks for it when the
# mapping is made (see the last test).
POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}


class Api:
    """The agent page's side of the HTTP API."""

    def __init__(self, s):
        self.port, self.host, self.token = (
            s.world.port,
            urlparse(s.outputs["AgentApiUrl"]).netloc,
            "",
        )

    def __call__(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Host": self.host, "Authorization": f"Bearer {self.token}"}
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
    a_colleague_and_a_stranger(s, case, api)
    s.at(datetime.now(UTC) + timedelta(minutes=40))
    deliver(s, mail(subject="PPS"), to=alias_of(s, case["id"]))
    deliver(s, reply_to(answers(s)[0]["delivered"], "Thanks"), to=alias_of(s, case["id"]))
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
    nobody_takes_a_task(s)
    a_customer_at_a_relay_address(s, case)
    s.complete(case["contact_id"])
    an_answer_bounces(s)
    assert ses_id
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


def a_colleague_and_a_stranger(s, case, api):
    """An agent whom nobody has met writes to the customer's alias, and so does a stranger."""
    alias_ = alias_of(s, case["id"])
    deliver(s, mail("Bob <bob@corp.example>"), "bob@corp.example", alias_)
    held = deliver(s, mail("Eve <eve@evil.example>"), "eve@evil.example", alias_)
    status, found = api("POST", f"/messages/{held}/decision", {"action": "new-case"})
    assert (status, found["disposition"]) == (200, "moved")
    s.settle()


def a_customer_at_a_relay_address(s, case):
    """His mail is stored under another prefix, and its original can be read all the same."""
    address = s.relay_address(case["id"], "relay", "alice")
    deliver(s, mail(subject="By mistake"), to=address)
    s.at(datetime.now(UTC) + timedelta(minutes=100))
    s.settle()
    task = s.task(next(c for c in s.cases() if c["id"] == case["id"])["contact_id"])
    assert task["attributes"]["subject"] == "By mistake"
    assert fetch(task["references"]["Original email"]["Value"])[0] == 200


def nobody_takes_a_task(s):
    """A task ends in the queue, unseen: there must be another one."""
    deliver(s, mail("Dan <dan@customer.example>", subject="Stopped"), "dan@customer.example")
    s.at(datetime.now(UTC) + timedelta(minutes=90))
    s.settle()
    case = next(case for case in s.cases() if case["subject"] == "Stopped")
    s.client("connect").stop_contact(ContactId=case["contact_id"], InstanceId=s.instance_id)
    s.settle()


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
    s.at(datetime.now(UTC) + timedelta(days=1))
    s.settle()
    s.invoke("caretaker", {})
    s.invoke("caretaker", {"canary": True})
    s.settle()


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


@pytest.fixture(scope="module")
def story():
    """(roles by logical name, their policy documents, all recorded calls)."""
    with stack(EnableEntityRecognition="true", TasksPerSecond="0.05") as s:
        walk_through(s)
        iam = s.client("iam")
        roles = {
            name: value for name, value in s.resources.items() if name.endswith("FunctionRole")
        }
        policies = {
            name: [
                iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
            ]
            for name, role in roles.items()
        }
        changed = s.parameters | {"DefaultQueueArn": s.queue_arn("BasicQueue")}
        deploy.update_stack(s.world, s.account, s.name, deploy.translate(TEMPLATE), changed)
        deploy.delete_stack(s.world, s.account, s.name)
        calls = s.world.control("GET", f"/_local/{s.account}/iam").body
        yield roles, policies, calls


def grants(documents):
    for document in documents:
        for statement in document["Statement"]:
            actions = statement["Action"]
            yield from [actions] if isinstance(actions, str) else actions


def without(documents, action):
    left = copy.deepcopy(documents)
    for document in left:
        for statement in document["Statement"]:
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            statement["Action"] = [kept for kept in actions if kept != action] or ["none:Nothing"]
    return left


def test_no_role_has_an_action_that_its_function_does_not_use(story):
    roles, policies, calls = story
    for name, role in roles.items():
        used = {call["action"] for call in calls if call["role"] == role and call["allowed"]}
        assert set(grants(policies[name])) - used - POLLING == set(), name


def test_no_function_was_refused_anything(story):
    _roles, _policies, calls = story
    assert [(c["role"], c["action"]) for c in calls if not c["allowed"]] == []


def test_taking_away_any_one_action_refuses_a_call_that_was_made(story):
    roles, policies, calls = story
    mutants = 0
    for name, role in roles.items():
        made = [call for call in calls if call["role"] == role and call["allowed"]]
        for action in set(grants(policies[name])) - POLLING:
            left = without(policies[name], action)
            refused = [call for call in made if not allowed(left, call)]
            assert refused, f"{name} without {action} could still do all it did"
            mutants += 1
    assert mutants > 50


@pytest.mark.parametrize("action", sorted(POLLING))
def test_a_queue_cannot_feed_a_function_without_the_right_to_poll_it(action):
    template = deploy.translate(TEMPLATE)
    role = template["Resources"]["GatewayFunctionRole"]["Properties"]["Policies"][0]
    for statement in role["PolicyDocument"]["Statement"]:
        if action in statement["Action"]:
            statement["Action"] = [kept for kept in statement["Action"] if kept != action]
    world, account = testing.emulator(), "555566667777"
    try:
        deploy.upload_packages(world, account)
        with pytest.raises(deploy.DeploymentFailed, match="GatewaySource"):
            deploy.create_stack(
                world, account, "denied", template, testing.defaults(world, account)
            )
    finally:
        world.control("DELETE", f"/_local/{account}")
