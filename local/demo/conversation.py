"""The conversation app of the demo: `examples/app_conversation` in front of the deployed stack."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from examples.app_conversation.access import Tokens
from examples.app_conversation.backend import App
from examples.app_conversation.local_server import serving
from examples.app_conversation.messages_api import Api
from local.testing import Stack

CODE: Final = "let-me-in-please"


@contextmanager
def conversation(stack: Stack, kept: Path, port: int = 0) -> Iterator[str]:
    """Serves the app until the end of the `with`; its URL. Raises OSError if the port is taken.

    kept: where the key of the pages' tokens is, so that open pages go on after a restart.
    """
    api = Api(stack.outputs["MessagesApiUrl"], stack.outputs["MessagesApiKey"])
    with serving(App(api, CODE, Tokens(_token_key(kept))), port) as url:
        yield url


def _token_key(kept: Path) -> bytes:
    if not kept.exists():
        kept.touch(0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_bytes()
