"""Cursors of lists: opaque, signed, and good for one list in one order only."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

_MAC: Final = 16


def cursor(key: bytes, of: str, position: str) -> str:
    """What stands for a position (a sort key) of the list `of`."""
    return base64.urlsafe_b64encode(_mac(key, of, position) + position.encode()).decode()


def position_of(key: bytes, of: str, found: str) -> str | None:
    """The position a cursor of this list stands for; None for any other text."""
    try:
        whole = base64.urlsafe_b64decode(found.encode())
        position = whole[_MAC:].decode()
    except (ValueError, binascii.Error):
        return None
    known = hmac.compare_digest(whole[:_MAC], _mac(key, of, position))
    return position if known and position else None


def _mac(key: bytes, of: str, position: str) -> bytes:
    text = "|".join(("cursor1", of, position)).encode()
    return hmac.new(key, text, hashlib.sha256).digest()[:_MAC]
