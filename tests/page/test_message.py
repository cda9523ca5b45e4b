"""One message: its images, its header fields, and who learns that it was read."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, Request, expect

from tests.page.conftest import Tab, opened
from tests.page.fakes import World, mail
from tests.page.test_work import accept, body, until

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAA"
    "AABJRU5ErkJggg=="
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>parent.taken = 1</script></svg>"
REMOTE = "https://127.0.0.1:4430/pixel.png"


def fetched(page: Page) -> list[str]:
    """The https: addresses the browser asks for from now on; nobody answers there."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.startswith("https:"):
            asked.append(request.url)

    page.on("request", note)
    return asked


def drawn(picture: Locator) -> int:
    """Pixels of width that a picture has of its own; 0 when it is not shown."""
    try:
        width: int = picture.evaluate("each => each.complete ? each.naturalWidth : 0")
    except Error as error:  # the mail is being drawn anew, with its pictures
        if "context was destroyed" not in str(error):
            raise
        return 0
    return width


def image(content_id: str | None = "lamp@x", **changes: Any) -> dict[str, Any]:
    """A picture in the text, as a formatted mail lists it."""
    return {
        "n": 0,
        "filename": "lamp.png",
        "content_type": "image/png",
        "size": len(PNG),
        "inline": True,
        "content_id": content_id,
    } | changes


def show_images(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Show images").click()
    expect(tab.page.get_by_text("Images from the internet are not shown")).to_be_hidden()


def test_remote_images_wait_until_they_are_asked_for(browser: Browser, world: World) -> None:
    content = mail(html=f'<p>Read</p><img id="i" data-blocked-src="{REMOTE}">')
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        asked = fetched(tab.page)
        accept(tab)
        expect(body(tab.page).get_by_text("Read")).to_be_visible()
        expect(tab.page.get_by_text("loading them tells the sender")).to_be_visible()
        tab.page.wait_for_timeout(1_000)
        assert asked == []
        show_images(tab)
        until(tab.page, lambda: asked == [REMOTE])
        assert world.tracked == []


def test_without_remote_images_nothing_is_asked(browser: Browser, world: World) -> None:
    content = mail(html="<p>Read data-blocked-src</p>")
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        accept(tab)
        expect(body(tab.page).get_by_text("Read")).to_be_visible()
        expect(tab.page.get_by_role("button", name="Show images")).to_have_count(0)


def test_only_https_images_are_loaded(browser: Browser, world: World) -> None:
    data = "data:image/svg+xml;base64," + base64.b64encode(SVG).decode()

    def offer() -> None:
        host = world.urls["stranger"]
        sources = ["javascript:parent.taken=1", data, "//evil.example/x", f"{host}/x", "/x", REMOTE]
        html = "<p>Read</p>" + "".join(f'<img data-blocked-src="{each}">' for each in sources)
        html += f'<img src="{data}"><img src="{host}/y"><img srcset="{host}/z">'
        world.offer(content=mail(html=html))

    with opened(browser, world, prepare=offer) as tab:
        asked = fetched(tab.page)
        accept(tab)
        show_images(tab)
        until(tab.page, lambda: asked == [REMOTE])
        tab.page.wait_for_timeout(1_000)
        assert asked == [REMOTE]
        assert world.tracked == []
        loaded = [each.get_attribute("src") for each in body(tab.page).locator("img").all()]
        assert [each for each in loaded if each] == [REMOTE]
        assert tab.page.evaluate("window.taken") is None


def test_a_picture_of_the_mail_is_shown_in_its_place(browser: Browser, world: World) -> None:
    content = mail(html='<p>See</p><img src="cid:lamp%40x">', attachments=[image()])
    world.files[0] = PNG
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        accept(tab)
        until(tab.page, lambda: drawn(body(tab.page).locator("img")) == 2)
        expect(tab.page.get_by_text("lamp.png")).to_have_count(0)
        expect(tab.page.get_by_role("button", name="Show images")).to_have_count(0)
        tab.page.get_by_role("button", name="Plain text").click()
        expect(tab.page.get_by_text("lamp.png")).to_be_visible()


@pytest.mark.parametrize("octets", [SVG, b"<html>", b""])
def test_what_only_claims_to_be_a_picture_is_not_shown(
    browser: Browser, world: World, octets: bytes
) -> None:
    content = mail(html='<p>See</p><img src="cid:lamp@x">', attachments=[image()])
    world.files[0] = octets
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        accept(tab)
        expect(tab.page.get_by_text("An image of this email could not be loaded.")).to_be_visible()
        assert body(tab.page).locator("img").get_attribute("src") is None
        expect(tab.page.get_by_text("lamp.png")).to_be_visible()


@pytest.mark.parametrize("changes", [{"content_type": "image/svg+xml"}, {"size": 6_000_000}])
def test_other_types_and_large_pictures_are_not_fetched(
    browser: Browser, world: World, changes: dict[str, Any]
) -> None:
    content = mail(html='<p>See</p><img src="cid:lamp@x">', attachments=[image(**changes)])
    world.files[0] = PNG
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        accept(tab)
        expect(body(tab.page).get_by_text("See")).to_be_visible()
        tab.page.wait_for_timeout(1_000)
        assert not [key for key in world.asked if key.startswith("/attachments/")]
        expect(tab.page.get_by_text("lamp.png")).to_be_visible()


def test_headers_are_listed_in_their_order(browser: Browser, world: World) -> None:
    world.headers = [["Received", "from a " + "x" * 400], ["Subject", "<b>Lamp</b>"]]
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        tab.page.get_by_role("button", name="Headers", exact=True).click()
        table = tab.page.get_by_role("region", name="Headers of the email")
        expect(table.get_by_role("rowheader")).to_have_text(["Received", "Subject"])
        expect(table.get_by_role("cell").nth(1)).to_have_text("<b>Lamp</b>")
        assert table.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_headers_say_when_they_cannot_be_had(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=world.offer) as tab:
        accept(tab)
        expect(tab.page.get_by_text("This is the only message of the case")).to_be_visible()
        world.api_up = False
        tab.page.get_by_role("button", name="Headers", exact=True).click()
        expect(tab.page.get_by_text("The headers cannot be shown")).to_be_visible()
        world.api_up = True
        tab.page.locator(".body").get_by_role("button", name="Try again").click()
        expect(tab.page.get_by_role("cell", name="Ann Meyer <ann@example.com>")).to_be_visible()
