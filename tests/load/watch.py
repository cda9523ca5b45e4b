"""What is seen of a stack under load, from outside."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.testing import QUEUES, Stack

CONNECT_QUOTA = {"rps": 2, "burst": 2}  # of each operation; Amazon Connect's default is 2 a second


@dataclass(frozen=True)
class Row:
    """A line of the table: what was measured, the figure, and whether it is as it must be."""

    what: str
    figure: str
    good: bool = True


def held(s: Stack) -> dict[str, int]:
    """Messages by queue, visible, hidden and delayed together; dead letters have `-dead`."""
    counts = s.local("GET", "queues")
    found = {}
    for name, logical in QUEUES.items():
        for suffix, resource in (("", "Queue"), ("-dead", "DeadLetters")):
            queue = counts[s.resources[f"{logical}{resource}"].rpartition("/")[2]]
            found[name + suffix] = queue["visible"] + queue["in_flight"] + queue["delayed"]
    return found


def dead_letters(s: Stack) -> int:
    return sum(count for name, count in held(s).items() if name.endswith("-dead"))


def wait_until(what: str, done: Callable[[], bool], seconds: float, pause: float = 0.3) -> None:
    """Raises TimeoutError, naming what did not come about."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(pause)


def all_done(s: Stack) -> bool:
    """Nothing is queued, hidden or running any more."""
    queued = sum(count for name, count in held(s).items() if not name.endswith("-dead"))
    return not queued and s.local("GET", "quiet")["quiet"]


@contextmanager
def delivered_twice(s: Stack):
    """Every announcement of a mail comes to the ingest queue a second time, at the same moment."""
    sqs, sns = s.client("sqs"), s.client("sns")
    url = sqs.create_queue(QueueName="again")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn["QueueArn"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=s.resources["InboundTopic"], Protocol="sqs", Endpoint=arn["QueueArn"])
    copied: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(target=_copy, args=(s, url, copied, stop))
    thread.start()
    try:
        yield copied
    finally:
        stop.set()
        thread.join()


def _copy(s: Stack, url: str, copied: list[str], stop: threading.Event) -> None:
    sqs = s.client("sqs")
    while not stop.is_set():
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.send_message(QueueUrl=s.resources["IngestQueue"], MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            copied.append(message["MessageId"])
        if not found:
            time.sleep(0.02)


def log_lines(s: Stack) -> list[dict[str, Any]]:
    """What the functions logged, as dictionaries."""
    found = []
    for line in s.logs().splitlines():
        if line.startswith('{"level"'):
            found.append(json.loads(line))
    return found


def retries(s: Stack) -> Counter[str]:
    """Why work went back to its queue, and how often."""
    return Counter(
        f"{line['message']}: {line.get('reason') or line.get('error')}"
        for line in log_lines(s)
        if line["message"] in {"retry", "failed", "unprocessable"}
    )


def in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
