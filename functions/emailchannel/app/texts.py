"""SMS before it is sent: is this a phone number, and in how many parts does the text leave?

Sources: ITU-T E.164; 3GPP TS 23.038 (GSM 03.38: the 7-bit alphabet and its extension table);
3GPP TS 23.040 9.2.3.24.1 (a part gives six octets to its header); limits of the service: AWS End
User Messaging SMS user guide, "SMS character limits", and API reference, SendTextMessage.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

GSM_7: Final = "GSM_7"
UCS_2: Final = "UCS_2"
# Units in a text of one part, in each part of several, and in all that the service takes.
WHOLE: Final = {GSM_7: 160, UCS_2: 70}
PART: Final = {GSM_7: 153, UCS_2: 67}
MOST: Final = {GSM_7: 1530, UCS_2: 630}
LONGEST: Final = 1600  # UTF-16 units of MessageBody

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN: Final = str.maketrans("", "", " .-()")
_CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    f"¡{_CAPITALS}ÄÖÑÜ§¿{_CAPITALS.lower()}äöñüà"
)
EXTENSION: Final = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Segments:
    """How a text is sent: GSM_7 or UCS_2, in `count` parts, of so many `units` in all.

    A unit is a septet of GSM_7 (characters of the extension table have two) or 16 bits of UCS_2.
    """

    encoding: str
    count: int
    units: int


def e164(written: str) -> str:
    """The number as + and 7 to 15 digits, or empty where it is none.

    Spaces, dots, hyphens and parentheses may stand in it, and nothing else.
    """
    number = written.translate(_BETWEEN)
    return number if _NUMBER.fullmatch(number) else ""


def encoding(text: str) -> str:
    """GSM_7 where all characters are in its two tables, else UCS_2 for the whole text."""
    return GSM_7 if set(text) <= BASIC | EXTENSION else UCS_2


def segments(text: str) -> Segments:
    """The encoding of a text, and its parts and units; an empty text has none."""
    chosen = encoding(text)
    return Segments(chosen, len(parts(text)), sum(map(_measure(chosen), text)))


def parts(text: str) -> list[str]:
    """The text as it is cut for sending: no character stands in two parts."""
    chosen = encoding(text)
    units = _measure(chosen)
    if sum(map(units, text)) <= WHOLE[chosen]:
        return [text] if text else []
    found, start, filled = [], 0, 0
    for place, character in enumerate(text):
        if filled + units(character) > PART[chosen]:
            found.append(text[start:place])
            start, filled = place, 0
        filled += units(character)
    return [*found, text[start:]]


def refusal(text: str) -> str:
    """Why the service would not take the text: empty, not-text, too-long; or empty."""
    if not text.strip():
        return "empty"
    if any("\ud800" <= character <= "\udfff" for character in text):  # half a character
        return "not-text"
    long = segments(text).units > MOST[encoding(text)] or sum(map(_wide, text)) > LONGEST
    return "too-long" if long else ""


def _measure(chosen: str) -> Callable[[str], int]:
    return _septets if chosen == GSM_7 else _wide


def _septets(character: str) -> int:
    return 2 if character in EXTENSION else 1


def _wide(character: str) -> int:
    """UTF-16 units: characters beyond the first plane are a pair of surrogates."""
    return 2 if character > "\uffff" else 1
