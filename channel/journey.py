"""The journey of one mail, as values: every hop with its time, and where it waits.

Read from what the channel keeps: intake, outbox, history, delivery events, and the journal for the
times that no row has. Nothing of a mail's body is read.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from emailchannel.ports import INBOUND, RELAY, Channel

from .hops import Journey, Source
from .journey_in import inbound
from .journey_out import outbound

_CASE_ID: Final = 20  # letters
_ROUTES: Final = (INBOUND, RELAY)


@dataclass(frozen=True)
class Found:
    """A mail that goes by what was given: `id` is SES's for a mail that came, else the outbox's."""

    id: str
    direction: str
    route: str = ""


def known(source: Source, given: str) -> list[Found]:
    """The mails of an SES id, outbox id, case id, or Message-ID of ours. Reads single rows only."""
    name = given.strip().strip("<>")
    found = _by_id(source, name)
    if found or "@" not in name:
        return found or list(_of_case(source, name))
    # Our own Message-IDs are made of an outbox id; SES writes its own id in their place.
    return _by_id(source, name.partition("@")[0])


def _by_id(source: Source, name: str) -> list[Found]:
    channel = source.channel
    routes = [route for route in _ROUTES if name and _is_stored(channel, name, route)]
    if routes:
        return [Found(name, "in", route) for route in routes]
    if channel.cases.outgoing(name.lower()):
        return [Found(name.lower(), "out")]
    named = source.table.get({"pk": f"SES#{name}", "sk": "SES"})
    return [Found(str(named["outbox_id"]), "out")] if named else []


def _is_stored(channel: Channel, name: str, route: str) -> bool:
    if channel.cases.intake(name, route):
        return True
    page, _ = channel.mails.page(f"{route}/{name}")
    return any(stored.key == f"{route}/{name}" for stored in page)


def _of_case(source: Source, name: str) -> Iterator[Found]:
    case_id = name.lower()
    if len(case_id) != _CASE_ID or source.channel.cases.case(case_id) is None:
        return
    for message in source.channel.cases.messages(case_id):
        if message.direction == "out":
            yield Found(message.id, "out")
        else:
            route = RELAY if message.raw_key.startswith(f"{RELAY}/") else INBOUND
            yield Found(message.id, "in", route)


def by_message_id(source: Source, given: str, look: Callable[[int], None]) -> list[Found]:
    """The mails that came with this Message-ID. Reads the whole table; `look` is told of rows."""
    name, found = given.strip().strip("<>"), []
    for n, item in enumerate(source.table.scan("MSG#"), 1):
        look(n)
        if item.get("message_id") == name and item.get("direction") == "in":
            route = str(item.get("raw_key") or INBOUND).partition("/")[0]
            found.append(Found(str(item["id"]), "in", route))
    return found


def of(source: Source, found: Found) -> Journey:
    """The journey of a mail."""
    made = (
        outbound(source, found.id)
        if found.direction == "out"
        else inbound(source, found.id, found.route)
    )
    ordered = sorted(made.hops, key=lambda hop: hop.at or made.at)
    return replace(made, hops=tuple(ordered))


def related(source: Source, journey: Journey) -> list[Journey]:
    """The answers of a mail that came; the mail that an answer answers."""
    near = [Found(name, "out") for name in journey.answers]
    if journey.answers_to and source.channel.cases.intake(journey.answers_to, INBOUND):
        near.append(Found(journey.answers_to, "in", INBOUND))
    return [of(source, one) for one in near if _exists(source, one)]


def _exists(source: Source, found: Found) -> bool:
    return found.direction == "in" or source.channel.cases.outgoing(found.id) is not None


def as_json(journey: Journey) -> dict[str, Any]:
    """The journey for programs; times in milliseconds."""
    return asdict(journey)
