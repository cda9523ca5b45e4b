"""Rows as other systems ask for them: messages by their id, by recipient, and of a case."""

from collections.abc import Sequence

from ..app.ulid import time_of
from ..app.values import AppMessage, Place
from ..case import Message
from . import items
from .table import Rows


class AppRows(Rows):
    """What the messages API sees. Pages go from a position (a sort key) on."""

    def place(self, identity: str) -> Place | None:
        """Where the message with this id is; None when there is none."""
        found = list(self._table.query(f"APP#{identity}"))
        if not found:
            return None
        return items.to_place(found[0]) if found[0]["sk"] == "PLACE" else Place(identity)

    def listed(
        self, index: str, name: str, limit: int, position: str = ""
    ) -> tuple[list[Place], str]:
        """The newest messages of an index (items.entry_key), newest first."""
        pk = str(items.entry_key(index, name)["pk"])
        found, older = self._table.page(pk, "APP#", limit, position)
        return [items.to_place(item) for item in found], older

    def several(self, places: Sequence[Place]) -> list[AppMessage | Message]:
        """The messages of at most 100 places, in their order; who is gone is left out."""
        keys = [_key(place) for place in places]
        found = {(item["pk"], item["sk"]): item for item in self._table.several(keys)}
        rows = (found.get((key["pk"], key["sk"])) for key in keys)
        return [
            items.to_app(row) if row["sk"] == "APP" else items.to_message(row)
            for row in rows
            if row
        ]

    def thread(
        self, case_id: str, limit: int, position: str = "", *, newest_first: bool = False
    ) -> tuple[list[Message], str]:
        """Messages of a case in either order, and the position behind them."""
        found, more = self._table.page(
            f"CASE#{case_id}", "MSG#", limit, position, forward=not newest_first
        )
        return [items.to_message(item) for item in found], more


def _key(place: Place) -> items.Item:
    if not place.case_id:
        return items.app_key(place.id)
    return items.case_key(place.case_id, f"MSG#{time_of(place.id):013d}#{place.message_id}")
