"""The table as the verbs see it: `ports.Cases`, from the rows of its parts."""

from .rows_app import AppRows
from .rows_contacts import ContactRows
from .rows_desk import DeskRows
from .rows_drafts import DraftRows
from .rows_outbox import OutboxRows
from .rows_sessions import SessionRows
from .rows_watch import WatchRows


class DynamoCases(OutboxRows, ContactRows, SessionRows, WatchRows, DeskRows, DraftRows, AppRows):
    """`ports.Cases` over one table."""
