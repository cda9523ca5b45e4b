"""A right taken away in earnest: the stack is deployed without it, and the story fails visibly.

What could not be done is not lost: it waits in its queue, then among the dead letters, where an
alarm rings; and the log names the action that was refused.
"""

import copy
import json
from datetime import UTC, datetime, timedelta

import pytest

from local import deploy, testing
from tests.builders import answers, mail
from tests.deploy import documents
from tests.deploy.grants import without_action
from tests.deploy.resolved import TEMPLATE, Place
from tests.journeys.test_one_mail import answer, deliver

ACCOUNT = "555566667777"
POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def template_without(role, action):
    """The translated template, an action gone from a function's role."""
    template = copy.deepcopy(deploy.translate(TEMPLATE))
    policies = template["Resources"][role]["Properties"]["Policies"]
    for policy in policies:
        [policy["PolicyDocument"]] = without_action([policy["PolicyDocument"]], action)
    assert template != deploy.translate(TEMPLATE)
    return template


def create(template):
    world = testing.emulator()
    deploy.upload_packages(world, ACCOUNT)
    values = testing.defaults(world, ACCOUNT)
    made = deploy.create_stack(world, ACCOUNT, "channel", template, values)
    return testing.Stack(world, made, values)


@pytest.fixture
def deployed():
    """Creates the stack of a template; forgets it at the end."""
    yield create
    testing.emulator().control("DELETE", f"/_local/{ACCOUNT}")


def refused(s, action):
    calls = s.world.control("GET", f"/_local/{ACCOUNT}/iam").body
    return [call for call in calls if not call["allowed"] and call["action"] == action]


def until_given_up(s, queue):
    """Let time pass until the queue has given its message up."""
    for hours in range(1, 25):
        s.at(datetime.now(UTC) + timedelta(hours=hours))
        s.settle()
        if s.queues()[f"{queue}-dead"]:
            return True
    return False


def test_a_gateway_that_may_not_read_mail_gives_it_up_to_the_dead_letters(deployed):
    s = deployed(template_without("GatewayFunctionRole", "s3:GetObject"))
    ses_id = deliver(s)
    assert s.cases() == []
    assert refused(s, "s3:GetObject")
    assert until_given_up(s, "ingest")
    assert s.raw(ses_id)


def test_a_task_starter_that_may_start_no_task_keeps_the_case_waiting(deployed):
    s = deployed(template_without("TaskStarterFunctionRole", "connect:StartTaskContact"))
    deliver(s)
    [case] = s.cases()
    assert (case["status"], case["contact_id"]) == ("open", "")
    assert s.tasks() == []
    assert refused(s, "connect:StartTaskContact")
    assert s.queues()["task"] or s.queues()["task-dead"]


def test_a_sender_that_may_not_send_does_not_say_it_has(deployed):
    s = deployed(template_without("SenderFunctionRole", "ses:SendRawEmail"))
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay")
    assert answers(s) == []
    assert refused(s, "ses:SendRawEmail")
    out = s.messages(case["id"])[-1]
    assert out["delivery"] not in {"sent", "delivered"}


@pytest.mark.parametrize("action", POLLING)
def test_a_queue_cannot_feed_a_function_without_the_right_to_poll_it(action, deployed):
    with pytest.raises(deploy.DeploymentFailed, match="GatewaySource"):
        deployed(template_without("GatewayFunctionRole", action))


def test_the_story_goes_well_under_the_boundary_of_the_docs_and_not_under_less(deployed):
    s = deployed(deploy.translate(TEMPLATE))
    place = Place(ACCOUNT, "us-east-1", "channel", s.instance_id)
    bound(s, documents.filled(documents.boundary(), place))
    deliver(s, mail(attachments=[("a.txt", "text/plain", b"hello")]))
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay")
    assert len(answers(s)) == 1
    assert s.messages(case["id"])[-1]["delivery"] == "delivered"
    assert not any(
        call
        for call in s.world.control("GET", f"/_local/{ACCOUNT}/iam").body
        if not call["allowed"]
    )
    [less] = without_action([documents.filled(documents.boundary(), place)], "ses:SendRawEmail")
    bound(s, less)
    answer(s, case["id"], "relay", text="Once more")
    assert len(answers(s)) == 1
    assert refused(s, "ses:SendRawEmail")


def bound(s, policy):
    """The policy as a boundary on all roles, which the emulator's CloudFormation leaves out."""
    iam = s.client("iam")
    name = f"boundary-{len(iam.list_policies(Scope='Local')['Policies'])}"
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(policy))["Policy"]
    for logical, role in s.resources.items():
        if logical.endswith("FunctionRole"):
            iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=made["Arn"])
