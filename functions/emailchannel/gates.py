"""The six gates between an agent's mail and a customer. Each is closed unless it is opened.

Route: the envelope names one relay address. From: one unambiguous author. Verdicts: SES is sure of
him. Agent: he is ours, active and may speak for the case. Token: the address was made for him, this
case and this message. Content: a person wrote something new.
"""

from dataclasses import dataclass

from . import directory, loops
from .case import REJECTED, Agent, Case
from .mail import alias, forward
from .mail.address import normalise, strict_from
from .mail.values import ParsedMail
from .mail.verdict import FAIL, PASS
from .ports import Channel, Envelope


@dataclass(frozen=True)
class Pass:
    """What the gates established about a mail that may go out."""

    address: alias.RelayAddress
    agent: Agent
    case: Case


@dataclass(frozen=True)
class Stop:
    """The gate that stayed closed, and the case and agent as far as they are known.

    `holder`: for whom the address was made, if it was not made up. `detail`: for the agent's eyes.
    """

    reason: str
    case: Case | None = None
    agent: Agent | None = None
    holder: Agent | None = None
    detail: str = ""


def check(channel: Channel, envelope: Envelope, raw: bytes, mail: ParsedMail) -> Pass | Stop:
    """Open all six gates, or say which stayed closed. Raises Retryable only."""
    address, case = _named_case(channel, envelope)
    sender = strict_from(raw)
    if sender is None:
        return Stop("from-syntax", case)
    sender = normalise(sender)
    if reason := _verdict_gate(channel, envelope, sender):
        return Stop(reason, case)
    agent = directory.by_address(channel, sender)
    if agent is None:
        return Stop("unknown-agent", case)
    if address is None:
        return Stop("address", case, agent)
    if not alias.verifies(channel.keys.relay_keys(address.version), address, agent.id, agent.epoch):
        return Stop("token", case, agent, directory.holder(channel, address))
    if case is None or case.status == REJECTED:
        return Stop("no-case" if case is None else "case-closed", case, agent)
    if not case.customer.address:
        return Stop("no-customer", case, agent)
    if not directory.may_answer(channel, agent, case):
        return Stop("not-allowed", case, agent)
    if reason := _content_gate(channel, envelope, raw, mail, address):
        return Stop(reason, case, agent)
    return Pass(address, agent, case)


def _content_gate(
    channel: Channel,
    envelope: Envelope,
    raw: bytes,
    mail: ParsedMail,
    address: alias.RelayAddress,
) -> str:
    """Why this is nothing that a person wrote for the customer, or empty."""
    if mail.automatic or mail.bounce or not envelope.mail_from:
        return "automatic"
    if loops.comes_back(channel, raw, mail, envelope.mail_from):
        return "loop"
    if mail.forwarded and forward.says_so(mail.subject):
        return "forwarded"
    if not has_content(mail) and address.purpose != "rejectrelay":
        return "empty"
    return ""


def _named_case(
    channel: Channel, envelope: Envelope
) -> tuple[alias.RelayAddress | None, Case | None]:
    """The one relay address of the envelope, and its case; two addresses are none."""
    domain = channel.settings.domain
    parsed = {alias.parse_relay(recipient, domain) for recipient in envelope.recipients} - {None}
    if len(parsed) != 1:
        return None, None
    address = parsed.pop()
    return address, channel.cases.case(address.case_id) if address else None


def _verdict_gate(channel: Channel, envelope: Envelope, sender: str) -> str:
    """Why the sender may not be believed, or empty. Anything but a clear PASS is a refusal."""
    verdicts = envelope.verdicts
    if sender.rpartition("@")[2] not in channel.settings.agent_domains:
        return "agent-domain"
    if verdicts.dmarc != PASS:
        return "dmarc"
    if verdicts.virus != PASS:
        return "virus"
    return "spam" if verdicts.spam in {FAIL, ""} else ""


def has_content(mail: ParsedMail) -> bool:
    """Whether there is anything to say: new text, or a file."""
    return bool(mail.new_text.strip() or mail.attachments)
