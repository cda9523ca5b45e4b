"""The page of a deployed stack, agents at it, and what the customers received."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Locator, Page, expect

from local.demo.page import Page as Served
from local.demo.web import Server
from local.testing import Stack, alias_of, stack
from tests.builders import answers, mail
from tests.page.conftest import Watched
from tests.page.test_work import until

ANN = "ann@customer.example"
QUIET = {"UndoSeconds": "0", "SendAcknowledgement": "false"}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def deployed(**parameters: str) -> Iterator[tuple[Stack, str]]:
    """A stack of its own, and the address of its page; answers leave at once unless said else."""
    port = free_port()
    with (
        stack(PageOrigin=f"http://127.0.0.1:{port}", **QUIET | parameters) as s,
        Server(port, Served(s.world.endpoint, s.outputs["PageUrl"])) as server,
    ):
        yield s, server.url


@contextmanager
def at_desk(browser: Watched, url: str, agent: str = "alice", **options: Any) -> Iterator[Page]:
    """An agent's page; the browser hears what it complains about."""
    options.setdefault("viewport", {"width": 1280, "height": 1000})
    context = browser.new_context(locale="en-GB", **options)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{url}/?agent={agent}")
    yield page
    context.close()


def take(page: Page, sender: str = ANN) -> Locator:
    """Go available if need be, accept the sender's mail; the composer."""
    available = page.get_by_role("button", name="Go available")
    offer = page.get_by_role("button", name=f"Accept email from {sender}")
    expect(available.or_(offer).first).to_be_visible()
    if available.is_visible():
        available.click()
    offer.click()
    place = page.get_by_role("region", name="Write")
    expect(text(place)).to_be_visible()
    return place


def text(place: Locator) -> Locator:
    """Where the answer is written."""
    return place.get_by_role("textbox", name="Your reply")


def write(place: Locator, words: str) -> None:
    """Types at the beginning of the answer."""
    text(place).click()
    place.page.keyboard.press("Control+Home")
    place.page.keyboard.type(words)


def send(place: Locator, button: str = "Send") -> None:
    """Sends what is written, and waits until the page says that it has gone."""
    place.get_by_role("button", name=button, exact=True).last.click()
    expect(
        place.get_by_text("It is on its way").or_(place.get_by_text("It goes to"))
    ).to_be_visible()


def draft_kept(s: Stack, page: Page, case_id: str, words: str) -> None:
    """Waits until the case has these words in its draft."""

    def kept() -> bool:
        draft = s.channel.cases.draft(case_id)
        return draft is not None and words in draft.writing.html

    until(page, kept)


def inquire(s: Stack, words: str = "The kettle leaks.", **more: Any) -> str:
    """Ann writes for the first time; the case's id."""
    known = {case["id"] for case in s.cases()}
    s.deliver(mail(text=words, **more), ANN, [s.inquiry_address])
    s.settle()
    [made] = [case["id"] for case in s.cases() if case["id"] not in known]
    return str(made)


def goes_on(s: Stack, case_id: str, words: str, sender: str = ANN, **more: Any) -> str:
    """Somebody writes to the case's address; the message's id."""
    alias = alias_of(s, case_id)
    found = s.deliver(mail(f"Ann <{sender}>", alias, "Re: x", words, **more), sender, [alias])
    s.settle()
    return found


def look(page: Page) -> None:
    """The agent comes back to the window: it asks for what is new."""
    page.bring_to_front()
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")


def case_of(s: Stack, case_id: str) -> dict[str, Any]:
    """The case as it stands."""
    [found] = [case for case in s.cases() if case["id"] == case_id]
    return found


def read(raw: bytes) -> EmailMessage:
    """A mail as a mail program takes it apart."""
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def received(s: Stack, address: str = ANN) -> list[EmailMessage]:
    """The answers that somebody got, oldest first."""
    return [read(one["delivered"]) for one in answers(s) if address in one["recipients"]]


def said(message: EmailMessage) -> str:
    """The plain text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
