"""A real browser on the built page."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.page.fakes import World
from tests.page.server import DIST, ROOT, serving

expect.set_options(timeout=20_000)  # a busy machine is slow, and not wrong

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SOURCES = ROOT / "agent_ccp"


def _newest() -> float:
    """When the page's sources last changed."""
    files = [*SOURCES.glob("*.*"), *(SOURCES / "src").rglob("*"), *(SOURCES / "public").rglob("*")]
    return max(path.stat().st_mtime for path in files if path.is_file())


def _npm(*words: str) -> None:
    """Runs npm in the page's folder and shows its output when it fails."""
    npm = shutil.which("npm")
    assert npm, "npm is needed to build the agent page (Node 20.19 or later)"
    done = subprocess.run([npm, *words], cwd=SOURCES, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built() -> None:
    """Builds the page when its sources are newer than the build; one worker does it for all."""
    with (Path(tempfile.gettempdir()) / "email-agent-ccp.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        index = DIST / "index.html"
        if index.exists() and index.stat().st_mtime >= _newest():
            return
        if not (SOURCES / "node_modules").is_dir():
            _npm("ci")
        _npm("run", "build")


@pytest.fixture(scope="session")
def browser(built: None) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def world() -> World:
    return World()


@dataclass
class Tab:
    """An open page, and what it complained about."""

    page: Page
    world: World
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Errors count, except the browser's own note that a request was answered with one."""
        failed_request = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not failed_request:
            self.complaints.append(message.text)


@contextmanager
def opened(browser: Browser, world: World, agent: str = "alice", **options: Any) -> Iterator[Tab]:
    """Opens the page as an agent; afterwards nothing may have been complained about."""
    viewport = options.pop("viewport", {"width": 1280, "height": 860})
    world_options = {
        name: options.pop(name) for name in ("configured", "streams", "csp") if name in options
    }
    with serving(world, **world_options) as url:
        if prepare := options.pop("prepare", None):
            prepare()
        context = browser.new_context(viewport=viewport, locale="en-GB", **options)
        context.set_default_timeout(30_000)
        tab = Tab(context.new_page(), world)
        tab.page.on("console", tab.hear)
        tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.page.goto(f"{url}/?agent={agent}" if agent else url)
        yield tab
        context.close()
        assert tab.complaints == []
