"""Take away each guard in turn and show that a named test notices: `make mutants`.

A guard that no test would miss may as well not be there. Each mutant is one edit of the product in
a copy of the tree; the test named with it must pass without the edit and fail with it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.mutants_list import MUTANTS, Mutant

ROOT = Path(__file__).parents[1]
COPIED = ("functions", "local", "tests", "contact_flows", "channel")
LINKED = ("template.yaml", "pyproject.toml", "samconfig.toml", "agent_ccp")
PATIENCE = 240  # seconds for one test
WORKERS = 2


def copy_of_the_tree(folder: Path) -> Path:
    """A tree that can be edited: what the tests import, and links to the rest."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    return folder


def run(tree: Path, test: str) -> tuple[bool, str]:
    """Whether a test passes in a tree, and the end of what it said."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command,
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode not in {0, 1}:  # 1: a test failed; anything else: it was not run
        raise SystemExit(f"{test} could not be run:\n{done.stdout[-2000:]}{done.stderr}")
    return done.returncode == 0, done.stdout[-1500:]


def passes_alone(test: str, trees: "Queue[Path]") -> str:
    """What a test says if it fails by itself, without any mutant: then it could notice nothing."""
    tree = trees.get()
    try:
        passed, said = run(tree, test)
    finally:
        trees.put(tree)
    return "" if passed else said


def try_one(mutant: Mutant, trees: "Queue[Path]") -> tuple[Mutant, bool, float]:
    """Whether the named test notices the mutant, and in how many seconds."""
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
    words = parser.parse_args().words
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        trees: Queue[Path] = Queue()
        for n in range(WORKERS):
            trees.put(copy_of_the_tree(Path(folder) / str(n)))
        survivors = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            tests = sorted({m.test for m in chosen})
            failing = [said for said in pool.map(lambda t: passes_alone(t, trees), tests) if said]
            if failing:
                print("Without any mutant these tests must pass:", *failing, sep="\n")
                return 1
            for mutant, noticed, seconds in pool.map(lambda m: try_one(m, trees), chosen):
                survivors += not noticed
                word = "noticed" if noticed else "SURVIVED"
                print(f"  {word:9} {seconds:5.1f} s  {mutant.name:34} {mutant.test}", flush=True)
    print(f"\n  {len(chosen)} mutants, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
