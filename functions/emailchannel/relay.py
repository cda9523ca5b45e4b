"""An agent's mail to a relay address: six gates, and then an answer from the case to the customer.

Every gate is closed unless it is opened, and each refusal has its own reason code. Refused mail is
kept and shown in the case it names; nothing goes out.
"""

from dataclasses import replace
from typing import Final

from . import announcement, limits, reply, trust
from .agent_mail import (
    Closed,
    Duplicate,
    HandedOver,
    Held,
    Noted,
    Outcome,
    Relayed,
    Work,
    again,
    content,
    entry,
    intake_of,
    keep_inside,
    kept,
    message_of,
    refuse,
    secrets,
    token,
)
from .answer import Draft, answered_message, prepare, state_after
from .case import RESOLVED, WAITING, Interaction
from .explain import explanation, outsiders, report
from .gates import Stop, check
from .mail.authors import author_domains
from .mail.command import read_command
from .mail.compose import ComposeError
from .mail.parse import parse
from .mail.values import ParsedMail
from .outbox import outbox_id
from .ports import Change, Channel, Envelope, Outgoing, State

_NO_AGENT: Final = frozenset({"agent-domain", "from-syntax"})


def relay(channel: Channel, envelope: Envelope) -> Outcome:
    """Take in one mail that SES stored under `relay/`. Raises Retryable only."""
    if channel.cases.intake(envelope.ses_id, envelope.route):
        return again(channel, envelope)
    envelope = announcement.keep(channel, envelope)
    raw = channel.mails.read(envelope.key)
    if not raw:
        reason = "object-missing" if raw is None else "empty-object"
        return refuse(channel, envelope, ParsedMail(), Stop(reason))
    mail = parse(raw)
    found = check(channel, envelope, raw, mail)
    if isinstance(found, Stop):
        if found.reason in _NO_AGENT and _of_the_customers_side(channel, raw, mail):
            channel.queues.ingest(envelope.key)
            return HandedOver()
        return refuse(channel, envelope, mail, found)
    answered = answered_message(channel, found.case, found.address.stamp)
    work = Work(envelope, mail, found, read_command(mail.new_text), answered)
    return _duplicate(channel, work) or _do(channel, work)


def _of_the_customers_side(channel: Channel, raw: bytes, mail: ParsedMail) -> bool:
    """Whether a person wrote it who does not even say that he is an agent of ours."""
    if mail.automatic or mail.bounce:
        return False
    return author_domains(raw).isdisjoint(channel.settings.agent_domains)


def _do(channel: Channel, work: Work) -> Outcome:
    if work.command.name == "note":
        return _note(channel, work)
    if stop := _unfit(work):
        return refuse(channel, work.envelope, work.mail, stop)
    if (work.answered.at if work.answered else 0) < work.passed.case.latest_at:
        return _hold(channel, work)
    if stop := _too_much(channel, work):
        return refuse(channel, work.envelope, work.mail, stop)
    if not (work.mail.attachments or _words(work).strip()):
        return _close(channel, work)
    return _answer(channel, work)


def _unfit(work: Work) -> Stop | None:
    """Why this can be no answer to the customer, whenever it is sent."""
    case, agent, name = work.passed.case, work.passed.agent, work.command.name
    if name.startswith("unknown"):
        return Stop("unknown-command", case, agent, detail=name)
    if reply.leaks(work.mail, token(work.passed)):
        return Stop("token-in-attachment", case, agent)
    return None


def _words(work: Work) -> str:
    return work.command.rest if work.command.name else work.mail.new_text


def _too_much(channel: Channel, work: Work) -> Stop | None:
    """The limits of an agent and of a case: a loop of answers ends here."""
    case, agent, owner = work.passed.case, work.passed.agent, work.envelope.ses_id
    within = limits.allows(channel, limits.AGENT_ANSWERS, agent.id, owner) and limits.allows(
        channel, limits.CASE_ANSWERS, case.id, owner
    )
    return None if within else Stop("too-many", case, agent)


def _duplicate(channel: Channel, work: Work) -> Outcome | None:
    """The same mail once more, under another SES id: his server sent it twice."""
    known = content(work)
    first = channel.cases.seen(known, work.envelope.at) if known else None
    if first is None or first[0] == work.envelope.ses_id:
        return None
    intake = replace(intake_of(work, "duplicate", "same-mail"), stage="done")
    log = entry(work, "duplicate", "same-mail", work.envelope.ses_id)
    return kept(channel, work, Change(work.passed.case.id, (log,), intake), Duplicate())


def _answer(channel: Channel, work: Work) -> Outcome:
    case, agent, purpose = work.passed.case, work.passed.agent, work.passed.address.purpose
    draft = Draft(
        case,
        agent,
        purpose,
        work.answered,
        work.mail,
        outbox_id("relay", work.envelope.ses_id),
        work.envelope.at,
        secrets(work.passed),
        work.command.rest if work.command.name else None,
    )
    try:
        message, outgoing = prepare(channel, draft)
    except ComposeError as error:
        stop = Stop("cannot-compose", case, agent, detail=str(error))
        return refuse(channel, work.envelope, work.mail, stop)
    told, logs = _about_it(channel, work)
    intake = intake_of(work, "relayed", purpose)
    ids = tuple(mail.id for mail in (outgoing, *told))
    change = Change(
        case.id,
        (entry(work, "answered", purpose, message.id), *logs),
        replace(intake, message_id=message.id, outboxes=ids),
        message=message,
        outgoing=(outgoing, *told),
        state=_state(channel, work),
        content=content(work),
    )
    return kept(channel, work, change, Relayed(case.id, outgoing.id))


def _state(channel: Channel, work: Work) -> State:
    passed, close = work.passed, work.command.name == "close"
    state = state_after(
        channel,
        passed.case,
        passed.agent,
        passed.address.purpose,
        work.answered,
        work.envelope.at,
    )
    if close and state.status == WAITING:
        state = replace(state, status=RESOLVED, closed_at=work.envelope.at)
    return state


def _about_it(channel: Channel, work: Work) -> tuple[tuple[Outgoing, ...], list[Interaction]]:
    """What the agent is told of an answer that was more, or less, than he may think."""
    facts = _others(channel, work)
    logs = [entry(work, "recipients-ignored", reason) for reason in sorted(facts)]
    what = "recipients-ignored" if facts else ""
    if work.command.name == "close":
        logs.append(entry(work, "closed", "command"))
        what = "answered-and-closed"
    agent = work.passed.agent
    return report(channel, work.envelope, work.mail, agent, what, facts), logs


def _others(channel: Channel, work: Work) -> dict[str, str]:
    return outsiders(channel, work.passed.case, work.mail)


def _close(channel: Channel, work: Work) -> Outcome:
    case, agent = work.passed.case, work.passed.agent
    close = work.command.name == "close"
    told = report(
        channel, work.envelope, work.mail, agent, "closed" if close else "", _others(channel, work)
    )
    reason = "command" if close else work.passed.address.purpose
    intake = intake_of(work, "closed", reason)
    state = _state(channel, work)
    change = Change(
        case.id,
        (entry(work, "closed", reason),),
        replace(intake, outboxes=tuple(mail.id for mail in told)),
        outgoing=told,
        state=replace(state, answered_at=max(case.latest_at, state.answered_at)),
        content=content(work),
    )
    return kept(channel, work, change, Closed(case.id))


def _note(channel: Channel, work: Work) -> Outcome:
    agent = work.passed.agent
    told = report(channel, work.envelope, work.mail, agent, "note", _others(channel, work))
    message = message_of(work.envelope, work.mail, work.passed.case, trust.NOTED, "command")
    message = replace(message, kind="note", actor=agent.username)
    return keep_inside(channel, work, message, "noted", told, Noted(work.passed.case.id))


def _hold(channel: Channel, work: Work) -> Outcome:
    agent = work.passed.agent
    told = explanation(channel, work.envelope, work.mail, agent, "stale", _others(channel, work))
    message = replace(
        message_of(work.envelope, work.mail, work.passed.case, trust.HELD, "stale"),
        actor=agent.username,
        purpose=work.passed.address.purpose,
        answers=work.answered.id if work.answered else "",
    )
    return keep_inside(channel, work, message, "held", told, Held(work.passed.case.id))
