"""Run the app on this machine: `python -m examples.app_conversation --port 8082`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import threading

from .access import Tokens
from .backend import App
from .local_server import serving
from .messages_api import Api

_LEAST_CODE = 12
_EXPLAINED = """
environment:
  MESSAGES_API_URL  the stack's output MessagesApiUrl
  MESSAGES_API_KEY  the stack's output MessagesApiKey
  ACCESS_CODE       what a person enters to start a conversation; 12 characters or more
  TOKEN_KEY         signs the pages' tokens; without it they end with this program
"""


def app_of(environment: dict[str, str]) -> App:
    """The app as the environment has it. Raises KeyError of the variable that is missing."""
    code = environment["ACCESS_CODE"]
    if len(code) < _LEAST_CODE:
        raise ValueError(f"ACCESS_CODE must have {_LEAST_CODE} characters or more.")
    api = Api(environment["MESSAGES_API_URL"], environment["MESSAGES_API_KEY"])
    key = environment.get("TOKEN_KEY") or secrets.token_hex(32)
    return App(api, code, Tokens(key.encode()))


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.app_conversation",
        description="A conversation with somebody who only has a mailbox.",
        epilog=_EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8082, help="on 127.0.0.1; 8082 unless given")
    options = parser.parse_args(arguments)
    try:
        app = app_of(dict(os.environ))
    except KeyError as missing:
        parser.error(f"{missing.args[0]} is not set")
    except ValueError as wrong:
        parser.error(str(wrong))
    try:
        with serving(app, options.port) as url:
            print(f"The conversation app is at {url}  (Ctrl-C stops it)", flush=True)
            threading.Event().wait()
    except OSError as taken:
        parser.error(f"port {options.port}: {taken.strerror}")
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
