"""Addresses that stand for a case: the customer's alias and the agents' relay addresses.

Both are plus-addresses (RFC 5233) on our own domain, at most 63 of the 64 octets that RFC 5321
section 4.5.3.1.1 allows for a local part, and read without regard to case.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

PURPOSES = ("relay", "queuerelay", "agentrelay", "rejectrelay")

CASE_ID_LENGTH = 20  # 100 bits
STAMP_LENGTH = 4  # 20 bits: which message of the case is being answered
MAC_LENGTH = 26  # 130 bits; RFC 2104 section 5 asks for at least half of SHA-256's 256
_TOKEN_LENGTH = CASE_ID_LENGTH + 1 + STAMP_LENGTH + MAC_LENGTH

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32, lower case
_LETTERS = frozenset(_ALPHABET)


def base32(octets: bytes, characters: int) -> str:
    """The first `characters` * 5 bits of `octets` in Crockford's base32, lower case."""
    number = int.from_bytes(octets, "big")
    total = len(octets) * 8
    return "".join(
        _ALPHABET[number >> (total - 5 * (i + 1)) & 31] for i in range(min(characters, total // 5))
    )


def is_token(text: str, length: int) -> bool:
    """Whether `text` (already lower case) is base32 of exactly this length."""
    return len(text) == length and _LETTERS.issuperset(text)


def _keyed(key: bytes, *fields: str) -> bytes:
    return hmac.new(key, "|".join(fields).encode(), hashlib.sha256).digest()


def case_id(key: bytes, origin: str) -> str:
    """The id of the case that the mail `origin` (its SES message id) opens.

    Derived, so that reading the same mail again gives the same case and the same aliases;
    keyed, so that nobody else can compute it.
    """
    return base32(_keyed(key, "case1", origin), CASE_ID_LENGTH)


def stamp(message_id: str) -> str:
    """Four characters naming a message within its case."""
    return base32(hashlib.sha256(message_id.encode()).digest(), STAMP_LENGTH)


def customer_alias(inquiry_local: str, case: str, domain: str) -> str:
    """The address a customer writes to about a case: a routing hint, never proof of anything."""
    return f"{inquiry_local}+{case}@{domain}"


def case_of_alias(address: str, inquiry_local: str, domain: str) -> str | None:
    """The case id in a customer's alias, or None."""
    local, _, host = address.strip().lower().rpartition("@")
    name, plus, tag = local.partition("+")
    if host != domain.lower() or name != inquiry_local.lower() or not plus:
        return None
    return tag if is_token(tag, CASE_ID_LENGTH) else None


@dataclass(frozen=True)
class RelayKeys:
    """Relay keys by their one-character version; `current` signs, all of them verify."""

    current: str
    keys: Mapping[str, bytes]


@dataclass(frozen=True)
class RelayAddress:
    """A relay address taken apart. Nothing in it may be believed before `verifies`."""

    purpose: str
    case_id: str
    version: str
    stamp: str
    mac: str


def _mac(key: bytes, purpose: str, case: str, message_stamp: str, agent_id: str, epoch: int) -> str:
    digest = _keyed(key, "relay1", purpose, case, message_stamp, agent_id, str(epoch))
    return base32(digest, MAC_LENGTH)


def relay_address(
    keys: RelayKeys,
    purpose: str,
    case: str,
    message_stamp: str,
    agent_id: str,
    epoch: int,
    domain: str,
) -> str:
    """The address through which one agent answers one message of one case, for one purpose.

    The agent's id is not in it: the sender is looked up in the directory and the MAC is computed
    again, so a stolen address is worth nothing to anybody else.
    """
    version = keys.current
    mac = _mac(keys.keys[version], purpose, case, message_stamp, agent_id, epoch)
    return f"{purpose}+{case}{version}{message_stamp}{mac}@{domain}"


def parse_relay(address: str, domain: str) -> RelayAddress | None:
    """Take a relay address apart; None when it is not of that form."""
    local, _, host = address.strip().lower().rpartition("@")
    purpose, _, token = local.partition("+")
    if host != domain.lower() or purpose not in PURPOSES or not is_token(token, _TOKEN_LENGTH):
        return None
    case, rest = token[:CASE_ID_LENGTH], token[CASE_ID_LENGTH:]
    return RelayAddress(
        purpose, case, rest[0], rest[1 : 1 + STAMP_LENGTH], rest[1 + STAMP_LENGTH :]
    )


def purpose_of(address: str, domain: str) -> str | None:
    """Which of the four relay purposes an address names, with or without a readable token."""
    local, _, host = address.strip().lower().rpartition("@")
    purpose = local.partition("+")[0]
    return purpose if host == domain.lower() and purpose in PURPOSES else None


def verifies(keys: RelayKeys, address: RelayAddress, agent_id: str, epoch: int) -> bool:
    """Whether this address was minted for this agent and has not been revoked."""
    key = keys.keys.get(address.version)
    if key is None:
        return False
    expected = _mac(key, address.purpose, address.case_id, address.stamp, agent_id, epoch)
    return hmac.compare_digest(expected, address.mac)


def loop_mark(keys: RelayKeys, identity: str) -> str:
    """What the header X-Email-Channel-Loop of our own mail `identity` says: id and signature."""
    version = keys.current
    return f"{identity}.{version}.{_loop_mac(keys.keys[version], identity)}"


def is_loop_mark(keys: RelayKeys, value: str) -> bool:
    """Whether this mark is one of ours, and not what anybody may write into a header."""
    identity, _, rest = value.strip().lower().partition(".")
    version, _, mac = rest.partition(".")
    key = keys.keys.get(version)
    if key is None or not is_token(mac, MAC_LENGTH):
        return False
    return hmac.compare_digest(_loop_mac(key, identity), mac)


def _loop_mac(key: bytes, identity: str) -> str:
    return base32(_keyed(key, "loop1", identity), MAC_LENGTH)
