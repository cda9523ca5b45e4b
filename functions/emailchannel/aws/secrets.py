"""The two secrets of the stack, read once per worker and again when five minutes old."""

import time
from collections.abc import Callable
from typing import Any

from ..mail.alias import RelayKeys
from ..rotation import read_keys
from .errors import translated

_FRESH = 300  # seconds: a rotated relay key is in use everywhere this soon
# Seconds between two looks for a key that is not known here: forged versions cost a worker no more
# than one look in this time, and nobody answers sooner after his address was signed.
_AGAIN = 5


class StackKeys:
    """`ports.Keys` over AWS Secrets Manager.

    The case key's secret is plain text and never changes. The relay keys' secret is a JSON object:
    `version` names the key that signs, every other one-character name holds a key that verifies.
    """

    def __init__(
        self, client: Any, case_key: str, relay_keys: str, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._names = {"case": case_key, "relay": relay_keys}
        self._read: dict[str, tuple[float, str]] = {}
        self._looked = 0.0
        self._now = now

    def _secret(self, which: str) -> str:
        at, value = self._read.get(which, (0.0, ""))
        return value if value and self._now() - at <= _FRESH else self._look(which)

    def _look(self, which: str) -> str:
        with translated():
            answer = self._client.get_secret_value(SecretId=self._names[which])
        value: str = answer["SecretString"]
        self._read[which] = (self._now(), value)
        return value

    def case_key(self) -> bytes:
        """The key that case ids are derived with."""
        return self._secret("case").encode()

    def relay_keys(self, version: str = "") -> RelayKeys:
        """The keys that relay addresses are signed and verified with.

        With the `version` an address names: if it is not among them, another worker may know a
        newer secret than this one, and it is read again. Raises Retryable, ValueError.
        """
        keys = read_keys(self._secret("relay"))
        if version and version not in keys.keys and self._now() - self._looked > _AGAIN:
            keys = read_keys(self._look("relay"))
            self._looked = self._now()
        return keys
