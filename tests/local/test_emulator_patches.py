"""Each change made to ministack, seen from outside (those of SES have files of their own)."""

import json
import threading
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import DeploymentFailed, create_stack, delete_stack, update_stack
from local.world.calls import allowed
from tests.local.conftest import Account, create_sample, sample_template
from tests.local.test_emulator import function_template, gone

RULE = {"source": ["shop"]}


def trust(service: str = "lambda.amazonaws.com") -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ],
    }


def queue_arn(account: Account, name: str) -> str:
    return f"arn:aws:sqs:us-east-1:{account.number}:{name}"


def let(account: Account, name: str, service: str) -> None:
    """Let an AWS service send to the queue."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn(account, name),
    }
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def received(account: Account, name: str) -> list[str]:
    sqs, found = account.client("sqs"), []
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(message["Body"])
    return found


class TestEventRules:
    @pytest.fixture
    def bus(self, account: Account) -> Account:
        account.client("sqs").create_queue(QueueName="q")
        events = account.client("events")
        events.put_rule(Name="shop", EventPattern=json.dumps(RULE))
        events.put_targets(Rule="shop", Targets=[{"Id": "1", "Arn": queue_arn(account, "q")}])
        return account

    def put(self, account: Account) -> None:
        entry = {"Source": "shop", "DetailType": "sold", "Detail": "{}"}
        account.client("events").put_events(Entries=[entry])

    def test_without_the_queue_policy_nothing_arrives(self, bus: Account) -> None:
        self.put(bus)
        assert received(bus, "q") == []

    def test_with_it_the_event_does(self, bus: Account) -> None:
        let(bus, "q", "events.amazonaws.com")
        self.put(bus)
        (body,) = received(bus, "q")
        assert json.loads(body)["detail-type"] == "sold"

    def test_a_function_needs_its_permission(self, account: Account) -> None:
        code = "def handler(event, context): print('called')"
        stack = create_stack(account.emulator, account.number, "f", function_template(code))
        name = stack.resources["Function"]
        arn = f"arn:aws:lambda:us-east-1:{account.number}:function:{name}"
        events = account.client("events")
        rule = events.put_rule(Name="shop", EventPattern=json.dumps(RULE))["RuleArn"]
        events.put_targets(Rule="shop", Targets=[{"Id": "1", "Arn": arn}])
        self.put(account)
        account.settle()
        assert account.get("logs") == {}
        account.client("lambda").add_permission(
            FunctionName=name,
            StatementId="events",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule,
        )
        self.put(account)
        account.settle()
        assert "called" in account.get("logs")[f"/aws/lambda/{name}"]


def test_no_message_is_lost_under_load(account: Account) -> None:
    """Messages sent while others are taken and deleted all arrive."""
    code = "def handler(event, context): pass"
    template = function_template(code)
    poll = {
        "Effect": "Allow",
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Statement": [poll]}
    template["Resources"]["Role"]["Properties"]["Policies"] = [
        {"PolicyName": "poll", "PolicyDocument": document}
    ]
    template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue"}
    template["Resources"]["Mapping"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": {"Ref": "Function"},
            "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            "BatchSize": 1,
        },
    }
    stack = create_stack(account.emulator, account.number, "s", template)
    url = stack.resources["Queue"]

    def send() -> None:
        sqs = account.emulator.client_for(
            "sqs",
            "us-east-1",
            {"aws_access_key_id": account.number, "aws_secret_access_key": "test"},
        )
        for number in range(6):
            entries = [{"Id": str(n), "MessageBody": f"{number}.{n}"} for n in range(10)]
            sqs.send_message_batch(QueueUrl=url, Entries=entries)
        sqs.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account.settle(60)
    queue = account.get(f"receives?queue={url.rsplit('/', 1)[-1]}")
    assert queue == {"visible": 0, "in_flight": 0, "delayed": 0, "receives_total": 240}


class TestSecrets:
    def test_ref_is_the_arn_through_its_life(self, account: Account) -> None:
        def template(text: str) -> dict[str, Any]:
            secret = {
                "Type": "AWS::SecretsManager::Secret",
                "Properties": {"SecretString": "x", "Description": text},
            }
            return {
                "Resources": {"Secret": secret},
                "Outputs": {"Arn": {"Value": {"Ref": "Secret"}}},
            }

        secrets, place = account.client("secretsmanager"), (account.emulator, account.number)
        arn = create_stack(*place, "s", template("one")).outputs["Arn"]
        assert arn.startswith(f"arn:aws:secretsmanager:us-east-1:{account.number}:secret:")
        assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "x"
        assert update_stack(*place, "s", template("two")).outputs["Arn"] == arn
        assert secrets.describe_secret(SecretId=arn)["Description"] == "two"
        delete_stack(*place, "s")
        with pytest.raises(ClientError, match="ResourceNotFound"):
            secrets.describe_secret(SecretId=arn)


class TestSchedules:
    def schedule(self, account: Account, expression: str, *, may: bool = True) -> None:
        account.client("sqs").create_queue(QueueName="q")
        iam = account.client("iam")
        role = iam.create_role(
            RoleName="r", AssumeRolePolicyDocument=json.dumps(trust("scheduler.amazonaws.com"))
        )["Role"]["Arn"]
        action = "sqs:SendMessage" if may else "sqs:DeleteMessage"
        document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
        iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(document))
        account.client("scheduler").create_schedule(
            Name="s",
            ScheduleExpression=expression,
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": queue_arn(account, "q"), "RoleArn": role, "Input": "now"},
        )

    def test_a_rate_follows_the_accounts_clock(self, account: Account) -> None:
        self.schedule(account, "rate(1 hour)")
        assert received(account, "q") == []
        account.advance(3601)
        assert received(account, "q") == ["now"]
        account.advance(60)
        assert received(account, "q") == []
        account.advance(86400)  # late by many hours: once
        assert received(account, "q") == ["now"]

    def test_once_at_a_time(self, account: Account) -> None:
        account.ask("PUT", "clock", {"epoch": 1_900_000_000})
        self.schedule(account, "at(2030-03-17T18:00:00)")
        account.advance(900)
        assert received(account, "q") == ["now"]
        account.advance(86400)
        assert received(account, "q") == []

    def test_the_role_must_be_allowed(self, account: Account) -> None:
        self.schedule(account, "rate(1 hour)", may=False)
        account.advance(3601)
        assert received(account, "q") == []
        (denial,) = account.denials()
        assert (denial["role"], denial["action"]) == ("r", "sqs:SendMessage")

    def test_a_rule_with_a_schedule(self, account: Account) -> None:
        account.client("sqs").create_queue(QueueName="q")
        let(account, "q", "events.amazonaws.com")
        events = account.client("events")
        events.put_rule(Name="tick", ScheduleExpression="rate(5 minutes)")
        events.put_targets(Rule="tick", Targets=[{"Id": "1", "Arn": queue_arn(account, "q")}])
        account.advance(301)
        (body,) = received(account, "q")
        assert json.loads(body)["source"] == "aws.events"


STREAM = """
import json
def handler(event, context):
    for record in event["Records"]:
        print("got", record["eventName"], json.dumps(record["dynamodb"]["Keys"]))
    if any("poison" in json.dumps(r) for r in event["Records"]):
        raise ValueError("poison")
"""


class TestStreams:
    @pytest.fixture
    def table(self, account: Account) -> str:
        template = function_template(STREAM)
        resources = template["Resources"]
        resources["Table"] = {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
                "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            },
        }
        resources["Failed"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}}
        statement = {"Effect": "Allow", "Action": ["dynamodb:*", "sqs:*"], "Resource": "*"}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        resources["Role"]["Properties"]["Policies"] = [
            {"PolicyName": "p", "PolicyDocument": document}
        ]
        resources["Mapping"] = {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "StartingPosition": "TRIM_HORIZON",
                "MaximumRetryAttempts": 1,
                "BisectBatchOnFunctionError": True,
                "DestinationConfig": {
                    "OnFailure": {"Destination": {"Fn::GetAtt": ["Failed", "Arn"]}}
                },
            },
        }
        stack = create_stack(account.emulator, account.number, "s", template)
        return stack.resources["Table"]

    def put(self, account: Account, table: str, key: str, **more: Any) -> None:
        account.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": key}, **more})

    def log(self, account: Account) -> str:
        account.settle()
        return "\n".join(account.get("logs").values())

    def test_records_reach_the_function(self, account: Account, table: str) -> None:
        for number in range(5):
            self.put(account, table, f"k{number}")
        log = self.log(account)
        assert [f'"k{n}"' in log for n in range(5)] == [True] * 5

    def test_a_failing_batch_ends_at_its_destination(self, account: Account, table: str) -> None:
        account.ask("PUT", "event_sources", {"paused": True})
        for key in ("good", "poison"):
            self.put(account, table, key)
        account.ask("PUT", "event_sources", {"paused": False})
        self.put(account, table, "later")
        assert '"later"' in self.log(account)
        (body,) = received(account, "failed")
        assert json.loads(body)["requestContext"]["condition"] == "RetryAttemptsExhausted"

    def test_expired_items_go_and_say_so(self, account: Account, table: str) -> None:
        soon = str(int(time.time()) + 600)
        self.put(account, table, "old", expires={"N": soon})
        self.put(account, table, "young")
        account.advance(601)
        assert 'REMOVE {"pk": {"S": "old"}}' in self.log(account)
        assert [row["pk"]["S"] for row in account.rows(table)] == ["young"]


class TestFunctionsOfAStack:
    def test_a_mapping_needs_polling_rights(self, account: Account) -> None:
        template = function_template("def handler(event, context): pass")
        template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue"}
        template["Resources"]["Mapping"] = {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Function"},
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        }
        with pytest.raises(DeploymentFailed, match="permissions to call ReceiveMessage on SQS"):
            create_stack(account.emulator, account.number, "s", template)

    @pytest.mark.parametrize("field", ["there", "elsewhere"])
    def test_a_resolver_wants_its_field_in_the_schema(self, account: Account, field: str) -> None:
        api = {"ApiId": {"Fn::GetAtt": ["Api", "ApiId"]}}
        schema = "schema { query: Query } type Query { there: String }"
        source = {**api, "Name": "none", "Type": "NONE"}
        resolver = {**api, "TypeName": "Query", "FieldName": field, "DataSourceName": "none"}
        resources = {
            "Api": {
                "Type": "AWS::AppSync::GraphQLApi",
                "Properties": {"Name": "api", "AuthenticationType": "API_KEY"},
            },
            "Schema": {
                "Type": "AWS::AppSync::GraphQLSchema",
                "Properties": {**api, "Definition": schema},
            },
            "Source": {"Type": "AWS::AppSync::DataSource", "Properties": source},
            "Field": {
                "Type": "AWS::AppSync::Resolver",
                "DependsOn": ["Schema", "Source"],
                "Properties": resolver,
            },
        }
        template = {"Resources": resources}
        if field == "there":
            create_stack(account.emulator, account.number, "s", template)
            return
        with pytest.raises(DeploymentFailed, match="No field named elsewhere found on type Query"):
            create_stack(account.emulator, account.number, "s", template)

    def test_a_custom_resource_that_crashes_fails_at_once(self, account: Account) -> None:
        template = function_template("def handler(event, context): raise OSError('no page')")
        template["Resources"]["Page"] = {
            "Type": "Custom::Page",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}},
        }
        started = time.monotonic()
        with pytest.raises(DeploymentFailed, match=r"Page .*no page"):
            create_stack(account.emulator, account.number, "s", template)
        assert time.monotonic() - started < 15

    def test_workers_end_with_the_account(self, account: Account) -> None:
        code = "import os\ndef handler(event, context): return os.getpid()"
        stack = create_stack(account.emulator, account.number, "f", function_template(code))
        pid = json.loads(
            account.client("lambda")
            .invoke(FunctionName=stack.resources["Function"])["Payload"]
            .read()
        )
        assert not gone(pid, seconds=0)
        account.ask("DELETE", "")
        assert gone(pid)


class TestRecorder:
    def test_taking_an_action_away_denies_its_call(self, account: Account) -> None:
        create_sample(account)
        account.deliver()
        account.settle()
        template = sample_template()
        statements = [
            statement
            for policy in template["Resources"]["AnswererRole"]["Properties"]["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        asked = [c for c in account.get("iam") if c["role"].startswith("mail-AnswererRole")]
        actions = {call["action"] for call in asked}
        assert {s["Action"] for s in statements} <= actions
        iam, role = account.client("iam"), asked[0]["role"]
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        documents = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names
        ]
        own = [call for call in asked if call["action"].split(":")[0] != "sqs"]
        assert all(allowed(documents, call) for call in own)
        for call in own:
            less = [without(document, call["action"]) for document in documents]
            assert not allowed(less, call), call["action"]

    def test_wrong_signatures_are_no_calls(self, account: Account) -> None:
        wrong = {"aws_access_key_id": "ASIAWRONG", "aws_secret_access_key": "x"}
        client = account.emulator.client_for("sqs", "us-east-1", wrong)
        with pytest.raises(ClientError):
            client.list_queues()
        client.close()
        assert account.get("iam") == []


def without(document: dict[str, Any], action: str) -> dict[str, Any]:
    statements = [s for s in document["Statement"] if s["Action"] != action]
    return {**document, "Statement": statements}
