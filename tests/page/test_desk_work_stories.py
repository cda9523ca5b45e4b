"""The state of a case, several tasks, transfers and what comes back, against the deployed stack."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.builders import mail
from tests.page.conftest import Watched
from tests.page.deployed import (
    ANN,
    at_desk,
    case_of,
    deployed,
    draft_kept,
    goes_on,
    inquire,
    look,
    received,
    said,
    send,
    take,
    text,
    write,
)
from tests.page.test_work import until

BEA = "bea@second.example"


def state(page: Page, of: str, wish: str) -> None:
    """Changes the state of the case by its button."""
    page.get_by_role("button", name=f"{of}: change the state of the case").click()
    page.get_by_role("menuitem", name=wish).click()


def close_task(page: Page) -> None:
    """Completes the task, whatever is open in its case."""
    page.get_by_role("button", name="Complete", exact=True).click()
    close = page.get_by_role("button", name="Close task")
    sure = page.get_by_role("dialog").get_by_role("button", name="Complete")
    expect(close.or_(sure).first).to_be_visible()
    if sure.is_visible():
        sure.click()
    close.click()
    expect(close).to_have_count(0)


def test_a_resolved_case_opens_again_and_a_rejected_one_does_not(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        first = inquire(s)
        take(page)
        state(page, "Open", "Resolve")
        until(page, lambda: case_of(s, first)["status"] == "resolved")
        close_task(page)
        goes_on(s, first, "It leaks again.")
        assert case_of(s, first)["status"] == "open"

        take(page)
        state(page, "Open", "Reject")
        page.get_by_role("dialog").get_by_role("button", name="Reject the case").click()
        until(page, lambda: case_of(s, first)["status"] == "rejected")
        close_task(page)
        goes_on(s, first, "Why do you not answer?")
        [second] = [case for case in s.cases() if case["id"] != first]
        assert (second["status"], second["linked"]) == ("open", [first])
        assert case_of(s, first)["status"] == "rejected"
        assert received(s) == []

        take(page)
        page.get_by_role("button", name=re.compile("^Other cases of this customer")).click()
        page.get_by_role("button", name="My kettle is broken").click()
        other = page.get_by_role("dialog", name="My kettle is broken")
        expect(other.get_by_text("You can read this case here")).to_be_visible()
        expect(other.get_by_text("Rejected", exact=True)).to_be_visible()
        other.get_by_role("button", name="Re: x").click()
        expect(other.get_by_text("It leaks again.")).to_be_visible()
        expect(other.get_by_role("button", name="Reply")).to_have_count(0)


def test_of_several_tasks_each_keeps_its_draft_and_its_customer(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        ann = inquire(s)
        s.deliver(mail(f"Bea <{BEA}>", text="My lamp is dark."), BEA, [s.inquiry_address])
        s.settle()
        [bea] = [case["id"] for case in s.cases() if case["customer"] == BEA]
        write(take(page), "For Ann. ")
        draft_kept(s, page, ann, "For Ann.")
        place = take(page, BEA)
        expect(text(place)).not_to_contain_text("For Ann.")
        write(place, "For Bea. ")
        draft_kept(s, page, bea, "For Bea.")
        page.get_by_role("list", name="My emails").get_by_role("button", name=ANN).click()
        expect(text(place)).to_contain_text("For Ann.")
        send(place)
        page.get_by_role("list", name="My emails").get_by_role("button", name=BEA).click()
        expect(text(place)).to_contain_text("For Bea.")
        send(place)
        s.settle()
        for address, own, other in ((ANN, "For Ann", "For Bea"), (BEA, "For Bea", "For Ann")):
            [message] = received(s, address)
            assert own in said(message)
            assert other not in said(message)


def test_an_answer_that_bounces_comes_back_with_its_reason(browser: Watched) -> None:
    lost = "bounce@customer.example"
    with deployed() as (s, url), at_desk(browser, url) as page:
        s.deliver(mail(f"Lost <{lost}>"), lost, [s.inquiry_address])
        s.settle()
        [case] = s.cases()
        place = take(page, lost)
        write(place, "A new one is coming. ")
        send(place)
        s.settle()
        look(page)
        back = page.get_by_role("region", name="Your answer did not arrive")
        expect(back.get_by_text("there is no such address")).to_be_visible()
        thread = page.get_by_role("list", name="Messages")
        expect(thread.get_by_text("Bounced: not delivered")).to_be_visible()
        assert case_of(s, case["id"])["status"] == "open"
        page.get_by_role("button", name="History").click()
        history = page.locator(".history")
        for words in ("Mail received", "Task accepted", "Answered", "Answer came back"):
            expect(history.get_by_text(words).first).to_be_visible()


def test_a_text_outlives_its_session(browser: Watched) -> None:
    """Two hours asleep, and the task is taken anew: the text is in the composer again."""
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s)
        place = take(page)
        write(place, "Begun before lunch. ")
        draft_kept(s, page, case, "Begun before lunch.")
        s.at(datetime.now(UTC) + timedelta(hours=2))
        write(place, "Ended after it. ")
        expect(place.get_by_text("Your session for this case is over")).to_be_visible()
        expect(place.get_by_role("button", name="Copy the text")).to_be_visible()
        s.transfer(case_of(s, case)["contact_id"], "BasicQueue")
        place = take(page)
        expect(text(place)).to_contain_text("Ended after it. Begun before lunch.")
        send(place)
        s.settle()
        [message] = received(s)
        assert "Ended after it. Begun before lunch." in said(message)


def test_a_reply_prepared_in_one_case_is_sent_in_the_next(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        inquire(s)
        place = take(page)
        write(place, "Dear {{ customer.first_name }}, we will look into it. ")
        place.get_by_role("button", name="Prepared replies").click()
        place.get_by_role("button", name="Save this text").click()
        page.get_by_role("dialog").get_by_label("Title").fill("Later")
        page.get_by_role("dialog").get_by_role("button", name="Save reply").click()
        expect(page.get_by_text("“Later” is saved.")).to_be_visible()
        page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
        s.deliver(mail(f"Bea <{BEA}>", text="My lamp is dark."), BEA, [s.inquiry_address])
        s.settle()
        place = take(page, BEA)
        place.get_by_role("button", name="Prepared replies").click()
        place.get_by_role("option", name="Later").click()
        expect(text(place)).to_contain_text("Dear Bea, we will look into it.")
        send(place)
        s.settle()
        [message] = received(s, BEA)
        assert "Dear Bea, we will look into it." in said(message)
