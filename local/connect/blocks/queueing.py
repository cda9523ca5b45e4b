"""Blocks about queues, hours and metrics."""

from __future__ import annotations

from local.connect import contacts, lookup, metrics
from local.connect.blocks.outcome import Failed, Finished, Matched, Next, Outcome, Run
from local.connect.model import User


def update_contact_target_queue(run: Run) -> Outcome:
    arn = _named_queue(run)
    if arn is None:
        return Failed(why=f"no such queue or agent: {run.text('QueueId') or run.text('AgentId')}")
    run.contact.queue_arn = arn
    return Next()


def transfer_contact_to_queue(run: Run) -> Outcome:
    """Queued contacts leave the flow; a full queue and no queue have error branches."""
    centre, contact = run.centre, run.contact
    if contact.queue_arn is None:
        return Failed(why="no working queue is set")
    queue = lookup.by_id_or_arn(centre.instance.queues, contact.queue_arn)
    personal = lookup.agent_of_queue(contact.queue_arn) in centre.instance.users
    if not personal and (queue is None or queue.status != "ENABLED"):
        return Failed(why=f"queue {contact.queue_arn} does not exist or is disabled")
    if queue is not None and queue.max_contacts is not None:
        waiting = len(contacts.in_queue(centre, queue.arn))
        if waiting >= queue.max_contacts:
            return Failed("QueueAtCapacity", f"{waiting} contacts wait in {queue.name}")
    contacts.enqueue(centre, contact)
    return Finished()


def check_hours_of_operation(run: Run) -> Outcome:
    instance = run.centre.instance
    hours_id = run.text("HoursOfOperationId")
    if hours_id is None:
        queue = lookup.by_id_or_arn(instance.queues, run.contact.queue_arn or "")
        hours_id = queue.hours_id if queue else None
    hours = lookup.by_id_or_arn(instance.hours, hours_id) if hours_id else None
    if hours is None:
        return Failed(why="no hours of operation")
    return Matched("True" if metrics.is_open(hours, run.centre.now()) else "False")


def check_metric_data(run: Run) -> Outcome:
    arn = _queue_to_measure(run)
    if arn is None:
        return Failed(why="no queue to measure")
    return Matched(str(metrics.value(run.centre, arn, run.parameters["MetricType"])))


def get_metric_data(run: Run) -> Outcome:
    arn = _queue_to_measure(run)
    if arn is None:
        return Failed(why="no queue to measure")
    run.execution.metrics = metrics.snapshot(run.centre, arn)
    return Next()


def _queue_to_measure(run: Run) -> str | None:
    if "QueueId" in run.parameters or "AgentId" in run.parameters:
        return _named_queue(run)
    return run.contact.queue_arn


def _named_queue(run: Run) -> str | None:
    instance = run.centre.instance
    if "AgentId" in run.parameters:
        agent = _named_agent(run)
        return lookup.agent_queue_arn(instance, agent.id) if agent else None
    reference = run.text("QueueId")
    queue = lookup.by_id_or_arn(instance.queues, reference) if reference else None
    return queue.arn if queue else None


def _named_agent(run: Run) -> User | None:
    """By id or ARN. The admin guide also sets it to $.Agent.UserName; whether a user name from
    elsewhere is understood is not documented, so it is not."""
    instance, reference = run.centre.instance, run.text("AgentId")
    if not reference:
        return None
    if run.parameters["AgentId"] == "$.Agent.UserName":
        return lookup.user_named(instance, reference)
    return lookup.by_id_or_arn(instance.users, reference)
