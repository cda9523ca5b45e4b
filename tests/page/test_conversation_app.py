"""The conversation app in a browser, in front of a messages API that answers by the real schema."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from examples.app_conversation.access import LIFE
from tests.page.conftest import Watched
from tests.page.conversation import ANN, CODE, Talk, fill_in, talk
from tests.page.test_accessible import tab_to, violations
from tests.page.test_look import overflow
from tests.page.test_work import until

PHONE = {"width": 360, "height": 740}
EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>{{7*7}}\'"><b>bold</b>'
SOON = 2.0  # seconds in which a message must be shown
PDF = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 plan"}


def under(talk: Talk, number: int = -1) -> Any:
    """The line below a bubble."""
    return talk.bubbles.nth(number).locator(".under")


def test_what_is_written_is_shown_with_what_became_of_it(browser: Watched) -> None:
    with talk(browser) as t:
        expect(t.page.get_by_role("heading", name="Your flat")).to_be_visible()
        expect(t.page.get_by_text(f"with {ANN}")).to_be_visible()
        expect(t.page.get_by_text("Nothing has been said yet")).to_be_visible()
        t.say("Dear Ann,\n\nthe flat is ready.")
        expect(t.bubbles).to_have_count(1)
        expect(under(t)).to_contain_text("Accepted")
        expect(t.page.get_by_text("Nothing has been said yet")).to_be_hidden()
        [message] = t.api.only.messages
        assert message["body"] == "Dear Ann,\n\nthe flat is ready."
        for state, words in (
            ("SENT", "Sent"),
            ("DELAYED", "Delayed"),
            ("DELIVERED", "Delivered"),
        ):
            t.api.becomes(message, state)
            expect(under(t)).to_contain_text(words)
        assert not under(t).evaluate("line => line.classList.contains('bad')")


def test_a_bounce_is_said_with_its_reason(browser: Watched) -> None:
    with talk(browser) as t:
        t.say("Hello")
        t.api.becomes(t.api.only.messages[0], "BOUNCED", "the mailbox does not exist")
        expect(under(t)).to_contain_text("Bounced: the mailbox does not exist")
        expect(t.page.locator("#said")).to_have_text("A message of yours did not arrive.")
        t.api.refuse("Suppressed")
        t.text.fill("Are you there?")
        t.page.keyboard.press("Control+Enter")
        expect(t.page.locator("#fate")).to_contain_text("nothing is sent to it any more")
        expect(t.text).to_have_value("Are you there?")
        assert len(t.api.only.messages) == 1


def test_what_comes_in_is_shown_within_two_seconds(browser: Watched) -> None:
    with talk(browser) as t:
        t.say("Hello")
        took = []
        for number in range(5):
            began = time.monotonic()
            t.api.arrive(t.case, f"Answer {number}", html="<p>Not <i>this</i></p>")
            t.page.get_by_text(f"Answer {number}", exact=True).wait_for()
            took.append(time.monotonic() - began)
        assert median(took) < SOON, took  # one of them may meet a busy machine
        expect(t.page.locator("#said")).to_have_text(f"{ANN} wrote: Answer 4")
        expect(t.page.get_by_text("Not this")).to_have_count(0)


def test_nothing_is_asked_while_nobody_looks(browser: Watched) -> None:
    with talk(browser) as t:
        t.page.evaluate(
            """() => {
              Object.defineProperty(document, 'hidden', {value: true, configurable: true});
            }"""
        )
        t.page.wait_for_timeout(1500)
        t.api.asked.clear()
        t.page.wait_for_timeout(2500)
        assert t.api.asked == []
        t.api.arrive(t.case, "While you were away")
        t.page.evaluate(
            """() => {
              Object.defineProperty(document, 'hidden', {value: false, configurable: true});
              document.dispatchEvent(new Event('visibilitychange'));
            }"""
        )
        t.page.get_by_text("While you were away").wait_for()


def test_files_go_out_and_come_in(browser: Watched) -> None:
    with talk(browser) as t:
        t.page.get_by_label("Add files").set_input_files(
            [PDF, {"name": "wrong.txt", "mimeType": "text/plain", "buffer": b"x"}]
        )
        t.page.get_by_role("button", name="Remove wrong.txt").click()
        t.say("The plan")
        [message] = t.api.only.messages
        assert [(a["filename"], a["size"]) for a in message["attachments"]] == [("plan.pdf", 13)]
        expect(t.bubbles.get_by_role("link")).to_have_count(1)
        t.api.arrive(t.case, "", ("photo of the kitchen.jpg", "image/jpeg", b"j" * 1_234_567))
        link = t.page.get_by_role("link", name="photo of the kitchen.jpg")
        expect(link).to_contain_text("1.2 MB")
        assert t.api.url.rpartition("/")[0] not in (link.get_attribute("href") or "")
        with t.page.expect_download() as download:
            link.click()
        assert Path(download.value.path()).read_bytes() == b"j" * 1_234_567


def test_a_file_alone_is_a_message_and_too_large_a_file_is_none(browser: Watched) -> None:
    with talk(browser) as t:
        expect(t.page.get_by_text("Nothing has been said yet")).to_be_visible()
        pick = t.page.get_by_label("Add files")
        pick.set_input_files([PDF | {"buffer": b"x" * 4_000_001}])
        expect(t.page.locator("#fate")).to_contain_text("4.0 MB")
        pick.set_input_files([PDF])
        t.page.get_by_role("button", name="Send").click()
        expect(t.bubbles).to_have_count(1)
        assert t.api.only.messages[0]["body"] == ""


def test_offline_the_text_is_kept_and_sent_once_when_the_line_is_back(browser: Watched) -> None:
    with talk(browser) as t:
        t.page.context.set_offline(True)
        t.text.fill("From the train")
        t.page.get_by_role("button", name="Send").click()
        expect(t.page.locator("#fate")).to_contain_text("You are offline. Not sent yet")
        expect(t.text).to_have_value("From the train")
        expect(t.page.locator("#trouble")).to_contain_text("New messages will come later")
        t.page.context.set_offline(False)
        expect(t.text).to_have_value("")
        expect(t.bubbles).to_have_count(1)
        expect(t.page.locator("#trouble")).to_be_empty()
        assert [message["body"] for message in t.api.only.messages] == ["From the train"]


def test_an_answer_that_was_lost_does_not_send_twice(browser: Watched) -> None:
    with talk(browser) as t:
        t.page.route("**/messages", lost(t))
        t.text.fill("Once")
        t.page.get_by_role("button", name="Send").click()
        expect(t.page.locator("#fate")).to_contain_text("Not sent yet")
        assert len(t.api.only.messages) == 1  # it was taken; nobody here knows
        t.page.unroute("**/messages")
        t.page.reload()  # and the key survives even that
        expect(t.text).to_have_value("Once")
        t.page.get_by_role("button", name="Send").click()
        expect(t.text).to_have_value("")
        expect(t.bubbles).to_have_count(1)
        assert len(t.api.only.messages) == 1


def lost(t: Talk) -> Any:
    """The request is done, the answer never comes."""

    def handle(route: Any) -> None:
        route.fetch()
        route.abort()

    return handle


def test_other_words_after_a_failure_are_another_message(browser: Watched) -> None:
    with talk(browser) as t:
        t.page.route("**/messages", lost(t))
        t.text.fill("Frist")
        t.page.get_by_role("button", name="Send").click()
        expect(t.page.locator("#fate")).to_contain_text("Not sent yet")
        t.text.fill("First, and more")
        expect(t.page.locator("#fate")).to_be_empty()
        t.page.unroute("**/messages")
        t.page.wait_for_timeout(4500)  # nothing is sent by itself once it was changed
        expect(t.text).to_have_value("First, and more")
        t.page.get_by_role("button", name="Send").click()
        expect(t.bubbles).to_have_count(2)
        assert [m["body"] for m in t.api.only.messages] == ["Frist", "First, and more"]


def test_a_busy_service_is_asked_again_by_itself(browser: Watched) -> None:
    with talk(browser) as t:
        t.api.refuse("Throttled", 2)
        t.text.fill("Patience")
        t.page.get_by_role("button", name="Send").click()
        expect(t.page.locator("#fate")).to_contain_text("There is too much to do just now.")
        expect(t.text).to_have_value("")
        assert [message["body"] for message in t.api.only.messages] == ["Patience"]


def test_a_double_click_sends_once(browser: Watched) -> None:
    with talk(browser) as t:
        t.api.slow = 0.3
        t.text.fill("Click, click")
        t.page.get_by_role("button", name="Send").dblclick()
        expect(t.bubbles).to_have_count(1)
        t.api.slow = 0.0
        t.text.fill("Again")
        t.page.get_by_role("button", name="Send").dblclick()
        expect(t.bubbles).to_have_count(2)
        expect(t.text).to_have_value("")
        expect(t.page.locator("#fate")).to_be_empty()
        assert len(t.api.only.messages) == 2


def test_a_wrong_code_and_a_wrong_address(browser: Watched) -> None:
    with talk(browser, begun=False) as t:
        fill_in(t.page, ANN, "Your flat", "wrong")
        alert = t.page.locator("#start").get_by_role("alert")
        expect(alert).to_have_text("This access code is not right.")
        expect(t.page.locator("#start-code")).to_be_focused()
        fill_in(t.page, "ann@customer.invalid", "Your flat")
        expect(alert).to_have_text("Mail cannot be sent to this address. Is it written right?")
        for _ in range(4):
            fill_in(t.page, ANN, "Your flat", "wrong")
            expect(t.page.get_by_role("button", name="Start")).to_have_attribute(
                "aria-disabled", "false"
            )
        fill_in(t.page, ANN, "Your flat")
        expect(alert).to_contain_text("Too many wrong codes")
        assert t.api.conversations == {}


def test_an_ended_token_asks_for_the_code_and_keeps_what_was_written(browser: Watched) -> None:
    with talk(browser) as t:
        t.say("Hello")
        t.text.fill("Half a thought")
        t.clock.ahead = LIFE + 1
        again = t.page.get_by_role("dialog", name="Your time here is over")
        expect(again).to_be_visible()
        t.page.keyboard.press("Escape")
        expect(again).to_be_visible()
        again.get_by_label("Access code").fill("wrong")
        again.get_by_role("button", name="Go on").click()
        expect(again.get_by_role("alert")).to_have_text("This access code is not right.")
        again.get_by_label("Access code").fill(CODE)
        t.page.keyboard.press("Enter")
        expect(again).to_be_hidden()
        expect(t.text).to_be_visible()
        expect(t.text).to_have_value("Half a thought")
        t.api.arrive(t.case, "Still here?")
        t.page.get_by_text("Still here?", exact=True).wait_for()
        t.page.get_by_role("button", name="Send").click()
        expect(t.bubbles).to_have_count(3)


def test_what_is_sent_when_the_token_ends_is_sent_after_the_code(browser: Watched) -> None:
    with talk(browser) as t:
        t.clock.ahead = LIFE + 1
        t.page.route("**/conversation", lambda route: route.abort())
        t.text.fill("Late")
        t.page.keyboard.press("Control+Enter")
        again = t.page.get_by_role("dialog", name="Your time here is over")
        again.get_by_label("Access code").fill(CODE)
        again.get_by_role("button", name="Go on").click()
        until(t.page, lambda: [m["body"] for m in t.api.only.messages] == ["Late"])


def test_a_conversation_survives_a_reload_and_not_its_leaving(browser: Watched) -> None:
    with talk(browser) as t:
        t.say("Hello")
        t.text.fill("Draft")
        t.page.reload()
        expect(t.bubbles).to_have_count(1)
        expect(t.text).to_have_value("Draft")
        t.page.get_by_role("button", name="Leave", exact=True).click()
        t.page.get_by_role("button", name="Stay").click()
        expect(t.bubbles).to_have_count(1)
        t.page.get_by_role("button", name="Leave", exact=True).click()
        t.page.get_by_role("dialog").get_by_role("button", name="Leave").click()
        expect(t.page.get_by_label("Their email address")).to_be_focused()
        assert t.page.evaluate("sessionStorage.length") == 0
        t.start("zoe@customer.example", "Another")
        expect(t.page.get_by_text("Nothing has been said yet")).to_be_visible()
        expect(t.text).to_have_value("")
        assert len(t.api.conversations) == 2


def test_hostile_content_is_text(browser: Watched) -> None:
    with talk(browser, begun=False) as t:
        t.start(subject=EVIL)
        t.api.arrive(t.case, EVIL, (f"{EVIL}.pdf", "text/html", b"x"), html=EVIL)
        t.api.only.messages[0]["from"] = f'"{EVIL}" <x@y.example>'
        t.api.say(t.case, EVIL)
        t.api.becomes(t.api.only.messages[1], "BOUNCED", EVIL)
        expect(t.bubbles).to_have_count(2)
        expect(t.page.locator("h1")).to_have_text(EVIL)
        expect(t.bubbles.first.locator(".words")).to_have_text(EVIL)
        expect(t.page.get_by_role("link")).to_contain_text(EVIL)
        expect(under(t)).to_contain_text(EVIL)
        assert t.page.evaluate("window.evil") is None
        assert t.page.locator("main img, main script, main b").count() == 0
        assert t.page.evaluate("document.title") == EVIL


def test_a_sender_who_is_not_proven_is_doubted(browser: Watched) -> None:
    with talk(browser) as t:
        t.api.arrive(t.case, "Trust me", authenticated=False)
        expect(t.page.get_by_text(f"It is not proven that {ANN} wrote this.")).to_be_visible()


def test_days_separate_and_earlier_messages_are_loaded(browser: Watched) -> None:
    with talk(browser) as t:
        now, day = time.time(), 86_400
        for number in range(70):
            ago = (69 - number) * day / 20
            words = f"Message number {number}"
            (t.api.say if number % 3 else t.api.arrive)(t.case, words, at=now - ago)
        expect(t.bubbles).to_have_count(30)
        expect(t.page.locator(".day").last).to_have_text("Today")
        first = t.page.get_by_text("Message number 40", exact=True)
        t.page.locator("#scroll").evaluate("part => { part.scrollTop = 0; }")
        before = first.bounding_box()
        t.page.get_by_role("button", name="Load earlier").click()
        expect(t.bubbles).to_have_count(60)
        after = first.bounding_box()
        assert before and after
        assert abs(before["y"] - after["y"]) < 60  # what was read has stayed in its place
        t.page.get_by_role("button", name="Load earlier").click()
        expect(t.bubbles).to_have_count(70)
        expect(t.page.get_by_role("button", name="Load earlier")).to_be_hidden()
        texts = t.bubbles.locator(".words").all_inner_texts()
        assert texts == [f"Message number {number}" for number in range(70)]
        expect(t.page.locator(".day")).to_have_count(len(set(days(t.page))))


def days(page: Page) -> list[str]:
    return page.locator(".day").all_inner_texts()


def test_who_reads_above_is_told_of_what_is_new_and_not_moved(browser: Watched) -> None:
    with talk(browser) as t:
        for number in range(30):
            t.api.arrive(t.case, f"Message number {number}")
        expect(t.bubbles).to_have_count(30)
        scroll = t.page.locator("#scroll")
        scroll.evaluate("part => { part.scrollTop = 0; }")
        t.api.arrive(t.case, "The newest")
        new = t.page.get_by_role("button", name="New message", exact=True)
        expect(new).to_be_visible()
        assert scroll.evaluate("part => part.scrollTop") == 0
        new.click()
        expect(t.page.get_by_text("The newest", exact=True)).to_be_in_viewport()
        expect(new).to_be_hidden()


def test_many_that_came_at_once_leave_no_gap(browser: Watched) -> None:
    with talk(browser) as t:
        t.say("Hello")
        t.page.context.set_offline(True)
        for number in range(45):
            t.api.arrive(t.case, f"Message number {number}")
        t.page.context.set_offline(False)
        expect(t.bubbles).to_have_count(30)
        t.page.get_by_role("button", name="Load earlier").click()
        expect(t.bubbles).to_have_count(46)
        expect(t.bubbles.first).to_contain_text("Hello")


def test_with_the_keyboard_alone(browser: Watched) -> None:
    with talk(browser, begun=False) as t:
        page = t.page
        tab_to(page, page.get_by_label("Their email address"))
        page.keyboard.type(ANN)
        page.keyboard.press("Tab")
        page.keyboard.type("Your flat")
        page.keyboard.press("Tab")
        page.keyboard.type(CODE)
        page.keyboard.press("Enter")
        expect(t.text).to_be_focused()
        page.keyboard.type("One line")
        page.keyboard.press("Enter")
        page.keyboard.type("and another")
        page.keyboard.press("Control+Enter")
        expect(t.bubbles).to_have_count(1)
        expect(t.text).to_be_focused()
        t.api.arrive(t.case, "Here", ("plan.pdf", "application/pdf", b"x"))
        expect(t.bubbles).to_have_count(2)
        tab_to(page, page.get_by_role("link", name="plan.pdf"), "Shift+Tab")
        tab_to(page, page.locator("#scroll"), "Shift+Tab")
        tab_to(page, page.get_by_role("button", name="Leave", exact=True), "Shift+Tab")
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("button", name="Stay"))
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Leave", exact=True)).to_be_focused()
        tab_to(page, page.get_by_label("Add files"))
        tab_to(page, page.get_by_role("button", name="Send"))
        assert [m["body"] for m in t.api.only.messages] == ["One line\nand another", "Here"]


def full(t: Talk) -> None:
    """A conversation with everything in it."""
    long = "x" * 400 + " and https://example.com/" + "y" * 300
    day = 86_400
    t.api.arrive(
        t.case,
        "Hello,\n\nwhen can I move in? I have asked before, and would be glad of an answer.\n\nAnn",
        at=time.time() - 2 * day,
    )
    t.api.say(t.case, "On Monday at nine. Bring your papers.", at=time.time() - 2 * day + 60)
    t.api.becomes(t.api.only.messages[1], "DELIVERED")
    t.api.arrive(t.case, "שלום, המפתח אצלי. תודה רבה!", at=time.time() - day)
    t.api.arrive(t.case, long, ("f" * 120 + ".pdf", "", b"x" * 20_000), authenticated=False)
    t.api.say(t.case, long)
    t.api.becomes(t.api.only.messages[4], "BOUNCED", "smtp; 550 5.1.1 " + "z" * 120)
    t.api.say(t.case, "And the last word.")
    expect(t.bubbles).to_have_count(6)
    expect(under(t, 4)).to_contain_text("Bounced")


def trouble(t: Talk) -> None:
    """Offline, with something that is not sent, and a file."""
    t.page.get_by_label("Add files").set_input_files([PDF])
    t.page.context.set_offline(True)
    t.text.fill("From the train\nto the flat")
    t.page.get_by_role("button", name="Send").click()
    expect(t.page.locator("#fate")).to_contain_text("Not sent yet")
    expect(t.page.locator("#trouble")).not_to_be_empty()


def over(t: Talk) -> None:
    t.clock.ahead = LIFE + 1
    expect(t.page.get_by_role("dialog")).to_be_visible()


def wrong(t: Talk) -> None:
    fill_in(t.page, ANN, "Your flat", "wrong")
    expect(t.page.locator("#start").get_by_role("alert")).not_to_be_empty()


def leaving(t: Talk) -> None:
    t.page.get_by_role("button", name="Leave", exact=True).click()


SCENES = {
    "way-in": lambda t: None,
    "wrong-code": wrong,
    "empty": lambda t: expect(t.page.get_by_text("Nothing has been said yet")).to_be_visible(),
    "full": full,
    "trouble": trouble,
    "over": over,
    "leaving": leaving,
}
BEFORE = {"way-in", "wrong-code"}


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 800}], ids=["phone", "wide"])
@pytest.mark.parametrize("scene", SCENES)
def test_axe_has_nothing_to_say_and_everything_fits(
    browser: Watched, scene: str, viewport: dict[str, int]
) -> None:
    with talk(browser, begun=scene not in BEFORE, viewport=viewport) as t:
        SCENES[scene](t)
        found = {}
        for scheme in ("light", "dark"):
            t.page.emulate_media(color_scheme=scheme)
            found[scheme] = violations(t.page)
        assert found == {"light": [], "dark": []}
        assert overflow(t.page) <= 0
        t.page.context.set_offline(False)
