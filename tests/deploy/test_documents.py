"""docs/permissions.md and the policies beside it say what the template needs, no less."""

import json
import re
from fnmatch import fnmatch

import pytest
from policy_sentry.shared.iam_data import get_service_prefix_data

from tests.deploy import deployer, documents
from tests.deploy.grants import grants
from tests.deploy.resolved import ARNS, Place, Resolved
from tests.deploy.test_policies import EVERYTHING, findings, is_of, kinds

STACK = Resolved(**EVERYTHING)
DEPLOYER = documents.deployer_policies()
BOUNDARY = documents.boundary()
# Where the resource is none that the reference names for the action; each with its reason.
NOT_LISTED = {
    "cloudformation:CreateChangeSet": "SAM's transform is a resource too (CloudFormation's guide)",
    "iam:AttachRolePolicy": "the role of a service has a path",
    "iam:CreateServiceLinkedRole": "the same",
    "iam:PutRolePolicy": "the same",
    "ses:CreateConfigurationSet": "the older API, with the same action, knows no resource",
    "ses:CreateEmailIdentity": "the same",
}


@pytest.mark.parametrize("name", sorted(documents.files()))
def test_what_stands_in_docs_is_what_the_template_says(name):
    """If not: python -m tests.deploy.documents"""
    assert (documents.DOCS / name).read_text() == documents.files()[name]


def test_each_resource_type_of_the_template_is_covered_and_no_other():
    used = {kind for kind in STACK.types.values() if not kind.startswith("Custom::")}
    layers = {"AWS::Lambda::LayerVersion"}  # the emulator's translation leaves them out
    assert used | layers == set(deployer.NEEDED)


@pytest.mark.parametrize("name", sorted(DEPLOYER))
def test_the_deployers_policy_fits_and_parliament_finds_nothing(name):
    assert len(json.dumps(DEPLOYER[name], separators=(",", ":"))) <= deployer.LONGEST
    policy = documents.filled(DEPLOYER[name], Place())
    assert findings(policy, "deployer") == []


def some(action, kind):
    """An ARN of the resource type that the stack could have."""
    service = action.partition(":")[0]
    arn = get_service_prefix_data(service)["resources"][kind]["arn"]
    place = {"Partition": "aws", "Region": Place.region, "Account": Place.account}
    return re.sub(r"\$\{(.+?)\}", lambda found: place.get(found[1], "channel-x"), arn)


def is_for(action, resource):
    """Whether the reference has a resource type for the action that the pattern is meant for."""
    if resource == "*":
        return not any(kinds(action).values())
    return any(
        is_of(action, resource, k) or fnmatch(some(action, k), resource) for k in kinds(action)
    )


@pytest.mark.parametrize("name", sorted(DEPLOYER))
def test_the_deployers_actions_exist_and_know_their_resources(name):
    wrong = {
        (action, resource)
        for action, resource in grants([documents.filled(DEPLOYER[name], Place())])
        if not is_for(action, resource)
    }
    assert {found for found in wrong if found[0] not in NOT_LISTED} == set()


def test_the_deployer_cannot_delete_what_the_stack_keeps():
    statements = [s for policy in DEPLOYER.values() for s in policy["Statement"]]
    actions = {action for s in statements for action in s["Action"]}
    assert not {"dynamodb:DeleteTable", "kms:ScheduleKeyDeletion", "s3:*"} & actions
    deletes = {
        action: s["Resource"]
        for s in statements
        for action in s["Action"]
        if action in {"s3:DeleteBucket", "secretsmanager:DeleteSecret"}
    }
    assert "mailbucket" not in str(deletes)
    assert "CaseKey" not in str(deletes)
    assert len(deletes) == 2


def test_a_role_is_passed_to_lambda_and_appsync_only_and_is_one_of_the_stack():
    statements = [s for policy in DEPLOYER.values() for s in policy["Statement"]]
    [passing] = [s for s in statements if "iam:PassRole" in s["Action"]]
    services = ["appsync.amazonaws.com", "lambda.amazonaws.com"]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": services}}
    assert all(":role/STACK-" in resource for resource in passing["Resource"])
    made = documents.filled({"Version": "", "Statement": [passing]}, Place())
    [pattern] = made["Statement"][0]["Resource"]
    for name in STACK.of_type("AWS::IAM::Role"):
        arn = STACK.place.arn(name, "AWS::IAM::Role")
        assert arn.startswith(pattern.split("*")[0])
        assert name.endswith("FunctionRole")


def test_the_boundary_has_the_actions_of_the_grants_and_the_log():
    bounded = {grant.action for grant in grants([BOUNDARY])}
    granted = {g.action for d in documents.roles(STACK).values() for g in grants(d)}
    assert bounded == granted | documents.BESIDES
    assert len(json.dumps(BOUNDARY, separators=(",", ":"))) <= deployer.LONGEST


def test_what_the_template_names_itself_is_in_the_deployers_policy():
    resources = {
        resource
        for policy in DEPLOYER.values()
        for resource in [g.resource for g in grants([documents.filled(policy, Place())])]
    }
    [dashboard] = STACK.of_type("AWS::CloudWatch::Dashboard").values()
    named = f"arn:aws:cloudwatch::{STACK.place.account}:dashboard/{dashboard['DashboardName']}"
    generated = [
        STACK.place.arn(name, kind).replace("*", "x")
        for name, kind in STACK.types.items()
        if kind in ARNS and kind != "AWS::KMS::Key"
    ]
    assert len(generated) > 40
    for arn in [named, *generated]:
        assert any(fnmatch(arn, resource) for resource in resources - {"*"}), arn


def test_the_page_names_every_part_of_the_deployers_policy():
    page = (documents.DOCS / "permissions.md").read_text()
    assert set(re.findall(r"\((deployer-policy-\d\.json)\)", page)) == set(DEPLOYER)
    assert {path.name for path in documents.DOCS.glob("deployer-policy*")} == set(DEPLOYER)
