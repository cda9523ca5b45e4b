"""Around the case at hand: colleagues who look too, its state, other cases, and keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.page.conftest import opened
from tests.page.fakes import World, as_json, listed, mail, problem
from tests.page.test_look import overflow
from tests.page.test_work import accept, until

BOB = {"username": "bob", "name": "Bob Baker", "writing": False, "since": "2026-11-22T10:00:00Z"}
STALE = {
    "type": "urn:email-channel:stale",
    "title": "Not up to date",
    "status": 409,
    "detail": "Somebody has written since.",
    "newer": {"kind": "answer", "actor": "bob", "at": "", "message_id": "o-1"},
}


def other(case_id: str, **changes: Any) -> dict[str, Any]:
    """A case as the list of other cases has it."""
    return {
        "id": case_id,
        "subject": f"Case {case_id}",
        "status": "resolved",
        "created_at": "2026-10-01T10:00:00Z",
        "latest_at": "2026-10-02T10:00:00Z",
        "answered": True,
        "linked": False,
    } | changes


def with_others(world: World, count: int = 4, messages: int = 3) -> None:
    """Offers a mail of a customer who has other cases; the newest is called x0."""
    world.offer()
    world.others = [other(f"x{n}") for n in range(count)]
    head = world.cases["c-1"]["case"]
    head["others"] = count
    texts = [listed(f"y{n}", subject=f"Old mail {n}") for n in range(messages)]
    world.other_cases["x0"] = {"case": head | {"id": "x0", "status": "resolved"}, "messages": texts}
    for one in texts:
        content = mail(message_id=one["id"], html="", new_text=f"Text of {one['id']}")
        world.store(f"fresh/{one['id']}", content)


def others(page: Page) -> Locator:
    return page.get_by_role("button", name="Other cases of this customer")


def choose(page: Page, action: str) -> None:
    """Picks an action from the menu of the case's state."""
    page.get_by_role("button", name="change the state of the case").click()
    page.get_by_role("menuitem", name=action).click()


def test_colleagues_who_look_or_write_are_named(browser: Browser, world: World) -> None:
    world.viewers = [BOB]
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        line = tab.page.locator(".viewers")
        expect(line).to_have_text("Bob Baker is also looking at this case.")
        assert line.get_attribute("aria-live") == "polite"
        world.viewers = [BOB | {"writing": True}]
        text = tab.page.get_by_role("textbox", name="Your reply")
        text.click()
        tab.page.keyboard.type("Dear Ann")
        expect(line).to_have_text("Bob Baker is writing an answer.")
        assert world.present[0] is False
        assert world.present[-1] is True


def look(page: Page, visibility: str) -> None:
    """The agent turns to another window, or comes back."""
    page.evaluate(
        """value => {
            Object.defineProperty(document, 'visibilityState', {configurable: true, value});
            document.dispatchEvent(new Event('visibilitychange'));
        }""",
        visibility,
    )


def test_a_page_that_is_not_seen_does_not_say_it_is_there(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        until(tab.page, lambda: len(world.present) == 1)
        look(tab.page, "hidden")
        tab.page.wait_for_timeout(16_000)  # longer than the time between two calls
        assert len(world.present) == 1
        look(tab.page, "visible")
        until(tab.page, lambda: len(world.present) == 2)


def test_colleagues_stay_through_a_fault_and_go_with_the_session(
    browser: Browser, world: World
) -> None:
    world.viewers = [BOB]
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        line = tab.page.locator(".viewers")
        expect(line).to_contain_text("Bob Baker")
        world.api_up = False
        with tab.page.expect_response("**/case/presence"):
            look(tab.page, "visible")
        tab.page.wait_for_timeout(300)
        expect(line).to_contain_text("Bob Baker")
        world.api_up = True
        world.tokens.clear()
        look(tab.page, "visible")
        expect(line).to_be_empty()


def test_a_case_is_resolved_and_opened_again(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        status = tab.page.locator(".case-status")
        expect(status).to_contain_text("Open")
        choose(tab.page, "Resolve")
        expect(status).to_contain_text("Resolved")
        seen = {"latest_message_id": "m-1", "last_answer": ""}
        assert world.states == [{"status": "resolved", "seen": seen}]
        choose(tab.page, "Re-open")
        expect(status).to_contain_text("Open")
        assert [one["status"] for one in world.states] == ["resolved", "open"]


def test_rejecting_asks_first(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        page = tab.page
        choose(page, "Reject")
        dialog = page.get_by_role("dialog", name="Reject this case?")
        expect(dialog).to_contain_text("A later email of Ann Meyer opens a new case")
        dialog.get_by_role("button", name="Go back").click()
        expect(dialog).to_be_hidden()
        assert world.states == []
        choose(page, "Reject")
        dialog.get_by_role("button", name="Reject the case").click()
        expect(page.locator(".case-status")).to_contain_text("Rejected")
        assert [one["status"] for one in world.states] == ["rejected"]


def test_who_wrote_meanwhile_is_named_and_the_case_asked_again(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        page = tab.page
        expect(page.locator(".case-status")).to_contain_text("Open")
        world.cases["c-1"]["case"] |= {"last_answer": "o-1", "status": "waiting"}
        world.refusals = [as_json(409, STALE)]
        choose(page, "Resolve")
        expect(page.get_by_role("alert").filter(has_text="bob wrote")).to_be_visible()
        expect(page.locator(".case-status")).to_contain_text("Waiting for the customer")
        choose(page, "Resolve")
        expect(page.locator(".case-status")).to_contain_text("Resolved")
        assert [one["seen"]["last_answer"] for one in world.states] == ["", "o-1"]
        expect(page.get_by_text("bob wrote")).to_have_count(0)


def test_a_state_that_cannot_be_set_is_told(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        world.refusals = [problem(503, "Unavailable", "Something is slow.")]
        choose(tab.page, "Resolve")
        expect(tab.page.get_by_text("Resolving the case did not work")).to_be_visible()
        expect(tab.page.locator(".case-status")).to_contain_text("Open")


def test_without_other_cases_none_are_offered(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=lambda: with_others(world, 0)) as tab:
        accept(tab)
        expect(tab.page.locator(".case-status")).to_be_visible()
        expect(others(tab.page)).to_have_count(0)


def test_another_case_is_listed_page_by_page_and_read(browser: Browser, world: World) -> None:
    def offer() -> None:
        with_others(world)
        world.others[1] |= {"linked": True, "status": "waiting", "subject": ""}

    with opened(browser, world, prepare=offer) as tab:
        accept(tab)
        page = tab.page
        expect(page.locator(".others-place")).to_contain_text("(4)")
        others(page).click()
        rows = page.locator(".others li")
        expect(rows).to_have_count(3)
        expect(rows.nth(0)).to_contain_text("Resolved")
        expect(rows.nth(0)).not_to_contain_text("Linked")
        expect(rows.nth(1)).to_contain_text("(no subject)")
        expect(rows.nth(1)).to_contain_text("Waiting for the customer")
        expect(rows.nth(1)).to_contain_text("Linked")
        page.get_by_role("button", name="Show older", exact=True).click()
        expect(rows).to_have_count(4)
        page.get_by_role("button", name="Case x0").click()
        dialog = page.get_by_role("dialog", name="Case x0")
        expect(dialog.get_by_role("button", name="Old mail 2")).to_be_visible()
        expect(dialog.get_by_text("Old mail 0")).to_have_count(0)
        assert "/fresh/y2" not in world.asked
        dialog.get_by_role("button", name="Show older messages").click()
        dialog.get_by_role("button", name="Old mail 0").click()
        expect(dialog.get_by_text("Text of y0")).to_be_visible()
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_be_hidden()
        expect(page.get_by_role("button", name="Case x0")).to_be_focused()


def test_files_of_another_case_come_from_that_case(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=lambda: with_others(world)) as tab:
        accept(tab)
        page = tab.page
        others(page).click()
        page.get_by_role("button", name="Case x0").click()
        dialog = page.get_by_role("dialog", name="Case x0")
        dialog.get_by_role("button", name="Old mail 2").click()
        with page.expect_download():
            dialog.get_by_role("button", name="broken lamp.jpg").click()
        assert "/attachments/x0/y2/0" in world.asked


def test_other_cases_that_cannot_be_read_can_be_asked_for_again(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=lambda: with_others(world)) as tab:
        accept(tab)
        page = tab.page
        expect(others(page)).to_be_visible()
        world.api_up = False
        others(page).click()
        expect(page.get_by_text("The other cases cannot be shown")).to_be_visible()
        world.api_up = True
        page.locator(".others-place").get_by_role("button", name="Try again").click()
        page.get_by_role("button", name="Case x1").click()
        dialog = page.get_by_role("dialog", name="Case x1")
        expect(dialog.get_by_text("The case cannot be shown")).to_be_visible()
        world.other_cases["x1"] = world.other_cases["x0"]
        dialog.get_by_role("button", name="Try again").click()
        expect(dialog.get_by_role("button", name="Old mail 2")).to_be_visible()


def test_keys_are_listed_and_can_be_switched_off(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=lambda: with_others(world)) as tab:
        accept(tab)
        page = tab.page
        expect(others(page)).to_be_visible()
        page.keyboard.press("?")
        sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
        for what in ("Next message", "Reply", "Write a note", "Forward", "Resolve the case"):
            expect(sheet.get_by_role("row", name=what)).to_be_visible()
        page.keyboard.press("e")
        sheet.get_by_label("Use keyboard shortcuts").click()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        page.keyboard.press("o")
        page.keyboard.press("?")
        page.wait_for_timeout(300)
        expect(sheet).to_be_hidden()
        expect(others(page)).to_have_attribute("aria-expanded", "false")
        page.get_by_role("button", name="Keyboard shortcuts").click()
        sheet.get_by_label("Use keyboard shortcuts").click()
        page.keyboard.press("Escape")
        page.keyboard.press("o")
        expect(others(page)).to_have_attribute("aria-expanded", "true")
        assert world.states == []


def test_keys_do_what_they_say_unless_somebody_types(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=lambda: with_others(world)) as tab:
        accept(tab)
        page = tab.page
        text = page.get_by_role("textbox", name="Your reply")
        text.click()
        page.keyboard.type("ejo?n")
        expect(text).to_contain_text("ejo?n")
        page.wait_for_timeout(300)
        assert world.states == []
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
        page.locator("#mail-title").focus()
        page.keyboard.press("Control+e")
        page.keyboard.press("n")
        expect(page.get_by_role("textbox", name="Your note")).to_be_visible()
        page.locator("#mail-title").focus()
        page.keyboard.press("e")
        expect(page.locator(".case-status")).to_contain_text("Resolved")
        assert len(world.states) == 1


def test_keys_go_from_message_to_message(browser: Browser, world: World) -> None:
    def offer() -> None:
        world.offer()
        for n in (2, 3):
            world.add(listed(f"m-{n}", subject=f"Mail {n}"))

    with opened(browser, world, prepare=offer) as tab:
        accept(tab)
        page = tab.page
        expect(page.locator(".message")).to_have_count(2)
        page.evaluate(
            "document.querySelectorAll('.message').forEach((each, n) => each.dataset.message = n)"
        )
        at = "document.activeElement.dataset.message"
        page.locator("#mail-title").focus()
        went = []
        for key in "jjjk":
            page.keyboard.press(key)
            went.append(page.evaluate(at))
        assert went == ["m-1", "0", "1", "0"]  # the mail above the conversation is the first


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_window_has_room_for_it_all(browser: Browser, world: World, scheme: str) -> None:
    world.viewers = [BOB | {"name": "Bartholomew" * 8}]

    def offer() -> None:
        with_others(world)
        world.others[0] |= {"subject": "Lamp" * 60, "linked": True}

    narrow = {"width": 360, "height": 800}
    with opened(browser, world, viewport=narrow, color_scheme=scheme, prepare=offer) as tab:
        accept(tab)
        page = tab.page
        others(page).click()
        expect(page.locator(".others li")).to_have_count(3)
        assert overflow(page) <= 0
        page.get_by_role("button", name="LampLamp").click()
        expect(page.get_by_role("button", name="Old mail 2")).to_be_visible()
        assert overflow(page) <= 0
