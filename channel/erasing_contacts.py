"""What Amazon Connect still knows of a person who is erased: tasks' names and attributes."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import ClientError

from emailchannel.aws import items
from emailchannel.aws.errors import code

from .deployment import Deployment
from .person import Person

_PACE: Final = 0.5  # seconds between contacts: Connect allows two calls of a kind a second
_CLEARED: Final = ("from_address", "from_name", "subject", "notice")


@dataclass
class Erased:
    """What went: how much of each kind, and the SHA-256 of every key that is gone."""

    counts: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    kept: list[str] = field(default_factory=list)

    def gone(self, kind: str, key: str, number: int = 1) -> None:
        """Write one down."""
        self.counts[kind] += number
        self.keys.add(hashlib.sha256(key.encode()).hexdigest())


def clear(deployment: Deployment, person: Person, done: Erased, *, own: bool) -> None:
    """Take him out of the tasks of his own cases, and end them; or out of those of others.

    Amazon Connect keeps both for up to two years.
    """
    found = sorted(
        contact for contact, case in person.contacts.items() if (case in person.cases) is own
    )
    for n, contact_id in enumerate(found):
        if n:
            deployment.channel.pause(_PACE)
        try:
            _clear(deployment, person, done, contact_id, own=own)
        except ClientError as error:
            if not code(error).endswith("NotFoundException"):
                why = f"contact {contact_id} of Amazon Connect ({code(error)})"
                done.kept.append(f"{why}: clear its attributes there")


def _clear(
    deployment: Deployment, person: Person, done: Erased, contact_id: str, *, own: bool
) -> None:
    client = deployment.client("connect")
    instance = deployment.channel.settings.instance_id
    about = client.describe_contact(InstanceId=instance, ContactId=contact_id)["Contact"]
    if own and not about.get("DisconnectTimestamp"):
        _end(deployment, done, contact_id)
    initial = about.get("InitialContactId") or contact_id
    found = client.get_contact_attributes(InstanceId=instance, InitialContactId=initial)
    attributes = found.get("Attributes") or {}
    named = any(map(person.address.is_in, attributes.values()))
    if not named and not (own and any(attributes.get(name) for name in _CLEARED)):
        return
    names = {n for n, value in attributes.items() if person.address.is_in(value)}
    names |= {name for name in _CLEARED if attributes.get(name)}
    client.update_contact_attributes(
        InstanceId=instance, InitialContactId=initial, Attributes=dict.fromkeys(names, "")
    )
    client.update_contact(
        InstanceId=instance, ContactId=contact_id, Name="(erased)", Description="(erased)"
    )
    done.counts["contacts of Amazon Connect cleared"] += 1


def _end(deployment: Deployment, done: Erased, contact_id: str) -> None:
    """End a task; its row says so first, so that nobody takes it for lost."""
    key = items.contact_key(contact_id)
    deployment.table.update(key, "SET #state = :ended", "attribute_exists(pk)", ended="ended")
    deployment.client("connect").stop_contact(
        InstanceId=deployment.channel.settings.instance_id, ContactId=contact_id
    )
    done.counts["open tasks ended"] += 1
