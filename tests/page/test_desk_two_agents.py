"""Several agents and one case, against the deployed stack: who looks, whose draft, whose answer."""

from __future__ import annotations

from contextlib import ExitStack

from playwright.sync_api import Page, expect

from tests.builders import answers, mail
from tests.page.conftest import Watched
from tests.page.deployed import (
    at_desk,
    case_of,
    deployed,
    draft_kept,
    inquire,
    received,
    said,
    send,
    take,
    text,
    write,
)


def transfer(page: Page, to: str) -> None:
    """Hands the task over by the page's dialog."""
    page.get_by_role("button", name="Transfer", exact=True).click()
    dialog = page.get_by_role("dialog", name="Transfer to")
    dialog.get_by_text(to, exact=True).click()
    dialog.get_by_role("button", name="Transfer", exact=True).click()
    expect(dialog).to_have_count(0)


def test_a_task_goes_to_a_colleague_and_to_a_queue_with_its_draft(browser: Watched) -> None:
    with deployed() as (s, url), ExitStack() as desks:
        alice = desks.enter_context(at_desk(browser, url, "alice"))
        bob = desks.enter_context(at_desk(browser, url, "bob"))
        case = inquire(s)
        s.quick_connect("alice", "bob")
        s.quick_connect("alice", "BasicQueue")
        write(take(alice), "Alice was here. ")
        draft_kept(s, alice, case, "Alice was here.")
        transfer(alice, "bob")
        s.settle()
        place = take(bob)
        expect(text(place)).to_contain_text("Alice was here.")
        expect(place.get_by_text("draft from")).to_be_visible()
        expect(bob.locator(".viewers")).to_contain_text("Alice")
        expect(alice.get_by_role("button", name="Close task")).to_be_visible()
        expect(alice.get_by_role("button", name="Send", exact=True)).to_have_count(0)
        write(place, "So was Bob. ")
        draft_kept(s, bob, case, "So was Bob.")
        transfer(bob, "BasicQueue")
        s.settle()

        s.connect("PUT", "agents/alice/state", {"state": "Offline"})
        s.connect("PUT", "agents/bob/state", {"state": "Offline"})
        carol = desks.enter_context(at_desk(browser, url, "carol"))
        task = s.task(case_of(s, case)["contact_id"])
        if task["state"] == "OFFERED":
            s.connect("POST", f"contacts/{task['id']}/reject", {"agent": task["agent"]})
        place = take(carol)
        expect(text(place)).to_contain_text("So was Bob. Alice was here.")
        send(place)
        s.settle()
        [message] = received(s)
        assert "So was Bob. Alice was here." in said(message)
        [sent] = [one for one in s.messages(case) if one["direction"] == "out"]
        assert sent["delivery"] == "delivered"
        assert ("answered", "carol") in [
            (one["kind"], one["actor"]) for one in s.interactions(case)
        ]


def test_of_two_answers_the_second_waits_for_a_second_look(browser: Watched) -> None:
    """Alice answers from her mail program what Bob is answering on the page."""
    with deployed() as (s, url), ExitStack() as desks:
        alice = desks.enter_context(at_desk(browser, url, "alice"))
        bob = desks.enter_context(at_desk(browser, url, "bob"))
        case = inquire(s)
        write(take(alice), "Dear Ann, ")
        draft_kept(s, alice, case, "Dear Ann,")
        relay = s.relay_address(case, "relay", "alice")
        s.transfer(case_of(s, case)["contact_id"], "bob")
        place = take(bob)
        expect(text(place)).to_contain_text("Dear Ann")
        first = mail("Alice <alice@corp.example>", relay, "Re: My kettle", "A new one is coming.")
        s.deliver(first, "alice@corp.example", [relay])
        s.settle()
        assert len(answers(s)) == 1
        text(place).click()
        bob.keyboard.type("Nothing is coming. ")
        place.get_by_role("button", name="Send", exact=True).click()
        expect(place.get_by_text("wrote").first).to_be_visible()
        s.settle()
        assert len(answers(s)) == 1
        place.get_by_role("button", name="Send anyway").or_(
            place.get_by_role("button", name="I have read it")
        ).click()
        send = place.get_by_role("button", name="Send", exact=True)
        gone = place.get_by_text("It is on its way")
        expect(gone.or_(send).first).to_be_visible()
        if not gone.is_visible():
            send.click()
        expect(gone).to_be_visible()
        s.settle()
        assert len(answers(s)) == 2
