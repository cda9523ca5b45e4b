"""The header fields of a mail, for people who want to see them."""

from typing import Final

from ..mail.headers import Headers, scan
from ..mail.text import clean

ENOUGH: Final = 65_536
_MOST: Final = 400
_LONGEST: Final = 4_000  # characters of a field
_ALL: Final = 64_000
_CAPITALS: Final = {name.lower(): name for name in ("ARC", "DKIM", "ID", "MIME", "SES", "SPF")}


def shown(raw: bytes) -> list[list[str]]:
    """[[name, value], ...] as they stand in the mail, encoded words decoded, long ones cut.

    `raw` is the mail, or its first ENOUGH octets: a field that these cut is left out.
    """
    read = scan(raw)
    fields = read.headers.fields[:_MOST]
    if len(raw) == ENOUGH == read.body:
        fields = fields[:-1]
    found: list[list[str]] = []
    room = _ALL
    for field in fields:
        value = clean(Headers((field,)).text(field.name), _LONGEST)
        room -= len(value) + len(field.name)
        if room < 0:
            break
        found.append([_written(field.name), value])
    return found


def _written(name: str) -> str:
    """A field name as it is mostly written: its letters were made small when it was read."""
    return "-".join(_CAPITALS.get(word, word.capitalize()) for word in name.split("-"))
