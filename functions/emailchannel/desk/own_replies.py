"""Prepared replies that an agent keeps for himself: nobody else sees them."""

from typing import Final

from ..case import Agent
from ..mail import html
from ..mail.text import clean
from ..ports import Channel
from . import canned
from .canned import Fault, NotReplies
from .values import Canned

MOST: Final = 100


class Full(Exception):
    """The agent keeps as many as he may."""


def listed(channel: Channel, agent: Agent) -> tuple[Canned, ...]:
    """The agent's own replies by title, their variables unfilled."""
    known = channel.cases.own_replies(agent.id)
    return tuple(sorted(known, key=lambda reply: (reply.title.casefold(), reply.id)))


def keep(channel: Channel, agent: Agent, reply: Canned) -> Canned | Fault:
    """Write one, or write it over; Fault says what is wrong with it. Raises Full.

    Kept as harmless as what is sent: markup that a mail may not have is left out.
    """
    made = Canned(reply.id, clean(reply.title), reply.subject, html.sanitise(reply.html))
    try:
        canned.read(canned.written((made,)))
    except NotReplies as error:
        return Fault(reply.id, str(error))
    for fault in canned.check((made,)):
        return fault
    known = {one.id for one in channel.cases.own_replies(agent.id)}
    if len(known - {made.id}) >= MOST:
        raise Full
    channel.cases.keep_own_reply(agent.id, made)
    return made


def drop(channel: Channel, agent: Agent, reply_id: str) -> None:
    """Delete one, if it is there."""
    channel.cases.drop_own_reply(agent.id, reply_id)
