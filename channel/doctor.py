"""Is everything set up so that mail comes in, reaches an agent, and goes out?"""

import argparse
import json
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from . import (
    doctor_connect,
    doctor_events,
    doctor_receiving,
    doctor_sending,
    doctor_upkeep,
    screen,
    stack,
)
from .deployment import Deployment
from .dns import LookUp, PublicDns
from .doctor_finding import OK, PROBLEM, UNCHECKED, WARNING, Check, Finding, unchecked
from .errors import DONE, NOT_DONE, CannotGoOn, in_words

_MARGIN: Final = 15
CHECKS: Final[dict[str, dict[str, Check]]] = {
    "Receiving": {
        "mx": doctor_receiving.mx,
        "rules": doctor_receiving.rules,
        "bucket": doctor_receiving.bucket,
        "topics": doctor_receiving.topics,
    },
    "Amazon Connect": {
        "instance": doctor_connect.instance,
        "function": doctor_connect.function,
        "origins": doctor_connect.origins,
        "flows": doctor_connect.flows,
        "queue": doctor_connect.queue,
        "quota": doctor_connect.quota,
    },
    "Sending": {
        "account": doctor_sending.account,
        "identity": doctor_sending.identity,
        "configuration-set": doctor_events.configuration_set,
        "dmarc": doctor_sending.own_dmarc,
        "agent-domains": doctor_sending.agent_domains,
    },
    "Upkeep": {
        "work": doctor_upkeep.work,
        "keys": doctor_upkeep.keys,
        "alarms": doctor_upkeep.alarms,
    },
}

Found = tuple[str, str, Finding]  # heading, name of the check, what it found


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "doctor",
        help="is everything set up? what to do about what is not",
        description="Looks at SES, DNS, Amazon Connect and the stack, and changes nothing. "
        "Ends with 1 when there is a problem.",
    )
    made.add_argument("--json", action="store_true", help="for programs: one JSON array")
    made.set_defaults(run=run)


def run(deployment: Deployment, options: argparse.Namespace) -> int:
    """Show all findings."""
    total = sum(len(checks) for checks in CHECKS.values())
    found: list[Found] = []
    for done, several in enumerate(examine(stack.read(deployment), PublicDns()), 1):
        found += several
        screen.progress(done, total, "checks")
    print(as_json(found) if options.json else as_text(found))
    return NOT_DONE if any(finding.status == PROBLEM for _, _, finding in found) else DONE


def examine(examined: stack.Stack, look_up: LookUp) -> Iterator[list[Found]]:
    """Every check in turn. One that cannot be made says so and stops no other."""
    for heading, checks in CHECKS.items():
        for name, check in checks.items():
            yield [(heading, name, finding) for finding in _made(name, check, examined, look_up)]


def _made(name: str, check: Check, examined: stack.Stack, look_up: LookUp) -> list[Finding]:
    found: list[Finding] = []
    try:
        with in_words():
            for finding in check(examined, look_up):  # what comes before an error is kept
                found.append(finding)
    except CannotGoOn as error:
        found.append(unchecked(f"{name}: {error}"))
    return found


def as_json(found: list[Found]) -> str:
    """An array of objects: part, check, status, what, do, lines."""
    return json.dumps(
        [
            {
                "part": heading,
                "check": name,
                "status": finding.status,
                "what": finding.words,
                "do": finding.remedy,
                "lines": list(finding.lines),
            }
            for heading, name, finding in found
        ],
        indent=1,
    )


def as_text(found: list[Found]) -> str:
    """Findings under their headings, and a line that counts them."""
    lines: list[str] = []
    for heading in dict.fromkeys(heading for heading, _, _ in found):
        lines += ["", heading] if lines else [heading]
        for _, _, finding in (entry for entry in found if entry[0] == heading):
            lines += _shown(finding)
    return "\n".join([*lines, "", _counted(found)])


def _counted(found: list[Found]) -> str:
    counts = Counter(finding.status for _, _, finding in found)
    parts = [screen.counted(counts[PROBLEM], "problem"), screen.counted(counts[WARNING], "warning")]
    return ", ".join([*parts, f"{counts[UNCHECKED]} not checked", f"{counts[OK]} ok"]) + "."


def _shown(finding: Finding) -> list[str]:
    space = " " * _MARGIN
    lines = textwrap.wrap(
        _sentence(finding),
        screen.WIDTH,
        initial_indent=f"  {finding.status}".ljust(_MARGIN),
        subsequent_indent=space,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if finding.remedy:
        lines += textwrap.wrap(
            screen.plain(finding.remedy),
            screen.WIDTH,
            initial_indent=space,
            subsequent_indent=space,
            break_on_hyphens=False,
        )
    for line in finding.lines:
        lines += _pasted(screen.plain(line))
    return lines


def _sentence(finding: Finding) -> str:
    words = screen.plain(finding.words)
    return words if words[-1:] in {".", "!", "?"} else f"{words}."


def _pasted(line: str) -> list[str]:
    """A command over several lines as a shell takes it; a DNS record stays whole."""
    space = " " * (_MARGIN + 2)
    if not line.startswith("aws "):
        return [space + line]
    first, *options = line.split(" --")
    lines = [space + first]
    for option in options:
        longer = f"{lines[-1]} --{option}"
        if len(longer) <= screen.WIDTH - 2:
            lines[-1] = longer
        else:
            lines[-1] += " \\"
            lines.append(f"{space}  --{option}")
    return lines
