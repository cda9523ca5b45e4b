"""The account's standing with SES and what its DNS says, as far as callers can read it.

Locally the DNS of every domain is in order, and the account is out of the sandbox, until a test or
a demo says otherwise (`change`).

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html
"""

from __future__ import annotations

import hashlib
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ses, ses_v2

from local.world import clock, ses_out, ses_suppression
from local.world.ses_out import Refused

_IDENTITIES = "/v2/email/identities/"
_SANDBOX = {"Max24HourSend": 200.0, "MaxSendRate": 1.0}
_PRODUCTION = {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0}
_KINDS: dict[str, type] = {
    "production": bool,
    "sending": bool,
    "verified": bool,
    "feedback": bool,
    "dkim": str,  # DkimAttributes.Status: SUCCESS, PENDING, FAILED, ...
    "mail_from": str,  # the MAIL FROM domain; empty for none
    "mail_from_status": str,
}
_changed: dict[str, dict[str, Any]] = {}


def change(account: str, region: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Change the account's standing; returns all changes so far. Raises ValueError.

    `verified`, `feedback`, `dkim`, `mail_from` and `mail_from_status` are of all its identities.
    """
    for name, value in changes.items():
        if not isinstance(value, _KINDS.get(name, type(None))):
            raise ValueError(f"{name} is none of {', '.join(_KINDS)}, or of another type")
    found = _changed.setdefault(account, {})
    found.update(changes)
    if "production" in changes:
        with request_scope(account, region):
            known = dict(ses._account_details.get("account") or {})
            ses._account_details["account"] = {
                **known,
                "ProductionAccessEnabled": changes["production"],
            }
    return found


def refuse_sending(account: str, region: str, sender: str) -> None:
    """Raise Refused when the account's standing keeps it from sending at all."""
    changed = _changed.get(account, {})
    if not changed.get("sending", True):
        raise Refused("SendingPausedException", "Email sending is disabled for your account.")
    if not changed.get("verified", True):
        text = "Email address is not verified. The following identities failed the check in region"
        raise Refused("MessageRejected", f"{text} {region.upper()}: {sender}")


def handle(method: str, path: str) -> dict[str, Any] | None:
    """The answer to GetAccount or GetEmailIdentity, None for other calls."""
    path = path.rstrip("/")
    if method != "GET":
        return None
    if path == "/v2/email/account":
        return _account()
    name = path.removeprefix(_IDENTITIES)
    record = ses_v2._identities.get(name) if path.startswith(_IDENTITIES) else None
    return _identity(name, record) if record else None


def _account() -> dict[str, Any]:
    account, region = get_account_id(), get_region()
    known = ses._account_details.get("account") or {}
    production = bool(known.get("ProductionAccessEnabled", True))
    since = clock.now(account) - 86_400
    sent = sum(mail.region == region and mail.at >= since for mail in ses_out.sent(account))
    reasons = list(ses_suppression.account_reasons(account, region))
    answer = {
        "DedicatedIpAutoWarmupEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "ProductionAccessEnabled": production,
        "SendQuota": {**(_PRODUCTION if production else _SANDBOX), "SentLast24Hours": float(sent)},
        "SendingEnabled": _changed.get(account, {}).get("sending", True),
        "SuppressionAttributes": {"SuppressedReasons": reasons},
    }
    return answer | ({"Details": known["Details"]} if known.get("Details") else {})


def _identity(name: str, record: dict[str, Any]) -> dict[str, Any]:
    changed = _changed.get(get_account_id(), {})
    verified = changed.get("verified", True)
    kept = {"IdentityType", "ConfigurationSetName", "Tags"}
    answer = {key: value for key, value in record.items() if key in kept and value}
    return answer | {
        "FeedbackForwardingStatus": changed.get(
            "feedback", record.get("FeedbackForwardingStatus", True)
        ),
        "VerifiedForSendingStatus": verified,
        "VerificationStatus": "SUCCESS" if verified else "FAILED",
        "DkimAttributes": _dkim(name, record, changed.get("dkim", "SUCCESS")),
        "MailFromAttributes": _mail_from(record.get("MailFromAttributes") or {}, changed),
        "Policies": {},
    }


def _dkim(name: str, record: dict[str, Any], status: str) -> dict[str, Any]:
    if record.get("IdentityType") != "DOMAIN":
        return {"SigningEnabled": False, "Status": "NOT_STARTED", "Tokens": []}
    return {
        "SigningEnabled": True,
        "Status": status,
        "Tokens": dkim_tokens(name),
        "SigningAttributesOrigin": "AWS_SES",
        "NextSigningKeyLength": "RSA_2048_BIT",
        "CurrentSigningKeyLength": "RSA_2048_BIT",
    }


def dkim_tokens(domain: str) -> list[str]:
    """The names of a domain's three DKIM records, before `._domainkey.` and the domain."""
    return [hashlib.sha256(f"{domain} {n}".encode()).hexdigest()[:32] for n in (1, 2, 3)]


def _mail_from(known: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    behaviour = {"BehaviorOnMxFailure": known.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE")}
    domain = changed.get("mail_from", known.get("MailFromDomain", ""))
    if not domain:
        return behaviour
    status = changed.get("mail_from_status", "SUCCESS")
    return {"MailFromDomain": domain, "MailFromDomainStatus": status, **behaviour}


def forget(account: str) -> None:
    _changed.pop(account, None)


def get_state() -> dict[str, dict[str, Any]]:
    return dict(_changed)


def load_state(state: dict[str, dict[str, Any]]) -> None:
    _changed.update(state)
