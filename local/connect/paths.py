"""References in flows: "$.Attributes.subject" and the like, resolved for one running flow.

Paths and where they may be used: admin guide, "How to reference contact attributes" and
"List of available attributes". What may not be used, and what does not exist, is None.
"""

from __future__ import annotations

import re
from typing import Any

from local.connect import lookup
from local.connect.model import CHANNEL, Contact, Execution, Instance, Purpose

_STEP = r"(?:\.[\w-]+|\.?\[(?:'[^']*'|\"[^\"]*\"|\d+)\])"
PATH = re.compile(rf"\$(?:{_STEP})+")
_ONE_STEP = re.compile(r"\.?\[(?:'([^']*)'|\"([^\"]*)\"|(\d+))\]|\.([\w-]+)")


def is_path(value: str) -> bool:
    """Whether the whole value is one reference."""
    return PATH.fullmatch(value) is not None


def mentions_path(value: str) -> bool:
    return value.startswith("$.") or PATH.search(value) is not None


class Scope:
    """What a running flow can refer to."""

    def __init__(self, instance: Instance, contact: Contact, execution: Execution) -> None:
        self._instance = instance
        self._contact = contact
        self._execution = execution

    def value(self, path: str) -> Any:
        """The value at a path, None if there is none."""
        here: Any = self._root()
        for quoted, double, index, name in _ONE_STEP.findall(path[1:]):
            here = _child(here, quoted or double or name, index)
        return here

    def text(self, value: str) -> str | None:
        """A static text as it is, a reference as its value in text, None if it has none.

        References inside a longer text are replaced in place, by nothing if they have no value.
        """
        if is_path(value):
            return _as_text(self.value(value))
        return PATH.sub(lambda found: _as_text(self.value(found.group())) or "", value)

    def _root(self) -> dict[str, Any]:
        contact, execution, instance = self._contact, self._execution, self._instance
        root: dict[str, Any] = {
            "Attributes": lookup.attributes(instance, contact),
            "External": execution.external,
            "FlowAttributes": execution.flow_attributes,
            "ContactId": contact.id,
            "InitialContactId": contact.initial_contact_id,
            "PreviousContactId": contact.previous_contact_id,
            "Task": {"ContactId": execution.created_task_id},
            "Channel": CHANNEL,
            "InstanceARN": instance.arn,
            "Name": contact.name,
            "Description": contact.description,
            "LanguageCode": contact.language_code,
            "CustomerId": contact.customer_id,
            "AwsRegion": instance.region,
            "References": contact.references,
            "Tags": contact.tags,
            "SegmentAttributes": contact.segment_attributes,
            "Metrics": execution.metrics,
        }
        if execution.purpose != Purpose.WHISPER:
            root["InitiationMethod"] = contact.initiation_method
        if contact.queue_arn is not None:
            root["Queue"] = queue_of(instance, contact)
        if execution.agent_id is not None:
            root["Agent"] = self._agent(execution.agent_id)
        return root

    def _agent(self, agent_id: str) -> dict[str, str]:
        """Only whispers and transfers to an agent have one: execution.agent_id is set there."""
        user = self._instance.users[agent_id]
        return {
            "UserName": user.username,
            "FirstName": user.first_name,
            "LastName": user.last_name,
            "ARN": user.arn,
        }


def queue_of(instance: Instance, contact: Contact) -> dict[str, str] | None:
    """Queue of a contact as flows and Lambda functions see it."""
    if contact.queue_arn is None:
        return None
    return {"Name": lookup.queue_name(instance, contact.queue_arn), "ARN": contact.queue_arn}


def _child(here: Any, name: str, index: str) -> Any:
    if isinstance(here, dict):
        return here.get(name or index)
    if isinstance(here, list) and index and int(index) < len(here):
        return here[int(index)]
    return None


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    return None
