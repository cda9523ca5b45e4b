"""SES's notification of a mail, kept beside it: only there are the envelope and the verdicts."""

from dataclasses import replace

from .ports import Channel, Envelope


def keep(channel: Channel, envelope: Envelope) -> Envelope:
    """Write the notification, where one came; returns the envelope with its time of receipt.

    Whoever takes in a mail calls this once he knows that the mail is new: the notification of one
    that was erased must not come back. A mail whose notification was lost came when it was stored.
    """
    if envelope.notification:
        key, text = f"{envelope.key}.json", envelope.notification
        channel.mails.write(key, text.encode(), "application/json")
    at = envelope.at or channel.mails.written_at(envelope.key) or channel.now_ms()
    return replace(envelope, at=at, notification="")
