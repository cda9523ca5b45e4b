"""Who may do what: signed tokens for one conversation or one file, and a limit on wrong codes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any, Final

LIFE: Final = 30 * 60  # seconds a token is good for; renewed while the page is used
SESSION: Final = 12 * 60 * 60  # so long it is renewed without the code
BACK: Final = 30 * 24 * 60 * 60  # so long an ended token and the code open the conversation again
LINK: Final = 30 * 60  # a file's link is good for one to two of these
_DEFAULT_TRIES, _WINDOW, _CALLERS = 5, 300, 10_000


@dataclass(frozen=True)
class Pass:
    """What a token of a conversation says; times are in seconds."""

    case_id: str
    began: int
    until: int


@dataclass(frozen=True)
class Tokens:
    """Signs and reads: base64url(JSON) "." base64url(HMAC-SHA256)."""

    key: bytes = field(repr=False)

    def issue(self, case_id: str, now: float, began: float | None = None) -> str:
        """A token for a conversation."""
        start = int(now if began is None else began)
        until = min(int(now) + LIFE, start + SESSION)
        return self._sign({"for": "conversation", "case": case_id, "began": start, "until": until})

    def read(self, token: str) -> Pass | None:
        """What a genuine token says, ended or not; None of any other."""
        found = self._read(token, "conversation")
        if found is None:
            return None
        return Pass(str(found["case"]), int(found["began"]), int(found["until"]))

    def renewed(self, known: Pass, now: float) -> str:
        """The next token, once half of the old one's life is over; "" while there is no need."""
        if known.until - now > LIFE / 2 or known.until >= known.began + SESSION:
            return ""
        return self.issue(known.case_id, now, known.began)

    def issue_file(self, case_id: str, message_id: str, number: int, now: float) -> str:
        """A token for one file; it stays the same for a while, so that a page does not change."""
        until = (int(now) // LINK + 2) * LINK
        wanted = {"for": "file", "case": case_id, "file": [message_id, number], "until": until}
        return self._sign(wanted)

    def read_file(self, token: str, message_id: str, number: int, now: float) -> str:
        """The case whose file it is; "" when the token is not for this file, or has ended."""
        found = self._read(token, "file")
        if not found or found["file"] != [message_id, number] or found["until"] <= now:
            return ""
        return str(found["case"])

    def _sign(self, content: dict[str, Any]) -> str:
        body = _encode(json.dumps(content, separators=(",", ":")).encode())
        return f"{body}.{self._mac(body)}"

    def _read(self, token: str, purpose: str) -> dict[str, Any] | None:
        body, _, mac = token.partition(".")
        if not hmac.compare_digest(self._mac(body).encode(), mac.encode()):
            return None
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return found if found["for"] == purpose else None

    def _mac(self, body: str) -> str:
        return _encode(hmac.digest(self.key, body.encode(), hashlib.sha256))


def _encode(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def same(given: str, wanted: str) -> bool:
    """Whether a secret is right; takes the same time however wrong it is."""
    one, other = (
        hashlib.sha256(value.encode(errors="replace")).digest() for value in (given, wanted)
    )
    return hmac.compare_digest(one, other)


class Tries:
    """Wrong codes of each caller: `most` in `window` seconds, then none is looked at.

    Counted in this copy of the program, which forgets callers beyond the newest 10,000: a guessable
    code is not made safe by it.
    """

    def __init__(self, most: int = _DEFAULT_TRIES, window: int = _WINDOW) -> None:
        self._most, self._window = most, window
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, caller: str, now: float) -> int:
        """Seconds until this caller may try again; 0 when he may now.

        The try is counted as wrong at once: many at the same time are not all let through.
        """
        with self._lock:
            wrong = self._wrong.setdefault(caller, deque())
            while wrong and wrong[0] <= now - self._window:
                wrong.popleft()
            if len(wrong) >= self._most:
                return int(wrong[0] + self._window - now) + 1
            wrong.append(now)
            self._wrong.move_to_end(caller)
            while len(self._wrong) > _CALLERS:
                self._wrong.popitem(last=False)
            return 0

    def was_right(self, caller: str) -> None:
        """The newest try of this caller is not counted."""
        with self._lock:
            if wrong := self._wrong.get(caller):
                wrong.pop()
