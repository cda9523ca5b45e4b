"""Writes what docs/permissions.md says of the template, and the policies beside it.

    python -m tests.deploy.documents

A test compares what stands there with what this would write.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.deploy import deployer
from tests.deploy.grants import grants
from tests.deploy.resolved import Place, Resolved, listed

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- of the template: begin -->\n", "<!-- of the template: end -->\n"
WHY = {
    "appsync:CreateApiKey": "the key of the messages API, or its next one",
    "appsync:ListApiKeys": "the keys that there are",
    "appsync:UpdateApiKey": "a key's life made longer, or ended when there is a newer one",
    "appsync:GraphQL": "subscribers told, by the two publish mutations",
    "comprehend:DetectDominantLanguage": "the language of a mail",
    "comprehend:DetectEntities": "names, places and dates in it",
    "comprehend:DetectKeyPhrases": "its key phrases",
    "comprehend:DetectSentiment": "its sentiment",
    "connect:AssociateQueueQuickConnects": "agents hand mail back by a quick connect",
    "connect:AssociateRoutingProfileQueues": "the queue offered to the given routing profile",
    "connect:CreateContactFlow": "the flows made",
    "connect:DeleteContactFlow": "the flows removed with the stack",
    "connect:DescribeContact": "whether Connect still has a task",
    "connect:DescribeContactFlow": "whether a flow has changed",
    "connect:DescribeInstance": "the instance's address, for the page",
    "connect:DescribeUser": "who an agent is",
    "connect:DisassociateQueueQuickConnects": "the same, taken back",
    "connect:DisassociateRoutingProfileQueues": "the same, taken back",
    "connect:ListContactFlows": "flows that are there already",
    "connect:ListRoutingProfileQueues": "which queues a routing profile has",
    "connect:ListUserProficiencies": "needed for the next one",
    "connect:SearchUsers": "the agent who writes from an address not met before",
    "connect:StartTaskContact": "a task for a case",
    "connect:UpdateContact": "its links and its name renewed",
    "connect:UpdateContactAttributes": "what the flows and the page read of it",
    "connect:UpdateContactFlowContent": "a flow changed",
    "ds:DescribeDirectories": "needed to read the instance",
    "dynamodb:BatchGetItem": "a page of messages",
    "dynamodb:DeleteItem": "sessions ended and used codes forgotten",
    "dynamodb:DescribeStream": "the table's stream (by the event source)",
    "dynamodb:GetRecords": "changes of the table (by the event source)",
    "dynamodb:GetShardIterator": "the same",
    "dynamodb:ListStreams": "the same",
    "events:PutEvents": "other systems told what has happened",
    "dynamodb:GetItem": "cases, messages, settings of agents",
    "dynamodb:PutItem": "the same, written",
    "dynamodb:Query": "what belongs to a case; what is left to do",
    "dynamodb:UpdateItem": "the same, changed under a condition",
    "s3:DeleteObject": "page files that are of no use any more",
    "s3:GetObject": "mail read, or a link to it that works",
    "s3:ListBucket": "a missing object told from a forbidden one; the sweep for lost mail",
    "s3:PutObject": "what is kept of a mail, and the journal",
    "secretsmanager:DescribeSecret": "which version is to become current",
    "secretsmanager:GetSecretValue": "the keys of case ids and relay addresses",
    "secretsmanager:PutSecretValue": "the next key beside the old ones",
    "secretsmanager:UpdateSecretVersionStage": "the next key becomes the current one",
    "ses:CreateReceiptRule": "our receipt rules",
    "ses:CreateReceiptRuleSet": "a rule set, where the account has none active",
    "ses:DeleteReceiptRule": "our receipt rules removed",
    "ses:DeleteReceiptRuleSet": "our own rule set removed",
    "ses:DescribeActiveReceiptRuleSet": "whose rule set is active",
    "ses:DescribeReceiptRuleSet": "whether our rules are in another rule set",
    "ses:GetSuppressedDestination": "an address that SES would not send to",
    "ses:ListReceiptRuleSets": "the rule sets that there are",
    "ses:SendRawEmail": "mail sent, in the name of your domain only",
    "ses:SetActiveReceiptRuleSet": "our own rule set activated, where none is",
    "ses:SetReceiptRulePosition": "our rules in their place",
    "ses:UpdateReceiptRule": "our rules put right, in place",
    "sms-voice:SendTextMessage": "texts sent, where `SmsSender` is set",
    "sqs:ChangeMessageVisibility": "work put off for a while",
    "sqs:DeleteMessage": "work that is done (by the event source)",
    "sqs:GetQueueAttributes": "the queue (by the event source)",
    "sqs:ReceiveMessage": "work to do (by the event source)",
    "sqs:SendMessage": "work handed on",
}
# What a boundary must let the roles reach, by service; wider than the grants, so that an update
# of the stack seldom needs another boundary.
BOUNDED = {
    "appsync": ["*"],
    "comprehend": ["*"],
    "connect": ["INSTANCE", "INSTANCE/*"],
    "ds": ["*"],
    "dynamodb": ["TABLE", "TABLE/index/*", "TABLE/stream/*"],
    "events": ["arn:aws:events:REGION:ACCOUNT:event-bus/*"],
    "lambda": ["arn:aws:lambda:REGION:ACCOUNT:function:STACK-*"],
    "kms": ["arn:aws:kms:REGION:ACCOUNT:key/*"],
    "logs": ["arn:aws:logs:REGION:ACCOUNT:log-group:STACK-*"],
    "s3": ["arn:aws:s3:::STACK-mailbucket-*", "arn:aws:s3:::STACK-pagebucket-*"],
    "secretsmanager": [
        "arn:aws:secretsmanager:REGION:ACCOUNT:secret:*CaseKey-*",
        "arn:aws:secretsmanager:REGION:ACCOUNT:secret:*RelayKeys-*",
    ],
    "ses": ["*"],
    "sms-voice": ["*"],
    "sqs": ["arn:aws:sqs:REGION:ACCOUNT:STACK-*"],
}
OPTIONS = {"SmsSender": "+12065550100"}  # without it, nobody may send texts
# Besides the grants: what AWSLambdaBasicExecutionRole has, and what the key of one's own asks for
BESIDES = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "kms:Decrypt",
    "kms:GenerateDataKey",
}


class Words(Place):
    """A place that names resources by their logical ids."""

    @property
    def instance_arn(self) -> str:
        return self.instance

    def arn(self, logical: str, kind: str) -> str:
        return logical


def roles(stack: Resolved) -> dict[str, list[dict]]:
    """Logical id of each function's role -> its inline policies."""
    return {
        name: [policy["PolicyDocument"] for policy in role["Policies"]]
        for name, role in stack.of_type("AWS::IAM::Role").items()
    }


def table() -> str:
    """What each function may do, as Markdown; functions in the template's order."""
    stack = Resolved(Words("", "", "", "instance", "your domain"), **OPTIONS)
    lines: list[str] = []
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        door = function["Handler"].removesuffix(".handler")
        lines += [f"### {door}", "", f"{function['Description']}.", ""]
        lines += ["| may | on | for |", "|---|---|---|"]
        lines += _rows(roles(stack)[f"{name}Role"])
        lines.append("")
    return "\n".join(lines)


def _rows(documents: list[dict]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for grant in grants(documents):
        found.setdefault(grant.action, []).append(_short(grant.resource))
    for action, resources in sorted(found.items()):
        on = ", ".join(f"`{resource}`" for resource in sorted(set(resources)))
        yield f"| `{action}` | {on} | {WHY[action]} |"


def _short(resource: str) -> str:
    """An ARN as people call it: without what all ARNs of a stack have in common."""
    return resource.split(":", 5)[5] if resource.startswith("arn:") else resource


def boundary() -> dict:
    """A permissions boundary that lets the functions do what they are granted."""
    actions = BESIDES | {
        grant.action
        for documents in roles(Resolved(**OPTIONS)).values()
        for grant in grants(documents)
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": sorted(a for a in actions if a.startswith(f"{service}:")),
                "Resource": [_place(resource) for resource in _whole(service, resources)],
            }
            for service, resources in BOUNDED.items()
        ],
    }


def _whole(service: str, resources: list[str]) -> list[str]:
    """Buckets with their objects, log groups with their streams."""
    ends = {"s3": ("", "/*"), "logs": ("", ":*")}.get(service, ("",))
    return [f"{resource}{end}" for resource in resources for end in ends]


def _place(resource: str) -> str:
    place = deployer.PLACE
    table_arn = place.arn("Table", "AWS::DynamoDB::Table")
    known = {"INSTANCE": place.instance_arn, "TABLE": table_arn}
    head, slash, rest = resource.partition("/")
    return known.get(head, head) + slash + rest


def deployer_policies() -> dict[str, dict]:
    """File name -> policy of the person who deploys, in parts that IAM takes."""
    whole = deployer.policy(set(deployer.NEEDED))
    numbered = enumerate(deployer.parts(whole), 1)
    return {f"deployer-policy-{number}.json": part for number, part in numbered}


def files() -> dict[str, str]:
    """Path below docs/ -> what shall stand there."""
    page = (DOCS / "permissions.md").read_text()
    before, rest = page.split(BEGIN)
    policies = {**deployer_policies(), "boundary-policy.json": boundary()}
    return {
        "permissions.md": before + BEGIN + table() + END + rest.split(END)[1],
        **{name: json.dumps(policy, indent=1) + "\n" for name, policy in policies.items()},
    }


def filled(policy: dict, place: Place) -> dict:
    """The policy with its placeholders replaced, a stack's name in lower case for its buckets."""

    def fill(text: str) -> str:
        stack = place.stack.lower() if text.startswith("arn:aws:s3") else place.stack
        for word, value in {
            "ACCOUNT": place.account,
            "REGION": place.region,
            "INSTANCE": place.instance,
            "DOMAIN": place.domain,
            "STACK": stack,
        }.items():
            text = text.replace(word, value)
        return text

    statements = [
        {**s, "Resource": [fill(resource) for resource in listed(s["Resource"])]}
        for s in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


if __name__ == "__main__":
    for name, text in files().items():
        (DOCS / name).write_text(text)
