"""Finds what Amazon Connect would refuse in a flow, in words."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from local.connect import lint_parameters
from local.connect.lint_rules import (
    ACTION_LIMIT,
    AGENT_METRICS,
    CONTENT_LIMIT,
    FORBIDDEN_IDENTIFIERS,
    FORBIDDEN_IN_IDENTIFIER,
    IDENTIFIER_LIMIT,
    OPERATORS,
    RULES,
    VERSION,
    Rule,
)

Action = dict[str, Any]


def find_problems(content: str, flow_type: str) -> list[str]:
    """Problems of a flow's JSON for a flow of `flow_type` (API names); empty if it is fine."""
    if len(content) > CONTENT_LIMIT:
        return [f"Content has {len(content)} characters, the limit is {CONTENT_LIMIT}"]
    try:
        flow = json.loads(content)
    except ValueError as problem:
        return [f"Content is not JSON: {problem}"]
    problems = _document_problems(flow)
    if problems:
        return problems
    known = {action["Identifier"] for action in flow["Actions"]}
    if flow["StartAction"] not in known:
        problems.append(f"StartAction {flow['StartAction']!r} does not exist")
    for action in flow["Actions"]:
        found = _action_problems(action, flow_type, known)
        problems += [f"{action['Identifier']}: {each}" for each in found]
    return problems


def _document_problems(flow: Any) -> list[str]:
    """Problems so basic that nothing else can be looked at."""
    if not isinstance(flow, dict):
        return ["Content is not an object"]
    missing = [name for name in ("Version", "StartAction", "Actions") if name not in flow]
    if missing:
        return [f"{name} is missing" for name in missing]
    if flow["Version"] != VERSION:
        return [f"Version must be {VERSION}"]
    actions = flow["Actions"]
    if not isinstance(actions, list) or not 1 <= len(actions) <= ACTION_LIMIT:
        return [f"Actions must be a list of 1 to {ACTION_LIMIT}"]
    for action in actions:
        members = {"Identifier": str, "Type": str, "Parameters": dict, "Transitions": dict}
        for name, kind in members.items():
            if not isinstance(action, dict) or not isinstance(action.get(name), kind):
                return [f"An action lacks {name}: {json.dumps(action)[:80]}"]
    counts = Counter(action["Identifier"] for action in actions)
    return [f"Identifier {name!r} is used twice" for name, count in counts.items() if count > 1]


def _action_problems(action: Action, flow_type: str, known: set[str]) -> list[str]:
    problems = _identifier_problems(action["Identifier"])
    rule = RULES.get(action["Type"])
    if rule is None:
        return [*problems, f"{action['Type']} is not a block we know"]
    if flow_type not in rule.flow_types:
        problems.append(f"{action['Type']} is not allowed in a flow of type {flow_type}")
    problems += lint_parameters.find_problems(action["Type"], action["Parameters"], rule)
    if rule.terminal:
        if action["Transitions"] != {}:
            problems.append("a block that ends the flow must have empty Transitions")
        return problems
    return problems + _transition_problems(action, rule, known)


def _identifier_problems(identifier: str) -> list[str]:
    problems = []
    if not 1 <= len(identifier) <= IDENTIFIER_LIMIT:
        problems.append(f"the identifier must have 1 to {IDENTIFIER_LIMIT} characters")
    forbidden = sorted(FORBIDDEN_IN_IDENTIFIER & set(identifier))
    if forbidden or identifier in FORBIDDEN_IDENTIFIERS:
        problems.append(f"the identifier is not allowed {''.join(forbidden)}".rstrip())
    return problems


def _transition_problems(action: Action, rule: Rule, known: set[str]) -> list[str]:
    transitions = action["Transitions"]
    errors, conditions = transitions.get("Errors", []), transitions.get("Conditions", [])
    problems = [
        f"leads to {target!r}, which does not exist"
        for target in _targets(transitions)
        if target not in known
    ]
    if "NextAction" not in transitions:
        problems.append("NextAction is missing")
    problems += _error_problems([each.get("ErrorType") for each in errors], rule)
    tests = [each.get("Condition", {}) for each in conditions]
    return problems + _condition_problems(action, tests, rule)


def _targets(transitions: dict[str, Any]) -> list[str]:
    targets = [transitions["NextAction"]] if "NextAction" in transitions else []
    for name in ("Errors", "Conditions"):
        targets += [each.get("NextAction") for each in transitions.get(name, [])]
    return targets


def _error_problems(wired: list[str], rule: Rule) -> list[str]:
    allowed = (*rule.errors, *rule.optional_errors)
    return (
        [f"the error branch {name} is missing" for name in rule.errors if name not in wired]
        + [f"it has no error branch {name}" for name in wired if name not in allowed]
        + [f"the error branch {n} is wired twice" for n, c in Counter(wired).items() if c > 1]
    )


def _condition_problems(action: Action, tests: list[dict[str, Any]], rule: Rule) -> list[str]:
    problems = []
    for test in tests:
        operands = test.get("Operands")
        if test.get("Operator") not in OPERATORS:
            problems.append(f"{test.get('Operator')!r} is not an operator")
        if not isinstance(operands, list) or [type(each) for each in operands] != [str]:
            problems.append("a condition takes one text operand")
    if problems:
        return problems
    if rule.conditions is not None:
        return _exact_conditions(tests, rule.conditions)
    return _conditions_of_block(action, tests)


def _exact_conditions(tests: list[dict[str, Any]], wanted: tuple[str, ...]) -> list[str]:
    given = Counter((test["Operator"], test["Operands"][0]) for test in tests)
    if given == Counter(("Equals", operand) for operand in wanted):
        return []
    if not wanted:
        return ["it has no conditions"]
    return [f"its conditions must be exactly Equals {' and Equals '.join(wanted)}"]


def _conditions_of_block(action: Action, tests: list[dict[str, Any]]) -> list[str]:
    equal = [test["Operands"][0] for test in tests if test["Operator"] == "Equals"]
    if action["Type"] == "Wait" and "WaitCompleted" not in equal:
        return ["the condition Equals WaitCompleted is missing"]
    if action["Type"] == "CheckMetricData":
        return _metric_conditions(str(action["Parameters"].get("MetricType")), tests)
    return []


def _metric_conditions(metric: str, tests: list[dict[str, Any]]) -> list[str]:
    if not tests:
        return ["at least one condition is needed"]
    if any(not test["Operator"].startswith("Number") for test in tests):
        return ["its conditions compare numbers"]
    given = {(test["Operator"], test["Operands"][0]) for test in tests}
    if metric in AGENT_METRICS and given != {("NumberGreaterThan", "0")}:
        return ["agents are compared with NumberGreaterThan 0 only"]
    return []
