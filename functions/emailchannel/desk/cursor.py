"""Cursors of pages: opaque to the page, and good for one list of one case only."""

import base64
import binascii
import hashlib
import re
from typing import Final

_MARK: Final = 8
_KEY: Final = re.compile(r"(?:MSG|LOG|CASE)#\d{13}#[A-Za-z0-9_-]{1,200}")


def cursor(of: str, kind: str, key: str) -> str | None:
    """The cursor that stands for a sort key of a list; None at the list's end."""
    if not key:
        return None
    whole = _mark(of, kind, key) + key
    return base64.urlsafe_b64encode(whole.encode()).decode().rstrip("=")


def key_of(of: str, kind: str, found: str) -> str | None:
    """The sort key of a cursor of this list; None when it is not of this list.

    It guards against mistakes: whoever makes one up gets no more than a page of the same list.
    """
    try:
        whole = base64.urlsafe_b64decode(found + "=" * (-len(found) % 4)).decode()
    except (ValueError, binascii.Error):
        return None
    mark, key = whole[:_MARK], whole[_MARK:]
    fits = _KEY.fullmatch(key) and mark == _mark(of, kind, key)
    return key if fits else None


def _mark(of: str, kind: str, key: str) -> str:
    return hashlib.sha256("|".join((of, kind, key)).encode()).hexdigest()[:_MARK]
