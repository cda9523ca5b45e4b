"""What a stranger can put into a mail, and what of it reaches the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.page.conftest import opened
from tests.page.fakes import World, mail
from tests.page.test_work import accept, body


def hostile(host: str) -> str:
    """HTML as it must never come from the sanitiser, to test the frame as a second wall."""
    return f"""
      <p id="words">Please read this</p>
      <base href="{host}/base/"><img src="rel.png"><img src="{host}/img.png">
      <img src="x" onerror="fetch('{host}/onerror')">
      <picture><source srcset="{host}/set 1x"></picture>
      <script>fetch('{host}/script'); parent.document.title = 'taken'</script>
      <script src="{host}/src.js"></script><link rel="stylesheet" href="{host}/link.css">
      <link rel="preconnect" href="{host}"><link rel="prefetch" href="{host}/prefetch">
      <style>@import url({host}/import.css); body {{ background: url({host}/bg.png) }}
        @font-face {{ font-family: f; src: url({host}/font.woff) }} p {{ font-family: f }}</style>
      <meta http-equiv="refresh" content="0;url={host}/refresh">
      <iframe src="{host}/iframe"></iframe><iframe srcdoc="<img src='{host}/srcdoc'>"></iframe>
      <object data="{host}/object"></object><embed src="{host}/embed">
      <video src="{host}/video" poster="{host}/poster" autoplay></video>
      <audio src="{host}/a" autoplay></audio>
      <svg><image href="{host}/svg"/><use href="{host}/use#a"/></svg>
      <form action="{host}/form" method="post">
        <input name="a" autofocus onfocus="this.form.submit()">
        <button>Send</button></form>
      <a href="{host}/link" target="_top">top</a>
      <a href="{host}/blank" ping="{host}/ping">blank</a>
      <a href="javascript:fetch('{host}/js')">js</a>
    """


@pytest.mark.parametrize("csp", [True, False], ids=["page policy", "frame alone"])
def test_a_hostile_mail_makes_no_request(browser: Browser, world: World, csp: bool) -> None:
    def prepare() -> None:
        world.offer(content=mail(html=hostile(world.urls["stranger"])))

    with opened(browser, world, prepare=prepare, csp=csp) as tab:
        page = tab.page
        address = page.url
        accept(tab)
        expect(body(page)).to_contain_text("Please read this")
        for link in ("top", "blank", "js"):
            body(page).get_by_text(link, exact=True).click()
        body(page).get_by_role("button", name="Send").click()
        page.wait_for_timeout(1_500)
        assert world.tracked == []
        assert page.url == address
        assert len(page.context.pages) == 1
        expect(page).to_have_title("Email")
        # What the frame refused it also reported; that is the wall at work, not a fault.
        walls = ("sandboxed", "Content Security Policy", "Unsafe attempt to load URL")
        tab.complaints[:] = [
            each for each in tab.complaints if not any(wall in each for wall in walls)
        ]


def test_a_link_that_aims_at_its_own_frame_goes_nowhere(browser: Browser, world: World) -> None:
    def prepare() -> None:
        html = f'<p>Read</p><a href="{world.urls["stranger"]}/self" target="_self">here</a>'
        world.offer(content=mail(html=html))

    with opened(browser, world, prepare=prepare) as tab:
        accept(tab)
        body(tab.page).get_by_text("here").click()
        tab.page.wait_for_timeout(800)
        assert world.tracked == []
        tab.complaints[:] = [each for each in tab.complaints if "frame-src" not in each]


def test_text_from_outside_is_text(browser: Browser, world: World) -> None:
    nasty = "<img src=x onerror=\"document.title='taken'\">"
    content = mail(
        subject=nasty,
        html="",
        new_text=nasty,
        quoted_text="",
        warnings=[{"code": "x", "text": nasty}],
        key_phrases=[{"text": nasty, "score": 1}],
    )
    content["from"] = {"name": nasty, "address": "ann@example.com"}
    content["attachments"][0]["filename"] = "invoice\u202egpj.exe"
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        accept(tab)
        expect(tab.page.get_by_role("heading", name=nasty)).to_be_visible()
        expect(tab.page.get_by_role("button", name="invoicegpj.exe")).to_be_visible()
        expect(tab.page).to_have_title("Email")
        assert tab.page.locator("img[src=x]").count() == 0


def test_warnings_and_another_reply_to_are_shown(browser: Browser, world: World) -> None:
    content = mail(
        authenticated=False,
        reply_to=[{"name": "Ann", "address": "ann@elsewhere.example"}],
        warnings=[{"code": "lookalike", "text": "The name looks like one of our addresses."}],
    )
    with opened(browser, world, prepare=lambda: world.offer(content=content)) as tab:
        accept(tab)
        expect(tab.page.get_by_text("Take care with this sender")).to_be_visible()
        expect(tab.page.get_by_text("The name looks like one of our addresses.")).to_be_visible()
        expect(tab.page.get_by_text("Sender not confirmed")).to_be_visible()
        expect(tab.page.get_by_text("ann@elsewhere.example")).to_be_visible()
