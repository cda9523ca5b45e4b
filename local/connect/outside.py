"""What the local Amazon Connect needs from the world around it, passed in as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class LambdaFailed(Exception):
    """A Lambda function threw, timed out or could not be run; the text says why."""


@dataclass(frozen=True)
class Outside:
    """The world of the local Connect.

    now: account -> epoch seconds; may be moved forward by a test.
    invoke: account, function ARN, event -> payload; raises `LambdaFailed`.
    may_invoke: account, function ARN, instance ARN -> whether the function's resource policy
        lets connect.amazonaws.com call it on behalf of that instance.
    publish: account, region, detail of a contact event -> default event bus (source
        aws.connect, detail-type "Amazon Connect Contact Event").
    desktop: URL under which the agent desktop side of each account is mounted; the instance's
        access URL is made of it. Empty: an access URL as AWS gives it.
    """

    now: Callable[[str], float]
    invoke: Callable[[str, str, dict[str, Any]], dict[str, Any] | str]
    may_invoke: Callable[[str, str, str], bool]
    publish: Callable[[str, str, dict[str, Any]], None]
    desktop: str = ""
