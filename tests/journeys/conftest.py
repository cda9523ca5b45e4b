"""One stack for a story; each test has its own."""

import pytest

from local.testing import stack


@pytest.fixture
def s():
    with stack(SendAcknowledgement="false", UndoSeconds="0") as world:  # test_acknowledgement.py has them on
        yield world
