"""A secret from AWS Secrets Manager, with the standard library alone: a signed request (SigV4)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Final

_PATIENCE: Final = 10.0  # seconds
_TYPE: Final = "application/x-amz-json-1.1"
_TARGET: Final = "secretsmanager.GetSecretValue"


def read(arn: str, environment: Mapping[str, str]) -> str:
    """The secret's text, with the credentials a Lambda function has. Raises OSError."""
    region = environment["AWS_REGION"]
    own = environment.get("AWS_ENDPOINT_URL_SECRETS_MANAGER") or environment.get("AWS_ENDPOINT_URL")
    url = own or f"https://secretsmanager.{region}.amazonaws.com"
    body = json.dumps({"SecretId": arn}).encode()
    host = url.partition("://")[2].rstrip("/")
    headers = signed(host, body, region, environment, time.time())
    request = urllib.request.Request(f"{url.rstrip('/')}/", body, headers)
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
        return str(json.load(answer)["SecretString"])


def signed(
    host: str, body: bytes, region: str, credentials: Mapping[str, str], at: float
) -> dict[str, str]:
    """The headers of the request (docs.aws.amazon.com, "Create a signed AWS API request")."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    headers = {"content-type": _TYPE, "host": host, "x-amz-date": stamp, "x-amz-target": _TARGET}
    if token := credentials.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    asked = "\n".join(["POST", "/", "", *lines, "", names, hashlib.sha256(body).hexdigest()])
    scope = f"{stamp[:8]}/{region}/secretsmanager/aws4_request"
    digest = hashlib.sha256(asked.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key = f"AWS4{credentials['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    signature = hmac.digest(key, to_sign.encode(), hashlib.sha256).hex()
    who = f"Credential={credentials['AWS_ACCESS_KEY_ID']}/{scope}"
    how = f"AWS4-HMAC-SHA256 {who}, SignedHeaders={names}, Signature={signature}"
    return headers | {"Authorization": how}
