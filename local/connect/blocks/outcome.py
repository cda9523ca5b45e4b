"""What a block may answer, and what it gets to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local.connect.centre import ContactCentre
from local.connect.model import Contact, Execution, Flow
from local.connect.paths import Scope


@dataclass(frozen=True)
class Next:
    """Go on with NextAction."""


@dataclass(frozen=True)
class Failed:
    """Take the error branch of this type."""

    error: str = "NoMatchingError"
    why: str = ""


@dataclass(frozen=True)
class Matched:
    """Take the first condition this value meets, else NoMatchingCondition, else NextAction."""

    value: str | None


@dataclass(frozen=True)
class Paused:
    """Wait for some seconds of the centre's clock, then `Matched("WaitCompleted")`."""

    seconds: float


@dataclass(frozen=True)
class Invocation:
    """Call a Lambda function, then take Next or an error branch."""

    function_arn: str
    event: dict[str, Any]
    seconds: float
    asynchronous: bool
    string_map: bool


@dataclass(frozen=True)
class Moved:
    """Go on at the start of another flow."""

    flow: Flow


@dataclass(frozen=True)
class Finished:
    """The flow ends here: with the contact ended, or as it is (queued, whispered)."""

    disconnect: bool = False


Outcome = Next | Failed | Matched | Paused | Invocation | Moved | Finished


@dataclass(frozen=True)
class Run:
    """One block of one running flow."""

    centre: ContactCentre
    contact: Contact
    execution: Execution
    parameters: dict[str, Any]

    @property
    def scope(self) -> Scope:
        return Scope(self.centre.instance, self.contact, self.execution)

    def text(self, name: str) -> str | None:
        """A parameter with its references resolved; None if absent or without value."""
        value = self.parameters.get(name)
        return None if value is None else self.scope.text(str(value))

    def texts(self, name: str) -> dict[str, str] | None:
        """A map parameter with references resolved in keys and values.

        None if any reference has no value: such a block sets all of it or nothing.
        """
        scope = self.scope
        resolved: dict[str, str] = {}
        for key, value in self.parameters.get(name, {}).items():
            name_text, value_text = scope.text(str(key)), scope.text(str(value))
            if not name_text or value_text is None:
                return None
            resolved[name_text] = value_text
        return resolved
