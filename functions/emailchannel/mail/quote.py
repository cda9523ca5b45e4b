"""What is new in a reply: the writer's words, the mail below them, the signature.

Lines are classified one by one; every pattern looks at a bounded piece of one line, so the time is
linear in the text whatever it holds. The result is for folding on a page: nothing is dropped.
"""

# ruff: noqa: RUF001 - words and signs of other scripts stand here on purpose

from __future__ import annotations

import re
from typing import Final

from emailchannel.mail import quote_words as words

_LONGEST_LINE: Final = 500
_MOST_LINES: Final = 6_000
_ATTRIBUTION_LINES: Final = 5
_LONGEST_ATTRIBUTION: Final = 400
_SIGNATURE_LINES: Final = 15
_FOOTER_LINES: Final = 6
_WRAPPED: Final = 55
_DIGIT: Final = re.compile(r"\d")
_COLONS: Final = (":", "：")
_RULES: Final = "-_=*—–>"  # how an announcement of another mail starts, if not with a word


def split(text: str) -> tuple[str, str, str]:
    """(new, quoted, signature) of a plain text with LF line ends.

    Each non-blank line of `text` is in exactly one of the three; a line that holds both an answer
    and the announcement of what it answers counts as two. Only the first 6,000 lines are
    looked at; what follows belongs where they end. Never raises, linear.
    """
    return _split(_one_thing_a_line(text), opening=True)


def _split(lines: list[str], *, opening: bool) -> tuple[str, str, str]:
    seen = [line[:_LONGEST_LINE].strip(" \t\r\f\v\ufeff\u200b") for line in lines[:_MOST_LINES]]
    start, length = _quote_start(seen)
    if opening and length and _stands_alone(seen, start, length):
        return _below_attribution(lines, start + length)
    kept, folded = _around_answers(seen, start, length, len(lines))
    cut = _signature_start([seen[i] if i < len(seen) else "" for i in kept])
    return (
        _join([lines[i] for i in kept[:cut]]),
        _join([lines[i] for i in folded]),
        _join([lines[i] for i in kept[cut:]]),
    )


def _one_thing_a_line(text: str) -> list[str]:
    lines = text.split("\n")
    if "--" not in text:
        return lines
    found: list[str] = []
    for line in lines:
        shared = len(line) < _LONGEST_LINE and "--" in line and words.ends_with_verb(line)
        match = words.SHARED_LINE.fullmatch(line) if shared else None
        found.extend(match.groups() if match else (line,))
    return found


def _join(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _quote_start(seen: list[str]) -> tuple[int, int]:
    """First line of what is quoted, and how many lines announce it; (len, 0) if nothing is."""
    for index, line in enumerate(seen):
        if not line:
            continue
        if line.startswith(">"):
            if _nothing_but_quoted(seen, index):
                return index, 0
            if _is_attribution(line.lstrip("> "), seen, index + 1):
                return index, 1
        elif _ends_with_mail(seen, index):
            return index, 0
        elif (length := attribution(seen, index)) > 0:
            return index, length
    return len(seen), 0


def _stands_alone(seen: list[str], start: int, length: int) -> bool:
    """Whether an attribution opens the text and nothing is marked as quoted below it."""
    return (
        not any(seen[:start])
        and any(seen[start + length :])
        and not any(line.startswith(">") for line in seen[start + length :])
    )


def _below_attribution(lines: list[str], start: int) -> tuple[str, str, str]:
    """What follows is all the writer wrote: a program that marks nothing, or a cut mail."""
    new, quoted, signature = _split(lines[start:], opening=False)
    above = _join(lines[:start])
    return new, _join([above, quoted]), signature


def _nothing_but_quoted(seen: list[str], index: int) -> bool:
    """Whether the quoted lines that start here go on to the end of the text."""
    return all(not line or line.startswith(">") for line in seen[index:])


def _ends_with_mail(seen: list[str], index: int) -> bool:
    """Whether a whole mail with its header lines follows, down to the end of the text."""
    line = seen[index]
    if line[0] in _RULES and words.RULE.match(line):
        following = _next_line(seen, index + 1)
        return following < len(seen) and header_block(seen, following) > 0
    announced = line[0] in _RULES or line.endswith(_COLONS)
    return (announced and words.SPLITTER.match(line) is not None) or header_block(seen, index) > 0


def _next_line(seen: list[str], index: int) -> int:
    while index < len(seen) and not seen[index]:
        index += 1
    return index


def header_block(seen: list[str], index: int) -> int:
    """Number of lines of the header block of a quoted mail that starts here, 0 if none does.

    Known in many languages. Needs a sender, and an address in it, a subject or a date, so that
    "From: Rome, To: Oslo" in somebody's own text is not taken for one.
    """
    if ":" not in seen[index] and "：" not in seen[index]:
        return 0
    first = words.HEADER.match(seen[index])
    if first is None or not words.kind(first[1]):
        return 0
    kinds: dict[str, str] = {}
    last = index
    for position in range(index, min(index + 12, len(seen))):
        match = words.HEADER.match(seen[position])
        found = words.kind(match[1]) if match else ""
        if match and found:
            kinds.setdefault(found, match[2])
            last = position
        elif not seen[position] and position > index and len(kinds) > 1:
            break
    if "from" not in kinds or len(kinds) < 2:
        return 0
    named = words.ADDRESS.search(kinds["from"]) is not None
    dated = words.TIME.search(kinds.get("date", "").lower()) is not None
    enough = named or (len(kinds) >= 3 and ("subject" in kinds or (dated and "to" in kinds)))
    return last - index + 1 if enough else 0


def attribution(seen: list[str], index: int) -> int:
    """Number of lines of the attribution that starts at `index`; 0 if none does."""
    line = seen[index]
    if _is_attribution(line, seen, index + 1):
        return 1
    if not (_DIGIT.search(line, 0, 120) and words.ATTRIBUTION_START.match(line)):
        return 0
    joined = line
    for count in range(2, _ATTRIBUTION_LINES + 1):
        if index + count > len(seen) or len(joined) > _LONGEST_ATTRIBUTION:
            return 0
        more = seen[index + count - 1]
        open_bracket = joined.count("<") > joined.count(">")
        if words.ATTRIBUTION_START.match(more) or (more.startswith(">") and not open_bracket):
            return 0
        joined = f"{joined} {more}".strip()
        if more and _is_attribution(joined, seen, index + count):
            return count
    return 0


def _is_attribution(text: str, seen: list[str], following: int) -> bool:
    if len(text) > _LONGEST_ATTRIBUTION:
        return False
    text = text.rstrip("*_ ")
    dashed = text.startswith("--") and text.endswith("--")
    if text[:1].isdigit() and words.DATED_NAME.match(text) and len(text) < 120:
        return True
    if not (text.endswith((*_COLONS, ">")) or dashed or words.ends_with_verb(text)):
        return False
    dated = words.TIME.search(text.lower()) is not None
    addressed = words.ADDRESS.search(text) is not None
    if words.VERB.search(text):
        return dashed or dated or addressed or _quoted_follows(seen, following)
    if not text.endswith((":", "：")):
        return False
    return dated and (addressed or _quoted_follows(seen, following))


def _quoted_follows(seen: list[str], index: int) -> bool:
    index = _next_line(seen, index)
    return index < len(seen) and seen[index].startswith(">")


# --- answers below and between the quoted lines --------------------------------------------------


def _around_answers(
    seen: list[str], start: int, length: int, total: int
) -> tuple[list[int], list[int]]:
    """Line numbers of what the writer wrote and of what is quoted.

    One answer below the quoted lines: only the quoted lines are folded. Several answers between
    them: the quoted lines stay, since they are what is answered.
    """
    own, folded = list(range(start)), list(range(start, total))
    after = start + length
    if not length or not _quoted_follows(seen, after):
        return own, folded
    answers = _answers(seen, after)
    if not answers:
        return own, folded
    if len(answers) == 1:
        kept = range(*answers[0])
    else:
        kept = range(_next_line(seen, after), answers[-1][1])
    if answers[-1][1] == len(seen):
        kept = range(kept.start, total)
    inside = set(kept)
    return own + list(kept), [i for i in folded if i not in inside]


def _answers(seen: list[str], index: int) -> list[tuple[int, int]]:
    """Ranges of lines below `index` that are neither quoted nor the rest of a wrapped one."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for position in range(index, len(seen)):
        line = seen[position]
        quoted = line.startswith(">") or (line and begin is None and _is_wrapped(seen, position))
        if quoted and begin is not None:
            found.append((begin, position))
            begin = None
        elif line and not quoted and begin is None:
            begin = position
    if begin is not None and not _is_footer(seen, begin):
        found.append((begin, len(seen)))
    return found


def _is_footer(seen: list[str], index: int) -> bool:
    """Whether only the footer of a mailing list follows."""
    left = sum(bool(line) for line in seen[index + 1 :])
    return words.RULE.match(seen[index]) is not None and left <= _FOOTER_LINES


def _is_wrapped(seen: list[str], position: int) -> bool:
    """A short line directly between two quoted ones, the first of them a long one, or a word."""
    before, line, after = seen[position - 1], seen[position], seen[position + 1 : position + 2]
    if not (before.startswith(">") and after and after[0].startswith(">")):
        return False
    return len(line) < _WRAPPED and (
        len(before) >= _WRAPPED or (len(line) > 12 and " " not in line)
    )


# --- the signature -------------------------------------------------------------------------------


def _signature_start(seen: list[str]) -> int:
    """Index of the first line of the signature; len(seen) without one."""
    end = len(seen)
    while end > 0 and not seen[end - 1]:
        end -= 1
    lowest = max(1, end - 4 * _SIGNATURE_LINES)
    left = sum(bool(line) for line in seen[lowest:end])
    for index in range(lowest, end):
        left -= bool(seen[index])
        if words.DELIMITER.match(seen[index]) and left <= _SIGNATURE_LINES:
            return index
        if words.is_device_line(seen[index]) and left <= 3 * _SIGNATURE_LINES:
            return index
        if words.RULE.match(seen[index]) and 0 < left <= _FOOTER_LINES:
            return _with_dashed_name(seen, index)
    return _with_dashed_name(seen, end)


def _with_dashed_name(seen: list[str], end: int) -> int:
    """Include a last line like "-Jane Doe"."""
    last = end - 1
    while last > 0 and not seen[last]:
        last -= 1
    return last if last > 0 and words.DASHED_NAME.match(seen[last]) else (end if end else len(seen))
