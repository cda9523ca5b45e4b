"""Whether a resource's policy lets an AWS service do something.

Source: IAM user guide, "Policy evaluation logic" and "Condition operators". Only what such policies
use is understood; where a statement that denies is not, nobody can say.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from .stack import statements

_LIKE: Final = {"StringLike", "ArnLike", "ArnEquals"}
_EQUAL: Final = {"StringEquals", "Bool"}


def allows(
    document: Any, service: str, action: str, resource: str, context: Mapping[str, str]
) -> bool | None:
    """True, False, or None when a statement that denies cannot be judged.

    `context`: condition keys in lower case, for example `aws:sourceaccount`.
    """
    asked = (service, action, resource, context)
    judged = [(entry.get("Effect"), _applies(entry, *asked)) for entry in statements(document)]
    denied = [answer for effect, answer in judged if effect == "Deny"]
    if True in denied:
        return False
    if ("Allow", True) not in judged:
        return False
    return None if None in denied else True


def _applies(
    entry: Mapping[str, Any],
    service: str,
    action: str,
    resource: str,
    context: Mapping[str, str],
) -> bool | None:
    if {"NotPrincipal", "NotAction", "NotResource"} & set(entry):
        return None
    if not (
        _names(entry.get("Principal"), service)
        and _matches(entry.get("Action"), action)
        and _matches(entry.get("Resource", "*"), resource)
    ):
        return False
    answers = [
        _holds(operator, key, wanted, context)
        for operator, keys in (entry.get("Condition") or {}).items()
        for key, wanted in keys.items()
    ]
    if False in answers:
        return False
    return None if None in answers else True


def _names(principal: Any, service: str) -> bool:
    if principal == "*":
        return True
    given = principal or {}
    return service in _listed(given.get("Service")) or "*" in _listed(given.get("AWS"))


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(entry) for entry in value] if isinstance(value, list) else [str(value)]


def _matches(patterns: Any, text: str) -> bool:
    return any(_like(pattern, text) for pattern in _listed(patterns))


def _like(pattern: str, text: str) -> bool:
    wild = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wild, text, re.IGNORECASE) is not None


def _holds(operator: str, key: str, wanted: Any, context: Mapping[str, str]) -> bool | None:
    if_exists = operator.endswith("IfExists")
    plain = operator.removesuffix("IfExists")
    positive = plain.replace("Not", "", 1)
    if positive not in _LIKE | _EQUAL:
        return None
    has = context.get(key.lower())
    if has is None:
        return if_exists or positive != plain
    same = _matches(wanted, has) if positive in _LIKE else _is_one_of(wanted, has, positive)
    return same == (positive == plain)


def _is_one_of(wanted: Any, has: str, operator: str) -> bool:
    given = _listed(wanted)
    if operator == "Bool":
        return has.lower() in [entry.lower() for entry in given]
    return has in given
