"""What the clock makes due in one contact centre. The lock is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from local.connect import contacts, routing, runner, tasks
from local.connect.centre import ContactCentre
from local.connect.model import OVER, Contact, ContactState, Execution

WHISPER_SECONDS = 120.0  # a longer agent whisper disconnects the contact


def fire(centre: ContactCentre) -> None:
    """Do everything that is due now, then route: a queue's delay may have passed."""
    for work in list(_due(centre)):
        work()
    routing.route(centre)


def count_due(centre: ContactCentre) -> int:
    """How many waits, expiries, offers and schedules the next `fire` will deal with."""
    return sum(1 for _ in _due(centre))


def _due(centre: ContactCentre) -> Iterator[Callable[[], None]]:
    now = centre.now()
    for execution in centre.instance.executions.values():
        if execution.wake_at is not None and execution.wake_at <= now:
            yield partial(_if_running, centre, execution)
    for contact in centre.instance.contacts.values():
        work = None if contact.state in OVER else _due_for(centre, contact, now)
        if work is not None:
            yield work


def _if_running(centre: ContactCentre, execution: Execution) -> None:
    """Unless something else that was due has ended its contact meanwhile."""
    if centre.is_running(execution):
        runner.wake(centre, execution)


def _due_for(centre: ContactCentre, contact: Contact, now: float) -> Callable[[], None] | None:
    since = now - contact.state_since
    if contact.expires_at <= now:
        return lambda: contacts.end(centre, contact, contacts.EXPIRED)
    if contact.state == ContactState.CREATED and (contact.scheduled_at or 0.0) <= now:
        return lambda: tasks.start_scheduled(centre, contact)
    if contact.state == ContactState.OFFERED and since >= routing.RING_SECONDS:
        return lambda: routing.miss(centre, contact)
    if contact.state == ContactState.ACCEPTED and since >= WHISPER_SECONDS:
        return lambda: contacts.end(centre, contact, contacts.OTHER)
    return None
