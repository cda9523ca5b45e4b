"""SES receiving as emulated: which rule takes a mail, what is stored and reported, SMTP."""

import base64
import json
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import DeploymentFailed, create_stack
from local.smtp import Inbox
from local.world.receipt import GTUBE, Arrival, Verdicts, matches, received
from tests.local.conftest import Account

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
MAIL = (
    b"From: =?utf-8?q?J=C3=B6rg?= <joerg@customer.example>\r\nTo: help@corp.example\r\n"
    b"Cc: boss@customer.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <1@customer.example>\r\n\r\nHi\r\n"
)


@pytest.mark.parametrize(
    ("condition", "address", "taken"),
    [
        ("help@corp.example", "help@corp.example", True),
        ("help@corp.example", "HELP@Corp.Example", True),
        ("help@corp.example", "help+case123@corp.example", True),
        ("help@corp.example", "helper@corp.example", False),
        ("help+a@corp.example", "help+a@corp.example", True),
        ("help+a@corp.example", "help+b@corp.example", False),
        ("help+a@corp.example", "help@corp.example", False),
        ("corp.example", "any@corp.example", True),
        ("corp.example", "any@eu.corp.example", False),
        (".corp.example", "any@eu.corp.example", True),
        (".corp.example", "any@corp.example", False),
    ],
)
def test_recipient_conditions(condition: str, address: str, taken: bool) -> None:
    assert matches(condition, address) is taken


class TestStoredBytes:
    def stored(self, verdicts: Verdicts | None = None, mail_from: str = "a@x.example") -> bytes:
        arrival = Arrival(MAIL, mail_from, ("help@corp.example",), verdicts or Verdicts(), "id", 0)
        return received(arrival, "us-east-1", "help@corp.example")

    def test_the_mail_follows_unchanged(self) -> None:
        assert self.stored().endswith(b"\r\n" + MAIL)

    def test_the_order_of_the_headers(self) -> None:
        lines = self.stored().removesuffix(MAIL).split(b"\r\n")
        names = [line.split(b":")[0] for line in lines if line and line[:1] not in b" \t"]
        assert names == [
            b"Return-Path",
            b"Received",
            b"X-SES-Spam-Verdict",
            b"X-SES-Virus-Verdict",
            b"Received-SPF",
            b"Authentication-Results",
            b"X-SES-RECEIPT",
            b"X-SES-DKIM-SIGNATURE",
        ]

    def test_without_a_scan_there_are_no_scan_headers(self) -> None:
        assert b"Verdict" not in self.stored(Verdicts(spam="DISABLED", virus="DISABLED"))

    def test_the_senders_text_is_echoed(self) -> None:
        # What a careless reader of Authentication-Results trips over.
        stored = self.stored(Verdicts(dmarc="FAIL"), '"; dmarc=pass;"@x.example')
        assert stored.index(b"dmarc=pass") < stored.index(b"dmarc=fail")


def rule(bucket: str, name: str, *recipients: str, **more: Any) -> dict[str, Any]:
    prefix = more.pop("prefix", f"{name}/")
    actions = [{"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": prefix, **more}}]
    return {
        "Name": name,
        "Enabled": True,
        "ScanEnabled": True,
        "Recipients": list(recipients),
        "Actions": actions,
    }


@pytest.fixture
def inbox(account: Account) -> Account:
    """An account with bucket `mail-<account>` that SES may write to and an active rule set."""
    bucket = f"mail-{account.number}"
    account.client("s3").create_bucket(Bucket=bucket)
    allow = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ses.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"StringEquals": {"AWS:SourceAccount": account.number}},
            }
        ]
    }
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(allow))
    ses = account.client("ses")
    ses.create_receipt_rule_set(RuleSetName="rules")
    ses.set_active_receipt_rule_set(RuleSetName="rules")
    return account


def add(account: Account, name: str, *recipients: str, after: str = "", **more: Any) -> None:
    place = {"After": after} if after else {}
    account.client("ses").create_receipt_rule(
        RuleSetName="rules", Rule=rule(f"mail-{account.number}", name, *recipients, **more), **place
    )


def objects(account: Account) -> list[str]:
    found = account.client("s3").list_objects_v2(Bucket=f"mail-{account.number}")
    keys = [entry["Key"] for entry in found.get("Contents", [])]
    return [key for key in keys if not key.endswith("AMAZON_SES_SETUP_NOTIFICATION")]


class TestRules:
    def test_one_object_per_rule(self, inbox: Account) -> None:
        add(inbox, "b", "corp.example")
        add(inbox, "a", "help@corp.example")
        status, answer = inbox.deliver(to="help@corp.example")
        assert status == 200
        assert answer["ses_ids"] == {"a": answer["message_id"], "b": answer["message_id"]}
        assert sorted(objects(inbox)) == [f"{name}/{answer['message_id']}" for name in "ab"]

    def test_stop_ends_it_for_the_recipients_that_matched(self, inbox: Account) -> None:
        add(inbox, "all", "corp.example")
        stopping = rule(f"mail-{inbox.number}", "first", "help@corp.example")
        stopping["Actions"].append({"StopAction": {"Scope": "RuleSet"}})
        inbox.client("ses").create_receipt_rule(RuleSetName="rules", Rule=stopping)
        assert set(inbox.deliver(to="help@corp.example")[1]["ses_ids"]) == {"first"}
        assert set(inbox.deliver(to="info@corp.example")[1]["ses_ids"]) == {"all"}
        both = ["help@corp.example", "info@corp.example"]
        answer = inbox.deliver(rcpt_to=both)[1]
        assert set(answer["ses_ids"]) == {"first", "all"}

    def test_nobody_takes_it(self, inbox: Account) -> None:
        add(inbox, "a", "help@corp.example")
        status, answer = inbox.deliver(to="x@elsewhere.example")
        assert status == 550
        assert answer["message"].startswith("550 5.1.1")

    def test_a_disabled_rule_and_an_inactive_set_take_nothing(self, inbox: Account) -> None:
        off = {**rule(f"mail-{inbox.number}", "off", "corp.example"), "Enabled": False}
        inbox.client("ses").create_receipt_rule(RuleSetName="rules", Rule=off)
        assert inbox.deliver()[0] == 550
        add(inbox, "on", "corp.example")
        assert inbox.deliver()[0] == 200
        inbox.client("ses").set_active_receipt_rule_set()
        assert inbox.deliver()[0] == 550

    def test_order_by_after_and_position(self, inbox: Account) -> None:
        add(inbox, "one")
        add(inbox, "three", after="one")
        add(inbox, "two", after="one")
        assert names(inbox) == ["one", "two", "three"]
        ses = inbox.client("ses")
        ses.set_receipt_rule_position(RuleSetName="rules", RuleName="one", After="three")
        assert names(inbox) == ["two", "three", "one"]
        ses.set_receipt_rule_position(RuleSetName="rules", RuleName="one")
        assert names(inbox) == ["one", "two", "three"]

    def test_update_keeps_the_place(self, inbox: Account) -> None:
        add(inbox, "one", "corp.example")
        add(inbox, "two", "corp.example", after="one")
        changed = rule(f"mail-{inbox.number}", "one", "other.example")
        inbox.client("ses").update_receipt_rule(RuleSetName="rules", Rule=changed)
        assert names(inbox) == ["one", "two"]
        assert set(inbox.deliver()[1]["ses_ids"]) == {"two"}

    def test_updating_what_is_not_there(self, inbox: Account) -> None:
        nothing = rule(f"mail-{inbox.number}", "none", "corp.example")
        with pytest.raises(ClientError) as error:
            inbox.client("ses").update_receipt_rule(RuleSetName="rules", Rule=nothing)
        assert error.value.response["Error"]["Code"] == "RuleDoesNotExist"

    def test_an_active_set_cannot_be_deleted(self, inbox: Account) -> None:
        with pytest.raises(ClientError, match="Cannot delete active rule set"):
            inbox.client("ses").delete_receipt_rule_set(RuleSetName="rules")

    def test_the_bucket_must_let_ses_write(self, inbox: Account) -> None:
        inbox.client("s3").delete_bucket_policy(Bucket=f"mail-{inbox.number}")
        with pytest.raises(ClientError, match="Could not write to bucket") as error:
            add(inbox, "a")
        assert error.value.response["Error"]["Code"] == "InvalidS3Configuration"

    def test_a_policy_lost_later_loses_the_mail(self, inbox: Account) -> None:
        add(inbox, "a")
        inbox.client("s3").delete_bucket_policy(Bucket=f"mail-{inbox.number}")
        assert inbox.deliver()[0] == 200
        assert objects(inbox) == []


def names(account: Account) -> list[str]:
    described = account.client("ses").describe_active_receipt_rule_set()
    return [found["Name"] for found in described["Rules"]]


@pytest.fixture
def reported(inbox: Account) -> Account:
    """`inbox` with a rule for corp.example that reports to queue `reports`."""
    topic = inbox.client("sns").create_topic(Name="reports")["TopicArn"]
    arn = f"arn:aws:sqs:us-east-1:{inbox.number}:reports"
    allow = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ]
    }
    sqs = inbox.client("sqs")
    sqs.create_queue(QueueName="reports", Attributes={"Policy": json.dumps(allow)})
    inbox.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    add(inbox, "a", "corp.example", TopicArn=topic)
    assert report(inbox) == "Successfully validated SNS topic for Amazon SES notification."
    return inbox


def report(account: Account) -> Any:
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName="reports")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    body = message["Body"]
    return json.loads(body) if body.startswith("{") else body


class TestNotification:
    def test_its_shape(self, reported: Account) -> None:
        to = ["help+abc@corp.example", "info@corp.example"]
        _status, answer = reported.deliver(raw=MAIL, rcpt_to=to)
        found = report(reported)
        assert found["notificationType"] == "Received"
        assert found["mail"]["source"] == "ann@customer.example"
        assert found["mail"]["messageId"] == answer["message_id"]
        assert found["mail"]["destination"] == ["help@corp.example", "boss@customer.example"]
        assert found["mail"]["commonHeaders"] == {
            "returnPath": "ann@customer.example",
            "from": ["Jörg <joerg@customer.example>"],
            "to": ["help@corp.example"],
            "cc": ["boss@customer.example"],
            "messageId": "<1@customer.example>",
            "subject": "Grüße",
        }
        assert found["receipt"]["recipients"] == to
        assert found["receipt"]["dmarcVerdict"] == {"status": "PASS"}
        assert "dmarcPolicy" not in found["receipt"]
        action = found["receipt"]["action"]
        assert action["type"] == "S3"
        assert action["objectKey"] == f"a/{answer['message_id']}"
        body = reported.client("s3").get_object(
            Bucket=action["bucketName"], Key=action["objectKey"]
        )["Body"]
        assert body.read().endswith(MAIL)

    def test_verdicts_come_from_the_caller(self, reported: Account) -> None:
        verdicts = {"spf": "FAIL", "dkim": "GRAY", "dmarc": "FAIL", "dmarcPolicy": "reject"}
        reported.deliver(verdicts=verdicts)
        receipt = report(reported)["receipt"]
        assert receipt["spfVerdict"] == {"status": "FAIL"}
        assert receipt["dkimVerdict"] == {"status": "GRAY"}
        assert receipt["dmarcPolicy"] == "reject"

    @pytest.mark.parametrize(("content", "found"), [(GTUBE, "spam"), (EICAR, "virus")])
    def test_the_standard_test_strings_fail(
        self, reported: Account, content: bytes, found: str
    ) -> None:
        reported.deliver(raw=MAIL + content)
        receipt = report(reported)["receipt"]
        failed = [n for n in ("spam", "virus") if receipt[f"{n}Verdict"]["status"] == "FAIL"]
        assert failed == [found]

    def test_long_headers_are_cut(self, reported: Account) -> None:
        many = b"".join(b"X-%d: %s\r\n" % (n, b"a" * 900) for n in range(15))
        reported.deliver(raw=many + MAIL)
        found = report(reported)["mail"]
        assert found["headersTruncated"]
        assert found["commonHeaders"]["subject"] == "Grüße"


class TestTemplate:
    def test_a_rule_needs_the_bucket_policy(self, account: Account) -> None:
        template = {
            "Resources": {
                "Bucket": {"Type": "AWS::S3::Bucket"},
                "Set": {"Type": "AWS::SES::ReceiptRuleSet"},
                "Rule": {
                    "Type": "AWS::SES::ReceiptRule",
                    "Properties": {
                        "RuleSetName": {"Ref": "Set"},
                        "Rule": {"Actions": [{"S3Action": {"BucketName": {"Ref": "Bucket"}}}]},
                    },
                },
            }
        }
        with pytest.raises(DeploymentFailed, match=r"Rule .*Could not write to bucket"):
            create_stack(account.emulator, account.number, "s", template)

    def test_rules_in_order(self, account: Account) -> None:
        rules = {
            name: {
                "Type": "AWS::SES::ReceiptRule",
                "Properties": {
                    "RuleSetName": {"Ref": "Set"},
                    "Rule": {"Name": name, "Enabled": True},
                    **({"After": {"Ref": after}} if after else {}),
                },
            }
            for name, after in (("one", ""), ("two", "one"))
        }
        template = {"Resources": {"Set": {"Type": "AWS::SES::ReceiptRuleSet"}, **rules}}
        stack = create_stack(account.emulator, account.number, "s", template)
        described = account.client("ses").describe_receipt_rule_set(
            RuleSetName=stack.resources["Set"]
        )
        assert [found["Name"] for found in described["Rules"]] == ["one", "two"]


class TestSmtp:
    @pytest.fixture
    def port(self, inbox: Account) -> Iterator[int]:
        add(inbox, "a", "corp.example")
        with Inbox(inbox.emulator.endpoint, inbox.number) as listening:
            yield listening.port

    def send(self, port: int, to: str, sender: str = "ann@customer.example") -> Any:
        with smtplib.SMTP("127.0.0.1", port) as client:
            return client.sendmail(sender, [to], MAIL)

    def test_it_arrives(self, inbox: Account, port: int) -> None:
        assert self.send(port, "help@corp.example") == {}
        (key,) = objects(inbox)
        body = inbox.client("s3").get_object(Bucket=f"mail-{inbox.number}", Key=key)["Body"].read()
        assert body.endswith(MAIL)
        assert b"dmarc=pass" in body

    def test_an_unknown_address_is_refused(self, port: int) -> None:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as error:
            self.send(port, "x@elsewhere.example")
        assert error.value.recipients["x@elsewhere.example"][0] == 550

    def test_a_forged_domain_fails_authentication(self, inbox: Account, port: int) -> None:
        self.send(port, "help@corp.example", "ceo@bank.forged.example")
        (key,) = objects(inbox)
        body = inbox.client("s3").get_object(Bucket=f"mail-{inbox.number}", Key=key)["Body"].read()
        assert b"dmarc=fail" in body


def test_control_takes_base64_only(inbox: Account) -> None:
    add(inbox, "a")
    raw = base64.b64encode(bytes(range(256))).decode()
    mail = {"raw": raw, "mail_from": "", "rcpt_to": ["help@corp.example"]}
    assert inbox.ask("POST", "deliver", mail)[0] == 200
    (key,) = objects(inbox)
    body = inbox.client("s3").get_object(Bucket=f"mail-{inbox.number}", Key=key)["Body"].read()
    assert body.endswith(bytes(range(256)))
