"""How messages find their case again: anchor, ids, subject token, reply subject.

All of these *locate* a case. None of them proves anything about the sender. Message ids are
written without angle brackets here; `compose` adds them.
"""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from emailchannel.mail.text import clean

_MOST_REFERENCES: Final = 20
_LONGEST_ID: Final = 250
_LONGEST_SUBJECT: Final = 250
_ID: Final = re.compile(r"[!-;=?A-~]++@[!-;=?-~]+")
_CASE: Final = r"[0-9a-hjkmnp-tv-z]{20}"  # Crockford base32, lower case
_NAME: Final = re.compile(r"[0-9A-Za-z]{1,64}")
_TOKEN: Final = re.compile(rf"\[#({_CASE})\]", re.I)


def anchor(case_id: str, domain: str) -> str:
    """The id that stands for the case in References: `case.<case_id>@<domain>`.

    SES rewrites Message-ID but leaves References alone, and replies carry it back. Raises
    ValueError for a case id that is not letters and digits.
    """
    if not _NAME.fullmatch(case_id):
        raise ValueError("a case id holds letters and digits only")
    return f"case.{case_id.lower()}@{domain.lower()}"


def case_from_references(refs: Iterable[str], domain: str) -> str | None:
    """The case of the last anchor of ours among message ids (with or without brackets)."""
    pattern = re.compile(rf"<?case\.({_CASE})@{re.escape(domain)}>?", re.I)
    found = [match[1].lower() for ref in refs if (match := pattern.fullmatch(ref.strip()))]
    return found[-1] if found else None


def ses_ids(refs: Iterable[str]) -> tuple[str, ...]:
    """SES message ids among message ids, the last one first, each once.

    The id that SendEmail returned is the left part; the right one depends on the region
    (`email.amazonses.com`, `eu-west-1.amazonses.com`).
    """
    found: dict[str, None] = {}
    for ref in refs:
        left, _, right = ref.strip().strip("<>").rpartition("@")
        if left and f".{right.lower()}".endswith(".amazonses.com"):
            found[left] = None
    return tuple(reversed(found))


def subject_token(case_id: str) -> str:
    """The token that may stand in a subject: `[#<case_id>]`."""
    return f"[#{case_id}]"


def case_from_subject(subject: str) -> str | None:
    """The case of the last token in a subject, or None."""
    found = _TOKEN.findall(subject[:2_000])
    return found[-1].lower() if found else None


# "Reply" as mail programs write it before a subject, by language.
_REPLY_WORDS: Final = (
    "re|réf|ref|rép|aw|antw|antwort|sv|vs|svar|vl|odp|rif|r|res|resp|rv|atb|ynt|cvp|vá|vast|bls|"
    "ang|oтв|отв|отг|на|ответ|одг|απ|σχετ|ανταπ|回复|回覆|答复|答覆|返信|re返信|답장|회신|"
    "השב|תגובה|رد|trả lời|ตอบ|ตอบกลับ|पुनः|पुन|odg|hr|ats|πρθ"
)  # fmt: skip
_REPLY_PREFIX: Final = re.compile(
    rf"\s*(?:{_REPLY_WORDS})\s?(?:[\[(]\d{{1,4}}[\])]|\^\d{{1,4}}|\*\d{{1,4}})?\s?[:：]\s*", re.I
)


def reply_subject(subject: str) -> str:
    """The subject of an answer: cleaned, at most 250 characters, `Re: ` in front exactly once.

    Reply prefixes of other languages ("AW:", "SV:", "RES:", "Re[2]:") are replaced;
    marks of a forwarded mail stay.
    """
    rest = clean(subject, 2 * _LONGEST_SUBJECT)
    while (match := _REPLY_PREFIX.match(rest)) is not None:
        rest = rest[match.end() :]
    return clean(f"Re: {rest}", _LONGEST_SUBJECT)


def references_for_reply(anchor_id: str, previous: Iterable[str] = ()) -> tuple[str, ...]:
    """Message ids for References: the anchor first, then the last 20 others.

    Only ids that fit a header are kept: `left@right`, printable ASCII, at most 250 characters. The
    anchor of another case would lead the reply there, so it is left out.
    """
    domain = anchor_id.rpartition("@")[2]
    kept: dict[str, None] = {}
    for ref in previous:
        bare = ref.strip().strip("<>")
        fits = len(bare) <= _LONGEST_ID and _ID.fullmatch(bare)
        if fits and not case_from_references((bare,), domain):
            kept.pop(bare, None)
            kept[bare] = None
    return (anchor_id, *list(kept)[-_MOST_REFERENCES:])
