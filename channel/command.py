"""The command line: its arguments, and how a command ends."""

import argparse
import sys
import textwrap
from collections.abc import Sequence
from typing import Final

from . import (
    agents,
    canary,
    deadletters,
    doctor,
    erase,
    export,
    quarantine,
    replay,
    replies,
    rules,
    status,
    trace,
    verify,
)
from .deployment import find
from .errors import CannotGoOn, in_words
from .screen import WIDTH

GROUPS: Final = (
    doctor,
    status,
    canary,
    trace,
    deadletters,
    quarantine,
    agents,
    replies,
    rules,
    replay,
    verify,
    export,
    erase,
)


def parser() -> argparse.ArgumentParser:
    """All commands. Each leaves a function of (deployment, arguments) in `run`."""
    made = argparse.ArgumentParser(
        prog="python -m channel", description="Look after a deployed email channel."
    )
    made.add_argument("--stack", default="", help="name of the CloudFormation stack")
    made.add_argument("--region", help="its AWS region, unless your profile or environment says")
    made.add_argument("--profile", help="AWS profile to use")
    groups = made.add_subparsers(metavar="GROUP", required=True)
    for group in GROUPS:
        group.add(groups)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 (done), 1 (not done) or 2 (could not start)."""
    commands = parser()
    options = commands.parse_args(arguments)
    alone = getattr(options, "alone", False)
    if not (options.stack or alone):
        commands.error("the following arguments are required: --stack")
    try:
        with in_words():
            if alone:  # it looks at files, and at no stack
                return int(options.run(None, options))
            deployment = find(options.stack, options.region, options.profile)
            return int(options.run(deployment, options))
    except CannotGoOn as error:
        print(textwrap.fill(str(error), WIDTH), file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("\nBroken off. What was begun can be given again.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `... | head`
        sys.stderr.close()
        return 0
