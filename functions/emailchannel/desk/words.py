"""Prepared texts of a case: replies for everybody, and a signature for each agent.

Both are kept in the bucket under `settings/`: an administrator writes the replies and the usual
signature (`channel replies`), an agent his own signature; his own replies are rows of the table.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ..case import Agent, Case
from ..mail import html
from ..mail.text import clean
from ..ports import Channel
from . import canned, own_replies
from .canned import Fault, Filled, NotReplies
from .values import Canned

SIGNATURE: Final = "settings/signature.json"
LONGEST: Final = 20_000  # characters of a signature
_USUAL: Final = "<p>{{ agent.name }}</p>"


def _values(channel: Channel, case: Case, agent: Agent) -> canned.Variables:
    today = datetime.fromtimestamp(channel.now(), UTC)
    return canned.variables(
        customer=clean(case.customer.name),
        agent=clean(agent.name or agent.username),
        case_id=case.id,
        subject=case.subject,
        today=f"{today.day} {today:%B %Y}",
    )


def replies(channel: Channel, case: Case, agent: Agent) -> list[Filled]:
    """The prepared replies that can be filled in for this case: his own, then everybody's."""
    values = _values(channel, case, agent)
    own = canned.filled(own_replies.listed(channel, agent), values)
    try:
        known = canned.read(channel.mails.read(canned.KEY))
    except NotReplies:
        known = ()  # `channel replies check` says what is wrong; an agent cannot mend it
    mine = [replace(_harmless(one), mine=True) for one in own]
    return [*mine, *map(_harmless, canned.filled(known, values))]


def signature(channel: Channel, case: Case, agent: Agent) -> Filled:
    """The agent's own signature, or the usual one."""
    values = _values(channel, case, agent)
    for source in (_kept(channel, _own(agent)), _kept(channel, SIGNATURE), _USUAL):
        found = canned.fill(Canned("signature", "", "", source), values) if source else None
        if isinstance(found, Filled):
            return _harmless(found)
    return Filled("signature", "", "", "", "")


def keep_signature(channel: Channel, agent: Agent, source: str) -> None:
    """Keep an agent's own signature: HTML, in which nothing is filled in."""
    _keep(channel, _own(agent), html.sanitise(source).replace("{", "&#123;"))


def keep_usual_signature(channel: Channel, source: str) -> str:
    """Keep the signature of agents without one of their own; returns why not, or empty."""
    values = canned.variables(customer="", agent="Ann Example", case_id="c", subject="", today="")
    found = canned.fill(Canned("signature", "", "", source), values)
    if isinstance(found, Fault):
        return found.reason
    _keep(channel, SIGNATURE, source)
    return ""


def _harmless(found: Filled) -> Filled:
    shown = html.sanitise(found.html)
    return Filled(found.id, found.title, found.subject, shown, html.to_text(shown))


def _own(agent: Agent) -> str:
    return f"settings/signatures/{agent.id}.json"


def _keep(channel: Channel, key: str, source: str) -> None:
    channel.mails.write(key, json.dumps({"html": source}).encode(), "application/json")


def _kept(channel: Channel, key: str) -> str:
    try:
        found = json.loads(channel.mails.read(key) or b"{}").get("html", "")
    except (ValueError, AttributeError):
        return ""
    return found if isinstance(found, str) else ""
