"""Runs to be made: one fault at each call, overlapping deliveries, several faults, and more.

Each function yields runs; nothing is done until a run is asked for its outcome.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

from .hook import Call, Plan, nothing
from .invariants import violations
from .lab import PUMPED, Lab, Point
from .state import State
from .stories import Expect, Story

QUEUED = tuple(door for door, _most in PUMPED.values())
_SKEW = 300.0  # seconds


@dataclass
class Begun:
    """A story at the moment its steps begin, and its runs without a fault, once and twice told."""

    story: Story
    start: Point
    calls: dict[bool, list[Call]] = field(default_factory=dict)
    points: dict[bool, list[Point]] = field(default_factory=dict)

    def last_before(self, call: int, *, twice: bool) -> Point:
        """Where a run can set out in which all is well until this call."""
        return [point for point in self.points[twice] if len(point.calls) <= call][-1]


@dataclass(frozen=True)
class Run:
    """One run: a story, and what is done to it.

    `twice`: every delivery comes twice. `first`: the call before which nothing is done to it.
    """

    begun: Begun
    group: str
    what: str
    plan: Plan = nothing
    twice: bool = False
    expect: Expect | None = None
    set_up: Callable[[Lab], None] = lambda _lab: None
    first: int = 0

    @property
    def name(self) -> str:
        return f"{self.begun.story.name} | {self.group} | {self.what} | twice={self.twice}"

    def wrong(self, lab: Lab, *, noting: bool = False) -> list[str]:
        """Let it run to its quiet end; what is wrong then. `noting`: the points on its way."""
        begun, beginning = self.begun, self.begun.start
        if self.first:
            beginning = begun.last_before(self.first, twice=self.twice)
        lab.begin(beginning, self.plan, begun.start.snapshot)
        lab.twice, lab.step = self.twice, beginning.step
        self.set_up(lab)
        found = list(self._told(lab, [lab.here()] if noting else None))
        if noting:
            begun.points[self.twice].append(lab.here())
        if lab.broken:
            lab.mend_after(days=8)
        lab.rest()
        return found + violations(lab) + list((self.expect or begun.story.expect)(State(lab)))

    def _told(self, lab: Lab, points: list[Point] | None) -> Iterator[str]:
        """The story's steps that are left."""
        if points is not None:
            self.begun.points[self.twice] = points
        if lab.step:
            lab.settle()
        for step in self.begun.story.steps[lab.step :]:
            try:
                step(lab)
                lab.step, lab.points = lab.step + 1, points
                lab.settle()
            except Exception as error:  # the people in the story stumble over what they find
                yield f"the story cannot go on: {type(error).__name__} {error}"
                return
            finally:
                lab.points = None


class NotWell(Exception):
    """A story goes wrong though nothing is done to it."""


def prepare(lab: Lab, empty: Point, story: Story) -> Begun:
    """Let the beginning of a story go well. Raises NotWell when it does not."""
    lab.begin(empty, nothing)
    for step in story.before:
        step(lab)
        lab.settle()
    lab.hook.calls, lab.step = [], 0
    begun = Begun(story, lab.here())
    for twice in (False, True):
        clean = Run(begun, "no fault", "", twice=twice)
        if wrong := clean.wrong(lab, noting=True):
            raise NotWell(f"{clean.name}: {'; '.join(wrong)}")
        begun.calls[twice] = lab.hook.calls
    return begun


def at(number: int, kind: str) -> Plan:
    """A plan with one fault."""
    return lambda n, _call: kind if n == number else ""


def single(begun: Begun) -> Iterator[Run]:
    """Every call, every kind that can happen to it, with and without redelivery."""
    for twice in (False, True):
        for number, call in enumerate(begun.calls[twice]):
            for kind in call.kinds:
                what, plan = f"call {number} {call.name}", at(number, kind)
                yield Run(begun, kind, what, plan, twice, first=number)


def overlap(begun: Begun, doors: Iterable[str] = QUEUED) -> Iterator[Run]:
    """At each call of a door a second delivery of its event, or the caretaker, runs whole."""
    for number, call in enumerate(begun.calls[False]):
        if call.door in doors:
            what = f"call {number} {call.name}"
            for group, other in (("overlap", _second_delivery), ("caretaker", Lab.caretaker)):
                yield Run(begun, group, what, set_up=_meanwhile(number, other), first=number)


def _second_delivery(lab: Lab) -> None:
    if lab.current:
        lab.run(*lab.current)


def _meanwhile(number: int, other: Callable[[Lab], None]) -> Callable[[Lab], None]:
    def set_up(lab: Lab) -> None:
        def before(n: int) -> None:
            if n != number:
                return
            lab.hook.counting = False
            try:
                other(lab)
            finally:
                lab.hook.counting = True

        lab.hook.before = before

    return set_up


def several(begun: list[Begun], seeds: Iterable[int]) -> Iterator[Run]:
    """Two or three faults, by seed."""
    for seed in seeds:
        chance = random.Random(seed)
        one, twice = chance.choice(begun), chance.random() < 0.5
        calls = one.calls[twice]
        struck = {
            n: chance.random() for n in chance.sample(range(len(calls)), chance.choice((2, 3)))
        }
        what = f"seed {seed}, calls {sorted(struck)}"
        yield Run(one, "several", what, _plan_of(struck), twice, first=min(struck))


def _plan_of(struck: dict[int, float]) -> Plan:
    def plan(n: int, call: Call) -> str:
        return call.kinds[int(struck[n] * len(call.kinds))] if n in struck else ""

    return plan


def of_events(begun: Begun) -> Iterator[Run]:
    """SES's events of a mail in every order, once and twice, and before SES's own answer."""
    kinds = 3 if begun.story.name.startswith("10") else 2
    for order in permutations(range(kinds)):
        for copies in (1, 2):
            for early in (False, True):
                what = f"order {order}, {copies} times, early={early}"
                yield Run(begun, "events", what, set_up=_telling(order, copies, early=early))


def _telling(order: tuple[int, ...], copies: int, *, early: bool) -> Callable[[Lab], None]:
    def set_up(lab: Lab) -> None:
        def emit(mail: Any) -> list[dict[str, Any]]:
            told = lab.events_of(mail)
            return [told[n] for n in order if n < len(told)] * copies

        def after(call: Call) -> None:
            if call.operation == "SendEmail":
                lab.tell_at_once()

        lab.emit = emit
        if early:
            lab.hook.after = after

    return set_up


def events_lost(begun: Begun) -> Iterator[Run]:
    """No Send event ever comes: then nothing is sent twice, and the agent is told at last."""

    def set_up(lab: Lab) -> None:
        lab.events_lost = True

    for run in single(begun):
        if " sender " in run.what:
            what = f"{run.what}: {run.group}"
            yield replace(
                run, group="events lost", what=what, expect=never_twice, set_up=set_up, first=0
            )


def never_twice(state: State) -> Iterator[str]:
    """Without SES's events nobody may guess that a mail has not been sent."""
    copies = Counter(mail.tags.get("outbox", "") for mail in state.sent)
    for count in copies.values():
        if count > 1:
            yield f"{count} copies were sent, and no event said that the first was not"


def late(begun: Begun) -> Iterator[Run]:
    """A door is broken until its letters are dead; eight days later they are put back."""
    for door in dict.fromkeys(call.door for call in begun.calls[False]):
        if door in QUEUED:
            yield Run(
                begun, "8 days late", f"{door} broken", expect=_nothing, set_up=_breaking(door)
            )


def _breaking(door: str) -> Callable[[Lab], None]:
    def set_up(lab: Lab) -> None:
        def plan(_number: int, call: Call) -> str:
            return "crash before" if lab.broken and call.door == door else ""

        lab.broken, lab.hook.plan = True, plan

    return set_up


def _nothing(_state: State) -> Iterator[str]:
    """After eight days a task has expired and a mail is old: only the invariants are asked."""
    yield from ()


def skewed(begun: Begun) -> Iterator[Run]:
    """The clocks of the doors are up to five minutes off."""
    doors = list(dict.fromkeys(call.door for call in begun.calls[False]))
    choices = [{door: off} for door in doors for off in (-_SKEW, _SKEW)]
    for start in (0, 1):
        choices.append({d: _SKEW if n % 2 else -_SKEW for n, d in enumerate(doors, start)})
    for skew in choices:
        yield Run(begun, "clock skew", f"{skew}", set_up=_off(skew))


def _off(skew: dict[str, float]) -> Callable[[Lab], None]:
    def set_up(lab: Lab) -> None:
        lab.skew = skew

    return set_up
