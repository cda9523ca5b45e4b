"""What is waiting, what is stuck, and whether the channel looks after itself."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel.aws.errors import code
from emailchannel.caretaker import UNTOUCHED
from emailchannel.ports import INBOUND, RELAY, Todo
from emailchannel.receive import SETUP_NOTIFICATION

from . import doctor_upkeep, screen, stack
from .deployment import Deployment
from .errors import DONE, NOT_DONE
from .status_text import as_text
from .status_values import Backlog, QueueState, Status, Sweep, as_json

_MOST: Final = 50_000  # objects of the bucket
_ROWS: Final = 1000  # rows of a kind of work
_AT_ONCE: Final = 8
_HOUR: Final = 3_600_000
_LATER: Final = 24 * _HOUR  # work that was put off is work, too
_COUNTS: Final = ("", "NotVisible", "Delayed")
_AGE: Final = "ApproximateAgeOfOldestMessage"


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "status",
        help="what is waiting, and what is stuck",
        description="Queues, unsettled sends, mail that nobody took in, alarms. Ends with 1 when "
        "something needs a person.",
    )
    made.add_argument("--json", action="store_true", help="for programs: one JSON object")
    made.add_argument("--watch", type=float, metavar="SECONDS", help="over and over, until Ctrl-C")
    made.add_argument(
        "--most",
        type=int,
        default=_MOST,
        metavar="N",
        help=f"look at so many objects of the bucket at most ({_MOST:,})",
    )
    made.set_defaults(run=run)


def run(deployment: Deployment, options: argparse.Namespace) -> int:
    """Show it once, or over and over."""
    made = stack.read(deployment)
    while True:
        found = look(made, options.most)
        if options.watch and sys.stdout.isatty():
            print("\033[2J\033[H", end="")
        print(json.dumps(as_json(found), indent=1) if options.json else as_text(found))
        if not options.watch:
            return DONE if found.is_quiet else NOT_DONE
        try:
            time.sleep(options.watch)
        except KeyboardInterrupt:
            return DONE


def look(made: stack.Stack, most: int) -> Status:
    """Ask SQS, CloudWatch, the table and the bucket."""
    deployment = made.deployment
    now, cases = deployment.channel.now_ms(), deployment.cases
    return Status(
        at=now,
        queues=tuple(_queues(made)),
        sends=tuple(_sends(deployment, now)),
        backlogs=tuple(_backlog(deployment, kind, now) for kind in ("intake", "hold", "journal")),
        sweep=_sweep(deployment, now, most),
        canary=cases.canary(),
        alarms=tuple(
            (str(alarm["AlarmName"]), str(alarm.get("AlarmDescription") or ""))
            for alarm in doctor_upkeep.ringing(made)
        ),
    )


def _queues(made: stack.Stack) -> Iterable[QueueState]:
    client, listed = made.client("sqs"), stack.queues(made)
    ages = _ages(made, [queue.url for queue in listed])
    for queue in listed:
        waiting, in_work, delayed = _counts(client, queue.url)
        dead = sum(_counts(client, queue.dead_url)) if queue.dead_url else 0
        yield QueueState(queue.name, waiting, in_work, delayed, ages.get(queue.url), dead)


def _counts(client: Any, url: str) -> list[int]:
    names = [f"ApproximateNumberOfMessages{name}" for name in _COUNTS]
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return [int(found[name]) for name in names]


def _ages(made: stack.Stack, urls: list[str]) -> dict[str, int]:
    """Age of the oldest message by queue, in seconds, as CloudWatch last heard of it."""
    now = made.deployment.channel.now()
    queries = [
        {
            "Id": f"q{n}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": _AGE,
                    "Dimensions": [{"Name": "QueueName", "Value": url.rpartition("/")[2]}],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for n, url in enumerate(urls)
    ]
    try:
        answer = made.client("cloudwatch").get_metric_data(
            MetricDataQueries=queries,
            StartTime=now - 600,
            EndTime=now,
            ScanBy="TimestampDescending",
        )
    except ClientError as error:
        if not code(error).startswith("AccessDenied"):
            raise
        return {}
    values = {entry["Id"]: entry.get("Values") for entry in answer["MetricDataResults"]}
    return {url: int(values[f"q{n}"][0]) for n, url in enumerate(urls) if values.get(f"q{n}")}


def _sends(deployment: Deployment, now: int) -> list[Backlog]:
    """Mails of the outbox that are neither sent nor given up, by state."""
    entries, cases = deployment.cases.todo("outbox", now + _LATER, _ROWS), deployment.cases
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        rows = [row for row in pool.map(lambda entry: cases.outgoing(entry.id), entries) if row]
    left = [row for row in rows if row.state in {"PENDING", "SENDING", "UNKNOWN"}]
    counts = Counter(row.state for row in left)
    oldest = {row.state: row.at for row in sorted(left, key=lambda row: -row.at)}
    more = len(entries) == _ROWS
    return [Backlog(state, counts[state], oldest[state], more) for state in sorted(counts)]


def _backlog(deployment: Deployment, kind: str, now: int) -> Backlog:
    entries = deployment.cases.todo(kind, now + _LATER, _ROWS)
    begun = _since(deployment, kind)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        oldest = min(pool.map(begun, entries), default=0)
    return Backlog(kind, len(entries), oldest, len(entries) == _ROWS)


def _since(deployment: Deployment, kind: str) -> Callable[[Todo], int]:
    """When the work began: an entry's own time moves on each time that it is looked after."""

    def begun(entry: Todo) -> int:
        if kind == "intake":
            intake = deployment.cases.intake(entry.id, entry.scope)
            return intake.at if intake else entry.at
        if kind == "hold":
            message = deployment.cases.message(entry.scope, entry.id)
            return message.at if message else entry.at
        return entry.at

    return begun


def _sweep(deployment: Deployment, now: int, most: int) -> Sweep:
    """Objects that are old enough to have a record and have none.

    What is older than the caretaker's last whole sweep is known to be in order.
    """
    clean = min(deployment.cases.sweep_mark(route)[2] for route in (INBOUND, RELAY))
    listed, looked, all_seen = [], 0, True
    for route in (INBOUND, RELAY):
        after = ""
        while True:
            page, after = deployment.channel.mails.page(f"{route}/", after)
            looked += len(page)
            listed += [
                stored.key
                for stored in page
                if clean - _HOUR < stored.at < now - UNTOUCHED and _is_mail(stored.key)
            ]
            all_seen = all_seen and not (after and looked >= most)
            if not after or looked >= most:
                break
    return Sweep(tuple(_without_row(deployment, listed)), looked, all_seen, clean)


def _is_mail(key: str) -> bool:
    """Neither the notification beside a mail nor SES's greeting to a new rule."""
    return not key.endswith((".json", SETUP_NOTIFICATION))


def _without_row(deployment: Deployment, keys: list[str]) -> list[str]:
    def missing(key: str) -> bool:
        route, _, name = key.partition("/")
        return deployment.cases.intake(name, route) is None

    found = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done, (key, lost) in enumerate(zip(keys, pool.map(missing, keys), strict=True), 1):
            found += [key] if lost else []
            screen.progress(done, len(keys), "stored mails")
    return found
