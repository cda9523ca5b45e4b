"""What the person who deploys needs: for each resource type of the template, AWS's actions.

CloudFormation makes every call in that person's name. Which calls it makes for a type is said by
the type's handlers in the CloudFormation registry; needed.yaml follows them, without actions for
properties that the template does not use. Mail bucket, table, case key and encryption key are
kept when a stack goes: nothing here may delete them.
"""

import json
from pathlib import Path
from typing import Final

import yaml

from tests.deploy.resolved import Place

PLACE: Final = Place("ACCOUNT", "REGION", "STACK", "INSTANCE", "DOMAIN")
PACKAGES: Final = "aws-sam-cli-managed-default"
_REGIONAL: Final = "REGION:ACCOUNT"
_FUNCTION: Final = f"arn:aws:lambda:{_REGIONAL}:function:STACK-*"
_ROLE: Final = "arn:aws:iam::ACCOUNT:role/STACK-*FunctionRole-*"
_ANY: Final = ("*",)  # the action knows no resource

Needs = tuple[str, str, tuple[str, ...]]  # service, actions between spaces, resources


def _read() -> dict[str, tuple[Needs, ...]]:
    found = yaml.safe_load((Path(__file__).parent / "needed.yaml").read_text())
    return {
        kind: tuple((n["service"], n["actions"], tuple(n["resources"])) for n in needs)
        for kind, needs in found.items()
    }


# Resource type of the template -> what CloudFormation does for it
NEEDED: Final = _read()
# Custom resources: CloudFormation invokes the stack's own function, which does the rest
CUSTOM: Final[Needs] = ("lambda", "InvokeFunction", (_FUNCTION,))
# What `sam deploy` and `sam delete` do themselves
SAM: Final[tuple[Needs, ...]] = (
    (
        "cloudformation",
        "CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet DescribeStacks "
        "DescribeStackEvents DescribeStackResources ListStackResources GetTemplate DeleteStack "
        "CreateStack UpdateStack RollbackStack TagResource",
        (
            f"arn:aws:cloudformation:{_REGIONAL}:stack/STACK/*",
            f"arn:aws:cloudformation:{_REGIONAL}:stack/{PACKAGES}/*",
        ),
    ),
    (
        "cloudformation",
        "CreateChangeSet",
        ("arn:aws:cloudformation:REGION:aws:transform/Serverless-2016-10-31",),
    ),
    ("cloudformation", "GetTemplateSummary ValidateTemplate", _ANY),
    (
        "s3",
        "CreateBucket ListBucket GetBucketLocation GetBucketPolicy PutBucketPolicy "
        "PutBucketVersioning PutBucketPublicAccessBlock PutEncryptionConfiguration "
        "PutBucketTagging",
        (f"arn:aws:s3:::{PACKAGES}-*",),
    ),
    ("s3", "GetObject PutObject DeleteObject", (f"arn:aws:s3:::{PACKAGES}-*/*",)),
)


def policy(kinds: set[str]) -> dict:
    """The policy for the resource types, its statements ordered by service and resource."""
    needs = [need for kind in kinds if not kind.startswith("Custom::") for need in NEEDED[kind]]
    needs += [CUSTOM, *SAM]
    merged: dict[tuple[str, ...], set[str]] = {}
    for service, actions, resources in needs:
        known = merged.setdefault((service, *resources), set())
        known.update(f"{service}:{action}" for action in actions.split())
    statements: list[dict] = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(key[1:])}
        for key, actions in sorted(merged.items())
    ]
    statements.append(
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [_ROLE],
            "Condition": {"StringEquals": {"iam:PassedToService": _PASSED}},
        }
    )
    return {"Version": "2012-10-17", "Statement": statements}


_PASSED: Final = ["appsync.amazonaws.com", "lambda.amazonaws.com"]
LONGEST: Final = 6144  # characters of a managed policy without spaces (IAM's quota)


def parts(whole: dict) -> list[dict]:
    """The policy in as many as IAM's quota asks for, statements in their order."""
    found: list[dict] = []
    for statement in whole["Statement"]:
        if not found or _length(found[-1]) + _length(statement) >= LONGEST:
            found.append({"Version": whole["Version"], "Statement": []})
        found[-1]["Statement"].append(statement)
    return found


def _length(value: dict) -> int:
    return len(json.dumps(value, separators=(",", ":")))
