"""A custom resource's request as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """kind: Create, Update or Delete. `old` are the properties before an update."""

    kind: str
    physical_id: str
    properties: Mapping[str, Any]
    old: Mapping[str, Any]

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Request":
        """The id of a resource stays the same for life: it is what CloudFormation called it."""
        stack = str(event["StackId"]).rpartition("/")[2]
        return cls(
            event["RequestType"],
            event.get("PhysicalResourceId") or f"{event['LogicalResourceId']}-{stack}",
            event.get("ResourceProperties") or {},
            event.get("OldResourceProperties") or {},
        )

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]

    @property
    def instance_id(self) -> str:
        """The id at the end of the property InstanceArn."""
        return str(self["InstanceArn"]).rpartition("/")[2]
