"""Rotating the relay keys: a new key signs, the last few old ones verify, older ones are gone.

Secrets Manager calls a rotation function four times, each time with the token that names the new
version of the secret, and repeats steps as it likes. So every step looks first at what is there.
Source: AWS Secrets Manager user guide, "Rotation by Lambda function".
"""

import json
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .errors import Unprocessable
from .mail import alias

KEPT = 4  # old keys that still verify: with the default of 90 days an address lives for a year
KEY_LENGTH = 64
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
# The characters a relay address can carry, in their order; they name the keys, one after another.
VERSIONS = "".join(alias.base32(bytes([number << 3]), 1) for number in range(32))
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Request:
    """One call of Secrets Manager: which step, for which secret (ARN), for which new version."""

    step: str
    secret_id: str
    token: str


class StagedSecret(Protocol):
    """The one secret that is rotated: versions by token, each with its staging labels."""

    id: str

    def stages(self) -> Mapping[str, frozenset[str]]: ...
    def value(self, version: str) -> str | None: ...
    def put_pending(self, version: str, value: str) -> bool: ...
    def make_current(self, version: str, instead_of: str) -> None: ...
    def abandon(self, version: str) -> None: ...


def new_key() -> str:
    """64 letters and digits from the operating system's source of randomness: 381 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(KEY_LENGTH))


def read_keys(text: str) -> alias.RelayKeys:
    """The relay keys in a secret: a JSON object, `version` names the key that signs.

    Names that no address can carry are left out. Raises ValueError, which quotes nothing.
    """
    try:
        secret = json.loads(text)
    except ValueError:
        secret = None
    found = secret if isinstance(secret, dict) else {}
    keys = {
        name: key.encode()
        for name, key in found.items()
        if alias.is_token(name, 1) and isinstance(key, str) and key
    }
    current = found.get("version")
    if not isinstance(current, str) or current not in keys:
        raise ValueError("the secret holds no relay keys")
    return alias.RelayKeys(current, keys)


def written(keys: alias.RelayKeys) -> str:
    """The secret that `read_keys` reads."""
    return json.dumps({"version": keys.current} | {n: key.decode() for n, key in keys.keys.items()})


def successor(keys: alias.RelayKeys, key: str, kept: int = KEPT) -> alias.RelayKeys:
    """The keys after a rotation: `key` signs, and the `kept` newest of the old ones verify.

    The new version is the next character that names no key now. Versions follow each other, so the
    distance from the current one is the age. Raises Unprocessable when no character is left.
    """
    here = VERSIONS.index(keys.current)
    following = (VERSIONS[(here + step) % len(VERSIONS)] for step in range(1, len(VERSIONS)))
    version = next((letter for letter in following if letter not in keys.keys), None)
    if version is None:
        raise Unprocessable("no-version-left")
    newest_first = sorted(keys.keys, key=lambda old: (here - VERSIONS.index(old)) % len(VERSIONS))
    old = {name: keys.keys[name] for name in newest_first[:kept]}
    return alias.RelayKeys(version, {version: key.encode()} | old)


def rotate(
    secret: StagedSecret,
    request: Request,
    make_key: Callable[[], str] = new_key,
    kept: int = KEPT,
) -> str:
    """Do one step and say in a word what it came to.

    Raises Unprocessable: another secret, an unknown step, a version that is not pending, contents
    that are no relay keys or do not follow from the current ones. Raises Retryable.
    """
    if request.secret_id != secret.id:
        raise Unprocessable("other-secret")
    if request.step not in STEPS:
        raise Unprocessable("unknown-step")
    stages = secret.stages()
    mine = stages.get(request.token, frozenset())
    if CURRENT in mine:
        return "already-current"
    if PENDING not in mine:
        raise Unprocessable("not-pending")
    current = next((version for version, labels in stages.items() if CURRENT in labels), "")
    return STEPS[request.step](Turn(secret, request.token, current, make_key, kept))


@dataclass(frozen=True)
class Turn:
    """What a step works on: the versions that are pending and current."""

    secret: StagedSecret
    pending: str
    current: str
    make_key: Callable[[], str]
    kept: int

    def keys(self, version: str) -> alias.RelayKeys | None:
        """The keys of a version, None while it has no value."""
        text = self.secret.value(version) if version else None
        try:
            return None if text is None else read_keys(text)
        except ValueError:
            raise Unprocessable("no-relay-keys") from None


def _create(turn: Turn) -> str:
    if turn.secret.value(turn.pending) is not None:
        return "already-created"
    current = turn.keys(turn.current)
    if current is None:
        raise Unprocessable("no-relay-keys")
    fresh = successor(current, turn.make_key(), turn.kept)
    created = turn.secret.put_pending(turn.pending, written(fresh))
    return "created" if created else "already-created"


def _set(_turn: Turn) -> str:
    return "nothing-to-set"  # nobody but our own functions knows these keys


def _test(turn: Turn) -> str:
    """Sign and verify with the pending keys.

    When a schedule is made, Secrets Manager runs this step alone, on a version of its own.
    """
    pending, current = turn.keys(turn.pending), turn.keys(turn.current)
    if pending is None or pending == current:
        return "nothing-to-test"
    _check(turn, pending, current)
    return "tested"


def _finish(turn: Turn) -> str:
    _check(turn, turn.keys(turn.pending), turn.keys(turn.current))
    turn.secret.make_current(turn.pending, instead_of=turn.current)
    return "finished"


def _check(turn: Turn, pending: alias.RelayKeys | None, current: alias.RelayKeys | None) -> None:
    """Refuse keys that do not follow from the current ones, and let the next rotation start afresh.

    Such are left when somebody retired keys by hand during a rotation: they would come back.
    """
    if pending is None or current is None or not follows(pending, current):
        turn.secret.abandon(turn.pending)
        raise Unprocessable("not-a-successor")


def follows(pending: alias.RelayKeys, current: alias.RelayKeys) -> bool:
    """Whether `pending` signs with a new key and all else in it is one of the current keys."""
    old = {name: key for name, key in pending.keys.items() if name != pending.current}
    fresh = pending.keys[pending.current]
    return (
        pending.current not in current.keys
        and fresh not in current.keys.values()
        and len(fresh) >= KEY_LENGTH
        and old.items() <= current.keys.items()
        and all(_signed_verifies(keys, pending) for keys in (pending, current))
    )


def _signed_verifies(signing: alias.RelayKeys, verifying: alias.RelayKeys) -> bool:
    """Whether an address made with the one set of keys is good with the other."""
    case, stamp, agent, domain = "0" * alias.CASE_ID_LENGTH, alias.stamp(""), "agent", "a.example"
    made = alias.relay_address(signing, alias.PURPOSES[0], case, stamp, agent, 0, domain)
    address = alias.parse_relay(made, domain)
    return address is not None and alias.verifies(verifying, address, agent, 0)


STEPS: Mapping[str, Callable[[Turn], str]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}
