"""Seed each fault in turn and see which check notices: `python -m tests.seeded`.

--only WORD     faults whose name holds it
--part 1/2      every second fault, to share the work between two processes
--minutes 4     as many as fit, in an order that every commit shuffles anew
"""

# ruff: noqa: T201 - it prints a table

import argparse
import itertools
import time

from local.emulator import Emulator
from tests.mutants import shuffled
from tests.seeded.chain import ORDERS, Caught, examine, tree
from tests.seeded.faults import FAULTS, Fault


def chosen(only: str, part: str, *, mixed: bool) -> list[Fault]:
    number, _, of = part.partition("/")
    faults = [fault for fault in FAULTS if only in fault.name]
    return (shuffled(faults) if mixed else faults)[int(number) - 1 :: int(of)]


def sound(world: Emulator, orders: int) -> Caught:
    """What the chain finds in the template as it is: nothing, or no fault proves anything."""
    with tree(None) as root:
        return examine(root, world, orders)


def seed(fault: Fault, world: Emulator) -> Caught:
    with tree(fault) as root:
        return examine(root, world, ORDERS if fault.orders else 1)


def main() -> int:
    """Print the table; returns 1 when a fault is not caught or the good template is not passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.seeded", description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--good", type=int, default=2, help="orders the good template is made in")
    parser.add_argument("--minutes", type=float, default=0)
    options = parser.parse_args()
    started, missed, made = time.monotonic(), 0, 0
    until = started + 60 * options.minutes if options.minutes else float("inf")
    faults = chosen(options.only, options.part, mixed=bool(options.minutes))
    with Emulator.start() as world:
        found = sound(world, options.good)
        if found.by:
            print(f"the template without a fault is refused by {found.by}: {found.said}")
            return 1
        print("| fault | caught by | in words |\n|---|---|---|", flush=True)
        for fault in itertools.takewhile(lambda _: time.monotonic() < until, faults):
            made += 1
            found = seed(fault, world)
            missed += not found.by
            said = found.said.replace("|", "/")[:120]
            print(f"| {fault.name} | {found.by or '**nobody**'} | {said} |", flush=True)
    print(f"\n{made} of {len(faults)} faults, {missed} missed, {time.monotonic() - started:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
