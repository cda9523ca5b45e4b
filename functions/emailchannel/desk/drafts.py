"""The draft of a case: it outlives a session, a reload of the page, and a transfer."""

from dataclasses import dataclass, replace

from ..case import Agent, Contact
from ..mail import html
from ..ports import Channel
from .values import Saved, Writing


@dataclass(frozen=True)
class Changed:
    """Somebody has saved since; None where the draft was sent or thrown away."""

    draft: Saved | None


def save(
    channel: Channel, contact: Contact, agent: Agent, version: int, writing: Writing
) -> Saved | Changed:
    """Keep what stands in the composer as the version after `version`, the last one seen."""
    # Another agent's page will show it: it is as harmless as what is sent.
    writing = replace(writing, html=html.sanitise(writing.html))
    saved = Saved(version + 1, agent.username, channel.now_ms(), writing)
    if channel.cases.keep_draft(contact.case_id, saved):
        return saved
    return Changed(channel.cases.draft(contact.case_id))


def drop(channel: Channel, contact: Contact, version: int) -> Changed | None:
    """Throw this version away; Changed when there is a newer one."""
    if channel.cases.drop_draft(contact.case_id, version):
        return None
    return Changed(channel.cases.draft(contact.case_id))
