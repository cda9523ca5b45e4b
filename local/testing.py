"""The test world: the deployed stack on the emulator, and hands to drive it from outside.

    from local.testing import stack
    with stack() as s:
        ses_id = s.deliver(raw, "ann@customer.example", [s.inquiry_address])
        s.settle()

docs/test-world.md describes every call and every key. One emulator serves a whole test run; each
stack has an AWS account of its own on it.
"""

import atexit
import base64
import json
import random
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, cast

# The product is not installed: it is packed as it stands, and read from where it stands.
sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))

from emailchannel import present
from emailchannel.aws import settings as environment
from emailchannel.aws.connect import ConnectContacts, ConnectUsers
from emailchannel.aws.dynamodb import DynamoCases
from emailchannel.aws.s3 import S3Mails
from emailchannel.aws.secrets import StackKeys
from emailchannel.aws.sqs import SqsQueues
from emailchannel.aws.table import Table
from emailchannel.case import Case, Message
from emailchannel.mail import alias
from emailchannel.ports import Channel

from . import deploy
from .desk import Desk, Refused
from .emulator import Emulator
from .world.embedded import Reading, reading

ROOT: Final = Path(__file__).parents[1]
REGION: Final = "us-east-1"
DOMAIN: Final = "support.example.com"
AGENT_DOMAIN: Final = "corp.example"
QUEUES: Final = {
    "ingest": "Ingest",
    "relay": "Relay",
    "task": "Task",
    "send": "Send",
    "events": "Events",
    "contacts": "ContactEvents",
}
DOORS: Final = {
    "gateway": "GatewayFunction",
    "relay": "RelayFunction",
    "task_starter": "TaskStarterFunction",
    "contact_flow": "ContactFlowFunction",
    "contact_events": "ContactEventsFunction",
    "sender": "SenderFunction",
    "delivery_events": "DeliveryEventsFunction",
    "agent_api": "AgentApiFunction",
    "deployment": "DeploymentFunction",
    "key_rotation": "KeyRotationFunction",
    "messages_api": "MessagesApiFunction",
    "publisher": "PublisherFunction",
    "caretaker": "CaretakerFunction",
}
VERDICTS: Final = ("spf", "dkim", "dmarc", "spam", "virus")
_LINK_LIFE: Final = 60
_lock = threading.Lock()


@lru_cache(maxsize=1)
def emulator() -> Emulator:
    """The emulator of this process, started when first needed and stopped at its end."""
    started = Emulator.start()
    atexit.register(started.stop)
    return started


def instance_arn(account: str) -> str:
    """The Connect instance that every account of the emulator has."""
    return f"arn:aws:connect:{REGION}:{account}:instance/11111111-1111-1111-1111-111111111111"


def defaults(world: Emulator, account: str) -> dict[str, str]:
    """Parameters an administrator would give for a first try."""
    connect = world.client("connect", account)
    arn = instance_arn(account)
    profiles = connect.list_routing_profiles(InstanceId=arn.rpartition("/")[2])
    return {
        "GeneralInquiryEmailAddress": f"support@{DOMAIN}",
        "InquiryEmailAddressDomain": DOMAIN,
        "AgentEmailDomains": AGENT_DOMAIN,
        "AmazonConnectInstanceArn": arn,
        "RoutingProfileId": profiles["RoutingProfileSummaryList"][0]["Id"],
    }


@contextmanager
def stack(**parameters: str) -> "Iterator[Stack]":
    """A freshly deployed stack in an account of its own; everything is forgotten at the end."""
    with _lock:
        world = emulator()
    account = "".join(random.choices("123456789", k=12))
    try:
        values = defaults(world, account) | {k: str(v) for k, v in parameters.items()}
        deploy.upload_packages(world, account)
        made = deploy.create_stack(
            world, account, f"email-{account[:6]}", deploy.translate(ROOT / "template.yaml"), values
        )
        yield Stack(world, made, values)
    finally:
        world.control("DELETE", f"/_local/{account}")


class Stack(Desk):
    """One deployed stack, driven from outside and looked at through the product's own code."""

    def __init__(self, world: Emulator, made: deploy.Stack, parameters: Mapping[str, str]) -> None:
        super().__init__(world, made.account, parameters["AmazonConnectInstanceArn"])
        self.name = made.name
        self.outputs = made.outputs
        self.resources = made.resources
        self.parameters = parameters
        self.inquiry_address = parameters["GeneralInquiryEmailAddress"].lower()
        self.domain = parameters["InquiryEmailAddressDomain"].lower()

    # Mail in and out

    def deliver(
        self,
        raw: bytes,
        mail_from: str,
        rcpt_to: list[str],
        verdicts: Mapping[str, str] | None = None,
    ) -> str:
        """Hand a mail to SES receiving; returns the SES message id. Unmatched recipients raise."""
        answer = self.local(
            "POST",
            "deliver",
            {
                "raw": _b64(raw),
                "mail_from": mail_from,
                "rcpt_to": rcpt_to,
                "verdicts": dict.fromkeys(VERDICTS, "PASS") | dict(verdicts or {}),
            },
        )
        return str(answer["message_id"])

    def sent(self) -> list[dict[str, Any]]:
        """Every mail handed to SES, oldest first."""
        found = cast("list[dict[str, Any]]", self.local("GET", "sent"))
        for mail in found:
            mail["raw"], mail["delivered"] = _unb64(mail["raw"]), _unb64(mail["delivered"])
        return found

    def texts(self) -> list[dict[str, Any]]:
        """Every SMS handed to End User Messaging, oldest first."""
        return cast("list[dict[str, Any]]", self.local("GET", "texts"))

    def emit(self, event: dict[str, Any]) -> None:
        """Publish an SES delivery event as the configuration set would."""
        self.local("POST", "emit", {"event": event})

    def ses_events(self, mode: str) -> None:
        """`auto`: events follow each mail by themselves; `manual`: only `emit` makes them."""
        self.local("PUT", "ses_events", {"mode": mode})

    # Time and quiet

    def at(self, moment: datetime) -> None:
        """Move time for the product, the queues, the schedules and Connect together."""
        self.local("PUT", "clock", {"epoch": moment.timestamp()})

    def ses_account(self, **changes: Any) -> None:
        """Change the account's standing with SES, or what its identities' DNS says.

        production, sending, verified, feedback: bool; dkim, mail_from_status: SUCCESS, PENDING,
        FAILED; mail_from: a domain, or "" for none.
        """
        self.local("PUT", "ses_account", changes)

    def metric(self, name: str) -> Reading:
        """What the functions have published of a metric: `last` value (or None) and `total`."""
        logs = cast("dict[str, str]", self.local("GET", "logs"))
        return reading(list(logs.values()), name)

    # Through the product's storage code

    @cached_property
    def channel(self) -> Channel:
        """The product's channel with an administrator's rights; it cannot send or read language."""
        configuration = self.client("lambda").get_function_configuration(
            FunctionName=self.resources["AgentApiFunction"]
        )
        variables = configuration["Environment"]["Variables"]
        secret = self.client("lambda").get_function_configuration(
            FunctionName=self.resources["GatewayFunction"]
        )["Environment"]["Variables"]["CASE_KEY"]
        chosen, names = environment.settings(variables), environment.names(variables)
        connect = self.client("connect")
        missing = cast("Any", None)
        return Channel(
            settings=chosen,
            mails=S3Mails(self.world.client("s3", self.account), names.bucket),
            cases=DynamoCases(Table(self.client("dynamodb"), names.table)),
            queues=SqsQueues(
                self.client("sqs"),
                *(
                    self.resources[name]
                    for name in ("IngestQueue", "TaskQueue", "SendQueue", "RelayQueue")
                ),
            ),
            contacts=ConnectContacts(connect, chosen.instance_id, ""),
            users=ConnectUsers(connect, chosen.instance_id),
            language=missing,
            post=missing,
            texts=missing,
            keys=StackKeys(self.client("secretsmanager"), secret, names.relay_keys),
            now=time.time,
            pause=time.sleep,
        )

    @property
    def _cases(self) -> DynamoCases:
        return cast("DynamoCases", self.channel.cases)

    def cases(self) -> list[dict[str, Any]]:
        """Every case, oldest first."""
        return [_case(case) for case in self._cases.all_cases()]

    def messages(self, case_id: str) -> list[dict[str, Any]]:
        """The messages of a case by time of receipt."""
        return [self._message(message) for message in self._cases.messages(case_id)]

    def _message(self, message: Message) -> dict[str, Any]:
        body = self.channel.mails.read(message.formatted_key) if message.formatted_key else None
        document = json.loads(body) if body else {}
        return {
            "id": message.id,
            "case_id": message.case_id,
            "direction": message.direction,
            "kind": message.kind,
            "disposition": message.disposition,
            "reason": message.reason,
            "flags": list(message.flags),
            "from": message.from_.address,
            "to": list(message.to),
            "cc": list(message.cc),
            "subject": message.subject,
            "text": document.get("text", ""),
            "delivery": message.delivery,
            "attachments": document.get("attachments", []),
            "raw_key": message.raw_key,
            "formatted": document,
        }

    def interactions(self, case_id: str) -> list[dict[str, Any]]:
        """The history of a case."""
        return [
            {"at": entry.at, "kind": entry.kind, "actor": entry.actor, "reason": entry.reason}
            for entry in self._cases.interactions(case_id)
        ]

    def quarantine(self) -> list[dict[str, Any]]:
        """Mail that was kept from agents, with the reason."""
        return [
            {"id": item["ses_id"], "reason": item["reason"], "from": item["sender"]}
            for item in self._cases.quarantined()
        ]

    def raw(self, message_id: str) -> bytes:
        """The untouched mail: as SES stored it, or as it was frozen for sending."""
        for key in (f"inbound/{message_id}", f"relay/{message_id}", f"sent/{message_id}.eml"):
            body = self.channel.mails.read(key)
            if body is not None:
                return body
        raise KeyError(message_id)

    def download(self, message_id: str, n: int | None = None) -> tuple[int, dict[str, str], bytes]:
        """Follow the link the product mints for attachment `n`, or for the original (None)."""
        message = next(
            message
            for case in self._cases.all_cases()
            for message in self._cases.messages(case.id)
            if message.id == message_id
        )
        if n is None:
            url = present.original_link(self.channel, message.case_id, message, _LINK_LIFE)
        else:
            found = present.attachment_link(self.channel, message, n, _LINK_LIFE)
            if found is None:
                return 404, {}, b""
            url = found
        return fetch(url)

    def relay_address(self, case_id: str, purpose: str, agent: str) -> str:
        """The address the page shows to this agent for the case's newest mail."""
        case = self.channel.cases.case(case_id)
        if case is None:
            raise KeyError(case_id)
        found = present.relay_addresses(self.channel, case, str(self._agent(agent)["id"]))
        return found[f"{purpose}_address"]

    # Queues, objects, doors

    def queues(self) -> dict[str, int]:
        """How many messages each queue and each dead-letter queue holds."""
        found = {}
        for name, logical in QUEUES.items():
            found[name] = self._depth(f"{logical}Queue")
            found[f"{name}-dead"] = self._depth(f"{logical}DeadLetters")
        return found

    def _depth(self, logical: str) -> int:
        names = ["", "NotVisible", "Delayed"]
        attributes = self.client("sqs").get_queue_attributes(
            QueueUrl=self.resources[logical],
            AttributeNames=[f"ApproximateNumberOfMessages{name}" for name in names],
        )["Attributes"]
        return sum(int(count) for count in attributes.values())

    def receives(self, queue: str) -> int:
        """How often messages were received from a queue in all."""
        url = self.resources[f"{QUEUES[queue]}Queue"]
        return int(self.local("GET", f"receives?queue={url.rpartition('/')[2]}")["receives_total"])

    def redeliver(self, ses_id: str, times: int = 1, *, overlap: bool = False) -> None:
        """Deliver the notification of a mail again; with `overlap` all at once."""
        for route, topic in (("inbound", "InboundTopic"), ("relay", "RelayTopic")):
            notification = self.channel.mails.read(f"{route}/{ses_id}.json")
            if notification is None:
                continue
            for _ in range(times):
                self.client("sns").publish(
                    TopicArn=self.resources[topic], Message=notification.decode()
                )
                if not overlap:
                    self.settle()

    def put_object(self, key: str, data: bytes) -> None:
        """Put an object into the mail bucket."""
        self.client("s3").put_object(Bucket=self.resources["MailBucket"], Key=key, Body=data)

    def notify(self, body: dict[str, Any]) -> None:
        """Publish a notification of SES receiving, whatever it says."""
        relay = '"relay/' in json.dumps(body)
        self.client("sns").publish(
            TopicArn=self.resources["RelayTopic" if relay else "InboundTopic"],
            Message=json.dumps(body),
        )

    def fault(self, operation: str, kind: str, times: int = 1) -> None:
        """The next calls of an AWS operation go wrong.

        throttle; 5xx, timeout or crash, each with -before or -after (the call is done);
        condition-failed (writes with a condition); stale-read (reads that are not consistent).
        """
        self.local("PUT", "fault", {"operation": operation, "kind": kind, "times": times})

    def invoke(self, door: str, event: dict[str, Any]) -> Any:
        """Run a Lambda with an event; returns what it returns, raises what it raises."""
        answer = self.client("lambda").invoke(
            FunctionName=self.resources[DOORS[door]], Payload=json.dumps(event).encode()
        )
        payload = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            raise RuntimeError(payload)
        return payload


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "status": case.status,
        "customer": case.customer.address,
        "target_type": case.target.type,
        "target_destination": case.target.destination,
        "participants": [entry.address for entry in case.participants],
        "linked": list(case.linked),
        "subject": case.subject,
        "contact_id": case.contact_id,
        "answered": case.answered,
    }


def _b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text)


def fetch(url: str) -> tuple[int, dict[str, str], bytes]:
    """GET a link: (status, headers with lower-case names, body)."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status, headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, {name.lower(): v for name, v in error.headers.items()}, error.read()


def alias_of(s: Stack, case_id: str) -> str:
    """The address a customer writes to about a case."""
    return alias.customer_alias(s.inquiry_address.partition("@")[0], case_id, s.domain)


__all__ = ["Refused", "Stack", "alias_of", "fetch", "stack"]
