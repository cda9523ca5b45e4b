"""Whether a rule fits a change."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from ..app.values import BY_RULE
from ..happened import Row
from .rules import ENTITIES, OURS, Condition, Rule

_NOTHING: Final = object()
_ORDER: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    "greater": lambda one, other: one > other,
    "at_least": lambda one, other: one >= other,
    "less": lambda one, other: one < other,
    "at_most": lambda one, other: one <= other,
}


def kind_of(row: Row) -> str:
    """INSERT, MODIFY or REMOVE."""
    if not row.old:
        return "INSERT"
    return "MODIFY" if row.new else "REMOVE"


def fits(rule: Rule, table: str, row: Row) -> bool:
    """Whether a rule is for this change; `table` is a name, or OURS."""
    if rule.table != table or kind_of(row) not in rule.changes:
        return False
    if table == OURS and (not _is_entity(rule.entity, row) or _is_a_rules_own(row)):
        return False
    return all_hold(rule.when, row)


def _is_entity(entity: str, row: Row) -> bool:
    sk = str((row.new or row.old).get("sk", ""))
    known = {name: sk.startswith(start) for name, start in ENTITIES.items()}
    return known.get(entity, any(known.values()))


def _is_a_rules_own(row: Row) -> bool:
    """Whether it is the mail of a rule: it starts none, or they would go on for ever."""
    return str((row.new or row.old).get("sender_id") or "").startswith(BY_RULE)


def all_hold(conditions: Iterable[Condition], row: Row) -> bool:
    """Whether every condition holds; none at all always do."""
    return all(_holds(condition, row) for condition in conditions)


def at(path: str, row: Row) -> Any:
    """The value at a path of the images; None where there is none."""
    found = _find(path, row)
    return None if found is _NOTHING else found


def _find(path: str, row: Row) -> Any:
    image, *names = path.split(".")
    found: Any = row.old if image == "old" else row.new
    for name in names:
        if not isinstance(found, Mapping) or name not in found:
            return _NOTHING
        found = found[name]
    return found


def _holds(condition: Condition, row: Row) -> bool:
    found, wanted = _find(condition.path, row), condition.value
    match condition.operator:
        case "exists":
            return bool((found is not _NOTHING) == wanted)
        case "changed":
            rest = condition.path.partition(".")[2]
            return bool((_find(f"old.{rest}", row) != _find(f"new.{rest}", row)) == wanted)
        case "equals":
            return _same(found, wanted)
        case "not_equals":
            return not _same(found, wanted)
        case "in":
            return any(_same(found, one) for one in wanted)
    return _in_order(condition.operator, found, wanted)


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, (int, float)) and isinstance(found, (Decimal, int)):
        return found == Decimal(str(wanted))
    return bool(found == wanted)


def _in_order(operator: str, found: Any, wanted: Any) -> bool:
    """Numbers alone have an order: anything else is neither more nor less."""
    if isinstance(found, bool) or not isinstance(found, (Decimal, int, float)):
        return False
    return _ORDER[operator](Decimal(str(found)), Decimal(str(wanted)))
