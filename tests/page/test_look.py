"""How the page fits its window, its reader and its keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.conftest import opened
from tests.page.fakes import World, mail
from tests.page.test_work import accept, body

NARROW = {"width": 400, "height": 800}
LONG = "a" * 150 + "." + "b" * 49 + "@example.com"
RTL = "שלום: المصباح وصل مكسورًا (Lamp) " + "כ" * 180


def brightness(page: Page) -> int:
    """Of the page's background, 0 to 765."""
    colour = page.evaluate("getComputedStyle(document.querySelector('.page')).backgroundColor")
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_dark_follows_the_system_and_the_choice_stays(browser: Browser, world: World) -> None:
    with opened(browser, world, color_scheme="dark") as tab:
        page = tab.page
        expect(page.get_by_role("button", name="Go available")).to_be_visible()
        assert brightness(page) < 200
        page.get_by_role("button", name="Appearance").click()
        page.get_by_role("menuitemcheckbox", name="Light").click()
        assert brightness(page) > 600
        page.reload()
        expect(page.get_by_role("button", name="Go available")).to_be_visible()
        assert brightness(page) > 600


@pytest.mark.parametrize("viewport", [NARROW, {"width": 1280, "height": 860}])
def test_long_and_right_to_left_text_does_not_break_the_page(
    browser: Browser, world: World, viewport: dict[str, int]
) -> None:
    content = mail(
        subject=RTL,
        cc=[{"name": "", "address": f"{n}{LONG}"} for n in range(12)],
        html="",
        new_text="x" * 3000,
    )
    content["from"] = {"name": "n" * 300, "address": LONG}
    content["attachments"][0]["filename"] = "f" * 250 + ".pdf"
    with opened(
        browser, world, viewport=viewport, prepare=lambda: world.offer(content=content)
    ) as tab:
        accept(tab, LONG)
        expect(tab.page.get_by_text("and 8 more")).to_be_visible()
        assert overflow(tab.page) <= 0
        tab.page.get_by_text("and 8 more").click()
        assert overflow(tab.page) <= 0


def test_a_narrow_window_shows_the_list_then_the_mail(browser: Browser, world: World) -> None:
    with opened(browser, world, viewport=NARROW, prepare=world.offer) as tab:
        page = tab.page
        accept(tab)
        expect(body(page)).to_contain_text("glass")
        expect(page.get_by_role("button", name="Complete")).to_be_in_viewport()
        world.offer("c-2", mail(message_id="m-9", subject="Another one"))
        expect(page.get_by_text("New email from ann@example.com")).to_be_visible()
        page.get_by_role("button", name="Accept", exact=True).click()
        expect(page.get_by_role("heading", name="Another one")).to_be_visible()
        assert overflow(page) <= 0


def test_connects_panel_is_never_taken_out_of_the_page(browser: Browser, world: World) -> None:
    with opened(browser, world) as tab:
        page = tab.page
        expect(page.get_by_role("button", name="Go available")).to_be_visible()
        page.evaluate("document.getElementById('ccp').firstChild.mark = 'same'")
        page.get_by_role("button", name="Hide my emails").click()
        page.get_by_role("button", name="Show my emails").click()
        page.set_viewport_size(NARROW)
        page.set_viewport_size({"width": 1280, "height": 860})
        page.get_by_role("button", name="Contact Control Panel").click()
        assert page.evaluate("document.getElementById('ccp').firstChild.mark") == "same"


def test_a_mail_is_worked_with_the_keyboard_alone(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        page = tab.page
        accept_button = page.get_by_role("button", name="Accept email from ann@example.com")
        expect(accept_button).to_be_visible()
        for _ in range(40):
            if accept_button.evaluate("button => button === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        # An offer has the same heading: what was offered gives way to the work first.
        expect(page.get_by_role("button", name="Transfer")).to_be_visible()
        expect(page.get_by_role("heading", name="Blue lamp")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Transfer")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Go back")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Complete")).to_be_focused()
