"""The parameter part of the flow rules."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from local.connect.lint_rules import AGENT_METRICS, HOOKS, Rule
from local.connect.paths import is_path, mentions_path

LAMBDA_ARN_LIMIT = 140
CONTACT_TAGS = 6
_RESOURCE = re.compile(r"[0-9a-fA-F-]{36}|arn:aws[\w-]*:connect:[\w-]*:\d{12}:instance/[\w./-]+")
_LAMBDA = re.compile(r"arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:[\w:$-]+")
_QUEUE_METRICS = ("OldestContactInQueueAgeSeconds", "NumberOfContactsInQueue")

Parameters = dict[str, Any]


def find_problems(block: str, parameters: Parameters, rule: Rule) -> list[str]:
    """Problems of one block's parameters."""
    allowed = {*rule.required, *rule.optional, *rule.one_of}
    problems = [f"{name} is missing" for name in rule.required if name not in parameters]
    problems += [f"it has no parameter {name}" for name in parameters if name not in allowed]
    given = [name for name in rule.one_of if name in parameters]
    if rule.one_of and len(given) != 1:
        problems.append(f"exactly one of {' and '.join(rule.one_of)} is needed")
    if len([name for name in rule.exclusive if name in parameters]) > 1:
        problems.append(f"{' and '.join(rule.exclusive)} exclude each other")
    if problems:
        return problems
    check = _CHECKS.get(block)
    return _wrong_texts(parameters) + (check(parameters) if check else [])


def _wrong_texts(parameters: Parameters, where: str = "") -> list[str]:
    """Every scalar is a text, as in exported flows."""
    problems = []
    for name, value in parameters.items():
        if isinstance(value, dict):
            problems += _wrong_texts(value, f"{where}{name}.")
        elif isinstance(value, list):
            problems += _wrong_texts(dict(enumerate(value)), f"{where}{name}.")  # type: ignore[arg-type]
        elif not isinstance(value, str):
            problems.append(f"{where}{name} must be a text")
    return problems


def _number(parameters: Parameters, name: str, least: int, most: int, dynamic: bool) -> list[str]:
    value = parameters.get(name)
    if value is None or (dynamic and is_path(str(value))):
        return []
    text = str(value)
    if text.lstrip("-").isdigit() and least <= int(text) <= most:
        return []
    return [f"{name} must be {least} to {most}{' or a reference' if dynamic else ''}"]


def _choice(parameters: Parameters, name: str, *choices: str) -> list[str]:
    value = parameters.get(name)
    return [] if value is None or value in choices else [f"{name} must be {' or '.join(choices)}"]


def _resource(parameters: Parameters, *names: str) -> list[str]:
    """Ids or ARNs of Connect resources, or one reference."""
    return [
        f"{name} is neither an id, an ARN nor a reference"
        for name in names
        if name in parameters
        and not is_path(str(parameters[name]))
        and not _RESOURCE.fullmatch(str(parameters[name]))
    ]


def _invoke_lambda_function(parameters: Parameters) -> list[str]:
    arn = str(parameters["LambdaFunctionARN"])
    problems = []
    if not mentions_path(arn) and not _LAMBDA.fullmatch(arn):
        problems.append("LambdaFunctionARN is neither the ARN of a function nor a reference")
    if len(arn) > LAMBDA_ARN_LIMIT:
        problems.append(f"LambdaFunctionARN is longer than {LAMBDA_ARN_LIMIT}")
    validation = parameters.get("ResponseValidation", {})
    return [
        *problems,
        *_number(parameters, "InvocationTimeLimitSeconds", 1, 8, dynamic=False),
        *_choice(parameters, "InvocationType", "SYNCHRONOUS", "ASYNCHRONOUS"),
        *_choice(validation, "ResponseType", "STRING_MAP", "JSON"),
    ]


def _update_contact_attributes(parameters: Parameters) -> list[str]:
    keys = [key for key in parameters["Attributes"] if key.startswith("$") and not is_path(key)]
    problems = [f"attribute name {key} is not allowed" for key in keys]
    return problems + _choice(parameters, "TargetContact", "Current", "Related")


def _update_flow_attributes(parameters: Parameters) -> list[str]:
    return [
        f'FlowAttributes.{key} must be {{"Value": ...}}'
        for key, value in parameters["FlowAttributes"].items()
        if not isinstance(value, dict) or set(value) != {"Value"}
    ]


def _update_contact_event_hooks(parameters: Parameters) -> list[str]:
    hooks = parameters["EventHooks"]
    if not isinstance(hooks, dict) or len(hooks) != 1:
        return ["EventHooks sets exactly one hook"]
    unknown = [f"there is no hook {name}" for name in hooks if name not in HOOKS]
    return unknown + _resource(hooks, *hooks)


def _compare(parameters: Parameters) -> list[str]:
    value = str(parameters["ComparisonValue"])
    return [] if is_path(value) else ["ComparisonValue must be one reference"]


def _tag_contact(parameters: Parameters) -> list[str]:
    tags = parameters["Tags"]
    problems = [] if 1 <= len(tags) <= CONTACT_TAGS else [f"1 to {CONTACT_TAGS} tags are allowed"]
    return problems + [f"tag {key} is reserved" for key in tags if key.startswith("aws:")]


def _untag_contact(parameters: Parameters) -> list[str]:
    return [] if parameters["TagKeys"] else ["TagKeys is empty"]


def _check_metric_data(parameters: Parameters) -> list[str]:
    return _choice(parameters, "MetricType", *AGENT_METRICS, *_QUEUE_METRICS) + _resource(
        parameters, "QueueId", "AgentId"
    )


_CHECKS: dict[str, Callable[[Parameters], list[str]]] = {
    "CheckHoursOfOperation": lambda p: _resource(p, "HoursOfOperationId"),
    "CheckMetricData": _check_metric_data,
    "Compare": _compare,
    "CreateTask": lambda p: (
        _resource(p, "ContactFlowId") + _number(p, "DelaySeconds", 1, 518_400, dynamic=True)
    ),
    "GetMetricData": lambda p: (
        _choice(p, "QueueChannel", "Voice", "Chat") + _resource(p, "QueueId", "AgentId")
    ),
    "InvokeLambdaFunction": _invoke_lambda_function,
    "Loop": lambda p: _number(p, "LoopCount", 0, 100, dynamic=True),
    "TagContact": _tag_contact,
    "TransferToFlow": lambda p: _resource(p, "ContactFlowId"),
    "UntagContact": _untag_contact,
    "UpdateContactAttributes": _update_contact_attributes,
    "UpdateContactData": lambda p: _choice(p, "TargetContact", "Current", "Related"),
    "UpdateContactEventHooks": _update_contact_event_hooks,
    "UpdateContactRoutingBehavior": lambda p: (
        _number(p, "QueuePriority", 1, 2**63 - 1, dynamic=False)
        + _number(p, "QueueTimeAdjustmentSeconds", -(2**31), 2**31 - 1, dynamic=False)
    ),
    "UpdateContactTargetQueue": lambda p: _resource(p, "QueueId", "AgentId"),
    "UpdateFlowAttributes": _update_flow_attributes,
    "UpdateFlowLoggingBehavior": lambda p: _choice(p, "FlowLoggingBehavior", "Enabled", "Disabled"),
    "Wait": lambda p: _number(p, "TimeLimitSeconds", 1, 604_800, dynamic=True),
}
