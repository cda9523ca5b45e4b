"""Delivered mails handed on to a mailbox viewer over SMTP, when one is configured."""

from __future__ import annotations

import contextlib
import logging
import smtplib
from collections.abc import Collection

from local.world.ses_out import Sent

log = logging.getLogger("local.relay")
_address: tuple[str, int] | None = None


def configure(address: str) -> None:
    """`host:port` of the viewer's SMTP server; an empty text turns the relay off."""
    global _address  # noqa: PLW0603  (set once, at start)
    host, _, port = address.rpartition(":")
    _address = (host, int(port)) if address else None


def deliver(mail: Sent, stopped: Collection[str] = ()) -> None:
    """Relay the delivered copy to all but `stopped`; a viewer that is not there is only logged."""
    addresses = [address for address in mail.recipients if address not in stopped]
    if _address is None or not addresses:
        return
    try:
        refused = contextlib.suppress(smtplib.SMTPRecipientsRefused)
        with smtplib.SMTP(*_address, timeout=5) as viewer, refused:
            viewer.sendmail(mail.sender, addresses, mail.delivered)
    except OSError as error:
        log.warning("mailbox viewer: %s", error)
