"""Held mail: what the agent is told, what can be decided, and who gets the answer."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.page.conftest import Tab, opened
from tests.page.fakes import HELD, World, listed, mail, problem
from tests.page.test_look import LONG, brightness, overflow
from tests.page.test_work import accept, body, state, until, ways

EVE = "eve@evil.example"
SMALL = {"width": 360, "height": 760}
THIRD_PARTY = {
    "code": "third-party",
    "text": "Somebody who is not part of this case wrote to its address. The mail is held.",
}
PUNYCODE = {
    "code": "punycode-domain",
    "text": "The domain is written in letters that look like others.",
}


def stranger(message_id: str = "m-7", address: str = EVE, **changes: Any) -> dict[str, Any]:
    """A held mail of somebody who is not part of the case."""
    return listed(
        message_id,
        **{
            "from": {"name": "Corp Support", "address": address},
            "subject": "Please use my new address",
            "disposition": "held",
            "reason": "third-party",
            "warnings": [THIRD_PARTY, PUNYCODE],
            "actions": list(HELD),
        }
        | changes,
    )


def held_answer(**changes: Any) -> dict[str, Any]:
    """An agent's answer that the customer's next mail has overtaken."""
    return listed(
        "m-8",
        **{
            "kind": "relay",
            "from": {"name": "Alice", "address": "alice@corp.example"},
            "actor": "alice",
            "to": ["relay+token@mail.corp.example"],
            "subject": "Re: Blue lamp arrived broken",
            "disposition": "held",
            "reason": "stale",
            "actions": ["send", "discard"],
        }
        | changes,
    )


def with_messages(world: World, *messages: dict[str, Any]) -> Any:
    """What has to be in the world before the page is opened."""

    def prepare() -> None:
        world.offer()
        world.cases["c-1"]["case"]["answered"] = True
        for message in messages:
            world.add(message)

    return prepare


def hold(page: Page, who: str = EVE) -> Locator:
    """The banner of one held mail."""
    return page.get_by_role("region", name=f"Held: mail from {who}")


def button(place: Locator | Page, label: str) -> Locator:
    """An action; its name goes on to say what it is about."""
    return place.get_by_role("button", name=f"{label} (")


def fetched(tab: Tab) -> None:
    """Waits until the case has been read."""
    expect(tab.page.get_by_text("This answer goes to: ann@example.com")).to_be_visible()


def test_a_held_mail_is_on_top_with_its_reason_and_what_each_action_means(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        accept(tab)
        banner = hold(tab.page)
        expect(banner).to_contain_text("Its sender is not part of this case")
        expect(banner).to_contain_text("its sender gets nothing")
        expect(banner).to_contain_text("letters that look like others")
        expect(banner).to_contain_text("Calls itself “Corp Support”")
        for meaning in (
            "next mail is held again",
            "From now on its sender gets a copy",
            "with its sender as the customer",
            "goes to the quarantine",
        ):
            expect(banner.get_by_text(meaning)).to_be_visible()
        box, frame = banner.bounding_box(), tab.page.locator("iframe[title=Email]").bounding_box()
        assert box
        assert frame
        assert box["y"] < frame["y"]
        expect(tab.page.get_by_text("has written again")).to_have_count(0)


def test_a_held_mail_can_be_read_before_it_is_decided(browser: Browser, world: World) -> None:
    def prepare() -> None:
        with_messages(world)()
        content = mail(message_id="m-7", html="", new_text="Send it to me.", authenticated=False)
        content["from"] = {"name": "Corp Support", "address": EVE}
        world.add(stranger(), content | {"warnings": [PUNYCODE]})

    with opened(browser, world, prepare=prepare) as tab:
        accept(tab)
        hold(tab.page).get_by_role("button", name="Read it below").click()
        expect(tab.page.get_by_text("Send it to me.")).to_be_in_viewport()
        message = tab.page.locator(".message").filter(has_text="Please use my new address")
        expect(message).to_be_focused()
        expect(message.get_by_text("Held", exact=True)).to_be_visible()
        expect(message.get_by_text("Sender not confirmed")).to_be_visible()
        expect(message.get_by_text("Take care with this sender")).to_be_visible()
        assert world.decided == []


@pytest.mark.parametrize(
    ("label", "action", "confirmed", "says", "badge"),
    [
        ("Admit this mail", "admit", None, "is part of the case now", None),
        ("Add to the case", "add", "Add to the case", "from now on", None),
        ("Open a new case", "new-case", None, "Its number is 0new0case0new0case00", "Moved"),
        ("Block sender", "block", "Block sender", "The sender is blocked", "Blocked"),
    ],
)
def test_each_decision_about_a_held_mail(
    browser: Browser,
    world: World,
    label: str,
    action: str,
    confirmed: str | None,
    says: str,
    badge: str | None,
) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        button(hold(page), label).click()
        if confirmed:
            dialog = page.get_by_role("dialog")
            expect(dialog).to_contain_text(EVE)
            dialog.get_by_role("button", name="Cancel").click()
            expect(button(hold(page), label)).to_be_focused()
            assert world.decided == []
            button(hold(page), label).click()
            page.get_by_role("dialog").get_by_role("button", name=confirmed).click()
        expect(page.get_by_text(says)).to_be_visible()
        expect(hold(page)).to_have_count(0)
        [decided] = world.decided
        assert (decided["message"], decided["action"]) == ("m-7", action)
        assert len(decided["key"]) == 36
        message = page.locator(".message").filter(has_text="Please use my new address")
        expect(message).to_be_visible()
        if badge:
            expect(message.get_by_text(badge, exact=True)).to_be_visible()
        else:
            expect(message.get_by_text("Held", exact=True)).to_have_count(0)


def test_adding_somebody_says_what_he_will_get_and_copies_him(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger(address=LONG))) as tab:
        page = tab.page
        accept(tab)
        fetched(tab)
        expect(page.get_by_text("copy:")).to_have_count(0)
        button(hold(page, LONG), "Add to the case").click()
        dialog = page.get_by_role("dialog", name="Add this address to the case?")
        expect(dialog).to_contain_text(LONG)
        expect(dialog).to_contain_text("a copy of every answer to ann@example.com")
        expect(dialog).to_contain_text("its mail is no longer held")
        dialog.get_by_role("button", name="Add to the case").click()
        expect(
            page.get_by_text(f"This answer goes to: ann@example.com, copy: {LONG}")
        ).to_be_visible()


def test_another_agent_was_first(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        expect(hold(page)).to_be_visible()
        message = world.cases["c-1"]["messages"][-1]
        message |= {"actions": [], "disposition": "blocked", "reason": ""}
        button(hold(page), "Admit this mail").click()
        expect(page.get_by_text("That is not possible")).to_be_visible()
        expect(page.get_by_text("bob has decided about this message already.")).to_be_visible()
        expect(hold(page)).to_have_count(0)
        expect(page.get_by_text("Blocked", exact=True)).to_be_visible()


def test_actions_are_disabled_while_one_runs(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger(), held_answer())) as tab:
        page = tab.page
        accept(tab)
        world.may_answer.clear()
        button(hold(page), "Admit this mail").dblclick()
        for label in ("Add to the case", "Open a new case", "Block sender"):
            expect(button(hold(page), label)).to_be_disabled()
        world.may_answer.set()
        expect(hold(page)).to_have_count(0)
        expect(button(page, "Send anyway")).to_be_enabled()
        assert len(world.decided) == 1


def test_a_failed_decision_is_tried_again_as_the_same_decision(
    browser: Browser, world: World
) -> None:
    world.refusals = [problem(503, "Busy", "AWS did not answer in time.")] * 2
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        button(hold(page), "Admit this mail").click()
        expect(page.get_by_role("alert").get_by_text("AWS did not answer in time.")).to_be_visible()
        page.get_by_role("button", name="Try again").click()
        until(page, lambda: len(world.decided) == 2)
        page.get_by_role("button", name="Try again").click()
        expect(hold(page)).to_have_count(0)
        assert len({decided["key"] for decided in world.decided}) == 1


def test_a_refused_decision_is_explained_and_not_repeated(browser: Browser, world: World) -> None:
    world.refusals = [problem(404, "Not found", "This case has no such mail.")]
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        button(hold(page), "Open a new case").click()
        expect(page.get_by_text("This case has no such mail.")).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        expect(button(hold(page), "Admit this mail")).to_be_enabled()


def test_without_a_session_the_actions_say_why_they_are_disabled(
    browser: Browser, world: World
) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        expect(hold(page)).to_be_visible()
        world.tokens.clear()
        button(hold(page), "Admit this mail").click()
        expect(hold(page)).to_contain_text("no session for the case now. The session is over.")
        for label in ("Admit this mail", "Add to the case", "Open a new case", "Block sender"):
            expect(button(hold(page), label)).to_be_disabled()


def test_after_a_reload_a_mail_that_was_held_says_so(browser: Browser, world: World) -> None:
    content = mail(warnings=[THIRD_PARTY])

    def prepare() -> None:
        world.offer(content=content, access_code="used", warning="third-party")

    with opened(browser, world, prepare=prepare) as tab:
        page = tab.page
        accept(tab)
        banner = page.get_by_role("region", name="Held mail")
        expect(banner).to_contain_text("The access code was used already")
        expect(button(banner, "Add to the case")).to_be_disabled()
        expect(page.get_by_text("Their addresses cannot be shown right now")).to_be_visible()


@pytest.mark.parametrize(
    ("label", "action", "says"),
    [("Send anyway", "send", "on its way"), ("Do not send", "discard", "was not sent")],
)
def test_an_answer_that_the_customer_has_overtaken(
    browser: Browser, world: World, label: str, action: str, says: str
) -> None:
    with opened(browser, world, prepare=with_messages(world, held_answer())) as tab:
        page = tab.page
        accept(tab)
        banner = page.get_by_role("region", name="Not sent yet: the answer by alice")
        expect(banner).to_contain_text("The customer wrote again before it was sent")
        expect(banner).to_contain_text("It would go to: ann@example.com")
        expect(page.get_by_text("Answer held", exact=True)).to_be_visible()
        button(banner, label).click()
        expect(page.get_by_text(says)).to_be_visible()
        expect(banner).to_have_count(0)
        assert [decided["action"] for decided in world.decided] == [action]


def test_answers_are_copied_to_another_reply_to_once_that_is_confirmed(
    browser: Browser, world: World
) -> None:
    elsewhere = [{"name": "Ann", "address": "ann@elsewhere.example"}]

    def prepare() -> None:
        world.offer(content=mail(reply_to=elsewhere))
        world.cases["c-1"]["messages"][0]["actions"] = ["reply-to"]

    with opened(browser, world, prepare=prepare) as tab:
        page = tab.page
        accept(tab)
        expect(page.get_by_text("no answer goes there")).to_be_visible()
        page.get_by_role("button", name="Copy answers to ann@elsewhere.example").click()
        dialog = page.get_by_role("dialog", name="Copy answers to this address?")
        expect(dialog).to_contain_text("ann@example.com gets every answer as before")
        dialog.get_by_role("button", name="Copy answers").click()
        goes = "This answer goes to: ann@example.com, copy: ann@elsewhere.example"
        expect(page.get_by_text(goes)).to_be_visible()
        expect(page.get_by_text("(gets the answers)")).to_be_visible()
        expect(page.get_by_role("button", name="Copy answers to")).to_have_count(0)
        assert [decided["action"] for decided in world.decided] == ["reply-to"]


def test_the_sender_of_a_held_mail_is_told_from_who_gets_the_answer(
    browser: Browser, world: World
) -> None:
    content = mail(message_id="m-7", warnings=[THIRD_PARTY], authenticated=False)
    content["from"] = {"name": "Ann Meyer", "address": EVE}
    ann = {"name": "Ann Meyer", "address": "ann@example.com"}

    def prepare() -> None:
        world.offer(content=content)
        case = world.cases["c-1"]
        case["messages"] = [listed("m-1"), stranger()]
        case["case"] |= {"customer": ann, "subject": "Blue lamp", "held": 1}
        case["case"]["recipients"] = {"to": [ann], "cc": []}

    with opened(browser, world, prepare=prepare) as tab:
        page = tab.page
        accept(tab, EVE)
        expect(hold(page)).to_contain_text("It is the mail shown below.")
        fetched(tab)
        expect(
            page.get_by_text(f"{EVE}, who wrote the mail below, does not get it.")
        ).to_be_visible()
        assert ways(page)["Reply"].endswith("?subject=Re%3A%20Blue%20lamp")
        facts = page.locator(".facts").first
        expect(facts.get_by_text("The mail is held.")).to_be_visible()
        button(hold(page), "Admit this mail").click()
        expect(hold(page)).to_have_count(0)
        expect(facts.get_by_text("The mail is held.")).to_have_count(0)
        expect(facts.get_by_text("letters that look like others")).to_be_visible()
        expect(body(page)).to_contain_text("glass")


def test_completing_asks_while_a_mail_is_held(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        expect(hold(page)).to_be_visible()
        page.get_by_role("button", name="Complete").click()
        dialog = page.get_by_role("dialog", name="A held message waits for a decision")
        expect(dialog).not_to_contain_text("No answer has gone")
        dialog.get_by_role("button", name="Go back").click()
        assert state(world) == "connected"
        button(hold(page), "Admit this mail").click()
        expect(hold(page)).to_have_count(0)
        page.get_by_role("button", name="Complete").click()
        expect(page.get_by_role("button", name="Close task")).to_be_visible()
        assert state(world) == "ended"


def test_several_held_mails_are_decided_one_after_another(browser: Browser, world: World) -> None:
    many = [stranger(f"s-{n}", f"eve{n}@evil.example") for n in range(5)]
    with opened(browser, world, prepare=with_messages(world, *many)) as tab:
        page = tab.page
        accept(tab)
        expect(button(page, "Admit this mail")).to_have_count(1)
        hold(page, "eve1@evil.example").get_by_role("button", name="Decide").click()
        button(hold(page, "eve1@evil.example"), "Admit this mail").click()
        expect(hold(page, "eve1@evil.example")).to_have_count(0)
        page.get_by_role("button", name="Show 1 more held messages").click()
        expect(page.get_by_role("region", name="Held: mail from")).to_have_count(4)
        assert [decided["message"] for decided in world.decided] == ["s-1"]


def test_every_kind_of_message_has_its_mark(browser: Browser, world: World) -> None:
    messages = [
        listed("f", disposition="flagged", reason="customer-unverified", subject="Flagged one"),
        held_answer(
            id="b", disposition="blocked", reason="dmarc", actions=[], subject="Refused one"
        ),
        held_answer(
            id="n", kind="note", disposition="noted", reason="", actions=[], subject="Aside"
        ),
        stranger(id="x", disposition="blocked", reason="", actions=[], subject="Blocked one"),
    ]
    messages = [
        message | {"at": f"2026-01-0{n}T10:00:00Z"} for n, message in enumerate(messages, 1)
    ]
    with opened(browser, world, prepare=with_messages(world, *messages)) as tab:
        page = tab.page
        accept(tab)
        marks = {
            "Flagged one": ("Flagged", "which could not be verified"),
            "Refused one": ("Not sent", "Its sender could not be verified"),
            "Aside": ("Note", "For agents only: it was not sent"),
            "Blocked one": ("Blocked", ""),
        }
        for subject, (badge, reason) in marks.items():
            message = page.locator(".message").filter(has_text=subject)
            expect(message.get_by_text(badge, exact=True)).to_be_visible()
            expect(message).to_contain_text(reason)
        expect(page.locator(".message").filter(has_text="Aside")).to_contain_text("From alice")


def test_a_decision_is_made_with_the_keyboard_alone(browser: Browser, world: World) -> None:
    with opened(browser, world, prepare=with_messages(world, stranger())) as tab:
        page = tab.page
        accept(tab)
        add = button(hold(page), "Add to the case")
        expect(add).to_be_visible()
        for _ in range(60):
            if add.evaluate("button => button === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Add this address to the case?")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(add).to_be_focused()
        page.keyboard.press("Enter")
        confirm = dialog.get_by_role("button", name="Add to the case")
        expect(confirm).to_be_visible()
        for _ in range(6):
            if confirm.evaluate("button => button === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(hold(page)).to_have_count(0)
        notice = page.get_by_text("gets a copy of every answer from now on")
        expect(notice).to_be_visible()
        held_focus = "n => n.closest('[tabindex]')?.contains(document.activeElement) ?? false"
        until(page, lambda: bool(page.evaluate("document.activeElement !== document.body")))
        assert notice.evaluate(held_focus)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_long_addresses_fit_a_small_window(browser: Browser, world: World, scheme: Any) -> None:
    name = "n" * 300
    reply_to = [{"name": "", "address": f"reply.{LONG}"}]

    def prepare() -> None:
        content = mail(reply_to=reply_to, warnings=[PUNYCODE])
        content["from"] = {"name": name, "address": LONG}
        world.offer(content=content)
        world.cases["c-1"]["messages"][0]["actions"] = ["reply-to"]
        many = [{"name": "", "address": f"{n}{LONG}"} for n in range(8)]
        world.cases["c-1"]["case"]["recipients"]["cc"] = many
        world.add(stranger(address=f"eve.{LONG}", subject="s" * 400))
        world.add(held_answer(to=[LONG]))

    with opened(browser, world, prepare=prepare, viewport=SMALL, color_scheme=scheme) as tab:
        page = tab.page
        accept(tab, LONG)
        banner = hold(page, f"eve.{LONG}")
        expect(banner).to_be_visible()
        assert overflow(page) <= 0
        assert (brightness(page) < 200) == (scheme == "dark")
        for each in page.get_by_role("button", name="Copy answers to").all():
            box = each.bounding_box()
            assert box
            assert box["x"] + box["width"] <= SMALL["width"]
        for label in ("Add to the case", "Block sender"):
            box = button(banner, label).bounding_box()
            assert box
            assert box["x"] + box["width"] <= SMALL["width"]
        button(banner, "Add to the case").click()
        expect(page.get_by_role("dialog")).to_contain_text(f"eve.{LONG}")
        assert overflow(page) <= 0
