"""The account that the tests of the receipt rules share; each finds it without any rule."""

import pytest

from tests.adapters.receipt_rules import Account, Ground


@pytest.fixture(scope="module")
def ground():
    made = Ground()
    yield made
    made.world.control("DELETE", f"/_local/{made.number}")


@pytest.fixture
def account(ground):
    made, events = Account(ground), ground.watching.meta.events
    events.register("after-call.ses", made.after)
    yield made
    events.unregister("after-call.ses", made.after)
    ground.clear()
