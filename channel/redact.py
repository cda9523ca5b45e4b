"""Taking one address out of what the channel keeps about others. Pure: values in, values out."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from emailchannel import journal
from emailchannel.ports import Intake, Record

ERASED: Final = "erased"
MARK: Final = "[erased]"
_PEOPLE: Final = frozenset({"address", "emailAddress"})
# What the row of a message, or the journal's copy of one, says of its author and of his words.
_BLANK: Final[dict[str, Any]] = {
    "reason": ERASED,
    "flags": [],
    "to": [],
    "cc": [],
    "reply_to": [],
    "subject": "",
    "message_id": "",
    "references": [],
    "attachments": [],
    "language": "",
    "sentiment": "",
}


class Address:
    """An address to look for, whatever the case of its letters.

    It is not found in a longer one: ann@a.example is neither in joann@a.example nor in
    ann@a.example.org.
    """

    def __init__(self, address: str) -> None:
        self.text = address.lower()
        name = re.escape(self.text)
        self._pattern = re.compile(
            rf"(?<![\w.%+\-]){name}(?![\w\-]|\.\w)", re.IGNORECASE | re.ASCII
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other.lower() == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def is_in(self, value: Any) -> bool:
        """Whether the address is anywhere in a value: in its texts, its keys, its members."""
        if isinstance(value, str):
            return self._pattern.search(value) is not None
        if isinstance(value, Mapping):
            return any(self.is_in(name) or self.is_in(entry) for name, entry in value.items())
        if isinstance(value, (list, tuple, set)):
            return any(map(self.is_in, value))
        return False

    def out_of(self, value: Any) -> Any:
        """The value without the address: it leaves lists and maps, and is marked in texts."""
        if isinstance(value, str):
            return "" if self == value else self._pattern.sub(MARK, value)
        if isinstance(value, Mapping):
            return {n: self.out_of(entry) for n, entry in value.items() if not self.is_in(n)}
        if isinstance(value, (list, tuple)):
            return [self.out_of(entry) for entry in value if not self._is_him(entry)]
        return value

    def _is_him(self, entry: Any) -> bool:
        if isinstance(entry, Mapping):
            return any(entry.get(name) == self for name in _PEOPLE)
        return bool(self == entry)


def without_author(message: Mapping[str, Any], people: str) -> dict[str, Any]:
    """A message as it stays on another customer's case: that it was there, and nothing of it.

    `people` is the attribute with its author: `sender` in a row, `from_` in the journal.
    """
    held = message["disposition"] == "held"
    original = f"formatted/{message['id']}.eml"
    blank = {**_BLANK, people: {"address": "", "name": ""}, "raw_key": original}
    return {**message, **blank, "disposition": "blocked" if held else message["disposition"]}


def tombstone(intake: Intake) -> Intake:
    """What remains of a mail: that it came and is not to be taken in again."""
    return Intake(intake.ses_id, intake.route, ERASED, at=intake.at, stage="done")


def tombstone_record(intake: Intake) -> Record:
    """The journal's word of it; the same mail, the same record."""
    change: dict[str, Any] = {
        "case_id": "",
        "logs": [],
        "intake": asdict(tombstone(intake)),
        "case": None,
        "message": None,
        "outgoing": [],
        "state": None,
        "content": "",
        "replaces": "",
        "decided": None,
        "joins": None,
        "blocks": "",
    }
    identity = f"{ERASED}-{intake.ses_id}-{intake.route}"
    return Record(journal.CHANGE, identity, "", intake.at, {"change": change})


def record_without(record: Record, address: Address) -> Record:
    """A record of somebody else's case, without the address and without what its owner wrote."""
    facts = dict(record.facts)
    change: dict[str, Any] = dict(facts.get("change") or {})
    for name in ("message", "decided"):
        message = change.get(name)
        if message and address == message["from_"]["address"]:
            change[name] = without_author(message, "from_")
            change["content"] = ""
    intake = change.get("intake")
    if intake and address == intake["sender"]:
        change["intake"] = {**intake, "outcome": ERASED, "sender": "", "reason": ""}
    joins = change.get("joins")
    if joins and address == joins["address"]:
        change["joins"] = None
    if change:
        facts["change"] = change
    cleaned: dict[str, Any] = address.out_of(facts)
    return Record(record.kind, record.id, record.case_id, record.at, cleaned)


def row_without(item: Mapping[str, Any], address: Address) -> dict[str, Any]:
    """A row of somebody else's, without the address."""
    if str(item["sk"]).startswith("MSG#") and address == item["sender"]["address"]:
        item = without_author(item, "sender")
    cleaned: dict[str, Any] = address.out_of(item)
    return cleaned


def document(message_id: str, case_id: str, received_at: str) -> bytes:
    """The page's document of a mail that was erased (document.py has its form)."""
    nobody = {"name": "", "address": ""}
    text = "This mail was erased, as the person who wrote it has a right to."
    body = {
        "version": 1,
        "case_id": case_id,
        "message_id": message_id,
        "received_at": received_at,
        "from": nobody,
        "reply_to": [],
        "to": [],
        "cc": [],
        "subject": "",
        "date": None,
        "text": text,
        "new_text": text,
        "quoted_text": "",
        "signature": "",
        "html": "",
        "attachments": [],
        "language": None,
        "sentiment": None,
        "key_phrases": [],
        "entities": [],
        "authenticated": False,
        "warnings": [],
        "flags": [],
        "encryption": None,
    }
    return json.dumps(body).encode()
