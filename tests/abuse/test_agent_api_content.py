"""The agent API from outside: what is written through it, what leaves, and what is logged."""

import json
import re
from urllib.parse import quote, urlsplit

import pytest

from local.testing import fetch
from tests.abuse.desk import (
    REFUSED,
    Desk,
    again,
    desk_of,
    free_all,
    new_key,
    page_world,
    put,
)
from tests.abuse.markup import HOSTILE, dangers
from tests.abuse.world import everything, human, read, recipients
from tests.builders import mail

EVE = "eve@evil.example"
BOSS = "boss@partner.example"
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
)


@pytest.fixture(scope="module")
def w():
    with page_world() as world:
        yield world


@pytest.fixture(autouse=True)
def clean_desks(w):
    """Every agent is free again after a test."""
    yield
    free_all(w)


def attachments(octets: bytes) -> list:
    """Every part of a mail that has a file name or is no text."""
    return [part for part in read(octets).walk() if part.get_filename()]


# --- Files --------------------------------------------------------------------------------------


def test_a120_a_place_takes_what_was_announced_and_nothing_else(w):
    desk = desk_of(w, w.matter())
    status, slot = desk.slot(size=4)
    assert status == 201
    for octets, changed in (
        (b"text and more", {}),
        (b"t", {}),
        (b"text", {"Content-Type": "text/html"}),
    ):
        headers = {name.lower(): value for name, value in slot["headers"].items()}
        given = {**headers, **{name.lower(): value for name, value in changed.items()}}
        given["content-length"] = str(len(octets))
        assert put({**slot, "headers": given}, octets) not in {200, 204}, (octets, changed)
    there = urlsplit(slot["url"])
    for path in (
        f"{there.path}x",
        f"{there.path}/../../inbound/x",
        there.path.replace("uploads", "settings"),
    ):
        moved = {**slot, "url": there._replace(path=path).geturl()}
        assert put(moved, b"text") not in {200, 204}, path
    assert fetch(slot["url"])[0] != 200
    assert put(slot, b"text") == 200


def test_a121_a_file_that_never_came_or_came_otherwise_is_not_sent(w):
    desk = desk_of(w, w.matter())
    status, slot = desk.slot(size=4)
    assert status == 201
    status, found, sent = desk.send(files=[slot["id"]])
    assert (status in REFUSED | {409}, human(sent)) == (True, []), found
    key = urlsplit(slot["url"]).path.partition("uploads/")[2]
    w.s.put_object(f"uploads/{key}", b"ten thousand times as much")
    status, found, sent = desk.send(files=[slot["id"]])
    assert (status in REFUSED | {409}, human(sent)) == (True, []), found


def test_a122_what_was_sent_stays_as_it_was_sent(w):
    """The place is still open when the answer has left: who writes there again changes nothing."""
    matter = w.matter()
    desk = desk_of(w, matter)
    slot = desk.upload(b"true", "bill.txt")
    status, answer, sent = desk.send(files=[slot["id"]])
    assert status == 201
    put(slot, b"lies")
    [part] = attachments(human(sent)[0]["raw"])
    assert part.get_payload(decode=True) == b"true"
    status, link = desk("GET", f"/messages/{answer['id']}/attachments/0")
    assert (status, fetch(link["url"])[2]) == (200, b"true")


SIZES = (-1, 0, 1.5, "5", True, None, 20_000_001, 10**30, [1])


def test_a123_sizes_and_numbers_of_files_end_somewhere(w):
    desk = desk_of(w, w.matter())
    for size in SIZES:
        assert desk.slot(size=size)[0] in {400, 413, 422}, size
    assert desk.slot(size=20_000_001)[0] == 413
    status, slot = desk.slot(size=20_000_000)
    assert status == 201, slot
    ids = [desk.upload(b"text", f"{n}.txt")["id"] for n in range(21)]
    status, found, sent = desk.send(files=ids)
    assert (status in REFUSED, human(sent)) == (True, []), found
    status, found, sent = desk.send(html="<p>" + "x" * 200_001)
    assert (status in REFUSED, human(sent)) == (True, []), found
    status, found, sent = desk.send(files=[ids[0], ids[0]])
    assert status in REFUSED | {201}
    assert all(len(attachments(one["raw"])) == 1 for one in human(sent))


NAMES = {
    "../../../etc/passwd": "passwd",
    "..\\..\\windows\\system.ini": "system.ini",
    "a\r\nBcc: eve@evil.example\r\n\r\nx.txt": "x.txt",
    'a"; filename="b.exe': "",
    "invoice\u202egpj.exe": ".exe",
    "in\u200bvoice\u2066.txt": ".txt",
    "nul\x00l.txt": ".txt",
    ".htaccess": "htaccess",
    "x" * 3000 + ".txt": "",
    "": "",
    "💥 Ü.txt": ".txt",
    "a\u2028b\u0085c.txt": ".txt",
    "=?utf-8?q?x=0d=0aBcc:_eve?=.txt": ".txt",
}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_a124_the_name_of_a_file_is_a_name(w, name):
    matter = w.matter()
    desk = desk_of(w, matter)
    status, slot = desk.slot(filename=name, size=4)
    if status in {400, 422}:
        return
    assert status == 201, slot
    assert ".." not in urlsplit(slot["url"]).path
    assert put(slot, b"text") == 200
    status, answer, sent = desk.send(files=[slot["id"]])
    assert status == 201, answer
    [one] = human(sent)
    assert one["recipients"] == [matter.customer]
    assert read(one["raw"])["Bcc"] is None
    [part] = attachments(one["raw"])
    shown = part.get_filename()
    assert part.get_payload(decode=True) == b"text"
    assert not re.search(
        "[/\\\\\x00-\x1f\x7f\u0085\u200b\u200e-\u202e\u2066-\u2069\u2028\u2029]", shown
    )
    assert not shown.startswith(".")
    assert len(shown) <= 255
    assert shown.endswith(NAMES[name])
    part = one["raw"].partition(b"\r\n\r\n")[2]
    assert b"\r\nBcc:" not in part


@pytest.mark.parametrize(
    "kind",
    [
        "text/html\r\nX-Evil: 1",
        "multipart/mixed; boundary=x",
        "message/rfc822",
        "text/html; charset=utf-7",
        "image/svg+xml",
        "application/x-sh",
        "x",
        "",
        "text/" + "x" * 500,
        "text/plain\x00",
        "texté/plain",
    ],
)
def test_a125_the_type_of_a_file_is_a_type(w, kind):
    matter = w.matter()
    desk = desk_of(w, matter)
    octets = b"--x\r\nContent-Type: text/html\r\n\r\n<script>1</script>\r\n--x--\r\n"
    status, slot = desk.slot("a.bin", kind, len(octets))
    if status in {400, 422}:
        return
    assert status == 201
    assert put(slot, octets) == 200
    status, link = desk("GET", f"/case/files/{slot['id']}")
    assert status == 200
    status, headers, _ = fetch(link["url"])
    assert status == 200
    assert headers["content-disposition"].startswith("attachment")
    assert headers["content-type"].partition(";")[0] not in {
        "text/html",
        "image/svg+xml",
        "application/xhtml+xml",
        "text/xml",
        "application/xml",
    }
    status, answer, sent = desk.send(files=[slot["id"]])
    assert status == 201, answer
    raw = human(sent)[0]["raw"]
    assert b"X-Evil" not in raw
    [part] = attachments(raw)
    assert not part.is_multipart() or part.get_content_type() == "message/rfc822"
    if not part.is_multipart():
        assert part.get_payload(decode=True) == octets
    assert part.get_content_disposition() == "attachment"


def test_a126_an_inline_image_is_an_image(w):
    desk = desk_of(w, w.matter())
    for kind, octets in (("image/svg+xml", b"<svg onload='x'/>"), ("text/html", b"<b>x</b>")):
        status, slot = desk.slot("a.svg", kind, len(octets), inline=True)
        if status in {400, 422}:
            continue
        assert not slot.get("content_id"), kind
    slot = desk.upload(PNG, "a.png", "image/png", inline=True)
    cid = slot["content_id"]
    assert re.fullmatch(r"[\w.@+-]{5,120}", cid)
    status, _, sent = desk.send(html=f'<p>See <img src="cid:{cid}"></p>', files=[slot["id"]])
    assert status == 201
    mail = read(human(sent)[0]["raw"])
    [part] = [p for p in mail.walk() if p.get_content_type() == "image/png"]
    [shown] = [p for p in mail.walk() if p.get_content_type() == "text/html"]
    assert f'src="cid:{part["Content-ID"].strip("<>")}"' in shown.get_content()
    assert part.get_payload(decode=True) == PNG


# --- HTML ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def received(w):
    """The HTML and the text that a customer receives of everything hostile at once."""
    matter = w.matter()
    desk = desk_of(w, matter)
    html = "".join(f"<p>before {n}</p>{piece}" for n, piece in enumerate(HOSTILE))
    status, answer, sent = desk.send(html=f"<p>Please read this.</p>{html}<p>The end.</p>")
    assert status == 201, answer
    raw = read(human(sent)[0]["raw"])
    return tuple(raw.get_body((kind,)).get_content() for kind in ("html", "plain"))


def test_a127_what_a_customer_receives_is_clean(received):
    html, text = received
    assert dangers(html) == []
    for part in received:
        assert "Please read this." in part
        assert "heron-comment" not in part
    assert "<script" not in text
    assert "fetch(" not in text


def test_a128_each_piece_alone_is_clean(w):
    """What one piece opens the next could close: so each stands alone, too."""
    desk = desk_of(w, w.matter())
    bad = []
    for piece in HOSTILE:
        status, _, sent = desk.send(html=f"<p>Please read this.</p>{piece}")
        assert status == 201
        body = read(human(sent)[0]["raw"]).get_body(("html",)).get_content()
        bad += [(piece, found) for found in dangers(body)]
        assert "Please read this." in body
    assert bad == []


def test_a128_drafts_and_notes_are_as_clean_for_colleagues(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    html = f"<p>Please read this.</p>{''.join(HOSTILE)}"
    assert desk("PUT", "/case/draft", desk.draft(html=html))[0] == 200
    assert dangers(desk.composer()["draft"]["html"]) == []
    status, note, sent = desk.send(kind="note", html=html, to=[])
    assert (status, human(sent)) == (201, []), note
    status, link = desk("GET", f"/messages/{note['id']}/formatted")
    document = json.loads(fetch(link["url"])[2])
    assert dangers(document.get("html") or "") == []
    assert "Please read this." in document["text"]


def test_a129_no_relay_address_leaves(w):
    """In text, links and attributes: an agent's page may quote what stands in his own view."""
    matter = w.matter()
    desk = desk_of(w, matter)
    address = desk.view()["relay_addresses"]["relay"]
    token = address.partition("+")[2].partition("@")[0]
    html = (
        f"<p>Write to {address} or <a href='mailto:{address}'>here</a>, "
        f"<a href='mailto:{quote(address)}' title='{address}'>there</a>, "
        f"{token}, <b>{address[:20]}</b>{address[20:]}</p>"
    )
    status, answer, sent = desk.send(html=html)
    assert status in {201, 422}, answer
    assert all(token[21:] not in everything(one["raw"]) for one in human(sent))
    status, answer, sent = desk.send(kind="forward", to=[address], subject="x")
    assert (status in REFUSED, human(sent)) == (True, []), answer
    status, answer, sent = desk.send(kind="forward", to=[matter.alias], subject="x")
    assert (status in REFUSED, human(sent)) == (True, []), answer


# --- Headers and people -------------------------------------------------------------------------

SUBJECTS = (
    f"Hi\r\nBcc: {EVE}\r\n\r\n<b>body</b>",
    f"Hi\nBcc: {EVE}",
    f"Hi\rBcc: {EVE}",
    f"Hi\u2028Bcc: {EVE}\u0085X: y",
    f"=?utf-8?q?Hi=0d=0aBcc:_{EVE}?=",
    "x" * 10_000,
    "\x00\x1b[31m",
    "\u202egnp.exe",
)


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: ascii(subject)[:30])
def test_a130_a_subject_is_one_line(w, subject):
    matter = w.matter()
    desk = desk_of(w, matter)
    status, answer, sent = desk.send(kind="forward", to=[BOSS], subject=subject)
    assert status in {201, 400, 422}, answer
    for one in human(sent):
        assert one["recipients"] == [BOSS]
        found = read(one["raw"])
        assert (found["Bcc"], found["X"]) == (None, None)
        assert not re.search("[\r\n\x00\x1b]", found["Subject"])
        assert all(len(line) <= 998 for line in one["raw"].split(b"\r\n"))


def injected(customer: str) -> list:
    return [
        [f"{customer}\r\nBcc: {EVE}"],
        [f"{customer}, {EVE}"],
        [f"{customer} {EVE}"],
        [f"<{EVE}> {customer}"],
        [f"{EVE}\x00{customer}"],
        [f"{customer}>,<{EVE}"],
        [{"address": EVE}],
        [[EVE]],
        EVE,
        f"{customer},{EVE}",
        [None],
        ["@"],
        ["\ud800@evil.example"],
        ["eve@" + "e" * 300 + ".example"],
    ]


@pytest.mark.parametrize("field", ["to", "cc", "bcc"])
def test_a131_only_people_of_the_case_get_a_reply(w, field):
    matter = w.matter()
    desk = desk_of(w, matter)
    others = [[matter.customer, EVE], [f'"{matter.customer}"@evil.example']]
    for people in (*injected(matter.customer), *others):
        status, answer, sent = desk.send(**{"to": [matter.customer], field: people})
        assert (status in {400, 422}, human(sent)) == (True, []), (people, answer)
    assert EVE not in json.dumps(desk.composer()["people"])


def test_a132_a_forward_goes_to_whom_it_names_and_no_further(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    forward = {"kind": "forward", "subject": "Fwd: x", "html": "<p>See</p>"}
    for people in injected(BOSS):
        status, answer, sent = desk.send(**forward, to=people)
        assert (status in {400, 422}, human(sent)) == (True, []), (people, answer)
    many = [f"p{n}@partner.example" for n in range(11)]
    for split in ({"to": many}, {"to": many[:5], "cc": many[5:8], "bcc": many[8:]}):
        assert desk.send(**forward, **split)[0] in {400, 422}, split
    status, _, sent = desk.send(**forward, to=[BOSS])
    assert (status, recipients(human(sent))) == (201, [BOSS])
    assert w.case(matter.id)["participants"] == []
    assert BOSS not in json.dumps(desk.composer()["people"])


def test_a133_a_forward_shows_the_one_mail(w):
    matter = w.matter(text="Hello, the code word is osprey. Ann")
    latest = again(w, matter, "The kettle still leaks.")
    desk = desk_of(w, matter)
    desk.send(html="<p>A walrus of our own</p>")
    status, answer, sent = desk.send(kind="forward", to=[BOSS], subject="x", answers=latest)
    assert status == 201, answer
    said = everything(human(sent)[0]["raw"])
    assert "still leaks" in said
    for private in ("osprey", "walrus", "alice@corp.example", "relay+"):
        assert private not in said
    assert not w.case(matter.id)["participants"]


def test_a134_a_blind_copy_is_blind(w):
    """A participant in Bcc: not in what others receive, nor in what is quoted later."""
    matter, other = w.matter(), w.person("ben")
    raw = mail(f"Ben <{other}>", matter.alias, "Re: x", "Me too")
    held = w.deliver(raw, other, matter.alias).id
    desk = desk_of(w, matter)
    assert desk.s and desk("POST", f"/messages/{held}/decision", {"action": "add"})[0] == 200
    status, answer, sent = desk.send(to=[matter.customer], bcc=[other])
    assert status == 201, answer
    sent = human(sent)
    assert recipients(sent) == sorted([matter.customer, other])
    for one in sent:
        assert read(one["raw"])["Bcc"] is None
        assert other not in everything(one["raw"])
        assert other.encode() not in one["delivered"]
    again(w, matter)
    status, _, sent = desk.send(to=[matter.customer])
    assert other not in everything(human(sent)[0]["raw"])
    [shown] = [m for m in desk.view()["messages"] if m["id"] == answer["id"]]
    assert shown["bcc"] == [other]


def test_a135_a_note_stays_inside(w):
    matter = w.matter()
    desk = desk_of(w, matter)
    for people in ({"to": [matter.customer]}, {"to": [], "bcc": [EVE]}, {"to": [], "cc": [BOSS]}):
        status, answer, sent = desk.send(
            kind="note", html="<p>He is rude (cormorant)</p>", **people
        )
        assert (status in {201, 400, 422}, human(sent)) == (True, []), answer
    assert desk.send(kind="note", html="<p>He is rude (cormorant)</p>", to=[])[::2] == (201, [])
    assert w.case(matter.id)["answered"] is False
    for kind, to in (("reply", matter.customer), ("forward", BOSS)):
        _, _, sent = desk.send(kind=kind, to=[to], subject="x")
        assert len(human(sent)) == 1
        assert "cormorant" not in everything(human(sent)[0]["raw"])
    [note] = [m for m in w.s.messages(matter.id) if "cormorant" in m["text"]][:1]
    _, answer, sent = desk.send(kind="forward", to=[BOSS], subject="x", answers=note["id"])
    assert human(sent) == [], answer


def test_a136_a_signature_is_its_agents_own(w):
    one, two = w.matter(), w.matter()
    alices, bobs = desk_of(w, one), desk_of(w, two, "bob")
    html = "<p>Alice, ospreys</p><script>1</script><img src=https://evil.example/x onerror=1>"
    status, found = alices("PUT", "/signature", {"html": html})
    assert status in {200, 204}, found
    kept = alices("GET", "/signature")[1]["html"]
    assert "ospreys" in kept
    assert dangers(kept) == []
    assert dangers(alices.composer()["signature"]["html"]) == []
    assert "ospreys" not in json.dumps(bobs("GET", "/signature")[1])
    assert "ospreys" not in json.dumps(bobs.composer())
    assert alices("PUT", "/signature", {"html": "x" * 1_000_000})[0] in {400, 413, 422}


# --- What is logged -----------------------------------------------------------------------------


def test_a137_no_log_line_tells_anything():
    """A whole day at the desk, with errors: tokens, codes, links, addresses, words and names."""
    with page_world() as w:
        s = w.s
        matter = w.matter(subject="Pelican 1", text="Hello, pelican 2.")
        contact = w.case(matter.id)["contact_id"]
        w.accept(contact, "alice")
        code = s.task(contact)["attributes"]["access_code"]
        desk = Desk(s, w.session(contact).token, contact)
        stamp = desk.view()["relay_addresses"]["relay"].partition("@")[0]
        slot = desk.upload(b"pelican 3", "pelican-4.txt")
        body = desk.draft(html="<p>pelican 5</p>", files=[slot["id"]])
        desk("PUT", "/case/draft", body)
        desk.composer()
        key = "pelican-key-6"
        for kind, to in (("reply", matter.customer), ("note", []), ("forward", BOSS)):
            people = [to] if to else []
            desk.send(
                f"{key}-{kind}",
                kind=kind,
                to=people,
                subject="pelican 7",
                html="<p>pelican 8</p>",
                files=[slot["id"]],
            )
        desk("PUT", "/signature", {"html": "<p>pelican 9</p>"})
        for path in ("original", "formatted", "headers", "attachments/0", "pelican-10"):
            desk("GET", f"/messages/{matter.mail_id}/{path}")
        desk("GET", f"/case/files/{slot['id']}")
        desk("GET", "/case/messages?before=pelican-11")
        desk("POST", "/case/presence", {"writing": True})
        for odd in ("\ud800", "pelican\x00", ["pelican"], {"pelican": 1}, "pelican" * 9999):
            for name in ("html", "to", "files", "subject", "kind", "seen", "answers"):
                desk("POST", "/case/messages", desk.letter(**{name: odd}), new_key())
            desk("POST", "/case/files", {"filename": odd, "content_type": odd, "size": 1})
            desk("POST", "/sessions", {"contact_id": contact, "code": odd})
        for operation in ("PutItem", "TransactWriteItems", "PutObject", "GetItem", "Query"):
            for fault in ("throttle", "5xx-before", "timeout-before"):
                s.fault(operation, fault)
                desk("POST", "/case/messages", body, new_key())
                desk("PUT", "/case/draft", body)
                desk("GET", "/case")
        s.settle()
        logs = s.logs()
    said = {
        "code": code,
        "token": desk.token,
        "link": "X-Amz-Signature",
        "key": key,
        "customer": matter.customer,
        "agent": "alice@corp.example",
        "partner": BOSS,
        "word": "pelican",
        "relay address": stamp,
    }
    assert '"message":"api"' in logs
    assert [name for name, text in said.items() if text.lower() in logs.lower()] == []
    assert "Traceback" not in logs
