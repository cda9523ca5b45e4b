"""SES receipt rules: guests in the account's active rule set, or owners of a new one.

An account has one active rule set. Where there is one already it is respected: our two rules go
in at its end. Where there is none, ours is made and activated. Deleting takes away only what is
ours. Source: Amazon SES API reference (v1), receipt rules.
"""

import time
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ...mail.alias import PURPOSES
from ..errors import code
from .request import Request

_GONE: Final = {"RuleSetDoesNotExist", "RuleSetDoesNotExistException", "RuleDoesNotExist"}
_EXISTS: Final = {"AlreadyExists", "AlreadyExistsException"}
_PATIENT: Final = Config(retries={"mode": "standard", "total_max_attempts": 8})
_SETTLING: Final = {"InvalidS3Configuration", "InvalidSnsTopic"}
_TRIES: Final = 5


def apply(request: Request) -> dict[str, str]:
    """Put the two rules in place, or take them away; returns the rule set they are in."""
    make: Any = boto3.client
    client = make("ses", config=_PATIENT)
    own = str(request["RuleSetName"])
    active = _active(client)
    _remove(client, request, active)
    if request.kind == "Delete":
        _leave(client, own, active)
        return {}
    rule_set = active["name"] or own
    if not active["name"]:
        _create_set(client, own)
    last = _others(request, active)[-1:]
    for rule in wanted(request):
        _create(client, rule_set, rule, last[0] if last else None)
        last = [rule["Name"]]
    if not active["name"]:
        client.set_active_receipt_rule_set(RuleSetName=own)
    return {"RuleSetName": rule_set}


def wanted(request: Request) -> list[dict[str, Any]]:
    """Our two rules: customers' mail, and agents' mail to the four relay addresses.

    A recipient `user@domain` matches its plus-addresses too; the aliases' domain may be another
    one than the inquiry address's.
    """
    prefix = str(request["RuleNamePrefix"])
    address, domain = (str(request[name]).lower() for name in ("InquiryAddress", "Domain"))
    aliases = f"{address.partition('@')[0]}@{domain}"
    relays = [f"{purpose}@{domain}" for purpose in PURPOSES]
    customers = list(dict.fromkeys((address, aliases)))
    return [
        _rule(f"{prefix}-inbound", request, customers, "inbound/", "InboundTopic"),
        _rule(f"{prefix}-relay", request, relays, "relay/", "RelayTopic"),
    ]


def _rule(
    name: str, request: Request, recipients: list[str], prefix: str, topic: str
) -> dict[str, Any]:
    action = {
        "BucketName": request["Bucket"],
        "ObjectKeyPrefix": prefix,
        "TopicArn": request[topic],
    }
    return {
        "Name": name,
        "Enabled": True,
        "ScanEnabled": True,  # off by default: then there is no spam or virus verdict at all
        "TlsPolicy": "Optional",
        "Recipients": recipients,
        "Actions": [{"S3Action": action}],
    }


def _active(client: Any) -> dict[str, Any]:
    found = client.describe_active_receipt_rule_set()
    names = [rule["Name"] for rule in found.get("Rules") or []]
    return {"name": (found.get("Metadata") or {}).get("Name"), "rules": names}


def _ours(request: Request) -> list[str]:
    prefix = str(request["RuleNamePrefix"])
    return [f"{prefix}-inbound", f"{prefix}-relay"]


def _others(request: Request, active: dict[str, Any]) -> list[str]:
    return [name for name in active["rules"] if name not in _ours(request)]


def _remove(client: Any, request: Request, active: dict[str, Any]) -> None:
    for name in _ours(request):
        if name in active["rules"]:
            client.delete_receipt_rule(RuleSetName=active["name"], RuleName=name)


def _create_set(client: Any, own: str) -> None:
    try:
        client.create_receipt_rule_set(RuleSetName=own)
    except ClientError as error:
        if code(error) not in _EXISTS:
            raise


def _create(client: Any, rule_set: str, rule: dict[str, Any], after: str | None) -> None:
    """Create a rule; SES tries the bucket and the topic, whose policies may still be settling."""
    place = {"After": after} if after else {}
    for attempt in range(_TRIES):
        try:
            client.create_receipt_rule(RuleSetName=rule_set, Rule=rule, **place)
        except ClientError as error:
            if code(error) not in _SETTLING or attempt == _TRIES - 1:
                raise
            time.sleep(2 * (attempt + 1))
        else:
            return


def _leave(client: Any, own: str, active: dict[str, Any]) -> None:
    """Switch our own set off and delete it; somebody else's stays active and untouched."""
    if active["name"] == own:
        client.set_active_receipt_rule_set()
    try:
        client.delete_receipt_rule_set(RuleSetName=own)
    except ClientError as error:
        if code(error) not in _GONE:
            raise
