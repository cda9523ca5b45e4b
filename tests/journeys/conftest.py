"""One stack for a story; each test has its own."""

import pytest

from local.testing import stack


@pytest.fixture
def s():
    with stack(SendAcknowledgement="false") as world:  # test_acknowledgement.py has them on
        yield world
