"""A message costs the same in a large case as in a small one (python -m tests.load: larger)."""

import pytest

from local.testing import stack
from tests.load import cost
from tests.load.doors import doors

SMALL, LARGE = 10, 1_000


@pytest.fixture(scope="module")
def world():
    with stack(TasksPerSecond="100") as s, doors(s) as here:
        yield s, here


@pytest.fixture(scope="module")
def measured(world):
    return cost.costs(*world, (SMALL, LARGE))


@pytest.mark.parametrize("what", ["mail", "answer"])
def test_a_message_costs_the_same_calls(measured, what):
    small, large = (getattr(each, what).calls for each in measured)
    assert small.total() > 10
    assert large == small


@pytest.mark.parametrize("what", ["mail", "answer"])
def test_a_message_costs_the_same_bytes(measured, what):
    for bytes_of in ("written", "read"):
        totals = [getattr(getattr(each, what), bytes_of).total() for each in measured]
        assert min(totals) > 1_000
        assert cost.apart(totals) <= cost.TOLERANCE, bytes_of
