"""The two secrets of the stack, read once per worker and again when five minutes old."""

import json
import time
from typing import Any

from ..mail.alias import RelayKeys
from .errors import translated

_FRESH = 300  # seconds: a rotated relay key is in use everywhere this soon


class StackKeys:
    """`ports.Keys` over AWS Secrets Manager.

    The case key's secret is plain text and never changes. The relay keys' secret is a JSON object:
    `version` names the key that signs, every other one-character name holds a key that verifies.
    """

    def __init__(self, client: Any, case_key: str, relay_keys: str) -> None:
        self._client = client
        self._names = {"case": case_key, "relay": relay_keys}
        self._read: dict[str, tuple[float, str]] = {}

    def _secret(self, which: str) -> str:
        at, value = self._read.get(which, (0.0, ""))
        if not value or time.time() - at > _FRESH:
            with translated():
                answer = self._client.get_secret_value(SecretId=self._names[which])
            value = answer["SecretString"]
            self._read[which] = (time.time(), value)
        return value

    def case_key(self) -> bytes:
        """The key that case ids are derived with."""
        return self._secret("case").encode()

    def relay_keys(self) -> RelayKeys:
        """The keys that relay addresses are signed and verified with."""
        secret = json.loads(self._secret("relay"))
        keys = {version: key.encode() for version, key in secret.items() if len(version) == 1}
        return RelayKeys(secret["version"], keys)
