"""What the SAM CLI leans on when it deploys: change sets, and names that are made up."""

import json
from typing import Any

from local.deploy import create_stack, delete_stack, update_stack
from tests.local.conftest import Account

TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "DeletionPolicy": "Retain",
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    },
}


def conditional(chosen: str) -> str:
    return json.dumps(
        {
            "Parameters": {"Second": {"Type": "String", "Default": chosen}},
            "Conditions": {"HasSecond": {"Fn::Equals": [{"Ref": "Second"}, "yes"]}},
            "Resources": {
                "First": {"Type": "AWS::SQS::Queue"},
                "Other": {"Type": "AWS::SQS::Queue", "Condition": "HasSecond"},
            },
        }
    )


def planned(account: Account, kind: str, chosen: str) -> set[tuple[str, str]]:
    cloudformation = account.client("cloudformation")
    cloudformation.create_change_set(
        StackName="s",
        ChangeSetName=f"c-{chosen}",
        ChangeSetType=kind,
        TemplateBody=conditional(chosen),
    )
    described = cloudformation.describe_change_set(StackName="s", ChangeSetName=f"c-{chosen}")
    changes = [change["ResourceChange"] for change in described["Changes"]]
    return {(change["Action"], change["LogicalResourceId"]) for change in changes}


def test_a_change_set_leaves_out_what_its_condition_leaves_out(account: Account):
    assert planned(account, "CREATE", "no") == {("Add", "First")}


def test_a_condition_that_comes_true_adds_and_one_that_ends_removes(account: Account):
    create_stack(account.emulator, account.number, "s", json.loads(conditional("no")))
    assert planned(account, "UPDATE", "yes") == {("Add", "Other")}
    cloudformation = account.client("cloudformation")
    cloudformation.execute_change_set(StackName="s", ChangeSetName="c-yes")
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="s", WaiterConfig={"Delay": 1}
    )
    assert planned(account, "UPDATE", "no") == {("Remove", "Other")}


def test_what_a_stack_kept_is_not_taken_over_by_the_next_of_that_name(account: Account):
    secret = {
        "Type": "AWS::SecretsManager::Secret",
        "DeletionPolicy": "Retain",
        "Properties": {"GenerateSecretString": {"PasswordLength": 40}},
    }
    template = {"Resources": {"Table": TABLE, "Key": secret}}
    first = create_stack(account.emulator, account.number, "s", template).resources
    account.client("dynamodb").put_item(TableName=first["Table"], Item={"pk": {"S": "kept"}})
    key = value(account, first["Key"])
    delete_stack(account.emulator, account.number, "s")
    second = create_stack(account.emulator, account.number, "s", template).resources
    assert account.rows(first["Table"]) == [{"pk": {"S": "kept"}}]
    assert account.rows(second["Table"]) == []
    assert value(account, first["Key"]) == key != value(account, second["Key"])


def value(account: Account, secret: str) -> str:
    return str(account.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])


def test_made_up_names_stay_over_an_update(account: Account):
    template = {"Resources": {"Table": TABLE}}
    create_stack(account.emulator, account.number, "s", template)
    delete_stack(account.emulator, account.number, "s")
    second = create_stack(account.emulator, account.number, "s", template).resources
    tagged = {**TABLE["Properties"], "Tags": [{"Key": "for", "Value": "mail"}]}
    template = {"Resources": {"Table": {**TABLE, "Properties": tagged}}}
    assert update_stack(account.emulator, account.number, "s", template).resources == second
