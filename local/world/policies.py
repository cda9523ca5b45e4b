"""Questions to the policies of an account: may this role, may this service?"""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region

from local.world import calls


def role_allows(
    role_arn: str,
    action: str,
    resource: str,
    context: dict[str, Any] | None = None,
    *,
    via: str = "",
) -> bool:
    """Whether the role's identity policies allow the call; the answer is recorded as a call."""
    name, account = role_arn.rsplit("/", 1)[-1], get_account_id()
    keys = {key.lower(): value for key, value in (context or {}).items()}
    asked = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{via or 'local'}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context=keys,
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    allowed = bool(iam_evaluator.evaluate(asked, policies).decision == "Allow")
    calls.record(account, name, action, resource, keys, allowed=allowed)
    return allowed


def resource_allows(
    policy: Any, service: str, action: str, resource: str, source_arn: str, account: str
) -> bool:
    """Whether a resource policy lets the AWS service act for `source_arn` of `account`."""
    if not policy:
        return False
    asked = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": account},
    )
    decision = iam_evaluator.evaluate_resource_policy(policy, asked, service=service).decision
    return bool(decision == "Allow")


def function_allows(arn: str, service: str, source_arn: str, account: str) -> bool:
    """Whether the function's resource policy lets the service invoke it for `source_arn`."""
    from ministack.services import lambda_svc

    found = lambda_svc.function_policy_for_arn(arn)
    return found is not None and resource_allows(
        found[0], service, "lambda:InvokeFunction", arn, source_arn, account
    )
