"""AppSync: where its APIs are, what their resolvers get, and whom their fields are for."""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from typing import Any

from graphql import FieldDefinitionNode, ObjectTypeDefinitionNode, parse
from ministack import app as gateway
from ministack.core.responses import get_account_id, request_scope
from ministack.services import appsync, lambda_svc, s3
from ministack.services.cloudformation import provisioners

from local.world import clock
from local.world.policies import role_allows

_PATH = re.compile(r"/v1/apis/([a-z0-9]+)/graphql")
_ROOTS = {"Query", "Mutation", "Subscription"}


def apply() -> None:
    find_the_owner()
    say_where()
    read_schemas_of_the_bucket()
    want_the_field()
    resolve_directly()
    refuse_dead_keys()


def find_the_owner() -> None:
    """Serve a request with an API key in the account that has the API: it is not signed."""
    serve = gateway.SERVICE_HANDLERS["appsync"]

    async def served(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        named = _PATH.fullmatch(path)
        owners = [key for key in list(appsync._apis._data) if named and key[-1] == named[1]]
        if not owners:
            return await serve(method, path, headers, body, query)
        with request_scope(owners[0][0], owners[0][1]):
            return await serve(method, path, headers, body, query)

    gateway.SERVICE_HANDLERS["appsync"] = served


def say_where() -> None:
    """GraphQLUrl is an address of this machine; ministack gives one of AWS's."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::AppSync::GraphQLApi"]
    for name in ("create", "update"):
        handlers[name] = _with_url(handlers[name])


def _with_url(handler: Any) -> Any:
    def handle(*asked: Any, **more: Any) -> Any:
        api_id, attributes = handler(*asked, **more)
        url = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/v1/apis/{api_id}/graphql"
        return api_id, {**attributes, "GraphQLUrl": url}

    return handle


def read_schemas_of_the_bucket() -> None:
    """DefinitionS3Location names the schema; ministack knows an inline Definition only."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::AppSync::GraphQLSchema"]
    create = handlers["create"]

    def create_read(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        return create(logical_id, _inline(properties), stack)

    def update_read(_physical_id: str, _old: Any, new: dict[str, Any], stack: str) -> Any:
        return create("", _inline(new), stack)

    handlers.update(create=create_read, update=update_read)


def _inline(properties: dict[str, Any]) -> dict[str, Any]:
    location = str(properties.get("DefinitionS3Location") or "")
    if not location:
        return properties
    bucket, _, key = location.removeprefix("s3://").partition("/")
    body = s3._get_object_data(bucket, key)
    if body is None:
        raise ValueError(f"AWS::AppSync::GraphQLSchema: there is no {location}")
    return {**properties, "Definition": body.decode()}


def want_the_field() -> None:
    """A resolver is made for a field of the schema that is there (AppSync: NotFoundException)."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::AppSync::Resolver"]
    create = handlers["create"]

    def created(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        schema = appsync._schemas.get(properties["ApiId"])
        named = properties["TypeName"], properties["FieldName"]
        if schema is None or named not in _directives(schema["definition"]):
            raise ValueError(f"No field named {named[1]} found on type {named[0]}")
        return create(logical_id, properties, stack)

    handlers["create"] = created


# -- resolvers ----------------------------------------------------------------------------------


def resolve_directly() -> None:
    """A direct Lambda resolver: the event as AWS makes it, its role asked, its errors as errors.

    ministack asks no role, tells nobody of the caller, and gives an error back as data.
    """
    find = appsync._resolve_field

    def resolve(api_id: str, resolver: dict[str, Any], *rest: Any, **more: Any) -> Any:
        headers = more.get("request_headers") or {}
        named = resolver.get("typeName", "Query"), more.get("field_name") or resolver["fieldName"]
        if not _is_for(api_id, *named, signed=_is_signed(headers)):
            words = f"Not Authorized to access {named[1]} on type {named[0]}"
            raise appsync._AppSyncResolverError(words, "Unauthorized")
        return find(api_id, resolver, *rest, **more)

    appsync._resolve_field = resolve
    appsync._resolve_lambda = _invoked


def _is_signed(headers: dict[str, str]) -> bool:
    return str(headers.get("authorization") or "").startswith("AWS4-HMAC-SHA256")


def _is_for(api_id: str, kind: str, field: str, *, signed: bool) -> bool:
    """Whether a root field is for who asks: by its directives, else by those of its type."""
    if kind not in _ROOTS:
        return True
    known = _directives(appsync._schemas[api_id]["definition"])
    told = known.get((kind, field)) or known.get((kind, "")) or frozenset({"aws_api_key"})
    return ("aws_iam" if signed else "aws_api_key") in told


@lru_cache(maxsize=8)
def _directives(sdl: str) -> dict[tuple[str, str], frozenset[str]]:
    found = {}
    for kind in parse(sdl).definitions:
        if isinstance(kind, ObjectTypeDefinitionNode):
            found[kind.name.value, ""] = _names(kind)
            for field in kind.fields:
                found[kind.name.value, field.name.value] = _names(field)
    return found


def _names(node: FieldDefinitionNode | ObjectTypeDefinitionNode) -> frozenset[str]:
    names = (directive.name.value for directive in node.directives)
    return frozenset(name for name in names if name in {"aws_api_key", "aws_iam"})


def _invoked(
    api_id: str,  # noqa: ARG001  (ministack's own signature)
    resolver: dict[str, Any],
    data_source: dict[str, Any],
    args: dict[str, Any],
    field_name: str,
    identity: Any,
    request_headers: dict[str, str],
    source: Any,
    variables: dict[str, Any] | None = None,
) -> Any:
    """The field's value. AWS AppSync developer guide, "Direct Lambda resolvers"."""
    arn = data_source["lambdaConfig"]["lambdaFunctionArn"]
    role = data_source.get("serviceRoleArn") or ""
    if not (role and role_allows(role, "lambda:InvokeFunction", arn, via="appsync")):
        words = f"{role or 'No role'} may not invoke {arn}"
        raise appsync._AppSyncResolverError(words, "Lambda:AccessDenied")
    event = {
        "arguments": args,
        "identity": identity or _caller(request_headers),
        "source": source or None,
        "request": {"headers": request_headers, "domainName": None},
        "prev": None,
        "info": {
            "fieldName": field_name,
            "parentTypeName": resolver.get("typeName", "Query"),
            "variables": variables or {},
        },
        "stash": {},
    }
    function, config, _name = lambda_svc._get_func_record_for_ref(arn)
    record = lambda_svc._execution_record_for_config(function, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    body = result.get("body")
    told = json.loads(body) if isinstance(body, str | bytes) and body else body
    if result.get("error"):
        error = told if isinstance(told, dict) else {}
        raise appsync._AppSyncResolverError(
            error.get("errorMessage") or "Lambda execution error",
            error.get("errorType") or "Lambda:Unhandled",
        )
    return told


def _caller(headers: dict[str, str]) -> dict[str, str] | None:
    """Who signed the request; None for an API key."""
    if not _is_signed(headers):
        return None
    from ministack.core import iam_evaluator

    account = get_account_id()
    return {"accountId": account, "userArn": iam_evaluator.request_caller_arn(headers)}


def refuse_dead_keys() -> None:
    """A key past its expiry opens nothing; ministack never looks."""
    check = appsync._request_is_authenticated

    def check_alive(api_id: str, api: dict[str, Any], headers: dict[str, str]) -> bool:
        key = {str(k).lower(): v for k, v in headers.items()}.get("x-api-key")
        known = (appsync._api_keys.get(api_id) or {}).get(key) if key else None
        if known and int(known.get("expires") or 0) < clock.now(get_account_id()):
            return False
        return bool(check(api_id, api, headers))

    appsync._request_is_authenticated = check_alive
