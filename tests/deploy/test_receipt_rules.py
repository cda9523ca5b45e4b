"""An account has one active receipt rule set: somebody else's stays as it was."""

from pathlib import Path

import pytest

from local import deploy, testing
from tests.builders import mail

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
ACCOUNT = "444433332222"


@pytest.fixture
def account():
    world = testing.emulator()
    yield world
    world.control("DELETE", f"/_local/{ACCOUNT}")


def create(world):
    deploy.upload_packages(world, ACCOUNT)
    values = testing.defaults(world, ACCOUNT)
    made = deploy.create_stack(world, ACCOUNT, "channel", deploy.translate(TEMPLATE), values)
    return testing.Stack(world, made, values)


def active(ses):
    found = ses.describe_active_receipt_rule_set()
    name = (found.get("Metadata") or {}).get("Name")
    return name, [rule["Name"] for rule in found.get("Rules") or []]


def test_our_rules_are_guests_in_an_active_set_and_leave_it_as_it_was(account):
    ses = account.client("ses", ACCOUNT)
    ses.create_receipt_rule_set(RuleSetName="theirs")
    rule = {"Name": "sales", "Enabled": True, "Recipients": ["sales@other.example"], "Actions": []}
    ses.create_receipt_rule(RuleSetName="theirs", Rule=rule)
    ses.set_active_receipt_rule_set(RuleSetName="theirs")

    s = create(account)
    assert active(ses) == ("theirs", ["sales", "channel-inbound", "channel-relay"])
    s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
    s.settle()
    assert len(s.cases()) == 1

    deploy.delete_stack(account, ACCOUNT, "channel")
    assert active(ses) == ("theirs", ["sales"])


def test_where_no_set_is_active_ours_comes_and_goes(account):
    ses = account.client("ses", ACCOUNT)
    create(account)
    assert active(ses) == ("channel-rules", ["channel-inbound", "channel-relay"])
    deploy.delete_stack(account, ACCOUNT, "channel")
    assert active(ses) == (None, [])
    assert ses.list_receipt_rule_sets()["RuleSets"] == []


def test_deleting_the_stack_keeps_the_mail_the_table_and_the_case_key(account):
    s = create(account)
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
