"""What a customer-side mail may do on the case that it names.

The headers and the alias only say which case is meant; who the sender is, and whether SES could
prove it, decides what happens. One table, each row with the reason that the records show.
"""

from dataclasses import dataclass
from typing import Final

from .case import Case

ACCEPTED: Final = "accepted"
FLAGGED: Final = "flagged"
HELD: Final = "held"
BLOCKED: Final = "blocked"
ATTACHED: Final = "attached"  # automatic mail: kept with the case, starts nothing
SENT: Final = "sent"

# What the customer himself said: it moves the case, is shown as newest, and may be quoted to him.
ANSWERABLE: Final = frozenset({ACCEPTED, FLAGGED})

CUSTOMER: Final = "customer"
PARTICIPANT: Final = "participant"
STRANGER: Final = "stranger"


@dataclass(frozen=True)
class Decision:
    """disposition: what becomes of the mail. reason: its code. warning: for the agent, or empty."""

    disposition: str
    reason: str
    warning: str = ""


UNVERIFIED: Final = "The sender could not be verified: this may not be who it says it is."
THIRD_PARTY: Final = (
    "Somebody who is not part of this case wrote to its address. The mail is held: "
    "nothing is sent to its sender unless an agent admits it."
)

# (who the sender is to the case, authenticated?) -> decision
TABLE: Final = {
    (CUSTOMER, True): Decision(ACCEPTED, "customer"),
    (CUSTOMER, False): Decision(FLAGGED, "customer-unverified", UNVERIFIED),
    (PARTICIPANT, True): Decision(ACCEPTED, "participant"),
    (PARTICIPANT, False): Decision(HELD, "participant-unverified", UNVERIFIED),
    (STRANGER, True): Decision(HELD, "third-party", THIRD_PARTY),
    (STRANGER, False): Decision(HELD, "third-party-unverified", THIRD_PARTY),
}

NEW_CASE: Final = {
    True: Decision(ACCEPTED, "new"),
    False: Decision(FLAGGED, "new-unverified", UNVERIFIED),
}


def relation(case: Case, sender: str) -> str:
    """Who `sender` (an address normalised for comparing) is to this case."""
    if sender and sender == case.customer.address:
        return CUSTOMER
    if sender and any(sender == participant.address for participant in case.participants):
        return PARTICIPANT
    return STRANGER


def decide(case: Case | None, sender: str, *, authenticated: bool) -> Decision:
    """The decision for a mail from `sender` to `case`, or to no case yet."""
    if case is None:
        return NEW_CASE[authenticated]
    return TABLE[relation(case, sender), authenticated]
