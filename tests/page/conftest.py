"""A real browser on the built page."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

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
def chromium(built: None) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


class Watched:
    """The browser, and what any page opened in it complains about while a test runs.

    An error nobody caught, a promise nobody waited for, and what the console shows as an error or
    a warning. A test that expects one takes it out of `complaints` by its words.
    """

    def __init__(self, chromium: Browser) -> None:
        self.chromium = chromium
        self.complaints: list[str] = []
        self.contexts: list[BrowserContext] = []

    def new_context(self, **options: Any) -> BrowserContext:
        return self._watch(self.chromium.new_context(**options))

    def new_page(self, **options: Any) -> Page:
        page = self.chromium.new_page(**options)
        self._watch(page.context)
        return page

    def expect(self, *words: str) -> None:
        """Takes out the complaints that hold one of these words."""
        self.complaints[:] = [
            each for each in self.complaints if not any(one in each for one in words)
        ]

    def _watch(self, context: BrowserContext) -> BrowserContext:
        self.contexts.append(context)
        context.on("weberror", lambda found: self.complaints.append(str(found.error)))
        context.on("console", self._hear)
        return context

    def _hear(self, message: ConsoleMessage) -> None:
        """All but the browser's own note that a request was answered with an error."""
        failed_request = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not failed_request:
            self.complaints.append(message.text)


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Watched]:
    """The browser; after the test nothing may have been complained about that was not expected."""
    watched = Watched(chromium)
    yield watched
    for context in watched.contexts:
        context.close()
    assert watched.complaints == []


@pytest.fixture
def world() -> World:
    return World()


@dataclass
class Tab:
    """An open page, and what it complained about."""

    page: Page
    world: World
    complaints: list[str]


@contextmanager
def opened(browser: Watched, world: World, agent: str = "alice", **options: Any) -> Iterator[Tab]:
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
        tab = Tab(context.new_page(), world, browser.complaints)
        tab.page.goto(f"{url}/?agent={agent}" if agent else url)
        yield tab
        context.close()
        assert tab.complaints == []
