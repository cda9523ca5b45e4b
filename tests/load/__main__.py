"""Measure under load and print a table: `python -m tests.load [burst] [flood] [cost]`.

Ends with 1 when something was lost, done twice or too slow. `--markdown FILE` writes the table too.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from . import burst, cost, flood
from .watch import Row

PARTS = {"burst": burst.measure, "flood": flood.measure, "cost": cost.measure}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table here, too")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    os.environ.setdefault("LOCAL_LOG_LEVEL", "ERROR")  # what went back to its queue is in the table
    table: dict[str, list[Row]] = {}
    for name in options.parts or PARTS:
        started = time.monotonic()
        table[name] = []
        for row in PARTS[name]():
            table[name].append(row)
            _say(f"{name:6} {row.what:<56} {row.figure}{'' if row.good else '   <-- WRONG'}")
        _say(f"{name:6} done in {time.monotonic() - started:.0f} s")
    if options.markdown:
        options.markdown.write_text(_markdown(table))
    return int(any(not row.good for rows in table.values() for row in rows))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _markdown(table: dict[str, list[Row]]) -> str:
    lines = ["| part | measured | figure | holds |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {row.what.strip()} | {row.figure} | {'yes' if row.good else '**no**'} |"
        for name, rows in table.items()
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
