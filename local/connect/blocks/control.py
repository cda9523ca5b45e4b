"""Blocks that decide where the flow goes on, waits or ends."""

from __future__ import annotations

from local.connect import lookup
from local.connect.blocks.outcome import (
    Failed,
    Finished,
    Matched,
    Moved,
    Next,
    Outcome,
    Paused,
    Run,
)

WAIT_LIMIT = 604_800  # seconds
LOOP_LIMIT = 100


def compare(run: Run) -> Outcome:
    return Matched(run.text("ComparisonValue"))


def wait(run: Run) -> Outcome:
    seconds = _whole_number(run.text("TimeLimitSeconds"))
    if seconds is None or not 1 <= seconds <= WAIT_LIMIT:
        return Failed(why=f"not 1 to {WAIT_LIMIT} seconds: {run.text('TimeLimitSeconds')!r}")
    return Paused(seconds)


def loop(run: Run) -> Outcome:
    """Continue so many times, then be done once and start to count again."""
    limit = _whole_number(run.text("LoopCount"))
    if limit is None or not 0 <= limit <= LOOP_LIMIT:
        return Matched("DoneLooping")
    counts = run.execution.loops
    done = counts.get(run.execution.action, 0)
    if done >= limit:
        counts.pop(run.execution.action, None)
        return Matched("DoneLooping")
    counts[run.execution.action] = done + 1
    return Matched("ContinueLooping")


def transfer_to_flow(run: Run) -> Outcome:
    reference = run.text("ContactFlowId")
    flow = lookup.by_id_or_arn(run.centre.instance.flows, reference) if reference else None
    return Moved(flow) if flow and flow.is_live else Failed(why=f"flow {reference} does not exist")


def end_flow_execution(_run: Run) -> Outcome:
    return Finished()


def disconnect_participant(_run: Run) -> Outcome:
    return Finished(disconnect=True)


def message_participant(_run: Run) -> Outcome:
    """A task has nobody to read it: no effect."""
    return Next()


def message_participant_iteratively(_run: Run) -> Outcome:
    return Failed(why="a task takes the error branch of Loop prompts")


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
