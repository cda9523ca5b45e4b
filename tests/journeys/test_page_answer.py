"""An agent writes in the page: answers, notes, forwarded mails, and the state of the case."""

from email import message_from_bytes, policy

import pytest

from emailchannel import journal
from emailchannel.ports import Record
from emailchannel.rebuild import fold
from tests.abuse.desk import again, at_once, desk_of, free_all, new_key, page_world, put
from tests.abuse.world import everything, read, says

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture(scope="module")
def w():
    with page_world(SendAcknowledgement="false", EmailDisclaimer="Example Ltd") as world:
        yield world


@pytest.fixture(scope="module")
def patient():
    """Answers wait ten seconds before they leave."""
    with page_world(SendAcknowledgement="false", UndoSeconds="10") as world:
        yield world


@pytest.fixture
def at(w):
    """A case whose task an agent has taken: (the case, his page)."""
    return taken(w)


def taken(w, **more):
    """A case with its page, held by an agent who has no other."""
    free_all(w)
    matter = w.matter(**more)
    return matter, desk_of(w, matter)


def message(desk, identity):
    return next(one for one in desk.view()["messages"] if one["id"] == identity)


def html_of(mail):
    return read(mail["raw"]).get_body(("html",)).get_content()


def test_an_answer_reaches_the_customer_as_one_of_the_case(w, at):
    matter, desk = at
    status, found, [sent] = desk.send(html="<p>Dear Ann,</p><p>it <b>is</b> on its way.</p>")
    assert (status, found["delivery"], found["not_before"]) == (201, "queued", None)
    assert sent["recipients"] == [matter.customer]
    mail = read(sent["raw"])
    assert (mail["From"].addresses[0].addr_spec, mail["Subject"]) == (
        matter.alias,
        "Re: My kettle is broken",
    )
    assert (
        mail["In-Reply-To"] == message_from_bytes(matter.raw, policy=policy.default)["Message-ID"]
    )
    assert "it is on its way" in says(sent["raw"])
    assert "<b>is</b>" in html_of(sent)
    assert "Example Ltd" in says(sent["raw"])
    assert "> the kettle leaks." in says(sent["raw"])
    assert "corp.example" not in everything(sent["raw"])
    case = w.case(matter.id)
    assert (case["status"], case["answered"]) == ("waiting", True)
    told = message(desk, found["id"])
    assert (told["direction"], told["kind"], told["actor"]) == ("out", "reply", "alice")
    assert told["answers"] == matter.mail_id
    assert ("answered", "alice", "default") in w.history(matter.id)


def test_the_same_key_is_the_same_answer(w, at):
    _, desk = at
    letter, key = desk.letter(), new_key()
    before = len(w.s.sent())
    calls = [lambda: desk("POST", "/case/messages", letter, key)] * 4
    found = at_once(calls)
    w.s.settle()
    found.append(desk("POST", "/case/messages", letter, key))
    w.s.settle()
    assert found == [found[0]] * 5
    assert found[0][0] == 201
    assert len(w.s.sent()) - before == 1
    status, problem = desk("POST", "/case/messages", {**letter, "html": "<p>Another.</p>"}, key)
    assert (status, problem["status"]) == (422, 422)


def test_what_is_refused_may_be_corrected(w, at):
    matter, desk = at
    key = new_key()
    status, _, sent = desk.send(key, to=["eve@elsewhere.example"])
    assert (status, sent) == (422, [])
    status, _, [sent] = desk.send(new_key())
    assert (status, sent["recipients"]) == (201, [matter.customer])


def test_an_answer_that_crosses_a_mail_of_the_customer_waits_for_its_agent(w, at):
    matter, desk = at
    letter, key = desk.letter(), new_key()
    mail_id = again(w, matter, "It has stopped leaking.")
    before = len(w.s.sent())
    status, problem = desk("POST", "/case/messages", letter, key)
    assert (status, problem["type"]) == (409, "urn:email-channel:stale")
    newer = problem["newer"]
    assert (newer["kind"], newer["message_id"]) == ("customer", mail_id)
    assert newer["actor"]
    w.s.settle()
    assert len(w.s.sent()) == before
    letter["seen"] = desk.letter()["seen"]
    assert desk("POST", "/case/messages", letter, key)[0] == 201
    w.s.settle()
    assert len(w.s.sent()) == before + 1
    assert w.case(matter.id)["answered"]


def test_of_two_answers_at_once_the_second_hears_of_the_first(w, at):
    _, desk = at
    letters = [(desk.letter(), new_key()) for _ in range(3)]
    before = len(w.s.sent())
    calls = [lambda one=one: desk("POST", "/case/messages", *one) for one in letters]
    found = at_once(calls)
    w.s.settle()
    assert sorted(status for status, _ in found) == [201, 409, 409]
    [first] = [answer["id"] for status, answer in found if status == 201]
    for newer in (answer["newer"] for status, answer in found if status == 409):
        assert (newer["kind"], newer["actor"], newer["message_id"]) == ("answer", "alice", first)
    assert len(w.s.sent()) - before == 1


def test_a_blind_copy_is_in_the_envelope_alone(w):
    matter, desk = taken(w, headers={"Cc": "Bea <bea@bees.example>, Cy <cy@cycles.example>"})
    roles = {one["address"]: one["role"] for one in desk.composer()["people"]}
    assert roles == {
        matter.customer: "customer",
        "bea@bees.example": "copied",
        "cy@cycles.example": "copied",
    }
    _, found, [sent] = desk.send(cc=["bea@bees.example"], bcc=["cy@cycles.example"])
    assert sorted(sent["recipients"]) == sorted([matter.customer, *list(roles)[1:]])
    assert "cy@" not in everything(sent["raw"])
    assert message(desk, found["id"])["bcc"] == ["cy@cycles.example"]


@pytest.mark.parametrize(
    ("following", "status", "target"),
    [("default", "waiting", "default"), ("me", "waiting", "agent"), ("close", "resolved", "")],
)
def test_who_gets_the_next_mail(w, at, following, status, target):
    matter, desk = at
    assert desk.send(next=following)[0] == 201
    assert w.case(matter.id)["status"] == status
    kept = w.s.channel.cases.case(matter.id)
    assert kept.target.type == target or not target
    assert ("closed" in {kind for kind, _, _ in w.history(matter.id)}) == (following == "close")


def test_files_and_pictures_go_along(w, at):
    _, desk = at
    picture = desk.upload(PNG, "leak.png", "image/png", inline=True)
    file = desk.upload(b"%PDF-1.7 manual", "manual.pdf", "application/pdf")
    _, found, [sent] = desk.send(
        html=f'<p>Look: <img src="cid:{picture["content_id"]}" alt="the leak"></p>',
        files=[picture["id"], file["id"]],
    )
    parts = {part.get_content_type(): part for part in read(sent["raw"]).walk()}
    assert parts["image/png"].get_content() == PNG
    assert parts["image/png"]["Content-ID"].strip("<>") in html_of(sent)
    assert parts["application/pdf"].get_content() == b"%PDF-1.7 manual"
    assert parts["application/pdf"].get_filename() == "manual.pdf"
    kept = {one["filename"]: one["size"] for one in message(desk, found["id"])["attachments"]}
    assert kept["manual.pdf"] == len(b"%PDF-1.7 manual")


def test_a_file_that_never_came_is_named(w, at):
    _, desk = at
    _, slot = desk.slot("late.txt", size=4)
    status, problem, sent = desk.send(files=[slot["id"]])
    assert (status, sent) == (422, [])
    assert "late.txt" in problem["detail"]
    assert put(slot, b"text") == 200
    assert desk.send(files=[slot["id"]])[0] == 201


def test_quoted_words_of_the_composer_stay(w, at):
    _, desk = at
    html = "<p>You wrote:</p><blockquote><p>it leaks</p></blockquote><p>We are sorry.</p>"
    _, _, [sent] = desk.send(html=html)
    said = says(sent["raw"])
    assert said.index("You wrote:") < said.index("it leaks") < said.index("We are sorry.")


def test_nothing_is_not_sent(w, at):
    _, desk = at
    status, problem, sent = desk.send(html="<p> &nbsp; <br></p>")
    assert (status, sent) == (422, [])
    assert "write something" in problem["detail"]


def test_a_note_is_for_colleagues(w, at):
    matter, desk = at
    file = desk.upload(b"plan", "plan.txt")
    status, found, sent = desk.send(
        kind="note", html="<p>She has <b>called</b>.</p>", files=[file["id"]]
    )
    assert (status, found["delivery"], found["not_before"], sent) == (201, "", None, [])
    note = message(desk, found["id"])
    assert (note["kind"], note["direction"], note["disposition"]) == ("note", "in", "noted")
    assert note["actor"] == "alice"
    text = next(m for m in w.s.messages(matter.id) if m["id"] == found["id"])["text"]
    assert "She has called." in text
    assert w.s.download(found["id"], 0)[2] == b"plan"
    assert w.case(matter.id)["status"] == "open"
    _, _, [answer] = desk.send()
    assert "called" not in everything(answer["raw"])


def test_a_forwarded_mail_is_no_answer(w):
    file = ("photo.txt", "text/plain", b"a photo of the leak")
    matter, desk = taken(w, attachments=[file])
    desk.send(html="<p>Our first answer.</p>")
    again(w, matter, "And now?")
    before = w.s.channel.cases.case(matter.id)
    status, found, [sent] = desk.send(
        kind="forward",
        html="<p>Please have a look.</p>",
        to=["Lab@lab.example"],
        bcc=["boss@lab.example"],
        answers=matter.mail_id,
        subject="A leak",
    )
    assert (status, sorted(sent["recipients"])) == (201, ["Lab@lab.example", "boss@lab.example"])
    mail = read(sent["raw"])
    assert (mail["Subject"], mail["In-Reply-To"]) == ("A leak", None)
    said = everything(sent["raw"])
    assert "please have a look" in said
    assert "the kettle leaks." in says(sent["raw"])
    assert "a photo of the leak" in said
    assert "our first answer" not in said
    assert "and now?" not in said
    assert "boss@" not in said
    assert w.s.channel.cases.case(matter.id) == before
    told = message(desk, found["id"])
    assert (told["kind"], told["delivery"]) == ("forward", "delivered")
    assert ("forwarded", "alice") in [entry[:2] for entry in w.history(matter.id)]


def test_a_mail_of_many_files_is_forwarded_with_all_of_them(w):
    files = [(f"{n:02}.txt", "text/plain", b"file %02d" % n) for n in range(24)]
    _, desk = taken(w, attachments=files)
    _, _, [sent] = desk.send(kind="forward", to=["lab@lab.example"])
    names = [part.get_filename() for part in read(sent["raw"]).iter_attachments()]
    assert sorted(names) == [name for name, _, _ in files]


def test_a_forwarded_mail_that_bounces_leaves_the_case_as_it_is(w, at):
    matter, desk = at
    desk.send()
    before = w.s.channel.cases.case(matter.id)
    _, found, _ = desk.send(kind="forward", to=["bounce@lab.example"])
    assert message(desk, found["id"])["delivery"] == "bounced"
    assert w.s.channel.cases.case(matter.id).answered_at == before.answered_at
    assert w.case(matter.id)["status"] == "waiting"


@pytest.mark.parametrize(
    "to", [[], ["x"], ["a@b@c"], ["a b@c.example"], [f"p{n}@c.example" for n in range(11)]]
)
def test_a_mail_is_forwarded_to_addresses(w, at, to):
    _, desk = at
    status, _, sent = desk.send(kind="forward", to=to)
    assert (status, sent) == (422, [])


def test_a_note_is_not_forwarded(w, at):
    _, desk = at
    _, note, _ = desk.send(kind="note", html="<p>She is difficult.</p>")
    status, _, sent = desk.send(kind="forward", to=["lab@lab.example"], answers=note["id"])
    assert (status, sent) == (422, [])


@pytest.mark.parametrize("kind", ["reply", "forward"])
def test_what_has_not_left_is_taken_back(patient, kind):
    w = patient
    matter, desk = taken(w)
    to = [matter.customer] if kind == "reply" else ["lab@lab.example"]
    status, found = desk("POST", "/case/messages", desk.letter(kind=kind, to=to), new_key())
    assert status == 201
    assert message(desk, found["id"])["not_before"] == found["not_before"]
    assert desk("POST", f"/messages/{found['id']}/undo")[0] == 200
    w.later(seconds=30)
    assert [one for one in w.s.sent() if to[0] in one["recipients"]] == []
    assert message(desk, found["id"])["delivery"] == "undone"
    assert (w.case(matter.id)["status"], w.case(matter.id)["answered"]) == ("open", False)
    assert desk.send()[0] == 201  # an answer that was taken back is not news


def test_the_state_is_set_as_it_was_seen(w, at):
    matter, desk = at
    seen = desk.letter()["seen"]
    assert desk("POST", "/case/state", {"status": "resolved", "seen": seen}) == (
        200,
        {"status": "resolved"},
    )
    assert w.case(matter.id)["status"] == "resolved"
    again(w, matter)
    status, problem = desk("POST", "/case/state", {"status": "rejected", "seen": seen})
    assert (status, problem["newer"]["kind"]) == (409, "customer")
    assert w.case(matter.id)["status"] == "open"
    assert desk("POST", "/case/state", {"status": "lost", "seen": seen})[0] == 400


def test_the_journal_alone_knows_all_of_it(w, at):
    matter, desk = at
    desk.send(kind="note", html="<p>Inside.</p>")
    desk.send(kind="forward", to=["lab@lab.example"])
    desk.send(next="close")
    seen = desk.letter()["seen"]
    desk("POST", "/case/state", {"status": "open", "seen": seen})
    w.s.settle()
    folded = fold(matter.id, records(w, matter.id))
    kept = w.s.channel.cases
    assert folded.head is not None
    assert folded.head.case == kept.case(matter.id)
    assert {one.message.id: one.message for one in folded.messages} == {
        one.id: one for one in kept.messages(matter.id)
    }
    assert set(folded.logs) == set(kept.interactions(matter.id))


def records(w, case_id) -> list[Record]:
    mails, found, after = w.s.channel.mails, [], ""
    while True:
        page, after = mails.page(f"{journal.PREFIX}/{case_id}/", after)
        found += [journal.loads(mails.read(stored.key) or b"") for stored in page]
        if not after:
            return found
