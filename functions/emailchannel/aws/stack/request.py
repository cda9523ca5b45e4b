"""A custom resource's request as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PHYSICAL_ID: Final = "PhysicalResourceId"  # in what a kind returns: the id it chose for itself
FAILED: Final = "-failed"  # ends the id of what could not be created


@dataclass(frozen=True)
class Request:
    """kind: Create, Update or Delete. `old` are the properties before an update."""

    kind: str
    physical_id: str
    properties: Mapping[str, Any]
    old: Mapping[str, Any]
    stack_id: str = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Request":
        """The id of a resource stays the same for life, unless its kind chooses another."""
        stack = str(event["StackId"])
        return cls(
            event["RequestType"],
            event.get(PHYSICAL_ID) or f"{event['LogicalResourceId']}-{stack.rpartition('/')[2]}",
            event.get("ResourceProperties") or {},
            event.get("OldResourceProperties") or {},
            stack,
        )

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]

    @property
    def instance_id(self) -> str:
        """The id at the end of the property InstanceArn."""
        return str(self["InstanceArn"]).rpartition("/")[2]

    @property
    def region(self) -> str:
        """The region of the stack."""
        return self.stack_id.split(":")[3]

    @property
    def account(self) -> str:
        """The account of the stack."""
        return self.stack_id.split(":")[4]

    @property
    def undoing(self) -> bool:
        """Whether this takes back what could not be created."""
        return self.kind == "Delete" and self.physical_id.endswith(FAILED)
