"""The meeting that a mail carries (RFC 5545, RFC 6047), for showing only."""

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail.text import clean
from emailchannel.mail.values import Invitation

_MOST_LINES: Final = 5_000
_STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")


def invitation(text: str, method: str = "") -> Invitation | None:
    """The first event of an iCalendar object; None if there is none.

    `method` is the parameter of the Content-Type; the object's own METHOD wins.
    """
    found: dict[str, str] = {}
    inside = False
    for line in _unfold(text):
        name, _, value = line.partition(":")
        key, _, parameters = name.partition(";")
        key = key.strip().upper()
        if key in ("BEGIN", "END") and value.strip().upper() == "VEVENT":
            if inside:
                break
            inside = True
        elif key == "METHOD":
            method = value
        elif inside and key in ("SUMMARY", "ORGANIZER"):
            found.setdefault(key, value)
        elif inside and key in ("DTSTART", "DTEND"):
            found.setdefault(key, _stamp(value, parameters))
    if not inside:
        return None
    organizer = re.sub(r"(?i)^mailto:", "", found.get("ORGANIZER", ""))
    return Invitation(
        clean(method, 40).upper(),
        clean(re.sub(r"\\([,;\\])", r"\1", found.get("SUMMARY", "")).replace("\\n", " "), 250),
        found.get("DTSTART", ""),
        found.get("DTEND", ""),
        clean(organizer, 320),
    )


def _unfold(text: str) -> list[str]:
    lines: list[list[str]] = []
    for line in text.splitlines()[:_MOST_LINES]:
        if line[:1] in (" ", "\t") and lines:
            lines[-1].append(line[1:])
        else:
            lines.append([line])
    return ["".join(pieces)[:2_000] for pieces in lines]


def _stamp(value: str, parameters: str) -> str:
    match = _STAMP.match(value.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second, zulu = match.groups()
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    zone = re.search(r"TZID=\"?([^;:\"]{1,60})", parameters, re.I)
    return f"{date}T{hour}:{minute}:{second}{zulu}" + (f" {clean(zone[1], 60)}" if zone else "")
