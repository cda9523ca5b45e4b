"""Texts (SMS) for tests, put into the outbox as who sends them would."""

from dataclasses import replace

from emailchannel import journal, outbox
from emailchannel.ports import Change


def frozen(s, name, number, text, sender="+12065550100", case_id="", message_id=""):
    """A text in the outbox, with nobody told to send it; returns its outbox id."""
    identity = outbox.outbox_id("test", name)
    made = outbox.freeze_text(s.channel, identity, number, text, sender, case_id)
    outgoing = replace(made, message_id=message_id)
    assert journal.keep(s.channel, Change(case_id, outgoing=(outgoing,)))
    return identity


def send_text(s, name, number, text, **more):
    """A text sent, and all that follows from it; returns its outbox id."""
    identity = frozen(s, name, number, text, **more)
    s.channel.queues.send(identity)
    s.settle()
    return identity


def state(s, identity):
    """(state, status of the number, why) of a text."""
    outgoing = s.channel.cases.outgoing(identity)
    [told] = s.channel.cases.recipients_status(identity).values() or [("", "")]
    return outgoing.state, *told
