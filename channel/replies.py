"""Prepared replies, which agents put into their answers, and the usual signature."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from emailchannel.desk import canned, words
from emailchannel.desk.canned import NotReplies
from emailchannel.desk.values import Canned

from . import screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE, NOT_STARTED, CannotGoOn

_LARGEST: Final = 100_000  # bytes of a file


def add(groups: Any) -> None:
    """Put the group's commands among the others."""
    group = groups.add_parser("replies", help="prepared replies, and the usual signature")
    commands = group.add_subparsers(metavar="COMMAND", required=True)

    made = commands.add_parser("list", help="the prepared replies, in the order agents see them")
    made.set_defaults(run=show_list)

    made = commands.add_parser(
        "set",
        help="write a prepared reply",
        description="Writes a prepared reply from a file of HTML. It may name "
        + ", ".join(f"{{{{ {name} }}}}" for name in canned.VARIABLES)
        + ".",
    )
    made.add_argument("id", help="a-z, 0-9 and -; an id that is there is written over")
    made.add_argument("title", help="what agents find it by")
    made.add_argument("file", type=Path, help="its text, as HTML")
    made.add_argument("--subject", default="", help="subject for a forwarded mail")
    made.set_defaults(run=write)

    made = commands.add_parser("remove", help="take a prepared reply away")
    made.add_argument("id")
    made.set_defaults(run=remove)

    made = commands.add_parser("check", help="try all of them, as for a customer")
    made.set_defaults(run=check)

    made = commands.add_parser("signature", help="write the signature of agents without their own")
    made.add_argument("file", type=Path, help="HTML, for example <p>{{ agent.name }}</p>")
    made.set_defaults(run=signature)


def show_list(deployment: Deployment, _options: argparse.Namespace) -> int:
    """A table of the replies."""
    known = _known(deployment)
    if known:
        rows = [(one.id, one.title, one.subject) for one in known]
        print(screen.table(("id", "title", "subject"), rows))
    print(f"{screen.counted(len(known), 'prepared reply', 'prepared replies')}.")
    return DONE


def write(deployment: Deployment, options: argparse.Namespace) -> int:
    """Add a reply, or write one over."""
    made = Canned(options.id, options.title, options.subject, _text(options.file))
    for fault in canned.check((made,)):
        print(f"Not written: {fault.reason}")
        return NOT_DONE
    known = _known(deployment)
    kept = tuple(made if one.id == made.id else one for one in known)
    if made not in kept:
        kept = (*kept, made)
    return _keep(deployment, kept, f"{made.id} is written.")


def remove(deployment: Deployment, options: argparse.Namespace) -> int:
    """Take a reply away."""
    known = _known(deployment)
    kept = tuple(one for one in known if one.id != options.id)
    if kept == known:
        print(f"There is no prepared reply {options.id}.")
        return NOT_DONE
    return _keep(deployment, kept, f"{options.id} is gone.")


def check(deployment: Deployment, _options: argparse.Namespace) -> int:
    """Say which replies cannot be filled in; agents do not see those."""
    known = _known(deployment)
    faults = canned.check(known)
    for fault in faults:
        print(f"{fault.id}: {fault.reason}")
    working = len(known) - len(faults)
    print(f"{working} of {screen.counted(len(known), 'prepared reply', 'prepared replies')} work.")
    return NOT_DONE if faults else DONE


def signature(deployment: Deployment, options: argparse.Namespace) -> int:
    """Write the usual signature."""
    why = words.keep_usual_signature(deployment.channel, _text(options.file))
    print(f"Not written: {why}" if why else "The signature is written.")
    return NOT_DONE if why else DONE


def _known(deployment: Deployment) -> tuple[Canned, ...]:
    try:
        return canned.read(deployment.channel.mails.read(canned.KEY))
    except NotReplies as error:
        raise CannotGoOn(f"{canned.KEY} in the mail bucket is broken. {error}") from error


def _keep(deployment: Deployment, replies: tuple[Canned, ...], said: str) -> int:
    body = canned.written(tuple(replace(one, title=one.title.strip()) for one in replies))
    try:
        canned.read(body)
    except NotReplies as error:
        print(f"Not written: {error}")
        return NOT_DONE
    deployment.channel.mails.write(canned.KEY, body, "application/json")
    print(said)
    return DONE


def _text(file: Path) -> str:
    try:
        body = file.read_bytes()
        if len(body) > _LARGEST:
            raise CannotGoOn(f"{file} is too large for a text.", NOT_STARTED)
        return body.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotGoOn(f"{file} cannot be read as text (UTF-8).", NOT_STARTED) from error
