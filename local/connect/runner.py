"""Runs flows as their JSON says: block after block until the flow waits, calls or ends.

A waiting flow is data (the block to resume at and when), not a sleeping thread. Lambda
functions are called without the centre's lock.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor
from functools import lru_cache
from typing import Any

from local.connect import agents, contacts, invocation, routing
from local.connect.blocks import BLOCKS
from local.connect.blocks.outcome import (
    Failed,
    Finished,
    Invocation,
    Matched,
    Moved,
    Next,
    Outcome,
    Paused,
    Run,
)
from local.connect.centre import ContactCentre
from local.connect.model import Execution, Purpose

STEPS_WITHOUT_PAUSE = 1000  # a flow that never waits is taken for a runaway


class FlowBroken(Exception):
    """The flow has no way on from here."""


@lru_cache(maxsize=512)
def actions_of(content: str) -> dict[str, dict[str, Any]]:
    """Actions of a flow by identifier."""
    return {action["Identifier"]: action for action in json.loads(content)["Actions"]}


def advance(centre: ContactCentre, execution: Execution, calls: Executor) -> None:
    """Run a flow as far as it goes now. Called on a worker thread without the lock."""
    try:
        for _ in range(STEPS_WITHOUT_PAUSE):
            if not _step(centre, execution, calls):
                return
        why = f"{STEPS_WITHOUT_PAUSE} blocks without a pause"
    except Exception as problem:  # whatever went wrong, a task must not hang in its flow
        why = str(problem) if isinstance(problem, FlowBroken) else repr(problem)
    with centre.lock:
        if centre.is_running(execution):
            _break(centre, execution, why)


def wake(centre: ContactCentre, execution: Execution) -> None:
    """A Wait is over: leave the block and run on. The lock is held."""
    try:
        _follow(centre, execution, Matched("WaitCompleted"))
    except FlowBroken as problem:
        _break(centre, execution, str(problem))
    else:
        centre.resume(execution)


def _step(centre: ContactCentre, execution: Execution, calls: Executor) -> bool:
    """Run one block; whether there is another to run now."""
    with centre.lock:
        if not centre.is_running(execution):
            return False
        outcome = _run_block(centre, execution)
        if not isinstance(outcome, Invocation):
            return _apply(centre, execution, outcome)
    result = invocation.call(centre, outcome, calls)
    with centre.lock:
        if not centre.is_running(execution):
            return False
        if isinstance(result, Next):
            execution.external = {}
        elif not isinstance(result, Failed):
            execution.external, result = result.payload, Next()
        return _apply(centre, execution, result)


def _run_block(centre: ContactCentre, execution: Execution) -> Outcome:
    action = actions_of(execution.content)[execution.action]
    block = BLOCKS.get(action["Type"])
    if block is None:
        raise FlowBroken(f"unknown block {action['Type']}")
    contact = centre.contact_of(execution)
    return block(Run(centre, contact, execution, action["Parameters"]))


def _apply(centre: ContactCentre, execution: Execution, outcome: Outcome) -> bool:
    if isinstance(outcome, Finished):
        _finish(centre, execution, outcome)
        return False
    if isinstance(outcome, Paused):
        execution.wake_at = centre.now() + outcome.seconds
        _trace(centre, execution, f"waits {outcome.seconds:.0f} s")
        return False
    _follow(centre, execution, outcome)
    return True


def _follow(centre: ContactCentre, execution: Execution, outcome: Outcome) -> None:
    """Set the next block by the outcome of this one."""
    action = actions_of(execution.content)[execution.action]
    if isinstance(outcome, Moved):
        _trace(centre, execution, f"to {outcome.flow.name}")
        execution.flow_id, execution.content = outcome.flow.id, outcome.flow.content
        execution.action = json.loads(execution.content)["StartAction"]
        execution.flow_attributes, execution.external = {}, {}
        return
    branch, target = _branch(action["Transitions"], outcome)
    _trace(centre, execution, branch, outcome)
    if target is None:
        raise FlowBroken(f"block {execution.action} has no branch for {branch}")
    execution.action = target


def _branch(transitions: dict[str, Any], outcome: Outcome) -> tuple[str, str | None]:
    """Name of the branch taken and where it leads."""
    errors = {each["ErrorType"]: each["NextAction"] for each in transitions.get("Errors", [])}
    if isinstance(outcome, Failed):
        return outcome.error, errors.get(outcome.error)
    if isinstance(outcome, Matched):
        for each in transitions.get("Conditions", []):
            condition = each["Condition"]
            operator, operand = condition["Operator"], condition["Operands"][0]
            if outcome.value is not None and OPERATORS[operator](outcome.value, operand):
                return f"{operator} {operand}", each["NextAction"]
        if "NoMatchingCondition" in errors:
            return "NoMatchingCondition", errors["NoMatchingCondition"]
    return "Next", transitions.get("NextAction")


def _numbers(test: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare(value: str, operand: str) -> bool:
        try:
            return test(float(value), float(operand))
        except ValueError:
            return False

    return compare


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda value, operand: value == operand,
    "TextStartsWith": lambda value, operand: value.startswith(operand),
    "TextEndsWith": lambda value, operand: value.endswith(operand),
    "TextContains": lambda value, operand: operand in value,
    "NumberGreaterThan": _numbers(lambda value, operand: value > operand),
    "NumberGreaterOrEqualTo": _numbers(lambda value, operand: value >= operand),
    "NumberLessThan": _numbers(lambda value, operand: value < operand),
    "NumberLessOrEqualTo": _numbers(lambda value, operand: value <= operand),
}


def _finish(centre: ContactCentre, execution: Execution, outcome: Finished) -> None:
    contact = centre.contact_of(execution)
    _trace(centre, execution, "disconnected" if outcome.disconnect else "end")
    centre.instance.executions.pop(execution.id, None)
    if outcome.disconnect:
        contacts.end(centre, contact, contacts.CONTACT_FLOW_DISCONNECT)
    elif execution.purpose == Purpose.WHISPER:
        agents.connect(centre, contact)
    routing.route(centre)


def _break(centre: ContactCentre, execution: Execution, why: str) -> None:
    """A flow that cannot go on: whisper and queue flows end, others take the task with them."""
    contact = centre.contact_of(execution)
    _trace(centre, execution, f"broken: {why}")
    centre.log(f"contact {contact.id}: flow {execution.flow_id} broke: {why}")
    centre.instance.executions.pop(execution.id, None)
    if execution.purpose == Purpose.WHISPER:
        agents.connect(centre, contact)
    elif execution.purpose != Purpose.QUEUE:
        contacts.end(centre, contact, contacts.OTHER)


def _trace(
    centre: ContactCentre, execution: Execution, branch: str, outcome: Outcome | None = None
) -> None:
    action = actions_of(execution.content)[execution.action]
    flow = centre.instance.flows.get(execution.flow_id)
    entry = {
        "at": centre.now(),
        "flow": flow.name if flow else execution.flow_id,
        "action": execution.action,
        "type": action["Type"],
        "outcome": branch,
    }
    if isinstance(outcome, Failed) and outcome.why:
        entry["why"] = outcome.why
    centre.contact_of(execution).trace.append(entry)
