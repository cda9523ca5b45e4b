"""DynamoDB streams to Lambda: retries, bisection and the failure destination of a mapping.

ministack runs the handler on its only polling thread and repeats a failing batch for ever; here
each mapping has its own place in the stream and MaximumRetryAttempts, BisectBatchOnFunctionError,
ReportBatchItemFailures and DestinationConfig mean what they mean on AWS.
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import threading
from typing import Any

from ministack.core import concurrency
from ministack.core.responses import request_scope
from ministack.services import dynamodb, lambda_svc

_lock = threading.Lock()
_running: set[str] = set()
_RETRIES_UNLESS_SET = 10  # AWS retries until the record expires; nothing is learnt from that here


def poll() -> bool:
    """Start the next batch of each mapping that has records and is not at work."""
    started = False
    for account, region, mapping in lambda_svc._iter_all_esms():
        if ":dynamodb:" not in mapping.get("EventSourceArn", ""):
            continue
        with request_scope(account, region):
            started = _start(mapping) or started
    return started


def pending(account: str) -> int:
    """Records of the account's streams that an enabled mapping has not yet handled."""
    total = 0
    for owner, region, mapping in lambda_svc._iter_all_esms():
        if owner == account and ":dynamodb:" in mapping.get("EventSourceArn", ""):
            with request_scope(owner, region):
                total += len(_waiting(mapping)) if mapping.get("Enabled", True) else 0
    return total


def _table(mapping: dict[str, Any]) -> str:
    return str(mapping["EventSourceArn"]).split("table/")[1].split("/")[0]


def _waiting(mapping: dict[str, Any]) -> list[dict[str, Any]]:
    table = dynamodb._tables.get(_table(mapping))
    if not table or table.get("LatestStreamArn") != mapping["EventSourceArn"]:
        return []
    name = _table(mapping)
    with lambda_svc._dynamodb_stream_positions_lock:
        positions = lambda_svc._dynamodb_stream_positions
        if mapping["UUID"] not in positions:
            lambda_svc._init_stream_position(
                mapping["UUID"],
                mapping["EventSourceArn"],
                mapping.get("StartingPosition", "LATEST"),
            )
        position = max(positions.get(mapping["UUID"], 0), dynamodb.stream_start_position(name))
        positions[mapping["UUID"]] = position
    size = int(mapping.get("BatchSize", 100))
    return list(dynamodb.stream_records_since(name, position, size))


def _start(mapping: dict[str, Any]) -> bool:
    if not mapping.get("Enabled", True) or not (records := _waiting(mapping)):
        return False
    with _lock:
        if mapping["UUID"] in _running:
            return False
        _running.add(mapping["UUID"])
    lambda_svc.spawn_background(_run, mapping, records, thread_name="stream")
    return True


def _run(mapping: dict[str, Any], records: list[dict[str, Any]]) -> None:
    try:
        wanted = lambda_svc._apply_filter_criteria(list(records), mapping)
        if wanted:
            _handle(mapping, wanted, int(mapping.get("MaximumRetryAttempts", -1)))
        with lambda_svc._dynamodb_stream_positions_lock:
            lambda_svc._dynamodb_stream_positions[mapping["UUID"]] += len(records)
    finally:
        with _lock:
            _running.discard(mapping["UUID"])
        concurrency.esm_wake.set()


def _handle(mapping: dict[str, Any], records: list[dict[str, Any]], retries: int) -> None:
    """Invoke until it succeeds or the retries are used up; then the failure destination."""
    function, _config = lambda_svc._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    left = retries if retries >= 0 else _RETRIES_UNLESS_SET
    result: dict[str, Any] = {}
    while records and function and left >= 0:
        result = lambda_svc._execute_function(function, {"Records": records})
        if not result.get("error"):
            records = _after_first_failure(mapping, records, result.get("body"))
        elif mapping.get("BisectBatchOnFunctionError") and len(records) > 1 and left > 0:
            half = len(records) // 2
            _handle(mapping, records[:half], left - 1)
            _handle(mapping, records[half:], left - 1)
            return
        left -= 1
    if records and function:
        lambda_svc._send_ddb_stream_failure_record(
            mapping, function, records, mapping["EventSourceArn"], result, "RetryAttemptsExhausted"
        )


def _after_first_failure(
    mapping: dict[str, Any], records: list[dict[str, Any]], body: Any
) -> list[dict[str, Any]]:
    """What is still to be handled: nothing, or everything from the first reported failure on."""
    if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
        return []
    failures = body.get("batchItemFailures") if isinstance(body, dict) else None
    reported = {item.get("itemIdentifier") for item in failures or []}
    for index, record in enumerate(records):
        if record["dynamodb"]["SequenceNumber"] in reported:
            return records[index:]
    return []
