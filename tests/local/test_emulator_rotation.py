"""Rotation of secrets by a function, which ministack only pretends, seen from outside."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import DeploymentFailed, Stack, create_stack, delete_stack, update_stack
from tests.local.conftest import Account
from tests.local.test_emulator import function_template

# Does the four steps as AWS's own template does, and says which it was asked for.
CODE = """
import boto3
def handler(event, context):
    secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    manager = boto3.client("secretsmanager")
    stages = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
    assert "AWSPENDING" in stages[token]
    try:
        found = manager.get_secret_value(SecretId=secret, VersionId=token)["SecretString"]
    except manager.exceptions.ResourceNotFoundException:
        found = None
    print("STEP", step, found)
    if step == BROKEN:
        raise ValueError("broken")
    if step == "createSecret":
        manager.put_secret_value(SecretId=secret, ClientRequestToken=token,
            SecretString="new", VersionStages=["AWSPENDING"])
    if step == "finishSecret":
        [now] = [version for version in stages if "AWSCURRENT" in stages[version]]
        manager.update_secret_version_stage(SecretId=secret, VersionStage="AWSCURRENT",
            MoveToVersionId=token, RemoveFromVersionId=now)
"""


def template(
    *, broken: str = "", may: bool = True, days: Any = "30", now: bool = False
) -> dict[str, Any]:
    found = function_template(CODE.replace("BROKEN", repr(broken)))
    resources = found["Resources"]
    statement = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources["Role"]["Properties"]["Policies"] = [{"PolicyName": "p", "PolicyDocument": document}]
    resources["Function"]["Properties"]["Timeout"] = 10
    resources["Secret"] = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {"SecretString": "old"},
    }
    resources["Permission"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "Function"},
            "Principal": "secretsmanager.amazonaws.com",
            "SourceAccount": {"Ref": "AWS::AccountId"},
            "SourceArn": {"Ref": "Secret"} if may else "arn:aws:secretsmanager:x:1:secret:other",
        },
    }
    resources["Schedule"] = {
        "Type": "AWS::SecretsManager::RotationSchedule",
        "DependsOn": "Permission",
        "Properties": {
            "SecretId": {"Ref": "Secret"},
            "RotationLambdaARN": {"Fn::GetAtt": ["Function", "Arn"]},
            "RotationRules": {"AutomaticallyAfterDays": days},
            "RotateImmediatelyOnUpdate": now,
        },
    }
    return found


def create(account: Account, **more: Any) -> Stack:
    return create_stack(account.emulator, account.number, "s", template(**more))


def steps(account: Account) -> list[str]:
    account.settle()
    lines = "\n".join(account.get("logs").values()).splitlines()
    return [line.partition("STEP ")[2] for line in lines if "STEP " in line]


def rotate(account: Account, stack: Stack, **more: Any) -> None:
    secrets = account.client("secretsmanager")
    secrets.rotate_secret(SecretId=stack.resources["Secret"], **more)
    account.settle()


def value(account: Account, stack: Stack, stage: str = "AWSCURRENT") -> str:
    secrets = account.client("secretsmanager")
    found = secrets.get_secret_value(SecretId=stack.resources["Secret"], VersionStage=stage)
    return str(found["SecretString"])


def described(account: Account, stack: Stack) -> dict[str, Any]:
    secrets = account.client("secretsmanager")
    return dict(secrets.describe_secret(SecretId=stack.resources["Secret"]))


def test_a_schedule_is_kept_changed_and_taken_away(account: Account) -> None:
    stack, place = create(account), (account.emulator, account.number)
    assert stack.resources["Schedule"] == stack.resources["Secret"]
    assert described(account, stack)["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert steps(account) == []
    update_stack(*place, "s", template(days=7))
    assert described(account, stack)["RotationRules"] == {"AutomaticallyAfterDays": 7}
    without = template()
    del without["Resources"]["Schedule"]
    update_stack(*place, "s", without)
    assert described(account, stack)["RotationEnabled"] is False
    delete_stack(*place, "s")


def test_the_function_is_called_four_times(account: Account) -> None:
    stack = create(account)
    rotate(account, stack)
    assert steps(account) == [
        "createSecret None",
        "setSecret new",
        "testSecret new",
        "finishSecret new",
    ]
    assert value(account, stack) == "new"
    assert value(account, stack, "AWSPREVIOUS") == "old"


def test_at_once_when_the_schedule_says_so(account: Account) -> None:
    stack = create(account, now=True)
    assert len(steps(account)) == 4
    assert value(account, stack) == "new"


def test_a_trial_runs_one_step_and_leaves_nothing(account: Account) -> None:
    stack = create(account)
    rotate(account, stack, RotateImmediately=False)
    assert steps(account) == ["testSecret None"]
    assert list(described(account, stack)["VersionIdsToStages"].values()) == [["AWSCURRENT"]]


def test_a_failed_rotation_stays_pending_and_is_in_the_way(account: Account) -> None:
    stack = create(account, broken="testSecret")
    rotate(account, stack)
    assert [step.split()[0] for step in steps(account)] == [
        "createSecret",
        "setSecret",
        "testSecret",
    ]
    assert (value(account, stack), value(account, stack, "AWSPENDING")) == ("old", "new")
    with pytest.raises(ClientError, match="previous rotation"):
        rotate(account, stack)


def test_the_function_must_let_secrets_manager_for_this_secret(account: Account) -> None:
    with pytest.raises(DeploymentFailed, match=r"Schedule .*cannot invoke"):
        create(account, may=False)


def test_a_versions_value_never_changes(account: Account) -> None:
    secrets = account.client("secretsmanager")
    arn = secrets.create_secret(Name="s", SecretString="one")["ARN"]
    put = {"SecretId": arn, "ClientRequestToken": "t" * 32, "VersionStages": ["AWSPENDING"]}
    secrets.put_secret_value(**put, SecretString="two")
    secrets.put_secret_value(**put, SecretString="two")
    with pytest.raises(ClientError, match="ResourceExistsException"):
        secrets.put_secret_value(**put, SecretString="three")
    found = secrets.get_secret_value(SecretId=arn, VersionId="t" * 32)
    assert found["SecretString"] == "two"
