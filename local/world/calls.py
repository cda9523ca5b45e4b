"""Every authorised or refused call of a role, kept per account, and the question put again.

A test takes one action out of a role's policies and asks `allowed(...)` for the calls that were
recorded: a call that is still allowed shows a grant nobody needs.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One check of an identity: what was asked, of which resource, and the answer."""

    account: str
    role: str
    action: str
    resource: str
    context: dict[str, Any]
    allowed: bool


_lock = threading.Lock()
_calls: dict[str, dict[str, Call]] = {}


def record(
    account: str, role: str, action: str, resource: str, context: dict[str, Any], *, allowed: bool
) -> None:
    """Remember the call; the same question is kept once per answer."""
    known = {key: value for key, value in context.items() if value is not None}
    call = Call(account, role, action, resource, known, allowed)
    with _lock:
        _calls.setdefault(account, {}).setdefault(repr(call), call)


def recorded(account: str) -> list[dict[str, Any]]:
    """The calls of the account's roles in the order they were first made (JSON-able)."""
    with _lock:
        return [asdict(call) for call in _calls.get(account, {}).values()]


def forget(account: str) -> None:
    with _lock:
        _calls.pop(account, None)


def allowed(policies: Sequence[dict[str, Any]], call: dict[str, Any]) -> bool:
    """Whether identity policies (policy documents) allow a recorded call.

    Resource policies are not consulted: the question is what the role itself grants.
    """
    from ministack.core import iam_evaluator

    asked = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{call['account']}:assumed-role/{call['role']}/local",
        principal_type="AssumedRole",
        principal_account=call["account"],
        action=call["action"],
        resource_arn=call["resource"],
        region="us-east-1",
        service_context=dict(call["context"]),
    )
    parsed = [iam_evaluator.parse_policy_document(policy) for policy in policies]
    return bool(iam_evaluator.evaluate(asked, parsed).decision == "Allow")
