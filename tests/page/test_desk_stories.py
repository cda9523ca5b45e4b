"""What an agent sees, decides and writes, against the deployed stack; and what comes of it."""

from __future__ import annotations

import base64
import re

from playwright.sync_api import Page, Route, expect

from local.testing import Stack, fetch
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
    read,
    received,
    said,
    send,
    take,
    write,
)

ODD = "ann@supp0rt.example.com"  # the stack's own domain is support.example.com
TRACKER = "https://tracker.example/seen.png"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = (
    '<p>The kettle leaks: <img src="cid:leak@mail" alt="the leak" width="20" height="20"></p>'
    f'<p><img src="{TRACKER}" alt="logo" width="20" height="20"></p>'
    "<p>On Monday you wrote:</p><blockquote>We have sent you a kettle.</blockquote>"
)


def odd_mail() -> bytes:
    """A mail with everything that an agent should look at twice."""
    made = read(
        mail(
            f"Ann <{ODD}>",
            text="The kettle leaks.\n\n> We have sent you a kettle.\n",
            html=HTML,
            headers={"Reply-To": "ann@elsewhere.example"},
        )
    )
    body = made.get_body(("html",))
    assert body is not None
    body.add_related(PIXEL, "image", "png", cid="<leak@mail>", filename="leak.png")
    made.add_attachment(
        b"<script>1</script>", maintype="text", subtype="html", filename="bill.html"
    )
    return made.as_bytes()


def test_an_odd_mail_is_seen_for_what_it_is(browser: Watched) -> None:
    asked: list[str] = []

    def picture(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=200, content_type="image/png", body=PIXEL)

    with deployed() as (s, url), at_desk(browser, url) as page:
        s.deliver(odd_mail(), ODD, [s.inquiry_address])
        s.settle()
        page.context.route("https://tracker.example/**", picture)
        take(page, ODD)
        expect(page.get_by_text("domain looks like yours, and is not").first).to_be_visible()
        expect(page.get_by_text("wants answers at another address").first).to_be_visible()
        expect(page.get_by_text("ann@elsewhere.example").first).to_be_visible()

        frame = page.frame_locator('iframe[title="Email"]')
        own = frame.get_by_role("img", name="the leak")
        expect(own).to_have_attribute("src", re.compile("^data:image/png"))
        expect(frame.get_by_text("We have sent you a kettle")).to_have_count(0)
        page.get_by_role("button", name="Quoted email").first.click()
        quoted = page.frame_locator('iframe[title="Quoted email"]')
        expect(quoted.get_by_text("We have sent you a kettle")).to_be_visible()
        assert asked == []
        page.get_by_role("button", name="Show images").click()
        expect(page.get_by_role("button", name="Show images")).to_have_count(0)
        expect(frame.get_by_role("img", name="logo")).to_have_attribute("src", TRACKER)
        page.wait_for_timeout(300)
        assert asked == [TRACKER]

        page.get_by_role("button", name="Headers", exact=True).click()
        headers = page.get_by_role("region", name="Headers of the email")
        expect(headers.get_by_text("ann@elsewhere.example")).to_be_visible()

        with page.expect_download() as got:
            page.get_by_text("bill.html").first.click()
        assert got.value.path().read_bytes() == b"<script>1</script>"
        status, fields, _body = fetch(got.value.url)
        assert status == 200
        assert fields["content-disposition"].startswith("attachment")
        assert "html" not in fields["content-type"]

        scanned = mail("Vic <vic@virus.example>", attachments=[("x.zip", "application/zip", b"PK")])
        s.deliver(scanned, "vic@virus.example", [s.inquiry_address], {"virus": "GRAY"})
        s.settle()
        take(page, "vic@virus.example")
        expect(page.get_by_role("button", name="x.zip")).to_be_disabled()
        expect(page.get_by_text("Its attachments are locked").first).to_be_visible()


def test_how_a_customer_sounds_is_seen_over_several_languages(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s, "This is terrible. I am very angry, the kettle is broken and leaks!")
        goes_on(s, case, "Der Wasserkocher steht jetzt auf dem Tisch und ich warte auf Antwort.")
        take(page)
        expect(page.get_by_text("German", exact=True).first).to_be_visible()
        goes_on(s, case, "Thank you so much, you are wonderful! I love the new kettle.")
        look(page)
        mood = page.get_by_role("img", name=re.compile("Mood of the customer"))
        expect(mood).to_have_accessible_name(re.compile("negative, .*positive"))
        expect(page.get_by_text("has written again").first).to_be_visible()


def test_of_three_strangers_each_is_what_the_agent_decides(browser: Watched) -> None:
    ben, dora, eve = (f"{name}@elsewhere.example" for name in ("ben", "dora", "eve"))
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s)
        for sender in (ben, dora, eve):
            goes_on(s, case, f"I am {sender}.", sender)
        take(page, eve)  # the task stands for the newest mail that waits for a decision

        def decide(sender: str, action: str) -> None:
            hold = page.get_by_role("region", name=f"Held: mail from {sender}")
            expect(hold).to_be_visible()
            if (opener := hold.get_by_role("button", name="Decide (")).is_visible():
                opener.click()
            hold.get_by_role("button", name=f"{action} (").click()
            dialog = page.get_by_role("dialog")
            if action == "Block sender":
                dialog.get_by_role("button", name=action).click()
            expect(hold).to_have_count(0)
            s.settle()

        decide(ben, "Block sender")
        decide(dora, "Open a new case")
        decide(eve, "Admit this mail")
        [other] = [one for one in s.cases() if one["id"] != case]
        assert other["customer"] == dora
        later = {sender: goes_on(s, case, "And now?", sender) for sender in (ben, eve)}
        assert later[ben] in [one["id"] for one in s.quarantine()]
        kept = {one["id"]: one["disposition"] for one in s.messages(case)}
        assert kept[later[eve]] == "held"
        assert [one for one in s.sent() if {ben, dora, eve} & set(one["recipients"])] == []

        page.get_by_role("button", name="History").click()
        history = page.locator(".history")
        for action in ("Block sender", "Open a new case", "Admit this mail"):
            expect(history.get_by_text(action)).to_be_visible()


def choose_next(page: Page, choice: str) -> None:
    """What becomes of the customer's next mail."""
    place = page.get_by_role("region", name="Write")
    place.get_by_role("button", name="next email").click()
    page.get_by_role("option", name=choice).click()


def hide_from_others(page: Page, address: str) -> None:
    """Moves a person of the case from Cc to Bcc."""
    place = page.get_by_role("region", name="Write")
    place.get_by_role("button", name=f"Remove {address} (Cc)").click()
    place.get_by_role("button", name="Add Bcc").click()
    row = place.get_by_role("group", name="Bcc", exact=True)
    row.get_by_role("combobox").press_sequentially(address.partition("@")[0])
    row.get_by_role("option").first.click()
    expect(row).to_contain_text(address)


def sign(page: Page, words: str) -> None:
    """The agent writes the signature of the address."""
    page.get_by_role("button", name="Signature", exact=True).click()
    dialog = page.get_by_role("dialog", name="Your signature")
    dialog.get_by_role("textbox", name="Signature").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)
    dialog.get_by_role("button", name="Save signature").click()
    expect(dialog).to_have_count(0)


def taken_by(s: Stack, case: str) -> str:
    """The agent to whom the case's task is offered."""
    return str(s.task(case_of(s, case)["contact_id"])["agent"])


def test_copies_signature_and_what_comes_next(browser: Watched) -> None:
    """Cc is seen by the customer and Bcc is not; the next mail goes where the answer said."""
    ben, carla = "ben@friend.example", "carla@friend.example"
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s, headers={"Cc": f"Ben <{ben}>, Carla <{carla}>"})
        place = take(page)
        sign(page, "Alice of the kettles")
        expect(place.get_by_role("group", name="Cc", exact=True)).to_contain_text(ben)
        hide_from_others(page, carla)
        write(place, "A new one is coming. ")
        choose_next(page, "Comes to me")
        send(place)
        s.settle()

        for address in (ANN, ben, carla):
            [message] = received(s, address)
            assert "A new one is coming." in said(message)
            assert "Alice of the kettles" in said(message)
            assert (message["Cc"], message["Bcc"]) == (ben, None)
            assert carla not in said(message)
        found = case_of(s, case)
        assert found["target_type"] == "agent"
        page.get_by_role("button", name="Complete").click()
        page.get_by_role("button", name="Close task").click()
        goes_on(s, case, "And when does it come?")
        place = take(page)
        assert taken_by(s, case) == "alice"
        first = page.locator(".thread .message.in").first
        first.locator("button.row").click()
        first.get_by_role("button", name="Reply", exact=True).click()
        write(place, "Tomorrow. ")
        choose_next(page, "Comes to this queue")
        send(place)
        s.settle()
        assert case_of(s, case)["target_type"] == "queue"
        answer = received(s)[-1]
        assert "Tomorrow." in said(answer)
        assert "> The kettle leaks." in said(answer)  # of the message that it answers
        assert "And when does it come?" not in said(answer)


def test_a_draft_outlives_a_tunnel_and_the_session(browser: Watched) -> None:
    with deployed() as (s, url), at_desk(browser, url) as page:
        case = inquire(s)
        place = take(page)
        page.context.set_offline(True)
        write(place, "Written in a tunnel. ")
        expect(page.get_by_text("You are offline").first).to_be_visible()
        assert s.channel.cases.draft(case) is None
        page.context.set_offline(False)
        draft_kept(s, page, case, "Written in a tunnel.")
        browser.expect("ERR_INTERNET_DISCONNECTED")
