"""Writing on the page: reply, note and forward, with their drafts, files and second thoughts."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.page.conftest import Tab, opened
from tests.page.fakes import World, listed, mail
from tests.page.server import DIST
from tests.page.test_look import LONG, NARROW, RTL, overflow
from tests.page.test_work import accept, until

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 invoice"}
PASTE = """([element, kind, data]) => {
  const carried = new DataTransfer();
  if (kind === 'image') {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    carried.items.add(new File([bytes], 'shot.png', {type: 'image/png'}));
  } else carried.setData(kind, data);
  element.dispatchEvent(new ClipboardEvent('paste', {clipboardData: carried, bubbles: true,
    cancelable: true}));
}"""
DROP = """([element, name, type]) => {
  const carried = new DataTransfer();
  carried.items.add(new File(['dropped'], name, {type}));
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    element.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true,
      cancelable: true}));
  }
}"""


BOB = {"username": "bob", "name": "Bob Baker", "writing": False, "since": "2026-01-01T10:00:00Z"}


class Desk:
    """The composer of an open tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.page, self.world = tab, tab.page, tab.world
        self.place = tab.page.get_by_role("region", name="Write")

    def text(self, name: str = "Your reply") -> Locator:
        return self.place.get_by_role("textbox", name=name)

    def button(self, name: str) -> Locator:
        return self.place.get_by_role("button", name=name, exact=True)

    def row(self, name: str) -> Locator:
        return self.place.get_by_role("group", name=name, exact=True)

    def write(self, text: str, name: str = "Your reply") -> None:
        self.text(name).click()
        self.page.keyboard.type(text)

    def paste(self, kind: str, data: str) -> None:
        self.text().click()
        self.page.evaluate(PASTE, [self.text().element_handle(), kind, data])

    def attach(self, *files: dict[str, Any]) -> None:
        self.place.locator("input[type=file]").set_input_files(list(files))

    def saved(self, *parts: str) -> None:
        """Waits until the case has a draft with all of these in its text."""

        def there() -> bool:
            draft = self.world.writing.draft
            return draft is not None and all(part in draft["html"] for part in parts)

        until(self.page, there)

    def again(self) -> None:
        """Reloads the page; the contact has got another code meanwhile."""
        contact = self.world.agents["alice"].contacts[0]
        contact["attributes"]["access_code"] = "code-again"
        self.world.codes["code-again"] = "c-1"
        self.page.reload()
        expect(self.text()).to_be_visible()


@contextmanager
def desk(browser: Browser, world: World, **options: Any) -> Iterator[Desk]:
    """The page at an accepted mail, its composer there."""
    before = options.pop("before", lambda: None)

    def prepare() -> None:
        world.offer()
        before()

    with opened(browser, world, prepare=prepare, **options) as tab:
        accept(tab)
        found = Desk(tab)
        expect(found.place.get_by_role("textbox").first).to_be_visible()
        yield found


# -- a reply ------------------------------------------------------------------------------------


def test_a_reply_goes_to_whom_the_page_says_as_it_was_written(
    browser: Browser, world: World
) -> None:
    with desk(browser, world) as at:
        at.write("Dear Ann,")
        at.page.keyboard.press("Enter")
        at.page.keyboard.press("Control+b")
        at.page.keyboard.type("a new lamp")
        at.page.keyboard.press("Control+b")
        at.page.keyboard.type(" is on its way.")
        expect(at.place).to_contain_text("From support@corp.example to Ann Meyer <ann@example.com>")
        at.saved("<b>a new lamp</b>")
        expect(at.place.get_by_text("Saved ")).to_be_visible()
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way to ann@example.com.")).to_be_visible()
        [sent] = world.writing.sent
        assert sent["kind"] == "reply"
        assert sent["to"] == ["ann@example.com"]
        assert (sent["cc"], sent["bcc"], sent["files"]) == ([], [], [])
        assert (sent["next"], sent["answers"]) == ("default", "m-1")
        assert sent["seen"] == {"latest_message_id": "m-1", "last_answer": ""}
        assert "Dear Ann," in sent["html"]
        assert "<b>a new lamp</b>" in sent["html"]
        assert sent["html"].index("new lamp") < sent["html"].index("Alice Archer")
        assert len(world.writing.keys[0]) >= 8
        until(at.page, lambda: world.writing.draft is None)
        expect(at.text()).not_to_contain_text("lamp")
        expect(at.text()).to_contain_text("Alice Archer")


def test_the_keyboard_alone_writes_and_sends(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.row("To").get_by_role("combobox").focus()
        for _ in range(20):
            if at.text().evaluate("element => element === document.activeElement"):
                break
            at.page.keyboard.press("Tab")
        at.page.keyboard.type("Thank you.")
        at.page.keyboard.press("Control+Enter")
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        assert "Thank you." in world.writing.sent[0]["html"]


def test_formats_are_a_toolbar_that_arrows_walk(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("one")
        bar = at.place.get_by_role("toolbar", name="Formatting")
        bar.get_by_role("button", name="Bold").focus()
        at.page.keyboard.press("ArrowRight")
        expect(bar.get_by_role("button", name="Italic")).to_be_focused()
        at.page.keyboard.press("End")
        expect(bar.get_by_role("button", name="Clear formatting")).to_be_focused()
        bar.get_by_role("button", name="Bulleted list").click()
        expect(bar.get_by_role("button", name="Bulleted list")).to_have_attribute(
            "aria-pressed", "true"
        )
        at.saved("<ul>", "<li", "one")


def test_a_link_is_set_and_only_of_a_kind_that_does_nothing(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.text().click()
        at.page.keyboard.press("Control+k")
        dialog = at.page.get_by_role("dialog", name="Link")
        dialog.get_by_label("Web address").fill("javascript:alert(1)")
        dialog.get_by_label("Text", exact=True).fill("our shop")
        dialog.get_by_role("button", name="Set link").click()
        expect(dialog.get_by_text("Give an address that begins with https://")).to_be_visible()
        dialog.get_by_label("Web address").fill("shop.example")
        dialog.get_by_label("Web address").press_sequentially("/lamps")
        at.page.keyboard.press("Enter")
        at.saved('href="https://shop.example/lamps"', ">our shop</a>")


def test_send_and_close_says_so_on_its_button(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Done.")
        at.place.get_by_role("button", name="next email").click()
        at.page.get_by_role("option", name="Close the case now").click()
        at.button("Send and close").click()
        expect(at.place.get_by_text("The case is closed.")).to_be_visible()
        assert world.writing.sent[0]["next"] == "close"


@pytest.mark.parametrize("kind", ["Reply", "Note"])
def test_an_empty_text_is_refused_in_words(browser: Browser, world: World, kind: str) -> None:
    with desk(browser, world) as at:
        at.button(kind).click()
        at.button("Send" if kind == "Reply" else "Add note").click()
        expect(at.place.get_by_role("alert")).to_contain_text("Write something first.")
        assert world.writing.keys == []


def test_a_mentioned_attachment_is_asked_for_once(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("See the attached invoice.")
        at.button("Send").click()
        dialog = at.page.get_by_role("dialog", name="No file is attached")
        dialog.get_by_role("button", name="Go back").click()
        assert world.writing.sent == []
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()


def test_any_message_is_answered_or_forwarded_from_where_it_stands(
    browser: Browser, world: World
) -> None:
    earlier = listed("m-0", at="2026-01-01T10:00:00Z", subject="Do you repair lamps?")
    with desk(browser, world, before=lambda: world.add(earlier)) as at:
        row = at.page.locator('[data-message="m-0"]')
        row.get_by_role("button", name="Do you repair lamps?").click()
        row.get_by_role("button", name="Reply", exact=True).click()
        expect(at.text()).to_be_focused()
        expect(at.place.get_by_text("Answers the email of")).to_be_visible()
        at.page.keyboard.type("Yes, we do.")
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        assert world.writing.sent[0]["answers"] == "m-0"
        row.focus()
        at.page.keyboard.press("f")
        expect(at.text("Your message")).to_be_focused()
        expect(at.place.get_by_label("Subject")).to_have_value("Fwd: Do you repair lamps?")
        at.page.locator('[data-message="m-1"]').focus()
        at.page.keyboard.press("r")
        expect(at.text()).to_be_focused()
        expect(at.place.get_by_text("Answers the email of")).to_have_count(0)


# -- people -------------------------------------------------------------------------------------


def test_a_reply_goes_only_to_people_of_the_case(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Hello.")
        at.button("Add Cc").click()
        field = at.row("Cc").get_by_role("combobox")
        field.press_sequentially("ben")
        field.press("Enter")
        expect(at.row("Cc")).to_contain_text("ben@example.com")
        field.press_sequentially("else@stranger.example")
        field.press("Enter")
        expect(at.row("Cc").get_by_role("alert")).to_contain_text("is not part of this case")
        at.button("Send").click()
        expect(at.place.get_by_text("nobody it can go to")).to_be_visible()
        assert world.writing.keys == []
        field.fill("")
        at.button("Remove ann@example.com (To)").click()
        at.button("Send").click()
        expect(at.place.get_by_text("“To” is empty")).to_be_visible()
        at.row("To").get_by_role("combobox").press_sequentially("carla")
        at.page.keyboard.press("Enter")
        expect(at.place).to_contain_text("to carla@partner.example, copy to Ben <ben@example.com>")
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        assert world.writing.sent[0]["to"] == ["carla@partner.example"]
        assert world.writing.sent[0]["cc"] == ["ben@example.com"]


def test_a_forward_goes_anywhere_with_its_subject(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.button("Forward").click()
        expect(at.place.get_by_text("goes along with its attachments")).to_be_visible()
        field = at.row("To").get_by_role("combobox")
        field.press_sequentially("dora@workshop.example,")
        field.press_sequentially("no address")
        field.press("Enter")
        expect(at.row("To").get_by_role("alert")).to_contain_text("“no address” is not an email")
        field.fill("")
        at.place.get_by_label("Subject").fill("Fwd: please look")
        at.button("Forward").last.click()
        expect(at.place.get_by_text("on its way to dora@workshop.example")).to_be_visible()
        [sent] = world.writing.sent
        assert (sent["kind"], sent["answers"]) == ("forward", "m-1")
        assert sent["to"] == ["dora@workshop.example"]
        assert sent["subject"] == "Fwd: please look"


# -- notes --------------------------------------------------------------------------------------


def test_a_note_is_unlike_a_reply_and_stays_apart_from_it(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Dear Ann, ")
        paper = "element => getComputedStyle(element).backgroundColor"
        white = at.place.evaluate(paper)
        at.button("Note").click()
        expect(at.place.get_by_text("Only colleagues see this.")).to_be_visible()
        assert at.place.evaluate(paper) != white
        expect(at.row("To")).to_have_count(0)
        expect(at.text("Your note")).to_have_text("")
        at.write("She has called twice.", "Your note")
        at.button("Add note").click()
        expect(at.place.get_by_text("The note is in the case")).to_be_visible()
        [sent] = world.writing.sent
        assert sent["kind"] == "note"
        assert (sent["to"], sent["cc"], sent["bcc"]) == ([], [], [])
        assert "Dear Ann" not in sent["html"]
        expect(at.text()).to_contain_text("Dear Ann,")


# -- files and images ---------------------------------------------------------------------------


def test_files_are_uploaded_sent_and_removed(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Attached.")
        at.attach(PDF, PDF | {"name": "wrong.txt", "mimeType": "text/plain"})
        listing = at.place.get_by_role("region", name="Files that go along")
        expect(listing.get_by_text("wrong.txt")).to_be_visible()
        at.button("Remove wrong.txt").click()
        expect(listing.get_by_text("wrong.txt")).to_have_count(0)
        expect(at.place.get_by_text("with 1 file (16 bytes)")).to_be_visible()
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        [file_id] = world.writing.sent[0]["files"]
        assert world.writing.put[file_id] == ("application/pdf", PDF["buffer"])


def test_send_waits_for_an_upload(browser: Browser, world: World) -> None:
    world.writing.may_upload.clear()
    with desk(browser, world) as at:
        at.write("Attached.")
        at.attach(PDF)
        expect(at.place.get_by_role("progressbar", name="Uploading invoice.pdf")).to_be_visible()
        expect(at.button("Send")).to_be_disabled()
        at.text().press("Control+Enter")
        world.writing.may_upload.set()
        expect(at.button("Send")).to_be_enabled()
        assert world.writing.keys == []
        at.text().press("Control+Enter")
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        assert world.writing.sent[0]["files"] == ["f1"]


def test_files_are_dropped_to_attach_them(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.page.evaluate(DROP, [at.text().element_handle(), "list.csv", "text/csv"])
        expect(at.place.get_by_text("list.csv")).to_be_visible()
        until(at.page, lambda: [raw for _, raw in world.writing.put.values()] == [b"dropped"])


def test_what_is_too_large_is_not_taken(browser: Browser, world: World) -> None:
    world.writing.limits |= {"file": 1_000_000, "total": 1_500_000}
    with desk(browser, world) as at:
        expect(at.place.get_by_text("Up to 1 MB each, 1.5 MB and 20 files in all.")).to_be_visible()
        at.attach(PDF | {"buffer": b"x" * 1_000_001})
        expect(at.place.get_by_text("invoice.pdf is larger than 1 MB")).to_be_visible()
        at.attach(PDF | {"buffer": b"x" * 900_000}, PDF | {"name": "b", "buffer": b"x" * 900_000})
        expect(at.place.get_by_text("b would go over 1.5 MB in all")).to_be_visible()
        until(at.page, lambda: len(world.writing.files) == 1)


def test_a_failed_upload_can_be_tried_again(browser: Browser, world: World) -> None:
    world.writing.refuse_uploads = 1
    with desk(browser, world) as at:
        at.write("Attached.")
        at.attach(PDF)
        expect(at.place.get_by_text("Not uploaded.")).to_be_visible()
        at.button("Send").click()
        expect(at.place.get_by_text("A file was not uploaded.")).to_be_visible()
        at.button("Try again").click()
        expect(at.place.get_by_text("with 1 file")).to_be_visible()
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()


def test_a_pasted_image_is_shown_and_sent_in_the_text(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Like this: ")
        at.page.evaluate(
            PASTE, [at.text().element_handle(), "image", base64.b64encode(PIXEL).decode()]
        )
        image = at.text().locator("img")
        expect(image).to_have_attribute(
            "src", "data:image/png;base64," + base64.b64encode(PIXEL).decode()
        )
        at.saved('src="cid:image1@corp.example"')
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        [sent] = world.writing.sent
        assert sent["files"] == ["f1"]
        assert "data:" not in sent["html"]
        assert world.writing.files["f1"]["inline"] is True


def test_the_images_of_a_restored_draft_are_fetched(browser: Browser, world: World) -> None:
    file = {"id": "f9", "filename": "a.png", "content_type": "image/png", "size": len(PIXEL)}
    file |= {"inline": True, "content_id": "i@corp.example"}
    world.writing.files["f9"] = file
    world.writing.put["f9"] = ("image/png", PIXEL)
    world.writing.saved_by("bob", '<p>See <img src="cid:i@corp.example"></p>', files=[file])
    with desk(browser, world) as at:
        expect(at.text().locator("img")).to_have_attribute(
            "src", "data:image/png;base64," + base64.b64encode(PIXEL).decode()
        )


def test_pasted_html_brings_text_and_links_and_nothing_else(browser: Browser, world: World) -> None:
    pasted = (
        '<b style="font-weight:normal"><p onclick="alert(1)" style="color:red" class="x">Kept '
        '<span style="font-weight:700">bold</span> <a href="https://ok.example">link</a>'
        '<a href="javascript:alert(1)">bad</a></p></b><script>document.title="hit"</script>'
        '<style>*{display:none}</style><form><input value="field"></form>'
        '<img src="{}/track.gif" onerror="document.title=1"><iframe src="x"></iframe>'
    )
    with desk(browser, world) as at:
        title = at.page.title()
        at.paste("text/html", pasted.replace("{}", world.urls["stranger"]))
        at.saved("Kept", "<b>bold</b>", 'href="https://ok.example"', "bad")
        draft = world.writing.draft
        assert draft is not None
        for word in ("javascript", "onclick", "color", "class", "<form", "input", "<img", "<ifr"):
            assert word not in draft["html"]
        assert "<b>Kept" not in draft["html"].replace(" ", "")
        expect(at.place.get_by_text("Images from the internet were left out")).to_be_visible()
        assert world.tracked == []
        assert at.page.title() == title
        # Chromium reports a handler as it reads the HTML, also in a document where nothing runs.
        read = [text for text in at.tab.complaints if "inline event handler" in text]
        at.tab.complaints[:] = [text for text in at.tab.complaints if text not in read]


# -- prepared texts -----------------------------------------------------------------------------


def test_a_prepared_reply_is_found_by_slash_and_put_in(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("/")
        finder = at.place.get_by_role("combobox", name="Find a prepared reply")
        expect(finder).to_be_focused()
        at.page.keyboard.type("thank")
        expect(at.place.get_by_role("option")).to_have_count(1)
        at.page.keyboard.press("Enter")
        at.saved("Thank you for writing.", "Alice Archer")
        expect(at.text()).to_be_focused()
        assert "/" not in at.text().inner_text()
        at.button("Prepared replies").click()
        at.page.keyboard.type("nothing like it")
        expect(at.place.get_by_text("No prepared reply matches.")).to_be_visible()
        at.page.keyboard.press("Escape")
        expect(finder).to_have_count(0)


def test_an_agent_keeps_prepared_replies_of_his_own(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Dear {{ customer.first_name }}, we will look into it.")
        at.button("Prepared replies").click()
        at.button("Save this text…").click()
        dialog = at.page.get_by_role("dialog", name="New prepared reply")
        text = dialog.get_by_role("textbox", name="Text of the reply")
        expect(text).to_contain_text("we will look into it.")
        expect(text).not_to_contain_text("Alice Archer")
        dialog.get_by_role("button", name="Save reply").click()
        expect(dialog.get_by_text("Give it a title.")).to_be_visible()
        dialog.get_by_label("Title").fill("Später!")
        dialog.get_by_role("button", name="Save reply").click()
        dialog = at.page.get_by_role("dialog", name="My prepared replies")
        expect(dialog.get_by_text("“Später!” is saved.")).to_be_visible()
        assert list(world.writing.own) == ["spater"]
        assert "{{ customer.first_name }}" in world.writing.own["spater"]["html"]
        dialog.get_by_role("button", name="Close", exact=True).click()
        at.button("Discard").click()
        at.page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        at.button("Prepared replies").click()
        parts = at.place.get_by_role("listbox").get_by_role("group")
        expect(parts).to_have_count(2)
        expect(parts.first).to_contain_text("MineSpäter!")
        expect(parts.last).to_contain_text("Replacement lamp")
        at.page.keyboard.press("Enter")
        at.saved("Dear Ann, we will look into it.", "Alice Archer")


def test_own_prepared_replies_are_changed_and_deleted(browser: Browser, world: World) -> None:
    later = {"id": "later", "title": "Later", "subject": "", "html": "<p>Later.</p>"}
    world.writing.own["later"] = later
    with desk(browser, world) as at:
        at.button("Prepared replies").click()
        expect(at.button("Save this text…")).to_have_count(0)  # there is none
        at.button("Manage mine…").click()
        dialog = at.page.get_by_role("dialog")
        dialog.get_by_role("button", name="Change “Later”").click()
        dialog.get_by_role("textbox", name="Text of the reply").click()
        at.page.keyboard.press("Control+a")
        at.page.keyboard.type("Much {{ customer.nick }} later.")
        dialog.get_by_role("button", name="Save reply").click()
        expect(dialog.get_by_text("There is nothing called customer.nick.")).to_be_visible()
        expect(dialog.get_by_role("textbox", name="Text of the reply")).to_contain_text("Much")
        assert world.writing.own["later"] == later
        dialog.get_by_role("textbox", name="Text of the reply").click()
        at.page.keyboard.press("Control+a")
        at.page.keyboard.type("Much later.")
        dialog.get_by_role("button", name="Save reply").click()
        expect(dialog.get_by_text("“Later” is saved.")).to_be_visible()
        assert "Much later." in world.writing.own["later"]["html"]
        dialog.get_by_role("button", name="Delete “Later”").click()
        expect(dialog.get_by_text("Delete “Later”?")).to_be_visible()
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(dialog.get_by_text("You have none yet.")).to_be_visible()
        assert world.writing.own == {}
        dialog.get_by_role("button", name="Close", exact=True).click()
        expect(at.text()).to_be_focused()


def test_the_agent_changes_the_signature(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.button("Signature").click()
        dialog = at.page.get_by_role("dialog", name="Your signature")
        field = dialog.get_by_role("textbox", name="Signature")
        field.click()
        at.page.keyboard.press("Control+a")
        at.page.keyboard.type("Alice, lamps")
        dialog.get_by_role("button", name="Save signature").click()
        expect(dialog).to_have_count(0)
        assert "Alice, lamps" in world.writing.signature["html"]
        expect(at.text()).to_contain_text("Alice, lamps")
        expect(at.text()).not_to_contain_text("Archer")


# -- drafts -------------------------------------------------------------------------------------


def test_a_draft_survives_a_reload(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Half a sen")
        at.saved("Half a sen")
        at.again()
        expect(at.text()).to_contain_text("Half a sen")
        at.text().click()
        at.page.keyboard.press("Control+Home")
        at.page.keyboard.type("More: ")
        at.saved("More: Half a sen")


def test_what_was_not_saved_yet_survives_a_reload_too(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Just typed")
        at.again()
        expect(at.text()).to_contain_text("Just typed")
        at.saved("Just typed")


def test_a_colleagues_draft_is_there_and_named(browser: Browser, world: World) -> None:
    world.writing.saved_by("bob", "<p>Dear Ann, we are sorry.</p>")
    with desk(browser, world) as at:
        expect(at.text()).to_contain_text("we are sorry")
        expect(at.place.get_by_role("status")).to_contain_text("bob\u2019s draft from")
        world.viewers = [BOB]
        at.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(at.place.get_by_role("status")).to_contain_text("Bob Baker\u2019s draft from")
        at.button("Discard").click()
        at.page.get_by_role("dialog").get_by_role("button", name="Discard").click()
        until(at.page, lambda: world.writing.draft is None)
        expect(at.text()).not_to_contain_text("sorry")


@pytest.mark.parametrize("mine", [True, False])
def test_of_two_drafts_the_agent_keeps_one(browser: Browser, world: World, mine: bool) -> None:
    with desk(browser, world) as at:
        at.write("Mine.")
        at.saved("Mine.")
        world.writing.saved_by("bob", "<p>Theirs.</p>")
        at.page.keyboard.type(" More of mine.")
        expect(at.place.get_by_text("bob saved another version")).to_be_visible()
        expect(at.place.get_by_text("Theirs.")).to_be_visible()
        at.place.get_by_role("button", name="Keep mine" if mine else "Use bob").click()
        expect(at.place.get_by_text("bob saved another version")).to_have_count(0)
        if mine:
            at.saved("Mine. More of mine.")
        else:
            expect(at.text()).to_have_text("Theirs.")
            assert world.writing.draft is not None
            assert world.writing.draft["author"] == "bob"


def test_offline_nothing_is_lost_and_all_is_saved_afterwards(
    browser: Browser, world: World
) -> None:
    with desk(browser, world) as at:
        at.page.context.set_offline(True)
        at.write("Written in a tunnel.")
        expect(at.place.get_by_text("You are offline")).to_be_visible()
        at.page.wait_for_timeout(2_000)
        assert world.writing.draft is None
        at.page.context.set_offline(False)
        at.saved("Written in a tunnel.")
        expect(at.place.get_by_text("You are offline")).to_have_count(0)


def test_a_text_outlives_its_session(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        world.writing.over = True
        at.write("Still here.")
        expect(at.place.get_by_text("Your session for this case is over")).to_be_visible()
        expect(at.button("Send")).to_be_disabled()
        expect(at.button("Copy the text")).to_be_visible()
        world.writing.over = False
        at.again()
        expect(at.text()).to_contain_text("Still here.")
        at.saved("Still here.")


def test_a_text_is_shown_where_its_case_cannot_be_reached(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.page.context.set_offline(True)
        at.write("Written on the train.")
        expect(at.place.get_by_text("You are offline")).to_be_visible()
        world.api_up = False
        at.page.context.set_offline(False)
        at.page.reload()
        expect(at.place.get_by_text("What you wrote is kept")).to_be_visible()
        expect(at.place.get_by_text("Written on the train.")).to_be_visible()
        expect(at.button("Copy the text")).to_be_visible()


# -- second thoughts ----------------------------------------------------------------------------


def test_undo_brings_text_files_and_people_back(browser: Browser, world: World) -> None:
    world.writing.undo_seconds = 30
    with desk(browser, world) as at:
        at.write("Attached, Bob.")
        at.attach(PDF)
        at.button("Add Bcc").click()
        at.row("Bcc").get_by_role("combobox").press_sequentially("carla")
        at.page.keyboard.press("Enter")
        at.place.get_by_role("button", name="next email").click()
        at.page.get_by_role("option", name="Comes to me").click()
        expect(at.place.get_by_text("with 1 file")).to_be_visible()
        at.button("Send").click()
        expect(at.place.get_by_role("timer")).to_contain_text("Sending in")
        expect(at.page.get_by_role("timer")).to_have_count(1)
        at.button("Undo: do not send it").click()
        expect(at.place.get_by_text("Taken back.")).to_be_visible()
        assert world.undone == ["reply-1"]
        expect(at.text()).to_contain_text("Attached, Bob.")
        expect(at.row("Bcc")).to_contain_text("carla@partner.example")
        expect(at.place.get_by_text("invoice.pdf")).to_be_visible()
        at.saved("Attached, Bob.")
        at.text().click()
        at.button("Send").click()
        expect(at.place.get_by_role("timer")).to_be_visible()
        assert [one["files"] for one in world.writing.sent] == [["f1"], ["f1"]]
        assert [one["next"] for one in world.writing.sent] == ["me", "me"]
        assert len(set(world.writing.keys)) == 2


def test_undo_is_there_after_a_reload_too(browser: Browser, world: World) -> None:
    world.writing.undo_seconds = 60
    with desk(browser, world) as at:
        at.write("Too hasty.")
        at.place.get_by_role("button", name="next email").click()
        at.page.get_by_role("option", name="Comes to this queue").click()
        at.button("Send").click()
        expect(at.place.get_by_role("timer")).to_be_visible()
        at.again()
        expect(at.page.get_by_role("timer")).to_have_count(1)
        at.button("Undo: do not send it").click()
        expect(at.text()).to_contain_text("Too hasty.")
        at.button("Send").click()
        expect(at.place.get_by_role("timer")).to_be_visible()
        assert [one["next"] for one in world.writing.sent] == ["queue", "queue"]


def test_an_answer_of_a_colleague_stops_one_that_was_begun_before(
    browser: Browser, world: World
) -> None:
    with desk(browser, world) as at:
        at.write("Too late?")
        world.writing.colleague_answers()
        world.viewers = [BOB]
        at.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(at.page.get_by_text("Bob Baker is also looking")).to_be_visible()
        at.button("Send").click()
        expect(at.place.get_by_text("Bob Baker wrote 2 minutes ago")).to_be_visible()
        expect(at.place.get_by_text("A colleague has answered meanwhile.")).to_be_visible()
        assert world.writing.sent == []
        expect(at.text()).to_contain_text("Too late?")
        at.button("Send anyway").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        [sent] = world.writing.sent
        assert sent["seen"]["last_answer"] == "o-bob"


def test_a_mail_that_comes_while_one_writes_is_told(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Dear Ann,")
        world.writing.customer_writes()
        at.page.evaluate("dispatchEvent(new Event('focus'))")
        expect(at.place.get_by_text("Ann Meyer wrote 2 minutes ago")).to_be_visible()
        at.button("I have read it").click()
        expect(at.place.get_by_text("wrote 2 minutes ago")).to_have_count(0)
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        assert world.writing.sent[0]["seen"]["latest_message_id"] == "m-2"


def test_what_came_back_is_no_longer_said_to_be_on_its_way(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Hello.")
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        world.cases["c-1"]["messages"][-1]["delivery"] = "bounced"
        at.page.evaluate("dispatchEvent(new Event('focus'))")
        expect(at.page.get_by_text("Bounced: not delivered").first).to_be_visible()
        expect(at.place.get_by_text("It is on its way")).to_have_count(0)


def test_sent_again_after_silence_it_is_one_mail(browser: Browser, world: World) -> None:
    world.writing.silent = 1
    with desk(browser, world) as at:
        at.write("Once only.")
        at.button("Send").click()
        expect(at.place.get_by_text("not known whether it was sent")).to_be_visible()
        expect(at.text()).to_contain_text("Once only.")
        at.button("Send").click()
        expect(at.place.get_by_text("It is on its way")).to_be_visible()
        assert len(world.writing.sent) == 1
        assert len(world.writing.keys) == 2
        assert len(set(world.writing.keys)) == 1


# -- how it looks -------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [NARROW | {"width": 360}, {"width": 1280, "height": 860}])
def test_long_and_right_to_left_text_stays_within(
    browser: Browser, world: World, viewport: dict[str, int]
) -> None:
    world.writing.people.append({"name": "n" * 200, "address": LONG, "role": "participant"})
    with desk(browser, world, viewport=viewport) as at:
        at.paste("text/plain", RTL + "\n" + "w" * 600)
        at.attach(PDF | {"name": "f" * 190 + ".pdf"})
        at.row("To").get_by_role("combobox").press_sequentially("nnnn")
        at.page.keyboard.press("Enter")
        expect(at.row("To").get_by_text(LONG[:20])).to_be_visible()
        assert overflow(at.page) <= 0
        direction = "element => getComputedStyle(element.querySelector('div')).direction"
        assert at.text().evaluate(direction) == "rtl"
        for kind in ("Note", "Forward"):
            at.button(kind).first.click()
            assert overflow(at.page) <= 0


def test_other_tasks_are_looked_at_without_losing_the_text(browser: Browser, world: World) -> None:
    with desk(browser, world) as at:
        at.write("Unfinished")
        at.saved("Unfinished")
        world.writing.draft = None  # the other case has none
        world.offer("c-2", mail(message_id="m-9", subject="Another one"))
        world.cases["c-2"]["case"]["id"] = "0other0case0other000"
        at.page.get_by_role("button", name="Accept email from ann@example.com").click()
        expect(at.page.get_by_role("heading", name="Another one")).to_be_visible()
        expect(at.text()).to_be_visible()
        expect(at.text()).not_to_contain_text("Unfinished")
        at.page.get_by_role("button", name="Blue lamp arrived broken").click()
        expect(at.text()).to_contain_text("Unfinished")


def test_the_composer_is_small() -> None:
    sizes = [len(gzip.compress(file.read_bytes())) for file in DIST.glob("assets/Composer-*")]
    assert sizes
    assert sum(sizes) <= 80_000
