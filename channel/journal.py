"""Who did what and when, as objects of the mail bucket: nothing else could give that back."""

import json

from .deployment import Deployment


def write(deployment: Deployment, kind: str, subject: str, **facts: object) -> None:
    """Keep one act of the caller. `subject`: the id it is about; the same act twice is two."""
    at = deployment.channel.now_ms()
    record = {"version": 1, "kind": kind, **facts, "actor": deployment.actor, "at": at}
    key = f"journal/{at:013d}-{kind}-{subject}.json"
    deployment.channel.mails.write(key, json.dumps(record).encode(), "application/json")
