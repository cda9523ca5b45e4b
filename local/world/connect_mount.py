"""The local Connect in the emulated world: what it needs from outside, how it is reached."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import threading
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge, lambda_svc

from local.connect import Connect, LambdaFailed, Outside
from local.world import clock
from local.world.policies import function_allows

log = logging.getLogger("local.connect")
_REGION = "us-east-1"
connect: Connect  # set by start()


def start() -> None:
    """Create the local Connect and keep it ticking."""
    global connect  # noqa: PLW0603  (one Connect a world)
    connect = Connect(
        Outside(
            now=clock.now,
            invoke=_invoke,
            may_invoke=_may_invoke,
            publish=_publish,
            desktop=f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/_local/connect",
        )
    )
    clock.on_move(lambda _account: _wake.set())
    threading.Thread(target=_tick, daemon=True, name="connect").start()


_wake = threading.Event()


def _tick() -> None:
    while True:
        try:
            connect.tick()
        except Exception:
            log.exception("the local Connect's tick failed")
        _wake.wait(0.02)
        _wake.clear()


def _invoke(account: str, arn: str, event: dict[str, Any]) -> Any:
    with request_scope(account, arn.split(":")[3]):
        function, config, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            raise LambdaFailed(f"Function not found: {name}")
        record = lambda_svc._execution_record_for_config(function, config)
        result = lambda_svc._execute_function_with_config_scope(record, event)
    if result.get("error"):
        raise LambdaFailed(json.dumps(result.get("body")))
    return result.get("body")


def _may_invoke(account: str, arn: str, instance: str) -> bool:
    with request_scope(account, arn.split(":")[3]):
        return function_allows(arn, "connect.amazonaws.com", instance, account)


def _publish(account: str, region: str, detail: dict[str, Any]) -> None:
    resources = [arn for arn in (detail.get("contactId"), detail.get("instanceArn")) if arn]
    entry = {
        "Source": "aws.connect",
        "DetailType": "Amazon Connect Contact Event",
        "Detail": json.dumps(detail),
        "Resources": resources,
    }
    with request_scope(account, region):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def plain_path(path: str) -> str:
    """The path with ids in place of the ARNs some SDK callers put into it."""
    kinds = "contact-flow|queue|agent|routing-profile|quick-connect|contact"
    path = re.sub(rf"arn:aws:connect:[^/]*:instance/[^/]+/(?:{kinds})/", "", path)
    return re.sub(r"arn:aws:connect:[^/]*:instance/", "", path)


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """The Connect REST API, off the event loop (a call may wait for a flow's Lambda)."""
    account, region = get_account_id(), get_region()
    return await asyncio.to_thread(
        connect.handle, account, region, method, plain_path(path), query, headers, body
    )


def provision(
    action: str,
    kind: str,
    physical_id: str | None,
    properties: dict[str, Any],
    old: dict[str, Any] | None,
) -> tuple[str, dict[str, Any]]:
    """Create, update or delete an AWS::Connect::* resource. Raises ValueError in words."""
    account, region = get_account_id(), get_region()
    found: tuple[str, dict[str, Any]] = connect.provision(
        account,
        region,
        action,
        kind,
        physical_id,
        properties,
        old,
    )
    return found
