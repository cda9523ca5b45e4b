"""Delivered mails handed on to a mailbox viewer over SMTP, when one is configured."""

from __future__ import annotations

import contextlib
import logging
import smtplib

from local.world.ses_out import Sent

log = logging.getLogger("local.relay")
_address: tuple[str, int] | None = None


def configure(address: str) -> None:
    """`host:port` of the viewer's SMTP server; an empty text turns the relay off."""
    global _address  # noqa: PLW0603  (set once, at start)
    host, _, port = address.rpartition(":")
    _address = (host, int(port)) if address else None


def deliver(mail: Sent) -> None:
    """Relay the delivered copy; a viewer that is not there is only logged."""
    if _address is None:
        return
    try:
        refused = contextlib.suppress(smtplib.SMTPRecipientsRefused)
        with smtplib.SMTP(*_address, timeout=5) as viewer, refused:
            viewer.sendmail(mail.sender, list(mail.recipients), mail.delivered)
    except OSError as error:
        log.warning("mailbox viewer: %s", error)
