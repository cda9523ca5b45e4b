"""An account that lives: what others have in it is the same before, with and after our stack."""

import json
import random
from pathlib import Path

import pytest

from local import deploy, testing
from tests.builders import mail

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
# Of a routing profile: its queues are compared one by one, and ours is offered to it.
COUNTS = ("NumberOfAssociatedQueues", "AssociatedQueueIds")
NEIGHBOURS = Path(__file__).with_name("neighbours.yaml")


class Account:
    def __init__(self, world):
        self.world, self.number = world, "".join(random.choices("123456789", k=12))
        self.instance = testing.instance_arn(self.number)
        deploy.upload_packages(world, self.number)
        self.theirs = deploy.create_stack(
            world,
            self.number,
            "orders",
            deploy.translate(NEIGHBOURS),
            {"Instance": self.instance},
        )
        self.client("ses").set_active_receipt_rule_set(RuleSetName="orders")

    def client(self, service):
        return self.world.client(service, self.number)

    def values(self, **changes):
        profile = self.theirs.resources["Profile"].rpartition("/")[2]
        return testing.defaults(self.world, self.number) | {"RoutingProfileId": profile} | changes

    def create(self, name="channel", template=None, **changes):
        values = self.values(**changes)
        template = template or deploy.translate(TEMPLATE)
        made = deploy.create_stack(self.world, self.number, name, template, values)
        return testing.Stack(self.world, made, values)

    def update(self, name="channel", template=None, **changes):
        template = template or deploy.translate(TEMPLATE)
        deploy.update_stack(self.world, self.number, name, template, self.values(**changes))

    def delete(self, name="channel"):
        deploy.delete_stack(self.world, self.number, name)

    def their_mail_arrives(self):
        mails = {"raw": "U3ViamVjdDogeA0KDQp4", "mail_from": "ann@customer.example"}
        for rule, to in (("sales", "info@other.example"), ("press", "a@press.example")):
            asked = {**mails, "rcpt_to": [to]}
            reply = self.world.control("POST", f"/_local/{self.number}/deliver", asked)
            assert list(reply.body["ses_ids"]) == [rule]

    # What the account holds, one entry for each thing, by "kind/name"

    def snapshot(self):
        found = {}
        for kind, call in self._kinds().items():
            for name, value in call():
                found[f"{kind}/{name}"] = json.loads(json.dumps(value, default=str))
        return found

    def _kinds(self):
        return {
            "rules": self._rules,
            "mail": self._mail,
            "connect": self._connect,
            "queues": self._offered,
            "quick connects of queues": self._quick_connects,
            "others": self._others,
        }

    def _rules(self):
        ses = self.client("ses")
        active = plain(ses.describe_active_receipt_rule_set())
        yield "active", active.get("Metadata")
        for entry in ses.list_receipt_rule_sets()["RuleSets"]:
            yield entry["Name"], entry
            rules = ses.describe_receipt_rule_set(RuleSetName=entry["Name"])["Rules"]
            before = theirs = None
            for rule in rules:
                name, ours = rule["Name"], rule["Name"].endswith(("-inbound", "-relay"))
                yield f"{entry['Name']}/{name}", rule
                yield f"{entry['Name']}/{name}/comes after", before if ours else theirs
                before, theirs = name, theirs if ours else name

    def _mail(self):
        ses = self.client("sesv2")
        for entry in ses.list_email_identities()["EmailIdentities"]:
            name = entry["IdentityName"]
            yield name, plain(ses.get_email_identity(EmailIdentity=name))
        for name in ses.list_configuration_sets()["ConfigurationSets"]:
            yield name, plain(ses.get_configuration_set(ConfigurationSetName=name))
            yield (
                f"{name}/events",
                plain(ses.get_configuration_set_event_destinations(ConfigurationSetName=name)),
            )

    def _list(self, operation, result, **more):
        connect = self.client("connect")
        pages = connect.get_paginator(operation).paginate(InstanceId=self.instance, **more)
        return [entry for page in pages for entry in page[result]]

    def _connect(self):
        connect, instance = self.client("connect"), {"InstanceId": self.instance}
        yield "instance", connect.describe_instance(**instance)["Instance"]
        for kind in ("user", "queue", "contact_flow", "quick_connect", "routing_profile"):
            title = "".join(part.title() for part in kind.split("_"))
            for entry in self._list(f"list_{kind}s", f"{title}SummaryList"):
                if entry.get("QueueType") != "AGENT":
                    describe = getattr(connect, f"describe_{kind}")
                    described = describe(**instance, **{f"{title}Id": entry["Id"]})[title]
                    yield (
                        entry["Arn"],
                        {key: described[key] for key in described if key not in COUNTS},
                    )
        for entry in self._list("list_hours_of_operations", "HoursOfOperationSummaryList"):
            yield entry["Arn"], entry
        for entry in self._list(
            "list_integration_associations", "IntegrationAssociationSummaryList"
        ):
            yield entry["IntegrationArn"], entry
        for name in self._list("list_lambda_functions", "LambdaFunctions"):
            yield f"associated {name}", True
        for name in self._list("list_approved_origins", "Origins"):
            yield name, True

    def _offered(self):
        for profile in self._list("list_routing_profiles", "RoutingProfileSummaryList"):
            for entry in self._list(
                "list_routing_profile_queues",
                "RoutingProfileQueueConfigSummaryList",
                RoutingProfileId=profile["Id"],
            ):
                yield f"{profile['Name']}/{entry['QueueId']}/{entry['Channel']}", entry

    def _quick_connects(self):
        for queue in self._list("list_queues", "QueueSummaryList", QueueTypes=["STANDARD"]):
            for entry in self._list(
                "list_queue_quick_connects", "QuickConnectSummaryList", QueueId=queue["Id"]
            ):
                yield f"{queue['Id']}/{entry['Id']}", entry

    def _others(self):
        for entry in self.client("lambda").list_functions()["Functions"]:
            yield entry["FunctionArn"], [entry["Role"], entry["CodeSha256"], entry["Handler"]]
        for entry in self.client("iam").list_roles()["Roles"]:
            yield entry["Arn"], entry["AssumeRolePolicyDocument"]
        for entry in self.client("sns").list_topics()["Topics"]:
            yield entry["TopicArn"], plain(self.client("sns").get_topic_attributes(**entry))


def plain(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def kept(before, account):
    """The entries of a snapshot as they are now; for comparing with what they were."""
    now = account.snapshot()
    return {name: now.get(name, "gone") for name in before}


def broken():
    """The template with a resource that fails when all that touches Connect and SES is done."""
    template = deploy.translate(TEMPLATE)
    resources = template["Resources"]
    touching = ("Custom::", "AWS::Connect::", "AWS::SES::")
    template["Resources"]["Broken"] = {
        "Type": "AWS::SES::ReceiptRule",
        "DependsOn": [
            name
            for name, resource in resources.items()
            if resource["Type"].startswith(touching) and "Condition" not in resource
        ],
        "Properties": {"RuleSetName": "missing", "Rule": {"Name": "broken", "Actions": []}},
    }
    return template


@pytest.fixture
def account():
    made = Account(testing.emulator())
    yield made
    made.world.control("DELETE", f"/_local/{made.number}")


CHANGES = {
    "GeneralInquiryEmailAddress": "help@support.example.com",
    "SendAcknowledgement": "false",
    "ReceiptRulePosition": "first",
    "PageOrigin": "https://mail.example.com",
    "RoutingProfileId": "",
}


def test_what_others_have_is_untouched_by_the_life_of_our_stack(account):
    before = account.snapshot()
    assert len([name for name in before if name.startswith("rules/orders/")]) == 4

    s = account.create()
    assert kept(before, account) == before
    account.their_mail_arrives()
    s.deliver(mail(), "ann@customer.example", [s.inquiry_address])
    s.settle()
    assert len(s.cases()) == 1
    with_us = account.snapshot()
    assert len(with_us) > len(before)

    with pytest.raises(deploy.DeploymentFailed, match="UPDATE_ROLLBACK_COMPLETE"):
        account.update(template=broken(), **CHANGES)
    assert account.snapshot() == with_us

    account.update(**CHANGES)
    assert kept(before, account) == before
    account.their_mail_arrives()
    account.update()
    assert kept(before, account) == before

    account.delete()
    account.their_mail_arrives()
    assert account.snapshot() == before


def test_a_creation_that_fails_leaves_the_account_as_it_was(account):
    before = account.snapshot()
    with pytest.raises(deploy.DeploymentFailed, match="ROLLBACK_COMPLETE"):
        account.create(template=broken())
    assert account.snapshot() == before
    account.their_mail_arrives()


OTHER = {
    "GeneralInquiryEmailAddress": "shop@shop.example.com",
    "InquiryEmailAddressDomain": "shop.example.com",
}


def works(stack):
    """A customer's mail becomes a case, and is offered to an agent; the number of cases."""
    before = {case["id"] for case in stack.cases()}
    stack.deliver(mail(to=stack.inquiry_address), "ann@customer.example", [stack.inquiry_address])
    stack.settle()
    [new] = [case for case in stack.cases() if case["id"] not in before]
    assert stack.task(new["contact_id"])["state"] == "QUEUED"


@pytest.mark.parametrize("living", [True, False], ids=["guests", "the first owns the set"])
@pytest.mark.parametrize("leaving", ["one", "two"])
def test_two_of_our_stacks_side_by_side_and_one_leaves(account, living, leaving):
    if not living:
        account.client("ses").set_active_receipt_rule_set()
    stacks = {"one": account.create("one"), "two": account.create("two", **OTHER)}
    for stack in stacks.values():
        works(stack)
    assert [len(stack.cases()) for stack in stacks.values()] == [1, 1]
    account.delete(leaving)
    left = stacks["two" if leaving == "one" else "one"]
    works(left)
    assert len(left.cases()) == 2
    with pytest.raises(testing.Refused):
        stacks[leaving].deliver(mail(), "ann@customer.example", [stacks[leaving].inquiry_address])
    if living:
        account.their_mail_arrives()
