"""End User Messaging SMS as emulated: what it takes and refuses, its receipts, rights and sets."""

import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local import deploy
from local.world import sms as service
from tests.local.conftest import Account

OURS = "+12065550100"


def template(*, principal: str = "sms-voice.amazonaws.com", types: tuple[str, ...] = ("TEXT_ALL",)):
    topic, queue = {"Ref": "Topic"}, {"Fn::GetAtt": ["Queue", "Arn"]}

    def policy(kind, member, service, action, of):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": action,
            "Resource": "*",
        }
        return {
            "Type": kind,
            "Properties": {member: [of], "PolicyDocument": {"Statement": [statement]}},
        }

    destination = {
        "EventDestinationName": "delivery",
        "Enabled": True,
        "MatchingEventTypes": list(types),
        "SnsDestination": {"TopicArn": topic},
    }
    return {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Queue": {"Type": "AWS::SQS::Queue"},
            "TopicPolicy": policy(
                "AWS::SNS::TopicPolicy", "Topics", principal, "sns:Publish", topic
            ),
            "QueuePolicy": policy(
                "AWS::SQS::QueuePolicy",
                "Queues",
                "sns.amazonaws.com",
                "sqs:SendMessage",
                {"Ref": "Queue"},
            ),
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {
                    "TopicArn": topic,
                    "Protocol": "sqs",
                    "Endpoint": queue,
                    "RawMessageDelivery": True,
                },
            },
            "Set": {
                "Type": "AWS::SMSVOICE::ConfigurationSet",
                "Properties": {"EventDestinations": [destination]},
            },
        },
        "Outputs": {"SetArn": {"Value": {"Fn::GetAtt": ["Set", "Arn"]}}},
    }


def send(account: Account, number: str, text: str = "Hello", **more):
    asked = {"OriginationIdentity": OURS, "DestinationPhoneNumber": number, "MessageBody": text}
    return account.client("pinpoint-sms-voice-v2").send_text_message(**asked | more)


def receipts(account: Account, stack: deploy.Stack) -> list[dict]:
    sqs, url = account.client("sqs"), stack.resources["Queue"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in found]


def calm(account: Account) -> None:
    """Until the receipts are in their queue, which nobody reads."""
    while account.get("quiet")["busy"].keys() - {"messages", "moving"}:
        pass


@pytest.fixture
def sms(account: Account) -> deploy.Stack:
    return deploy.create_stack(account.emulator, account.number, "sms", template())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("+14155550123", ["TEXT_DELIVERED"]),
        ("+14155550001", ["TEXT_INVALID"]),
        ("+14155550002", ["TEXT_CARRIER_UNREACHABLE"]),
        ("+14155550003", []),
    ],
)
def test_what_becomes_of_a_text_is_told_by_its_number(account, sms, number, said):
    context = {"outbox": "o1"}
    name = sms.resources["Set"]
    answer = send(account, number, ConfigurationSetName=name, Context=context)
    calm(account)
    found = receipts(account, sms)
    assert [one["eventType"] for one in found] == said
    for one in found:
        assert (one["messageId"], one["context"]) == (answer["MessageId"], context)
        assert (one["destinationPhoneNumber"], one["isFinal"]) == (number, True)
    [kept] = account.get("texts")
    assert (kept["to"], kept["text"], kept["sender"]) == (number, "Hello", OURS)


def test_without_a_set_no_receipt_comes(account, sms):
    send(account, "+14155550123")
    calm(account)
    assert receipts(account, sms) == []
    assert len(account.get("texts")) == 1


@pytest.mark.parametrize(
    "changes", [{"principal": "ses.amazonaws.com"}, {"types": ("TEXT_INVALID", "VOICE_ALL")}]
)
def test_a_topic_that_does_not_let_it_or_a_set_that_asks_for_others_gets_none(account, changes):
    made = deploy.create_stack(account.emulator, account.number, "sms", template(**changes))
    send(account, "+14155550123", ConfigurationSetName=made.resources["Set"])
    calm(account)
    assert receipts(account, made) == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"MessageBody": "a" * 1601}, "ValidationException"),
        ({"MessageBody": "  "}, "ValidationException"),
        ({"DestinationPhoneNumber": "+0123"}, "ValidationException"),
        ({"ConfigurationSetName": "none"}, "ResourceNotFoundException"),
        ({"DestinationPhoneNumber": "+14155550004"}, "ConflictException"),
    ],
)
def test_what_it_refuses(account, asked, code):
    with pytest.raises(ClientError) as refused:
        send(account, asked.pop("DestinationPhoneNumber", "+14155550123"), **asked)
    assert refused.value.response["Error"]["Code"] == code
    if code == "ConflictException":
        assert refused.value.response["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert account.get("texts") == []


def test_a_set_is_changed_in_place_and_goes_with_its_stack(account, sms):
    name = sms.resources["Set"]
    assert sms.outputs["SetArn"].endswith(f":configuration-set/{name}")
    changed = deploy.update_stack(
        account.emulator, account.number, "sms", template(types=("TEXT_INVALID",))
    )
    assert changed.resources["Set"] == name
    send(account, "+14155550001", ConfigurationSetName=name)
    send(account, "+14155550123", ConfigurationSetName=name)
    calm(account)
    assert [one["eventType"] for one in receipts(account, changed)] == ["TEXT_INVALID"]
    deploy.delete_stack(account.emulator, account.number, "sms")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        send(account, "+14155550123", ConfigurationSetName=name)


@pytest.mark.parametrize(
    ("kind", "kept"), [("throttle", 0), ("5xx-before", 0), ("5xx-after", 1), ("timeout-after", 1)]
)
def test_faults_are_planned_for_it_as_for_the_others(account, kind, kept):
    account.ask("PUT", "fault", {"operation": "SendTextMessage", "kind": kind, "times": 1})
    client = boto3.client(
        "pinpoint-sms-voice-v2",
        endpoint_url=account.emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id=account.number,
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=5),
    )
    with pytest.raises(Exception, match=r"Throttling|InternalServer|losed"):
        client.send_text_message(
            DestinationPhoneNumber="+14155550123", OriginationIdentity=OURS, MessageBody="Hi"
        )
    assert len(account.get("texts")) == kept


@pytest.mark.parametrize(
    ("sender", "resource"),
    [
        (OURS, "arn:aws:sms-voice:us-east-1:{}:phone-number/phone-"),
        ("EXAMPLE", "arn:aws:sms-voice:us-east-1:{}:sender-id/EXAMPLE/"),
    ],
)
def test_a_text_is_authorised_on_who_sends_it(sender, resource):
    body = json.dumps({"OriginationIdentity": sender}).encode()
    [arn] = service.arns(body, "us-east-1", "111122223333")
    assert arn.startswith(resource.format("111122223333"))
