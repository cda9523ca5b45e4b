"""The agents as the channel knows them: who may answer, from which address."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from emailchannel import directory
from emailchannel.aws.errors import translated
from emailchannel.case import Agent
from emailchannel.errors import Retryable

from . import journal, screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE, CannotGoOn

_PACE: Final = 0.5  # seconds: Connect allows two DescribeUser calls a second
_TRIES: Final = 6


def add(groups: Any) -> None:
    """Put the group's commands among the others."""
    group = groups.add_parser("agents", help="who may answer, and from which address")
    commands = group.add_subparsers(metavar="COMMAND", required=True)

    made = commands.add_parser("list", help="the agents that the channel knows")
    made.set_defaults(run=show_list)

    made = commands.add_parser("sync", help="read all users of Amazon Connect")
    made.set_defaults(run=sync)

    made = commands.add_parser("revoke", help="end every relay address of an agent")
    made.add_argument("user", help="user name in Amazon Connect")
    made.set_defaults(run=revoke)


def show_list(deployment: Deployment, _options: argparse.Namespace) -> int:
    """A table of the directory."""
    known = sorted(deployment.cases.agents(), key=lambda agent: agent.username)
    rows = [
        (
            agent.username,
            "yes" if agent.active else "no",
            str(agent.epoch),
            screen.moment(agent.checked_at),
            ", ".join(agent.addresses) or "none: he cannot answer",
        )
        for agent in known
    ]
    if rows:
        head = ("user", "active", "revoked", "read (UTC)", "answers from")
        print(screen.table(head, rows))
    print(f"{screen.counted(len(rows), 'agent')} known. `agents sync` reads them all.")
    return DONE


def sync(deployment: Deployment, _options: argparse.Namespace) -> int:
    """Walk all users of Connect into the directory, and mark those who are gone."""
    current = list(_user_ids(deployment))
    gone = [agent.id for agent in deployment.cases.agents() if agent.id not in set(current)]
    paced = _Pace(deployment.channel.pause)
    silent = []
    for done, user_id in enumerate([*current, *gone], 1):
        agent = _read_anew(deployment, user_id, paced)
        if agent and agent.active and not agent.addresses:
            silent.append(agent.username)
        screen.progress(done, len(current) + len(gone), "users")
    print(f"{screen.counted(len(current), 'user')} read, {len(gone)} gone from Amazon Connect.")
    if silent:
        names = screen.cut(", ".join(sorted(silent)), 1000)
        print(
            f"No email address, so they cannot answer: {names}. Give them one in Amazon Connect,\n"
            "or in the parameter AgentExtraAddresses."
        )
    return DONE


def _user_ids(deployment: Deployment) -> Iterator[str]:
    connect = deployment.client("connect")
    pages = connect.get_paginator("list_users").paginate(
        InstanceId=deployment.channel.settings.instance_id
    )
    with translated():
        for page in pages:
            yield from (str(user["Id"]) for user in page["UserSummaryList"])


class _Pace:
    """No more than one call in `_PACE` seconds."""

    def __init__(self, pause: Callable[[float], None]) -> None:
        self._pause, self._next = pause, 0.0

    def keep(self, wait: float = 0.0) -> None:
        now = time.monotonic()
        self._pause(max(self._next - now, wait, 0.0))
        self._next = time.monotonic() + _PACE


def _read_anew(deployment: Deployment, user_id: str, pace: _Pace) -> Agent | None:
    """The user as Connect has him now, however lately he was read."""
    known = deployment.cases.agent(user_id)
    if known:
        deployment.cases.keep_agent(replace(known, checked_at=0))
    for attempt in range(_TRIES):
        pace.keep(float(2**attempt) if attempt else 0.0)
        try:
            return directory.by_id(deployment.channel, user_id)
        except Retryable:  # agents at work have the same quota
            if attempt == _TRIES - 1:
                raise
    return None


def revoke(deployment: Deployment, options: argparse.Namespace) -> int:
    """Raise the agent's epoch: relay addresses of the old one no longer verify."""
    agent = _agent(deployment, options.user)
    journal.write(
        deployment,
        "revocation",
        agent.id,
        agent_id=agent.id,
        username=agent.username,
        epoch=agent.epoch + 1,
    )
    epoch = deployment.cases.revoke(agent.id)
    if not epoch:
        print(f"{agent.username} is not in the directory any more.", file=sys.stderr)
        return NOT_DONE
    print(
        f"Every relay address made for {agent.username} until now is dead (revocation {epoch}).\n"
        "A mail to one of them is kept in its case and not sent; the agent is told so.\n"
        "He gets new addresses where he opens a task, or the page of one that he has."
    )
    return DONE


def _agent(deployment: Deployment, user: str) -> Agent:
    """The agent of this user name. Raises CannotGoOn."""
    for agent in deployment.cases.agents():
        if agent.username.lower() == user.lower():
            return agent
    for user_id in deployment.channel.users.named(user):
        found = directory.by_id(deployment.channel, user_id)
        if found:
            return found
    raise CannotGoOn(f"There is no user {user} in Amazon Connect. `agents list` shows the known.")
