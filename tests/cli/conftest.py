"""The commands as an administrator gives them, against a deployed stack."""

from typing import NamedTuple

import pytest

from channel.command import main
from local.testing import REGION, stack


class Said(NamedTuple):
    status: int
    out: str
    err: str


class Terminal:
    def __init__(self, s, capsys):
        self.s, self._capsys = s, capsys

    def __call__(self, *words, stack=None):
        self._capsys.readouterr()
        status = main(["--stack", stack or self.s.name, *words])
        return Said(status, *self._capsys.readouterr())


@pytest.fixture(scope="module")
def world():
    """One stack for the tests of a file: each writes as somebody else."""
    with stack(SendAcknowledgement="false") as made:
        yield made


@pytest.fixture
def s():
    """A stack of the test's own."""
    with stack(SendAcknowledgement="false") as made:
        yield made


@pytest.fixture
def sign_in(monkeypatch, capsys):
    """A terminal with the credentials of a stack's account."""

    def signed_in(s):
        monkeypatch.setenv("AWS_ENDPOINT_URL", s.world.endpoint)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", s.account)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        return Terminal(s, capsys)

    return signed_in
