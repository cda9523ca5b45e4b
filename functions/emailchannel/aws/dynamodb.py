"""The table as the verbs see it: `ports.Cases`, from the rows of its parts."""

from .rows_contacts import ContactRows
from .rows_outbox import OutboxRows
from .rows_sessions import SessionRows


class DynamoCases(OutboxRows, ContactRows, SessionRows):
    """`ports.Cases` over one table."""
