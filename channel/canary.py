"""Send a mail to ourselves, and see it come back."""

import argparse
import json
import sys
import time
from typing import Any, Final

from emailchannel.ports import Canary

from . import stack
from .deployment import Deployment
from .errors import DONE, NOT_DONE, CannotGoOn
from .status_text import age

_WAIT: Final = 180  # seconds; most go round in ten
_GLANCE: Final = 1.0


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "canary",
        help="send a mail to ourselves, and see it come back",
        description="The mail goes out through SES and comes in as a customer's would. No agent "
        "sees it. It needs the MX record of the inquiry address.",
    )
    made.add_argument(
        "--wait", type=float, default=_WAIT, metavar="SECONDS", help="for it to come back"
    )
    made.set_defaults(run=run)


def run(deployment: Deployment, options: argparse.Namespace) -> int:
    """Have the caretaker send one, and wait for it."""
    sent = _send(stack.read(deployment))
    print(f"Canary {sent[:12]} is under way.", flush=True)
    deadline = time.monotonic() + options.wait
    while True:
        found = deployment.cases.canary()
        if found and found.id != sent:
            print("Another canary was sent meanwhile; this one is not waited for.")
            return NOT_DONE
        if found and found.arrived_at:
            print(f"It came back after {age(found.arrived_at - found.sent_at)}.")
            return DONE
        if time.monotonic() > deadline:
            print(_how_far(deployment, found, sent), file=sys.stderr)
            return NOT_DONE
        time.sleep(min(_GLANCE, options.wait))


def _send(made: stack.Stack) -> str:
    """The id of a new canary. Raises CannotGoOn."""
    name = made.resources.get("CaretakerFunction")
    if not name:
        raise CannotGoOn("This stack has no caretaker yet. Deploy the present version.")
    answer = made.client("lambda").invoke(
        FunctionName=name, Payload=json.dumps({"canary": True}).encode()
    )
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError") or not isinstance(payload, dict) or "canary" not in payload:
        raise CannotGoOn("The caretaker failed: the log of CaretakerFunction says why.")
    return str(payload["canary"])


def _how_far(deployment: Deployment, canary: Canary | None, sent: str) -> str:
    """Where it got stuck, as far as the records tell."""
    outgoing = deployment.cases.outgoing(sent)
    waited = age(deployment.channel.now_ms() - canary.sent_at) if canary else "a while"
    if outgoing is None or outgoing.state == "PENDING":
        where = "It waits to be sent: look at the send queue (`status`)."
    elif outgoing.state == "SENT":
        where = "SES took it, and it has not arrived: look at the MX record and rules (`doctor`)."
    elif outgoing.state == "FAILED":
        where = f"SES did not take it ({outgoing.reason or 'no reason given'}): see `doctor`."
    else:
        where = "It was given to SES, whose answer was lost: `status` shows what becomes of it."
    return f"It has not come back after {waited}. {where}"
