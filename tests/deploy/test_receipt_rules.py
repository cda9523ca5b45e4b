"""An account has one active receipt rule set: somebody else's stays as it was.

Here through CloudFormation; call by call in tests/adapters/test_receipt_rules.py.
"""

from pathlib import Path

import pytest

from local import deploy, testing
from tests.builders import mail

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
ACCOUNT = "444433332222"
OURS = ["channel-inbound", "channel-relay"]
STOP = [{"StopAction": {"Scope": "RuleSet"}}]


@pytest.fixture
def account():
    world = testing.emulator()
    yield world
    world.control("DELETE", f"/_local/{ACCOUNT}")


@pytest.fixture
def ses(account):
    return account.client("ses", ACCOUNT)


@pytest.fixture
def theirs(ses):
    """An account whose mail is handled already."""
    ses.create_receipt_rule_set(RuleSetName="theirs")
    rule = {"Name": "sales", "Enabled": True, "Recipients": ["other.example"], "Actions": STOP}
    ses.create_receipt_rule(RuleSetName="theirs", Rule={**rule, "Name": "press"})
    ses.create_receipt_rule(RuleSetName="theirs", Rule=rule)
    ses.set_active_receipt_rule_set(RuleSetName="theirs")
    return active(ses)


def put(world, verb="create", template=None, **parameters):
    """The stack "channel", created or updated."""
    deploy.upload_packages(world, ACCOUNT)
    values = testing.defaults(world, ACCOUNT) | parameters
    operation = {"create": deploy.create_stack, "update": deploy.update_stack}[verb]
    made = operation(world, ACCOUNT, "channel", template or deploy.translate(TEMPLATE), values)
    return testing.Stack(world, made, values)


def broken():
    """The template with a resource that fails when our rules are in place."""
    template = deploy.translate(TEMPLATE)
    rule = {"Name": "broken", "Actions": []}
    template["Resources"]["Broken"] = {
        "Type": "AWS::SES::ReceiptRule",
        "DependsOn": ["ReceiptRules"],
        "Properties": {"RuleSetName": "missing", "Rule": rule},
    }
    return template


def rewritten(world):
    """The template with the deployment function's package under another key, as a new build has."""
    s3, bucket = world.client("s3", ACCOUNT), f"deployment-packages-{ACCOUNT}"
    s3.copy_object(Bucket=bucket, Key="new.zip", CopySource=f"{bucket}/page.zip")
    return deploy.translate(TEMPLATE, {"page.zip": "new.zip"})


def active(ses):
    found = ses.describe_active_receipt_rule_set()
    name = (found.get("Metadata") or {}).get("Name")
    return name, [rule["Name"] for rule in found.get("Rules") or []]


def everything(ses):
    """All rule sets with all rules in order, and which is active."""
    sets = [entry["Name"] for entry in ses.list_receipt_rule_sets()["RuleSets"]]
    rules = {name: ses.describe_receipt_rule_set(RuleSetName=name)["Rules"] for name in sets}
    return active(ses), rules


def calls_of_ses(world):
    """The actions the stack's functions have asked for; none was denied."""
    asked = world.control("GET", f"/_local/{ACCOUNT}/iam").body
    assert [call for call in asked if not call["allowed"]] == []
    return {call["action"] for call in asked if "Receipt" in call["action"]}


def test_our_rules_are_guests_in_an_active_set_and_leave_it_as_it_was(account, ses, theirs):
    before = everything(ses)
    s = put(account)
    assert active(ses) == ("theirs", ["sales", "press", *OURS])
    s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
    s.settle()
    assert len(s.cases()) == 1
    deploy.delete_stack(account, ACCOUNT, "channel")
    assert everything(ses) == before


def test_where_no_set_is_active_ours_comes_and_goes(account, ses):
    put(account)
    assert active(ses) == ("channel-rules", OURS)
    deploy.delete_stack(account, ACCOUNT, "channel")
    assert active(ses) == (None, [])
    assert ses.list_receipt_rule_sets()["RuleSets"] == []


def test_an_update_changes_the_rules_where_they_stand(account, ses, theirs):
    put(account)
    s = put(account, "update", GeneralInquiryEmailAddress="help@support.example.com")
    assert active(ses) == ("theirs", ["sales", "press", *OURS])
    assert "ses:UpdateReceiptRule" in calls_of_ses(account)
    assert "ses:DeleteReceiptRule" not in calls_of_ses(account)
    s.deliver(mail(to="help@support.example.com"), "ann@customer.example", [s.inquiry_address])
    s.settle()
    assert len(s.cases()) == 1


def test_a_failed_update_leaves_the_rules_as_they_were(account, ses, theirs):
    s = put(account)
    before = everything(ses)
    with pytest.raises(deploy.DeploymentFailed, match="UPDATE_ROLLBACK_COMPLETE: Broken"):
        put(
            account,
            "update",
            broken(),
            GeneralInquiryEmailAddress="help@support.example.com",
            ReceiptRulePosition="first",
        )
    assert everything(ses) == before
    s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
    s.settle()
    assert len(s.cases()) == 1


@pytest.mark.parametrize("living", [True, False])
def test_a_failed_creation_leaves_nothing(account, ses, living, request):
    if living:
        request.getfixturevalue("theirs")
    before = everything(ses)
    with pytest.raises(deploy.DeploymentFailed, match="ROLLBACK_COMPLETE: Broken"):
        put(account, template=broken())
    assert everything(ses) == before


def test_the_place_is_a_parameter_and_a_wrong_one_is_explained(account, ses, theirs):
    put(account, ReceiptRulePosition="sales")
    assert active(ses)[1] == ["sales", *OURS, "press"]
    put(account, "update", ReceiptRulePosition="first")
    assert active(ses)[1] == [*OURS, "sales", "press"]
    with pytest.raises(deploy.DeploymentFailed, match=r"ReceiptRules .* has no rule sails.*press"):
        put(account, "update", ReceiptRulePosition="sails")
    assert active(ses)[1] == [*OURS, "sales", "press"]


def test_a_new_build_puts_right_what_was_changed_by_hand(account, ses, theirs):
    put(account)
    before = everything(ses)
    ses.delete_receipt_rule(RuleSetName="theirs", RuleName="channel-relay")
    rule = ses.describe_receipt_rule(RuleSetName="theirs", RuleName="channel-inbound")["Rule"]
    ses.update_receipt_rule(RuleSetName="theirs", Rule={**rule, "Enabled": False})
    put(account, "update", rewritten(account))
    assert everything(ses) == before


def test_a_new_build_follows_to_the_set_that_is_active_now(account, ses):
    put(account)
    ses.create_receipt_rule_set(RuleSetName="other")
    ses.set_active_receipt_rule_set(RuleSetName="other")
    put(account, "update", rewritten(account))
    assert everything(ses)[0] == ("other", OURS)
    assert set(everything(ses)[1]) == {"other"}
    deploy.delete_stack(account, ACCOUNT, "channel")
    assert everything(ses) == (("other", []), {"other": []})


def test_a_delete_after_the_rules_have_gone_by_hand(account, ses):
    put(account)
    ses.set_active_receipt_rule_set()
    ses.delete_receipt_rule_set(RuleSetName="channel-rules")
    deploy.delete_stack(account, ACCOUNT, "channel")
    assert everything(ses) == ((None, []), {})


def test_deleting_the_stack_keeps_the_mail_the_table_and_the_case_key(account):
    s = put(account)
    ses_id = s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
    s.settle()
    [case] = s.cases()
    deploy.delete_stack(account, ACCOUNT, "channel")
    assert s.raw(ses_id).endswith(b"Ann\n")
    assert s.cases()[0]["id"] == case["id"]
    assert s.channel.keys.case_key()
    profile = s.client("connect").list_routing_profile_queues(
        InstanceId=s.instance_id, RoutingProfileId=s.parameters["RoutingProfileId"]
    )["RoutingProfileQueueConfigSummaryList"]
    assert [queue["QueueName"] for queue in profile] == ["BasicQueue"]
