"""Rows as the agent page asks for them: pages from the newest on, and who is looking."""

from ..case import Case, Interaction, Message
from ..ports import Viewer
from . import items
from .table import Rows

_LIFE = 600  # seconds until DynamoDB may take a look away; it is old much earlier


class DeskRows(Rows):
    """What agents see of cases. A page is oldest first; `before` is the sort key it ends at."""

    def message_page(self, case_id: str, limit: int, before: str = "") -> tuple[list[Message], str]:
        found, older = self._table.page(f"CASE#{case_id}", "MSG#", limit, before)
        return [items.to_message(item) for item in reversed(found)], older

    def log_page(self, case_id: str, limit: int, before: str = "") -> tuple[list[Interaction], str]:
        found, older = self._table.page(f"CASE#{case_id}", "LOG#", limit, before)
        return [items.to_interaction(item) for item in reversed(found)], older

    def cases_of(self, address: str, limit: int, before: str = "") -> tuple[list[Case], str]:
        """The cases of a customer, newest first."""
        found, older = self._table.page(f"ADDRESS#{address}", "CASE#", limit, before)
        heads = (self._table.get(items.case_key(item["case_id"])) for item in found)
        return [items.to_case(head) for head in heads if head], older

    def looking(self, case_id: str, viewer: Viewer) -> None:
        row = items.viewer_item(case_id, viewer)
        self._table.put({**row, "ttl": viewer.at // 1000 + _LIFE})

    def viewers(self, case_id: str, since: int) -> list[Viewer]:
        found = map(items.to_viewer, self._table.query(f"CASE#{case_id}", "VIEW#"))
        return [viewer for viewer in found if viewer.at >= since]
