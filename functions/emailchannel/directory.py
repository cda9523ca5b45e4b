"""Who is an agent: Connect's users, remembered for a quarter of an hour."""

from dataclasses import replace
from typing import Final

from .case import Agent, Case
from .mail import alias
from .ports import Channel

FRESH: Final = 15 * 60 * 1000  # milliseconds; Connect allows two DescribeUser calls a second


def by_id(channel: Channel, agent_id: str) -> Agent | None:
    """The agent with this Connect user id. A user deleted in Connect comes back inactive."""
    known = channel.cases.agent(agent_id)
    now = channel.now_ms()
    if known and now - known.checked_at < FRESH:
        return known
    described = channel.users.describe(agent_id)
    if described is None:
        if known is None:
            return None
        described = replace(known, active=False)
    further = (
        a for name, a in channel.settings.agent_addresses if name == described.username.lower()
    )
    addresses = tuple(dict.fromkeys((*described.addresses, *further)))
    agent = replace(
        described, addresses=addresses, epoch=known.epoch if known else 0, checked_at=now
    )
    channel.cases.keep_agent(agent)
    return agent


def by_address(channel: Channel, address: str, *, known: bool = False) -> Agent | None:
    """The agent who writes from this address (normalised), or None.

    Connect cannot search users by email address: one that we have not met yet is looked for by his
    user name, which must be the address or the part before its @, or the one that the deployment
    gives this address to, and must then own the address. `known`: nobody is looked for.
    """
    met = channel.cases.agent_at(address)
    if met or known:
        candidates = [met.id] if met else []
    else:
        further = [name for name, other in channel.settings.agent_addresses if other == address]
        names = (*further, address, address.partition("@")[0])
        candidates = [user_id for name in names for user_id in channel.users.named(name)]
    for agent_id in candidates:
        agent = by_id(channel, agent_id)
        if agent and address in agent.addresses:
            return agent
    return None


def may_answer(channel: Channel, agent: Agent, case: Case) -> bool:
    """Whether this agent may speak for this case: he took it once, or serves its queue."""
    if not agent.active:
        return False
    queue = case.queue_arn or channel.settings.default_queue_arn
    return queue in agent.queues or channel.cases.took_case(case.id, agent.id)


def holder(channel: Channel, address: alias.RelayAddress) -> Agent | None:
    """The agent for whom a relay address was made, of all that the directory knows."""
    keys = channel.keys.relay_keys(address.version)
    for agent in channel.cases.agents():
        for epoch in range(agent.epoch, -1, -1):
            if alias.verifies(keys, address, agent.id, epoch):
                return agent
    return None
