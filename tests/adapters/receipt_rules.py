"""An account of the emulator whose calls of SES are watched while our rules come and go."""

import base64
import json
import random
from dataclasses import dataclass, field

from botocore.config import Config

from emailchannel.aws.stack.request import Request
from emailchannel.aws.stack.rule_sets import RuleSets
from emailchannel.aws.stack.rules import reconcile
from local import testing

ADDRESSES = ("support@support.example.com", "relay@support.example.com")
STOP = [{"StopAction": {"Scope": "RuleSet"}}]
OURS = ["channel-inbound", "channel-relay"]


@dataclass
class Account:
    """An account whose SES calls are written down, with mails sent after each of them."""

    ground: "Ground"
    calls: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    pauses: list = field(default_factory=list)
    watched: tuple = ()

    def __post_init__(self):
        self.number, self.ses = self.ground.number, self.ground.client("ses")
        self.sets = RuleSets(self.ground.watching, self.pauses.append)

    def after(self, model, **_):
        self.calls.append(model.name)
        self.refused += [f"{to} after {model.name}" for to in self.watched if not self.takes(to)]

    def takes(self, address):
        """Whether a mail to the address is put into one of our folders."""
        letter = {
            "raw": base64.b64encode(b"Subject: x\r\n\r\nx\r\n").decode(),
            "mail_from": "ann@customer.example",
            "rcpt_to": [address],
        }
        reply = self.ground.world.control("POST", f"/_local/{self.number}/deliver", letter)
        return reply.status == 200 and any(
            self.ground.stored(f"{folder}/{reply.body['message_id']}")
            for folder in ("inbound", "relay")
        )

    def request(self, kind="Create", old=None, **changes):
        topic = f"arn:aws:sns:us-east-1:{self.number}"
        properties = {
            "RuleSetName": "channel-rules",
            "RuleNamePrefix": "channel",
            "Bucket": self.ground.bucket,
            "InboundTopic": f"{topic}:inbound",
            "RelayTopic": f"{topic}:relay",
            "InquiryAddress": "support@support.example.com",
            "Domain": "support.example.com",
            **changes,
        }
        return Request(kind, "ReceiptRules-1", properties, old or {})

    def create(self, **changes):
        return reconcile(self.sets, self.request(**changes))

    def update(self, before=None, **changes):
        """An update from the properties `before` (as changes, too); what it answers."""
        old = self.request(**(before or {})).properties
        self.calls.clear()
        return reconcile(self.sets, self.request("Update", old, **changes))

    def delete(self, **changes):
        return reconcile(self.sets, self.request("Delete", **changes))

    def rule_set(self, name, *rules, active=True):
        self.ses.create_receipt_rule_set(RuleSetName=name)
        for rule in reversed(rules):
            self.add(name, rule)
        if active:
            self.ses.set_active_receipt_rule_set(RuleSetName=name)

    def add(self, rule_set, rule, after=None):
        rule = rule if isinstance(rule, dict) else {"Name": rule}
        given = {"Enabled": True, "Recipients": ["other.example"], "Actions": [], **rule}
        place = {"After": after} if after else {}
        self.ses.create_receipt_rule(RuleSetName=rule_set, Rule=given, **place)

    def names(self, rule_set):
        rules = self.ses.describe_receipt_rule_set(RuleSetName=rule_set)["Rules"]
        return [rule["Name"] for rule in rules]

    def rule(self, name):
        rules = self.ses.describe_active_receipt_rule_set()["Rules"]
        return next(rule for rule in rules if rule["Name"] == name)

    @property
    def active(self):
        found = self.ses.describe_active_receipt_rule_set()
        return (found.get("Metadata") or {}).get("Name")

    @property
    def all_sets(self):
        return sorted(entry["Name"] for entry in self.ses.list_receipt_rule_sets()["RuleSets"])


class Ground:
    """What all tests stand on: a bucket and topics that SES may use."""

    def __init__(self):
        self.world, self.number = testing.emulator(), "".join(random.choices("123456789", k=12))
        self.bucket = f"mail-{self.number}"
        self.watching = self.world.client("ses", self.number, config=Config())
        self.client("s3").create_bucket(Bucket=self.bucket)
        policy = allow("s3:PutObject", f"arn:aws:s3:::{self.bucket}/*")
        self.client("s3").put_bucket_policy(Bucket=self.bucket, Policy=policy)
        for name in ("inbound", "relay"):
            arn = self.client("sns").create_topic(Name=name)["TopicArn"]
            self.client("sns").set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=allow("sns:Publish", arn)
            )

    def client(self, service):
        return self.world.client(service, self.number)

    def stored(self, key):
        found = self.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=key)
        return found["KeyCount"] > 0

    def clear(self):
        ses = self.client("ses")
        ses.set_active_receipt_rule_set()
        for entry in ses.list_receipt_rule_sets()["RuleSets"]:
            ses.delete_receipt_rule_set(RuleSetName=entry["Name"])


def allow(action, resource):
    who = {"Effect": "Allow", "Principal": {"Service": "ses.amazonaws.com"}}
    return json.dumps({"Statement": [{**who, "Action": action, "Resource": resource}]})
