"""Canned replies: texts of the channel's owner that agents put into an answer.

They are kept in one JSON document, `{"version": 1, "replies": [{id, title, subject, html}]}`, and
are Jinja2 templates run in its sandbox (Jinja2 manual, "Sandbox"). Their variables are those of
`VARIABLES`; one that is misspelt is an error, never an empty place in a mail.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ..mail.html import to_text
from ..mail.text import clean
from .values import Canned

KEY: Final = "settings/replies.json"
MOST: Final = 500
VARIABLES: Final = (
    "customer.name", "customer.first_name", "agent.name", "agent.first_name", "case.id",
    "case.subject", "today",
)  # fmt: skip
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_LONGEST: Final = {"id": 60, "title": 100, "subject": 250, "html": 20_000}
_LONGEST_FILLED: Final = 60_000  # characters: a name may be long, a loop must not be
_FILTERS: Final = ("capitalize", "default", "lower", "title", "trim", "upper")
_ANYBODY: Final = "Ann Example"

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class Filled:
    """A canned reply for one case: `text` says what `html` says. The HTML is not sanitised yet.

    `mine`: it is the agent's own.
    """

    id: str
    title: str
    subject: str
    html: str
    text: str
    mine: bool = False


@dataclass(frozen=True)
class Fault:
    """Why a canned reply cannot be used, in words for the channel's owner."""

    id: str
    reason: str


class NotReplies(ValueError):
    """The document is not one of canned replies; the message says why."""


def read(document: bytes | None) -> tuple[Canned, ...]:
    """The replies of the stored document; none where there is no document. Raises NotReplies."""
    if document is None:
        return ()
    try:
        found = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise NotReplies("It is not JSON.") from error
    if not isinstance(found, dict) or set(found) != {"version", "replies"}:
        raise NotReplies("It is an object with version and replies.")
    entries = found["replies"]
    if found["version"] != 1 or not isinstance(entries, list) or len(entries) > MOST:
        raise NotReplies(f"version is 1, replies is a list of at most {MOST}.")
    replies = tuple(_read(entry) for entry in entries)
    if len({reply.id for reply in replies}) < len(replies):
        raise NotReplies("Two replies have the same id.")
    return replies


def _read(entry: object) -> Canned:
    if not isinstance(entry, dict) or set(entry) != set(_LONGEST):
        raise NotReplies("A reply has id, title, subject and html, and nothing else.")
    for name, longest in _LONGEST.items():
        if not isinstance(entry[name], str) or len(entry[name]) > longest:
            raise NotReplies(f"{name} is a string of at most {longest} characters.")
    if not _ID.fullmatch(entry["id"]):
        raise NotReplies("An id is made of a-z, 0-9 and -, at most 60 of them.")
    if not entry["title"].strip() or not entry["html"].strip():
        raise NotReplies(f"{entry['id']}: title and html must not be empty.")
    return Canned(**entry)


def written(replies: tuple[Canned, ...]) -> bytes:
    """The document that `read` reads."""
    document = {"version": 1, "replies": [vars(reply) for reply in replies]}
    return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"


def variables(
    *, customer: str, agent: str, case_id: str, subject: str, today: str
) -> dict[str, Any]:
    """What templates may name. `customer` and `agent` are display names, `today` a date."""
    return {
        "customer": _person(customer),
        "agent": _person(agent),
        "case": {"id": case_id, "subject": subject},
        "today": today,
    }


def _person(name: str) -> dict[str, str]:
    """The first name is the first word; "Lee, Ann" is read as a family name that comes first."""
    family, comma, given = name.partition(",")
    first = (given if comma and given.strip() else family).split()
    return {"name": name, "first_name": first[0] if first else ""}


def fill(reply: Canned, values: Variables) -> Filled | Fault:
    """The reply with its variables filled in, as they are in text and escaped in HTML."""
    try:
        subject = clean(_render(_environment(html=False), reply.subject, values), 250)
        html = _render(_environment(html=True), reply.html, values)
    except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return Fault(reply.id, str(error) or type(error).__name__)
    return Filled(reply.id, reply.title, subject, html, to_text(html))


def filled(replies: tuple[Canned, ...], values: Variables) -> tuple[Filled, ...]:
    """Those that work; `check` tells of the others."""
    tried = (fill(reply, values) for reply in replies)
    return tuple(found for found in tried if isinstance(found, Filled))


def check(replies: tuple[Canned, ...]) -> tuple[Fault, ...]:
    """The replies that fail for a customer and an agent like any."""
    values = variables(
        customer=_ANYBODY, agent=_ANYBODY, case_id="c", subject="Example", today="1 January 2026"
    )
    tried = (fill(reply, values) for reply in replies)
    return tuple(found for found in tried if isinstance(found, Fault))


class _Environment(ImmutableSandboxedEnvironment):
    """A reply fills in names: nothing is called or multiplied, so that none can grow for ever."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def call_binop(self, _context: Any, operator: str, *_operands: Any) -> Any:
        raise SecurityError(f"{operator} may not be used.")

    def call(self, *_args: Any, **_more: Any) -> Any:
        raise SecurityError("Nothing may be called.")


@lru_cache(maxsize=2)
def _environment(*, html: bool) -> _Environment:
    made = _Environment(undefined=StrictUndefined, autoescape=html)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    return made


def _render(environment: _Environment, text: str, values: Variables) -> str:
    pieces: list[str] = []
    length = 0
    for piece in environment.from_string(text).generate(values):
        length += len(piece)
        if length > _LONGEST_FILLED:
            raise ValueError(f"It comes to more than {_LONGEST_FILLED} characters.")
        pieces.append(piece)
    return "".join(pieces)
