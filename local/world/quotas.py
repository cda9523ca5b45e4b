"""Service Quotas, as far as the local services have limits: reading only.

https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region

# Names as AWS lists them, values its defaults; the codes are of this emulator alone.
_QUOTAS: dict[str, dict[str, tuple[str, float]]] = {
    "connect": {
        "L-00000001": ("Rate of StartTaskContact API requests", 2.0),
        "L-00000002": ("Concurrent active tasks per instance", 2500.0),
    },
    "ses": {
        "L-00000003": ("Sending quota", 50_000.0),
        "L-00000004": ("Sending rate", 14.0),
    },
}


async def handle_request(
    _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """GetServiceQuota, GetAWSDefaultServiceQuota, ListServiceQuotas."""
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    asked = json.loads(body or b"{}")
    service, code = asked.get("ServiceCode", ""), asked.get("QuotaCode", "")
    known = _QUOTAS.get(service, {})
    if operation == "ListServiceQuotas" and known:
        return _answer(200, {"Quotas": [_quota(service, each) for each in known]})
    if operation in ("GetServiceQuota", "GetAWSDefaultServiceQuota") and code in known:
        return _answer(200, {"Quota": _quota(service, code)})
    text = "The request failed because the specified service or quota does not exist."
    return _answer(400, {"__type": "NoSuchResourceException", "Message": text})


def _quota(service: str, code: str) -> dict[str, Any]:
    name, value = _QUOTAS[service][code]
    return {
        "ServiceCode": service,
        "QuotaCode": code,
        "QuotaArn": f"arn:aws:servicequotas:{get_region()}:{get_account_id()}:{service}/{code}",
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _answer(status: int, value: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(value).encode()
