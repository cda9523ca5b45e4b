"""The main states of the desk, and pictures of them: each fits its window, and can be looked at.

With UPDATE_SCREENS=1 the pictures that docs/agents.md shows are written anew.
"""

from __future__ import annotations

import base64
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.page.conftest import Tab, opened
from tests.page.fakes import World, answer, as_json, iso, listed, mail
from tests.page.server import ROOT
from tests.page.test_compose import PASTE
from tests.page.test_decisions import hold, stranger
from tests.page.test_desk import BOB, STALE, choose, other, others
from tests.page.test_look import brightness, overflow
from tests.page.test_work import accept, body

PDF = {"name": "credit note.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" * 9_000}
WORDS = [
    ("en", "Blue lamp arrived broken", "The glass is broken. Can you send another one?"),
    ("de", "Blaue Lampe kam zerbrochen an", "Das Glas ist zersprungen, bitte um Ersatz."),
    ("fr", "Lampe bleue arrivée cassée", "Le verre est brisé. Pouvez-vous la remplacer ?"),
    ("es", "La lámpara llegó rota", "El cristal está roto. ¿Me envían otra?"),
    ("it", "Lampada arrivata rotta", "Il vetro è rotto. Potete mandarne un altro?"),
    ("pt", "O candeeiro chegou partido", "O vidro está partido. Podem enviar outro?"),
    (
        "ja",
        "青いランプが割れて届きました",
        "ガラスが割れています。新品をお願いします。",
    ),
    ("zh", "蓝色台灯到货时已破损", "玻璃碎了。能再寄一个吗?"),
    ("ko", "파란 램프가 깨져서 왔어요", "유리가 깨졌습니다. 새것으로 보내 주시겠어요?"),
    ("hi", "नीला लैंप टूटा हुआ आया", "काँच टूटा हुआ है। क्या आप दूसरा भेज सकते हैं?"),
    ("ar", "وصل المصباح الأزرق مكسورًا", "الزجاج مكسور. هل يمكنكم إرسال مصباح آخر؟"),
    ("he", "המנורה הכחולה הגיעה שבורה", "הזכוכית שבורה. אפשר לשלוח אחת חדשה?"),
]


@dataclass(frozen=True)
class Scene:
    """`prepare` sets the world up before the page is opened; `act` brings the page there."""

    name: str
    prepare: Callable[[World], Any]
    act: Callable[[Tab], Any]
    about: str = ""  # what a picture of it is to show: a CSS selector brought to the top


def png(width: int = 320, height: int = 200) -> bytes:
    """A picture of a lamp, near enough: a disc of light on blue."""
    rows = b""
    for y in range(height):
        rows += b"\0"
        for x in range(width):
            far = ((x - width / 2) ** 2 + (y - height / 2) ** 2) ** 0.5 / (height / 2)
            glow = max(0.0, 1 - far)
            rows += bytes((int(40 + 215 * glow), int(70 + 170 * glow), int(140 + 40 * glow)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def ago(**time: float) -> str:
    """A moment so long ago."""
    return iso(datetime.now(UTC) - timedelta(**time))


def in_language(code: str, subject: str, text: str) -> dict[str, Any]:
    """A mail of a customer who writes in this language."""
    html = f"<p>{text}</p>"
    tongue = {"code": code, "score": 0.99}
    return mail(subject=subject, html=html, text=text, new_text=text, language=tongue)


# -- what there is ------------------------------------------------------------------------------


def offered(world: World) -> None:
    world.offer()
    second = mail(message_id="m-20", subject="Invoice 20-117 twice")
    world.offer("c-2", second, from_name="Ben Okafor", from_address="ben@example.org")


def conversation(world: World) -> None:
    """A case with a past: mails both ways, a note, what happened between."""
    world.offer()
    case = world.cases["c-1"]
    case["messages"][:0] = [
        listed("h-1", subject="Where is my lamp?", at=ago(days=6), sentiment="NEUTRAL"),
        answer("h-2", subject="Re: Where is my lamp?", at=ago(days=5, hours=20)),
        listed("h-3", subject="Re: Where is my lamp?", at=ago(days=2), sentiment="POSITIVE"),
        listed("h-4", kind="note", subject="Stock is low", at=ago(days=1), actor="bob")
        | {"from": {"name": "Bob Baker", "address": "bob@corp.example"}},
        answer("h-5", subject="Re: Where is my lamp?", at=ago(hours=20), delivery="bounced"),
    ]
    case["messages"][-1]["sentiment"] = "NEGATIVE"
    case["interactions"] = [
        {"at": ago(days=6), "kind": "received", "actor": "customer", "reason": "customer"},
        {"at": ago(days=5, hours=23), "kind": "accepted", "actor": "bob", "reason": ""},
        {"at": ago(days=5, hours=20), "kind": "answered", "actor": "alice", "reason": "default"},
        {"at": ago(days=1), "kind": "noted", "actor": "bob", "reason": ""},
        {"at": ago(minutes=4), "kind": "accepted", "actor": "alice", "reason": ""},
    ]
    text = "Thank you, I look forward to it."
    world.store("fresh/h-3", mail(message_id="h-3", html=f"<p>{text}</p>", text=text))


def with_held(world: World) -> None:
    world.offer()
    world.add(stranger())


def with_others(world: World) -> None:
    world.offer()
    subjects = ["Wrong bulb", "Delivery to a neighbour", "Change of address"]
    world.others = [other(f"x{n}", subject=each) for n, each in enumerate(subjects)]
    world.others[1] |= {"status": "waiting", "linked": True}
    head = world.cases["c-1"]["case"]
    head["others"] = len(subjects)
    texts = [listed(f"y{n}", subject="Wrong bulb", at=ago(days=30 - n)) for n in range(2)]
    old = head | {"id": "x0", "status": "resolved", "subject": "Wrong bulb"}
    world.other_cases["x0"] = {"case": old, "messages": texts}
    for one in texts:
        said = "The bulb in the box is not the one I ordered."
        world.store(f"fresh/{one['id']}", mail(message_id=one["id"], html="", new_text=said))


def colleagues(world: World) -> None:
    world.offer()
    world.viewers = [BOB | {"writing": True, "since": ago(minutes=2)}]
    world.writing.saved_by("bob", "<p>Dear Ann,</p><p>I have asked the warehouse.</p>")


def rtl(world: World) -> None:
    code, subject, text = WORDS[10]
    content = in_language(code, subject, text)
    content["from"] = {"name": "ليلى حداد", "address": "ann@example.com"}
    world.offer(content=content, detected_language="ar")


def long_words(world: World) -> None:
    content = mail(
        subject="Lampenfassungsersatzteillieferungsbestätigung" * 4,
        html=f"<p>{'x' * 700}</p><table width=1800><tr><td>{'wide ' * 60}</td></tr></table>",
        cc=[{"name": "", "address": f"{n}{'b' * 60}@example.com"} for n in range(8)],
    )
    content["attachments"][0]["filename"] = "f" * 200 + ".pdf"
    world.offer(content=content)


def unreachable(world: World) -> None:
    world.offer()
    world.expired.add("/formatted/c-1")
    world.api_up = False


# -- what is done -------------------------------------------------------------------------------


def place(page: Page) -> Locator:
    return page.get_by_role("region", name="Write")


def text(page: Page, name: str = "Your reply") -> Locator:
    return place(page).get_by_role("textbox", name=name)


def read(tab: Tab) -> None:
    """Accepts the mail; the composer is there."""
    accept(tab)
    expect(body(tab.page)).not_to_be_empty()
    expect(text(tab.page)).to_be_visible()


def see_offer(tab: Tab) -> None:
    tab.page.get_by_text("Blue lamp arrived broken").first.click()
    expect(tab.page.get_by_text("Accept the email to read and answer it.")).to_be_visible()


def open_thread(tab: Tab) -> None:
    read(tab)
    tab.page.locator('[data-message="h-3"] button').first.click()
    inside = tab.page.frame_locator(".message-whole iframe").locator("body")
    expect(inside).to_contain_text("I look forward")


def write(tab: Tab) -> None:
    """A reply with bold words, a picture in its text and a file."""
    read(tab)
    page = tab.page
    text(page).click()
    page.keyboard.type("Dear Ann,")
    page.keyboard.press("Enter")
    page.keyboard.type("we are sorry. ")
    page.keyboard.press("Control+b")
    page.keyboard.type("A new lamp")
    page.keyboard.press("Control+b")
    page.keyboard.type(" leaves today; it looks like this:")
    page.keyboard.press("Enter")
    picture = base64.b64encode(png()).decode()
    page.evaluate(PASTE, [text(page).element_handle(), "image", picture])
    expect(text(page).locator("img")).to_be_visible()
    place(page).locator("input[type=file]").set_input_files([PDF])
    expect(place(page).get_by_text("credit note.pdf").first).to_be_visible()
    expect(place(page).get_by_text("Saved ")).to_be_visible()


def note(tab: Tab) -> None:
    read(tab)
    place(tab.page).get_by_role("button", name="Note", exact=True).click()
    text(tab.page, "Your note").click()
    tab.page.keyboard.type("She has ordered twice before: please send it by express.")


def forward(tab: Tab) -> None:
    read(tab)
    place(tab.page).get_by_role("button", name="Forward", exact=True).first.click()
    row = place(tab.page).get_by_role("group", name="To", exact=True)
    row.get_by_role("combobox").press_sequentially("dora@workshop.example,")
    text(tab.page, "Your message").click()
    tab.page.keyboard.type("Dora, have you seen glass break like this?")


def prepared(tab: Tab) -> None:
    read(tab)
    place(tab.page).get_by_role("button", name="Prepared replies", exact=True).click()
    expect(tab.page.get_by_text("Replacement lamp")).to_be_visible()


def reply(tab: Tab) -> None:
    read(tab)
    text(tab.page).click()
    tab.page.keyboard.type("Dear Ann, a new lamp leaves today.")
    place(tab.page).get_by_role("button", name="Send", exact=True).click()


def leaving(tab: Tab) -> None:
    tab.world.writing.undo_seconds = 60
    reply(tab)
    expect(place(tab.page).get_by_role("button", name="Undo")).to_be_visible()


def stale(tab: Tab) -> None:
    newer = {"kind": "answer", "actor": "bob", "at": ago(minutes=2), "message_id": "o-bob"}
    tab.world.writing.refusals = [as_json(409, STALE | {"newer": newer})]
    reply(tab)
    expect(place(tab.page).get_by_role("button", name="Send anyway")).to_be_visible()


def decide(tab: Tab) -> None:
    accept(tab)
    expect(hold(tab.page)).to_be_visible()


def look_at_other(tab: Tab) -> None:
    read(tab)
    others(tab.page).click()
    tab.page.get_by_role("button", name="Wrong bulb").click()
    dialog = tab.page.get_by_role("dialog", name="Wrong bulb")
    dialog.get_by_role("button", name="Wrong bulb").last.click()
    expect(dialog.get_by_text("not the one I ordered")).to_be_visible()


def list_others(tab: Tab) -> None:
    read(tab)
    others(tab.page).click()
    expect(tab.page.locator(".others li")).to_have_count(3)


def keys(tab: Tab) -> None:
    read(tab)
    tab.page.locator("#mail-title").focus()
    tab.page.keyboard.press("?")
    expect(tab.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def history(tab: Tab) -> None:
    read(tab)
    tab.page.get_by_role("button", name="History").click()
    expect(tab.page.locator(".history li").first).to_be_visible()


def resolved(tab: Tab) -> None:
    read(tab)
    choose(tab.page, "Resolve")
    expect(tab.page.locator(".case-status")).to_contain_text("Resolved")


def offline(tab: Tab) -> None:
    read(tab)
    text(tab.page).click()
    tab.page.context.set_offline(True)
    tab.page.keyboard.type("Dear Ann, the train is in a tunnel.")
    expect(place(tab.page).get_by_text("You are offline")).to_be_visible()


def over(tab: Tab) -> None:
    read(tab)
    text(tab.page).click()
    tab.page.keyboard.type("Dear Ann, this must not be lost.")
    tab.world.writing.over = True
    tab.page.keyboard.type(" Really.")
    expect(place(tab.page).get_by_text("Your session for this case is over")).to_be_visible()


def missing(tab: Tab) -> None:
    accept(tab)
    expect(tab.page.get_by_text("The conversation cannot be shown right now")).to_be_visible()


def idle(tab: Tab) -> None:
    expect(tab.page.get_by_role("button", name="Go available")).to_be_visible()


SCENES = [
    Scene("empty", lambda _world: None, idle),
    Scene("offered", offered, see_offer),
    Scene("reading", World.offer, read),
    Scene("thread", conversation, open_thread, "h2:has-text('Rest of the conversation')"),
    Scene("writing", World.offer, write, "write"),
    Scene("note", World.offer, note, "write"),
    Scene("forward", World.offer, forward, "write"),
    Scene("prepared", World.offer, prepared, "write"),
    Scene("undo", World.offer, leaving, "write"),
    Scene("stale", World.offer, stale, "write"),
    Scene("colleagues", colleagues, read),
    Scene("held", with_held, decide),
    Scene("others", with_others, list_others, ".others"),
    Scene("other-case", with_others, look_at_other),
    Scene("history", conversation, history, ".history"),
    Scene("keys", World.offer, keys),
    Scene("resolved", World.offer, resolved),
    Scene("offline", World.offer, offline, "write"),
    Scene("over", World.offer, over, "write"),
    Scene("error", unreachable, missing),
    Scene("arabic", rtl, read),
    Scene("long-words", long_words, read),
]
BY_NAME = {scene.name: scene for scene in SCENES}

# -- pictures ------------------------------------------------------------------------------------

SHOWN = ROOT / "docs" / "screens"
HEAVIEST = 120_000  # bytes of a picture
LOOKS: dict[str, tuple[int, int, Literal["light", "dark"]]] = {
    "light": (1280, 900, "light"),
    "dark": (1280, 900, "dark"),
    "narrow": (360, 780, "light"),
    "4k": (3840, 2160, "light"),
}
IN_DOCS = {
    *((name, "light") for name in BY_NAME if name not in ("empty", "long-words", "resolved")),
    *((name, "dark") for name in ("reading", "writing", "note", "held")),
    *((name, "narrow") for name in ("reading", "writing", "held", "arabic")),
}
# A picture is drawn on a canvas: as WebP it is small, and its pixels can be counted.
DRAW = """async (png) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + png;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, image.width, image.height);
  const seen = new Map();
  for (let n = 0; n < data.length; n += 4 * 7) {
    const colour = (data[n] >> 4 << 8) | (data[n + 1] >> 4 << 4) | (data[n + 2] >> 4);
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  const counts = [...seen.values()];
  const total = counts.reduce((sum, each) => sum + each, 0);
  const webp = canvas.toDataURL('image/webp', 0.82).split(',')[1];
  return {webp, colours: counts.length, most: Math.max(...counts) / total};
}"""
# What sticks out of the window and cannot be scrolled to within a part of its own.
STICKS_OUT = """() => [...document.querySelectorAll('main *, #root *')].filter((each) => {
  if (!each.checkVisibility({visibilityProperty: true, opacityProperty: true})) return false;
  const {right, left, width, height} = each.getBoundingClientRect();
  if (!width || !height || (right <= innerWidth + 1 && left >= -1)) return false;
  for (let up = each; up; up = up.parentElement) {
    const style = getComputedStyle(up);
    if (style.overflowX !== 'visible' || style.position === 'fixed' || style.clip !== 'auto'
      || style.clipPath !== 'none') return false;
  }
  return true;
}).map((each) => `${each.tagName}.${each.className}`.slice(0, 80)).slice(0, 5)"""


def aim(page: Page, about: str) -> None:
    """Brings the part that the scene is about into view, under the page's head."""
    if about:
        region = page.get_by_role("region", name="Write")
        part = region if about == "write" else page.locator(about).first
        part.evaluate("part => scrollTo(0, part.getBoundingClientRect().top + scrollY - 120)")
    page.wait_for_timeout(100)  # it is laid out anew


def drawn(browser: Browser, png: bytes) -> dict[str, Any]:
    """The picture as WebP (base64), how many colours it has, and the share of the commonest."""
    blank = browser.new_page()
    try:
        return dict(blank.evaluate(DRAW, base64.b64encode(png).decode()))
    finally:
        blank.close()


def look_at(page: Page, look: str, about: str) -> None:
    """Changes the window and the colours of an open page."""
    width, height, scheme = LOOKS[look]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    aim(page, about)


def keep(name: str, look: str, webp: str, folder: Path) -> Path:
    """Writes a picture: where the guide has it, or only to be weighed."""
    shown = os.environ.get("UPDATE_SCREENS") == "1"
    place = SHOWN if shown else folder
    place.mkdir(parents=True, exist_ok=True)
    picture = place / f"{name}-{look}.webp"
    picture.write_bytes(base64.b64decode(webp))
    return picture


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_state_fits_its_window(
    browser: Browser, world: World, tmp_path: Path, scene: Scene
) -> None:
    with opened(browser, world, prepare=lambda: scene.prepare(world)) as tab:
        scene.act(tab)
        for look in LOOKS:
            look_at(tab.page, look, scene.about)
            assert overflow(tab.page) <= 0, look
            assert tab.page.evaluate(STICKS_OUT) == [], look
            assert (brightness(tab.page) < 200) is (look == "dark")
            if (scene.name, look) not in IN_DOCS:
                continue  # a picture costs seconds, and nobody would look at it
            tab.page.wait_for_timeout(400)  # what slides in has come to rest
            found = drawn(browser, tab.page.screenshot())
            assert found["colours"] > 12, look
            assert found["most"] < 0.99, look
            picture = keep(scene.name, look, found["webp"], tmp_path)
            assert picture.stat().st_size < HEAVIEST
        tab.page.context.set_offline(False)


def test_the_guide_shows_every_picture_there_is() -> None:
    guide = (ROOT / "docs" / "agents.md").read_text()
    there = {path.name for path in SHOWN.iterdir()}
    assert there == {f"{name}-{look}.webp" for name, look in IN_DOCS}
    assert [name for name in sorted(there) if f"(screens/{name})" not in guide] == []
    assert sum(path.stat().st_size for path in SHOWN.iterdir()) < 2_000_000


@pytest.mark.parametrize(("code", "subject", "text"), WORDS, ids=[code for code, *_ in WORDS])
def test_a_mail_is_shown_in_its_language(
    browser: Browser, world: World, code: str, subject: str, text: str
) -> None:
    content = in_language(code, subject, text)

    def prepare() -> None:
        world.offer(content=content, detected_language=code)

    with opened(browser, world, prepare=prepare) as tab:
        read(tab)
        page = tab.page
        heading = page.get_by_role("heading", name=subject)
        paragraph = page.frame_locator('iframe[title="Email"]').get_by_text(text)
        direction = "rtl" if code in ("ar", "he") else "ltr"
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            for part in (heading, paragraph):
                expect(part).to_be_visible()
                assert part.evaluate("part => getComputedStyle(part).direction") == direction
            assert overflow(page) <= 0
