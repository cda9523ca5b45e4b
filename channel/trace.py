"""Where one mail has been, hop by hop, and where it is now."""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, Final

from emailchannel.moments import iso

from . import journey, screen
from .deployment import Deployment
from .errors import DONE, CannotGoOn
from .hops import Hop, Journey, Source
from .person import table_rows

_TIME: Final = 10
_AFTER: Final = 9
_MARGIN: Final = 2 + _TIME + _AFTER + 2
_MARKS: Final = {"good": " ", "bad": "!", "waits": "."}
_SECOND: Final = 1000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "trace",
        help="every hop of one mail, and where it waits",
        description="Shows the journey of a mail by its SES id, its outbox id or its Message-ID, "
        "or of all mails of a case. A Message-ID that a customer's server made is looked for in "
        "the whole table.",
    )
    made.add_argument("id", help="SES id, outbox id, Message-ID or case id")
    made.add_argument("--json", action="store_true", help="for programs; times in milliseconds")
    made.set_defaults(run=show)


def show(deployment: Deployment, options: argparse.Namespace) -> int:
    """The journeys of what was given, and of the mails they answer or are answered by."""
    source = Source(deployment.channel, deployment.table, _queues(deployment))
    journeys = _journeys(deployment, source, options.id)
    if options.json:
        print(json.dumps([journey.as_json(one) for one in journeys], indent=1))
        return DONE
    now = deployment.channel.now_ms()
    print("\n\n".join("\n".join(lines(one, now)) for one in journeys))
    return DONE


def _journeys(deployment: Deployment, source: Source, given: str) -> list[Journey]:
    found = journey.known(source, given)
    if not found and "@" in given:
        found = _by_message_id(deployment, source, given)
    if not found:
        words = (
            f"{screen.plain(given)}: there is no such mail or case. Give the whole id: SES's, the"
            " outbox's, the Message-ID or the case's. Mail that was never accepted by Amazon SES"
            " is not here; `doctor` looks at what may keep mail away."
        )
        raise CannotGoOn(words)
    made = [journey.of(source, one) for one in found]
    told = {one.id for one in made}
    near = [one for each in made for one in journey.related(source, each)]
    unique = {one.id: one for one in near if one.id not in told}
    return sorted((*made, *unique.values()), key=lambda one: one.at)


def _by_message_id(deployment: Deployment, source: Source, given: str) -> list[journey.Found]:
    rows = table_rows(deployment)
    print("Looking through the whole table.", file=sys.stderr)
    return journey.by_message_id(
        source, given, lambda n: screen.progress(min(n, rows), max(rows, n), "rows")
    )


def _queues(deployment: Deployment) -> dict[str, str]:
    """Connect's queues by ARN; without the right to ask, their ids serve."""
    client, names = deployment.client("connect"), {}
    try:
        pages = client.get_paginator("list_queues").paginate(
            InstanceId=deployment.channel.settings.instance_id, QueueTypes=["STANDARD"]
        )
        names = {q["Arn"]: q.get("Name", "") for page in pages for q in page["QueueSummaryList"]}
    except client.exceptions.ClientError:
        return {}
    return names


def lines(one: Journey, now: int) -> Iterator[str]:
    """A journey in lines of at most 80 columns."""
    yield _heading(one)
    for row in _facts(one):
        yield from textwrap.wrap(screen.plain(row), screen.WIDTH - 2, **_INDENT)
    yield ""
    before, day = 0, ""
    for hop in one.hops:
        if hop.at and day != iso(hop.at)[:10]:
            day = iso(hop.at)[:10]
            yield f"  {day} (UTC)"
        yield from _hop(hop, before)
        before = hop.at or before
    if one.waits:
        waited = f"{one.waits}, since {screen.moment(one.since)} ({after(now - one.since)})"
        yield from textwrap.wrap(f"WAITS: {screen.plain(waited)}", screen.WIDTH - 2, **_INDENT)


_INDENT: Final[dict[str, Any]] = {"initial_indent": "  ", "subsequent_indent": "    "}


def _heading(one: Journey) -> str:
    kind = "Mail" if one.direction == "in" else "Our mail"
    return screen.cut(f"{kind} {one.id}", screen.WIDTH)


def _facts(one: Journey) -> Iterator[str]:
    yield f"from {one.sender or '(nobody)'} to {', '.join(one.recipients) or '(unknown)'}"
    yield f"“{one.subject}”" if one.subject else "(no subject)"
    if one.answers_to:
        yield f"answers {one.answers_to}"
    if one.case_id:
        yield f"case {one.case_id}"


def _hop(hop: Hop, before: int) -> Iterator[str]:
    time = f"{iso(hop.at)[11:19]}.{hop.at % 1000 // 100}" if hop.at else ""
    since = f"+{after(hop.at - before)}" if before and hop.at else ""
    mark = _MARKS.get(hop.tone, " ")
    room = screen.WIDTH - _MARGIN
    [first, *more] = textwrap.wrap(screen.plain(hop.what), room) or [""]
    yield f"{mark} {time:<{_TIME}} {since:>{_AFTER - 1}}  {first}".rstrip()
    detail = textwrap.wrap(screen.plain(hop.detail), room - 2, max_lines=4) if hop.detail else []
    for line in (*more, *(f"  {text}" for text in detail)):
        yield f"{'':{_MARGIN}}{line}"


def after(milliseconds: int) -> str:
    """A span of time in few letters."""
    span = max(milliseconds, 0)
    if span < 10 * _SECOND:
        return f"{span / _SECOND:.1f} s"
    if span < 2 * _MINUTE:
        return f"{span // _SECOND} s"
    if span < 2 * _HOUR:
        return f"{span // _MINUTE} min"
    return f"{span // _HOUR} h" if span < 2 * _DAY else f"{span // _DAY} days"
