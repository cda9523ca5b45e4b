"""What became of an answer: shown in words, brought back with the reason, taken back in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.page.conftest import Tab, opened
from tests.page.fakes import World, answer, problem
from tests.page.test_decisions import SMALL, button, held_answer, with_messages
from tests.page.test_look import LONG, brightness, overflow
from tests.page.test_work import accept, until

FULL = "ann@example.com: the mailbox is full"
LONG_REASON = "smtp; 550 5.7.1 " + "the server of this company takes no mail " * 6 + "x" * 80
BEN, CAT = "ben@example.com", "cat@example.com"


def came_back(**changes: Any) -> dict[str, Any]:
    """An answer that bounced."""
    return answer(**{"delivery": "bounced", "returned": f"bounced: {FULL}"} | changes)


def with_answers(
    world: World, *messages: dict[str, Any], answered: bool = False, **attributes: str
) -> Any:
    """A case with these answers, and a task with these attributes."""

    def prepare() -> None:
        world.offer(**attributes)
        world.cases["c-1"]["case"]["answered"] = answered
        for number, message in enumerate(messages):
            world.add({"at": f"2026-01-0{number + 1}T10:00:00Z"} | message)

    return prepare


def banner(page: Page, name: str = "Your answer did not arrive") -> Locator:
    return page.get_by_role("region", name=name)


def undo_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Undo")


@pytest.mark.parametrize(
    ("delivery", "says"),
    [
        ("queued", "Waiting to be sent"),
        ("sent", "Sent, not confirmed yet"),
        ("delayed", "Delayed, still being tried"),
        ("delivered", "Delivered"),
        ("bounced", "Bounced: not delivered"),
        ("complained", "Reported as spam by the recipient"),
        ("rejected", "Refused by Amazon SES: not sent"),
        ("failed: MessageRejected", "Could not be sent"),
        ("unknown", "Nobody knows whether this was sent"),
        ("undone", "Taken back: not sent"),
    ],
)
def test_each_answer_says_what_became_of_it(
    browser: Browser, world: World, delivery: str, says: str
) -> None:
    given = with_answers(world, answer(delivery=delivery), answered=True)
    with opened(browser, world, prepare=given) as tab:
        accept(tab)
        expect(tab.page.locator(".message").get_by_text(says, exact=True)).to_be_visible()
        expect(tab.page.get_by_role("region", name="answer")).to_have_count(0)


def test_several_recipients_have_a_line_each_and_the_trouble_is_seen_at_once(
    browser: Browser, world: World
) -> None:
    recipients = [
        {"address": BEN, "status": "delivered", "reason": ""},
        {"address": CAT, "status": "bounced", "reason": "smtp; 550 5.1.1 no such user"},
    ]
    mixed = answer(delivery="bounced", recipients=recipients)
    fine = [{"address": who, "status": "delivered", "reason": ""} for who in (BEN, CAT)]
    with opened(
        browser,
        world,
        prepare=with_answers(
            world, mixed, answer("o-2", recipients=fine, subject="All well"), answered=True
        ),
    ) as tab:
        page = tab.page
        accept(tab)
        expect(page.locator(".message")).to_have_count(2)
        bad, well = page.locator(".message").all()
        lines = bad.get_by_role("list", name="Recipients").get_by_role("listitem")
        expect(lines).to_have_text(
            [f"{CAT} Bounced: not delivered550 5.1.1 no such user", f"{BEN} Delivered"]
        )
        expect(well.get_by_role("list", name="Recipients")).to_have_count(0)
        well.get_by_role("button", name="All well").click()
        expect(well.get_by_role("list", name="Recipients")).to_contain_text(BEN)


@pytest.mark.parametrize(
    ("kind", "delivery", "header", "advice"),
    [
        ("bounced", "bounced", "Your answer did not arrive", "answer again later"),
        ("complained", "complained", "Your answer was reported as spam", "Call the customer"),
        ("rejected", "rejected", "Your answer was not sent", "without its attachments"),
        ("not-sent", "failed: X", "Your answer was not sent", "tell an administrator"),
        ("unknown", "unknown", "Your answer may not have been sent", "it may arrive twice"),
    ],
)
def test_an_answer_that_came_back_is_on_top_with_its_reason_and_what_to_do(
    browser: Browser, world: World, kind: str, delivery: str, header: str, advice: str
) -> None:
    lost = answer(delivery=delivery, returned=f"{kind}: {FULL}", subject="Re: It came back")
    given = with_answers(world, lost, warning=kind, notice=FULL, agent_username="alice")
    with opened(browser, world, prepare=given) as tab:
        page = tab.page
        expect(page.get_by_role("list", name="My emails")).to_contain_text("The answer")
        accept(tab)
        told = banner(page, header)
        expect(told).to_contain_text(FULL)
        expect(told).to_contain_text(advice)
        expect(page.get_by_text("Look twice before you answer")).to_have_count(0)
        box, frame = told.bounding_box(), page.locator("iframe[title=Email]").bounding_box()
        assert box
        assert frame
        assert box["y"] < frame["y"]
        expect(page.locator(".message").get_by_text(FULL)).to_be_visible()
        told.get_by_role("button", name="Read the answer below").click()
        expect(page.locator(".message").filter(has_text="It came back")).to_be_focused()


def test_an_answer_that_came_back_is_told_by_the_task_alone(browser: Browser, world: World) -> None:
    world.api_up = False
    given = with_answers(world, warning="bounced", notice=FULL)
    with opened(browser, world, prepare=given) as tab:
        page = tab.page
        page.get_by_text("Blue lamp arrived broken").click()
        expect(banner(page, "The answer did not arrive")).to_contain_text(FULL)
        accept(tab)
        expect(page.get_by_text("The conversation cannot be shown right now")).to_be_visible()
        expect(banner(page, "The answer did not arrive")).to_contain_text(FULL)


def test_a_colleagues_answer_is_called_his(browser: Browser, world: World) -> None:
    given = with_answers(world, came_back(actor="bob"), agent_username="alice")
    with opened(browser, world, prepare=given) as tab:
        accept(tab)
        expect(banner(tab.page, "The answer by bob did not arrive")).to_contain_text(FULL)


@pytest.mark.parametrize(
    ("messages", "answered"),
    [
        ([came_back(), answer("o-2")], True),  # answered again
        ([came_back(), answer("o-2")], False),  # and the customer has written since
        ([answer(delivery="delivered", returned="unknown: nobody knows")], False),  # it arrived
    ],
)
def test_a_loss_that_was_made_good_is_no_news(
    browser: Browser, world: World, messages: list[dict[str, Any]], answered: bool
) -> None:
    given = with_answers(world, *messages, answered=answered)
    with opened(browser, world, prepare=given) as tab:
        accept(tab)
        expect(tab.page.get_by_text("Delivered", exact=True)).to_be_visible()
        expect(tab.page.get_by_text("did not arrive")).to_have_count(0)
        expect(tab.page.get_by_text("may not have been")).to_have_count(0)


@pytest.mark.parametrize(
    ("reason", "says"), [("bounce", "has bounced before"), ("complaint", "reported mail as spam")]
)
def test_a_suppressed_address_is_warned_of_before_one_answers(
    browser: Browser, world: World, reason: str, says: str
) -> None:
    def prepare() -> None:
        world.offer()
        world.cases["c-1"]["case"]["suppressed"] = reason

    with opened(browser, world, prepare=prepare) as tab:
        accept(tab)
        reply = tab.page.get_by_role("region", name="Reply")
        expect(reply).to_contain_text("An answer would not arrive")
        expect(reply).to_contain_text("nothing to ann@example.com: ")
        expect(reply).to_contain_text(says)


def test_the_history_is_told_in_words(browser: Browser, world: World) -> None:
    kinds = {
        "received": ("customer", "Mail received from the customer"),
        "acknowledged": ("channel", "Receipt confirmed to the customer"),
        "offered": ("channel", "Offered as a task"),
        "decided": ("bob", "Decided by bob · Send anyway"),
        "undone": ("bob", "Answer taken back before it left by bob"),
        "sent-again": ("channel", "Answer sent once more · Nobody knew"),
        "not-sent": ("channel", "Mail not sent"),
        "returned": ("channel", f"Answer came back · {FULL}"),
        "reminded": ("channel", "Held mail brought up again"),
        "teleported": ("alice", "Teleported by alice"),
    }
    reasons = {"decided": "send", "sent-again": "unknown", "returned": f"bounced: {FULL}"}

    def prepare() -> None:
        world.offer()
        world.cases["c-1"]["interactions"] = [
            {"at": f"2026-01-0{n}T10:00:00Z", "kind": kind, "actor": actor}
            | {"reason": reasons.get(kind, "")}
            for n, (kind, (actor, _)) in enumerate(kinds.items(), 1)
        ]

    with opened(browser, world, prepare=prepare) as tab:
        page = tab.page
        accept(tab)
        page.get_by_role("button", name="History").click()
        entries = page.locator(".history li")
        expect(entries).to_have_count(len(kinds))
        for entry, (_, text) in zip(entries.all(), reversed(kinds.values()), strict=True):
            expect(entry).to_contain_text(text)


def let_go(tab: Tab) -> None:
    """Decides to send the answer that was held."""
    accept(tab)
    button(tab.page, "Send anyway").click()
    expect(tab.page.get_by_text("The answer leaves in")).to_be_visible()


def test_an_answer_is_taken_back_in_time(browser: Browser, world: World) -> None:
    world.undo_seconds, world.clock_ahead = 30, timedelta(hours=-3)
    with opened(browser, world, prepare=with_messages(world, held_answer())) as tab:
        page = tab.page
        let_go(tab)
        expect(page.get_by_text("The answer is on its way")).to_have_count(0)
        count = page.get_by_role("timer")
        first = int(count.inner_text().removesuffix(" s"))
        assert 20 < first <= 30
        until(page, lambda: int(count.inner_text().removesuffix(" s")) < first)
        undo_button(page).click()
        expect(page.get_by_text("Taken back", exact=True)).to_be_visible()
        expect(undo_button(page)).to_have_count(0)
        expect(page.get_by_text("Taken back: not sent", exact=True)).to_be_visible()
        assert world.undone == ["out-m-8"]


def test_the_count_goes_on_while_the_case_is_read_again_and_ends(
    browser: Browser, world: World
) -> None:
    world.undo_seconds = 4
    with opened(browser, world, prepare=with_messages(world, held_answer())) as tab:
        page = tab.page
        let_go(tab)
        undo_button(page).evaluate("button => { button.mark = 'same' }")
        page.evaluate("window.dispatchEvent(new Event('focus'))")
        page.wait_for_timeout(600)
        assert undo_button(page).evaluate("button => button.mark") == "same"
        undo_button(page).focus()
        expect(page.get_by_text("The answer is on its way")).to_be_visible()
        expect(undo_button(page)).to_have_count(0)
        until(page, lambda: bool(page.evaluate("document.activeElement !== document.body")))
        assert world.undone == []
        page.get_by_role("button", name="Dismiss").click()
        expect(page.get_by_text("The answer is on its way")).to_have_count(0)


def test_an_answer_that_has_left_is_not_taken_back(browser: Browser, world: World) -> None:
    world.undo_seconds = 30
    with opened(browser, world, prepare=with_messages(world, held_answer())) as tab:
        page = tab.page
        let_go(tab)
        world.refusals = [problem(409, "Too late", "The answer has left already.")]
        world.cases["c-1"]["messages"][-1] |= {"delivery": "sent"}
        del world.cases["c-1"]["messages"][-1]["not_before"]
        undo_button(page).click()
        expect(page.get_by_text("It has left already")).to_be_visible()
        expect(undo_button(page)).to_have_count(0)
        expect(page.get_by_text("Sent, not confirmed yet")).to_be_visible()


def test_taking_back_is_tried_again_after_a_failure(browser: Browser, world: World) -> None:
    world.undo_seconds = 30
    with opened(browser, world, prepare=with_messages(world, held_answer())) as tab:
        page = tab.page
        let_go(tab)
        world.refusals = [problem(503, "Busy", "AWS did not answer in time.")]
        undo_button(page).click()
        expect(page.get_by_role("alert").get_by_text("AWS did not answer in time.")).to_be_visible()
        undo_button(page).click()
        expect(page.get_by_text("Taken back", exact=True)).to_be_visible()
        assert len(world.undone) == 2


def test_an_answer_is_taken_back_with_the_keyboard_alone(browser: Browser, world: World) -> None:
    world.undo_seconds = 60
    with opened(browser, world, prepare=with_messages(world, held_answer())) as tab:
        page = tab.page
        accept(tab)
        button(page, "Send anyway").focus()
        page.keyboard.press("Enter")
        expect(undo_button(page)).to_be_visible()
        expect(page.get_by_text("The answer leaves in")).to_be_visible()
        until(page, lambda: bool(page.evaluate("document.activeElement !== document.body")))
        page.keyboard.press("Tab")
        expect(undo_button(page)).to_be_focused()
        page.keyboard.press("Enter")
        notice = page.get_by_text("Taken back", exact=True)
        expect(notice).to_be_visible()
        until(page, lambda: bool(page.evaluate("document.activeElement !== document.body")))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_long_reasons_fit_a_small_window(browser: Browser, world: World, scheme: Any) -> None:
    world.undo_seconds = 60
    recipients = [
        {"address": f"{n}{LONG}", "status": "bounced", "reason": LONG_REASON} for n in range(9)
    ]
    lost = came_back(recipients=recipients, returned=f"bounced: {LONG}: {LONG_REASON}"[:300])
    held = held_answer(at="2025-12-30T10:00:00Z")

    def prepare() -> None:
        with_answers(world, lost, held)()
        world.cases["c-1"]["case"]["suppressed"] = "bounce"

    options: Any = {"viewport": SMALL, "color_scheme": scheme}
    with opened(browser, world, prepare=prepare, **options) as tab:
        page = tab.page
        accept(tab)
        expect(banner(page, "The answer by alice did not arrive")).to_be_visible()
        expect(page.get_by_text("An answer would not arrive")).to_be_visible()
        assert overflow(page) <= 0
        assert (brightness(page) < 200) == (scheme == "dark")
        page.get_by_role("button", name="and 5 more").first.click()
        assert overflow(page) <= 0
        button(page, "Send anyway").click()
        expect(undo_button(page)).to_be_visible()
        assert overflow(page) <= 0
