"""A day in the life of a channel: something of everything that leaves a row."""

from dataclasses import dataclass

from tests.abuse.world import Matter, World
from tests.builders import mail

NOBODY = {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"}
ROBOT = {"Auto-Submitted": "auto-generated"}


@dataclass(frozen=True)
class Day:
    """What is left of it: a case to go on with, and the mail that came last."""

    matter: Matter
    last: str


def live(w: World, cli) -> Day:
    """Live through three days."""
    matter = answered(w)
    handed_on(w)
    closed(w)
    w.later(days=1)
    bounced(w)
    kept_from_agents(w, cli)
    w.s.invoke("caretaker", {"canary": True})
    w.s.settle()
    w.later(days=1)
    assert cli("agents", "revoke", "carol").status == 0
    held_mail(w)
    held_answers(w)
    return Day(matter, write(w, matter, "PS: it is red."))


def write(w, matter, text, verdicts=None):
    """The customer writes on his case."""
    raw = mail(f"Ann <{matter.customer}>", matter.alias, "Re: My kettle", text)
    return w.deliver(raw, matter.customer, matter.alias, verdicts).id


def done(w, case_id):
    """The agent ends the case's task."""
    if contact := w.case(case_id)["contact_id"]:
        w.s.complete(contact)


def answered(w):
    """Answered, continued, answered again; with a note and a mail that an agent must not send."""
    matter = w.matter()
    w.api(matter.id).view()
    w.answer(matter)
    write(w, matter, "And now?")
    write(w, matter, "Who am I?", NOBODY)
    w.answer(matter, text="#note\nHe is angry.")
    w.answer(matter, verdicts={"dmarc": "FAIL"})
    w.answer(matter, purpose="agentrelay")
    done(w, matter.id)
    return matter


def held_mail(w):
    """Strangers' mail, decided in each way that there is, and once not at all."""
    matter = w.matter()
    api = w.api(matter.id)
    for action in ("admit", "add", "new-case", "block", ""):
        eve = w.person("eve")
        raw = mail(eve, matter.alias, "Re: x", f"I know more: {action}.")
        ses_id = w.deliver(raw, eve, matter.alias).id
        if action:
            assert api.decide(ses_id, action)[0] == 200
    done(w, matter.id)


def held_answers(w):
    """Answers that were stale: sent after all, taken back, discarded."""
    matter = w.matter()
    address = w.address(matter)
    api = w.api(matter.id)
    for action, taken_back in (("discard", False), ("send", True), ("send", False)):
        write(w, matter, f"It works again: {action} {taken_back}")
        held = w.answer(matter, to=address, text=f"We send a new one: {action} {taken_back}.").id
        assert api.decide(held, action)[0] == 200
        if taken_back:
            [answer] = [m for m in w.s.messages(matter.id) if m["kind"] == "reply"]
            assert api("POST", f"/messages/{answer['id']}/undo")[0] == 200
    w.later(seconds=30)
    done(w, matter.id)


def handed_on(w):
    """From one agent to another."""
    matter = w.matter()
    w.api(matter.id)
    w.s.transfer(w.case(matter.id)["contact_id"], "bob")
    w.accept(w.case(matter.id)["contact_id"], "bob")
    w.answer(matter, "bob", "queuerelay")
    done(w, matter.id)


def bounced(w):
    """An answer that did not arrive, and a task for it."""
    matter = w.matter(w.person("bounce"))
    w.api(matter.id)
    w.answer(matter)
    assert w.s.messages(matter.id)[-1]["delivery"] == "bounced"


def closed(w):
    """Closed by a command and by an address, and a mail that comes later."""
    matter = w.matter()
    w.api(matter.id)
    w.answer(matter, text="#close\nDear Ann, it is done.")
    done(w, matter.id)
    other = w.matter()
    w.api(other.id)
    w.answer(other, purpose="rejectrelay")
    done(w, other.id)
    write(w, other, "But why?")


def kept_from_agents(w, cli):
    """Spam, released and deleted and left; a machine's mail; the same mail twice; a made-up key."""
    spam = {"spam": "FAIL"}
    ids = []
    for _ in range(3):
        person = w.person("sam")
        ids.append(w.deliver(mail(person), person, w.s.inquiry_address, spam).id)
    assert cli("quarantine", "release", ids[0]).status == 0
    assert cli("quarantine", "delete", ids[1], "--yes").status == 0
    robot = w.person("robot")
    w.deliver(mail(robot, headers=ROBOT), robot, w.s.inquiry_address)
    matter = w.matter()
    w.deliver(matter.raw, matter.customer, w.s.inquiry_address)
    w.api(matter.id)
    local, _, domain = w.address(matter).partition("@")
    w.answer(matter, to=f"{local[:-4]}0000@{domain}")
    done(w, matter.id)
