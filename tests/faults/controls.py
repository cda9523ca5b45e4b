"""Bugs planted one at a time: a harness that misses one of them proves nothing.

A bug replaces one function of the product while its runs last. Each names a story and the runs
that must notice it; without the bug the same runs are in order, as the whole campaign shows.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from botocore.config import Config

from . import stories
from .campaign import Begun, Run, events_lost, overlap, single
from .lab import Lab
from .stories import Story

Runs = Callable[[Begun], Iterator[Run]]


@dataclass(frozen=True)
class Bug:
    """A planted bug, the story in which it shows, and the runs that look for it."""

    name: str
    plant: Callable[[Lab], AbstractContextManager[Any]]
    story: Story
    runs: Runs


def _faults(door: str, operation: str, *kinds: str) -> Runs:
    """One fault at each call of this operation by the door."""

    def runs(begun: Begun) -> Iterator[Run]:
        for run in single(begun):
            if f" {door} " in run.what and run.what.endswith(operation) and run.group in kinds:
                yield run

    return runs


def _overlapping(door: str) -> Runs:
    return lambda begun: overlap(begun, (door,))


def _clean(begun: Begun) -> Iterator[Run]:
    yield Run(begun, "no fault", "")


def _retries_on(lab: Lab) -> AbstractContextManager[Any]:
    retrying = Config(retries={"mode": "standard", "total_max_attempts": 3})
    return patch.object(lab.bundle, "ONE_ATTEMPT", retrying)


def _claim_without_condition(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel.aws.rows_outbox import OutboxRows

    def claim(self: Any, outbox_id: str, now: int) -> Any:
        outgoing = self.outgoing(outbox_id)
        self._move(
            outbox_id,
            "SET #state = :sending, claimed_at = :now",
            "attribute_exists(pk)",
            sending="SENDING",
            now=now,
        )
        return replace(outgoing, state="SENDING", claimed_at=now)

    return patch.object(OutboxRows, "claim_outgoing", claim)


def _result_before_send(_lab: Lab) -> AbstractContextManager[Any]:
    import sender
    from emailchannel import send

    def early(channel: Any, outbox_id: str) -> Any:
        waiting = channel.cases.outgoing(outbox_id)
        if waiting is None or waiting.state != "PENDING":
            return None
        outgoing = channel.cases.claim_outgoing(outbox_id, channel.now_ms())
        if outgoing is None:
            return None
        send.accepted(channel, outgoing, "not-known-yet")
        return channel.post.send(outgoing, channel.mails.read(outgoing.key))

    return patch.object(sender, "send", early)


def _acknowledgement_before_row(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel import receive
    from emailchannel.case import Interaction

    real = receive.acknowledge

    def at_once(channel: Any, reading: Any, case: Any, message: Any) -> Any:
        outgoing, said = real(channel, reading, case, message)
        for mail in outgoing:
            channel.post.send(mail, channel.mails.read(mail.key))
        sent = tuple(replace(mail, state="SENT", claimed_at=mail.at) for mail in outgoing)
        logs = tuple(Interaction(m.at, "sent", "channel", "", m.id) for m in outgoing)
        return sent, (*said, *logs)

    return patch.object(receive, "acknowledge", at_once)


def _no_client_token(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel.aws.connect import ConnectContacts

    real = ConnectContacts.start

    def start(self: Any, token: str, *rest: Any, **more: Any) -> str:
        return real(self, uuid.uuid4().hex, *rest, **more)

    return patch.object(ConnectContacts, "start", start)


def _no_health_gate(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel.aws.rows_watch import WatchRows

    return patch.object(WatchRows, "events_flowed", lambda _self: 1 << 60)


def _message_id_alone(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel import receive

    return patch.object(receive, "fingerprint", lambda mail, *_scope: mail.message_id or "")


def _no_follow_up_on_redelivery(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel import receive

    real = receive._follow_up

    def follow_up(channel: Any, intake: Any) -> None:
        if sys._getframe(1).f_code.co_name == "_keep":  # the first delivery
            real(channel, intake)

    return patch.object(receive, "_follow_up", follow_up)


def _no_sweep(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel import caretaker

    return patch.object(caretaker, "_sweep", lambda _channel: {})


def _never_settled(_lab: Lab) -> AbstractContextManager[Any]:
    from emailchannel import unsettled

    return patch.object(unsettled, "care", lambda _channel: {"unknown": 0, "forgotten": 0})


def _story(number: str) -> Story:
    return next(story for story in stories.ALL if story.number == number)


_AFTER = ("time-out after", "crash after")
ALL = (
    Bug(
        "the SDK retries SendEmail",
        _retries_on,
        _story("3"),
        _faults("sender", "SendEmail", *_AFTER),
    ),
    Bug("a claim has no condition", _claim_without_condition, _story("3"), _overlapping("sender")),
    Bug(
        "the result is written before sending",
        _result_before_send,
        _story("3"),
        _faults("sender", "SendEmail", "crash before", "time-out before*"),
    ),
    Bug(
        "the acknowledgement leaves before the row",
        _acknowledgement_before_row,
        _story("1"),
        _faults("gateway", "TransactWriteItems", "crash before", "throttle*"),
    ),
    Bug(
        "StartTaskContact has no ClientToken",
        _no_client_token,
        _story("1"),
        _overlapping("task_starter"),
    ),
    Bug("mail is sent again though no event arrives", _no_health_gate, _story("3"), events_lost),
    Bug("a Message-ID alone makes a duplicate", _message_id_alone, stories.SAME_MESSAGE_ID, _clean),
    Bug(
        "a redelivery does not finish what is left",
        _no_follow_up_on_redelivery,
        _story("1"),
        _faults("gateway", "SendMessage", "crash before", "throttle*"),
    ),
    Bug("nobody sweeps the bucket", _no_sweep, _story("9"), _clean),
    Bug(
        "nobody settles what is unknown",
        _never_settled,
        _story("3"),
        _faults("sender", "SendEmail", "crash before"),
    ),
)


def caught(lab: Lab, bug: Bug, begun: Begun, *, all_runs: bool = True) -> tuple[int, int]:
    """(runs that notice the bug, runs made); the first that notices it is enough if not all."""
    noticed = made = 0
    with bug.plant(lab):
        for run in bug.runs(begun):
            made += 1
            noticed += bool(run.wrong(lab))
            if noticed and not all_runs:
                break
    return noticed, made
