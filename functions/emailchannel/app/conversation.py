"""A conversation of an app's own: a case whose answers come to the app."""

import hashlib
from typing import Final

from .. import journal
from ..case import APP, REJECTED, RESOLVED, WAITING, Case, Interaction, Participant
from ..document import SUBJECT_LIMIT
from ..errors import Retryable
from ..mail import alias
from ..mail.text import clean
from ..ports import Change, Channel
from . import cases, letter, send
from .values import Ask, Place, Refused

ONLY: Final = "only"  # answers come to the app alone
TASK: Final = "task"  # agents get them as tasks, too


def begin(
    channel: Channel, to: str, subject: str, from_: str = "", *, task: bool = False, key: str = ""
) -> Case | Refused:
    """Open a conversation with an address. The same key again is the same conversation."""
    address, sender = letter.recipient_of(channel, to), letter.sender_of(channel, from_)
    if isinstance(address, Refused):
        return address
    if isinstance(sender, Refused):
        return sender
    subject = clean(subject, SUBJECT_LIMIT)
    if not subject:
        return Refused("InvalidInput", "A conversation needs a subject.")
    told = "|".join((address.addr, address.name, subject, from_, str(task)))
    begun = send.begin(channel, "open", key, hashlib.sha256(told.encode()).hexdigest())
    if isinstance(begun, Refused):
        return begun
    identity, at = begun
    case = Case(
        id=alias.case_id(channel.keys.case_key(), identity),
        customer=Participant(address.addr, address.name),
        subject=subject,
        created_at=at,
        status=WAITING,
        app=TASK if task else ONLY,
        app_name=sender.name if from_.strip() else "",
    )
    log = Interaction(at, "opened", APP, case.app, identity)
    if not journal.keep(channel, Change(case.id, (log,), case=case)):
        known = channel.cases.case(case.id)
        if known is None:
            raise Retryable("the change was refused")
        if known.customer.address != case.customer.address:
            return send.CONFLICT
        return known
    return case


def post(channel: Channel, case_id: str, ask: Ask) -> Place | Refused:
    """Say something in a conversation: a mail to whom it is with."""
    case = cases.known(channel, case_id)
    if case is None:
        return Refused("NotFound", "There is no such conversation.")
    if not case.app:
        words = "This case is the agents': write to it with sendMessage and its caseId."
        return Refused("InvalidInput", words)
    customer = case.customer
    asked = {**vars(ask), "to": customer.address, "case_id": case.id}
    return send.send(channel, Ask(**asked))


def is_open(case: Case) -> bool:
    """Whether mail of the other side still comes into it."""
    return case.status not in {RESOLVED, REJECTED}


def reply_to(channel: Channel, case: Case) -> str:
    """The address that stands for a case."""
    settings = channel.settings
    return alias.customer_alias(settings.inquiry_local, case.id, settings.domain)
