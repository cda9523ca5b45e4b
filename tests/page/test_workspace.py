"""The page as an application of the agent workspace.

The workspace is a stand-in that speaks the SDK's own protocol over the SDK's own channel and
refuses what the application was not granted (local/workspace). Everything it did not like is in
its `faults`; every test ends with none.
"""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect

from local.demo import web
from local.demo.page import Page as DeployedPage
from local.deploy import translate
from local.testing import stack
from tests import builders
from tests.page.conftest import Watched, opened
from tests.page.fakes import ACCOUNT, RELAYS, Answer, Route, World
from tests.page.server import DIST, ROOT, STREAMS, Server, page_route, policy
from tests.page.test_work import WAYS, ways

ANN = "ann@customer.example"
HOST = ROOT / "local" / "workspace"
# What the template asks for, and AWS grants; both are held together below.
PERMISSIONS = (
    "User.Details.View",
    "User.Configuration.View",
    "Contact.Details.View",
    "Contact.Details.Edit",
    "Contact.Attributes.View",
)
SANDBOX = (
    "allow-forms",
    "allow-popups",
    "allow-popups-to-escape-sandbox",
    "allow-same-origin",
    "allow-scripts",
    "allow-downloads",
)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def host_files(_method: str, path: str, _headers: dict[str, str], _body: bytes) -> Answer:
    """The workspace's own files."""
    name = path.partition("?")[0].lstrip("/")
    kind = "text/javascript" if name.endswith(".js") else "text/html"
    file = HOST / Path(name).name
    return (200, {"Content-Type": kind}, file.read_bytes()) if file.is_file() else (404, {}, b"")


def framing(url: str) -> Route:
    """Somebody's page that frames ours and knows nothing of the protocol."""
    html = f'<!doctype html><title>x</title><iframe style="width:1100px" src="{url}"></iframe>'
    return lambda *_asked: (200, {"Content-Type": "text/html"}, html.encode())


@dataclass
class Hosted:
    """The workspace in a tab, with the application at alice's contact c-1."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    @property
    def app(self) -> FrameLocator:
        return self.page.frame_locator('iframe[title="Application at c-1"]')

    def told(self, name: str) -> Any:
        return self.page.evaluate(f"[...workspace.{name}]")

    def accept(self) -> None:
        """Takes the task where the workspace has it taken, and waits for its mail."""
        self.page.get_by_role("button", name="Accept").click()
        expect(self.app.get_by_role("button", name="Transfer")).to_be_visible()


@contextmanager
def served(world: World, ancestors: str = "") -> Iterator[tuple[str, str]]:
    """The page as deployed with WorkspaceApp, and the workspace: their addresses."""
    routes = {
        "desktop": world.desktop,
        "api": world.api,
        "store": world.mail_store,
        "stranger": world.stranger,
    }
    with ExitStack() as stack:
        world.urls = {
            name: stack.enter_context(Server(route)).url for name, route in routes.items()
        }
        host = stack.enter_context(Server(host_files)).url
        config = {
            "ccpUrl": f"{world.urls['desktop']}/_local/connect/{ACCOUNT}/",
            "apiUrl": world.urls["api"],
            "region": "us-east-1",
            "instanceUrl": world.urls["desktop"],
            "title": "Email",
            "workspaceOrigin": host,
        }
        csp = f"{policy(world.urls)}; frame-ancestors {ancestors or host}"
        route = page_route(STREAMS, config, csp)
        yield stack.enter_context(Server(route, cors=False)).url, host


@contextmanager
def workspace(
    browser: Browser, world: World, *, permissions: tuple[str, ...] = PERMISSIONS
) -> Iterator[Hosted]:
    """Alice's workspace; afterwards neither side may have complained."""
    with served(world) as (url, host):
        world.offer()
        query = {
            "app": url,
            "desktop": f"{world.urls['desktop']}/_local/connect/{ACCOUNT}/",
            "agent": "alice",
            "permissions": ",".join(permissions),
            "sandbox": " ".join(SANDBOX),
        }
        context = browser.new_context(viewport={"width": 1400, "height": 860}, locale="en-GB")
        context.set_default_timeout(30_000)
        hosted = Hosted(context.new_page(), url)
        hosted.page.on("pageerror", lambda error: hosted.complaints.append(str(error)))
        hosted.page.on("console", hosted.hear)
        hosted.page.goto(f"{host}/workspace.html?{urlencode(query)}")
        yield hosted
        faults = hosted.told("faults")
        context.close()
        assert faults == []
        assert hosted.complaints == []


def until(page: Page, happened: Callable[[], bool]) -> None:
    """Waits up to 20 seconds for something outside the application."""
    for _ in range(400):
        if happened():
            return
        page.wait_for_timeout(50)
    assert happened()


def test_the_workspace_shows_the_mail_of_its_contact(browser: Browser, world: World) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        app = hosted.app
        expect(app.get_by_role("heading", name="Blue lamp arrived broken")).to_be_visible()
        mail = app.frame_locator('iframe[title="Email"]').locator("body")
        expect(mail).to_contain_text("the glass of the lamp arrived broken")
        expect(app.get_by_text("Not answered", exact=True)).to_be_visible()
        expect(app.get_by_text("No emails with you.")).to_be_hidden()
        assert hosted.told("stages") == ["create", "create completed", "start"]


def test_a_mail_is_answered_from_the_workspace(browser: Browser, world: World) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        for label, link in ways(hosted.app).items():
            assert unquote(link.removeprefix("mailto:").split("?")[0]) == RELAYS[WAYS[label]]


def test_what_the_workspace_has_the_page_does_not_offer_again(
    browser: Browser, world: World
) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        app = hosted.app
        expect(app.get_by_role("button", name="Transfer")).to_be_visible()
        expect(app.get_by_role("region", name="Contact Control Panel")).to_have_count(0)
        for name in ("Complete", "Reject", "Change your state"):
            expect(app.get_by_role("button", name=name)).to_have_count(0)


def test_a_task_ended_in_the_workspace_is_closed_on_the_page(
    browser: Browser, world: World
) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        hosted.page.get_by_role("button", name="End task").click()
        hosted.app.get_by_role("button", name="Close task").click()
        expect(hosted.page.locator("iframe")).to_have_count(0)
        assert world.agents["alice"].contacts == []
        assert hosted.told("stages")[-2:] == ["destroy", "destroy completed"]


def test_a_task_is_transferred_to_any_quick_connect(browser: Browser, world: World) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        hosted.app.get_by_role("button", name="Transfer").click()
        dialog = hosted.app.get_by_role("dialog", name="Transfer to")
        dialog.get_by_text("Bob Baker").click()  # on the second page of the list
        dialog.get_by_role("button", name="Transfer").click()
        until(hosted.page, lambda: world.transfers == [("c-1", "arn:qc:bob")])
        expect(hosted.app.get_by_role("button", name="Close task")).to_be_visible()


def test_attachments_come_through_the_workspaces_sandbox(browser: Browser, world: World) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        with hosted.page.expect_download() as got:
            hosted.app.get_by_text("broken lamp.jpg").click()
        assert got.value.path().read_bytes() == b"bytes"


def test_the_page_uses_each_permission_it_is_granted_and_no_other(
    browser: Browser, world: World
) -> None:
    with workspace(browser, world) as hosted:
        hosted.accept()
        hosted.app.get_by_role("button", name="Transfer").click()
        hosted.app.get_by_role("dialog").get_by_text("Returns").click()
        hosted.app.get_by_role("dialog").get_by_role("button", name="Transfer").click()
        hosted.app.get_by_role("button", name="Close task").click()
        expect(hosted.page.locator("iframe")).to_have_count(0)
        assert set(hosted.told("used")) == set(PERMISSIONS)


def test_without_the_attributes_the_page_says_which_permission_is_missing(
    browser: Browser, world: World
) -> None:
    fewer = tuple(name for name in PERMISSIONS if name != "Contact.Attributes.View")
    with workspace(browser, world, permissions=fewer) as hosted:
        hosted.page.get_by_role("button", name="Accept").click()
        expect(hosted.app.get_by_text("must include Contact.Attributes.View")).to_be_visible()
        hosted.page.evaluate(
            "workspace.faults = workspace.faults.filter((one) => !one.includes("
            "'needs Contact.Attributes.View'))"
        )


def test_a_frame_that_does_not_answer_is_reported(browser: Watched, world: World) -> None:
    with (
        served(world, ancestors="http://127.0.0.1:*") as (url, _host),
        Server(framing(f"{url}/?workspace")) as silent,
    ):
        page = browser.new_page()
        page.goto(silent.url)
        told = page.frame_locator("iframe").get_by_text("The agent workspace did not answer")
        expect(told).to_be_visible()
        browser.expect("App failed to connect to workspace")
        page.close()


def test_the_deployed_page_is_worked_with_in_the_workspace(browser: Watched, built: None) -> None:
    """Nothing of ours is a fake: WorkspaceApp's own policy, mail, flows, session and case."""
    port = free_port()
    with stack(PageOrigin=f"http://127.0.0.1:{port}", WorkspaceApp="true", UndoSeconds="0") as s:
        query = {
            "app": f"http://127.0.0.1:{port}",
            "desktop": f"{s.world.endpoint}/_local/connect/{s.account}/",
            "agent": "alice",
            "permissions": ",".join(PERMISSIONS),
            "sandbox": " ".join(SANDBOX),
        }
        s.deliver(builders.mail(text="The kettle leaks."), ANN, [s.inquiry_address])
        s.settle()
        with web.Server(port, DeployedPage(s.world.endpoint, s.outputs["PageUrl"])) as server:
            context = browser.new_context(viewport={"width": 1400, "height": 860}, locale="en-GB")
            hosted = Hosted(context.new_page(), server.url)
            hosted.page.on("console", hosted.hear)
            url = f"{s.world.endpoint}/_local/workspace/workspace.html?{urlencode(query)}"
            hosted.page.goto(url)
            hosted.page.get_by_role("button", name="Go available").click()
            hosted.page.get_by_role("button", name="Accept").click()
            app = hosted.page.frame_locator("main > iframe")
            expect(app.get_by_text("The kettle leaks.")).to_be_visible()
            expect(app.get_by_text("Not answered", exact=True)).to_be_visible()
            [case] = s.cases()
            link = ways(app)["Reply, keep with me"]
            address = unquote(link.removeprefix("mailto:").split("?")[0])
            assert address == s.relay_address(case["id"], "agentrelay", "alice")
            place = app.get_by_role("region", name="Write")
            place.get_by_role("textbox", name="Your reply").click()
            hosted.page.keyboard.type("A new one is coming.")
            place.get_by_role("button", name="Send", exact=True).click()
            expect(place.get_by_text("It is on its way")).to_be_visible()
            s.settle()
            [answer] = builders.answers(s)
            assert answer["recipients"] == [ANN]
            assert b"A new one is coming." in answer["delivered"]
            hosted.page.get_by_role("button", name="End task").click()
            app.get_by_role("button", name="Close task").click()
            expect(hosted.page.locator("main > iframe")).to_have_count(0)
            assert hosted.told("faults") == []
            assert hosted.complaints == []
            assert refused(browser, server.url)
            context.close()


def refused(browser: Watched, url: str) -> bool:
    """Whether the browser keeps the page out of a frame at another origin."""
    page = browser.new_page()
    try:
        with Server(framing(url)) as other:
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.goto(other.url)
            until(page, lambda: any("frame-ancestors" in text for text in said))
            return all(not frame.url.startswith(url) for frame in page.frames)
    finally:
        page.close()
        browser.expect("frame-ancestors")


def test_no_other_origin_may_frame_the_page(browser: Watched, world: World) -> None:
    with served(world) as (url, _host):
        assert refused(browser, url)
    with served(world, ancestors="'none'") as (url, _host):
        assert refused(browser, url)


def test_the_template_asks_for_what_these_tests_grant() -> None:
    application = translate(ROOT / "template.yaml")["Resources"]["WorkspaceApplication"]
    properties = application["Properties"]
    assert set(properties["Permissions"]) == set(PERMISSIONS)
    assert set(properties["IframeConfig"]["Sandbox"]) == set(SANDBOX)
    assert properties["ApplicationConfig"] == {"ContactHandling": {"Scope": "PER_CONTACT"}}


def test_alone_in_its_window_the_page_does_not_load_the_workspaces_sdk(
    browser: Browser, world: World
) -> None:
    [chunk] = DIST.glob("assets/workspace-*.js")
    with opened(browser, world) as tab:
        asked: list[str] = []
        tab.page.on("request", lambda request: asked.append(request.url))
        tab.page.reload()
        expect(tab.page.get_by_text("No email yet")).to_be_visible()
        assert any("/assets/index-" in url for url in asked)
        assert not any(chunk.name in url for url in asked)


def test_the_page_is_small() -> None:
    sizes = {
        file.name: len(gzip.compress(file.read_bytes()))
        for file in DIST.rglob("*")
        if file.is_file()
    }
    assert sum(sizes.values()) <= 800_000, sizes
    [sdk] = [size for name, size in sizes.items() if name.startswith("workspace-")]
    assert sdk <= 20_000
