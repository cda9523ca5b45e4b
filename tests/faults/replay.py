"""What a rebuild from S3 would make of the table, compared with the table, without a call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .lab import ACCOUNT

if TYPE_CHECKING:
    from .state import State

Difference = tuple[str, str, str, tuple[str, ...]]


def differences(state: State) -> Iterator[Difference]:
    """(kind of row, kind of sort key, missing | different | unrecorded, attributes)."""
    from channel.records import Records, span
    from emailchannel.aws.rows_rebuild import RebuildRows

    records = Records(_Bucket(state))
    rows = RebuildRows(_table(state))
    for place in records.listing(span(None, None)).places:
        for found in rows.differences(records.folded(place)):
            kinds = (name.partition("#")[0] for name in (found.pk, found.sk))
            yield (*kinds, found.what, found.names)
    for _key in records.unreadable:
        yield "journal", "record", "unreadable", ()


class _Bucket:
    """The objects of the mail bucket, as the emulator keeps them."""

    def __init__(self, state: State) -> None:
        from ministack.services import s3

        name = state.lab.s.resources["MailBucket"]
        self._objects = s3._buckets._data[ACCOUNT, name]["objects"]

    def page(self, prefix: str, after: str = "") -> tuple[list[Any], str]:
        from emailchannel.ports import Stored

        keys = sorted(key for key in self._objects if key.startswith(prefix) and key > after)
        return [Stored(key, 0) for key in keys], ""

    def read(self, key: str) -> bytes | None:
        found = self._objects.get(key)
        return bytes(found["body"]) if found else None


def _table(state: State) -> Any:
    """The table's interface over the rows that have been read already."""
    from emailchannel.aws.table import Table

    rows = {(row["pk"], row["sk"]): row for row in state.rows}

    class Rows(Table):
        def get(self, key: dict[str, Any]) -> dict[str, Any] | None:
            return rows.get((key["pk"], key["sk"]))

        def query(
            self, pk: str, prefix: str = "", *, forward: bool = True
        ) -> Iterable[dict[str, Any]]:
            found = sorted(name for name in rows if name[0] == pk and name[1].startswith(prefix))
            return [rows[name] for name in (found if forward else reversed(found))]

    return Rows(None, "table")
