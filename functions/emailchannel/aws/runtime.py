"""How a door runs: structured logs without anything private, and partial batches.

Log lines carry ids, codes and counts: never an address, a subject, a body, a token or a link.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from ..errors import Retryable, Unprocessable
from ..ports import Envelope, Mails
from . import events
from .settings import stack_name

SERVICE = "email-channel"
logger = Logger(service=SERVICE, log_uncaught_exceptions=False)

Record = Mapping[str, Any]


def comprehend_failed(operation: str) -> None:
    """Comprehend did not answer: the mail goes on without it."""
    logger.warning("comprehend failed", extra={"operation": operation})


def batch(event: Mapping[str, Any], work: Callable[[Record], str]) -> dict[str, Any]:
    """Run `work` for every record of an SQS event; only those that failed come back.

    This is the one place that catches everything: one record must not take the others with it.
    `work` returns a word for the log, which is counted as a metric (CloudWatch embedded format).
    A Retryable hides the record for its `after` seconds, or, as does what is unexpected, longer
    with each receive.
    """
    failed = []
    metrics = Metrics(namespace="EmailChannel", service=SERVICE)
    metrics.set_default_dimensions(stack=stack_name())
    for record in event.get("Records", []):
        try:
            outcome = work(record)
        except Unprocessable as error:
            logger.error("unprocessable", extra={"reason": error.reason})
        except Retryable as error:
            after = error.after or _backoff(record)
            _later(record, after)
            logger.warning("retry", extra={"reason": error.reason, "after": after})
            failed.append(record["messageId"])
        except Exception as error:
            # The type and the place say enough; the text of an error may quote the mail.
            logger.error("failed", extra={"error": type(error).__name__, "at": _place(error)})
            _later(record, _backoff(record))
            failed.append(record["messageId"])
        else:
            logger.info("done", extra={"outcome": outcome})
            metrics.add_metric(outcome, MetricUnit.Count, 1)
    metrics.flush_metrics(raise_on_empty_metrics=False)
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def stream(
    event: Mapping[str, Any],
    work: Callable[[Record], str],
    set_aside: Callable[[Record, str], None] | None = None,
) -> dict[str, Any]:
    """Run `work` for every record of a DynamoDB stream, in order, up to the first that fails.

    It and what follows come again (ReportBatchItemFailures). What can never work is logged and,
    if `set_aside` is given, handed to it with the reason; it holds nobody up.
    """
    metrics = Metrics(namespace="EmailChannel", service=SERVICE)
    metrics.set_default_dimensions(stack=stack_name())
    failed: list[str] = []
    for record in event.get("Records", []):
        try:
            outcome = work(record)
        except Unprocessable as error:
            logger.error("unprocessable", extra={"reason": error.reason})
            if set_aside:
                set_aside(record, error.reason)
            outcome = "SetAside"
        except Retryable as error:
            logger.warning("retry", extra={"reason": error.reason})
            failed = [str(record["dynamodb"]["SequenceNumber"])]
            break
        except Exception as error:
            logger.error("failed", extra={"error": type(error).__name__, "at": _place(error)})
            failed = [str(record["dynamodb"]["SequenceNumber"])]
            break
        logger.info("done", extra={"outcome": outcome})
        metrics.add_metric(outcome, MetricUnit.Count, 1)
    metrics.flush_metrics(raise_on_empty_metrics=False)
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def steps(named: Mapping[str, Callable[[], dict[str, int]]]) -> dict[str, Any]:
    """Run each step, whatever becomes of the others; what they find becomes metrics."""
    found: dict[str, Any] = {}
    failed = []
    metrics = Metrics(namespace="EmailChannel", service=SERVICE)
    metrics.set_default_dimensions(stack=stack_name())
    for name, step in named.items():
        try:
            found |= step()
        except Exception as error:
            logger.error(
                "step failed",
                extra={"step": name, "error": type(error).__name__, "at": _place(error)},
            )
            failed.append(name)
    for name, count in {**found, "FailedSteps": len(failed)}.items():
        metrics.add_metric(name, MetricUnit.Count, count)
    metrics.flush_metrics(raise_on_empty_metrics=False)
    logger.info("round", extra={"found": found, "failed": failed})
    return {**found, "failed": failed}


def failed(error: BaseException) -> None:
    """Log what nobody expected: type and place, since the text of an error may quote the mail."""
    logger.error("failed", extra={"error": type(error).__name__, "at": _place(error)})


def receives(record: Record) -> int:
    """How often this record has been received, this time included."""
    return int((record.get("attributes") or {}).get("ApproximateReceiveCount") or 1)


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""


def announced(record: Record, route: str, mails: Mails) -> Envelope | None:
    """The mail that an SES notification announces on this route; None when it announces none.

    Only the notification has the envelope and the verdicts: it goes with the envelope, to be kept.
    """
    if events.is_greeting(record.get("body")):
        return None
    notification = events.unwrapped(body(record))
    envelope = events.envelope(notification)
    if envelope is None or envelope.route != route:
        return None
    if "receipt" not in notification:  # an S3 event has neither, and must not take its place
        return stored(envelope.key, mails) or envelope
    text = json.dumps(notification, sort_keys=True, separators=(",", ":"))
    return replace(envelope, notification=text)


def stored(key: str, mails: Mails) -> Envelope | None:
    """The envelope of a mail whose notification was kept beside it."""
    kept = mails.read(f"{key}.json")
    return events.envelope(json.loads(kept)) if kept else None


@dataclass(frozen=True)
class Order:
    """A person's, a colleague's or the caretaker's order to take in a stored mail."""

    envelope: Envelope
    released: bool
    plain: bool


def order(record: Record, mails: Mails) -> Order | None:
    """The order in a record; None when it holds a notification."""
    if events.is_greeting(record.get("body")):
        return None
    found = body(record)
    if not isinstance(found.get("take"), str):
        return None
    envelope = stored(found["take"], mails) or events.bare_envelope(found["take"])
    return Order(envelope, bool(found.get("released")), bool(found.get("plain")))


@lru_cache(maxsize=1)
def _sqs() -> Any:
    make: Any = boto3.client
    return make("sqs")


def _backoff(record: Record) -> int:
    """5, 10, 20 ... 320 seconds by the number of receives so far."""
    return 5 << min(receives(record) - 1, 6)


def _later(record: Record, seconds: int) -> None:
    """Hide a record for a while. If that fails it comes back at the queue's own time-out."""
    _, partition, _, region, account, name = str(record["eventSourceARN"]).split(":")
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    url = f"https://sqs.{region}.{suffix}/{account}/{name}"
    try:
        _sqs().change_message_visibility(
            QueueUrl=url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=seconds
        )
    except (ClientError, BotoCoreError) as error:
        logger.warning("not hidden", extra={"error": type(error).__name__})


def body(record: Record) -> dict[str, Any]:
    """The JSON object in an SQS record. Raises Unprocessable when it is none."""
    try:
        found = json.loads(record["body"])
    except (KeyError, TypeError, ValueError) as error:
        raise Unprocessable("not-json") from error
    if not isinstance(found, dict):
        raise Unprocessable("not-an-object")
    return found
