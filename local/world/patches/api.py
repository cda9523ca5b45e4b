"""Services ministack lacks or answers too simply, and the one place every call passes."""

from __future__ import annotations

import json
import sys
import threading
import types
from collections.abc import Awaitable, Callable
from typing import Any

import ministack.app as gateway
from ministack.core import router
from ministack.core.responses import get_account_id, get_region
from ministack.services import ses, ses_v2, sts

from local import comprehend
from local.world import (
    activity,
    connect_mount,
    hooks,
    quotas,
    relay,
    ses_account,
    ses_events,
    ses_in,
    ses_out,
    ses_rules,
    ses_suppression,
    sms,
)

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]
_SEND = "/v2/email/outbound-emails"


def apply() -> None:
    add_service("connect", connect_mount.handle_request, "")
    add_service("comprehend", _comprehend, "Comprehend_20171127")
    add_service("servicequotas", quotas.handle_request, "ServiceQuotasV20190624")
    add_service("sms-voice", sms.handle_request, "PinpointSMSVoiceV2")
    send_raw_mail()
    ses_rules.apply()
    pass_one_hook()


def add_service(name: str, handler: Handler, target: str) -> None:
    """Make ministack route a service by its signing name (and JSON target) to `handler`."""
    module = types.ModuleType(f"ministack.services.local_{name}")
    module.__dict__.update(
        handle_request=handler,
        reset=lambda: None,
        get_state=lambda: None,
        load_persisted_state=lambda _state: None,
    )
    sys.modules[module.__name__] = module
    gateway.SERVICE_HANDLERS[name] = handler
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target]} if target else {}


async def _comprehend(
    _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]
) -> Response:
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    return comprehend.handle(operation, body)


# -- SES sending --------------------------------------------------------------------------------


def send_raw_mail() -> None:
    """SES v2 SendEmail with the bytes kept, the service's refusals and its events; what is sent to.

    ministack rebuilds a raw message from its text parts, which loses attachments and headers, has
    no suppression list, and knows little of an identity's DNS.
    """
    handle = ses_v2.handle_request

    async def handle_sending(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        if method == "POST" and path.rstrip("/") == _SEND:
            return _send(json.loads(body or b"{}"), headers)
        try:
            known = ses_suppression.handle(method, path, body, query)
        except ses_out.Refused as refused:
            return _ses_error(refused)
        known = ses_account.handle(method, path) if known is None else known
        if known is not None:
            return 200, {"Content-Type": "application/json"}, json.dumps(known).encode()
        response: Response = await handle(method, path, headers, body, query)
        return response

    ses_v2.handle_request = handle_sending


def _send(request: dict[str, Any], headers: dict[str, str]) -> Response:
    account, region = get_account_id(), get_region()
    try:
        mail = ses_out.accept(account, region, request, _caller(headers))
        ses_account.refuse_sending(account, region, mail.sender)
        known = ses_v2._config_sets
        if mail.configuration_set and mail.configuration_set not in known:
            name = mail.configuration_set
            raise ses_out.Refused(
                "NotFoundException", f"Configuration set <{name}> does not exist.", 404
            )
        unverified = ses._message_rejection(mail.sender, mail.recipients)
        if unverified:
            raise ses_out.Refused("MessageRejected", unverified)
    except ses_out.Refused as refused:
        return _ses_error(refused)
    ses_out.keep(account, mail)
    activity.begin(account, "mail")
    threading.Thread(target=_after_sending, args=(account, mail), daemon=True).start()
    answer = json.dumps({"MessageId": mail.message_id}).encode()
    return 200, {"Content-Type": "application/json"}, answer


def _after_sending(account: str, mail: ses_out.Sent) -> None:
    """Delivery to the mailbox viewer and to ourselves, and the events, after the answer."""
    try:
        stopped = ses_suppression.stopped(account, mail)
        relay.deliver(mail, stopped)
        # Mail to a domain whose MX record is SES's own comes in again.
        here = [to for to in mail.recipients if to not in stopped and ses_in.accepts(account, to)]
        if here:
            ses_in.deliver(account, mail.delivered, mail.sender, here)
        if ses_events.automatic(account) and mail.configuration_set:
            for kind, recipient in ses_events.outcomes(mail, stopped):
                untried = recipient in stopped
                content = ses_events.event(account, mail, kind, recipient, untried=untried)
                ses_suppression.learn(account, mail.region, content)
                ses_events.publish(account, mail.region, mail.configuration_set, content)
    finally:
        activity.end(account, "mail")


def _caller(headers: dict[str, str]) -> str:
    """The role a call is made with ("" for the account itself)."""
    session = sts._sessions.get(router.extract_access_key_id(headers))
    return str(session["Arn"]).split("/")[1] if session else ""


def _ses_error(refused: ses_out.Refused) -> Response:
    kind = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-errortype": refused.code}
    return refused.status, kind, json.dumps({"message": refused.message}).encode()


# -- every call ---------------------------------------------------------------------------------


def pass_one_hook() -> None:
    """Count each API call as activity of its account and let `hooks` see and answer it."""
    dispatch, special = gateway._dispatch_service_request, gateway._handle_ses_v2_request

    async def dispatch_hooked(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        request_id: str,
    ) -> Any:
        async def go() -> Any:
            return await dispatch(method, path, headers, body, query, request_id)

        return await hooks.around(_request(method, path, headers, body, query), go)

    async def ses_hooked(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        request_id: str,
    ) -> Any:
        if not path.startswith("/v2/email"):
            return None

        async def go() -> Any:
            return await special(method, path, headers, body, query, request_id)

        return await hooks.around(_request(method, path, headers, body, query), go)

    gateway._dispatch_service_request = dispatch_hooked
    gateway._handle_ses_v2_request = ses_hooked


def _request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> hooks.Request:
    port = hooks.caller_port.get()
    return hooks.Request(get_account_id(), get_region(), method, path, headers, body, query, port)
