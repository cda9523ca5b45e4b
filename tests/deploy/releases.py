"""Stacks of a release and of today's sources, one after the other; what an update may not touch.

The releases are in released/, made by `python -m tests.deploy.freeze`.
"""

import copy
from pathlib import Path

from local import deploy, testing

RELEASES = sorted(
    (Path(__file__).parent / "released").glob("*.zip"),
    key=lambda path: [int(number) for number in path.stem.split(".")],
)[-2:]
TODAY = testing.ROOT
NAME = "channel"
PARAMETERS = {"SendAcknowledgement": "false", "TasksPerSecond": "20", "UndoSeconds": "240"}
# What mail, cases, addresses and the world outside depend on. None of it is ever made anew.
LASTING = {
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SQS::Queue",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::EmailIdentity",
    "AWS::ApiGatewayV2::Api",
    "AWS::CloudFront::Distribution",
    "AWS::Connect::Queue",
    "Custom::ContactFlows",
    "Custom::ReceiptRules",
}

# Properties that CloudFormation cannot change in a resource that is there (resource schemas,
# createOnlyProperties): the emulator does not know them all.
CREATE_ONLY = {
    "AWS::DynamoDB::Table": {"TableName"},
    "AWS::S3::Bucket": {"BucketName"},
    "AWS::SecretsManager::Secret": {"Name"},
    "AWS::SQS::Queue": {"QueueName", "FifoQueue"},
    "AWS::SES::ConfigurationSet": {"Name"},
    "AWS::SES::EmailIdentity": {"EmailIdentity"},
    "AWS::ApiGatewayV2::Api": {"ProtocolType"},
}


class Installation:
    """One stack in an account of its own, deployed from one folder and then from another."""

    def __init__(self, world, account) -> None:
        self.world, self.account = world, account
        self.values = testing.defaults(world, account) | PARAMETERS

    def template(self, folder: Path) -> dict:
        keys = deploy.upload_versioned(self.world, self.account, folder)
        return deploy.translate(folder / "template.yaml", keys)

    def create(self, folder: Path) -> testing.Stack:
        template = self.template(folder)
        return self._stack(
            deploy.create_stack(self.world, self.account, NAME, template, self.values)
        )

    def update(self, template: dict) -> testing.Stack:
        return self._stack(
            deploy.update_stack(self.world, self.account, NAME, template, self.values)
        )

    def _stack(self, made: deploy.Stack) -> testing.Stack:
        return testing.Stack(self.world, made, self.values)

    def changes(self, template: dict, **values: str) -> list[dict]:
        """What CloudFormation says an update with this template and these parameters would do."""
        return deploy.preview_update(self.world, self.account, NAME, template, self.values | values)


def lost(changes: list[dict]) -> list[str]:
    """Of what lasts, that which would be removed or made anew."""
    return [
        change["LogicalResourceId"]
        for change in changes
        if change["ResourceType"] in LASTING and (change["Action"] == "Remove" or anew(change))
    ]


def anew(change: dict) -> bool:
    """Whether a change makes a resource anew: CloudFormation says so, or its schema does."""
    named = {detail["Target"].get("Name") for detail in change.get("Details", [])}
    fixed = CREATE_ONLY.get(change["ResourceType"], set())
    return change.get("Replacement", "False") == "True" or bool(named & fixed)


def broken(template: dict) -> dict:
    """The template with a resource that cannot be made, when all else has been done."""
    found = copy.deepcopy(template)
    lambdas = [name for name in found["Resources"] if name.endswith("Function")]
    found["Resources"]["Broken"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "DependsOn": ["ContactFlows", "PageFiles", "ReceiptRules", "QueueOffer", *lambdas],
        "Properties": {
            "FunctionName": {"Ref": "GatewayFunction"},
            "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:nobody-has-this-queue",
        },
    }
    return found


def code_of(s) -> dict[str, str]:
    """What each function runs."""
    listed = s.client("lambda").list_functions()["Functions"]
    return {entry["FunctionName"]: entry["CodeSha256"] for entry in listed}
