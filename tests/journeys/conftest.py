"""One stack for a story; each test has its own."""

import pytest

from local.testing import stack


@pytest.fixture
def s():
    # Acknowledgements: test_acknowledgement.py. Taking an answer back: test_returned.py.
    with stack(SendAcknowledgement="false", UndoSeconds="0") as world:
        yield world
