"""A mail becomes an agent's task, or news in the task that its case already has."""

import hashlib
from dataclasses import dataclass
from typing import Final

from . import journal, present
from .app.conversation import ONLY
from .case import AGENT, FORWARD, QUEUE, Case, Contact, Interaction, Message, Target
from .errors import Retryable
from .moments import iso
from .ports import Channel
from .trust import ANSWERABLE, HELD

_NAME_LIMIT: Final = 512  # StartTaskContact allows 1,024; older Connect clients show 512
_GATE: Final = "StartTaskContact"
_BURST: Final = 3.0
_PATIENCE: Final = 15.0  # seconds one run waits for its turn before the work goes back
_GLANCE: Final = 0.2
_TOKEN_LIMIT: Final = 500


def offer(channel: Channel, case_id: str, message_id: str, after: str = "") -> str:
    """Start the task for a message, or update the open one. Returns the contact's id, or empty.

    In a conversation that is an app's alone, agents only decide on mail that is held.

    `after` names a contact that ended before anybody took it: the message gets another one.
    Raises Retryable when Connect is busy or another mail of the case is starting its task.
    """
    message = channel.cases.message(case_id, message_id)
    deadline = channel.now() + _PATIENCE
    token = f"{message_id}-{after}" if after else message_id
    while message is not None and (case := channel.cases.case(case_id)):
        if case.app == ONLY and message.disposition != HELD:
            return ""
        news = _news(channel, case, message)
        # A start that broke off is brought to its end, even where the flow was told of its contact.
        if case.contact_id and case.starting != token and _update(channel, case, news):
            now = channel.cases.case(case_id) or case
            if _news(channel, now, message).shown.id == news.shown.id:
                return case.contact_id
            continue  # a newer mail came meanwhile, and ours may have been written over it
        if channel.cases.claim_task(case.id, token, channel.now_ms()):
            return _start(channel, case, news, token, deadline)
        if channel.now() > deadline:
            raise Retryable("another mail of the case is starting its task")
        channel.pause(_GLANCE)
    return ""


@dataclass(frozen=True)
class News:
    """What a task is for: the mail it shows, and the answer that came back, if one did."""

    shown: Message
    lost: Message | None = None


def _news(channel: Channel, case: Case, message: Message) -> News:
    """What the task shall show: the customer's newest mail, however late this order comes.

    A mail that was held is shown for itself: it must be seen.
    """
    lost = message if message.direction == "out" else None
    apart = message.disposition not in ANSWERABLE and lost is None
    if apart or case.latest_message_id in {"", message.id}:
        return News(message, lost)
    return News(channel.cases.message(case.id, case.latest_message_id) or message, lost)


def _target(case: Case, news: News) -> Target:
    """Where the task goes. An answer that came back goes to whom its author works with."""
    if news.lost is None or case.target.type == AGENT:
        return case.target
    return Target(QUEUE, case.queue_arn) if case.queue_arn else case.target


def attributes(case: Case, news: News, links: dict[str, str]) -> dict[str, str]:
    """The contact attributes (contact_flows/README.md): what flows route on and the page shows."""
    message, target = news.shown, _target(case, news)
    kind, _, words = (news.lost.returned if news.lost else "").partition(": ")
    return {
        "interaction_id": case.id,
        "message_id": message.id,
        "target_type": target.type,
        "target_destination": target.destination,
        "from_address": message.from_.address,
        "from_name": message.from_.name,
        "sent_to_email": message.to[0] if message.to else "",
        "subject": message.subject,
        "detected_language": message.language,
        "detected_sentiment": message.sentiment,
        "warning": kind or (message.reason if message.disposition != "accepted" else ""),
        "notice": words,
        "received_at": iso(message.at),
        **links,
    }


def _update(channel: Channel, case: Case, news: News) -> bool:
    """Put the newer mail into the open task; False when the task turns out to be over."""
    contact = channel.cases.contact(case.contact_id)
    links, references = present.links(channel, case.id, news.shown)
    told = attributes(case, news, links)
    # Where the open task goes is settled; the new mail must not send it elsewhere.
    del told["target_type"], told["target_destination"]
    if contact and contact.agent_id:
        told |= present.relay_addresses(channel, case, contact.agent_id)
    updated = channel.contacts.update(case.contact_id, _name(news), told, references)
    if not updated and contact:
        journal.contact(channel, contact, "ended", following=False)
        channel.cases.contact_ended(contact)
    return updated


def _start(channel: Channel, case: Case, news: News, token: str, deadline: float) -> str:
    _wait_for_turn(channel, deadline)
    links, references = present.links(channel, case.id, news.shown)
    contact_id = channel.contacts.start(
        token=_client_token(case.id, token),
        name=_name(news),
        description=_description(news),
        attributes={k: v for k, v in attributes(case, news, links).items() if v},
        references=references,
    )
    contact = Contact(contact_id, case.id, "started")
    journal.contact(channel, contact, "started")
    made, offered_at = channel.cases.contact_made(contact, channel.now_ms())
    log = Interaction(offered_at, "offered", "channel", "", contact_id)
    journal.note(channel, case.id, log)
    # An old order may name a task that is over by now: then it only gives way.
    channel.cases.contact_started(case.id, made, token)
    return contact_id


def _client_token(case_id: str, token: str) -> str:
    """At most 500 characters (StartTaskContact), and the same for the same work."""
    whole = f"{case_id}-{token}"
    return whole if len(whole) <= _TOKEN_LIMIT else hashlib.sha256(whole.encode()).hexdigest()


def _wait_for_turn(channel: Channel, deadline: float) -> None:
    """Keep Connect's pace: wait here for a short while, in the queue for a long one."""
    rate = channel.settings.tasks_per_second
    while wait := channel.cases.pass_gate(_GATE, rate, _BURST, channel.now()):
        if channel.now() + wait > deadline:
            raise Retryable("paced", after=int(wait) + 1)
        channel.pause(wait)


def _name(news: News) -> str:
    subject = news.shown.subject or "(no subject)"
    if news.lost:
        complaint = news.lost.returned.startswith("complained")
        subject = f"{'Complaint about' if complaint else 'Not delivered'}: {subject}"
    return subject[:_NAME_LIMIT]


def _description(news: News) -> str:
    if news.lost:
        what = "A forwarded mail" if news.lost.kind == FORWARD else "An answer"
        told = f"{what} to {', '.join(news.lost.to)}: {news.lost.returned}"
        return told[:_NAME_LIMIT]
    sender = news.shown.from_
    who = f"{sender.name} <{sender.address}>" if sender.name else sender.address
    return f"Email from {who or 'an unknown sender'}"[:_NAME_LIMIT]
