"""What is in an account of the emulator, as lines that can be compared."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from local import deploy
from local.emulator import Emulator

THEIRS = "company-mail"


@dataclass(frozen=True)
class Changes:
    """Logical ids in a change set: what changes by itself, and what may follow because it takes
    a value from those (CloudFormation knows only while it does it)."""

    direct: set[str]
    may_follow: set[str]


class Account:
    """One account, with an administrator's eyes."""

    def __init__(self, world: Emulator, number: str, instance_id: str) -> None:
        self.number = number
        self._world, self._instance = world, instance_id

    def client(self, service: str) -> Any:
        """A boto3 client with all rights of the account."""
        return self._world.client(service, self.number)

    def live(self) -> None:
        """What a company has before us: an active rule set with two rules, a queue, a bucket."""
        ses, connect = self.client("ses"), self.client("connect")
        ses.create_receipt_rule_set(RuleSetName=THEIRS)
        for name in ("sales", "jobs"):
            to = [f"{name}@corp.example"]
            rule = {"Name": name, "Enabled": True, "Recipients": to, "Actions": []}
            ses.create_receipt_rule(RuleSetName=THEIRS, Rule=rule)
        ses.set_active_receipt_rule_set(RuleSetName=THEIRS)
        hours = connect.list_hours_of_operations(InstanceId=self._instance)
        queue = {
            "InstanceArn": hours["HoursOfOperationSummaryList"][0]["Arn"].split("/operating")[0],
            "Name": "Returns",
            "HoursOfOperationArn": hours["HoursOfOperationSummaryList"][0]["Arn"],
        }
        template = {"Resources": {"Returns": {"Type": "AWS::Connect::Queue", "Properties": queue}}}
        made = deploy.create_stack(self._world, self.number, "company", template)
        queue_id = made.resources["Returns"].rpartition("/")[2]
        profile = connect.list_routing_profiles(InstanceId=self._instance)
        connect.associate_routing_profile_queues(
            InstanceId=self._instance,
            RoutingProfileId=profile["RoutingProfileSummaryList"][0]["Id"],
            QueueConfigs=[
                {
                    "QueueReference": {"QueueId": queue_id, "Channel": "TASK"},
                    "Priority": 1,
                    "Delay": 0,
                }
            ],
        )
        self.client("s3").create_bucket(Bucket=f"company-archive-{self.number}")

    def things(self) -> set[str]:
        """Receipt rules, Connect's organisation, buckets and tables: one line for each, with what
        it holds."""
        return {*self._rules(), *self._organisation(), *self._stores()}

    def _rules(self) -> list[str]:
        ses = self.client("ses")
        active = (ses.describe_active_receipt_rule_set().get("Metadata") or {}).get("Name")
        found = [f"the active rule set is {active}"]
        for entry in ses.list_receipt_rule_sets()["RuleSets"]:
            rules = ses.describe_receipt_rule_set(RuleSetName=entry["Name"])["Rules"]
            found += [f"rule {entry['Name']}: {_hashed(rule)} {rule['Name']}" for rule in rules]
        return found

    def _organisation(self) -> list[str]:
        connect, instance = self.client("connect"), {"InstanceId": self._instance}
        found = []
        for kind in ("queues", "contact_flows", "routing_profiles", "quick_connects", "users"):
            answer = getattr(connect, f"list_{kind}")(**instance)
            [entries] = [value for value in answer.values() if isinstance(value, list)]
            found += [f"{kind}: {e.get('Name') or e.get('Username')} {e['Id']}" for e in entries]
        for profile in connect.list_routing_profiles(**instance)["RoutingProfileSummaryList"]:
            answer = connect.list_routing_profile_queues(RoutingProfileId=profile["Id"], **instance)
            found += [
                f"routing profile {profile['Name']}: {queue['QueueName']} {queue['Channel']}"
                for queue in answer["RoutingProfileQueueConfigSummaryList"]
            ]
        return found

    def _stores(self) -> list[str]:
        buckets = self.client("s3").list_buckets()["Buckets"]
        tables = self.client("dynamodb").list_tables()["TableNames"]
        return [*(f"bucket {b['Name']}" for b in buckets), *(f"table {name}" for name in tables)]

    def flows(self) -> dict[str, str]:
        """Content of each of the stack's flows, by name."""
        connect, instance = self.client("connect"), {"InstanceId": self._instance}
        listed = connect.list_contact_flows(**instance)["ContactFlowSummaryList"]
        return {
            flow["Name"]: connect.describe_contact_flow(ContactFlowId=flow["Id"], **instance)[
                "ContactFlow"
            ]["Content"]
            for flow in listed
            if "email-" in flow["Name"]
        }

    def objects(self, bucket: str) -> dict[str, str]:
        """Key -> ETag and time of writing of every object."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {
            entry["Key"]: f"{entry['ETag']} {entry['LastModified']}"
            for page in pages
            for entry in page.get("Contents", [])
        }

    def kept(self, bucket: str, table: str, key: str) -> str:
        """A hash over all mail, all rows and the case key."""
        rows = self.client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
        secret = self.client("secretsmanager").get_secret_value(SecretId=key)["SecretString"]
        ordered = sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
        return _hashed([self.objects(bucket), ordered, secret])

    def changes(self, stack: str) -> Changes:
        """The stack's change set that waits to be executed."""
        cloudformation = self.client("cloudformation")
        summaries = cloudformation.list_change_sets(StackName=stack)["Summaries"]
        [name] = [s["ChangeSetId"] for s in summaries if s["ExecutionStatus"] == "AVAILABLE"]
        described = cloudformation.describe_change_set(ChangeSetName=name, StackName=stack)
        changes = [change["ResourceChange"] for change in described["Changes"]]
        direct = {c["LogicalResourceId"] for c in changes if _direct(c)}
        return Changes(direct, {c["LogicalResourceId"] for c in changes} - direct)

    def code(self) -> dict[str, str]:
        """Function -> hash of its code."""
        listed = self.client("lambda").get_paginator("list_functions").paginate()
        return {f["FunctionName"]: f["CodeSha256"] for page in listed for f in page["Functions"]}


def _hashed(value: Any) -> str:
    body = json.dumps(value, sort_keys=True, default=str).encode()
    return hashlib.sha256(body).hexdigest()[:12]


def _direct(change: dict[str, Any]) -> bool:
    sources = {detail.get("ChangeSource") for detail in change.get("Details") or []}
    return change["Action"] != "Modify" or "DirectModification" in sources
