"""The corpus of test mails, used in place and never copied; its content is never printed."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Folder of the corpus, which stands beside the project. CI must have it."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "corpus"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail("the corpus of test mails is missing")
        pytest.skip("the corpus of test mails is not on this machine")
    return folder
