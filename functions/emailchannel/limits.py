"""How often things may happen: the last wall against loops, floods and misuse.

None of these needs a header of the mail: a loop that hides every mark still runs into its counter.
"""

from dataclasses import dataclass
from typing import Final

from .ports import Channel
from .trust import PUBLIC_DOMAINS

_HOUR: Final = 3600  # seconds


@dataclass(frozen=True)
class Limit:
    """At most `most` times in any `seconds`, for each thing that is counted under `name`."""

    name: str
    most: int
    seconds: int


ACKNOWLEDGEMENTS: Final = Limit("acknowledgement", 1, 24 * _HOUR)  # of an address: RFC 3834 s. 2
EXPLANATIONS: Final = Limit("explanation", 1, _HOUR)  # of an agent
REPORTS: Final = Limit("report", 20, _HOUR)  # of an agent: what became of his mail
AGENT_ANSWERS: Final = Limit("answers-of-agent", 200, _HOUR)
CASE_ANSWERS: Final = Limit("answers-of-case", 60, _HOUR)

UNPROVEN: Final = 500  # new cases of unproven senders in an hour, whoever they say they are

_MINUTE: Final = 60


def allows(channel: Channel, limit: Limit, key: str, owner: str) -> bool:
    """Take one of the limit's places for `key`; False when there is none left.

    Asked again for the same `owner` (a mail's id), the answer is the same and no place is taken.
    """
    name = f"{limit.name}#{key}"
    return channel.cases.within(name, limit.most, limit.seconds, channel.now(), owner)


def automatic_mail_may_go(channel: Channel) -> bool:
    """The kill switch, and the cap on all automatic mail of a minute."""
    settings = channel.settings
    if settings.stop_automatic_mail:
        return False
    sent = channel.cases.tally("automatic-mail", _MINUTE, channel.now())
    return sent <= settings.automatic_mails_per_minute


def flooded(channel: Channel, mail_from: str) -> str:
    """Why a mail of this envelope sender is one too many, or empty. 0 means no limit.

    Bounces and the like, which have none, start no tasks and are not counted.
    """
    settings, now = channel.settings, channel.now()
    sender = mail_from.lower()
    if not sender:
        return ""
    if settings.mails_per_sender:
        count = channel.cases.tally(f"sender#{sender}", _HOUR, now)
        if count > settings.mails_per_sender:
            return "flood:sender"  # his flood must not count against the others of his domain
    domain = sender.rpartition("@")[2]
    if settings.mails_per_domain and domain not in PUBLIC_DOMAINS:
        count = channel.cases.tally(f"domain#{domain}", _HOUR, now)
        if count > settings.mails_per_domain:
            return "flood:domain"
    return ""


def flooded_by_unproven(channel: Channel) -> str:
    """Why one more case of an unproven sender is too many, or empty.

    Envelope senders can be made up, each of them new: this counter needs none.
    """
    count = channel.cases.tally("unproven", _HOUR, channel.now())
    return "flood:unproven" if count > UNPROVEN else ""
