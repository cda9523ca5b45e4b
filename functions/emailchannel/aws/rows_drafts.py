"""Rows of what agents write before it is sent: drafts, uploaded files, and letters under way."""

import json
import zlib
from dataclasses import asdict

from ..desk.values import Canned, Saved, Upload, Writing
from . import items
from .items import Item
from .table import NEW, Rows

_DAY = 86_400
_FILE_LIFE = 30 * _DAY  # seconds; as long as its bytes are kept
_FRESH = 60_000  # milliseconds within which a letter sent again is the same to the second


class DraftRows(Rows):
    """One draft a case. Its text is packed: an item takes 400 kB."""

    def keep_upload(self, case_id: str, upload: Upload, now: int) -> None:
        row = {**_file_key(case_id, upload.id), **asdict(upload)}
        self._table.put({**row, "ttl": now // 1000 + _FILE_LIFE})

    def upload(self, case_id: str, file_id: str) -> Upload | None:
        item = self._table.get(_file_key(case_id, file_id))
        if item is None:
            return None
        values = {name: item[name] for name in Upload.__dataclass_fields__}
        return Upload(**{**values, "size": int(values["size"])})

    def draft(self, case_id: str) -> Saved | None:
        item = self._table.get(_draft_key(case_id))
        return _saved(item) if item and "packed" in item else None

    def keep_draft(self, case_id: str, saved: Saved) -> bool:
        """Keep a draft as the version after the one there is; False when there is another."""
        packed = zlib.compress(json.dumps(asdict(saved.writing), ensure_ascii=False).encode())
        row = {**_draft_key(case_id), "packed": packed}
        row |= {"version": saved.version, "author": saved.author, "at": saved.at}
        before = saved.version - 1
        # A draft that was dropped leaves its number behind: nobody's old copy takes its place.
        condition = "attribute_not_exists(pk)" if before == 0 else "version = :before"
        if before == 0:
            condition += " OR attribute_not_exists(packed)"
            return self._keep(row, condition)
        return self._keep(row, condition, before=before)

    def _keep(self, row: Item, condition: str, **values: int) -> bool:
        if self._table.put(row, condition, **values):
            return True
        found = self._table.get({name: row[name] for name in ("pk", "sk")})
        return bool(found) and _same(found or {}, row)  # the answer to our own try was lost

    def drop_draft(self, case_id: str, version: int) -> bool:
        """Forget this version of the draft; False when there is another by now."""
        key = _draft_key(case_id)
        dropped = self._table.update(key, "REMOVE packed", "version = :version", version=version)
        if dropped is not None:
            return True
        found = self._table.get(key)
        return found is None or "packed" not in found

    def own_replies(self, agent_id: str) -> list[Canned]:
        """The prepared replies of an agent."""
        found = self._table.query(_own_key(agent_id)["pk"], "REPLY#")
        return [Canned(item["id"], item["title"], item["subject"], item["html"]) for item in found]

    def keep_own_reply(self, agent_id: str, reply: Canned) -> None:
        """Write one, over the one with its id if there is one."""
        self._table.put({**_own_key(agent_id, reply.id), **asdict(reply)})

    def drop_own_reply(self, agent_id: str, reply_id: str) -> None:
        """Delete one, if it is there."""
        self._table.delete(_own_key(agent_id, reply_id))

    def begun_letter(
        self, identity: str, digest: str, now: int, *, for_good: bool = False
    ) -> tuple[str, int]:
        """Note that a letter is being written, and when; who comes again gets what was noted.

        That lasts a day, or `for_good`.
        """
        row = {"pk": f"LETTER#{identity}", "sk": "LETTER", "digest": digest, "at": now}
        if not for_good:
            row["ttl"] = now // 1000 + _DAY
        if self._table.put(row, f"{NEW} OR (digest = :digest AND #at < :old)",
                           digest=digest, old=now - _FRESH):  # fmt: skip
            return digest, now
        found = self._table.get({name: row[name] for name in ("pk", "sk")})
        return (found["digest"], int(found["at"])) if found else (digest, now)


def _file_key(case_id: str, file_id: str) -> Item:
    return items.case_key(case_id, f"FILE#{file_id}")


def _own_key(agent_id: str, reply_id: str = "") -> Item:
    return {"pk": f"AGENT#{agent_id}", "sk": f"REPLY#{reply_id}"}


def _draft_key(case_id: str) -> Item:
    return items.case_key(case_id, "DRAFT")


def _same(found: Item, row: Item) -> bool:
    kept = {**found, "packed": bytes(found.get("packed", b""))}
    return all(kept.get(name) == value for name, value in row.items())


def _saved(item: Item) -> Saved:
    told = json.loads(zlib.decompress(bytes(item["packed"])))
    lists = {name: tuple(told[name]) for name in ("to", "cc", "bcc", "files")}
    return Saved(int(item["version"]), item["author"], int(item["at"]), Writing(**told | lists))
