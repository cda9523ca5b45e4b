"""The conversation app in a browser: in front of the messages API, a fake one or the real one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Locator, Page, expect

from examples.app_conversation.access import Tokens, Tries
from examples.app_conversation.backend import App
from examples.app_conversation.local_server import serving
from examples.app_conversation.messages_api import Api
from tests.page.conftest import Watched
from tests.page.deployed import ANN, free_port
from tests.page.fake_messages_api import KEY, MessagesApi, messages_api

__all__ = ["ANN", "CODE", "Clock", "Talk", "app", "fill_in", "free_port", "talk"]

CODE = "let-me-in-please"


@dataclass
class Clock:
    """The back end's time; `ahead` seconds of the world's."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Talk:
    """An open page of the app, and what stands behind it."""

    page: Page
    api: MessagesApi
    url: str
    clock: Clock = field(default_factory=Clock)

    @property
    def case(self) -> str:
        return self.api.only.id

    @property
    def text(self) -> Locator:
        return self.page.get_by_role("textbox", name="Your message")

    @property
    def bubbles(self) -> Locator:
        return self.page.locator(".message")

    def start(self, to: str = ANN, subject: str = "Your flat", code: str = CODE) -> None:
        """Fills in the way in."""
        fill_in(self.page, to, subject, code)
        expect(self.text).to_be_focused()

    def say(self, words: str) -> None:
        self.text.fill(words)
        self.page.get_by_role("button", name="Send").click()
        expect(self.text).to_have_value("")


def fill_in(page: Page, to: str, subject: str, code: str = CODE) -> None:
    """Fills in the form of the way in, and sends it."""
    form = page.get_by_role("form", name="Start a conversation")
    form.get_by_label("Their email address").fill(to)
    form.get_by_label("Subject").fill(subject)
    form.get_by_label("Access code").fill(code)
    form.get_by_role("button", name="Start").click()


def app(url: str, clock: Any, key: str = KEY, tries: int = 5) -> App:
    """The back end in front of an API."""
    return App(Api(url, key), CODE, Tokens(b"k" * 32), Tries(tries), clock)


@contextmanager
def talk(browser: Watched, *, begun: bool = True, **options: Any) -> Iterator[Talk]:
    """The app in front of a fake API; a conversation with Ann is begun."""
    options.setdefault("viewport", {"width": 1000, "height": 760})
    clock = Clock()
    with messages_api() as api, serving(app(api.url, clock)) as url:
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(20_000)
        talking = Talk(context.new_page(), api, url, clock)
        talking.page.goto(url)
        if begun:
            talking.start()
        yield talking
        context.close()
