"""What the upkeep of a deployment rests on: an index of work left, schedules, metrics, quotas."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import DeploymentFailed, Stack, create_stack, update_stack
from local.testing import stack
from local.world.embedded import data, reading
from tests.local.conftest import Account
from tests.local.test_emulator import function_template
from tests.local.test_ses_sending import as_role

TABLE: dict[str, Any] = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "rows",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
            {"AttributeName": "todo", "AttributeType": "S"},
            {"AttributeName": "todo_at", "AttributeType": "N"},
        ],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "todo",
                "KeySchema": [
                    {"AttributeName": "todo", "KeyType": "HASH"},
                    {"AttributeName": "todo_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    },
}


class TestSparseIndex:
    @pytest.fixture
    def rows(self, account: Account) -> Account:
        create_stack(account.emulator, account.number, "s", {"Resources": {"Table": TABLE}})
        for number, at in enumerate([30, 9, 100]):
            self.put(account, f"r{number}", todo={"S": "outbox"}, todo_at={"N": str(at)})
        self.put(account, "other", todo={"S": "hold"}, todo_at={"N": "1"})
        self.put(account, "done")
        self.put(account, "half", todo={"S": "outbox"})
        return account

    def put(self, account: Account, key: str, **more: Any) -> None:
        row = {"pk": {"S": key}, "sk": {"S": "x"}, "body": {"S": "long"}, **more}
        account.client("dynamodb").put_item(TableName="rows", Item=row)

    def left(self, client: Any, before: int = 1000, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = client.query(
            TableName="rows",
            IndexName="todo",
            KeyConditionExpression="todo = :kind AND todo_at < :before",
            ExpressionAttributeValues={":kind": {"S": "outbox"}, ":before": {"N": str(before)}},
            **more,
        )
        return answer

    def keys(self, account: Account, **more: Any) -> list[str]:
        found = self.left(account.client("dynamodb"), **more)["Items"]
        return [row["pk"]["S"] for row in found]

    def test_rows_with_both_attributes_in_the_order_of_numbers(self, rows: Account) -> None:
        assert self.keys(rows) == ["r1", "r0", "r2"]
        assert self.keys(rows, before=30) == ["r1"]

    def test_it_has_the_keys_only(self, rows: Account) -> None:
        item = self.left(rows.client("dynamodb"))["Items"][0]
        assert set(item) == {"pk", "sk", "todo", "todo_at"}

    def test_remove_takes_a_row_out_and_set_puts_it_in(self, rows: Account) -> None:
        key = {"pk": {"S": "r1"}, "sk": {"S": "x"}}
        change = rows.client("dynamodb").update_item
        change(TableName="rows", Key=key, UpdateExpression="REMOVE todo, todo_at")
        assert self.keys(rows) == ["r0", "r2"]
        change(
            TableName="rows",
            Key=key,
            UpdateExpression="SET todo = :t, todo_at = :a",
            ExpressionAttributeValues={":t": {"S": "outbox"}, ":a": {"N": "50"}},
        )
        assert self.keys(rows) == ["r0", "r1", "r2"]

    def test_a_transaction_moves_it_as_well(self, rows: Account) -> None:
        change = {
            "TableName": "rows",
            "Key": {"pk": {"S": "r1"}, "sk": {"S": "x"}},
            "UpdateExpression": "REMOVE todo, todo_at",
        }
        rows.client("dynamodb").transact_write_items(TransactItems=[{"Update": change}])
        assert self.keys(rows) == ["r0", "r2"]

    def test_pages(self, rows: Account) -> None:
        client = rows.client("dynamodb")
        first = self.left(client, Limit=2)
        assert set(first["LastEvaluatedKey"]) == {"pk", "sk", "todo", "todo_at"}
        rest = self.left(client, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert [row["pk"]["S"] for row in first["Items"] + rest["Items"]] == ["r1", "r0", "r2"]

    def test_it_cannot_be_read_consistently(self, rows: Account) -> None:
        with pytest.raises(ClientError, match="ValidationException"):
            self.left(rows.client("dynamodb"), ConsistentRead=True)

    def test_a_key_of_the_wrong_type_is_refused(self, rows: Account) -> None:
        with pytest.raises(ClientError, match="Type mismatch for Index Key"):
            self.put(rows, "bad", todo={"S": "outbox"}, todo_at={"S": "soon"})

    @pytest.mark.parametrize("suffix", ["", "/index/todo"])
    def test_the_right_is_one_of_the_index(self, rows: Account, suffix: str) -> None:
        table = f"arn:aws:dynamodb:us-east-1:{rows.number}:table/rows"
        client = as_role(rows, "dynamodb", ["dynamodb:Query"], table + suffix)
        if suffix:
            assert len(self.left(client)["Items"]) == 3
        else:
            with pytest.raises(ClientError, match="AccessDenied"):
                self.left(client)


def scheduled(code: str) -> dict[str, Any]:
    """A function that runs every five minutes, as SAM translates it."""
    template = function_template(code)
    resources = template["Resources"]
    resources["Every"] = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "ScheduleExpression": "rate(5 minutes)",
            "Targets": [{"Id": "1", "Arn": {"Fn::GetAtt": ["Function", "Arn"]}}],
        },
    }
    resources["May"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "Function"},
            "Principal": "events.amazonaws.com",
            "SourceArn": {"Fn::GetAtt": ["Every", "Arn"]},
        },
    }
    return template


class TestScheduledFunction:
    SLOW = (
        "import time\n"
        "def handler(event, context):\n"
        "    time.sleep(0.4)\n"
        "    print('ran', event['detail-type'])"
    )

    def runs(self, account: Account) -> int:
        account.settle()
        return "\n".join(account.get("logs").values()).count("ran Scheduled Event")

    def test_it_runs_by_the_accounts_clock(self, account: Account) -> None:
        create_stack(account.emulator, account.number, "s", scheduled(self.SLOW))
        account.advance(299)
        assert self.runs(account) == 0
        account.advance(2)
        assert account.get("quiet")["quiet"] is False  # it is running, and counts
        assert self.runs(account) == 1
        account.advance(3600)  # late by many times: once
        assert self.runs(account) == 2

    def test_not_of_itself_in_its_first_minutes(self, account: Account) -> None:
        create_stack(account.emulator, account.number, "s", scheduled(self.SLOW))
        time.sleep(1.2)  # twice as long as the schedules are looked at
        assert self.runs(account) == 0

    def test_a_stack_made_in_another_time_starts_there(self, account: Account) -> None:
        account.ask("PUT", "clock", {"epoch": 1_900_000_000})
        create_stack(account.emulator, account.number, "s", scheduled(self.SLOW))
        time.sleep(0.6)
        assert self.runs(account) == 0
        account.advance(301)
        assert self.runs(account) == 1


LINE = {
    "_aws": {
        "Timestamp": 1_700_000_000_000,
        "CloudWatchMetrics": [
            {
                "Namespace": "EmailChannel",
                "Dimensions": [["stack", "service"]],
                "Metrics": [{"Name": "Unknown", "Unit": "Count"}],
            }
        ],
    },
    "stack": "dev",
    "service": "email-channel",
    "Unknown": [2.0, 3.0],
}


class TestMetrics:
    def test_lines_that_are_none_publish_nothing(self) -> None:
        lines = ["", "START", "{", '{"_aws": 1}', '{"_aws": {"CloudWatchMetrics": [{}]}}']
        assert list(data("\n".join(lines))) == []

    def test_last_and_sum(self) -> None:
        later = {**LINE, "_aws": {**LINE["_aws"], "Timestamp": 1_700_000_001_000}, "Unknown": 7}
        logs = [json.dumps(later), f"noise\n{json.dumps(LINE)}"]
        found = reading(logs, "Unknown")
        assert (found.last, found.total) == (7.0, 12.0)
        assert reading(logs, "Other").last is None

    def test_a_function_publishes_by_logging(self, account: Account) -> None:
        line = json.dumps(LINE).replace("1700000000000", "%d")
        code = (
            f"import time\ndef handler(event, context):\n    print({line!r} % (time.time() * 1000))"
        )
        stack = create_stack(account.emulator, account.number, "s", function_template(code))
        account.client("lambda").invoke(FunctionName=stack.resources["Function"])
        now = datetime.now(UTC)
        metric = {
            "Namespace": "EmailChannel",
            "MetricName": "Unknown",
            "Dimensions": [
                {"Name": "stack", "Value": "dev"},
                {"Name": "service", "Value": "email-channel"},
            ],
        }
        around = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
        cloudwatch = account.client("cloudwatch")
        (point,) = cloudwatch.get_metric_statistics(
            **metric, **around, Period=3600, Statistics=["Sum", "Maximum"]
        )["Datapoints"]
        assert (point["Sum"], point["Maximum"]) == (5.0, 3.0)
        query = {
            "Id": "a",
            "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Maximum"},
        }
        (series,) = cloudwatch.get_metric_data(MetricDataQueries=[query], **around)[
            "MetricDataResults"
        ]
        assert series["Values"] == [3.0]


def alarm(**more: Any) -> dict[str, Any]:
    def stat(name: str) -> dict[str, Any]:
        metric = {"Namespace": "AWS/SES", "MetricName": name}
        return {"Metric": metric, "Period": 300, "Stat": "Sum"}

    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "bounces",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.05,
            "EvaluationPeriods": 1,
            "TreatMissingData": "notBreaching",
            "AlarmActions": ["arn:aws:sns:us-east-1:1:alarms"],
            "Metrics": [
                {"Id": "rate", "Expression": "bounced / sent"},
                {"Id": "bounced", "MetricStat": stat("Bounce"), "ReturnData": False},
                {"Id": "sent", "MetricStat": stat("Send"), "ReturnData": False},
            ],
            **more,
        },
    }


class TestAlarms:
    def create(self, account: Account, **more: Any) -> Stack:
        dashboard = {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {"DashboardName": "mail", "DashboardBody": '{"widgets": []}'},
        }
        template = {"Resources": {"Alarm": alarm(**more), "Dashboard": dashboard}}
        return create_stack(account.emulator, account.number, "s", template)

    def test_metric_math_and_a_dashboard(self, account: Account) -> None:
        stack = self.create(account)
        assert stack.resources["Alarm"] == "bounces"
        cloudwatch = account.client("cloudwatch")
        (found,) = cloudwatch.describe_alarms(AlarmNames=["bounces"])["MetricAlarms"]
        assert [query["Id"] for query in found["Metrics"]] == ["rate", "bounced", "sent"]
        assert found["AlarmActions"] == ["arn:aws:sns:us-east-1:1:alarms"]
        assert found["StateValue"] == "INSUFFICIENT_DATA"
        dashboard = cloudwatch.get_dashboard(DashboardName="mail")
        assert json.loads(dashboard["DashboardBody"]) == {"widgets": []}

    def test_two_results_are_refused(self, account: Account) -> None:
        queries = [{**query, "ReturnData": True} for query in alarm()["Properties"]["Metrics"]]
        with pytest.raises(DeploymentFailed, match="Exactly one"):
            self.create(account, Metrics=queries)

    def test_a_metric_beside_metric_math_is_refused(self, account: Account) -> None:
        with pytest.raises(DeploymentFailed, match="must not"):
            self.create(account, MetricName="Bounce")


class TestReadings:
    """What a look at a deployment reads of Connect and of the quotas."""

    def test_functions_of_a_connect_instance(self, account: Account) -> None:
        template = function_template("def handler(event, context): pass")
        number = "11111111-1111-1111-1111-111111111111"
        instance = f"arn:aws:connect:us-east-1:{account.number}:instance/{number}"
        template["Resources"]["Joined"] = {
            "Type": "AWS::Connect::IntegrationAssociation",
            "Properties": {
                "InstanceId": instance,
                "IntegrationType": "LAMBDA_FUNCTION",
                "IntegrationArn": {"Fn::GetAtt": ["Function", "Arn"]},
            },
        }
        create_stack(account.emulator, account.number, "s", template)
        connect, identity = account.client("connect"), {"InstanceId": instance.rpartition("/")[2]}
        (function,) = connect.list_lambda_functions(**identity)["LambdaFunctions"]
        (found,) = connect.list_integration_associations(**identity)[
            "IntegrationAssociationSummaryList"
        ]
        assert found["IntegrationArn"] == function
        none = connect.list_integration_associations(**identity, IntegrationType="EVENT")
        assert none["IntegrationAssociationSummaryList"] == []
        assert connect.list_approved_origins(**identity)["Origins"] == []
        profile = connect.list_routing_profiles(**identity)["RoutingProfileSummaryList"][0]["Id"]
        offered = connect.list_routing_profile_queues(**identity, RoutingProfileId=profile)
        assert {entry["Channel"] for entry in offered["RoutingProfileQueueConfigSummaryList"]}

    def test_quotas(self, account: Account) -> None:
        client = account.client("service-quotas")
        listed = client.list_service_quotas(ServiceCode="connect")["Quotas"]
        (quota,) = [entry for entry in listed if "StartTaskContact" in entry["QuotaName"]]
        code = quota["QuotaCode"]
        one = client.get_service_quota(ServiceCode="connect", QuotaCode=code)["Quota"]
        assert one["Value"] == quota["Value"] == 2.0
        with pytest.raises(client.exceptions.NoSuchResourceException):
            client.get_service_quota(ServiceCode="connect", QuotaCode="none")

    def test_the_active_rule_set(self, account: Account) -> None:
        ses = account.client("ses")
        assert "Metadata" not in ses.describe_active_receipt_rule_set()
        ses.create_receipt_rule_set(RuleSetName="mine")
        ses.create_receipt_rule(
            RuleSetName="mine",
            Rule={
                "Name": "one",
                "Enabled": True,
                "ScanEnabled": True,
                "Recipients": ["x.example"],
                "Actions": [{"StopAction": {"Scope": "RuleSet"}}],
            },
        )
        ses.set_active_receipt_rule_set(RuleSetName="mine")
        found = ses.describe_active_receipt_rule_set()
        assert found["Metadata"]["Name"] == "mine"
        (rule,) = found["Rules"]
        assert (rule["Name"], rule["ScanEnabled"]) == ("one", True)
        assert rule["Recipients"] == ["x.example"]


def test_a_stack_shows_its_standing_and_metrics() -> None:
    with stack() as s:
        s.ses_account(dkim="FAILED", production=False)
        found = s.client("sesv2").get_email_identity(EmailIdentity=s.domain)
        assert found["DkimAttributes"]["Status"] == "FAILED"
        assert found["VerifiedForSendingStatus"]
        assert s.metric("NoSuchMetric").last is None


def test_an_identity_keeps_its_dkim_records_over_an_update(account: Account) -> None:
    identity = {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "x.example"}}
    template = {
        "Resources": {"Identity": identity},
        "Outputs": {"Record": {"Value": {"Fn::GetAtt": ["Identity", "DkimDNSTokenName1"]}}},
    }
    before = create_stack(account.emulator, account.number, "s", template)
    changed = json.loads(json.dumps(template))
    changed["Resources"]["Identity"]["Properties"]["FeedbackAttributes"] = {
        "EmailForwardingEnabled": False
    }
    after = update_stack(account.emulator, account.number, "s", changed)
    assert after.outputs["Record"] == before.outputs["Record"]
    ses = account.client("sesv2")
    found = ses.get_email_identity(EmailIdentity="x.example")
    assert after.outputs["Record"].startswith(found["DkimAttributes"]["Tokens"][0])
    assert not found["FeedbackForwardingStatus"]
