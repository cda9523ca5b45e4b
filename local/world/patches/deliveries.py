"""Who may hand work to whom: resource policies that ministack does not ask."""

from __future__ import annotations

import logging
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import apigateway, eventbridge, sns, sqs

from local.world.policies import function_allows

log = logging.getLogger("local.deliveries")


def apply() -> None:
    check_event_targets()
    check_topic_functions()
    check_api_functions()


def check_event_targets() -> None:
    """A rule reaches a queue or a function only if its resource policy lets EventBridge.

    ministack delivers to any target; on AWS the delivery fails silently.
    """
    invoke = eventbridge._invoke_target

    def invoke_allowed(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> None:
        arn, source = str(target.get("Arn", "")), str(rule.get("Arn", ""))
        if ":rule/" in source and not _rule_may_reach(arn, source):
            log.warning("EventBridge: %s may not be delivered to %s", source, arn)
            return
        invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_allowed


def _rule_may_reach(arn: str, source: str) -> bool:
    account = get_account_id()
    if arn.startswith("arn:aws:sqs:"):
        return bool(sqs.queue_policy_allows(arn, "events.amazonaws.com", source, account))
    if arn.startswith("arn:aws:lambda:"):
        return function_allows(arn, "events.amazonaws.com", source, account)
    return True


def check_topic_functions() -> None:
    """A topic invokes a function only if the function's policy lets SNS."""
    deliver = sns._deliver_to_lambda

    def deliver_allowed(endpoint: str, envelope: str, topic_arn: str, *rest: Any) -> None:
        if function_allows(endpoint, "sns.amazonaws.com", topic_arn, get_account_id()):
            deliver(endpoint, envelope, topic_arn, *rest)
        else:
            log.warning("SNS: %s may not invoke %s", topic_arn, endpoint)

    sns._deliver_to_lambda = deliver_allowed


def check_api_functions() -> None:
    """An HTTP API invokes a function only if its policy lets it; else the client gets 500."""
    invoke = apigateway._invoke_lambda_proxy

    async def invoke_allowed(
        integration: dict[str, Any],
        api_id: str,
        stage: str,
        path: str,
        method: str,
        *rest: Any,
        **more: Any,
    ) -> Any:
        account = more.get("owner_account_id") or get_account_id()
        region = more.get("owner_region") or get_region()
        uri = integration.get("integrationUri", "")
        arn = apigateway._extract_lambda_ref_from_integration_uri(uri)
        route_key = rest[3] if len(rest) > 3 else more.get("route_key", "$default")
        route = str(route_key).partition(" ")[2]
        source = f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{method}{route}"
        with request_scope(account, region):
            may = function_allows(arn, "apigateway.amazonaws.com", source, account)
        if not may:
            log.warning("API Gateway: %s may not invoke %s", source, arn)
            answer = b'{"message":"Internal Server Error"}'
            return 500, {"Content-Type": "application/json"}, answer
        return await invoke(integration, api_id, stage, path, method, *rest, **more)

    apigateway._invoke_lambda_proxy = invoke_allowed
