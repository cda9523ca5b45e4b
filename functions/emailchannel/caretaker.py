"""What is looked after without anybody asking: whatever should have happened by now and has not.

Every finding is put back into its queue, where the same code works on it as ever. Nothing depends
on a notification, an event or a queue's message having arrived.
"""

from collections.abc import Callable
from typing import Final

from . import assignment, canary, journal, trust, unsettled
from .case import OPEN, Case, Interaction, Message
from .ports import INBOUND, RELAY, Channel, Stored, Todo
from .receive import SETUP_NOTIFICATION

MINUTE: Final = unsettled.MINUTE
HOUR: Final = 60 * MINUTE
UNTOUCHED: Final = 15 * MINUTE  # an object of this age has been taken in, or will not be
_OVERLAP: Final = HOUR  # a sweep looks again at what is so much older than the last clean one
_PAGES: Final = 100  # of 1,000 objects, in one run
_AT_ONCE: Final = 100
_CASES_AT_ONCE: Final = 20
_CONNECT_PACE: Final = 0.5  # seconds between two questions to Connect
_CANARY_PACE: Final = 4 * MINUTE
_SEEN: Final = 6 * HOUR  # until a waiting case in order is looked at again

Findings = dict[str, int]


def steps(channel: Channel) -> dict[str, Callable[[], Findings]]:
    """The parts of one round. Each stands alone: one that fails must not keep the others back."""
    return {
        "journal": lambda: _journal(channel),
        "sweep": lambda: _sweep(channel),
        "intakes": lambda: _intakes(channel),
        "outbox": lambda: _outbox(channel),
        "holds": lambda: _holds(channel),
        "cases": lambda: _cases(channel),
    }


def _journal(channel: Channel) -> Findings:
    """Changes whose object in S3 is missing."""
    late = channel.cases.todo("journal", channel.now_ms() - MINUTE, _AT_ONCE)
    for entry in late:
        if record := channel.cases.record(entry.id):
            journal.catch_up(channel, record)
    return {"LateJournal": len(late)}


def _sweep(channel: Channel) -> Findings:
    """Mails in the bucket that nobody has taken in: their notification was lost."""
    return {"UnprocessedObjects": sum(_sweep_one(channel, route) for route in (INBOUND, RELAY))}


def _sweep_one(channel: Channel, route: str) -> int:
    """A few pages of the bucket; the next run goes on where this one ends.

    Once round, all that is older is known to be in order, and the next round looks at newer
    objects only: each is looked at a few times, however long it is kept.
    """
    after, begun, clean = channel.cases.sweep_mark(route)
    now = channel.now_ms()
    begun = begun if after else now
    found = 0
    for _ in range(_PAGES):
        page, after = channel.mails.page(f"{route}/", after)
        for stored in page:
            if clean - _OVERLAP < stored.at < now - UNTOUCHED and _is_new(channel, stored):
                found += 1
                begun = min(begun, stored.at)  # it stays in sight until it has a row
                _take_once(channel, stored.key)
        if not after:
            clean, begun = begun - UNTOUCHED, 0
            break
    channel.cases.keep_sweep_mark(route, after, begun, clean)
    return found


def _take_once(channel: Channel, key: str) -> None:
    """Once an hour: it may wait in a long queue, or lie among the dead letters."""
    if channel.cases.tally(f"swept#{key}", HOUR // 1000, channel.now()) == 1:
        take(channel, key)


def _is_new(channel: Channel, stored: Stored) -> bool:
    route, _, name = stored.key.partition("/")
    if name.endswith((".json", SETUP_NOTIFICATION)):  # the notification beside a mail; SES's own
        return False
    return channel.cases.intake(name, route) is None


def take(channel: Channel, key: str) -> None:
    """Have a stored mail taken in, on the route it lies on."""
    if key.startswith(f"{RELAY}/"):
        channel.queues.relay(key)
    else:
        channel.queues.ingest(key)


def _intakes(channel: Channel) -> Findings:
    """Mails that were kept, and what must follow was not started."""
    now = channel.now_ms()
    late = channel.cases.todo("intake", now - UNTOUCHED, _AT_ONCE)
    for entry in late:
        if entry.scope in {INBOUND, RELAY}:
            take(channel, f"{entry.scope}/{entry.id}")
        else:
            _moved(channel, entry)
        channel.cases.put_off(entry, now)
    return {"UnfinishedIntakes": len(late)}


def _moved(channel: Channel, entry: Todo) -> None:
    """A held mail that an agent gave a case of its own."""
    intake = channel.cases.intake(entry.id, entry.scope)
    message = intake and channel.cases.message(intake.case_id, intake.message_id)
    if intake and message:
        channel.cases.customer_wrote(intake.case_id, message)
        channel.queues.task(intake.case_id, intake.message_id)
        channel.cases.done(intake)


def _outbox(channel: Channel) -> Findings:
    found = unsettled.care(channel)
    last = channel.cases.canary()
    due = last is None or channel.now_ms() - last.sent_at > _CANARY_PACE
    # A canary also proves that SES's events arrive, which an unknown mail waits for.
    if due and (channel.settings.canary or found["unknown"]):
        canary.send(channel)
    told = {"UnknownSends": found["unknown"], "ForgottenSends": found["forgotten"]}
    if last and channel.settings.canary and not last.arrived_at:
        told["CanaryAgeMinutes"] = (channel.now_ms() - last.sent_at) // MINUTE
    return told


def _holds(channel: Channel) -> Findings:
    """A held mail is never dropped: who holds the case is asked again and again."""
    now, patience = channel.now_ms(), channel.settings.remind_hours * HOUR
    old, oldest = channel.cases.todo("hold", now - patience, _AT_ONCE), now
    for entry in old:
        message = channel.cases.message(entry.scope, entry.id)
        oldest = min(oldest, message.at) if message else oldest
        case = channel.cases.case(entry.scope)
        if message and case and message.disposition == trust.HELD:
            _remind(channel, case, message, entry)
        channel.cases.put_off(entry, now)
    return {"RemindedHolds": len(old), "OldestHoldMinutes": (now - oldest) // MINUTE}


def _remind(channel: Channel, case: Case, message: Message, entry: Todo) -> None:
    if case.contact_id:  # it is in an open task, if Connect still has that
        _task_lost(channel, case, entry)
        return
    log = Interaction(entry.at, "reminded", "channel", message.reason, message.id)
    journal.note(channel, case.id, log)
    channel.queues.task(case.id, message.id, f"reminder-{entry.at}")


def _cases(channel: Channel) -> Findings:
    """Customers who wait, and whose task Connect does not have any more."""
    now, lost = channel.now_ms(), 0
    for entry in channel.cases.todo("case", now - 2 * UNTOUCHED, _CASES_AT_ONCE):
        case = channel.cases.case(entry.id)
        wait = _SEEN
        if case and case.status == OPEN and not case.answered:
            found = _task_lost(channel, case, entry)
            lost += found
            wait = 0 if found else wait
        channel.cases.put_off(entry, now + wait)
    return {"LostTasks": lost}


def _task_lost(channel: Channel, case: Case, entry: Todo) -> bool:
    if case.contact_id:
        channel.pause(_CONNECT_PACE)
        reason, at = channel.contacts.over(case.contact_id)
        contact = channel.cases.contact(case.contact_id)
        if not reason or contact is None:
            return False
        assignment.over(channel, contact, reason, at or channel.now_ms())
        return True
    last = channel.cases.contact(case.last_contact) if case.last_contact else None
    if last and last.agent_id:  # an agent ended it, and knows what waits
        return False
    return assignment.offer_again(channel, case.id, f"found-{entry.at}")
