"""The main job in a real browser, against the deployed stack: nothing here is a fake but AWS."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from local.demo.page import Page
from local.demo.web import Server
from local.testing import Stack, alias_of, stack
from tests.builders import mail, reply_to
from tests.page.test_work import ways

ANN = "ann@customer.example"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def served(built: None) -> Iterator[tuple[Stack, str]]:
    port = free_port()
    with stack(PageOrigin=f"http://127.0.0.1:{port}") as s:
        page = Page(s.world.endpoint, s.outputs["PageUrl"])
        with Server(port, page) as server:
            yield s, server.url


def test_a_mail_is_accepted_read_answered_and_completed(
    browser: Browser, served: tuple[Stack, str]
) -> None:
    s, url = served
    raw = mail(
        text="The kettle I bought is broken and leaks. This is terrible, I am angry!",
        html="<p>The kettle I bought is <b>broken</b> and leaks. This is terrible, I am angry!</p>",
        attachments=[("bill.pdf", "application/pdf", b"%PDF-1.4 bill")],
    )
    s.deliver(raw, ANN, [s.inquiry_address])
    s.settle()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(f"{url}/?agent=alice")
    page.get_by_role("button", name="Go available").click()
    page.get_by_role("button", name=f"Accept email from {ANN}").click()

    frame = page.frame_locator("iframe[title=Email]")
    expect(frame.get_by_text("The kettle I bought is")).to_be_visible()
    expect(page.get_by_text("Negative").first).to_be_visible()
    expect(page.get_by_text("English").first).to_be_visible()
    [case] = s.cases()

    with page.expect_download() as download:
        page.get_by_text("bill.pdf").click()
    assert download.value.suggested_filename == "bill.pdf"
    assert download.value.path().read_bytes() == b"%PDF-1.4 bill"
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original email").click()
    assert download.value.suggested_filename == f"{case['id']}.eml"
    assert download.value.path().read_bytes().endswith(raw)

    link = ways(page)["Reply, keep with me"]
    parts = urlsplit(link)
    address = unquote(parts.path)
    assert address == s.relay_address(case["id"], "agentrelay", "alice")
    assert parse_qs(parts.query)["subject"] == ["Re: My kettle is broken"]
    assert len(link) < 1800

    page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("dialog")).to_contain_text("not")
    page.get_by_role("button", name="Go back").click()

    answer = mail("Alice <alice@corp.example>", address, "Re: My kettle", "A new one is coming.")
    s.deliver(answer, "alice@corp.example", [address])
    s.settle()
    [sent] = [one for one in s.sent() if b"\nAuto-Submitted:" not in one["delivered"]]
    assert sent["recipients"] == [ANN]
    page.bring_to_front()
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("Delivered").first).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Complete").click()
    page.get_by_role("button", name="Close task").click()
    expect(page.get_by_role("button", name="Close task")).to_have_count(0)

    read = message_from_bytes(sent["delivered"], policy=policy.default)
    assert alias_of(s, case["id"]) in read["From"]
    s.deliver(reply_to(sent["delivered"], "Thank you!"), ANN, [alias_of(s, case["id"])])
    s.settle()
    page.get_by_role("button", name=f"Accept email from {ANN}").click()
    expect(page.get_by_text("Thank you!").first).to_be_visible()
    assert s.task(s.cases()[0]["contact_id"])["agent"] == "alice"
    assert complaints == []
    context.close()


def test_a_stranger_is_held_then_added_and_gets_a_copy(
    browser: Browser, served: tuple[Stack, str]
) -> None:
    s, url = served
    s.deliver(mail(), ANN, [s.inquiry_address])
    s.settle()
    [case] = s.cases()
    ben = "ben@elsewhere.example"
    stranger = mail(ben, alias_of(s, case["id"]), "Me too", "I am waiting as well.")
    s.deliver(stranger, ben, [alias_of(s, case["id"])])
    s.settle()
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{url}/?agent=alice")
    page.get_by_role("button", name="Go available").click()
    page.get_by_role("button", name="Accept email from").first.click()

    hold = page.get_by_role("region", name=f"Held: mail from {ben}")
    expect(hold).to_be_visible()
    expect(page.get_by_text(f"This answer goes to: {ANN}")).to_be_visible()
    hold.get_by_role("button", name="Add to the case (").click()
    page.get_by_role("dialog").get_by_role("button", name="Add to the case").click()
    now = page.get_by_text(f"This answer goes to: {ANN}, copy: {ben}")
    expect(now).to_be_visible(timeout=20_000)  # a decision, and the case read again
    expect(hold).to_have_count(0)
    incoming = [one for one in s.messages(case["id"]) if one["direction"] == "in"]
    assert [one["disposition"] for one in incoming] == ["accepted", "accepted"]
    context.close()


def test_an_answer_is_let_go_and_taken_back(browser: Browser, built: None) -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with (
        stack(PageOrigin=origin, UndoSeconds="120", SendAcknowledgement="false") as s,
        Server(port, Page(s.world.endpoint, s.outputs["PageUrl"])) as server,
    ):
        s.deliver(mail(), ANN, [s.inquiry_address])
        s.settle()
        [case] = s.cases()
        stale = s.relay_address(case["id"], "relay", "alice")
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.goto(f"{server.url}/?agent=alice")
        page.get_by_role("button", name="Go available").click()
        page.get_by_role("button", name="Accept email from").first.click()
        expect(page.get_by_text(f"This answer goes to: {ANN}")).to_be_visible()
        again = mail(f"Ann <{ANN}>", alias_of(s, case["id"]), "Re: My kettle", "It works again!")
        s.deliver(again, ANN, [alias_of(s, case["id"])])
        s.settle()
        answer = mail("Alice <alice@corp.example>", stale, "Re: My kettle", "A new one is coming.")
        s.deliver(answer, "alice@corp.example", [stale])
        s.settle()
        page.evaluate("() => window.dispatchEvent(new Event('focus'))")
        page.get_by_role("button", name="Send anyway (").click()
        expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d\d\d? s$"))
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Taken back: not sent", exact=True)).to_be_visible()
        page.get_by_role("button", name="History").click()
        expect(
            page.locator(".history").get_by_text("Answer taken back before it left by alice")
        ).to_be_visible()
        [message] = [one for one in s.messages(case["id"]) if one["direction"] == "out"]
        assert message["delivery"] == "undone"
        assert [one for one in s.sent() if ANN in one["recipients"]] == []
        context.close()
