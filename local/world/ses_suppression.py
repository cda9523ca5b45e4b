"""The account-level suppression list of SES, and who gets on it.

https://docs.aws.amazon.com/ses/latest/dg/sending-email-suppression-list.html
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_PutSuppressedDestination.html
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ses_v2

from local.world import clock
from local.world.ses_out import Refused, Sent

REASONS = ("BOUNCE", "COMPLAINT")
_PATH = "/v2/email/suppression/addresses"
_SETTING = "/v2/email/account/suppression"
_NOT_TRIED = {"Suppressed", "OnAccountSuppressionList"}  # bounces without an attempt
_PAGE = 1000
_Place = tuple[str, str]  # account, region


@dataclass(frozen=True)
class Suppressed:
    """An address nothing is sent to; `at` in epoch seconds."""

    address: str
    reason: str
    at: float
    message_id: str = ""
    feedback_id: str = ""

    def summary(self) -> dict[str, Any]:
        return {"EmailAddress": self.address, "Reason": self.reason, "LastUpdateTime": self.at}

    def details(self) -> dict[str, Any]:
        ids = {"MessageId": self.message_id, "FeedbackId": self.feedback_id}
        known = {name: value for name, value in ids.items() if value}
        return {**self.summary(), **({"Attributes": known} if known else {})}


_lock = threading.Lock()
_lists: dict[_Place, dict[str, Suppressed]] = {}
_reasons: dict[_Place, tuple[str, ...]] = {}


def account_reasons(account: str, region: str) -> tuple[str, ...]:
    """What the account's list is used for: bounces and complaints unless it was changed."""
    return _reasons.get((account, region), REASONS)


def stopped(account: str, mail: Sent) -> set[str]:
    """The recipients of a mail that SES does not try to reach."""
    reasons = _in_force(account, mail.region, mail.configuration_set)
    with _lock:
        known = _lists.get((account, mail.region), {})
        entries = {recipient: known.get(recipient.lower()) for recipient in mail.recipients}
    return {recipient for recipient, entry in entries.items() if entry and entry.reason in reasons}


def _in_force(account: str, region: str, configuration_set: str) -> tuple[str, ...]:
    """A configuration set's own reasons, where it has some, overrule the account's."""
    with request_scope(account, region):
        own = (ses_v2._config_sets.get(configuration_set) or {}).get("SuppressionOptions")
    return (
        account_reasons(account, region) if own is None else tuple(own.get("SuppressedReasons", ()))
    )


def learn(account: str, region: str, event: dict[str, Any]) -> None:
    """Hard bounces and complaints put their addresses on the list.

    Those of the mailbox simulator do not.
    """
    mail = event.get("mail") or {}
    used = _in_force(
        account, region, (mail.get("tags") or {}).get("ses:configuration-set", [""])[0]
    )
    for reason, detail, recipients in _lasting(event):
        for recipient in recipients if reason in used else ():
            address = str(recipient["emailAddress"])
            if not address.lower().endswith("@simulator.amazonses.com"):
                ids = str(mail.get("messageId", "")), str(detail.get("feedbackId", ""))
                _put(account, region, Suppressed(address, reason, clock.now(account), *ids))


def _lasting(event: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    bounce, complaint = event.get("bounce") or {}, event.get("complaint") or {}
    if bounce.get("bounceType") == "Permanent" and bounce.get("bounceSubType") not in _NOT_TRIED:
        yield "BOUNCE", bounce, bounce.get("bouncedRecipients") or []
    if complaint and complaint.get("complaintSubType") not in _NOT_TRIED:
        yield "COMPLAINT", complaint, complaint.get("complainedRecipients") or []


def _put(account: str, region: str, entry: Suppressed) -> None:
    with _lock:
        _lists.setdefault((account, region), {})[entry.address.lower()] = entry


# -- the API ------------------------------------------------------------------------------------


def handle(method: str, path: str, body: bytes, query: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a call about the list, None for other calls. Raises Refused."""
    path, place = path.rstrip("/"), (get_account_id(), get_region())
    if method == "PUT" and path == _SETTING:
        _reasons[place] = tuple(json.loads(body or b"{}").get("SuppressedReasons") or ())
        return {}
    if method == "PUT" and path == _PATH:
        return _add(place, json.loads(body or b"{}"))
    if method == "GET" and path == _PATH:
        return _listed(place, query)
    if not path.startswith(f"{_PATH}/"):
        return None
    return _one(place, method, path.removeprefix(f"{_PATH}/"))


def _add(place: _Place, request: dict[str, Any]) -> dict[str, Any]:
    address, reason = str(request.get("EmailAddress", "")), request.get("Reason")
    if reason not in REASONS or "@" not in address:
        raise Refused(
            "BadRequestException", "An address and a reason (BOUNCE, COMPLAINT) are needed"
        )
    _put(*place, Suppressed(address, reason, clock.now(place[0])))
    return {}


def _one(place: _Place, method: str, address: str) -> dict[str, Any]:
    with _lock:
        known = _lists.get(place, {})
        entry = known.get(address.lower())
        if entry is None:
            text = f"Email address {address} does not exist on your suppression list."
            raise Refused("NotFoundException", text, 404)
        if method == "DELETE":
            del known[address.lower()]
            return {}
    return {"SuppressedDestination": entry.details()}


def _listed(place: _Place, query: dict[str, Any]) -> dict[str, Any]:
    """One page, the latest first; the token is the place where the next page starts."""
    wanted = [value for name in ("Reason", "Reasons") for value in query.get(name, [])] or REASONS
    since, until = (_time(query, name) for name in ("StartDate", "EndDate"))
    with _lock:
        entries = sorted(_lists.get(place, {}).values(), key=lambda entry: -entry.at)
    found = [
        entry.summary()
        for entry in entries
        if entry.reason in wanted and (since or 0) <= entry.at <= (until or float("inf"))
    ]
    token, size = _first(query, "NextToken"), int(_first(query, "PageSize") or _PAGE)
    start = int(base64.urlsafe_b64decode(token)) if token else 0
    page: dict[str, Any] = {"SuppressedDestinationSummaries": found[start : start + size]}
    if start + size < len(found):
        page["NextToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
    return page


def _first(query: dict[str, Any], name: str) -> str:
    found = query.get(name) or [""]
    return str(found[0] if isinstance(found, list) else found)


def _time(query: dict[str, Any], name: str) -> float | None:
    text = _first(query, name)
    if not text:
        return None
    if text.replace(".", "").isdigit():
        return float(text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


# -- state --------------------------------------------------------------------------------------


def forget(account: str) -> None:
    for store in (_lists, _reasons):
        for place in [place for place in store if place[0] == account]:
            store.pop(place, None)


def get_state() -> dict[str, Any]:
    with _lock:
        return {
            "lists": [
                [*place, [asdict(entry) for entry in entries.values()]]
                for place, entries in _lists.items()
            ],
            "reasons": [[*place, list(reasons)] for place, reasons in _reasons.items()],
        }


def load_state(state: dict[str, Any]) -> None:
    for account, region, entries in state.get("lists", []):
        for entry in entries:
            _put(account, region, Suppressed(**entry))
    for account, region, reasons in state.get("reasons", []):
        _reasons[account, region] = tuple(reasons)
