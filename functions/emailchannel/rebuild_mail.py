"""What became of a mail of the outbox, from the records that were made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from . import returned, track
from .ports import Delivery, Outgoing

UNSETTLED: Final = "UNKNOWN"
_SENT: Final = ("sent", track.RANKS["sent"])
_FAILED_RANK: Final = 100

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Mail:
    """A mail of the outbox with SES's events by their id, and the names that SES gave it.

    `unsettled`: nothing says what became of it; `asked`: an agent was told so.
    """

    outgoing: Outgoing
    events: dict[str, dict[str, Any]]
    ses_ids: tuple[str, ...]
    asked: bool

    @property
    def unsettled(self) -> bool:
        """Whether nothing says what became of it."""
        return self.outgoing.state == UNSETTLED

    @property
    def delivery(self) -> Delivery:
        """What its events say."""
        return track.folded(self.events.values())


def is_undone(results: Iterable[Facts]) -> bool:
    """Whether its agent took the mail back before it left."""
    return any(facts["state"] == "UNDONE" for facts in results)


def ended(
    mail: Outgoing,
    results: list[dict[str, Any]],
    events: dict[str, dict[str, Any]],
    again: int,
    back: list[str],
) -> Mail:
    """The mail with its end; `again`: how often it was sent again, `back`: why it came back.

    One without an end may have left all the same: it is marked so that nobody sends it unasked.
    """
    named = [facts["ses_id"] for facts in results if facts["state"] == "SENT"]
    named += [str(event["mail"]["messageId"]) for event in events.values()]
    failed = [facts["reason"] for facts in results if facts["state"] == "FAILED"]
    state = "SENT" if named else "FAILED" if failed else UNSETTLED
    state = "UNDONE" if is_undone(results) else state
    closed = replace(
        mail,
        state=state,
        attempt=max((facts["attempt"] for facts in results), default=1 if events else 0),
        ses_id=named[0] if named else "",
        reason=failed[0] if failed else "",
        claimed_at=mail.at,
        resent=max(again, 1) if state == UNSETTLED and mail.matters else again,
    )
    asked = any(words.startswith("unknown: ") for words in back)
    return Mail(closed, events, tuple(dict.fromkeys(named)), asked)


def why(mail: Mail) -> str:
    """Why it did not arrive, in words, for another system that sent it."""
    if mail.outgoing.state == "FAILED":
        return returned.refused_words(mail.outgoing.reason)
    return track.why(mail.events.values())


def delivery_of(mail: Mail, back: list[str]) -> tuple[str, int]:
    """The strongest word; a loss that no agent has been told of is left for its event."""
    outgoing = mail.outgoing
    refused = outgoing.reason.startswith("suppressed")
    failed = "bounced" if refused else f"failed: {outgoing.reason}"
    found = {
        "SENT": _SENT,
        "FAILED": (failed, _FAILED_RANK),
        "UNDONE": ("undone", _FAILED_RANK),
        UNSETTLED: ("unknown", 0),
    }[outgoing.state]
    if not mail.events:
        return found
    whole = mail.delivery
    alone = not outgoing.message_id  # there is no agent to be told
    told = alone or any(words.startswith(f"{whole.status}: ") for words in back)
    if whole.rank <= found[1] or (whole.status in track.LOST and not told):
        return found
    return whole.status, whole.rank
