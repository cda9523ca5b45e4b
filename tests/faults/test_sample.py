"""A sample of the fault lab; `python -m tests.faults` makes every run.

It runs as a program of its own: the lab takes over its process, its clock and its threads.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sample():
    made = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert "runs in" in made.stdout, made.stdout + made.stderr
    return made


def test_nothing_is_wrong_whatever_call_fails(sample):
    wrong = [line for line in sample.stdout.splitlines() if line.startswith("WRONG")]
    assert wrong == []


def test_every_planted_bug_is_noticed(sample):
    lines = sample.stdout.splitlines()
    assert [line for line in lines if line.startswith("NOT CAUGHT")] == []
    assert sum(line.startswith("planted:") for line in lines) >= 8


def test_the_sample_says_that_all_is_well(sample):
    assert sample.returncode == 0, sample.stdout + sample.stderr
