"""The single place every API call of an account passes, before and after it is served.

A fault lab registers a `Hook` for an account: it may answer in the service's place, let the call
happen and change or lose the answer, or only count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

Response = Any  # (status, headers, body) or None
caller_port: ContextVar[int] = ContextVar("caller_port", default=0)


class ConnectionLost(Exception):
    """The caller gets no answer: its connection is closed."""


@dataclass(frozen=True)
class Request:
    """One API call as it arrived (service and operation follow from headers and path)."""

    account: str
    region: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, Any]
    port: int = 0  # the TCP port it came from

    @property
    def action(self) -> str:
        """The call as an IAM action, e.g. `dynamodb:PutItem` ("" when it is none)."""
        from ministack.core import iam_actions, router

        path = self.path
        service = (
            "ses"
            if path.startswith("/v2/email")
            else router.detect_service(self.method, path, self.headers, self.query)
        )
        found = iam_actions.extract_iam_action(
            service, self.method, path, self.headers, self.body, self.query
        )
        return str(found or "")


Hook = Callable[[Request, Callable[[], Awaitable[Response]]], Awaitable[Response]]
_hooks: dict[str, Hook] = {}


def register(account: str, hook: Hook | None) -> None:
    """Set or (with None) remove the account's hook."""
    if hook is None:
        _hooks.pop(account, None)
    else:
        _hooks[account] = hook


async def around(request: Request, serve: Callable[[], Awaitable[Response]]) -> Response:
    """Serve the call through the account's hook, if it has one."""
    hook = _hooks.get(request.account)
    return await (hook(request, serve) if hook else serve())
