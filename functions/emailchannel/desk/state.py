"""The state of a case, where an agent sets it without writing."""

from typing import Final

from .. import journal
from ..case import OPEN, REJECTED, RESOLVED, Agent, Case, Contact, Interaction
from ..errors import Retryable
from ..ports import Change, Channel, State
from .write import Seen, Stale, stale

STATES: Final = (OPEN, RESOLVED, REJECTED)
_WORDS: Final = {OPEN: "reopened", RESOLVED: "closed", REJECTED: "closed"}


def change(
    channel: Channel, contact: Contact, agent: Agent, status: str, seen: Seen
) -> str | Stale:
    """Set the case's state as the agent has seen it; returns the state it has now."""
    case = channel.cases.case(contact.case_id)
    if case is None or case.status == status:
        return status
    if newer := stale(channel, case, seen):
        return newer
    if not journal.keep(channel, _change(channel, case, agent, status)):
        now = channel.cases.case(case.id)
        newer = stale(channel, now, seen) if now else None
        if newer is None:
            raise Retryable("the change was refused")
        return newer
    return status


def _change(channel: Channel, case: Case, agent: Agent, status: str) -> Change:
    at = channel.now_ms()
    closed = status != OPEN
    state = State(
        case.target,
        status,
        answered_at=max(case.answered_at, case.latest_at) if closed else 0,
        closed_at=at if closed else 0,
        seen_at=case.latest_at,
    )
    log = Interaction(at, _WORDS[status], agent.username, status)
    return Change(case.id, (log,), state=state)
