"""Mails to our own agents: why a mail was not sent, or what else became of it.

Only to an agent whom SES has proven, never in answer to a machine, and not without end: whoever
forges an agent's address must not be able to make us write to anybody.
"""

from collections.abc import Callable, Mapping
from functools import partial

from . import limits, loops, notice
from .case import Agent, Case
from .limits import Limit
from .loops import is_ours
from .mail.address import normalise
from .mail.compose import ComposeError
from .mail.values import ParsedMail
from .outbox import freeze, outbox_id
from .ports import Channel, Envelope, Outgoing

# What an agent must hear each time, since his answer waits for him.
_ALWAYS = frozenset({"stale"})


def explanation(
    channel: Channel,
    envelope: Envelope,
    mail: ParsedMail,
    agent: Agent | None,
    reason: str,
    facts: Mapping[str, str],
) -> tuple[Outgoing, ...]:
    """The frozen mail that tells an agent why his mail did not go to the customer, or nothing."""
    limit = limits.REPORTS if reason in _ALWAYS else limits.EXPLANATIONS
    if agent is None or not _may_write(channel, envelope, mail, agent, limit):
        return ()
    return _frozen(
        channel,
        envelope,
        mail,
        agent,
        facts,
        "explanation",
        partial(notice.explanation, reason=reason),
    )


def report(
    channel: Channel,
    envelope: Envelope,
    mail: ParsedMail,
    agent: Agent,
    what: str,
    facts: Mapping[str, str],
) -> tuple[Outgoing, ...]:
    """The frozen mail that tells an agent what was done, where it was more than sending."""
    if not what or not _may_write(channel, envelope, mail, agent, limits.REPORTS):
        return ()
    return _frozen(
        channel, envelope, mail, agent, facts, "report", partial(notice.result, what=what)
    )


def _frozen(
    channel: Channel,
    envelope: Envelope,
    mail: ParsedMail,
    agent: Agent,
    facts: Mapping[str, str],
    kind: str,
    compose: Callable[..., notice.Notice],
) -> tuple[Outgoing, ...]:
    identity = outbox_id(kind, envelope.ses_id)
    try:
        found = compose(
            channel.settings,
            to=_address(mail, agent),
            subject=mail.subject,
            answered_message_id=mail.message_id or "",
            facts=facts,
            loop_mark=loops.mark(channel, identity),
            identity=identity,
            at=envelope.at,
        )
    except ComposeError:  # an address that Amazon SES cannot write to
        return ()
    return (freeze(channel, found, identity),)


def outsiders(channel: Channel, case: Case, mail: ParsedMail) -> dict[str, str]:
    """Whom the agent's client wrote to besides us, as facts for a notice.

    `ignored`: addresses that the channel sends nothing; `direct`: the customer's side, who got the
    agent's own mail. Colleagues are not counted. Empty when there is nothing to tell.
    """
    named = {normalise(address.addr) for address in (*mail.to, *mail.cc) if address.addr}
    domains = channel.settings.agent_domains
    outside = {
        name
        for name in named
        if not is_ours(channel, name) and name.rpartition("@")[2] not in domains
    }
    insiders = {case.customer.address, *(entry.address for entry in case.participants)}
    ignored = ", ".join(sorted(outside - insiders))
    facts = {"ignored": ignored, "direct": "yes" if outside & insiders else ""}
    return {name: value for name, value in facts.items() if value}


def _may_write(
    channel: Channel, envelope: Envelope, mail: ParsedMail, agent: Agent, limit: Limit
) -> bool:
    return (
        bool(agent.addresses and envelope.mail_from)
        and not (mail.automatic or mail.bounce)
        and limits.allows(channel, limit, agent.id, envelope.ses_id)
        and limits.automatic_mail_may_go(channel)
    )


def _address(mail: ParsedMail, agent: Agent) -> str:
    """The one he wrote from."""
    written = normalise(mail.from_.addr) if mail.from_ else ""
    return written if written in agent.addresses else agent.addresses[0]
