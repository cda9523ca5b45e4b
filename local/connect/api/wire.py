"""The REST-JSON protocol of the Connect API, driven by botocore's own service model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote

import botocore.session

from local.connect.errors import ServiceError, invalid_request

Params = dict[str, Any]


@dataclass(frozen=True)
class Route:
    operation: str
    method: str
    pattern: re.Pattern[str]
    labels: int  # in the path; of two matching routes the one with fewer is meant


@cache
def model() -> Any:
    """botocore's service model of Amazon Connect."""
    return botocore.session.get_session().get_service_model("connect")


@cache
def routes() -> tuple[Route, ...]:
    found = []
    for name in model().operation_names:
        http = model().operation_model(name).http
        path = http["requestUri"].split("?")[0].rstrip("/")
        parts = re.split(r"\{(\w+)\+?\}", path)
        pattern = "".join(
            f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part)
            for index, part in enumerate(parts)
        )
        found.append(Route(name, http["method"], re.compile(pattern), len(parts) // 2))
    return tuple(sorted(found, key=lambda route: route.labels))


def match(method: str, path: str) -> tuple[str, Params] | None:
    """Operation name and path members of a request. An ARN in the path comes URL-encoded."""
    for route in routes():
        if route.method == method:
            found = route.pattern.fullmatch(path.rstrip("/"))
            if found:
                return route.operation, {k: unquote(v) for k, v in found.groupdict().items()}
    return None


def read(operation: str, labels: Params, query: dict[str, Any] | str, body: bytes) -> Params:
    """Members of a request by the model, checked for presence, type, length and enums."""
    shape = model().operation_model(operation).input_shape
    given = {key: value for key, value in _body(body).items() if key in shape.members}
    asked = _query(query)
    for name, member in shape.members.items():
        wire_name = member.serialization.get("name", name)
        location = member.serialization.get("location")
        if location == "uri":
            given[name] = labels[wire_name]
        elif location == "querystring" and wire_name in asked:
            given[name] = _from_query(member, asked[wire_name])
    problems = _problems(shape, given, "")
    if problems:
        raise invalid_request("; ".join(problems))
    return given


def _body(body: bytes) -> Params:
    try:
        value = json.loads(body or b"{}")
    except ValueError as problem:
        raise invalid_request(f"The body is not JSON: {problem}") from problem
    if not isinstance(value, dict):
        raise invalid_request("The body is not a JSON object.")
    return value


def _query(query: dict[str, Any] | str) -> dict[str, list[str]]:
    if isinstance(query, str):
        return parse_qs(query, keep_blank_values=True)
    return {k: list(v) if isinstance(v, list | tuple) else [v] for k, v in query.items()}


def _from_query(shape: Any, values: list[str]) -> Any:
    if shape.type_name == "list":
        return values
    return int(values[0]) if shape.type_name in ("integer", "long") else values[0]


def _problems(shape: Any, value: Any, where: str) -> list[str]:
    """What is wrong with a value, by the shape of the model."""
    kind = shape.type_name
    if kind == "structure":
        return _structure_problems(shape, value, where)
    if kind == "list":
        if not isinstance(value, list):
            return _no(where, kind)
        return _size(shape, len(value), where) + _each(shape.member, value, where)
    if kind == "map":
        if not isinstance(value, dict):
            return _no(where, kind)
        keys = [p for key in value for p in _problems(shape.key, key, f"{where}key ")]
        return keys + _size(shape, len(value), where) + _each(shape.value, value, where)
    if kind == "string":
        return _string_problems(shape, value, where)
    if kind in ("integer", "long"):
        number = isinstance(value, int) and not isinstance(value, bool)
        return _size(shape, value, where) if number else _no(where, kind)
    return []


def _structure_problems(shape: Any, value: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return _no(where, "structure")
    found = [f"{where}{name} is required" for name in shape.required_members if name not in value]
    for name, member in shape.members.items():
        if value.get(name) is not None:
            found += _problems(member, value[name], f"{where}{name} ")
    return found


def _each(shape: Any, values: Any, where: str) -> list[str]:
    items = values.items() if isinstance(values, dict) else enumerate(values)
    return [p for key, each in items for p in _problems(shape, each, f"{where}{key} ")]


def _string_problems(shape: Any, value: Any, where: str) -> list[str]:
    if not isinstance(value, str):
        return _no(where, "string")
    if getattr(shape, "enum", None) and value not in shape.enum:
        return [f"{where}must be one of {', '.join(shape.enum)}"]
    pattern = _pattern(shape.metadata.get("pattern", ""))
    if pattern is not None and not pattern.search(value):
        return [f"{where}must match {pattern.pattern}"]
    return _size(shape, len(value), where)


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """Unicode classes (\\p and \\P) are beyond Python's re: such a pattern is not checked."""
    return re.compile(text) if text and "\\p" not in text.lower() else None


def _size(shape: Any, size: int, where: str) -> list[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        return [f"{where}must be within {least or 0} and {most}, is {size}"]
    return []


def _no(where: str, kind: str) -> list[str]:
    return [f"{where}must be a {kind}"]


def success(members: Params | None) -> tuple[int, dict[str, str], bytes]:
    """An answer; members that are None are left out, times are epoch seconds."""
    body = {k: v for k, v in (members or {}).items() if v is not None}
    return 200, {"Content-Type": "application/json"}, json.dumps(body).encode()


def failure(operation: str, problem: ServiceError) -> tuple[int, dict[str, str], bytes]:
    """An error answer; throttling is named as the operation's model names it."""
    headers = {"Content-Type": "application/json", "x-amzn-errortype": _name(operation, problem)}
    body = {"Message": problem.message, "message": problem.message} | problem.members
    return problem.status, headers, json.dumps(body).encode()


def _name(operation: str, problem: ServiceError) -> str:
    if problem.code != "ThrottlingException" or operation not in model().operation_names:
        return problem.code
    declared = {each.name for each in model().operation_model(operation).error_shapes}
    return problem.code if problem.code in declared else "TooManyRequestsException"
