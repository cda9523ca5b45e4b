"""What a mail's life and a round of the caretaker take, in the units that AWS bills.

Measured on the emulator: the doors run here, where each call can be weighed; the logs come from
the deployed functions. `python bench/costs.py --measure` writes it down.
"""

import json
import math
import re
import sys
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "functions")]

from emailchannel import happened
from emailchannel.aws.streams import row_of
from local import deploy
from local.testing import DOORS, ROOT, Stack, stack
from tests.builders import mail
from tests.load.doors import Doors, doors

TEMPLATE = ROOT / "template.yaml"
MAILS = 5
AGENT = "alice"
TEXT = (
    "Hello,\n\nI bought a kettle of yours in May (order 48 151). Since last week it leaks at the"
    " bottom, just below the handle, and there is water on the worktop every morning. I have tried"
    " to tighten the lid, and to fill it only half; neither helps. I called twice, and each time"
    " somebody promised to call back, which has not happened.\n\nPlease send me a new one, or tell"
    " me where in Exampleton I can have it repaired. The bill is in the attachment. I am at home"
    " on weekdays after five.\n\nKind regards\nAnn Archer\n12 Example Street, Exampleton\n"
)
ANSWER = (
    "Dear Ann,\n\nI am sorry about the leak, and about the calls that nobody made. A new kettle has"
    " left our warehouse today; you need not send the old one back.\n\nKind regards\nAlice\n"
)
_BILL = bytes(range(256)) * 200  # 51,200 bytes
_WRITE_UNIT, _READ_UNIT, _PART, _COMPREHEND = 1024, 4096, 65_536, 100
_TAKEN = 3  # 100-character units that Comprehend bills at least


class Metered(Doors):
    """Doors whose calls are weighed in billed units."""

    def __init__(self, s: Stack) -> None:
        super().__init__(s)
        self.reset()

    def reset(self) -> None:
        self.units: Counter[str] = Counter()
        self.runs: dict[str, list[float]] = defaultdict(list)
        self._asked: dict = {}

    def run(self, door, event):
        started = time.perf_counter()
        try:
            return super().run(door, event)
        finally:
            self.runs[door].append(time.perf_counter() - started)

    def _sent(self, request, event_name, **more):
        super()._sent(request, event_name, **more)
        _, service, operation = event_name.split(".")
        body = request.body if isinstance(request.body, bytes) else b""
        self._asked = json.loads(body) if service in {"dynamodb", "comprehend"} else {}
        if service == "dynamodb":
            self.units["dynamodb.write"] += _written(operation, self._asked)
            self.units["dynamodb.bytes"] += _kept(self._asked)
        elif service == "comprehend":
            size = math.ceil(len(self._asked["Text"]) / _COMPREHEND)
            self.units["comprehend"] += max(_TAKEN, size)
        elif service == "s3":
            kind = "get" if operation in {"GetObject", "HeadObject"} else "put"
            self.units[f"s3.{kind}"] += 1
            if operation == "PutObject":
                self.units["s3.bytes"] += int(request.headers.get("Content-Length") or 0)
        elif service == "sqs":
            self.units["sqs"] += max(1, math.ceil(len(body) / _PART))
        elif service == "secretsmanager":
            self.units["secretsmanager"] += 1
        elif service == "sesv2" and operation == "SendEmail":
            self.units["ses.out"] += 1

    def _answered(self, event_name, response_dict, **more):
        super()._answered(event_name, response_dict, **more)
        _, service, operation = event_name.split(".")
        if service == "dynamodb" and operation in {"GetItem", "Query"}:
            size = len(response_dict.get("body") or b"")
            half = 1 if self._asked.get("ConsistentRead") else 0.5
            self.units["dynamodb.read"] += half * max(1, math.ceil(size / _READ_UNIT))


def _written(operation: str, asked: dict) -> int:
    """Write request units: JSON is longer than what DynamoDB counts, so this is an upper bound."""
    if operation == "TransactWriteItems":
        writes = [entry for wrapped in asked["TransactItems"] for entry in wrapped.values()]
        return sum(2 * _size(entry) + _indexed(entry) for entry in writes)
    if operation in {"PutItem", "UpdateItem", "DeleteItem"}:
        return _size(asked) + _indexed(asked)
    return 0


def _kept(asked: dict) -> int:
    """Bytes of the rows that are put, temporary ones included."""
    entries = [
        e
        for wrapped in asked.get("TransactItems", [asked])
        for e in (wrapped, wrapped.get("Put", {}))
    ]
    return sum(len(json.dumps(entry["Item"])) for entry in entries if "Item" in entry)


def _size(write: dict) -> int:
    return math.ceil(len(json.dumps(write)) / _WRITE_UNIT)


def _indexed(write: dict) -> int:
    """A write that names `todo` moves an entry of the index."""
    return int('"todo"' in json.dumps(write) or " todo" in write.get("UpdateExpression", ""))


def letter(number: int) -> bytes:
    """A customer's mail as many are: text, the same in HTML, one small attachment."""
    html = "".join(f"<p style='font-family:Arial'>{line}</p>" for line in TEXT.split("\n"))
    customer = f"Ann Archer <ann@mail{number}.example>"
    return mail(
        customer, text=TEXT, html=html, attachments=[("bill.pdf", "application/pdf", _BILL)]
    )


def a_life(s: Stack, settle, number: int, page) -> Counter:
    """Mail in, acknowledgement, task, agent reads it, answer out, all events; bytes of mail."""
    sent = len(s.sent())
    raw = letter(number)
    s.deliver(raw, f"ann@mail{number}.example", [s.inquiry_address])
    settle()
    case = next(c for c in s.cases() if c["customer"] == f"ann@mail{number}.example")
    s.accept(case["contact_id"], AGENT)
    page(case)
    address = s.relay_address(case["id"], "relay", AGENT)
    answer = mail("Alice <alice@corp.example>", address, "Re: My kettle", ANSWER)
    s.deliver(answer, "alice@corp.example", [address])
    settle()
    s.complete(case["contact_id"])
    settle()
    left = [len(one["raw"]) for one in s.sent()[sent:]]
    assert len(left) == 2, "an acknowledgement and an answer"
    assert s.messages(case["id"])[-1]["delivery"] == "delivered"
    return Counter({"bytes.in": len(raw) + len(answer), "bytes.out": sum(left)})


def _here(s: Stack, here: Metered):
    """What the flows and the page ask of the functions, done here."""

    def asked(case):
        contact = s.task(case["contact_id"])
        data = {"ContactId": contact["id"], "Attributes": contact["attributes"]}
        agent = next(a for a in s.agents if a["username"] == AGENT)
        whisper = {"purpose": "whisper", "agent_arn": agent["arn"], "agent_username": AGENT}
        for parameters in ({"purpose": "links"}, whisper):
            said = here.run(
                "contact_flow", {"Details": {"ContactData": data, "Parameters": parameters}}
            )
        body = json.dumps({"contact_id": contact["id"], "code": said["access_code"]})
        token = json.loads(_api(here, "POST", "/sessions", body=body)["body"])["token"]
        assert _api(here, "GET", "/case", token=token)["statusCode"] == 200
        [message] = [m for m in s.messages(case["id"]) if m["direction"] == "in"]
        path = f"/messages/{message['id']}/attachments/0"
        assert _api(here, "GET", path, token=token)["statusCode"] == 200

    return asked


def _api(here, method, path, *, token="", body=""):
    event = {
        "requestContext": {"http": {"method": method, "path": path}},
        "rawPath": path,
        "headers": {"authorization": f"Bearer {token}"},
        "body": body,
    }
    return here.run("agent_api", event)


@contextmanager
def metered(s: Stack):
    """As tests.load.doors.doors, with a meter."""
    with patch("tests.load.doors.Doors", Metered), doors(s) as here:
        yield here


def measure() -> dict:
    """Averages of MAILS lives with warm functions, and one round of the caretaker."""
    with stack(TasksPerSecond="100", SendAcknowledgement="true") as s:
        with metered(s) as here:
            page = _here(s, here)
            a_life(s, here.settle, 0, page)
            here.run("caretaker", {})
            here.reset()
            first = len(_changes(s))
            sizes = sum(
                (a_life(s, here.settle, n + 1, page) for n in range(MAILS)), start=Counter()
            )
            told = news(s, here, first)
            mails = (
                _taken(s, here, MAILS)
                | {name: n / MAILS for name, n in told.items()}
                | {name: round(size / MAILS) for name, size in sizes.items()}
            )
            mails["s3.put"] += 2  # SES stores both mails
            here.reset()
            here.run("caretaker", {})
            round_ = _taken(s, here, 1)
        logs = _logs(s)
    return {"mail": mails | {"log.bytes": logs}, "caretaker": round_, "stack": _fixed()}


def _changes(s: Stack) -> list[dict]:
    """The records of the table's stream that the publisher gets."""
    streams = s.client("dynamodbstreams")
    [arn] = [
        one["StreamArn"] for one in streams.list_streams(TableName=s.resources["Table"])["Streams"]
    ]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    at = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found: list[dict] = []
    while at:
        page = streams.get_records(ShardIterator=at)
        found += page["Records"]
        at = page["Records"] and page.get("NextShardIterator")
    wanted = [one for one in found if _is_news(one["dynamodb"]["Keys"]["sk"]["S"])]
    kept: list[dict] = json.loads(json.dumps(wanted, default=lambda value: value.timestamp()))
    return kept


def _is_news(sk: str) -> bool:
    """As the filter of PublisherSource has it."""
    return sk in {"CASE", "APP"} or sk.startswith("MSG#")


def news(s: Stack, here: Metered, first: int) -> Counter:
    """What the publisher tells of the changes from `first` on, each in a batch of its own."""
    told: Counter = Counter()
    for record in _changes(s)[first:]:
        here.run("publisher", {"Records": [record]})
        row = row_of(record)
        told["events"] += len(list(happened.events(row, s.name)))
        for publication in happened.publications(row):
            info = {"parentTypeName": "Mutation", "fieldName": publication.mutation}
            here.run("messages_api", {"info": info, "arguments": {"event": publication.event}})
            told["publications"] += 1
    return told


def _taken(s: Stack, here: Metered, count: int) -> dict:
    lambdas = {}
    for door, times in sorted(here.runs.items()):
        found = s.client("lambda").get_function_configuration(FunctionName=s.resources[DOORS[door]])
        lambdas[door] = {
            "invocations": len(times) / count,
            "ms": round(1000 * sum(times) / len(times)),
            "mb": found["MemorySize"],
        }
    units = {name: round(total / count, 1) for name, total in sorted(here.units.items()) if total}
    return {"lambda": lambdas, **units}


def _unseen(_case) -> None:
    """The flows have asked by themselves; the page is not opened."""


def _logs(s: Stack) -> int:
    """Bytes that the deployed functions log for a mail, metrics included."""
    a_life(s, s.settle, 100, _unseen)
    before = len(s.logs())
    a_life(s, s.settle, 101, _unseen)
    return len(s.logs()) - before


def _fixed() -> dict:
    """What the template makes of the things that AWS bills by the month."""
    template = deploy.translate(TEMPLATE)["Resources"].values()
    kinds = Counter(resource["Type"] for resource in template)
    sources = [one for one in template if one["Type"] == "AWS::Lambda::EventSourceMapping"]
    return {
        "alarms": kinds["AWS::CloudWatch::Alarm"],
        "dashboards": kinds["AWS::CloudWatch::Dashboard"],
        "secrets": kinds["AWS::SecretsManager::Secret"],
        # Lambda reads streams of DynamoDB at no cost
        "event_sources": sum("StartingPosition" not in one["Properties"] for one in sources),
        "metrics": _metrics(TEMPLATE.read_text()),
    }


def _metrics(template: str) -> int:
    """Custom metrics that the dashboard shows: nearly all that the functions publish."""
    shown = [line for line in template.splitlines() if '["EmailChannel", "' in line]
    names = re.findall(r'\["(?:EmailChannel|\.)", "([A-Za-z]+)"', "".join(shown))
    return len(set(names))
