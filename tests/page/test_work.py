"""An agent's day on the page: offered, accepted, read, answered, completed, transferred."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.page.conftest import Tab, opened
from tests.page.fakes import CASE_ID, RELAYS, World, iso, mail, query

WAYS = {
    "Reply": "relay_address",
    "Reply, keep with my queue": "queuerelay_address",
    "Reply, keep with me": "agentrelay_address",
    "Reply and close": "rejectrelay_address",
}


def accept(tab: Tab, address: str = "ann@example.com") -> None:
    """Accepts the offered mail and waits until its text is there."""
    tab.page.get_by_role("button", name=f"Accept email from {address}").click()
    expect(tab.page.get_by_role("button", name="Complete")).to_be_visible()


def ways(page: Page | FrameLocator) -> dict[str, str]:
    """The ways to answer with one's own mail program: their links by their names."""
    found = {label: page.get_by_role("link", name=label, exact=True) for label in WAYS}
    for link in found.values():
        expect(link).to_be_visible()
    return {label: link.get_attribute("href") or "" for label, link in found.items()}


def body(page: Page, title: str = "Email") -> Locator:
    """The document in the frame the mail is shown in."""
    return page.frame_locator(f'iframe[title="{title}"]').locator("body")


def state(world: World, contact_id: str = "c-1") -> str | None:
    """The state of alice's contact, None when she has it no longer."""
    found = [c["state"] for c in world.agents["alice"].contacts if c["contactId"] == contact_id]
    return found[0] if found else None


def until(page: Page, happened: Callable[[], bool]) -> None:
    """Waits up to 20 seconds for something outside the page."""
    for _ in range(400):
        if happened():
            return
        page.wait_for_timeout(50)
    assert happened()


def test_a_mail_is_offered_accepted_and_shown(browser: Browser, world: World) -> None:
    with opened(browser, world) as tab:
        page = tab.page
        page.get_by_role("button", name="Go available").click()
        expect(page.get_by_text("You are available.")).to_be_visible()
        until(page, lambda: world.agents["alice"].state == "Available")
        world.offer()
        expect(page).to_have_title("(1) Email")
        accept(tab)
        assert state(world) == "connected"
        expect(page).to_have_title("Email")
        expect(page.get_by_role("heading", name="Blue lamp arrived broken")).to_be_focused()
        expect(body(page)).to_contain_text("the glass of the lamp arrived broken")
        expect(body(page)).not_to_contain_text("It is on its way")
        page.get_by_role("button", name="Quoted email").click()
        expect(body(page, "Quoted email")).to_contain_text("It is on its way")
        expect(page.get_by_text("Sender confirmed")).to_be_visible()
        expect(page.get_by_text("12 minutes ago")).to_be_visible()
        expect(page.get_by_text("the blue lamp")).to_be_visible()


def test_the_mail_stays_unread_until_the_task_is_accepted(browser: Browser, world: World) -> None:
    with opened(browser, world) as tab:
        world.offer()
        tab.page.get_by_text("Blue lamp arrived broken").click()
        expect(tab.page.get_by_text("Accept the email to read and answer it.")).to_be_visible()
        assert world.asked == []
        tab.page.get_by_role("button", name="Reject", exact=True).click()
        expect(tab.page.get_by_text("You did not take this email")).to_be_visible()
        tab.page.get_by_role("button", name="Close task").click()
        expect(tab.page.get_by_text("No emails with you.")).to_be_visible()


def test_an_accepted_mail_cannot_be_accepted_twice(browser: Browser, world: World) -> None:
    world.whisper_runs = True
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        page.get_by_role("button", name="Accept email from ann@example.com").dblclick()
        expect(page.get_by_role("heading", name="Blue lamp arrived broken")).to_be_visible()
        for button in page.get_by_role("button", name="Accept").all():
            expect(button).to_be_disabled()
        with world.lock:
            world.agents["alice"].contacts[0]["state"] = "connected"
            world.agents["alice"].version += 1
        expect(page.get_by_role("button", name="Complete")).to_be_visible()
        expect(page.get_by_text("Accepting did not work")).to_be_hidden()


def test_four_ways_to_reply(browser: Browser, world: World) -> None:
    subject = 'RE: Größe "L" & 100 % + more?'
    with opened(browser, world, prepare=lambda: world.offer(content=mail(subject=subject))) as tab:
        accept(tab)
        for label, link in ways(tab.page).items():
            attribute = WAYS[label]
            assert len(link) < 1800
            address = unquote(link.removeprefix("mailto:").split("?")[0])
            assert address == RELAYS[attribute]
            assert query(link) == {"subject": ['Re: Größe "L" & 100 % + more?']}


def test_reply_goes_to_the_composer(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        text = page.get_by_role("textbox", name="Your reply")
        page.get_by_role("region", name="Reply").get_by_role("button", name="Reply").first.click()
        expect(text).to_be_focused()
        expect(text).to_be_in_viewport()
        page.get_by_role("region", name="Reply").get_by_role("button", name="Forward").click()
        expect(page.get_by_role("textbox", name="Your message")).to_be_focused()


def test_complete_asks_first_while_the_case_has_no_answer(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        page.get_by_role("button", name="Complete").click()
        dialog = page.get_by_role("dialog", name="Ann\u2019s email has not been answered")
        expect(dialog).to_contain_text("the case stays open")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("button", name="Complete")).to_be_focused()
        assert state(world) == "connected"
        page.get_by_role("button", name="Complete").click()
        dialog.get_by_role("button", name="Complete anyway").click()
        page.get_by_role("button", name="Close task").click()
        expect(page.get_by_text("No emails with you.")).to_be_visible()
        assert state(world) is None


def test_complete_does_not_ask_once_the_case_is_answered(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        expect(tab.page.get_by_text("Not answered", exact=True)).to_be_visible()
        world.cases["c-1"]["case"]["answered"] = True
        tab.page.get_by_role("button", name="Complete").click()
        expect(tab.page.get_by_role("button", name="Close task")).to_be_visible()
        assert state(world) == "ended"


def test_without_the_api_the_mail_is_read_and_answered_all_the_same(
    browser: Browser, world: World
) -> None:
    world.api_up = False
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        expect(body(page)).to_contain_text("glass")
        assert ways(page)["Reply"].startswith("mailto:")
        expect(page.get_by_role("button", name="Reply", exact=True)).to_have_count(0)
        expect(page.get_by_text("The conversation cannot be shown right now")).to_be_visible()
        page.get_by_role("button", name="Complete").click()
        dialog = page.get_by_role("dialog", name="Was this email answered?")
        dialog.get_by_role("button", name="Go back").click()
        assert state(world) == "connected"


def test_an_expired_link_is_renewed_through_the_api(browser: Browser, world: World) -> None:
    def prepare() -> None:
        world.offer()
        world.expired.add("/formatted/c-1")
        world.store("fresh/m-1", mail())

    with opened(browser, world, prepare=prepare) as tab:
        accept(tab)
        expect(body(tab.page)).to_contain_text("glass")
        assert world.asked == ["/formatted/c-1", "/fresh/m-1"]


def test_an_expired_link_without_api_is_explained(browser: Browser, world: World) -> None:
    world.api_up = False
    past = iso(datetime.now(UTC) - timedelta(minutes=1))
    with opened(browser, world, prepare=lambda: world.offer(email_url_expires_at=past)) as tab:
        accept(tab)
        expect(tab.page.get_by_text("The link to this email has expired")).to_be_visible()
        assert ways(tab.page)["Reply"].startswith("mailto:")
        world.api_up = True
        world.store("fresh/m-1", mail())
        tab.page.get_by_role("button", name="Try again").click()
        # The refused code is not sent twice, so the task has to bring a new one.
        with world.lock:
            world.codes["second"] = "c-1"
            world.agents["alice"].contacts[0]["attributes"]["access_code"] = "second"
            world.agents["alice"].version += 1
        expect(body(tab.page)).to_contain_text("glass")


def test_attachments_are_fetched_on_click(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        expect(page.get_by_text("Not answered", exact=True)).to_be_visible()
        button = page.get_by_role("button", name="broken lamp.jpg")
        expect(button).to_contain_text("image/jpeg, 340 KB")
        assert not [key for key in world.asked if key.startswith("/attachments")]
        with page.context.expect_event("page"):
            button.click()
        until(page, lambda: "/attachments/m-1/0" in world.asked)
        expect(body(page)).to_contain_text("glass")


def test_the_original_says_that_answering_it_leaves_the_case(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        link = tab.page.get_by_role("link", name=f"Download the original email ({CASE_ID}.eml)")
        href = link.get_attribute("href")
        assert href is not None
        assert href.startswith(f"{world.urls['store']}/inbound/c-1?")
        expect(tab.page.get_by_text("leaves the case")).to_be_visible()


def test_transfer_by_quick_connect(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        page.get_by_role("button", name="Transfer").click()
        dialog = page.get_by_role("dialog", name="Transfer to")
        expect(dialog.get_by_role("button", name="Transfer")).to_be_disabled()
        dialog.get_by_role("radio", name="Returns").check()
        dialog.get_by_role("button", name="Transfer").click()
        expect(page.get_by_role("button", name="Close task")).to_be_visible()
        assert world.transfers == [("c-1", "arn:qc:returns")]


def test_a_place_is_found_among_many_by_its_name(browser: Browser, world: World) -> None:
    world.endpoints += [
        {"type": "agent", "name": f"Zoë {n}", "endpointARN": f"arn:qc:{n}", "endpointId": f"z{n}"}
        for n in range(60)
    ]
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        page.get_by_role("button", name="Transfer").click()
        dialog = page.get_by_role("dialog", name="Transfer to")
        expect(dialog.get_by_role("group", name="Queues").get_by_role("radio")).to_have_count(1)
        expect(dialog.get_by_role("group", name="Colleagues").get_by_role("radio")).to_have_count(
            61
        )
        page.keyboard.type("zoe 42")
        expect(dialog.get_by_role("radio")).to_have_count(1)
        page.keyboard.type("x")
        expect(dialog.get_by_text("Nothing matches “zoe 42x”.")).to_be_visible()
        page.keyboard.press("Backspace")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(dialog.get_by_role("radio", name="Zoë 42")).to_be_checked()
        dialog.get_by_role("button", name="Transfer").click()
        expect(page.get_by_role("button", name="Close task")).to_be_visible()
        assert world.transfers == [("c-1", "arn:qc:42")]


def test_the_draft_is_saved_before_the_task_is_transferred(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        page.get_by_role("textbox", name="Your reply").click()
        page.keyboard.type("Half an answer")
        page.get_by_role("button", name="Transfer").click()
        dialog = page.get_by_role("dialog", name="Transfer to")
        expect(dialog.get_by_text("Your draft goes along")).to_be_visible()
        dialog.get_by_role("radio", name="Bob Baker").check()
        page.context.set_offline(True)
        dialog.get_by_role("button", name="Transfer").click()
        expect(dialog.get_by_text("Your draft could not be saved")).to_be_visible()
        assert world.transfers == []
        page.context.set_offline(False)
        dialog.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Transfer").click()
        dialog.get_by_role("radio", name="Bob Baker").check()
        dialog.get_by_role("button", name="Transfer").click()
        expect(page.get_by_role("button", name="Close task")).to_be_visible()
        assert world.transfers == [("c-1", "arn:qc:bob")]
        assert world.writing.draft is not None
        assert "Half an answer" in world.writing.draft["html"]


def test_nowhere_to_transfer_to_is_explained(browser: Browser, world: World) -> None:
    world.endpoints = []
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        tab.page.get_by_role("button", name="Transfer").click()
        dialog = tab.page.get_by_role("dialog", name="Transfer to")
        expect(dialog.get_by_text("There are no quick connects for your queues.")).to_be_visible()
        expect(dialog.get_by_role("button", name="Transfer")).to_be_disabled()


def test_the_conversation_and_what_became_of_each_message(browser: Browser, world: World) -> None:
    later = iso(datetime.now(UTC) + timedelta(seconds=5))
    answer = {"id": "m-0", "direction": "out", "to": ["ann@example.com"], "subject": "Re: Lamp"}
    more = {"direction": "in", "from": {"address": "ann@example.com"}, "subject": "And the cable"}

    def prepare() -> None:
        world.offer()
        world.cases["c-1"]["messages"] += [
            answer | {"at": "2026-01-01T10:00:00Z", "delivery": "bounced"},
            more
            | {
                "id": "m-3",
                "subject": "Me too",
                "at": later,
                "disposition": "held",
                "reason": "other_sender",
            },
            more | {"id": "m-2", "at": later, "disposition": "accepted"},
        ]
        world.cases["c-1"]["relay_addresses"] = {"relay": "relay+newest@mail.corp.example"}
        world.store("fresh/m-2", mail(message_id="m-2", html="", new_text="No cable either."))

    with opened(browser, world, prepare=prepare) as tab:
        page = tab.page
        accept(tab)
        expect(page.get_by_text("Bounced: not delivered")).to_be_visible()
        expect(page.get_by_text("Held", exact=True)).to_be_visible()
        expect(page.get_by_text("Other sender")).to_be_visible()
        expect(page.get_by_text("ann@example.com has written again")).to_be_visible()
        assert "newest" not in ways(page)["Reply"]
        page.get_by_role("button", name="And the cable").click()
        expect(page.get_by_text("No cable either.")).to_be_visible()
        assert ways(page)["Reply"] == (
            "mailto:relay%2Bnewest@mail.corp.example?subject=Re%3A%20Blue%20lamp%20arrived%20broken"
        )


def test_a_newer_mail_takes_the_place_of_the_one_shown(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        expect(body(page)).to_contain_text("glass")
        link = world.store("formatted/m-2", mail(message_id="m-2", html="<p>Never mind.</p>"))
        news = {
            "message_id": "m-2",
            "email_url": link,
            "relay_address": "relay+newer@mail.corp.example",
        }
        with world.lock:
            world.agents["alice"].contacts[0]["attributes"] |= news
            world.agents["alice"].version += 1
        expect(body(page)).to_contain_text("Never mind.")
        expect(page.get_by_text("ann@example.com has written again")).to_be_visible()
        assert "newer" in ways(page)["Reply"]


def test_an_offer_that_has_gone_is_explained(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        button = tab.page.get_by_role("button", name="Accept email from ann@example.com")
        expect(button).to_be_visible()
        with world.lock:  # taken away, and no snapshot has told the page yet
            world.agents["alice"].contacts[0]["state"] = "missed"
        button.click()
        expect(tab.page.get_by_text("Accepting did not work")).to_be_visible()


@pytest.mark.parametrize("configured", [True, False])
def test_the_page_says_what_is_wrong_with_its_set_up(
    browser: Browser, world: World, configured: bool
) -> None:
    agent = "alice" if not configured else ""
    with opened(browser, world, agent=agent, configured=configured) as tab:
        words = (
            "Waiting for you to sign in to Amazon Connect"
            if configured
            else "This page is not set up yet"
        )
        expect(tab.page.get_by_text(words)).to_be_visible()


def test_the_token_is_kept_in_this_tab_only(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        expect(tab.page.get_by_text("Not answered", exact=True)).to_be_visible()
        assert world.tokens
        elsewhere = tab.page.evaluate(
            "JSON.stringify([{...localStorage}, document.cookie, location.href,"
            " document.documentElement.outerHTML])"
        )
        assert not [token for token in world.tokens if token in elsewhere]
        assert tab.page.evaluate("document.cookie") == ""
        kept = tab.page.evaluate("Object.keys(sessionStorage)")
        assert [name for name in kept if name.startswith("case-")] == ["case-session/c-1"]


def test_a_reload_goes_on_where_it_was(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        expect(tab.page.get_by_text("Not answered", exact=True)).to_be_visible()
        tab.page.reload()
        expect(body(tab.page)).to_contain_text("the glass of the lamp arrived broken")
        expect(tab.page.get_by_text("Not answered", exact=True)).to_be_visible()
        expect(tab.page.get_by_role("region", name="Write")).to_be_visible()
