"""What a stranger can put into a mail, and what of it reaches the browser."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Error, FrameLocator, Page, Route, expect

from local.demo.page import Page as DeployedPage
from local.demo.web import Server as PageServer
from local.testing import Stack, fetch, stack
from tests import builders
from tests.abuse.markup import HOSTILE, dangers
from tests.page.conftest import Watched, opened
from tests.page.fakes import Answer, World, mail
from tests.page.server import Server
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


# --- On the deployed stack: D21 and D22 -----------------------------------------------------------

EVE = "eve@evil.example"
TAKEN = "top.document.title='taken';top.name='taken';alert(1)"


@dataclass
class Watch:
    """What a browser asked of whom, and what it opened: kept where requests leave it."""

    allowed: tuple[str, ...]
    left: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def hear(self, dialog: Dialog) -> None:
        """A script of the mail's has run."""
        self.said.append(dialog.message)
        dialog.dismiss()

    def stop(self, route: Route) -> None:
        """Let a request go to the page, the API and the bucket; note and end every other."""
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" in self.allowed:
            route.continue_()
            return
        self.left.append(route.request.url)
        route.abort()


@dataclass
class Desk:
    """Eve's mail open before Alice."""

    s: Stack
    page: Page
    watch: Watch
    url: str
    message: dict

    @property
    def mail(self) -> FrameLocator:
        return self.page.frame_locator("iframe[title=Email]").last

    def untouched(self) -> None:
        """The page is what it was, and nobody outside has heard of it."""
        assert self.watch.left == []
        assert self.watch.opened == []
        assert self.watch.said == []
        assert self.page.url.startswith(self.url)
        assert len(self.page.context.pages) == 1
        expect(self.page).not_to_have_title("taken")
        assert self.page.evaluate("() => [name, Object.keys(localStorage)]") == ["", []]
        assert self.page.locator("base, script:not([src])").count() == 0


@contextmanager
def desk(browser: Watched, raw: bytes) -> Iterator[Desk]:
    """Delivers a mail of Eve's to the deployed stack; Alice opens it in the deployed page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with stack(PageOrigin=f"http://127.0.0.1:{port}") as s:
        page_of = DeployedPage(s.world.endpoint, s.outputs["PageUrl"])
        with PageServer(port, page_of) as server:
            s.deliver(raw, EVE, [s.inquiry_address])
            s.settle()
            [case] = s.cases()
            [message] = s.messages(case["id"])
            watch = Watch((server.url, s.world.endpoint))
            context = browser.new_context(locale="en-GB", accept_downloads=True)
            context.set_default_timeout(15_000)
            context.route("**/*", watch.stop)
            page = context.new_page()
            page.on("dialog", watch.hear)
            context.on("page", lambda new: watch.opened.append(new.url))
            page.goto(f"{server.url}/?agent=alice")
            page.get_by_role("button", name="Go available").click()
            with page.expect_response(re.compile(r"/case(\?.*)?$")):
                page.get_by_role("button", name=re.compile("^Accept email from")).click()
            page.wait_for_timeout(500)  # until the page has made something of the answer
            yield Desk(s, page, watch, server.url, message)
            context.close()
            browser.expect("Blocked opening")  # a link in the mail's frame: so it should be


def utf7(html: str) -> bytes:
    """HTML whose angle brackets show only to who decodes UTF-7."""
    head = (
        f"From: {EVE}\r\nTo: support@support.example.com\r\nSubject: x\r\nMessage-ID: <u7@x.y>\r\n"
    )
    body = html.replace("+", "+-").replace("<", "+ADw-").replace(">", "+AD4-")
    return f"{head}Content-Type: text/html; charset=utf-7\r\n\r\n{body}".encode()


def everything_active(host: str) -> str:
    pieces = "".join(f"<div>{piece}</div>" for piece in HOSTILE)
    return (
        f"<html><head><title>taken</title></head><body>{hostile(host)}{pieces}"
        f"<script>{TAKEN}</script><img src=x onerror={TAKEN!r}><p>The end of it</p></body></html>"
    )


@pytest.mark.parametrize("kind", ["html", "utf-7", "as text"])
def test_d21_active_content_of_a_mail_is_dead(browser: Browser, kind: str) -> None:
    """The document that is kept has none of it; the page shows its text, and nothing moves."""
    heard: list[str] = []

    def stranger(_method: str, path: str, _headers: dict[str, str], _body: bytes) -> Answer:
        heard.append(path)
        return 200, {"Content-Type": "text/html"}, b"<script>top.document.title='taken'</script>"

    with Server(stranger) as outside:
        html = everything_active(outside.url)
        raw = {
            "html": lambda: builders.mail(EVE, text="Please read this", html=html),
            "utf-7": lambda: utf7(html),
            "as text": lambda: builders.mail(EVE, text=f"Please read this {html}"),
        }[kind]()
        with desk(browser, raw) as at:
            document = at.message["formatted"]
            assert dangers(document.get("html") or "") == []
            assert "Please read this" in document["text"]
            shown = at.mail if document.get("html") else at.page
            expect(shown.get_by_text("Please read this").first).to_be_visible()
            for frame in at.page.locator("iframe[srcdoc]").all():
                allowed = (frame.get_attribute("sandbox") or "").split()
                assert not {"allow-scripts", "allow-same-origin", "allow-top-navigation"} & {
                    *allowed
                }
            for link in ("top", "blank", "js", "go"):
                for each in shown.get_by_text(link, exact=True).all():
                    each.click(force=True)
            at.page.wait_for_timeout(1_500)
            at.untouched()
            assert heard == []


ACTIVE = (
    ("x.svg", "image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg" onload="{TAKEN}"/>'),
    ("x.html", "text/html", f"<script>{TAKEN}</script>"),
    (
        "x.xhtml",
        "application/xhtml+xml",
        f'<html xmlns="http://www.w3.org/1999/xhtml"><script>{TAKEN}</script></html>',
    ),
    ("x.xml", "text/xml", f'<x xmlns="http://www.w3.org/1999/xhtml"><script>{TAKEN}</script></x>'),
    ("picture.png", "image/png", f"<html><script>{TAKEN}</script></html>"),
    ("x.mht", "application/x-mimearchive", f"<script>{TAKEN}</script>"),
)


def test_d22_active_attachments_are_downloads_of_another_origin(browser: Browser) -> None:
    """As the API mints the link, as the bucket answers it, and as the browser takes it."""
    files = [(name, kind, text.encode()) for name, kind, text in ACTIVE]
    raw = builders.mail(EVE, text="See the files", attachments=files)
    with desk(browser, raw) as at:
        for n, (name, _, text) in enumerate(ACTIVE):
            with at.page.expect_response(re.compile(rf"/attachments/{n}$")) as asked:
                at.page.get_by_text(name).first.click()
            url = asked.value.json()["url"]
            assert urlsplit(url).netloc != urlsplit(at.url).netloc
            status, headers, octets = fetch(url)
            assert (status, octets) == (200, text.encode())
            assert headers["content-type"] == "application/octet-stream"
            assert headers["content-disposition"].startswith("attachment;")
            assert saved(at, url) == (name, text.encode())
        assert {urlsplit(url).netloc for url in at.watch.opened} <= {"", urlsplit(url).netloc}
        at.watch.opened.clear()  # the tabs of downloads, which close by themselves
        at.untouched()


def saved(at: Desk, url: str) -> tuple[str, bytes]:
    """What the browser makes of a link in a tab of its own: a file, by name, and no page."""
    tab = at.page.context.new_page()
    with tab.expect_download() as download, pytest.raises(Error, match="Download is starting"):
        tab.goto(url)
    found = download.value.suggested_filename, download.value.path().read_bytes()
    for each in at.page.context.pages[1:]:
        each.close()
    return found


def with_picture(kind: str) -> bytes:
    """A mail with a picture in its text, which is a document with a script."""
    active = (
        f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{TAKEN}\"><script>{TAKEN}</script></svg>"
    )
    main, _, sub = kind.partition("/")
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = EVE, "support@support.example.com", "x"
    made["Message-ID"] = "<picture@evil.example>"
    made.set_content("Look here")
    made.add_alternative("<p>Look here</p><img src='cid:p@x'><p>Bye</p>", subtype="html")
    made.get_payload()[1].add_related(
        active.encode(), main, sub, cid="<p@x>", filename="p.png", disposition="inline"
    )
    return made.as_bytes()


@pytest.mark.parametrize("kind", ["image/png", "image/svg+xml", "text/html"])
def test_d22_a_picture_that_is_a_page_stays_dead_inline(browser: Browser, kind: str) -> None:
    """Shown in its place in the mail it is a broken picture, if anything: never a document."""
    with desk(browser, with_picture(kind)) as at:
        expect(at.mail.get_by_text("Look here")).to_be_visible()
        at.page.wait_for_timeout(1_500)
        for picture in at.mail.locator("img").all():
            source = picture.get_attribute("src") or ""
            assert re.match(r"(cid:|data:image/(png|jpeg|gif|webp)\b|$)", source)
        at.untouched()
