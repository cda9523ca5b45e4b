"""The account's receipt rule sets, by few calls and with errors in words.

SES takes about one call a second of this API, so retries are patient.
Source: Amazon SES API reference (v1), receipt rules; its quotas: 40 rule sets, 200 rules in each.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from ..errors import code
from .words import Refused

_GONE: Final = {"RuleSetDoesNotExist", "RuleDoesNotExist"}
_SETTLING: Final = {"InvalidS3Configuration", "InvalidSnsTopic"}
_TRIES: Final = 5
_ADVICE: Final = {
    "AccessDenied": (
        "Amazon SES denies {operation}. The stack's role allows it, so a service control policy"
        " or a permissions boundary forbids it: let it be allowed, and deploy again."
    ),
    "CannotDelete": (
        "The stack's receipt rule set cannot be deleted: somebody has just made it the active one."
        " Activate another, and try again."
    ),
    "InvalidS3Configuration": (
        "Amazon SES cannot write to the mail bucket. See whether its policy, or its key's, lets"
        " ses.amazonaws.com, and no service control policy forbids it; then deploy again."
    ),
    "InvalidSnsTopic": (
        "Amazon SES cannot publish to a topic of the stack. See whether its policy, or its key's,"
        " lets ses.amazonaws.com; then deploy again."
    ),
    "LimitExceeded": "A quota of Amazon SES is used up.",
    "LimitExceeded CreateReceiptRuleSet": (
        "The account has as many receipt rule sets as Amazon SES allows (40), and none is active."
        " Delete one that nobody needs, or activate one for our rules to join; then deploy again."
    ),
    "LimitExceeded CreateReceiptRule": (
        "The active receipt rule set is full: Amazon SES allows 200 rules in one, and two are"
        " ours. Delete or merge rules that nobody needs; then deploy again."
    ),
    "RuleDoesNotExist": "Somebody changed the receipt rules at the same moment. Deploy again.",
    "RuleSetDoesNotExist": "Somebody changed the rule sets at the same moment. Deploy again.",
}


class RulesRefused(Refused):
    """The rules cannot be put in place; the message says in words what to do."""


@dataclass(frozen=True)
class RuleSet:
    """A receipt rule set with its rules in the order SES runs them."""

    name: str
    rules: Sequence[Mapping[str, Any]]

    @property
    def names(self) -> list[str]:
        """The rules' names, in order."""
        return [rule["Name"] for rule in self.rules]


@dataclass(frozen=True)
class RuleSets:
    """The rule sets of the account; `pause` waits for seconds."""

    client: Any
    pause: Callable[[float], object]

    def active(self) -> RuleSet | None:
        """The one set that receives mail, if there is one."""
        found = self.client.describe_active_receipt_rule_set()
        name = (found.get("Metadata") or {}).get("Name")
        return RuleSet(name, found.get("Rules") or []) if name else None

    def every(self, known: RuleSet | None) -> Iterator[RuleSet]:
        """Every set of the account; the one that is known is not asked for again."""
        for page in self.client.get_paginator("list_receipt_rule_sets").paginate():
            for entry in page.get("RuleSets") or []:
                name = entry["Name"]
                yield known if known and known.name == name else self._described(name)

    def _described(self, name: str) -> RuleSet:
        try:
            found = self.client.describe_receipt_rule_set(RuleSetName=name)
        except ClientError as error:
            if _problem(error) not in _GONE:
                raise
            return RuleSet(name, [])
        return RuleSet(name, found.get("Rules") or [])

    def make(self, name: str) -> RuleSet:
        """A new set, or the one that is there."""
        try:
            self.client.create_receipt_rule_set(RuleSetName=name)
        except ClientError as error:
            if _problem(error) != "AlreadyExists":
                raise
            return self._described(name)
        return RuleSet(name, [])

    def create(self, rule_set: str, rule: dict[str, Any], after: str | None) -> None:
        """Add a rule behind another, or (None) before all."""
        try:
            self._settled(
                self.client.create_receipt_rule, RuleSetName=rule_set, Rule=rule, **_after(after)
            )
        except ClientError as error:  # an earlier try of this very call, its answer lost
            if _problem(error) != "AlreadyExists":
                raise
            self.update(rule_set, rule)

    def update(self, rule_set: str, rule: dict[str, Any]) -> None:
        """Put a rule right where it stands."""
        self._settled(self.client.update_receipt_rule, RuleSetName=rule_set, Rule=rule)

    def _settled(self, call: Any, **arguments: Any) -> None:
        """SES tries the bucket and the topic of a rule, whose policies may still be settling."""
        for attempt in range(_TRIES):
            try:
                call(**arguments)
            except ClientError as error:
                if _problem(error) not in _SETTLING or attempt == _TRIES - 1:
                    raise
                self.pause(2 * (attempt + 1))
            else:
                return

    def move(self, rule_set: str, name: str, after: str | None) -> None:
        """Put a rule behind another, or (None) before all."""
        self.client.set_receipt_rule_position(RuleSetName=rule_set, RuleName=name, **_after(after))

    def delete(self, rule_set: str, name: str) -> None:
        """Take a rule away, if it is there."""
        with _unless_gone():
            self.client.delete_receipt_rule(RuleSetName=rule_set, RuleName=name)

    def delete_set(self, name: str) -> None:
        """Take an inactive set away, if it is there, with all its rules."""
        with _unless_gone():
            self.client.delete_receipt_rule_set(RuleSetName=name)

    def activate(self, name: str | None) -> None:
        """Let a set receive the account's mail, or (None) none."""
        self.client.set_active_receipt_rule_set(**({"RuleSetName": name} if name else {}))


def _after(name: str | None) -> dict[str, str]:
    return {"After": name} if name else {}


def _problem(error: ClientError) -> str:
    return code(error).removesuffix("Exception")


@contextmanager
def _unless_gone() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _problem(error) not in _GONE:
            raise


@contextmanager
def in_words() -> Iterator[None]:
    """An error of SES as RulesRefused: what to do, then SES's own words."""
    try:
        yield
    except ClientError as error:
        operation, problem = error.operation_name, _problem(error)
        advice = _ADVICE.get(f"{problem} {operation}") or _ADVICE.get(problem, "")
        said = error.response.get("Error", {}).get("Message", "")
        words = f"{advice.format(operation=operation)} Amazon SES says: {problem}: {said}"
        raise RulesRefused(words.strip()) from error
