"""A sample of the seeded faults; `python -m tests.seeded` has them all."""

import pytest

from local.testing import emulator
from tests.seeded.chain import examine, tree
from tests.seeded.faults import FAULTS

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
