"""Rules of notifications: checked, tried on a sample, and what no mail could be made of."""

import argparse
import json
from pathlib import Path
from typing import Any, Final, cast

from emailchannel.aws.errors import translated
from emailchannel.aws.streams import row_of
from emailchannel.errors import Unprocessable
from emailchannel.mail.address_list import parse_addresses
from emailchannel.notify.check import checked
from emailchannel.notify.rules import OURS, NotRules, Rule
from emailchannel.notify.tell import Mail, wanted
from emailchannel.ports import Channel
from emailchannel.settings import Settings

from . import screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE, NOT_STARTED, CannotGoOn
from .stack import Stack, read

FILE: Final = Path("functions/notifications.yaml")
_MOST: Final = 10_000
_HIDDEN: Final = 60  # seconds that what was set aside is hidden while it is looked at
_SAMPLE_SIZE: Final = 1  # bytes that a try takes each attachment to have: nothing is read


def add(groups: Any) -> None:
    """Put the group's commands among the others."""
    group = groups.add_parser("rules", help="mails that changes of tables send")
    commands = group.add_subparsers(metavar="COMMAND", required=True)

    made = commands.add_parser("check", help="what is wrong with a file of rules (no stack needed)")
    made.add_argument("file", nargs="?", type=Path, default=FILE, help=f"usually {FILE}")
    made.set_defaults(run=check, alone=True)

    made = commands.add_parser(
        "try",
        help="what a record of a stream would send (no stack needed)",
        description="Shows the mails that a sample record would send, and sends none. The sample is"
        " a record as DynamoDB Streams gives it: eventName, dynamodb.NewImage and OldImage.",
    )
    made.add_argument("file", type=Path)
    made.add_argument("--record", type=Path, required=True, help="the sample, as JSON")
    made.add_argument("--table", default=OURS, help="the name of the table it comes from")
    made.set_defaults(run=rehearse, alone=True)

    made = commands.add_parser("failed", help="what no mail could be made of, and why")
    made.set_defaults(run=failed)

    made = commands.add_parser(
        "again", help="do all of that again; what was sent is not sent twice"
    )
    made.set_defaults(run=again)


def _rules(file: Path) -> tuple[Rule, ...]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotGoOn(f"{file} cannot be read: {error}", NOT_STARTED) from error
    return checked(text)


def check(_deployment: Deployment | None, options: argparse.Namespace) -> int:
    """Every mistake, a line each."""
    try:
        rules = _rules(options.file)
    except NotRules as error:
        for fault in error.faults:
            print(fault)
        print(f"{screen.counted(len(error.faults), 'mistake')}.")
        return NOT_DONE
    print(f"{screen.counted(len(rules), 'rule')}: all is well.")
    return DONE


class _Sample:
    """Stands for other buckets: every object is there, small, and nothing is read."""

    def size(self, _bucket: str, _key: str) -> int:
        return _SAMPLE_SIZE

    def read(self, bucket: str, key: str) -> bytes:
        return f"s3://{bucket}/{key}".encode()

    def link(self, bucket: str, key: str, _filename: str, _seconds: int) -> str:
        return f"s3://{bucket}/{key}"


def rehearse(_deployment: Deployment | None, options: argparse.Namespace) -> int:
    """The mails that a record would send."""
    try:
        record = json.loads(options.record.read_text(encoding="utf-8"))
        row = row_of({"eventID": "sample", **record})
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = f"{options.record} is no record of a stream: {type(error).__name__}."
        raise CannotGoOn(words, NOT_STARTED) from error
    try:
        rules = _rules(options.file)
        found = [wanted(_nowhere(rule), _Sample(), rule, options.table, row) for rule in rules]
    except NotRules as error:
        raise CannotGoOn(f"{options.file}: {error}", NOT_STARTED) from error
    except Unprocessable as error:
        print(f"It would be set aside: {error.reason}.")
        return NOT_DONE
    mails = [mail for mail in found if mail]
    for mail in mails:
        print(_shown(mail))
    print(f"{screen.counted(len(mails), 'mail')} would be sent.")
    return DONE


def _nowhere(rule: Rule) -> Channel:
    """A channel that knows its addresses and nothing else: may the rule's be verified."""
    named = parse_addresses(rule.from_)
    domain = named[0].addr.rpartition("@")[2].lower() if named else "example.com"
    settings = Settings(f"support@{domain}", domain, (), "", "", "")
    missing = cast("Any", None)
    return Channel(settings, *[missing] * (len(Channel.__dataclass_fields__) - 1))


def _shown(mail: Mail) -> str:
    fields = {
        "rule": mail.rule,
        "from": mail.sender.addr,
        "to": mail.to.addr,
        "reply to": mail.reply_to.addr if mail.reply_to else "",
        "subject": mail.subject,
        "attached": f"{mail.file.filename}: {mail.file.payload.decode()}" if mail.file else "",
    }
    head = [f"{name:<10}{screen.plain(value)}" for name, value in fields.items() if value]
    body = [f"    {screen.plain(line)}".rstrip() for line in mail.text.rstrip().split("\n")]
    return "\n".join([*head, "", *body, ""])


def failed(deployment: Deployment, _options: argparse.Namespace) -> int:
    """A line for each record that was set aside, and for each stretch of a stream given up."""
    found = list(_set_aside(read(deployment)))
    rows = [(_what(body), _why(body)) for body, _ in found]
    if rows:
        print(screen.table(("what", "why"), rows))
    print(f"{screen.counted(len(rows), 'record')} set aside.")
    return DONE


def again(deployment: Deployment, _options: argparse.Namespace) -> int:
    """Give each record to the notifier once more, and forget those that it takes."""
    stack = read(deployment)
    done = lost = busy = 0
    for body, receipt in _set_aside(stack):
        record = body.get("record") or {}
        if "dynamodb" not in record:  # named, and not kept: the stream had it for a day
            lost += 1
        elif not _taken(stack, record):
            busy += 1
        else:
            with translated():
                stack.client("sqs").delete_message(
                    QueueUrl=stack.resources["NewsFailures"], ReceiptHandle=receipt
                )
            done += 1
    print(f"{screen.counted(done, 'record')} done again; what fails again is set aside again.")
    if busy:
        words = screen.counted(busy, "record")
        print(f"{words} could not be taken now: still set aside, try again in a minute.")
    if lost:
        print(f"{lost} could not be: only their place in the stream is known.")
    return NOT_DONE if busy or lost else DONE


def _taken(stack: Stack, record: dict[str, Any]) -> bool:
    """Whether the notifier is done with a record: it has sent its mails or set it aside anew."""
    with translated():
        answer = stack.client("lambda").invoke(
            FunctionName=stack.resources["NotifierFunction"],
            Payload=json.dumps({"Records": [record]}).encode(),
        )
    failed = "FunctionError" in answer
    return not failed and json.loads(answer["Payload"].read()) == {"batchItemFailures": []}


def _set_aside(stack: Stack) -> list[tuple[dict[str, Any], str]]:
    client, url = stack.client("sqs"), stack.resources["NewsFailures"]
    found: dict[str, tuple[dict[str, Any], str]] = {}
    while len(found) < _MOST:
        with translated():
            answer = client.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=_HIDDEN
            )
        messages = answer.get("Messages", [])
        for one in messages:
            found[one["MessageId"]] = json.loads(one["Body"]), one["ReceiptHandle"]
        if not messages:
            break
    for _, receipt in found.values():
        with translated():
            client.change_message_visibility(
                QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
    return list(found.values())


def _what(body: dict[str, Any]) -> str:
    record = body.get("record") or {}
    arn = str(record.get("eventSourceARN") or "")
    if arn:
        return f"{record.get('eventName')} in {arn.partition('table/')[2].partition('/')[0]}"
    batch = body.get("DDBStreamBatchInfo") or {}
    function = str((body.get("requestContext") or {}).get("functionArn") or "").rpartition(":")[2]
    return f"{batch.get('batchSize', '?')} changes for {function}"


def _why(body: dict[str, Any]) -> str:
    found = body.get("reason") or (body.get("requestContext") or {}).get("condition") or "unknown"
    return screen.plain(str(found))
