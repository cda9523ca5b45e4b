"""An agent writes in the page, against the deployed stack, and a customer reads what arrives."""

from __future__ import annotations

import base64
import json

from playwright.sync_api import expect

from tests.builders import answers
from tests.page.conftest import Watched
from tests.page.deployed import (
    ANN,
    at_desk,
    deployed,
    goes_on,
    inquire,
    received,
    said,
    send,
    take,
    text,
    write,
)
from tests.page.test_compose import PASTE
from tests.page.test_work import until

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PDF = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 invoice"}


def test_an_answer_with_picture_and_file_arrives_as_it_was_written(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s)
        place = take(page)
        text(place).click()
        page.keyboard.type("Dear Ann, a ")
        page.keyboard.press("Control+b")
        page.keyboard.type("new kettle")
        page.keyboard.press("Control+b")
        page.keyboard.type(" is on its way.")
        picture = base64.b64encode(PIXEL).decode()
        page.evaluate(PASTE, [text(place).element_handle(), "image", picture])
        place.locator("input[type=file]").set_input_files([PDF])

        def kept() -> bool:
            draft = s.channel.cases.draft(case)
            return draft is not None and len(draft.writing.files) == 2

        until(page, kept)
        page.reload()
        expect(text(place)).to_contain_text("new kettle")
        expect(place.get_by_text("invoice.pdf").first).to_be_visible()
        send(place)
        s.settle()

        [arrived] = received(s)
        html = arrived.get_body(("html",))
        assert html is not None
        assert "a new kettle is on its way." in said(arrived)
        assert "<b>new kettle</b>" in html.get_content()
        files = {part.get_filename(): part.get_content() for part in arrived.iter_attachments()}
        assert files == {"invoice.pdf": b"%PDF-1.7 invoice"}
        [shown] = [part for part in arrived.walk() if part.get_content_type() == "image/png"]
        assert shown.get_content() == PIXEL
        assert f"cid:{shown['Content-ID'].strip('<>')}" in html.get_content()
        assert s.cases()[0]["status"] == "waiting"


def test_what_is_taken_back_is_in_the_composer_again_and_nobody_gets_it(
    browser: Watched,
) -> None:
    with deployed(UndoSeconds="5") as (s, url), at_desk(browser, url) as page:
        inquire(s)
        place = take(page)
        write(place, "Too hasty. ")
        place.get_by_role("button", name="Send", exact=True).click()
        place.get_by_role("button", name="Undo").click()
        expect(text(place)).to_contain_text("Too hasty.")
        page.wait_for_timeout(5_500)
        s.settle()
        assert answers(s) == []
        assert s.cases()[0]["status"] == "open"


def test_an_answer_waits_while_the_customer_has_written_since(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s)
        place = take(page)
        write(place, "It will come. ")
        goes_on(s, case, "Forget it, it works.")
        place.get_by_role("button", name="Send", exact=True).click()
        expect(place.get_by_role("button", name="Send anyway")).to_be_visible()
        s.settle()
        assert answers(s) == []
        place.get_by_role("button", name="Send anyway").click()
        expect(place.get_by_text("It is on its way")).to_be_visible()
        s.settle()
        [arrived] = received(s)
        assert "It will come." in said(arrived)


def test_a_note_stays_a_forward_goes_out_and_a_prepared_answer_closes(browser: Watched) -> None:
    html = "<p>Dear {{ customer.first_name }},</p><p>a new kettle leaves today.</p>"
    prepared = {"id": "kettle", "title": "New kettle", "subject": "", "html": html}
    document = {"version": 1, "replies": [prepared]}
    with deployed() as (s, url), at_desk(browser, url) as page:
        s.put_object("settings/replies.json", json.dumps(document).encode())
        inquire(s)
        place = take(page)

        def press(name: str) -> None:
            place.get_by_role("button", name=name, exact=True).last.click()

        press("Note")
        place.get_by_role("textbox", name="Your note").click()
        page.keyboard.type("She has called.")
        press("Add note")
        expect(place.get_by_text("The note is in the case")).to_be_visible()
        place.get_by_role("button", name="Forward", exact=True).first.click()
        to = place.get_by_role("group", name="To", exact=True).get_by_role("combobox")
        to.press_sequentially("lab@lab.example,")
        press("Forward")
        expect(place.get_by_text("on its way to lab@lab.example")).to_be_visible()
        press("Reply")
        press("Prepared replies")
        page.get_by_role("option", name="New kettle").click()
        place.get_by_role("button", name="next email").click()
        page.get_by_role("option", name="Close the case now").click()
        press("Send and close")
        expect(place.get_by_text(f"on its way to {ANN}")).to_be_visible()
        s.settle()
        sent = {one["recipients"][0]: one["delivered"].decode() for one in answers(s)}
        assert sorted(sent) == [ANN, "lab@lab.example"]
        assert "a new kettle leaves today" in sent[ANN]
        assert "Dear Ann," in sent[ANN]
        assert "The kettle leaks." in sent["lab@lab.example"]
        assert "She has called" not in "".join(sent.values())
        [case] = s.cases()
        assert (case["status"], case["answered"]) == ("resolved", True)
        kinds = [one["kind"] for one in s.messages(case["id"])]
        assert kinds == ["customer", "note", "forward", "reply"]
