"""What a customer-side mail may do on the case that it names.

The headers and the alias only say which case is meant; who the sender is, and whether SES could
prove it, decides what happens. One table, each row with the reason that the records show.
"""

from dataclasses import dataclass
from typing import Final

from .case import Case
from .mail.address import same_mailbox

ACCEPTED: Final = "accepted"
FLAGGED: Final = "flagged"
HELD: Final = "held"
BLOCKED: Final = "blocked"
NOTED: Final = "noted"  # a colleague's word, for agents only
MOVED: Final = "moved"  # an agent gave it a case of its own
ATTACHED: Final = "attached"  # automatic mail, or a mere thank-you: kept, starts nothing
SENT: Final = "sent"

# What the customer's side said: it moves the case and is shown as its newest mail.
ANSWERABLE: Final = frozenset({ACCEPTED, FLAGGED})

CUSTOMER: Final = "customer"
PARTICIPANT: Final = "participant"
AGENT: Final = "agent"
COLLEAGUE: Final = "colleague"  # of the customer: the same organisation's domain
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
NEW_PERSON: Final = (
    "This person is not part of the case, but writes from the customer's organisation. The mail is "
    "held: nothing is sent to its sender unless an agent admits it."
)
FALSE_AGENT: Final = (
    "This mail says that it comes from one of your own agents, and that could not be verified. "
    "It is held: do not follow what it asks."
)

# (who the sender is to the case, authenticated?) -> decision
TABLE: Final = {
    (CUSTOMER, True): Decision(ACCEPTED, "customer"),
    (CUSTOMER, False): Decision(FLAGGED, "customer-unverified", UNVERIFIED),
    (PARTICIPANT, True): Decision(ACCEPTED, "participant"),
    (PARTICIPANT, False): Decision(FLAGGED, "participant-unverified", UNVERIFIED),
    (AGENT, True): Decision(NOTED, "agent-note"),
    (AGENT, False): Decision(HELD, "agent-unverified", FALSE_AGENT),
    (COLLEAGUE, True): Decision(HELD, "colleague", NEW_PERSON),
    (COLLEAGUE, False): Decision(HELD, "third-party-unverified", THIRD_PARTY),
    (STRANGER, True): Decision(HELD, "third-party", THIRD_PARTY),
    (STRANGER, False): Decision(HELD, "third-party-unverified", THIRD_PARTY),
}

NEW_CASE: Final = {
    True: Decision(ACCEPTED, "new"),
    False: Decision(FLAGGED, "new-unverified", UNVERIFIED),
}

THANKS: Final = Decision(ATTACHED, "thanks")

ALL: Final = (*TABLE.values(), *NEW_CASE.values(), THANKS)

# Anybody can have an address there: the same domain says nothing about the same organisation.
PUBLIC_DOMAINS: Final = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.uk
    yahoo.co.jp yahoo.de yahoo.fr ymail.com rocketmail.com aol.com icloud.com me.com mac.com
    gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de posteo.de mailbox.org
    proton.me protonmail.com pm.me fastmail.com zoho.com mail.com mail.ru yandex.ru yandex.com
    bk.ru inbox.ru list.ru rambler.ru ukr.net seznam.cz centrum.cz wp.pl o2.pl onet.pl
    interia.pl orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it
    alice.it hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es outlook.de outlook.fr
    btinternet.com sky.com comcast.net verizon.net att.net cox.net qq.com 163.com 126.com
    sina.com naver.com daum.net hanmail.net bluewin.ch telenet.be ziggo.nl kpnmail.nl hetnet.nl
    uol.com.br bol.com.br terra.com.br rediffmail.com tutanota.com tuta.io hey.com
    """.split()  # noqa: SIM905  (ninety names are easier to read so)
)


def relation(case: Case, sender: str, *, is_agent: bool = False) -> str:
    """Who `sender` (an address normalised for comparing) is to this case."""
    if same_mailbox(sender, case.customer.address):
        return CUSTOMER
    if any(same_mailbox(sender, participant.address) for participant in case.participants):
        return PARTICIPANT
    if is_agent:
        return AGENT
    domain = sender.rpartition("@")[2]
    if domain in PUBLIC_DOMAINS or "." not in domain:
        return STRANGER
    return COLLEAGUE if domain == case.customer.address.rpartition("@")[2] else STRANGER
