"""Every choice an administrator has is deployed both ways, and mail goes round with each."""

import pytest

from local import deploy, testing
from tests.builders import mail

ROOT = testing.ROOT
TEMPLATE = deploy.translate(ROOT / "template.yaml")
BOOLEANS = sorted(
    name
    for name, parameter in TEMPLATE["Parameters"].items()
    if set(parameter.get("AllowedValues", [])) == {"true", "false"}
)
ACCOUNT = "777755554444"


def other(name):
    return "false" if TEMPLATE["Parameters"][name]["Default"] == "true" else "true"


def filled(world, account):
    """Each optional parameter with a value, and every boolean the other way round."""
    arn = testing.instance_arn(account)
    instance = arn.rpartition("/")[2]
    connect = world.client("connect", account)
    queue = next(
        found["Arn"]
        for found in connect.list_queues(InstanceId=instance)["QueueSummaryList"]
        if found["QueueType"] == "STANDARD"
    )
    return {name: other(name) for name in BOOLEANS} | {
        "CreateDomainIdentity": "true",  # MAIL FROM is set with it
        "StopAutomaticMail": "false",
        "DefaultEmailFrom": f"Example Support <support@{testing.DOMAIN}>",
        "MailFromDomain": f"bounce.{testing.DOMAIN}",
        "EmailDisclaimer": "Example Ltd, registered in Exampletown.",
        "AgentExtraAddresses": f"alice=alice@mail.{testing.AGENT_DOMAIN}",
        "AgentEmailDomains": f"{testing.AGENT_DOMAIN}, mail.{testing.AGENT_DOMAIN}",
        "DefaultQueueArn": queue,
        "PageOrigin": "https://mail.example.com",
        "AlarmEmail": "ops@corp.example",
        "PermissionsBoundaryArn": f"arn:aws:iam::{account}:policy/bounded",
        "ThirdPartyMail": "new-case",
        "Architecture": "x86_64",
        "ReceiptRulePosition": "first",
        "OidcIssuer": "https://login.example.com",
        "OidcAudience": "desk",
        "SmsSender": "+12065550100",
        "SmsRegion": testing.REGION,
    }


def goes_round(s, subject):
    before = len(s.cases())
    s.deliver(mail(subject=subject), "ann@customer.example", [s.inquiry_address])
    s.settle()
    assert len(s.cases()) == before + 1
    newest = s.cases()[-1]
    assert newest["contact_id"], subject


@pytest.fixture
def account():
    world = testing.emulator()
    yield world
    world.control("DELETE", f"/_local/{ACCOUNT}")


def test_there_are_choices():
    assert len(BOOLEANS) >= 9


def test_each_boolean_is_turned_and_turned_back_on_a_channel_that_lives(account):
    deploy.upload_packages(account, ACCOUNT)
    values = testing.defaults(account, ACCOUNT)
    made = deploy.create_stack(account, ACCOUNT, "channel", TEMPLATE, values)
    s = testing.Stack(account, made, values)
    for name in BOOLEANS:
        for value in (other(name), TEMPLATE["Parameters"][name]["Default"]):
            deploy.update_stack(account, ACCOUNT, "channel", TEMPLATE, values | {name: value})
            goes_round(s, f"{name} {value}")


def test_every_option_may_be_taken_at_once_and_given_up_again(account):
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    account.client("iam", ACCOUNT).create_policy(PolicyName="bounded", PolicyDocument=policy)
    deploy.upload_packages(account, ACCOUNT)
    values = testing.defaults(account, ACCOUNT)
    full = values | filled(account, ACCOUNT)
    made = deploy.create_stack(account, ACCOUNT, "channel", TEMPLATE, full)
    outputs = set(made.outputs)
    assert outputs == set(TEMPLATE["Outputs"])
    s = testing.Stack(account, made, full)
    goes_round(s, "everything")
    back = deploy.update_stack(account, ACCOUNT, "channel", TEMPLATE, values)
    s = testing.Stack(account, back, values)
    goes_round(s, "defaults again")
    conditional = {name for name, one in TEMPLATE["Outputs"].items() if "Condition" in one}
    assert outputs - set(back.outputs) == conditional - {"DkimRecords"}
    assert back.resources["Table"] == made.resources["Table"]
    assert back.resources["MailBucket"] == made.resources["MailBucket"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GeneralInquiryEmailAddress", "support+tag@example.com"),
        ("InquiryEmailAddressDomain", "https://support.example.com"),
        ("AgentEmailDomains", "corp.example;other.example"),
        ("AmazonConnectInstanceArn", "11111111-1111-1111-1111-111111111111"),
        ("RoutingProfileId", "Basic Routing Profile"),
        ("SendCanary", "yes"),
        ("UndoSeconds", "301"),
        ("LogRetentionDays", "31"),
        ("ReceiptRulePosition", "after sales"),
        ("PermissionsBoundaryArn", "bounded"),
        ("OidcIssuer", "http://login.example.com"),
        ("SmsSender", "0123 456"),
        ("SmsRegion", "Ireland"),
    ],
)
def test_a_wrong_value_is_refused_before_anything_is_made(account, name, value):
    values = testing.defaults(account, ACCOUNT) | {name: value}
    with pytest.raises(Exception, match=name):
        deploy.create_stack(account, ACCOUNT, "channel", TEMPLATE, values)
    stacks = account.client("cloudformation", ACCOUNT).describe_stacks()["Stacks"]
    assert [found for found in stacks if found["StackName"] == "channel"] == []


def test_mail_from_without_the_identity_is_refused_in_words(account):
    changes = {"CreateDomainIdentity": "false", "MailFromDomain": "bounce.support.example.com"}
    values = testing.defaults(account, ACCOUNT) | changes
    with pytest.raises(Exception, match="set it on the identity you have"):
        deploy.create_stack(account, ACCOUNT, "channel", TEMPLATE, values)


@pytest.mark.parametrize("alone", ["OidcIssuer", "OidcAudience"])
def test_issuer_and_audience_come_together(account, alone):
    value = {"OidcIssuer": "https://login.example.com", "OidcAudience": "desk"}[alone]
    values = testing.defaults(account, ACCOUNT) | {alone: value}
    with pytest.raises(Exception, match="OidcAudience"):
        deploy.create_stack(account, ACCOUNT, "channel", TEMPLATE, values)
