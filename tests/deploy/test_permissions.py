"""Least privilege, shown by running: what a role is granted is what its function uses.

The emulator enforces IAM and records every decision. One story (walk.py) walks through all that
the functions do. Then each grant, one action on one resource, is taken away in turn: something
that was done must be refused, or nobody needed it.
"""

from fnmatch import fnmatchcase

import pytest

from local import deploy
from local.testing import stack
from local.world.calls import allowed
from tests.deploy import documents
from tests.deploy.grants import grants, without, without_action
from tests.deploy.resolved import TEMPLATE, Place
from tests.deploy.walk import walk_through

# Grants that the emulator does not ask for: (role, action, end of the resource), each with why.
NOT_ASKED = {
    # Lambda's poller lists streams, says its managed policy; no emulator does
    ("PublisherFunctionRole", "dynamodb:ListStreams", "*"),
    ("NotifierFunctionRole", "dynamodb:ListStreams", "*"),
    # Lambda sends there itself, in the function's name, when a round of the caretaker has failed
    ("CaretakerFunctionRole", "sqs:SendMessage", "CaretakerFailures-*"),
    # Optional in AWS's reference, for a task that names another contact, as ours may
    ("TaskStarterFunctionRole", "connect:StartTaskContact", "/contact/*"),
    # Called by Connect in the caller's name, says AWS's reference; no emulator asks
    ("DeploymentFunctionRole", "ds:DescribeDirectories", "*"),
    (
        "GatewayFunctionRole",
        "connect:ListUserProficiencies",
        ":instance/11111111-1111-1111-1111-111111111111",
    ),
    ("GatewayFunctionRole", "connect:ListUserProficiencies", "/agent/*"),
    (
        "RelayFunctionRole",
        "connect:ListUserProficiencies",
        ":instance/11111111-1111-1111-1111-111111111111",
    ),
    ("RelayFunctionRole", "connect:ListUserProficiencies", "/agent/*"),
    # The sender of the story is a number; of who sends under a name, the other one is useless
    ("SenderFunctionRole", "sms-voice:SendTextMessage", ":sender-id/*/*"),
}
RULE = """
rules:
  - {name: opened, entity: case, changes: [INSERT], to: boss@corp.example,
     subject: "{{ new.subject }}", text: A case was opened.,
     attachments: [{bucket: what-everybody-gets, key: map.pdf, filename: map.pdf}]}
"""

FILES = "what-everybody-gets"


def with_files(world, account):
    """A bucket of the administrator's, with what goes along."""
    s3 = world.client("s3", account)
    s3.create_bucket(Bucket=FILES)
    s3.put_object(Bucket=FILES, Key="map.pdf", Body=b"%PDF-1.7")
    return {"AttachmentBucket": FILES}


@pytest.fixture(scope="module")
def story():
    """(roles by logical name, their policy documents, all recorded decisions)."""
    options = {"EnableEntityRecognition": "true", "TasksPerSecond": "0.05"}
    options |= {"SmsSender": "+12065550100", "NotifyOfOurs": "true"}
    with stack(RULE, with_files, **options) as s:
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


def made_by(calls, role):
    return [call for call in calls if call["role"] == role and call["allowed"]]


def test_no_function_was_refused_anything(story):
    _roles, _policies, calls = story
    assert [(c["role"], c["action"]) for c in calls if not c["allowed"]] == []


def test_each_grant_is_needed(story):
    """One action on one resource taken away: a call that was made is refused."""
    roles, policies, calls = story
    mutants, unnoticed = 0, set()
    for name, role in roles.items():
        made = made_by(calls, role)
        for grant in sorted(set(grants(policies[name]))):
            left = without(policies[name], grant)
            mutants += 1
            if all(allowed(left, call) for call in made if call["action"] == grant.action):
                unnoticed.add((name, *grant))
    excused = {found for found in unnoticed if any(fits(found, known) for known in NOT_ASKED)}
    assert unnoticed - excused == set()
    assert len(excused) == len(NOT_ASKED), "an exception is of no use any more"
    assert mutants > 130


def fits(found, known):
    pattern = f"*{known[2].replace('/*', '/[*]')}"
    return found[:2] == known[:2] and fnmatchcase(found[2], pattern)


def test_nothing_is_granted_twice(story):
    _roles, policies, _calls = story
    for name, policy in policies.items():
        every = list(grants(policy))
        assert len(every) == len(set(every)), name


def test_the_sender_sends_in_the_name_of_its_domain_only(story):
    roles, policies, calls = story
    sent = [
        c
        for c in calls
        if c["role"] == roles["SenderFunctionRole"] and c["action"].startswith("ses:Send")
    ]
    assert {call["action"] for call in sent} == {"ses:SendRawEmail"}
    for call in sent:
        assert allowed(policies["SenderFunctionRole"], call)
        for other in ("boss@corp.example", "a@support.example.com.evil.example", ""):
            forged = {**call, "context": {**call["context"], "ses:fromaddress": other}}
            assert not allowed(policies["SenderFunctionRole"], forged)


def bounded(calls):
    """The boundary of docs/ for the stack of the story."""
    account = calls[0]["account"]
    instance = "11111111-1111-1111-1111-111111111111"
    return documents.filled(
        documents.boundary(), Place(account, "us-east-1", f"email-{account[:6]}", instance)
    )


def test_the_boundary_in_the_docs_lets_all_journeys_through(story):
    _roles, _policies, calls = story
    files = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{FILES}/*"}
    both = [bounded(calls), {"Version": "2012-10-17", "Statement": [files]}]
    assert [c for c in calls if c["allowed"] and not allowed(both, c)] == []


def test_a_boundary_with_an_action_less_stops_a_journey(story):
    _roles, _policies, calls = story
    boundary = bounded(calls)
    unasked = documents.BESIDES | {"ds:DescribeDirectories", "connect:ListUserProficiencies"}
    unasked |= {"dynamodb:ListStreams"}
    for action in {grant.action for grant in grants([boundary])} - unasked:
        left = without_action([boundary], action)
        assert [call for call in calls if call["allowed"] and not allowed(left, call)], action
