"""A local Connect with a boto3 client in front of it and a world the test controls."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from local.connect import INSTANCE_ID, Connect, LambdaFailed, Outside, instance_arn, user_id

FLOWS = Path(__file__).resolve().parents[2] / "contact_flows"
FLOW_TYPES = {
    "email-CustomerQueue": "CUSTOMER_QUEUE",
    "email-AgentWhisper": "AGENT_WHISPER",
    "email-Inbound": "CONTACT_FLOW",
    "email-QueueTransfer": "QUEUE_TRANSFER",
    "email-AgentTransfer": "AGENT_TRANSFER",
}
WHISPERED = (
    "email_url",
    "email_url_expires_at",
    "access_code",
    "relay_address",
    "queuerelay_address",
    "agentrelay_address",
    "rejectrelay_address",
)
Answer = Callable[[dict[str, Any]], Any]


class _Raw(io.BytesIO):
    def stream(self, **_kwargs: Any) -> Any:
        yield self.read()


class Rig:
    """One account: `api` is a real boto3 client, `desk` the agent desktop's side."""

    account = "000000000001"
    region = "us-east-1"
    function = "arn:aws:lambda:us-east-1:000000000001:function:contact-flow"

    def __init__(self) -> None:
        self.now = 1_800_000_000.0  # Friday, 15 January 2027, 08:00 UTC
        self.calls: list[dict[str, Any]] = []
        self.published: list[dict[str, Any]] = []
        self.answer: Answer = answer_links_and_whisper
        self.permitted = True
        self.connect = Connect(
            Outside(
                now=lambda account: self.now,
                invoke=self._invoke,
                may_invoke=lambda account, arn, instance: self.permitted,
                publish=lambda account, region, detail: self.published.append(detail),
            )
        )
        self.instance = instance_arn(self.account, self.region)
        self.api = self._client()

    def _invoke(self, account: str, arn: str, event: dict[str, Any]) -> Any:
        self.calls.append(event)
        return self.answer(event)

    def _client(self) -> Any:
        client = boto3.client(
            "connect",
            region_name=self.region,
            aws_access_key_id=self.account,
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.meta.events.register("before-send.connect", self._send)
        return client

    def _send(self, request: Any, event_name: str, **_kwargs: Any) -> AWSResponse:
        url = urlsplit(request.url)
        body = request.body or b""
        status, headers, answer = self.connect.handle(
            self.account, self.region, request.method, url.path, url.query, {}, body
        )
        if status == 200:
            operation = event_name.rsplit(".", 1)[-1]
            shape = self.api.meta.service_model.operation_model(operation).output_shape
            check_shape(shape, json.loads(answer))
        return AWSResponse(request.url, status, headers, _Raw(answer))

    def close(self) -> None:
        self.connect.close()

    def settle(self) -> None:
        """Wait until nothing runs any more, doing what is due."""
        limit = time.monotonic() + 20
        while self.connect.busy(self.account):
            assert time.monotonic() < limit, "the local Connect never came to rest"
            self.connect.tick()
            time.sleep(0.001)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.connect.tick()
        self.settle()

    def desk(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the desktop side and expect success."""
        status, answer = self.ask(method, path, body)
        assert status == 200, answer
        self.settle()
        return answer

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        sent = json.dumps(body or {}).encode()
        status, _, answer = self.connect.control(self.account, method, path, "", sent)
        return status, json.loads(answer)

    def act(self, verb: str, contact_id: str, agent: str, **more: str) -> Any:
        return self.desk("POST", f"/contacts/{contact_id}/{verb}", {"agent": agent, **more})

    def available(self, *usernames: str) -> None:
        for username in usernames:
            self.desk("PUT", f"/agents/{username}/state", {"state": "Available"})

    def cards(self, username: str) -> dict[str, str]:
        """What an agent's desktop shows: contact id -> state."""
        shown = self.desk("GET", f"/agents/{username}/snapshot")["contacts"]
        return {card["contactId"]: card["state"] for card in shown}

    def contact(self, contact_id: str) -> dict[str, Any]:
        self.settle()
        return next(c for c in self.desk("GET", "/contacts") if c["id"] == contact_id)

    def trace(self, contact_id: str) -> list[tuple[str, str]]:
        """Blocks a contact went through: (action, outcome)."""
        self.settle()
        return [
            (step["action"], step["outcome"])
            for step in self.desk("GET", f"/contacts/{contact_id}/trace")
        ]

    def events(self, contact_id: str) -> list[str]:
        self.settle()
        return [each["eventType"] for each in self.published if each["contactId"] == contact_id]

    @property
    def queue(self) -> dict[str, Any]:
        """The seeded BasicQueue."""
        return next(
            each
            for each in self.api.list_queues(InstanceId=INSTANCE_ID)["QueueSummaryList"]
            if each.get("Name") == "BasicQueue"
        )

    @property
    def profile_id(self) -> str:
        profiles = self.api.list_routing_profiles(InstanceId=INSTANCE_ID)
        return profiles["RoutingProfileSummaryList"][0]["Id"]

    def provision(self, type_name: str, **properties: Any) -> str:
        """Create a CloudFormation resource; its Ref."""
        owner = (
            "InstanceId" if "Integration" in type_name or "Origin" in type_name else "InstanceArn"
        )
        made, _ = self.connect.provision(
            self.account,
            self.region,
            "create",
            f"AWS::Connect::{type_name}",
            None,
            {owner: self.instance, **properties},
            None,
        )
        return made

    def add_queue(self, name: str, **properties: Any) -> str:
        """A queue that the seeded agents serve; its ARN."""
        hours = self.api.list_hours_of_operations(InstanceId=INSTANCE_ID)
        arn = self.provision(
            "Queue",
            Name=name,
            HoursOfOperationArn=hours["HoursOfOperationSummaryList"][0]["Arn"],
            **properties,
        )
        self.serve(arn)
        return arn

    def serve(self, queue_arn: str, priority: int = 1, delay: int = 0) -> None:
        reference = {"QueueId": queue_arn.rsplit("/", 1)[-1], "Channel": "TASK"}
        self.api.associate_routing_profile_queues(
            InstanceId=INSTANCE_ID,
            RoutingProfileId=self.profile_id,
            QueueConfigs=[{"QueueReference": reference, "Priority": priority, "Delay": delay}],
        )

    def one_task_at_once(self) -> None:
        """Agents take a single task."""
        self.connect.provision(
            self.account,
            self.region,
            "update",
            "AWS::Connect::RoutingProfile",
            f"{self.instance}/routing-profile/{self.profile_id}",
            {
                "InstanceArn": self.instance,
                "Name": "Basic Routing Profile",
                "Description": "One at a time",
                "DefaultOutboundQueueArn": self.queue["Arn"],
                "MediaConcurrencies": [{"Channel": "TASK", "Concurrency": 1}],
                "QueueConfigs": [
                    {
                        "Delay": 0,
                        "Priority": 1,
                        "QueueReference": {"Channel": "TASK", "QueueArn": self.queue["Arn"]},
                    }
                ],
            },
            None,
        )

    def associate(self) -> None:
        self.api.associate_lambda_function(InstanceId=INSTANCE_ID, FunctionArn=self.function)

    def add_flow(self, name: str, kind: str, *actions: dict[str, Any]) -> str:
        """A flow of the given blocks, published; its ARN."""
        content = {
            "Version": "2019-10-30",
            "StartAction": actions[0]["Identifier"],
            "Metadata": {},
            "Actions": list(actions),
        }
        made = self.api.create_contact_flow(
            InstanceId=INSTANCE_ID, Name=name, Type=kind, Content=json.dumps(content)
        )
        return made["ContactFlowArn"]

    def deploy(self) -> dict[str, str]:
        """Our email flows as the stack deploys them: name -> ARN."""
        self.associate()
        tokens = {"ContactFlowFunctionArn": self.function, "DefaultQueueArn": self.queue["Arn"]}
        arns = {}
        for name, kind in FLOW_TYPES.items():
            arns[name] = self.provision(
                "ContactFlow", Name=name, Type=kind, Content=filled(name, tokens)
            )
            tokens[f"{name.removeprefix('email-')}FlowArn"] = arns[name]
        return arns

    def start(self, flow: str, name: str = "A mail", **members: Any) -> str:
        started = self.api.start_task_contact(
            InstanceId=INSTANCE_ID, ContactFlowId=flow.rsplit("/", 1)[-1], Name=name, **members
        )
        self.settle()
        return started["ContactId"]


def filled(name: str, tokens: dict[str, str]) -> str:
    """One of our flows with its tokens replaced."""
    content = (FLOWS / f"{name}.json").read_text()
    for token, value in tokens.items():
        content = content.replace(f"${{{token}}}", value)
    return content


def answer_links_and_whisper(event: dict[str, Any]) -> dict[str, str]:
    """What the product's function returns, in shape."""
    parameters = event["Details"]["Parameters"]
    if parameters["purpose"] == "links":
        return {
            "email_url": "https://bucket.example/mail",
            "email_url_expires_at": "2027-01-15T09:00:00Z",
            "link_refresh_seconds": "3540",
        }
    answer = {name: f"{name} of {parameters['agent_username']}" for name in WHISPERED}
    return answer | {"agent_username": parameters["agent_username"]}


def failing(event: dict[str, Any]) -> Any:
    raise LambdaFailed("the function raised")


def check_shape(shape: Any, value: Any, where: str = "") -> None:
    """Fail on members, types and enum values that the API model does not have."""
    if shape is None:
        assert value == {}, f"{where} has no output, not {value}"
    elif shape.type_name == "structure":
        unknown = set(value) - set(shape.members)
        assert not unknown, f"{where} has no members {unknown}"
        assert set(shape.required_members) <= set(value), where
        for name, each in value.items():
            check_shape(shape.members[name], each, f"{where}.{name}")
    elif shape.type_name == "list":
        for each in value:
            check_shape(shape.member, each, f"{where}[]")
    elif shape.type_name == "map":
        for key, each in value.items():
            check_shape(shape.value, each, f"{where}.{key}")
    elif shape.type_name == "string":
        assert isinstance(value, str), where
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{where}: {value}"
    else:
        assert isinstance(value, bool | int | float), where


def action(
    identifier: str,
    kind: str,
    parameters: dict[str, Any] | None = None,
    then: str | None = None,
    errors: dict[str, str] | None = None,
    conditions: dict[str, str] | None = None,
    operator: str = "Equals",
) -> dict[str, Any]:
    """One block; `errors` by type and `conditions` by operand, each to the next block."""
    transitions: dict[str, Any] = {}
    if then is not None:
        transitions = {
            "NextAction": then,
            "Errors": [{"ErrorType": e, "NextAction": n} for e, n in (errors or {}).items()],
            "Conditions": [
                {"NextAction": n, "Condition": {"Operator": operator, "Operands": [operand]}}
                for operand, n in (conditions or {}).items()
            ],
        }
    return {
        "Identifier": identifier,
        "Type": kind,
        "Parameters": parameters or {},
        "Transitions": transitions,
    }


def queueing(queue: str, label: str = "enqueue") -> list[dict[str, Any]]:
    """The usual end of a flow: into a queue (id, ARN or reference), else disconnect."""
    return [
        action(
            label,
            "UpdateContactTargetQueue",
            {"QueueId": queue},
            f"{label} now",
            {"NoMatchingError": f"{label} failed"},
        ),
        action(
            f"{label} now",
            "TransferContactToQueue",
            {},
            f"{label} failed",
            {"QueueAtCapacity": f"{label} failed", "NoMatchingError": f"{label} failed"},
        ),
        action(f"{label} failed", "DisconnectParticipant"),
    ]


__all__ = [
    "FLOWS",
    "FLOW_TYPES",
    "INSTANCE_ID",
    "WHISPERED",
    "Rig",
    "action",
    "answer_links_and_whisper",
    "failing",
    "filled",
    "queueing",
    "user_id",
]
