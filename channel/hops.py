"""The values of a journey: hops, and where to read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from emailchannel.aws.table import Table
from emailchannel.ports import Channel

GOOD: Final = "good"
BAD: Final = "bad"
WAITS: Final = "waits"


@dataclass(frozen=True)
class Hop:
    """Something that happened to a mail `at` (ms; 0 where nothing says when).

    `tone` is good, bad, waits, or empty.
    """

    at: int
    what: str
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Journey:
    """One mail on its way, in or out.

    `waits` says where it is stuck or waits, since `since` (ms); both are empty when it is done.
    `answers` are the ids of the mails that answer it, `answers_to` is the mail it answers.
    """

    id: str
    direction: str
    at: int
    sender: str
    recipients: tuple[str, ...]
    subject: str
    case_id: str
    hops: tuple[Hop, ...]
    waits: str = ""
    since: int = 0
    answers: tuple[str, ...] = ()
    answers_to: str = ""


@dataclass(frozen=True)
class Source:
    """Where to look. `queues` are the names of Connect's queues by their ARN."""

    channel: Channel
    table: Table
    queues: Mapping[str, str]

    def queue(self, arn: str) -> str:
        """What people call a queue."""
        return self.queues.get(arn) or arn.rpartition("/")[2]
