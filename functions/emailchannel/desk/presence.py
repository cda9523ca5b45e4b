"""Who else has a case open: kept for moments, and in no history."""

from typing import Final

from ..case import Agent
from ..ports import Channel, Viewer

FRESH: Final = 45_000  # milliseconds; a page tells every fifteen seconds that it is there


def here(channel: Channel, case_id: str, agent: Agent, *, writing: bool) -> list[Viewer]:
    """Note that this agent looks at the case, and perhaps writes; returns who else does."""
    now = channel.now_ms()
    around = channel.cases.viewers(case_id, now - FRESH)
    since = next((one.since for one in around if one.agent_id == agent.id), now)
    own = Viewer(agent.id, agent.username, agent.name, writing, since, now)
    channel.cases.looking(case_id, own)
    return [one for one in around if one.agent_id != agent.id]


def others(channel: Channel, case_id: str, agent: Agent) -> list[Viewer]:
    """Who else looks at the case."""
    around = channel.cases.viewers(case_id, channel.now_ms() - FRESH)
    return [one for one in around if one.agent_id != agent.id]
