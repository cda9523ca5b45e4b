"""SES's API for receipt rules as emulated: what it checks, and what a role needs for it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Account
from tests.local.test_ses_sending import as_role


@pytest.fixture
def ses(account: Account) -> Any:
    """Two rule sets; the active one has the rules a, b and c."""
    client = account.client("ses")
    for name in ("rules", "spare"):
        client.create_receipt_rule_set(RuleSetName=name)
    for name in "cba":
        client.create_receipt_rule(RuleSetName="rules", Rule={"Name": name})
    client.set_active_receipt_rule_set(RuleSetName="rules")
    return client


def names(ses: Any, rule_set: str = "rules") -> list[str]:
    return [rule["Name"] for rule in ses.describe_receipt_rule_set(RuleSetName=rule_set)["Rules"]]


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_rules_are_put_into_the_order_that_is_given(ses: Any) -> None:
    ses.reorder_receipt_rule_set(RuleSetName="rules", RuleNames=["c", "a", "b"])
    assert names(ses) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("rule_set", "order", "code"),
    [
        ("none", ["a", "b", "c"], "RuleSetDoesNotExist"),
        ("rules", ["a", "b", "c", "d"], "RuleDoesNotExist"),
        ("rules", ["a", "b"], "InvalidParameterValue"),
    ],
)
def test_an_order_names_every_rule_and_none_other(
    ses: Any, rule_set: str, order: list[str], code: str
) -> None:
    call = ses.reorder_receipt_rule_set
    assert refusal(call, RuleSetName=rule_set, RuleNames=order) == code
    assert names(ses) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("create_receipt_rule_set", {"RuleSetName": "spare"}, "AlreadyExists"),
        ("delete_receipt_rule_set", {"RuleSetName": "rules"}, "CannotDelete"),
        ("describe_receipt_rule_set", {"RuleSetName": "none"}, "RuleSetDoesNotExist"),
        ("set_active_receipt_rule_set", {"RuleSetName": "none"}, "RuleSetDoesNotExist"),
        (
            "describe_receipt_rule",
            {"RuleSetName": "rules", "RuleName": "none"},
            "RuleDoesNotExist",
        ),
        ("delete_receipt_rule", {"RuleSetName": "none", "RuleName": "a"}, "RuleSetDoesNotExist"),
        (
            "set_receipt_rule_position",
            {"RuleSetName": "none", "RuleName": "a"},
            "RuleSetDoesNotExist",
        ),
        (
            "set_receipt_rule_position",
            {"RuleSetName": "rules", "RuleName": "none"},
            "RuleDoesNotExist",
        ),
        (
            "set_receipt_rule_position",
            {"RuleSetName": "rules", "RuleName": "a", "After": "none"},
            "RuleDoesNotExist",
        ),
        ("create_receipt_rule", {"RuleSetName": "rules", "Rule": {"Name": "a"}}, "AlreadyExists"),
        (
            "create_receipt_rule",
            {"RuleSetName": "none", "Rule": {"Name": "a"}},
            "RuleSetDoesNotExist",
        ),
        (
            "create_receipt_rule",
            {"RuleSetName": "rules", "Rule": {"Name": "d"}, "After": "none"},
            "RuleDoesNotExist",
        ),
        (
            "create_receipt_rule",
            {"RuleSetName": "rules", "Rule": {"Name": "d" * 65}},
            "InvalidParameterValue",
        ),
        (
            "update_receipt_rule",
            {"RuleSetName": "none", "Rule": {"Name": "a"}},
            "RuleSetDoesNotExist",
        ),
        (
            "update_receipt_rule",
            {"RuleSetName": "rules", "Rule": {"Name": "d"}},
            "RuleDoesNotExist",
        ),
    ],
)
def test_what_ses_refuses(ses: Any, operation: str, arguments: Any, code: str) -> None:
    before = ses.describe_active_receipt_rule_set()["Rules"]
    assert refusal(getattr(ses, operation), **arguments) == code
    assert ses.describe_active_receipt_rule_set()["Rules"] == before


def test_what_is_gone_is_deleted_without_a_word(ses: Any) -> None:
    ses.delete_receipt_rule(RuleSetName="rules", RuleName="none")
    ses.delete_receipt_rule_set(RuleSetName="spare")
    assert [entry["Name"] for entry in ses.list_receipt_rule_sets()["RuleSets"]] == ["rules"]


def test_an_update_is_checked_like_a_creation_and_keeps_the_place(ses: Any) -> None:
    ses.update_receipt_rule(RuleSetName="rules", Rule={"Name": "b", "Enabled": True})
    assert names(ses) == ["a", "b", "c"]
    topic = {"TopicArn": "arn:aws:sns:us-east-1:000000000001:none"}
    for action, code in (
        ({"SNSAction": topic}, "InvalidSnsTopic"),
        ({"S3Action": {"BucketName": "none-at-all"}}, "InvalidS3Configuration"),
        (
            {"LambdaAction": {"FunctionArn": "arn:aws:lambda:us-east-1:000000000001:function:x"}},
            "InvalidLambdaFunction",
        ),
    ):
        rule = {"Name": "b", "Actions": [action]}
        assert refusal(ses.update_receipt_rule, RuleSetName="rules", Rule=rule) == code
    [rule] = [r for r in ses.describe_active_receipt_rule_set()["Rules"] if r["Name"] == "b"]
    assert (rule["Enabled"], rule["Actions"]) == (True, [])


def test_the_quotas(ses: Any) -> None:
    for number in range(197):
        ses.create_receipt_rule(RuleSetName="rules", Rule={"Name": f"rule{number}"})
    rule: dict[str, Any] = {"Name": "more"}
    assert refusal(ses.create_receipt_rule, RuleSetName="rules", Rule=rule) == "LimitExceeded"
    for number in range(38):
        ses.create_receipt_rule_set(RuleSetName=f"set{number}")
    assert refusal(ses.create_receipt_rule_set, RuleSetName="more") == "LimitExceeded"
    rule["Recipients"] = [f"{number}@corp.example" for number in range(101)]
    assert refusal(ses.create_receipt_rule, RuleSetName="spare", Rule=rule) == "LimitExceeded"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("describe_active_receipt_rule_set", {}),
        ("list_receipt_rule_sets", {}),
        ("describe_receipt_rule_set", {"RuleSetName": "rules"}),
        ("update_receipt_rule", {"RuleSetName": "rules", "Rule": {"Name": "a"}}),
        ("set_receipt_rule_position", {"RuleSetName": "rules", "RuleName": "a"}),
        ("reorder_receipt_rule_set", {"RuleSetName": "rules", "RuleNames": ["a", "b", "c"]}),
    ],
)
@pytest.mark.parametrize("may", [True, False])
def test_a_role_needs_the_right(
    account: Account, ses: Any, operation: str, arguments: dict[str, Any], may: bool
) -> None:
    action = "ses:" + "".join(part.title() for part in operation.split("_"))
    client = as_role(account, "ses", [action if may else "ses:CreateReceiptRule"])
    if may:
        getattr(client, operation)(**arguments)
    else:
        assert refusal(getattr(client, operation), **arguments) == "AccessDenied"
