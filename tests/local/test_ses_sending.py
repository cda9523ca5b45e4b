"""SES sending as emulated: bytes, refusals, delivered copy, events, rights."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deploy import create_stack
from local.world import ses_out
from local.world.headers import header_list, parsed_headers
from tests.local.conftest import Account

RAW = (
    b"From: Help <help@corp.example>\r\nTo: ann@customer.example\r\nSubject: Re: x\r\n"
    b"Message-ID: <ours@corp.example>\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\n"
    b"Bcc: secret@corp.example,\r\n other@corp.example\r\n"
    b"X-SES-CONFIGURATION-SET: set\r\nX-SES-MESSAGE-TAGS: a=1, b=2\r\n"
    b"References: <case.1@corp.example> <2@customer.example>\r\n"
    b"In-Reply-To: <2@customer.example>\r\n"
    b"X-Mine: kept\r\n\r\nDate: in the body\r\nBcc: in the body\r\n"
)


def delivered(region: str = "us-east-1") -> bytes:
    return ses_out.delivered(RAW, "0100-id", region, 1_700_000_000.0)


class TestDeliveredCopy:
    def test_message_id_and_date_are_of_ses(self) -> None:
        mail = parsed_headers(delivered())
        assert mail.get_all("Message-ID") == ["<0100-id@email.amazonses.com>"]
        assert mail.get_all("Date") == ["Tue, 14 Nov 2023 22:13:20 +0000"]

    def test_message_id_names_the_region_outside_virginia(self) -> None:
        mail = parsed_headers(delivered("eu-west-1"))
        assert mail["Message-ID"] == "<0100-id@eu-west-1.amazonses.com>"

    def test_bcc_and_options_are_gone(self) -> None:
        mail = parsed_headers(delivered())
        assert not {"Bcc", "X-SES-CONFIGURATION-SET", "X-SES-MESSAGE-TAGS"} & set(mail.keys())
        assert b"secret@" not in delivered()
        assert b"other@" not in delivered()

    def test_the_rest_is_as_given(self) -> None:
        mail = parsed_headers(delivered())
        assert mail["References"] == "<case.1@corp.example> <2@customer.example>"
        assert mail["In-Reply-To"] == "<2@customer.example>"
        assert mail["X-Mine"] == "kept"
        assert delivered().endswith(b"\r\n\r\nDate: in the body\r\nBcc: in the body\r\n")

    def test_bare_line_feeds_stay(self) -> None:
        out = ses_out.delivered(b"From: a@b.example\nDate: x\n\nbody\n", "i", "us-east-1", 0.0)
        assert out.endswith(b"From: a@b.example\n\nbody\n")


def test_header_list_is_cut_at_ten_kilobytes() -> None:
    raw = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 990) for number in range(20)) + b"\r\n"
    headers, truncated = header_list(raw)
    assert truncated
    assert len(headers) == 10


def mail(account: Account, raw: bytes = RAW, **more: Any) -> str:
    request = {
        "FromEmailAddress": "help@corp.example",
        "Destination": {"ToAddresses": ["ann@customer.example"]},
        "Content": {"Raw": {"Data": raw.replace(b"X-SES-CONFIGURATION-SET: set\r\n", b"")}},
        **more,
    }
    return str(account.client("sesv2").send_email(**request)["MessageId"])


def simple(size: int = 10, header: str = "", to: str = "ann@customer.example") -> bytes:
    lines = b"0123456789" * 7 + b"\r\n"
    body = lines * (size // len(lines) + 1)
    return f"From: help@corp.example\r\nTo: {to}\r\n{header}\r\n".encode() + body


@pytest.fixture
def sender(account: Account) -> Account:
    account.client("sesv2").create_email_identity(EmailIdentity="corp.example")
    return account


class TestAccepting:
    def test_bytes_are_kept_as_given(self, sender: Account) -> None:
        message_id = mail(sender, simple())
        (sent,) = sender.get("sent")
        assert sent["message_id"] == message_id
        assert base64.b64decode(sent["raw"]) == simple()
        assert sent["recipients"] == ["ann@customer.example"]
        assert message_id.startswith("0100")
        assert message_id.endswith("-000000")

    def test_a_domain_covers_its_subdomains(self, sender: Account) -> None:
        mail(sender, simple(), FromEmailAddress="x@eu.corp.example")
        assert sender.get("sent")[0]["sender"] == "x@eu.corp.example"

    def test_without_destination_the_headers_decide(self, sender: Account) -> None:
        raw = simple(header="Cc: b@x.example\r\nBcc: c@x.example\r\n", to="A <a@x.example>")
        mail(sender, raw, Destination={})
        recipients = sender.get("sent")[0]["recipients"]
        assert recipients == ["a@x.example", "b@x.example", "c@x.example"]

    def test_large_mail(self, sender: Account) -> None:
        mail(sender, simple(9_000_000))
        assert len(base64.b64decode(sender.get("sent")[0]["raw"])) > 9_000_000

    @pytest.mark.parametrize(
        ("code", "request_", "message"),
        [
            ("MessageRejected", {"FromEmailAddress": "x@other.example"}, "not verified"),
            ("NotFoundException", {"ConfigurationSetName": "none"}, "does not exist"),
            (
                "BadRequestException",
                {"Destination": {"ToAddresses": [f"a{n}@x.example" for n in range(51)]}},
                "Recipient count exceeds 50",
            ),
            (
                "BadRequestException",
                {"Destination": {"ToAddresses": ["jörg@x.example"]}},
                "non-ASCII",
            ),
            ("BadRequestException", {"raw": simple(header="X: " + "a" * 998)}, "Line exceeds"),
            ("BadRequestException", {"raw": simple(31_500_000)}, "Message length is more than"),
            ("BadRequestException", {"raw": b"To: a@x.example\r\n\r\nx"}, "header 'From'"),
            (
                "BadRequestException",
                {"raw": simple(header="To: b@x.example\r\n")},
                "Duplicate header 'To'",
            ),
        ],
    )
    def test_refusals(
        self, sender: Account, code: str, request_: dict[str, Any], message: str
    ) -> None:
        raw = request_.pop("raw", simple())
        with pytest.raises(ClientError) as error:
            mail(sender, raw, **request_)
        assert error.value.response["Error"]["Code"] == code
        assert message in error.value.response["Error"]["Message"]
        assert sender.get("sent") == []

    def test_a_line_of_998_characters_is_the_longest(self, sender: Account) -> None:
        mail(sender, simple(header="X: " + "a" * 995 + "\r\n"))
        with pytest.raises(ClientError, match="Line exceeds"):
            mail(sender, simple(header="X: " + "a" * 996 + "\r\n"))


@pytest.fixture
def tracked(sender: Account) -> Account:
    """An account whose configuration set `set` publishes everything to queue `events`."""
    every = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "DELIVERY_DELAY"]
    topic = sender.client("sns").create_topic(Name="events")["TopicArn"]
    queue = sender.client("sqs").create_queue(QueueName="events")["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{sender.number}:events"
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
    sender.client("sqs").set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps(allow)}
    )
    sender.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    ses = sender.client("sesv2")
    ses.create_configuration_set(ConfigurationSetName="set")
    ses.create_configuration_set_event_destination(
        ConfigurationSetName="set",
        EventDestinationName="all",
        EventDestination={
            "Enabled": True,
            "MatchingEventTypes": every,
            "SnsDestination": {"TopicArn": topic},
        },
    )
    return sender


def events(account: Account) -> list[dict[str, Any]]:
    account.settle()
    sqs, found = account.client("sqs"), []
    url = sqs.get_queue_url(QueueName="events")["QueueUrl"]
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def send_to(account: Account, address: str, raw: bytes | None = None) -> str:
    return mail(
        account,
        raw or simple(),
        Destination={"ToAddresses": [address]},
        ConfigurationSetName="set",
        EmailTags=[{"Name": "outbox", "Value": "o-1"}],
    )


class TestEvents:
    @pytest.mark.parametrize(
        ("address", "kinds"),
        [
            ("ann@x.example", ["Send", "Delivery"]),
            ("bounce@x.example", ["Send", "Bounce"]),
            ("complaint@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]),
            ("delayed@x.example", ["Send", "DeliveryDelay", "Delivery"]),
        ],
    )
    def test_the_local_part_decides(self, tracked: Account, address: str, kinds: list[str]) -> None:
        send_to(tracked, address)
        assert [event["eventType"] for event in events(tracked)] == kinds

    def test_the_event_names_the_mail(self, tracked: Account) -> None:
        message_id = send_to(tracked, "ann@x.example")
        sent, delivery = events(tracked)
        assert sent["send"] == {}
        assert sent["mail"]["messageId"] == message_id
        assert sent["mail"]["destination"] == ["ann@x.example"]
        assert sent["mail"]["tags"]["outbox"] == ["o-1"]
        assert sent["mail"]["tags"]["ses:configuration-set"] == ["set"]
        assert sent["mail"]["commonHeaders"]["from"] == ["help@corp.example"]
        assert {"name": "To", "value": "ann@customer.example"} in sent["mail"]["headers"]
        assert delivery["delivery"]["recipients"] == ["ann@x.example"]

    def test_bounce_kinds(self, tracked: Account) -> None:
        for local in ("bounce", "mailboxfull", "suppressed"):
            send_to(tracked, f"{local}@x.example")
        kinds = {
            (e["bounce"]["bounceType"], e["bounce"]["bounceSubType"])
            for e in events(tracked)
            if e["eventType"] == "Bounce"
        }
        assert kinds == {
            ("Permanent", "General"),
            ("Transient", "MailboxFull"),
            ("Permanent", "OnAccountSuppressionList"),
        }

    def test_a_virus_is_rejected(self, tracked: Account) -> None:
        send_to(tracked, "ann@x.example", simple() + ses_virus())
        assert [event["eventType"] for event in events(tracked)] == ["Send", "Reject"]

    def test_manual_mode_waits_for_the_test(self, tracked: Account) -> None:
        tracked.ask("PUT", "ses_events", {"mode": "manual"})
        message_id = send_to(tracked, "ann@x.example")
        assert events(tracked) == []
        tracked.ask("POST", "emit", {"message_id": message_id, "type": "Complaint"})
        (event,) = events(tracked)
        assert event["complaint"]["complainedRecipients"] == [{"emailAddress": "ann@x.example"}]
        status, answer = tracked.ask("POST", "emit", {"event": event})
        assert (status, answer) == (200, {"delivered": 1})
        assert events(tracked) == [event]

    def test_an_unwanted_type_is_not_published(self, tracked: Account) -> None:
        event = {"eventType": "Open", "mail": {"tags": {"ses:configuration-set": ["set"]}}}
        assert tracked.ask("POST", "emit", {"event": event}) == (200, {"delivered": 0})

    def test_the_topic_must_let_ses_publish(self, tracked: Account) -> None:
        sns = tracked.client("sns")
        arn = f"arn:aws:sns:us-east-1:{tracked.number}:events"
        nobody = {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": tracked.number},
                    "Action": "sns:Publish",
                    "Resource": arn,
                }
            ]
        }
        sns.set_topic_attributes(
            TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(nobody)
        )
        send_to(tracked, "ann@x.example")
        assert events(tracked) == []


def ses_virus() -> bytes:
    return rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


SENDER = """
import boto3
def handler(event, context):
    return boto3.client('sesv2').send_email(**event)['MessageId']
"""


class TestRights:
    def role(self, resources: list[str], condition: dict | None = None) -> dict[str, Any]:
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": "ses:SendRawEmail",
            "Resource": [
                {"Fn::Sub": "arn:aws:ses:us-east-1:${AWS::AccountId}:" + r} for r in resources
            ],
        }
        if condition:
            statement["Condition"] = condition
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        role = {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": trust,
                "Policies": [{"PolicyName": "send", "PolicyDocument": policy}],
            },
        }
        function = {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": SENDER},
                "Timeout": 10,
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            },
        }
        return {"Resources": {"Role": role, "Function": function}}

    def send(self, account: Account, template: dict[str, Any], **more: Any) -> Any:
        stack = create_stack(account.emulator, account.number, "rights", template)
        request = {
            "FromEmailAddress": "help@corp.example",
            "Destination": {"ToAddresses": ["ann@x.example"]},
            "Content": {"Raw": {"Data": simple().decode()}},
            **more,
        }
        response = account.client("lambda").invoke(
            FunctionName=stack.resources["Function"], Payload=json.dumps(request)
        )
        return json.loads(response["Payload"].read())

    def test_identity_and_configuration_set_are_both_checked(self, tracked: Account) -> None:
        template = self.role(["identity/corp.example"])
        answer = self.send(tracked, template, ConfigurationSetName="set")
        assert "AccessDeniedException" in answer["errorMessage"]
        (denial,) = tracked.denials()
        assert denial["resource"].endswith("configuration-set/set")

    def test_the_sender_condition(self, sender: Account) -> None:
        only = {"StringEquals": {"ses:FromAddress": "noreply@corp.example"}}
        answer = self.send(sender, self.role(["identity/*"], only))
        assert "AccessDeniedException" in answer["errorMessage"]

    def test_allowed(self, sender: Account) -> None:
        only = {"StringEquals": {"ses:FromAddress": "help@corp.example"}}
        assert isinstance(self.send(sender, self.role(["identity/corp.example"], only)), str)
        (call,) = [c for c in sender.get("iam") if c["action"].startswith("ses:")]
        assert call["allowed"]
        assert call["context"]["ses:fromaddress"] == "help@corp.example"
        assert sender.get("sent")[0]["caller"].startswith("rights-Role")


class TestSuppression:
    def bounces(self, account: Account) -> list[str]:
        found = [e["bounce"] for e in events(account) if e["eventType"] == "Bounce"]
        return [bounce["bounceSubType"] for bounce in found]

    @pytest.mark.parametrize(
        ("address", "reason"),
        [("bounce@x.example", "BOUNCE"), ("complaint@x.example", "COMPLAINT")],
    )
    def test_the_list_learns(self, tracked: Account, address: str, reason: str) -> None:
        message_id = send_to(tracked, address)
        tracked.settle()
        ses = tracked.client("sesv2")
        found = ses.get_suppressed_destination(EmailAddress=address)["SuppressedDestination"]
        assert (found["EmailAddress"], found["Reason"]) == (address, reason)
        assert found["Attributes"]["MessageId"] == message_id

    def test_a_suppressed_address_is_not_tried(self, tracked: Account) -> None:
        ses = tracked.client("sesv2")
        ses.put_suppressed_destination(EmailAddress="ann@x.example", Reason="COMPLAINT")
        send_to(tracked, "Ann@x.example")
        sent, bounce = events(tracked)
        assert sent["eventType"] == "Send"
        assert bounce["bounce"]["bounceType"] == "Permanent"
        assert bounce["bounce"]["bounceSubType"] == "OnAccountSuppressionList"
        assert len(tracked.get("sent")) == 1
        ses.delete_suppressed_destination(EmailAddress="ann@x.example")
        send_to(tracked, "ann@x.example")
        assert [event["eventType"] for event in events(tracked)] == ["Send", "Delivery"]

    def test_the_second_bounce_is_the_lists(self, tracked: Account) -> None:
        send_to(tracked, "bounce@x.example")
        assert self.bounces(tracked) == ["General"]
        send_to(tracked, "bounce@x.example")
        assert self.bounces(tracked) == ["OnAccountSuppressionList"]

    def test_an_emitted_bounce_counts(self, tracked: Account) -> None:
        message_id = send_to(tracked, "ann@x.example")
        tracked.ask("POST", "emit", {"message_id": message_id, "type": "Complaint"})
        listed = tracked.client("sesv2").list_suppressed_destinations()
        (entry,) = listed["SuppressedDestinationSummaries"]
        assert (entry["EmailAddress"], entry["Reason"]) == ("ann@x.example", "COMPLAINT")

    @pytest.mark.parametrize("address", ["mailboxfull@x.example", "bounce@simulator.amazonses.com"])
    def test_soft_bounces_and_the_simulator_do_not(self, tracked: Account, address: str) -> None:
        send_to(tracked, address)
        send_to(tracked, address)
        assert "OnAccountSuppressionList" not in self.bounces(tracked)

    def test_what_the_list_is_for_is_the_accounts_choice(self, tracked: Account) -> None:
        ses = tracked.client("sesv2")
        assert set(ses.get_account()["SuppressionAttributes"]["SuppressedReasons"]) == {
            "BOUNCE",
            "COMPLAINT",
        }
        ses.put_account_suppression_attributes(SuppressedReasons=["COMPLAINT"])
        send_to(tracked, "bounce@x.example")
        send_to(tracked, "bounce@x.example")
        assert self.bounces(tracked) == ["General", "General"]
        ses.put_configuration_set_suppression_options(
            ConfigurationSetName="set", SuppressedReasons=["BOUNCE"]
        )
        send_to(tracked, "bounce@x.example")
        send_to(tracked, "bounce@x.example")
        assert self.bounces(tracked) == ["General", "OnAccountSuppressionList"]

    def test_lists_are_paged_and_filtered(self, sender: Account) -> None:
        ses = sender.client("sesv2")
        for number in range(5):
            reason = "BOUNCE" if number % 2 else "COMPLAINT"
            ses.put_suppressed_destination(EmailAddress=f"a{number}@x.example", Reason=reason)
        first = ses.list_suppressed_destinations(PageSize=3)
        rest = ses.list_suppressed_destinations(PageSize=3, NextToken=first["NextToken"])
        assert "NextToken" not in rest
        pages = (first, rest)
        found = [
            e["EmailAddress"] for page in pages for e in page["SuppressedDestinationSummaries"]
        ]
        assert sorted(found) == [f"a{number}@x.example" for number in range(5)]
        bounced = ses.list_suppressed_destinations(Reasons=["BOUNCE"])
        assert len(bounced["SuppressedDestinationSummaries"]) == 2
        now = datetime.now(UTC)
        later = ses.list_suppressed_destinations(StartDate=now + timedelta(minutes=1))
        assert later["SuppressedDestinationSummaries"] == []
        until = ses.list_suppressed_destinations(EndDate=now + timedelta(minutes=1))
        assert len(until["SuppressedDestinationSummaries"]) == 5

    def test_an_address_that_is_not_there(self, sender: Account) -> None:
        ses = sender.client("sesv2")
        for call in (ses.get_suppressed_destination, ses.delete_suppressed_destination):
            with pytest.raises(ses.exceptions.NotFoundException):
                call(EmailAddress="nobody@x.example")

    @pytest.mark.parametrize("may", [True, False])
    def test_a_role_needs_the_right(self, sender: Account, may: bool) -> None:
        action = "ses:GetSuppressedDestination" if may else "ses:SendEmail"
        client = as_role(sender, "sesv2", [action])
        expected = "NotFoundException" if may else "AccessDenied"
        with pytest.raises(ClientError) as error:
            client.get_suppressed_destination(EmailAddress="nobody@x.example")
        assert error.value.response["Error"]["Code"].startswith(expected)


def as_role(account: Account, service: str, actions: list[str], resource: str = "*") -> Any:
    """A client of a service with the rights of a role that has these only."""
    principal = {"AWS": f"arn:aws:iam::{account.number}:root"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    may = {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}
    iam = account.client("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=json.dumps(may))
    session = account.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")
    keys = session["Credentials"]
    credentials = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    return account.emulator.client_for(service, "us-east-1", credentials)


class TestStanding:
    def test_an_account_in_order(self, sender: Account) -> None:
        mail(sender, simple())
        found = sender.client("sesv2").get_account()
        assert found["ProductionAccessEnabled"]
        assert found["SendingEnabled"]
        assert found["SendQuota"]["SentLast24Hours"] == 1.0

    def test_the_sandbox(self, sender: Account) -> None:
        assert sender.ask("PUT", "ses_account", {"production": False})[0] == 200
        found = sender.client("sesv2").get_account()
        assert not found["ProductionAccessEnabled"]
        assert found["SendQuota"]["Max24HourSend"] == 200.0
        with pytest.raises(ClientError, match="not verified"):
            mail(sender, simple())

    def test_sending_can_be_paused(self, sender: Account) -> None:
        sender.ask("PUT", "ses_account", {"sending": False})
        assert not sender.client("sesv2").get_account()["SendingEnabled"]
        with pytest.raises(ClientError) as error:
            mail(sender, simple())
        assert error.value.response["Error"]["Code"] == "SendingPausedException"

    def test_an_identity_in_order(self, sender: Account) -> None:
        found = sender.client("sesv2").get_email_identity(EmailIdentity="corp.example")
        assert found["VerifiedForSendingStatus"]
        assert found["VerificationStatus"] == "SUCCESS"
        assert found["DkimAttributes"]["Status"] == "SUCCESS"
        assert len(found["DkimAttributes"]["Tokens"]) == 3
        assert found["FeedbackForwardingStatus"]
        assert "MailFromDomain" not in found["MailFromAttributes"]

    def test_an_identity_that_is_broken(self, sender: Account) -> None:
        broken = {"dkim": "FAILED", "verified": False, "mail_from": "m.corp.example"}
        sender.ask("PUT", "ses_account", {**broken, "mail_from_status": "FAILED"})
        found = sender.client("sesv2").get_email_identity(EmailIdentity="corp.example")
        assert found["DkimAttributes"]["Status"] == "FAILED"
        assert not found["VerifiedForSendingStatus"]
        assert found["MailFromAttributes"]["MailFromDomain"] == "m.corp.example"
        assert found["MailFromAttributes"]["MailFromDomainStatus"] == "FAILED"
        with pytest.raises(ClientError, match="not verified"):
            mail(sender, simple())

    def test_misspelt_changes_are_refused(self, sender: Account) -> None:
        status, answer = sender.ask("PUT", "ses_account", {"sandbox": True})
        assert status == 500
        assert "production" in answer["message"]

    def test_event_destinations_can_be_read(self, tracked: Account) -> None:
        found = tracked.client("sesv2").get_configuration_set_event_destinations(
            ConfigurationSetName="set"
        )
        (destination,) = found["EventDestinations"]
        assert destination["Enabled"]
        assert "BOUNCE" in destination["MatchingEventTypes"]
