"""A deployment, found from the name of its stack."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emailchannel.aws import settings as environment
from emailchannel.aws.connect import ConnectContacts, ConnectUsers
from emailchannel.aws.dynamodb import DynamoCases
from emailchannel.aws.errors import code, translated
from emailchannel.aws.s3 import S3Mails
from emailchannel.aws.secrets import StackKeys
from emailchannel.aws.sqs import SqsQueues
from emailchannel.aws.table import Table
from emailchannel.ports import Channel

from .errors import NOT_STARTED, CannotGoOn

_KNOWS_ALL: Final = "AgentApiFunction"  # its environment names everything but the ingest queue
_PATIENT: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5, read_timeout=30
)


@dataclass(frozen=True)
class Deployment:
    """One deployed channel, with the rights of the caller, who is `actor` in the records.

    `channel` neither sends mail nor reads language.
    """

    name: str
    channel: Channel
    cases: DynamoCases
    table: Table
    bucket: str
    actor: str
    client: Callable[[str], Any]

    def delete_objects(self, *keys: str) -> None:
        """Delete objects of the mail bucket, if they are there; it keeps old versions a while."""
        for key in keys:
            with translated():
                self.client("s3").delete_object(Bucket=self.bucket, Key=key)


def find(stack: str, region: str | None, profile: str | None) -> Deployment:
    """The deployment of this stack. Raises CannotGoOn, and errors of AWS."""
    session = boto3.session.Session(profile_name=profile, region_name=region)
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            make: Any = session.client
            made[service] = make(service, config=_PATIENT)
        return made[service]

    actor = str(client("sts").get_caller_identity()["Arn"]).rpartition(":")[2].rpartition("/")[2]
    resources = _resources(client("cloudformation"), stack)
    if not {_KNOWS_ALL, "IngestQueue", "RelayQueue"} <= set(resources):
        raise CannotGoOn(f"The stack {stack} is no email channel.", NOT_STARTED)
    function = client("lambda").get_function_configuration(FunctionName=resources[_KNOWS_ALL])
    variables = function["Environment"]["Variables"]
    return _assemble(stack, client, actor, variables, resources)


def _resources(cloudformation: Any, stack: str) -> dict[str, str]:
    """Physical ids by logical id."""
    try:
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        found = [entry for page in pages for entry in page["StackResourceSummaries"]]
    except ClientError as error:
        if code(error) != "ValidationError":
            raise
        region = cloudformation.meta.region_name
        words = f"There is no stack {stack} in {region}. Check --stack, --region and --profile."
        raise CannotGoOn(words, NOT_STARTED) from error
    return {entry["LogicalResourceId"]: entry.get("PhysicalResourceId", "") for entry in found}


def _assemble(
    stack: str,
    client: Callable[[str], Any],
    actor: str,
    variables: dict[str, str],
    resources: dict[str, str],
) -> Deployment:
    chosen, names = environment.settings(variables), environment.names(variables)
    table = Table(client("dynamodb"), names.table)
    cases, missing = DynamoCases(table), cast("Any", None)
    connect = client("connect")
    channel = Channel(
        settings=chosen,
        mails=S3Mails(client("s3"), names.bucket),
        cases=cases,
        queues=SqsQueues(
            client("sqs"),
            resources["IngestQueue"],
            names.task_queue,
            names.send_queue,
            resources["RelayQueue"],
        ),
        contacts=ConnectContacts(connect, chosen.instance_id, ""),
        users=ConnectUsers(connect, chosen.instance_id),
        language=missing,
        post=missing,
        texts=missing,
        keys=StackKeys(client("secretsmanager"), names.case_key, names.relay_keys),
        now=time.time,
        pause=time.sleep,
    )
    return Deployment(stack, channel, cases, table, names.bucket, actor, client)
