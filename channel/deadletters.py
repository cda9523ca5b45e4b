"""Work that was given up after many tries: look at it, and have it done again."""

import argparse
import json
import sys
import textwrap
import time
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel.aws.errors import code
from emailchannel.moments import iso

from . import journal, screen
from .deadletters_read import DeadLetter, letters
from .deployment import Deployment
from .errors import DONE, NOT_DONE, CannotGoOn
from .stack import Queue, Stack, queues, read

_SHORT: Final = 8  # letters of an id that are shown
_MARGIN: Final = 10
_LEAST: Final = 6  # letters that must be given
_WAIT: Final = 60  # seconds
_GLANCE: Final = 0.5
_DOORS: Final = {
    "ingest": "GatewayFunction",
    "relay": "RelayFunction",
    "task": "TaskStarterFunction",
    "send": "SenderFunction",
    "events": "DeliveryEventsFunction",
    "contacts": "ContactEventsFunction",
}


def add(groups: Any) -> None:
    """Put the group's commands among the others."""
    group = groups.add_parser("deadletters", help="work that was given up after many tries")
    commands = group.add_subparsers(metavar="COMMAND", required=True)

    made = commands.add_parser(
        "list",
        help="what was given up",
        description="Lists dead letters, oldest first. While it does, they are hidden from others "
        "for some seconds, and each look counts as one more try.",
    )
    made.add_argument("--queue", help="only this queue, for example ingest")
    made.add_argument("--json", action="store_true", help="for programs: one JSON array")
    made.set_defaults(run=show_list)

    made = commands.add_parser("retry", help="have it done again")
    made.add_argument("id", nargs="*", help="the beginning of an id, as `list` shows it")
    made.add_argument("--all", action="store_true", help="everything, or all of --queue")
    made.add_argument("--queue", help="only this queue")
    made.add_argument(
        "--wait", type=float, default=_WAIT, metavar="SECONDS", help="for --all to be moved"
    )
    made.set_defaults(run=retry)

    made = commands.add_parser(
        "open-as-case",
        help="take a mail in without reading more of it than its header",
        description="For a mail that cannot be parsed: it opens a case from which an agent can "
        "download the original.",
    )
    made.add_argument("id", nargs="+", help="the beginning of an id, as `list` shows it")
    made.add_argument(
        "--wait", type=float, default=_WAIT, metavar="SECONDS", help="for it to be taken in"
    )
    made.set_defaults(run=open_as_case)


def _chosen(stack: Stack, name: str | None) -> list[Queue]:
    every = [queue for queue in queues(stack) if queue.dead_url]
    found = [queue for queue in every if name in {None, queue.name}]
    if not found:
        names = ", ".join(queue.name for queue in every)
        raise CannotGoOn(f"There is no queue {name}. There are {names}.")
    return found


def show_list(deployment: Deployment, options: argparse.Namespace) -> int:
    """Three lines a letter, or JSON."""
    stack = read(deployment)
    with letters(stack, _chosen(stack, options.queue)) as found:
        if options.json:
            print(json.dumps([_as_json(letter) for letter in found], indent=1))
            return DONE
        for letter in found:
            print("\n".join(_shown(letter)))
    print(f"{screen.counted(len(found), 'dead letter')}.")
    if found:
        doors = dict.fromkeys(_DOORS.get(letter.queue.name, "") for letter in found)
        words = (
            f"Why is in the log of {', '.join(filter(None, doors))}. When that is mended,"
            " `deadletters retry ID` or `deadletters retry --all` has it done again."
        )
        print(textwrap.fill(words, screen.WIDTH))
    return DONE


def _as_json(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "queue": letter.queue.name,
        "kind": letter.kind,
        "at": iso(letter.at) if letter.at else None,
        "tries": letter.tries,
        "case": letter.case_id,
        "sender": letter.sender,
        "subject": letter.subject,
        "key": letter.key,
    }


def _shown(letter: DeadLetter) -> list[str]:
    tries = "1 try" if letter.tries == 1 else f"{letter.tries} tries"
    lines = [f"{letter.queue.name}, {screen.moment(letter.at)}, {tries}: {letter.kind}"]
    if letter.sender or letter.subject:
        quoted = f"“{letter.subject}”" if letter.subject else "no subject"
        lines.append(f"{letter.sender or 'unknown sender'}: {quoted}")
    lines += [f"case {letter.case_id}"] if letter.case_id else []
    lines += [letter.key] if letter.key else []
    heads = [letter.id[:_SHORT], *[""] * (len(lines) - 1)]
    room = screen.WIDTH - _MARGIN
    return [
        f"{head:{_MARGIN}}{screen.cut(line, room)}" for head, line in zip(heads, lines, strict=True)
    ]


def retry(deployment: Deployment, options: argparse.Namespace) -> int:
    """Back into the queue they came from."""
    if bool(options.id) == options.all:
        raise CannotGoOn("Which? Give ids as `deadletters list` shows them, or --all.")
    stack = read(deployment)
    chosen = _chosen(stack, options.queue)
    if options.all:
        return max([_move_all(stack, queue, options.wait) for queue in chosen])
    with letters(stack, chosen) as found:
        wanted, status = _named(found, options.id)
        for letter in wanted:
            _record(deployment, "retry", letter)
            _put(stack, letter.queue.url, letter.body, letter.attributes)
            _delete(stack, letter)
            print(f"{letter.id[:_SHORT]} is back in the queue {letter.queue.name}.")
    return status


def _named(found: list[DeadLetter], names: list[str]) -> tuple[list[DeadLetter], int]:
    """The letters that are meant, each once; words for the others go to the screen."""
    wanted: dict[str, DeadLetter] = {}
    status = DONE
    for name in names:
        matching = [letter for letter in found if letter.is_called(name)]
        if len(name) < _LEAST:
            words = f"{name}: give {_LEAST} letters of the id at least."
        elif not matching:
            words = f"{name}: no such dead letter. `deadletters list` shows what there is."
        elif len(matching) > 1:
            words = f"{name}: {len(matching)} dead letters are called so. Give the id of one."
        else:
            wanted[matching[0].id] = matching[0]
            continue
        print(words, file=sys.stderr)
        status = NOT_DONE
    return list(wanted.values()), status


def _record(deployment: Deployment, action: str, letter: DeadLetter) -> None:
    journal.write(
        deployment,
        "dead-letter",
        letter.id,
        action=action,
        queue=letter.queue.name,
        message_id=letter.id,
        case_id=letter.case_id,
    )


def _put(stack: Stack, url: str, body: str, attributes: Any) -> None:
    more = {"MessageAttributes": attributes} if attributes else {}
    stack.client("sqs").send_message(QueueUrl=url, MessageBody=body, **more)


def _delete(stack: Stack, letter: DeadLetter) -> None:
    stack.client("sqs").delete_message(QueueUrl=letter.queue.dead_url, ReceiptHandle=letter.receipt)


def _move_all(stack: Stack, queue: Queue, seconds: float) -> int:
    """SQS moves them itself; that can take long, so it is not waited for for ever."""
    client = stack.client("sqs")
    waiting = _depth(client, queue.dead_url)
    if not waiting:
        return DONE
    source, target = (_arn(client, url) for url in (queue.dead_url, queue.url))
    journal.write(stack.deployment, "dead-letter", queue.name, action="retry-all", queue=queue.name)
    try:
        client.start_message_move_task(SourceArn=source, DestinationArn=target)
    except ClientError as error:
        if code(error) not in {
            "UnsupportedOperation",
            "AWS.SimpleQueueService.UnsupportedOperation",
        }:
            raise
        print(f"{queue.name}: its dead letters are being moved already.", file=sys.stderr)
        return NOT_DONE
    return _see_them_moved(client, queue, source, waiting, seconds)


def _see_them_moved(client: Any, queue: Queue, source: str, waiting: int, seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while True:
        listed = client.list_message_move_tasks(SourceArn=source, MaxResults=1).get("Results")
        task = listed[0] if listed else {}
        moved = int(task.get("ApproximateNumberOfMessagesMoved") or 0)
        screen.progress(min(moved, waiting), waiting, f"dead letters of {queue.name}")
        if task.get("Status") == "COMPLETED":
            print(f"{screen.counted(moved, 'dead letter')} went back into the queue {queue.name}.")
            return DONE
        if task.get("Status") not in {"RUNNING", None}:
            reason = task.get("FailureReason") or task.get("Status")
            print(f"{queue.name}: SQS stopped moving them: {reason}.", file=sys.stderr)
            return NOT_DONE
        if time.monotonic() > deadline:
            print(f"{queue.name}: SQS is still moving them; `status` shows how many are left.")
            return NOT_DONE
        time.sleep(_GLANCE)


def _arn(client: Any, url: str) -> str:
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(answer["Attributes"]["QueueArn"])


def _depth(client: Any, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def open_as_case(deployment: Deployment, options: argparse.Namespace) -> int:
    """Order the gateway to take the mail in without parsing it."""
    stack = read(deployment)
    chosen = [queue for queue in _chosen(stack, None) if queue.name in {"ingest", "relay"}]
    keys = []
    with letters(stack, chosen) as found:
        wanted, status = _named(found, options.id)
        for letter in wanted:
            route = letter.key.partition("/")[0]
            if not letter.key or deployment.channel.mails.read(letter.key) is None:
                print(f"{letter.id[:_SHORT]}: names no mail of the bucket.", file=sys.stderr)
                status = NOT_DONE
                continue
            _record(deployment, "open-as-case", letter)
            order = {"take": letter.key, "released": True, "plain": True}
            _put(stack, stack.resources["IngestQueue"], json.dumps(order), None)
            _delete(stack, letter)
            keys.append((letter.key.partition("/")[2], route))
    return max(status, _see_them_in(deployment, keys, options.wait))


def _see_them_in(deployment: Deployment, keys: list[tuple[str, str]], seconds: float) -> int:
    deadline = time.monotonic() + seconds
    while keys:
        for ses_id, route in list(keys):
            intake = deployment.cases.intake(ses_id, route)
            if intake and intake.stage == "done":
                where = f"part of case {intake.case_id}" if intake.case_id else intake.outcome
                print(f"{ses_id[:_SHORT]} is {where}.")
                keys.remove((ses_id, route))
        if not keys or time.monotonic() > deadline:
            break
        time.sleep(_GLANCE)
    for ses_id, _ in keys:
        print(f"{ses_id[:_SHORT]} is queued; `deadletters list` shows it if it fails again.")
    return NOT_DONE if keys and seconds > 0 else DONE
