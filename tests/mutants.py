"""Take away each guard in turn and show that a named test notices: `make mutants`.

A guard that no test would miss may as well not be there. Each mutant is one edit of the product in
a copy of the tree; the test named with it must pass without the edit and fail with it.

With `--minutes` as many are made as fit into them, in an order that every commit shuffles anew:
the tests themselves have just passed (`make test`), and over a few commits all have their turn.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import TypeVar

from tests.mutants_list import MUTANTS, Mutant

ROOT = Path(__file__).parents[1]
COPIED = ("functions", "local", "tests", "contact_flows", "channel", "examples")
LINKED = ("template.yaml", "schema.graphql", "pyproject.toml", "samconfig.toml", "agent_ccp")
PATIENCE = 240  # seconds for one test
WORKERS = 2

Each = TypeVar("Each")


def copy_of_the_tree(folder: Path) -> Path:
    """A tree that can be edited: what the tests import, and links to the rest."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    return folder


def run(tree: Path, *tests: str, patience: int = PATIENCE) -> tuple[bool, str]:
    """Whether tests pass in a tree, and the end of what they said."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    command += ["-n", str(WORKERS), "--dist", "loadfile"] if len(tests) > 1 else ["-x"]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    if done.returncode not in {0, 1}:  # 1: a test failed; anything else: it was not run
        raise SystemExit(f"{tests[0]} could not be run:\n{done.stdout[-2000:]}{done.stderr}")
    return done.returncode == 0, done.stdout[-1500:]


def shuffled(chosen: Sequence[Each]) -> list[Each]:
    """In an order of this commit's own."""
    command = ["git", "rev-parse", "HEAD"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    order = random.Random(done.stdout)
    return order.sample(chosen, len(chosen))


def fails(tests: list[str], trees: "Queue[Path]") -> str:
    """What is said without any mutant if a test fails: then it could notice nothing."""
    tree = trees.get()
    try:
        passed, said = run(tree, *tests, patience=PATIENCE * 10)
    finally:
        trees.put(tree)
    return "" if passed else said


def try_one(
    mutant: Mutant, trees: "Queue[Path]", until: float
) -> tuple[Mutant, bool, float] | None:
    """Whether the named test notices the mutant, and in how many seconds; None: no time is left."""
    if time.monotonic() > until:
        return None
    tree = trees.get()
    file = tree / "functions" / mutant.file
    original = file.read_text()
    started = time.monotonic()
    try:
        if original.count(mutant.old) != 1:
            raise SystemExit(f"{mutant.name}: its text is {original.count(mutant.old)} times there")
        file.write_text(original.replace(mutant.old, mutant.new))
        passed, _ = run(tree, mutant.test)
    finally:
        file.write_text(original)
        trees.put(tree)
    return mutant, not passed, time.monotonic() - started


def main() -> int:
    """Run them all, or those whose name holds one of the given words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose name holds one of these")
    parser.add_argument("--minutes", type=float, help="as many as fit into them")
    options = parser.parse_args()
    words, until = options.words, time.monotonic() + 60 * (options.minutes or 600)
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        trees: Queue[Path] = Queue()
        for n in range(WORKERS):
            trees.put(copy_of_the_tree(Path(folder) / str(n)))
        survivors = made = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            if options.minutes:
                chosen = shuffled(chosen)
            elif said := fails(sorted({m.test for m in chosen}), trees):
                print("Without any mutant these tests must pass:", said, sep="\n")
                return 1
            for done in pool.map(lambda m: try_one(m, trees, until), chosen):
                if done is None:
                    continue
                mutant, noticed, seconds = done
                made += 1
                survivors += not noticed
                word = "noticed" if noticed else "SURVIVED"
                print(f"  {word:9} {seconds:5.1f} s  {mutant.name:34} {mutant.test}", flush=True)
    print(f"\n  {made} of {len(chosen)} mutants, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
