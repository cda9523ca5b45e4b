"""The rules as they are written (functions/notifications.yaml), read and checked.

A mistake is told with the rule and the field that it is in: whoever writes rules is no programmer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

CHANGES: Final = ("INSERT", "MODIFY", "REMOVE")
ENTITIES: Final = {"case": "CASE", "message": "MSG#", "app-message": "APP"}
OURS: Final = "ours"
OPERATORS: Final = (
    "equals", "not_equals", "greater", "at_least", "less", "at_most", "in", "exists", "changed",
)  # fmt: skip
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_PATH: Final = re.compile(r"(old|new)(\.[A-Za-z_][A-Za-z0-9_-]{0,100}){1,8}")
_MOST: Final = 100
_TEXTS: Final = ("name", "table", "entity", "to", "from", "reply_to", "subject", "text", "html")
_KNOWN: Final = frozenset({*_TEXTS, "changes", "when", "attachments"})
_LONGEST: Final = 50_000  # characters of a template


class NotRules(Exception):
    """The file cannot be used; `faults` are sentences."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Condition:
    """What must hold of one value. `path`: old.* or new.*; `operator`: one of OPERATORS."""

    path: str
    operator: str
    value: Any


@dataclass(frozen=True)
class File:
    """An S3 object that goes along; `key` and `filename` are templates."""

    bucket: str
    key: str
    filename: str
    content_type: str = "application/octet-stream"
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule. `to` is a path, or an address; `subject`, `text` and `html` are templates.

    Of `files` the first whose conditions hold goes along.
    """

    name: str
    changes: tuple[str, ...]
    to: str
    subject: str
    text: str
    html: str = ""
    table: str = OURS
    entity: str = ""
    from_: str = ""
    reply_to: str = ""
    when: tuple[Condition, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def recipient_path(self) -> str:
        """The path that the recipient is found at, or empty where an address is written."""
        return self.to if _PATH.fullmatch(self.to) else ""


def read(text: str) -> tuple[Rule, ...]:
    """The rules of a file. Raises NotRules."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise NotRules([f"This is no YAML{where}: {getattr(error, 'problem', error)}."]) from error
    listed = found.get("rules") if isinstance(found, dict) else None
    if not isinstance(listed, list) or set(found) != {"rules"}:
        raise NotRules(["The file has one entry, rules, and it is a list."])
    reader = _Reader()
    rules = [reader.rule(number, entry) for number, entry in enumerate(listed, 1)]
    names = [rule.name for rule in rules if rule]
    reader.faults += [f"{name}: two rules have this name." for name in _twice(names)]
    if len(listed) > _MOST:
        reader.faults.append(f"There are at most {_MOST} rules.")
    if reader.faults:
        raise NotRules(reader.faults)
    return tuple(rule for rule in rules if rule)


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


class _Reader:
    def __init__(self) -> None:
        self.faults: list[str] = []
        self._of = ""

    def _wrong(self, words: str) -> None:
        self.faults.append(f"{self._of}: {words}")

    def rule(self, number: int, entry: Any) -> Rule | None:
        self._of = f"rule {number}"
        if not isinstance(entry, dict):
            self._wrong("a rule has fields, such as name and to.")
            return None
        name = str(entry.get("name") or "")
        self._of = name or self._of
        if not _NAME.fullmatch(name):
            self._wrong("name has small letters, digits and hyphens, at most 60.")
        # YAML reads the word `on` as true.
        unknown = [str(field) for field in entry if field not in _KNOWN]
        if unknown:
            self._wrong(f"{', '.join(unknown)} is no field. Did you mean changes?"
                        if "True" in unknown else f"{', '.join(unknown)} is no field.")  # fmt: skip
        texts = {field: self._text(entry, field) for field in _TEXTS}
        for field in ("to", "subject", "text"):
            if not texts[field].strip():
                self._wrong(f"{field} is missing.")
        return Rule(
            name,
            self._changes(entry.get("changes")),
            texts["to"],
            texts["subject"],
            texts["text"],
            texts["html"],
            texts["table"] or OURS,
            self._entity(texts["entity"], texts["table"] or OURS),
            texts["from"],
            texts["reply_to"],
            self._conditions("when", entry.get("when")),
            self._files(entry.get("attachments")),
        )

    def _text(self, entry: Mapping[str, Any], field: str) -> str:
        found = entry.get(field)
        if found is None:
            return ""
        if not isinstance(found, str) or len(found) > _LONGEST:
            self._wrong(f"{field} is a text of at most {_LONGEST} characters.")
            return "?"
        return found

    def _changes(self, found: Any) -> tuple[str, ...]:
        if not isinstance(found, list) or not found or not set(map(str, found)) <= set(CHANGES):
            self._wrong(f"changes lists some of {', '.join(CHANGES)}.")
            return ()
        return tuple(found)

    def _entity(self, found: str, table: str) -> str:
        if found and (table != OURS or found not in ENTITIES):
            self._wrong(f"entity is one of {', '.join(ENTITIES)}, of our own table alone.")
        return found

    def _conditions(self, field: str, found: Any) -> tuple[Condition, ...]:
        if found is None:
            return ()
        if not isinstance(found, list):
            self._wrong(f"{field} is a list of conditions.")
            return ()
        return tuple(one for entry in found if (one := self._condition(field, entry)))

    def _condition(self, field: str, entry: Any) -> Condition | None:
        fields = set(entry) if isinstance(entry, dict) else set()
        operators = [name for name in OPERATORS if name in fields]
        if len(operators) != 1 or fields != {"path", operators[0]}:
            self._wrong(f"a condition of {field} has a path and one of {', '.join(OPERATORS)}.")
            return None
        path, value = str(entry["path"]), entry[operators[0]]
        if not _PATH.fullmatch(path):
            self._wrong(f"{path} in {field} is no path: it begins with old. or new.")
        if operators[0] == "in" and not isinstance(value, list):
            self._wrong(f"in of {field} is a list.")
        if operators[0] in {"exists", "changed"} and not isinstance(value, bool):
            self._wrong(f"{operators[0]} of {field} is true or false.")
        if operators[0] in _NUMBERS and not _is_number(value):
            self._wrong(f"{operators[0]} of {field} is a number.")
        return Condition(path, operators[0], value)

    def _files(self, found: Any) -> tuple[File, ...]:
        if found is None:
            return ()
        if not isinstance(found, list):
            self._wrong("attachments is a list.")
            return ()
        return tuple(one for entry in found if (one := self._file(entry)))

    def _file(self, entry: Any) -> File | None:
        needed = {"bucket", "key", "filename"}
        fields = set(entry) if isinstance(entry, dict) else set()
        if not needed <= fields <= needed | {"content_type", "when"}:
            self._wrong("an attachment has bucket, key and filename; content_type and when if need"
                        " be.")  # fmt: skip
            return None
        texts = {name: str(entry[name]) for name in fields - {"when"}}
        return File(**texts, when=self._conditions("an attachment's when", entry.get("when")))


_NUMBERS: Final = frozenset({"greater", "at_least", "less", "at_most"})


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
