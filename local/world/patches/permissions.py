"""IAM: the calls ministack does not know, and a record of every decision."""

from __future__ import annotations

import base64
import binascii
import json
from contextvars import ContextVar
from email.utils import getaddresses, parseaddr
from http import HTTPStatus
from typing import Any

from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id
from ministack.services import ses_v2, sts

from local.world import calls, sms
from local.world.connect_arns import connect_arns
from local.world.connect_mount import plain_path
from local.world.headers import parsed_headers

_SEND = "/v2/email/outbound-emails"
_context: ContextVar[dict[str, Any] | None] = ContextVar("condition_keys", default=None)


def apply() -> None:
    iam_actions._BOTOCORE_SERVICE_MAP["connect"] = ["connect"]
    iam_actions._BOTOCORE_SERVICE_MAP["sms-voice"] = ["pinpoint-sms-voice-v2"]
    iam_actions.SERVICE_TO_IAM_NAMESPACE.update(
        {name: name for name in ("connect", "comprehend", "servicequotas", "sms-voice")}
    )
    call_it_tls()
    name_resources()
    name_raw_sending()
    record_decisions()
    hide_missing_objects()


def call_it_tls() -> None:
    """aws:SecureTransport is true: HTTP on the loopback stands for the TLS that AWS is called by.

    Without it a bucket policy that refuses plain HTTP, as it should, would refuse everything here.
    """
    resolve = iam_evaluator._resolve_condition_key

    def resolve_secure(key: str, asked: Any) -> Any:
        return "true" if key.lower() == "aws:securetransport" else resolve(key, asked)

    iam_evaluator._resolve_condition_key = resolve_secure


def name_resources() -> None:
    """The resources a call is checked on, per the Service Authorization Reference.

    ministack checks SES v2 SendEmail on `*` (a false denial for a scoped policy) and does not
    know Connect. A call on several resources names them with a space between; `enforce` below
    checks each.
    """
    extract = iam_actions.extract_resource_arn

    def extract_known(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account: str,
    ) -> str:
        _context.set(None)
        if service == "connect":
            return " ".join(connect_arns(method, plain_path(path), body, region, account))
        if service == "sms-voice":
            return " ".join(sms.arns(body, region, account))
        if service == "ses" and method == "POST" and path.rstrip("/") == _SEND:
            return " ".join(_sending(body, region, account))
        return str(extract(service, method, path, headers, body, query, region, account))

    iam_actions.extract_resource_arn = extract_known


def _sending(body: bytes, region: str, account: str) -> list[str]:
    """Identity and configuration set of a SendEmail; sets the condition keys of the request."""
    request = _json(body)
    raw = _raw_headers(request)
    sender = parseaddr(request.get("FromEmailAddress") or raw.get("From", ""))
    given = [a for addresses in (request.get("Destination") or {}).values() for a in addresses]
    recipients = [address for _name, address in getaddresses(given) if address]
    _context.set(
        {
            "ses:FromAddress": sender[1],
            "ses:FromDisplayName": sender[0],
            "ses:Recipients": recipients,
            "ses:ApiVersion": "2",
        }
    )
    arns = [f"arn:aws:ses:{region}:{account}:identity/{_identity(sender[1])}"]
    if request.get("ConfigurationSetName"):
        name = request["ConfigurationSetName"]
        arns.append(f"arn:aws:ses:{region}:{account}:configuration-set/{name}")
    return arns


def _identity(address: str) -> str:
    """The most specific identity of the account that covers the address."""
    known = {name.lower(): name for name in ses_v2._identities}
    domain = address.rpartition("@")[2].lower()
    if address.lower() in known:
        return str(known[address.lower()])
    labels = domain.split(".")
    parents = (".".join(labels[index:]) for index in range(len(labels) - 1))
    return next((str(known[parent]) for parent in parents if parent in known), domain)


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _raw_headers(request: dict[str, Any]) -> Any:
    data = ((request.get("Content") or {}).get("Raw") or {}).get("Data", "")
    try:
        raw = base64.b64decode(data)
    except (binascii.Error, ValueError):
        raw = b""
    return parsed_headers(raw)


def name_raw_sending() -> None:
    """SendEmail with raw content is authorised as ses:SendRawEmail."""
    extract = iam_actions.extract_iam_action

    def extract_action(
        service: str, method: str, path: str, headers: Any, body: bytes, query: Any
    ) -> str | None:
        if service == "ses" and method == "POST" and path.rstrip("/") == _SEND:
            raw = "Raw" in (_json(body).get("Content") or {})
            return "ses:SendRawEmail" if raw else "ses:SendEmail"
        found: str | None = extract(service, method, path, headers, body, query)
        return found

    iam_actions.extract_iam_action = extract_action


def record_decisions() -> None:
    """Check each resource of a call and keep what was asked of a role and answered."""
    check = iam_evaluator.enforce

    def enforce(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        keys = {**(_context.get() or {}), **(service_context or {})}
        denied = None
        for resource in (
            resource_arn.split(" ") if service in ("connect", "sesv2") else [resource_arn]
        ):
            denied = check(access_key_id, iam_action, service, region, resource, keys or None)
            _record(access_key_id, iam_action, resource, keys, denied)
            if denied:
                return denied
        return denied

    iam_evaluator.enforce = enforce


def hide_missing_objects() -> None:
    """A missing object is only called missing to who may list its bucket; others get a 403.

    Amazon S3 API reference, GetObject, "Permissions".
    """
    serve = gateway.SERVICE_HANDLERS["s3"]

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Any:
        answer = await serve(method, path, headers, body, query)
        if method not in ("GET", "HEAD") or answer[0] != HTTPStatus.NOT_FOUND:
            return answer
        bucket = path.strip("/").partition("/")[0]
        key, region = router.extract_access_key_id(headers, query), router.extract_region(headers)
        denied = iam_evaluator.enforce(
            key, "s3:ListBucket", "s3", region, f"arn:aws:s3:::{bucket}", {}
        )
        if not denied:
            return answer
        refusal = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        return HTTPStatus.FORBIDDEN, {"Content-Type": "application/xml"}, refusal

    gateway.SERVICE_HANDLERS["s3"] = handle


def _record(key: str, action: str, resource: str, context: dict[str, Any], denied: Any) -> None:
    session = sts._sessions.get(key)
    if session is None or isinstance(denied, iam_evaluator.AuthError):
        return  # the account itself (tests, deployment) or no valid credentials
    role = str(session["Arn"]).split("/")[1]
    lowered = {name.lower(): value for name, value in context.items()}
    calls.record(get_account_id(), role, action, resource, lowered, allowed=denied is None)
