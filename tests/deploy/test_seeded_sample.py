"""A sample of the seeded faults; `python -m tests.seeded` has them all."""

from pathlib import Path

import pytest

from local.testing import emulator
from tests.mutants_list import MUTANTS
from tests.seeded.chain import examine, tree
from tests.seeded.faults import FAULTS

ROOT = Path(__file__).parents[2]

SAMPLE = {
    "reference to nothing": "lint",
    "a message is visible again rather early": "template tests",
    "flow leads nowhere": "flow linter",
    "agent API may not query": "story",
}


@pytest.mark.parametrize("name", SAMPLE)
def test_the_chain_notices(name):
    [fault] = [fault for fault in FAULTS if fault.name == name]
    with tree(fault) as root:
        found = examine(root, emulator(), 1)
    assert found.by.startswith(SAMPLE[name]), found


def test_every_fault_and_every_mutant_can_be_made():
    """The long suites make some of them each time: none may have lost its place meanwhile."""
    for fault in FAULTS:
        text = (ROOT / fault.file).read_text(encoding="utf-8")
        assert fault.edit(text) != text, fault.name
    for mutant in MUTANTS:
        text = (ROOT / "functions" / mutant.file).read_text(encoding="utf-8")
        assert text.count(mutant.old) == 1, mutant.name
        file, *path = mutant.test.partition("[")[0].split("::")
        tests = (ROOT / file).read_text(encoding="utf-8")
        assert not path or f"def {path[-1]}(" in tests, mutant.name
