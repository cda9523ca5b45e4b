"""The translated template with its references filled in, so that policies can be read as IAM does.

What CloudFormation generates is written as it would look: `STACK-IngestQueue-*` for a queue.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local import deploy

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
ABSENT = object()
# How the ARN of a resource ends whose name is generated. {stack}, {Name}: its logical id,
# {name}: the same in lower case. A secret and a configuration set are named without the stack.
ARNS = {
    "AWS::AppSync::GraphQLApi": "appsync:{region}:{account}:apis/{Name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{stack}-{Name}-*",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{stack}-{Name}-*",
    "AWS::IAM::Role": "iam::{account}:role/{stack}-{Name}-*",
    "AWS::KMS::Key": "kms:{region}:{account}:key/*",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{stack}-{Name}-*",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{stack}-{Name}-*",
    "AWS::S3::Bucket": "s3:::{stack}-{name}-*",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:*{Name}-*",
    "AWS::SNS::Topic": "sns:{region}:{account}:{stack}-{Name}-*",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{stack}-{Name}-*",
}
REFERRED_BY_ARN = {"AWS::SNS::Topic", "AWS::SecretsManager::Secret"}


@dataclass(frozen=True)
class Place:
    """Where the stack stands; every word may be a placeholder."""

    account: str = "111122223333"
    region: str = "us-east-1"
    stack: str = "channel"
    instance: str = "12345678-1234-1234-1234-123456789012"
    domain: str = "support.example.com"

    @property
    def instance_arn(self) -> str:
        return f"arn:aws:connect:{self.region}:{self.account}:instance/{self.instance}"

    def arn(self, logical: str, kind: str) -> str:
        known = {"account": self.account, "region": self.region, "stack": self.stack}
        names = {"Name": logical, "name": logical.lower()}
        return "arn:aws:" + ARNS[kind].format(**known, **names)


class Resolved:
    """Resources of the template at a place, conditions decided, references filled in.

    `parameters` override the template's defaults. Raises KeyError for a function of CloudFormation
    that the template has not used before.
    """

    def __init__(self, place: Place | None = None, **parameters: str) -> None:
        self.place = place or Place()
        self.template = deploy.translate(TEMPLATE)
        given = {
            "AmazonConnectInstanceArn": self.place.instance_arn,
            "InquiryEmailAddressDomain": self.place.domain,
            "GeneralInquiryEmailAddress": f"support@{self.place.domain}",
            "AgentEmailDomains": "corp.example",
        }
        self.parameters = {
            name: str(parameter.get("Default", "")) for name, parameter in self._parameters()
        }
        self.parameters |= given | parameters
        self.types = {name: r["Type"] for name, r in self.template["Resources"].items()}
        self.resources = {
            name: self.fill(resource)
            for name, resource in self.template["Resources"].items()
            if self.holds(resource.get("Condition"))
        }

    def of_type(self, kind: str) -> dict[str, dict]:
        """Logical id -> properties of every resource of the type that exists here."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.fill(self.template["Conditions"][condition]))

    def fill(self, value):
        if isinstance(value, list):
            return [found for item in value if (found := self.fill(item)) is not ABSENT]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function in {"Ref", "Condition"} or function.startswith("Fn::"):
                if function == "Condition" and not isinstance(argument, str):
                    return {"Condition": self.fill(argument)}  # of a policy's statement
                return self._function(function, argument)
        found = {key: self.fill(item) for key, item in value.items()}
        return {key: item for key, item in found.items() if item is not ABSENT}

    def _function(self, function: str, argument):
        if function == "Ref":
            return self._reference(argument)
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::GetAtt":
            return self._attribute(*(argument if isinstance(argument, list) else [argument]))
        if function == "Fn::Sub":
            return self._substituted(argument)
        if function == "Fn::If":
            condition, yes, no = argument
            return self.fill(yes if self.holds(condition) else no)
        values = self.fill(argument)
        if function == "Fn::Equals":
            return values[0] == values[1]
        return {
            "Fn::Not": lambda: not values[0],
            "Fn::And": lambda: all(values),
            "Fn::Or": lambda: any(values),
        }[function]()

    def _parameters(self):
        return self.template["Parameters"].items()

    def _reference(self, name: str):
        pseudo = {
            "AWS::AccountId": self.place.account,
            "AWS::Region": self.place.region,
            "AWS::StackName": self.place.stack,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": ABSENT,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        kind = self.types[name]
        if kind in REFERRED_BY_ARN:
            return self.place.arn(name, kind)
        return self.place.arn(name, kind).split(":", 5)[-1] if kind in ARNS else f"{name}-*"

    def _attribute(self, name: str, attribute: str = "Arn") -> str:
        if attribute == "StreamArn":
            return f"{self.place.arn(name, self.types[name])}/stream/*"
        if attribute == "Arn" and self.types[name] in ARNS:
            return self.place.arn(name, self.types[name])
        return f"{name}.{attribute}"

    def _substituted(self, argument) -> str:
        text, more = argument if isinstance(argument, list) else (argument, {})

        def value(match: re.Match) -> str:
            name = match[1]
            if name in more:
                return str(self.fill(more[name]))
            logical, dot, attribute = name.partition(".")
            return str(self._attribute(logical, attribute) if dot else self._reference(name))

        return re.sub(r"\$\{([^!}][^}]*)\}", value, text)


def listed(value) -> list:
    """One or several, as policies write it."""
    return value if isinstance(value, list) else [value]
