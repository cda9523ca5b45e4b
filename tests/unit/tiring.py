"""Texts made to tire a regular expression, from the expression itself, and what they cost it.

Python's matcher tries every way to match at every place. It needs more than linear time where a
repeat can be left at many places (`a+a+b`), and where an attempt that fails late is begun again at
the next place (`<[^>]*>` over "<<<<"). Both are provoked by repeating what the expression repeats,
after what must stand before it, with an end that does not fit.
"""

import itertools
import random
import re
import signal
from collections.abc import Iterable, Iterator
from re import _compiler, _parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any, NamedTuple

CHARACTERS = (
    "aAzZ09 \t\n\r.,:;-_=+*/\\|@#%&!?<>()[]{}\"'`~^$\0\x1b\x7f\x80\xa0\xad\xe9\u200b\u2014"
    "\u4e00\u3042\u0e01\uac00\u0430\u05d0\ufeff\uff03\ud800\U0001f642oOeEtTsSxnrm"
)
ENDS = ("", "\0", "\n!", " x")
MOST = 150  # texts of one expression
FIRST = 2_048  # characters, to tell the most tiring texts
SIZES = (1 << 16, 1 << 18, 1 << 20)
_REPEATS = {_parser.MAX_REPEAT, _parser.MIN_REPEAT, _parser.POSSESSIVE_REPEAT}


class Text(NamedTuple):
    """A text of any length: `start`, then `unit` again and again, then `end`."""

    start: str
    unit: str
    end: str

    def of(self, length: int) -> str:
        return self.start + self.unit * (length // len(self.unit)) + self.end


class Slow(Exception):
    """The time allowed is over."""


def texts(pattern: re.Pattern[Any]) -> list[Text]:
    """Texts for the pattern: what it repeats, what it begins with, and mixtures; ever the same."""
    source = pattern.pattern
    source = source if isinstance(source, str) else source.decode("latin-1")
    flags = pattern.flags | (re.ASCII if isinstance(pattern.pattern, bytes) else 0)
    flags &= ~(re.UNICODE if flags & re.ASCII else 0)
    tree = _parser.parse(source, flags)
    choose = random.Random(source.encode("utf-8", "surrogatepass"))
    found = list(_Walk(tree, flags).pumps())
    starts = [start for start, _body in found] + _begun(tree, flags)
    bodies = [body for _start, body in found] + list(_fitting(tree, flags))
    plain = [Text("", one, end) for one in [*CHARACTERS, *starts] for end in ENDS[:2] if one]
    pumped = [Text(start, body, end) for start, body in found for end in ENDS]
    again = [Text("", start + body * times, "") for start, body in found for times in (1, 40)]
    pieces = [*filter(None, {*starts, *bodies}), *choose.sample(CHARACTERS, 12)]
    pieces.sort()
    mixed = [
        Text("", "".join(choose.choices(pieces, k=choose.randint(2, 6))), choose.choice(ENDS))
        for _ in range(60)
    ]
    chosen = list(dict.fromkeys([*pumped, *again, *mixed, *plain]))
    if len(chosen) > MOST:
        chosen = [*choose.sample(chosen, MOST - len(CHARACTERS)), *plain[: len(CHARACTERS)]]
    return chosen


def _sample(nodes: Iterable[Any], flags: int, turn: int = 0) -> str:
    """A short text that the nodes match; another `turn` takes other branches and characters."""
    made = ""
    for op, av in nodes:
        if op in _REPEATS:
            made += _sample(av[2], flags, turn) * min(max(av[0], turn % 2), 50)
        elif op is _parser.SUBPATTERN:
            made += _sample(av[3], flags, turn)
        elif op is _parser.ATOMIC_GROUP:
            made += _sample(av, flags, turn)
        elif op is _parser.BRANCH:
            made += _sample(av[1][turn % len(av[1])], flags, turn)
        elif op is _parser.ASSERT and av[0] > 0:
            made += _sample(av[1], flags, turn)
        elif op is _parser.LITERAL:
            made += chr(av)
        elif op in (_parser.IN, _parser.NOT_LITERAL, _parser.ANY):
            fitting = _characters((op, av), flags)
            made += fitting[(turn * 7) % len(fitting)] if fitting else ""
    return made


def _characters(node: Any, flags: int) -> str:
    """Those of CHARACTERS (and of the class's own) that one character of the pattern may be."""
    own = ""
    if node[0] is _parser.IN:
        for op, av in node[1]:
            own += chr(av) if op is _parser.LITERAL else ""
            own += chr(av[0]) if op is _parser.RANGE else ""
    state = _parser.State()
    state.flags = flags
    state.str = ""
    one = _compiler.compile(_parser.SubPattern(state, [node]), flags)
    return "".join(dict.fromkeys(c for c in own[:6] + CHARACTERS if one.fullmatch(c)))


def _begun(tree: Any, flags: int) -> list[str]:
    """What the pattern begins with, cut after each of its parts."""
    made = {_sample(tree[:end], flags, turn) for end in range(1, len(tree) + 1) for turn in (0, 1)}
    whole = _sample(tree, flags, 1)
    return sorted({*made, whole[:-1], *(whole[:n] for n in range(1, min(len(whole), 6)))} - {""})


def _fitting(tree: Any, flags: int) -> Iterator[str]:
    for op, av in tree:
        if op in (_parser.IN, _parser.NOT_LITERAL, _parser.ANY):
            yield from _characters((op, av), flags)[:3]


class _Walk:
    """Finds every repeat of a pattern: what must stand before it, and what it repeats."""

    def __init__(self, tree: Any, flags: int) -> None:
        self.tree, self.flags = tree, flags

    def pumps(self) -> Iterator[tuple[str, str]]:
        found = dict.fromkeys(self._of(self.tree, ""))
        yield from found

    def _of(self, nodes: Any, start: str) -> Iterator[tuple[str, str]]:
        for op, av in nodes:
            if op in _REPEATS:
                low, high, inner = av
                if high > low + 1 or high > 3:
                    bodies = {_sample(inner, self.flags, turn) for turn in range(6)}
                    yield from ((start, body) for body in sorted(bodies - {""}))
                yield from self._of(inner, start)
            elif op is _parser.SUBPATTERN:
                yield from self._of(av[3], start)
            elif op is _parser.ATOMIC_GROUP:
                yield from self._of(av, start)
            elif op is _parser.BRANCH:
                for branch in av[1][:12]:
                    yield from self._of(branch, start)
            elif op in (_parser.ASSERT, _parser.ASSERT_NOT):
                yield from self._of(av[1], start)
            start += _sample([(op, av)], self.flags)


def cost(pattern: re.Pattern[Any], method: str, text: str, allowed: float) -> float:
    """Seconds of processor time that the use of the pattern takes; Slow beyond `allowed`."""
    subject: Any = text
    if isinstance(pattern.pattern, bytes):
        subject = text.encode("latin-1", "ignore")
    empty = subject[:0]
    use = getattr(pattern, method)

    def over(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, allowed)
    started = thread_time()
    try:
        result = use(empty, subject) if method in ("sub", "subn") else use(subject)
        if method == "finditer":
            for _match in result:
                pass
        return thread_time() - started
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def complaint(pattern: re.Pattern[Any], method: str, longest: int = SIZES[-1]) -> str:
    """Why the use of the pattern is not linear up to `longest` characters; "" if it is.

    Linear: four times the text takes less than seven times as long, and a megabyte less than 2 s.
    """
    sizes = [size for size in SIZES[:-1] if size < longest] + [longest]
    tried: list[tuple[float, Text]] = []
    for text in _most_tiring(pattern, method, min(longest, FIRST)):
        try:
            times = [_cost(pattern, method, text, size) for size in sizes[:2]]
            if times[-1] > 0.02 and times[-1] > 7 * times[0]:  # or so it seems: once more
                times = [_cost(pattern, method, text, size, 4) for size in sizes]
                if all(b > 7 * a for a, b in itertools.pairwise(times)) and len(times) > 2:
                    return f"{method} takes {times} s for {sizes} characters of {text}"
        except Slow as slow:
            return f"{slow} on {text}"
        tried.append((times[-1], text))
    try:
        _cost(pattern, method, max(tried)[1], longest)
    except Slow as slow:
        return f"{slow} on {max(tried)[1]}"
    return ""


def _cost(pattern: re.Pattern[Any], method: str, text: Text, length: int, least: int = 1) -> float:
    """The least of some tries, more if the first does not look good: the machine may be busy."""
    allowed = 2 * max(length, SIZES[0]) / SIZES[-1]
    took = None
    for times in range(1, max(least, 3) + 1):
        try:
            took = min(cost(pattern, method, text.of(length), allowed), took or allowed)
        except Slow:
            continue
        if times >= least and took < allowed / 4:
            break
    if took is None:
        raise Slow(f"{method} of {length} characters takes more than {allowed:.2f} s")
    return took


def _most_tiring(pattern: re.Pattern[Any], method: str, length: int) -> list[Text]:
    """The texts worth a long try: the dearest, and those that grew most from a quarter of it."""
    timed: list[tuple[float, float, Text]] = []
    for text in texts(pattern):
        try:
            small = cost(pattern, method, text.of(length // 4), 0.5)
            large = cost(pattern, method, text.of(length), 0.5)
        except Slow:
            return [text]
        if large > 0.05:  # a hundred times what is usual for so few characters
            return [text]
        timed.append((large, large / max(small, 5e-6), text))
    steepest = sorted(timed, key=lambda one: one[1] * (one[0] > 2e-5), reverse=True)[:2]
    return list(dict.fromkeys(text for _large, _ratio, text in [max(timed), *steepest]))
