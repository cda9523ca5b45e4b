"""The desk for everybody: axe finds nothing in any main state, and the keyboard is enough."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.page.conftest import opened
from tests.page.fakes import World
from tests.page.server import ROOT
from tests.page.test_screens import SCENES, Scene, offered, place, text
from tests.page.test_work import body

AXE = ROOT / "agent_ccp" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Left out: the mail's own frame, which runs no script and is not ours, and the logo, which
# Cloudscape gives a role that its empty text does not allow.
RUN = """async (tags) => {
  const rules = {iframes: false, resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}};
  const found = await axe.run({exclude: ['header img']}, rules);
  return found.violations.map(({id, impact, nodes}) =>
    `${id} (${impact}): ` + nodes.map(({target}) => target.join(' ').slice(-80)).join(' | '));
}"""


def violations(page: Page) -> list[str]:
    """What axe objects to, each with where; nothing is half under the page's head meanwhile."""
    page.evaluate("() => scrollTo(0, 0)")
    page.evaluate(Path(AXE).read_text())
    return list(page.evaluate(RUN, TAGS))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_axe_has_nothing_to_say(browser: Browser, world: World, scene: Scene) -> None:
    with opened(browser, world, prepare=lambda: scene.prepare(world)) as tab:
        scene.act(tab)
        tab.page.wait_for_timeout(400)  # what fades in is pale meanwhile
        found = {"light": violations(tab.page)}
        tab.page.emulate_media(color_scheme="dark")
        tab.page.wait_for_timeout(400)
        found["dark"] = violations(tab.page)
        tab.page.context.set_offline(False)
        assert found == {"light": [], "dark": []}


def focused(part: Locator) -> bool:
    """Whether the keyboard is there."""
    return bool(part.evaluate("part => part === document.activeElement"))


def tab_to(page: Page, part: Locator, key: str = "Tab") -> None:
    """Presses a key until the focus is there; the focus is seen on the way."""
    for _ in range(80):
        if focused(part):
            return
        page.keyboard.press(key)
    assert focused(part)


def test_from_the_offer_to_the_sent_answer_with_the_keyboard_alone(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=lambda: offered(world)) as tab:
        page = tab.page
        accept = page.get_by_role("button", name="Accept email from ann@example.com")
        expect(accept).to_be_visible()
        tab_to(page, accept)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Blue lamp arrived broken")).to_be_focused()
        expect(body(page)).to_contain_text("glass")
        expect(text(page)).to_be_visible()
        page.keyboard.press("r")
        expect(text(page)).to_be_focused()
        page.keyboard.type("Dear Ann, a new lamp leaves today.")
        tab_to(page, place(page).get_by_role("button", name="Send", exact=True))
        page.keyboard.press("Enter")
        expect(place(page).get_by_text("It is on its way")).to_be_visible()
        assert "a new lamp leaves today" in world.writing.sent[0]["html"]
