"""Mail that was kept from agents: look at it, let it through, or delete it."""

import argparse
import json
import sys
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from emailchannel import trust
from emailchannel.mail.verdict import FAIL
from emailchannel.moments import iso
from emailchannel.ports import Intake

from . import journal, listed, screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE
from .letter import NO_MAIL, Letter, describe, words_of

_DAYS: Final = 30
_WAIT: Final = 60  # seconds; a gateway that has to start takes three
_GLANCE: Final = 0.3


def add(groups: Any) -> None:
    """Put the group's commands among the others."""
    group = groups.add_parser("quarantine", help="mail that was kept from agents")
    commands = group.add_subparsers(metavar="COMMAND", required=True)

    made = commands.add_parser("list", help="what was kept, and why")
    made.add_argument("--reason", help="only this reason, for example spam or flood")
    made.add_argument(
        "--since", type=_day, metavar="DAY", help="2026-11-01; the last 30 days unless given"
    )
    made.add_argument("--json", action="store_true", help="for programs: one JSON array")
    made.set_defaults(run=show_list)

    made = commands.add_parser("show", help="one mail: envelope, verdicts, first lines")
    made.add_argument("id", help="its id, or the beginning that `list` shows")
    made.set_defaults(run=show)

    made = commands.add_parser("release", help="take mails in as if they had passed")
    made.add_argument("id", nargs="+")
    made.add_argument(
        "--wait", type=float, default=_WAIT, metavar="SECONDS", help="for them to be taken in"
    )
    made.set_defaults(run=release)

    made = commands.add_parser("delete", help="delete mails")
    made.add_argument("id", nargs="+")
    made.add_argument("--yes", action="store_true", help="do not ask")
    made.set_defaults(run=delete)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-11-01") from None


def show_list(deployment: Deployment, options: argparse.Namespace) -> int:
    """A table, or JSON, of what is in the quarantine."""
    today = datetime.fromtimestamp(deployment.channel.now(), UTC).date()
    first = options.since or today - timedelta(days=_DAYS)
    wanted = options.reason
    found = [
        mail
        for mail in listed.since(deployment, first)
        if not wanted or wanted in {mail.reason, mail.reason.partition(":")[0]}
    ]
    if options.json:
        print(json.dumps([_as_json(mail) for mail in found], indent=1))
        return DONE
    if found:
        print(_table(found))
    since = "" if options.since else "; --since DAY shows older mail"
    print(f"{screen.counted(len(found), 'mail')} in the quarantine since {first}{since}.")
    return DONE


def _as_json(mail: Intake) -> dict[str, Any]:
    return {
        "id": mail.ses_id,
        "at": iso(mail.at) if mail.at else None,
        "reason": mail.reason,
        "sender": mail.sender,
        "route": mail.route,
    }


def _table(found: list[Intake]) -> str:
    rows = [
        (screen.moment(mail.at), mail.ses_id[: listed.SHORT], mail.reason, mail.sender)
        for mail in found
    ]
    return screen.table(("received (UTC)", "id", "reason", "sender"), rows)


def show(deployment: Deployment, options: argparse.Namespace) -> int:
    """All an administrator needs to decide about one mail."""
    mail = listed.one(deployment, options.id)
    if mail.outcome != listed.QUARANTINED:
        print(f"{mail.ses_id} {_where(deployment, mail)}", file=sys.stderr)
        return NOT_DONE
    print(describe(mail, Letter.of(deployment, mail)))
    return DONE


def release(deployment: Deployment, options: argparse.Namespace) -> int:
    """Have mails taken in, and see that they are."""
    waiting, status = [], DONE
    for mail in listed.named(deployment, options.id):
        problem = _not_released(deployment, mail)
        if problem or isinstance(mail, listed.Unknown):
            print(problem, file=sys.stderr)
            status = NOT_DONE
            continue
        journal.write(
            deployment,
            "quarantine",
            mail.ses_id,
            action="release",
            ses_id=mail.ses_id,
            route=mail.route,
            reason=mail.reason,
        )
        deployment.channel.queues.ingest(listed.raw_key(mail), released=True)
        waiting.append(mail)
    return max(status, _see_them_in(deployment, waiting, options.wait))


def _not_released(deployment: Deployment, mail: Intake | listed.Unknown) -> str:
    """Why a mail cannot be released, or empty; a virus is pointed out."""
    if isinstance(mail, listed.Unknown):
        return mail.words
    if mail.outcome != listed.QUARANTINED:
        if listed.is_listed(deployment, mail):
            listed.finish(deployment, mail)
        return f"{mail.ses_id} {_where(deployment, mail)}"
    letter = Letter.of(deployment, mail)
    if (mail.reason in NO_MAIL and not letter.raw) or mail.reason == "not-a-mail":
        return f"{mail.ses_id}: {words_of(mail.reason)}. There is nothing to release; delete it."
    if not letter.raw:
        return f"{mail.ses_id}: its object is gone from the bucket. Restore it, or delete this."
    if letter.envelope and letter.envelope.verdicts.virus == FAIL:
        print(f"{mail.ses_id}: has a virus; agents cannot open its attachments.")
    return ""


def _see_them_in(deployment: Deployment, waiting: list[Intake], seconds: float) -> int:
    """Strike off the list what the gateway has taken in, until all is or time is up."""
    deadline = time.monotonic() + seconds
    while waiting and seconds > 0:
        still = []
        for mail in waiting:
            now = deployment.cases.intake(mail.ses_id, mail.route) or mail
            if now.outcome == listed.QUARANTINED or now.stage != "done":
                still.append(mail)
                continue
            deployment.cases.unlist(mail)
            print(f"{mail.ses_id} {_where(deployment, now)}")
        waiting = still
        if waiting and time.monotonic() > deadline:
            break
        if waiting:
            time.sleep(_GLANCE)
    for mail in waiting:
        print(f"{mail.ses_id} is queued, and leaves the quarantine when it has been taken in.")
    return NOT_DONE if waiting and seconds > 0 else DONE


def _where(deployment: Deployment, mail: Intake) -> str:
    """What became of a mail that has left the quarantine."""
    message = deployment.cases.message(mail.case_id, mail.message_id) if mail.message_id else None
    disposition = message.disposition if message else ""
    match mail.outcome, disposition:
        case listed.DELETED, _:
            return "was deleted from the quarantine."
        case "opened", _:
            return f"opened case {mail.case_id}."
        case "duplicate", _:
            return f"had come before{f': case {mail.case_id}' if mail.case_id else ''}."
        case _, trust.HELD:
            return f"is held in case {mail.case_id}: an agent decides about it."
        case _, trust.ATTACHED:
            return f"is kept in case {mail.case_id}; automatic mail starts no task there."
        case _, trust.NOTED:
            return f"is a note in case {mail.case_id}; nothing was sent."
    return f"is part of case {mail.case_id}." if mail.case_id else f"was {mail.outcome}."


def delete(deployment: Deployment, options: argparse.Namespace) -> int:
    """Delete mails of the quarantine, and nothing else."""
    doomed, status = [], DONE
    for mail in listed.named(deployment, options.id):
        if isinstance(mail, listed.Unknown):
            print(mail.words, file=sys.stderr)
        elif mail.outcome == listed.QUARANTINED:
            doomed.append(mail)
            continue
        else:
            if listed.is_listed(deployment, mail):
                listed.finish(deployment, mail)
            print(f"{mail.ses_id} {_where(deployment, mail)}", file=sys.stderr)
        status = NOT_DONE
    if not doomed:
        return status
    if not options.yes:
        print(_table(doomed))
        if not screen.agreed(f"Delete {screen.counted(len(doomed), 'mail')}?"):
            print("Nothing was deleted.")
            return NOT_DONE
    return max([status, *(_delete(deployment, mail) for mail in doomed)])


def _delete(deployment: Deployment, mail: Intake) -> int:
    journal.write(
        deployment,
        "quarantine",
        mail.ses_id,
        action="delete",
        ses_id=mail.ses_id,
        route=mail.route,
        reason=mail.reason,
    )
    marked = listed.mark_deleted(deployment, mail)
    now = deployment.cases.intake(mail.ses_id, mail.route) or mail
    if not marked and now.outcome != listed.DELETED:
        print(f"{mail.ses_id} {_where(deployment, now)} It was not deleted.", file=sys.stderr)
        return NOT_DONE
    listed.finish(deployment, now)
    print(f"{mail.ses_id} deleted.")
    return DONE
