"""The fault lab: `python -m tests.faults [--story 1,3] [--kind K] [--seed S] [--quick]`.


Says what is wrong as it is found, then prints a table, and ends with status 1 if anything was.
With `--part 0/2` and `--part 1/2` two processes share the runs, which are mixed: the first minutes
are a sample of everything. The planted bugs come last, and are tried whatever the time.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain

from . import campaign, controls, stories
from .campaign import Begun, Run
from .clock import CLOCK
from .hook import KINDS
from .lab import Lab, Point, laboratory

SEEDS = 300
SAMPLED = 60  # runs of --quick
GROUPS = (
    *KINDS,
    "overlap",
    "caretaker",
    "several",
    "events",
    "events lost",
    "8 days late",
    "clock skew",
)
_OF_ANSWERS = ("3", "4")
_OF_EVENTS = ("3", "4", "10")
_PROGRESS = 250  # runs between two signs of life
_SHOWN = 4  # sentences for one run


def main() -> int:
    """Run what the arguments ask for; 0 if all is in order."""
    options = _arguments()
    warnings.simplefilter("ignore")
    started = time.monotonic()
    with laboratory() as lab:
        empty = _emptied(lab)
        table = _Table()
        begun = [one for story in _chosen(options) if (one := _begun(lab, empty, story, table))]
        runs = _shared(_runs(begun, options), options)
        _say(f"part {options.part}: {len(runs)} runs in all, the first {options.skip} left out")
        try:
            for run in runs[options.skip :]:
                if options.minutes and time.monotonic() - started > 60 * options.minutes:
                    break
                table.made(run, run.wrong(lab))
        except KeyboardInterrupt:  # what has been found so far is worth knowing
            table.show(time.monotonic() - started)
            return 1
        missed = _missed(lab, {one.story.number: one for one in begun}, empty, options)
    table.show(time.monotonic() - started)
    return 1 if table.bad or missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--story", default="", help="numbers of stories with commas (all)")
    parser.add_argument("--kind", default="", help=f"{', '.join(GROUPS)}, controls (all)")
    parser.add_argument("--seed", type=int, help="one run of several faults, by its seed")
    parser.add_argument("--quick", action="store_true", help="a sample of everything")
    parser.add_argument("--part", default="0/1", help="which share of the runs: i/n")
    parser.add_argument("--minutes", type=float, help="as many runs as fit into them")
    parser.add_argument("--skip", type=int, default=0, help="leave out so many, to go on with")
    return parser.parse_args()


def _begun(lab: Lab, empty: Point, story: stories.Story, table: _Table) -> Begun | None:
    """A story ready to be run; None, and said to be wrong, where it does not go well anyway."""
    try:
        begun = campaign.prepare(lab, empty, story)
    except campaign.NotWell as error:
        table.wrong(story.name, "no fault", str(error))
        return None
    table.ready(begun)
    return begun


def _chosen(options: argparse.Namespace) -> list[stories.Story]:
    numbers = set(filter(None, options.story.split(",")))
    everyone = (*stories.ALL, stories.COMPLAINT, stories.SAME_MESSAGE_ID)
    return [story for story in everyone if not numbers or story.number in numbers]


def _emptied(lab: Lab) -> Point:
    """The new stack, when what SES leaves at its making has been taken care of."""
    lab.settle()
    for _ in range(2):
        CLOCK.now += 16 * 60
        lab.caretaker()
        lab.settle()
    return lab.here()


def _runs(begun: list[Begun], options: argparse.Namespace) -> Iterator[Run]:
    if options.seed is not None:
        return campaign.several(begun, [options.seed])
    runs = chain.from_iterable(_runs_of(one) for one in begun)
    runs = chain(runs, campaign.several(begun, range(SEEDS)))
    return (run for run in runs if not options.kind or run.group == options.kind)


def _runs_of(one: Begun) -> Iterator[Run]:
    number = one.story.number
    if number not in {"10", "11"}:
        yield from campaign.single(one)
    yield from campaign.overlap(one)
    if number in _OF_EVENTS:
        yield from campaign.of_events(one)
    if number in _OF_ANSWERS:
        yield from campaign.events_lost(one)
    yield from campaign.late(one)
    yield from campaign.skewed(one)


def _shared(runs: Iterator[Run], options: argparse.Namespace) -> list[Run]:
    """This process's share, mixed: what is wrong shows early."""
    part, parts = (int(number) for number in options.part.split("/"))
    mine = list(runs)[part::parts]
    random.Random(1).shuffle(mine)
    if not options.quick:
        return mine
    by_group: dict[str, list[Run]] = {}
    for run in mine:
        by_group.setdefault(run.group, []).append(run)
    each = max(1, SAMPLED // len(by_group))
    return [run for group in by_group.values() for run in group[:each]]


def _missed(
    lab: Lab, prepared: dict[str, Begun], empty: Point, options: argparse.Namespace
) -> list[str]:
    """Planted bugs that no run noticed."""
    if options.kind not in {"", "controls"} or not options.part.startswith("0/"):
        return []
    missed = []
    for bug in controls.ALL:
        begun = prepared.get(bug.story.number) or campaign.prepare(lab, empty, bug.story)
        noticed, made = controls.caught(lab, bug, begun, all_runs=not options.quick)
        _say(f"planted: {bug.name}: noticed by {noticed} of {made} runs")
        if not noticed:
            missed.append(bug.name)
            _say(f"NOT CAUGHT: {bug.name}")
    return missed


class _Table:
    """What has been run, and what was wrong."""

    def __init__(self) -> None:
        self._begun: list[Begun] = []
        self._runs: Counter[tuple[str, str]] = Counter()
        self.bad: Counter[tuple[str, str]] = Counter()

    def ready(self, begun: Begun) -> None:
        self._begun.append(begun)
        self._runs[begun.story.name, "no fault"] += len(begun.calls)

    def made(self, run: Run, wrong: list[str]) -> None:
        self._runs[run.begun.story.name, run.group] += 1
        if self._runs.total() % _PROGRESS == 0:
            _say(f"{self._runs.total()} runs, {self.bad.total()} with something wrong")
        if wrong:
            self.wrong(run.begun.story.name, run.group, f"{run.name}: {'; '.join(wrong[:_SHOWN])}")

    def wrong(self, story: str, group: str, text: str) -> None:
        self.bad[story, group] += 1
        _say(f"WRONG {text}")

    def show(self, seconds: float) -> None:
        _say("")
        _say(f"{'story':28}{'calls':>7}{'twice':>7}{'runs':>7}{'wrong':>7}")
        for one in self._begun:
            name = one.story.name
            calls = [len(one.calls[twice]) for twice in (False, True)]
            runs, bad = (_sum(c, lambda key, n=name: key[0] == n) for c in (self._runs, self.bad))
            _say(f"{name:28}{calls[0]:>7}{calls[1]:>7}{runs:>7}{bad:>7}")
        _say("")
        _say(f"{'kind':28}{'runs':>7}{'wrong':>7}")
        for group in ("no fault", *GROUPS):
            runs, bad = (_sum(c, lambda key, g=group: key[1] == g) for c in (self._runs, self.bad))
            if runs:
                _say(f"{group:28}{runs:>7}{bad:>7}")
        total, bad = self._runs.total(), self.bad.total()
        _say(f"\n{total} runs in {seconds:.0f} s, {bad} with something wrong")


def _sum(counter: Counter[tuple[str, str]], which: Callable[[tuple[str, str]], bool]) -> int:
    return sum(count for key, count in counter.items() if which(key))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
