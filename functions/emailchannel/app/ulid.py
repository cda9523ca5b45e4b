"""Ids by which messages sort in the order they came (the ULID specification, github.com/ulid)."""

import hashlib
import re
from typing import Final

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_LAST: Final = (1 << 48) - 1
_RANDOM_BITS: Final = 80


def ulid(at: int, seed: str) -> str:
    """26 characters: `at` (ms since the epoch), then 80 bits of `seed`.

    Derived, so that the same message has the same id however often it is made.
    """
    rest = int.from_bytes(hashlib.sha256(seed.encode()).digest()[: _RANDOM_BITS // 8], "big")
    number = min(max(at, 0), _LAST) << _RANDOM_BITS | rest
    return "".join(_LETTERS[number >> shift & 31] for shift in range(125, -1, -5))


def in_case(at: int, case_id: str, message_id: str) -> str:
    """The id of a message of a case. One that was held and moved is another message there."""
    return ulid(at, f"{case_id}|{message_id}")


def is_ulid(text: str) -> bool:
    """Whether `text` has the form of one."""
    return _ULID.fullmatch(text) is not None


def time_of(found: str) -> int:
    """The milliseconds at the front of a ULID."""
    number = 0
    for letter in found[:10]:
        number = number << 5 | _LETTERS.index(letter)
    return number
