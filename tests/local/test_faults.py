"""Faults of AWS as a test plans them: what the caller sees, and what was done all the same."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from local.deploy import create_stack
from tests.local.conftest import Account
from tests.local.test_emulator import function_template

Row = dict[str, Any]


def fault(account: Account, operation: str, kind: str, times: int = 1) -> None:
    plan = {"operation": operation, "kind": kind, "times": times}
    assert account.ask("PUT", "fault", plan)[0] == 200


@pytest.fixture
def table(account: Account) -> str:
    account.client("dynamodb").create_table(
        TableName="rows",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "todo", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "todo",
                "KeySchema": [{"AttributeName": "todo", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return "rows"


def put(account: Account, key: str = "k", **more: Any) -> None:
    row = {"pk": {"S": key}, **{name: {"S": value} for name, value in more.items()}}
    account.client("dynamodb").put_item(TableName="rows", Item=row)


def get(account: Account, *, consistent: bool = False) -> Row | None:
    found: Row | None = (
        account.client("dynamodb")
        .get_item(TableName="rows", Key={"pk": {"S": "k"}}, ConsistentRead=consistent)
        .get("Item")
    )
    return found


def waiting(account: Account) -> list[str]:
    answer = account.client("dynamodb").query(
        TableName="rows",
        IndexName="todo",
        KeyConditionExpression="todo = :t",
        ExpressionAttributeValues={":t": {"S": "yes"}},
    )
    return [row["pk"]["S"] for row in answer["Items"]]


def test_an_unknown_kind_is_refused(account: Account) -> None:
    status, answer = account.ask("PUT", "fault", {"operation": "X", "kind": "flood", "times": 1})
    assert status == 500
    assert "crash-after" in answer["message"]


class TestOneCall:
    @pytest.mark.parametrize("kind", ["timeout-before", "crash-before"])
    def test_lost_before(self, account: Account, table: str, kind: str) -> None:
        fault(account, "PutItem", kind)
        with pytest.raises(ConnectionClosedError):
            put(account)
        assert get(account) is None
        put(account)
        assert get(account)

    @pytest.mark.parametrize("kind", ["timeout-after", "crash-after"])
    def test_lost_after(self, account: Account, table: str, kind: str) -> None:
        fault(account, "dynamodb:PutItem", kind)
        with pytest.raises(ConnectionClosedError):
            put(account)
        assert get(account)

    @pytest.mark.parametrize(("kind", "done"), [("5xx-before", False), ("5xx-after", True)])
    def test_server_errors(self, account: Account, table: str, kind: str, done: bool) -> None:
        fault(account, "PutItem", kind)
        with pytest.raises(ClientError) as error:
            put(account)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        assert bool(get(account)) is done

    def test_as_often_as_planned(self, account: Account, table: str) -> None:
        fault(account, "PutItem", "throttle", 2)
        for _ in range(2):
            with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
                put(account)
        put(account)

    def test_accounts_do_not_share_plans(self, account: Account, table: str) -> None:
        other = Account(account.emulator, "299999999999")
        fault(other, "PutItem", "throttle")
        put(account)
        other.ask("DELETE", "")


class TestReach:
    """Every service the product calls can be made to fail."""

    CALLS: ClassVar[dict[str, tuple[str, Callable[[Account], Any]]]] = {
        "s3": ("PutObject", lambda a: a.client("s3").put_object(Bucket="b", Key="k", Body=b"x")),
        "s3-head": ("HeadObject", lambda a: a.client("s3").head_object(Bucket="b", Key="k")),
        "s3-list": ("ListObjectsV2", lambda a: a.client("s3").list_objects_v2(Bucket="b")),
        "sqs": (
            "SendMessage",
            lambda a: a.client("sqs").send_message(QueueUrl="q", MessageBody="m"),
        ),
        "comprehend": (
            "DetectSentiment",
            lambda a: a.client("comprehend").detect_sentiment(Text="good", LanguageCode="en"),
        ),
        "secretsmanager": (
            "GetSecretValue",
            lambda a: a.client("secretsmanager").get_secret_value(SecretId="s"),
        ),
        "ses": (
            "SendEmail",
            lambda a: a.client("sesv2").send_email(
                FromEmailAddress="a@corp.example",
                Destination={"ToAddresses": ["b@x.example"]},
                Content={"Raw": {"Data": b"From: a@corp.example\r\n\r\nx"}},
            ),
        ),
        "suppression": (
            "GetSuppressedDestination",
            lambda a: a.client("sesv2").get_suppressed_destination(EmailAddress="b@x.example"),
        ),
        "connect": (
            "StartTaskContact",
            lambda a: a.client("connect").start_task_contact(
                InstanceId="11111111-1111-1111-1111-111111111111", ContactFlowId="f", Name="n"
            ),
        ),
    }

    @pytest.mark.parametrize("service", CALLS)
    def test_no_answer(self, account: Account, service: str) -> None:
        operation, call = self.CALLS[service]
        fault(account, operation, "timeout-before")
        with pytest.raises(ConnectionClosedError):
            call(account)

    @pytest.mark.parametrize("service", CALLS)
    def test_throttled(self, account: Account, service: str) -> None:
        operation, call = self.CALLS[service]
        fault(account, operation, "throttle")
        with pytest.raises(ClientError) as error:
            call(account)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 429, 503)


class TestConditions:
    def test_a_write_without_one_passes(self, account: Account, table: str) -> None:
        fault(account, "PutItem", "condition-failed")
        put(account)
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            account.client("dynamodb").put_item(
                TableName="rows",
                Item={"pk": {"S": "2"}},
                ConditionExpression="attribute_not_exists(pk)",
            )
        assert [row["pk"]["S"] for row in account.rows("rows")] == ["k"]

    def test_a_transaction_says_which_part(self, account: Account, table: str) -> None:
        fault(account, "TransactWriteItems", "condition-failed")
        items = [
            {"Put": {"TableName": "rows", "Item": {"pk": {"S": "1"}}}},
            {
                "Put": {
                    "TableName": "rows",
                    "Item": {"pk": {"S": "2"}},
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            },
        ]
        dynamodb = account.client("dynamodb")
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as error:
            dynamodb.transact_write_items(TransactItems=items)
        codes = [reason["Code"] for reason in error.value.response["CancellationReasons"]]
        assert codes == ["None", "ConditionalCheckFailed"]
        assert account.rows("rows") == []
        dynamodb.transact_write_items(TransactItems=items)

    def test_an_object_that_is_there_already(self, account: Account) -> None:
        s3 = account.client("s3")
        s3.create_bucket(Bucket=f"b-{account.number}")
        fault(account, "PutObject", "condition-failed")
        s3.put_object(Bucket=f"b-{account.number}", Key="1", Body=b"x")
        with pytest.raises(ClientError) as error:
            s3.put_object(Bucket=f"b-{account.number}", Key="2", Body=b"x", IfNoneMatch="*")
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412


class TestStaleReads:
    def test_the_item_before_its_latest_write(self, account: Account, table: str) -> None:
        put(account, state="old")
        put(account, state="new")
        fault(account, "GetItem", "stale-read")
        assert (get(account) or {})["state"] == {"S": "old"}
        assert (get(account) or {})["state"] == {"S": "new"}

    def test_a_consistent_read_is_never_stale(self, account: Account, table: str) -> None:
        put(account)
        fault(account, "GetItem", "stale-read")
        assert get(account, consistent=True)
        assert get(account) is None
        assert get(account)

    def test_an_index_misses_what_is_new_and_has_what_is_gone(
        self, account: Account, table: str
    ) -> None:
        put(account, "a", todo="yes")
        put(account, "b", todo="yes")
        put(account, "a")
        fault(account, "Query", "stale-read")
        assert waiting(account) == ["a"]
        assert waiting(account) == ["b"]

    def test_deleted_rows_are_there_again(self, account: Account, table: str) -> None:
        put(account)
        account.client("dynamodb").delete_item(TableName="rows", Key={"pk": {"S": "k"}})
        fault(account, "GetItem", "stale-read")
        assert get(account)
        assert get(account) is None

    def test_transactions_lag_as_well(self, account: Account, table: str) -> None:
        change = {"Put": {"TableName": "rows", "Item": {"pk": {"S": "k"}}}}
        account.client("dynamodb").transact_write_items(TransactItems=[change])
        fault(account, "GetItem", "stale-read")
        assert get(account) is None

    def test_what_was_written_long_ago_is_seen(self, account: Account, table: str) -> None:
        put(account)
        account.advance(61)
        fault(account, "GetItem", "stale-read")
        assert get(account)

    def test_nothing_is_left_behind(self, account: Account, table: str) -> None:
        put(account)
        fault(account, "Scan", "stale-read")
        assert account.rows("rows") == []
        assert account.client("dynamodb").list_tables()["TableNames"] == ["rows"]


WORKER = """
import boto3, os
from botocore.config import Config
client = boto3.client("sqs", config=Config(retries={"total_max_attempts": 1}))
def handler(event, context):
    print("started", os.getpid())
    try:
        client.send_message(QueueUrl=os.environ["QUEUE"], MessageBody="work")
    except Exception as error:
        print("saw", type(error).__name__)
    print("went on")
    return os.getpid()
"""


class TestCrashes:
    @pytest.fixture
    def function(self, account: Account) -> str:
        template = function_template(WORKER)
        resources = template["Resources"]
        resources["Queue"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "work"}}
        statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
        resources["Role"]["Properties"]["Policies"] = [
            {
                "PolicyName": "p",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            }
        ]
        resources["Function"]["Properties"]["Environment"] = {
            "Variables": {"QUEUE": {"Ref": "Queue"}}
        }
        stack = create_stack(account.emulator, account.number, "s", template)
        return str(stack.resources["Function"])

    def invoke(self, account: Account, function: str) -> tuple[bool, Any]:
        answer = account.client("lambda").invoke(FunctionName=function)
        return "FunctionError" in answer, json.loads(answer["Payload"].read())

    def depth(self, account: Account) -> int:
        return int(account.get("queues")["work"]["visible"])

    @pytest.mark.parametrize(("kind", "done"), [("crash-before", 0), ("crash-after", 1)])
    def test_the_worker_ends_there(
        self, account: Account, function: str, kind: str, done: int
    ) -> None:
        failed, before = self.invoke(account, function)
        assert not failed
        fault(account, "SendMessage", kind)
        failed, error = self.invoke(account, function)
        assert failed
        assert "exited" in error["errorMessage"]
        assert self.depth(account) == 1 + done
        log = "\n".join(account.get("logs").values())
        assert (log.count("started"), log.count("went on"), log.count("saw")) == (2, 1, 0)
        failed, after = self.invoke(account, function)
        assert not failed
        assert after != before

    def test_a_timeout_is_seen_by_the_code(self, account: Account, function: str) -> None:
        fault(account, "SendMessage", "timeout-after")
        failed, _pid = self.invoke(account, function)
        assert not failed
        assert "saw ConnectionClosedError" in "\n".join(account.get("logs").values())
        assert self.depth(account) == 1
