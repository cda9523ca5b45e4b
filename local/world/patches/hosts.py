"""What viewers and browsers reach by a host name: distributions and HTTP APIs."""

from __future__ import annotations

import re
from typing import Any

import ministack.app as gateway
from ministack.core.responses import request_scope
from ministack.services import apigateway, cloudfront
from ministack.services.cloudformation import provisioners

_REGION = "us-east-1"
_API = re.compile(r"([a-z0-9]+)\.execute-api\.|/_aws/execute-api/([a-z0-9]+)/")


def apply() -> None:
    find_the_owner()
    keep_cors_of_apis()


def find_the_owner() -> None:
    """Serve a distribution's or an API's address in the account that has it.

    A viewer's request is unsigned; ministack then looks in its default account only.
    """
    before, serve = gateway._handle_pre_body_request, gateway._handle_special_data_plane_request

    def owned(of: Any) -> Any:
        async def call(
            method: str, path: str, headers: dict[str, str], *rest: Any, **more: Any
        ) -> Any:
            account = owner(headers.get("host", "").lower(), path)
            if account is None:
                return await of(method, path, headers, *rest, **more)
            with request_scope(account, _REGION):
                return await of(method, path, headers, *rest, **more)

        return call

    gateway._handle_pre_body_request = owned(before)
    gateway._handle_special_data_plane_request = owned(serve)


def owner(host: str, path: str) -> str | None:
    """The account whose distribution or HTTP API answers at this address."""
    if ".cloudfront." in host:
        domain = host.split(":", maxsplit=1)[0]
        records = list(cloudfront._distributions._data.items())
        found = [key[0] for key, record in records if record["DomainName"].lower() == domain]
        return found[0] if found else None
    named = _API.match(host) or _API.match(path)
    if named is None:
        return None
    api_id = named[1] or named[2]
    owners = [key[0] for key in list(apigateway._apis._data) if key[-1] == api_id]
    return owners[0] if owners else None


def keep_cors_of_apis() -> None:
    """CorsConfiguration of a template reaches the API; ministack stores it under unread names."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]

    def create_read(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        return create(logical_id, _readable(properties), stack)

    def update_read(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack: str,
        logical_id: str | None = None,
    ) -> Any:
        return update(physical_id, old, _readable(new), stack, logical_id)

    handlers["create"], handlers["update"] = create_read, update_read


def _readable(properties: dict[str, Any]) -> dict[str, Any]:
    cors = properties.get("CorsConfiguration") or {}
    read = {name[0].lower() + name[1:]: value for name, value in cors.items()}
    return {**properties, "CorsConfiguration": read} if read else properties
