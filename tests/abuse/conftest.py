"""A stack for each module of these tests; a test that changes the limits makes its own."""

import pytest

from local.testing import stack
from tests.abuse.world import FAST, World


@pytest.fixture(scope="module")
def w():
    with stack(**FAST) as s:
        yield World(s)
