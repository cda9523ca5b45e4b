"""What tests, the demo and the page's stand-in ask of the world: `/_local/...`, JSON.

GET    /_local/health
GET    /_local/<account>/quiet | sent | texts | logs | iam | queues | receives | clock
PUT    /_local/<account>/clock        {"epoch": seconds} | {"advance": seconds}
PUT    /_local/<account>/ses_events   {"mode": "auto" | "manual"}
PUT    /_local/<account>/ses_account  what is to change (ses_account.py) [, "region"]
PUT    /_local/<account>/event_sources {"paused": bool}
PUT    /_local/<account>/fault        {"operation", "kind", "times"} (kinds: faults.py)
POST   /_local/<account>/deliver      {"raw" (base64), "mail_from", "rcpt_to", "verdicts"}
POST   /_local/<account>/emit         {"event": {...} [, "configuration_set", "region"]} or
                                      {"message_id", "type", "recipient"}
DELETE /_local/<account>
*      /_local/connect/<account>/...  the agent desktop side (CORS `*`)
GET    /_local/workspace/<file>       the stand-in of the agent workspace, on the instance's origin
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from ministack.core import concurrency
from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs, ses_v2, sqs

from local.world import (
    calls,
    clock,
    connect_mount,
    faults,
    receipt,
    ses_account,
    ses_events,
    ses_in,
    ses_out,
    ses_suppression,
    sms,
)
from local.world.forget import forget
from local.world.patches import queues
from local.world.quiet import quiet

log = logging.getLogger("local.control")
Answer = tuple[int, dict[str, str], bytes]
_WORKSPACE = Path(__file__).resolve().parents[1] / "workspace"
_KINDS = {".html": "text/html; charset=utf-8", ".js": "text/javascript"}
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Allow-Private-Network": "true",
}


def _json(status: int, value: Any) -> Answer:
    return status, {"Content-Type": "application/json", **_CORS}, json.dumps(value).encode()


async def serve(method: str, path: str, query: str, body: bytes) -> Answer:
    """Answer a control request; the work is done off the event loop."""
    if method == "OPTIONS":
        return 204, dict(_CORS), b""
    try:
        return await asyncio.to_thread(_serve, method, path, parse_qs(query), body)
    except Exception as error:
        log.exception("%s %s", method, path)
        return _json(500, {"message": f"{type(error).__name__}: {error}"})


def _serve(method: str, path: str, query: dict[str, list[str]], body: bytes) -> Answer:
    parts = path.removeprefix("/_local/").strip("/").split("/")
    if parts == ["health"]:
        return _json(200, {"ready": True})
    if parts[0] == "connect" and len(parts) > 1:
        rest = "/" + "/".join(parts[2:])
        status, headers, answer = connect_mount.connect.control(parts[1], method, rest, query, body)
        return status, {**headers, **_CORS}, answer
    if parts[0] == "workspace" and len(parts) == 2:
        return _workspace_file(parts[1])
    account, what = parts[0], "/".join(parts[1:])
    action = _ACTIONS.get((method, what))
    if action is None:
        return _json(404, {"message": f"no {method} {path}"})
    return action(account, query, json.loads(body or b"{}"))


def _workspace_file(name: str) -> Answer:
    file = _WORKSPACE / name
    if file.suffix not in _KINDS or not file.is_file():
        return _json(404, {"message": f"no {name}"})
    return 200, {"Content-Type": _KINDS[file.suffix]}, file.read_bytes()


def _quiet(account: str, _query: Any, _body: Any) -> Answer:
    busy = quiet(account)
    return _json(200, {"quiet": not busy, "busy": busy})


def _sent(account: str, _query: Any, _body: Any) -> Answer:
    return _json(200, [mail.as_json() for mail in ses_out.sent(account)])


def _texts(account: str, _query: Any, _body: Any) -> Answer:
    return _json(200, sms.sent(account))


def _deliver(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    verdicts = receipt.Verdicts(**body.get("verdicts") or {})
    raw = base64.b64decode(body["raw"])
    extra = {key: body[key] for key in ("helo", "client_ip") if key in body}
    try:
        answer = ses_in.deliver(
            account, raw, body.get("mail_from", ""), body["rcpt_to"], verdicts, **extra
        )
    except ses_in.NotAccepted as refused:
        return _json(550, {"message": str(refused)})
    return _json(200, answer)


def _accepts(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    return _json(200, {"accepts": ses_in.accepts(account, body["to"])})


def _emit(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    """Publish one SES event: given whole, or made for a sent mail."""
    if "event" in body:
        content, region = body["event"], body.get("region", "us-east-1")
        tags = content.get("mail", {}).get("tags", {}).get("ses:configuration-set", [""])
        name = body.get("configuration_set") or tags[0] or _only_set(account, region)
    else:
        mail = ses_out.find(account, body["message_id"])
        if mail is None:
            return _json(404, {"message": f"no sent mail {body['message_id']}"})
        recipient = body.get("recipient") or mail.recipients[0]
        content = ses_events.event(account, mail, body["type"], recipient)
        name, region = mail.configuration_set, mail.region
    ses_suppression.learn(account, region, content)
    return _json(200, {"delivered": ses_events.publish(account, region, name, content)})


def _only_set(account: str, region: str) -> str:
    with request_scope(account, region):
        return next(iter(ses_v2._config_sets), "")


def _ses_events(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    if body.get("mode") not in ("auto", "manual"):
        return _json(400, {"message": "mode is auto or manual"})
    ses_events.modes[account] = body["mode"]
    return _json(200, {})


def _ses_account(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    region = body.pop("region", "us-east-1")
    return _json(200, ses_account.change(account, region, body))


def _event_sources(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    with queues.polling:
        (queues.paused.add if body.get("paused") else queues.paused.discard)(account)
    concurrency.esm_wake.set()
    return _json(200, {})


def _fault(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    faults.plan(account, body["operation"], body["kind"], int(body["times"]))
    return _json(200, {})


def _logs(account: str, _query: Any, _body: Any) -> Answer:
    """All that the account's functions wrote, oldest first, one text per function."""
    found: dict[str, list[tuple[int, str]]] = {}
    for (owner, _region, group), record in list(cloudwatch_logs._log_groups._data.items()):
        if owner == account:
            lines = found.setdefault(group, [])
            for stream in list(record["streams"].values()):
                lines += [(e["timestamp"], e["message"].rstrip("\n")) for e in stream["events"]]
    texts = {
        group: "\n".join(text for _at, text in sorted(lines, key=lambda line: line[0]))
        for group, lines in found.items()
    }
    return _json(200, texts)


def _iam(account: str, _query: Any, _body: Any) -> Answer:
    return _json(200, calls.recorded(account))


def _clock(account: str, _query: Any, body: dict[str, Any]) -> Answer:
    if "epoch" in body:
        clock.set_clock(account, float(body["epoch"]))
    elif "advance" in body:
        clock.set_clock(account, clock.now(account) + float(body["advance"]))
    return _json(200, {"epoch": clock.now(account), "offset": clock.offset(account)})


def _queues(account: str, query: dict[str, list[str]], _body: Any) -> Answer:
    queues.sweep(account)
    mine = [queue for key, queue in list(sqs._queues._data.items()) if key[0] == account]
    with queues.lock:
        found = {queue["name"]: _counts(account, queue) for queue in mine}
    wanted = query.get("queue", [""])[0]
    if wanted:
        return _json(200, found.get(wanted, {}))
    return _json(200, found)


def _counts(account: str, queue: dict[str, Any]) -> dict[str, int]:
    now, messages = clock.now(account), queue["messages"]
    later = [message for message in messages if message["visible_at"] > now]
    return {
        "visible": len(messages) - len(later),
        "in_flight": sum(message["receive_count"] > 0 for message in later),
        "delayed": sum(message["receive_count"] == 0 for message in later),
        "receives_total": int(queue.get("receives_total", 0)),
    }


def _forget(account: str, _query: Any, _body: Any) -> Answer:
    forget(account)
    return _json(200, {})


Action = Callable[[str, dict[str, list[str]], Any], Answer]
_ACTIONS: dict[tuple[str, str], Action] = {
    ("GET", "quiet"): _quiet,
    ("GET", "sent"): _sent,
    ("GET", "texts"): _texts,
    ("POST", "deliver"): _deliver,
    ("POST", "accepts"): _accepts,
    ("POST", "emit"): _emit,
    ("PUT", "ses_events"): _ses_events,
    ("PUT", "ses_account"): _ses_account,
    ("PUT", "event_sources"): _event_sources,
    ("PUT", "fault"): _fault,
    ("GET", "logs"): _logs,
    ("GET", "iam"): _iam,
    ("GET", "clock"): _clock,
    ("PUT", "clock"): _clock,
    ("GET", "queues"): _queues,
    ("GET", "receives"): _queues,
    ("DELETE", ""): _forget,
}
