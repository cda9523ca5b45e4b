"""Lists in pages: MaxResults and NextToken."""

from __future__ import annotations

from typing import Any

from local.connect.errors import invalid_parameter


def page(name: str, items: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    """One page of a list as members of an answer."""
    token = params.get("NextToken", "0")
    if not token.isdigit():
        raise invalid_parameter(f"NextToken {token!r} is not one of ours.")
    first = int(token)
    last = first + params.get("MaxResults", len(items) or 1)
    answer: dict[str, Any] = {name: items[first:last]}
    if last < len(items):
        answer["NextToken"] = str(last)
    return answer
