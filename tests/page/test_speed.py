"""How long an agent waits for the page: the medians are in docs/agents.md."""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.page.conftest import opened
from tests.page.fakes import World, mail
from tests.page.test_reading import MANY, long_case, rows
from tests.page.test_screens import text
from tests.page.test_work import accept

TIMES = 5
BUSY = 5  # what other work on the machine may make of it
OPEN_MS, LONG_MS, ROW_MS = 300, 1_000, 300
# From the click until what was asked for can be used, and has been painted.
CLICK = """([button, ready]) => new Promise((done) => {
  const began = performance.now();
  const look = () => document.querySelector(ready)
    ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)))
    : requestAnimationFrame(look);
  button.click();
  look();
})"""


def clicked(page: Page, button: Any, ready: str) -> float:
    """Milliseconds from a click until what it brings has been painted."""
    return float(page.evaluate(CLICK, [button.element_handle(), ready]))


def say(what: str, times: list[float], limit: float) -> None:
    """Prints the median, and is content when the machine was merely busy."""
    rounded = [round(each) for each in times]
    sys.stdout.write(f"\n{what}: median {median(times):.0f} ms of {rounded}\n")
    assert median(times) < limit * BUSY, times


def measured(measure: Callable[[], float]) -> list[float]:
    return [measure() for _ in range(TIMES)]


def test_another_task_is_there_at_once(browser: Browser, world: World) -> None:
    """From the click on a task in the list until its own heading, mail and composer stand there."""
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        expect(text(page)).to_be_visible()
        world.offer(
            "c-2", mail(message_id="m-9", subject="Another one"), from_address="b@b.example"
        )
        page.get_by_role("button", name="Accept email from b@b.example").click()
        expect(page.get_by_role("heading", name="Another one")).to_be_visible()
        titles = ["Blue lamp arrived broken", "Another one"]
        ready = '#mail-title[title="{}"]'
        turn = iter(titles * TIMES)

        def switch() -> float:
            title = next(turn)
            button = page.get_by_role("button", name=title).first
            took = clicked(page, button, ready.format(title))
            expect(page.locator('iframe[title="Email"]')).to_be_visible()
            expect(text(page)).to_be_visible()
            return took

        say("another task", measured(switch), OPEN_MS)


def test_a_task_is_open_soon_after_it_was_accepted(browser: Browser) -> None:
    """From the click on Accept until the mail's text stands there."""

    def fresh() -> float:
        world = World()
        with opened(browser, world, prepare=world.offer) as tab:
            button = tab.page.get_by_role("button", name="Accept email from ann@example.com")
            return clicked(tab.page, button, 'iframe[title="Email"]')

    say("accept to text", measured(fresh), LONG_MS)


def test_a_thread_of_five_hundred_can_be_worked_with(browser: Browser) -> None:
    """From the click on Accept until all rows stand; then one of them is opened."""
    opening, whole = [], []
    for _ in range(TIMES):
        world = World()
        world.page_size = MANY + 1
        with opened(browser, world, prepare=lambda world=world: long_case(world, MANY)) as tab:
            page = tab.page
            button = page.get_by_role("button", name="Accept email from ann@example.com")
            expect(button).to_be_visible()
            whole.append(clicked(page, button, f".thread > li:nth-child({MANY})"))
            expect(rows(page)).to_have_count(MANY)
            row = page.locator(".message button.row").last
            opening.append(clicked(page, row, '.message button.row[aria-expanded="true"]'))
    say("500 messages, from Accept", whole, LONG_MS)
    say("one of 500 opened", opening, ROW_MS)
