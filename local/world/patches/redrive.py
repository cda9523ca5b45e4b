"""SQS StartMessageMoveTask: dead letters go back to where they came from. ministack has none."""

from __future__ import annotations

from typing import Any

from ministack.core import concurrency
from ministack.core.responses import get_account_id
from ministack.services import sqs

from local.world import activity
from local.world.patches import queues


def apply() -> None:
    sqs._HANDLERS["StartMessageMoveTask"] = _start
    sqs._HANDLERS["ListMessageMoveTasks"] = _list


def _start(data: dict[str, Any], _url: str) -> dict[str, Any]:
    """Move all messages of a dead-letter queue at once; each starts its life anew.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
    """
    with queues.lock:
        source = sqs._queue_by_arn(data.get("SourceArn", ""))
        if source is None:
            raise sqs._Err("ResourceNotFoundException", "The source queue does not exist.", 404)
        kept, moved = [], 0
        for message in source["messages"]:
            origin = message.get("sys", {}).get("DeadLetterQueueSourceArn", "")
            target = sqs._queue_by_arn(data.get("DestinationArn") or origin)
            if target is None:
                kept.append(message)
                continue
            target["messages"].append(_fresh(message))
            moved += 1
        source["messages"] = kept
        activity.moved(get_account_id())
    task = {
        "TaskHandle": sqs.new_uuid(),
        "Status": "COMPLETED",
        "SourceArn": data["SourceArn"],
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": moved,
        "StartedTimestamp": int(sqs.time.time() * 1000),
    }
    source.setdefault("move_tasks", []).insert(0, task)
    concurrency.esm_wake.set()
    return {"TaskHandle": task["TaskHandle"]}


def _fresh(message: dict[str, Any]) -> dict[str, Any]:
    now = sqs.time.time()
    fresh = {
        **message,
        "id": sqs.new_uuid(),
        "receipt_handle": None,
        "sent_at": now,
        "visible_at": now,
        "receive_count": 0,
        "first_receive_at": None,
    }
    fresh["sys"] = {**message.get("sys", {}), "SentTimestamp": str(int(now * 1000))}
    fresh["sys"].pop("DeadLetterQueueSourceArn", None)
    return fresh


def _list(data: dict[str, Any], _url: str) -> dict[str, Any]:
    source = sqs._queue_by_arn(data.get("SourceArn", "")) or {}
    return {"Results": source.get("move_tasks", [])[: int(data.get("MaxResults", 1))]}
