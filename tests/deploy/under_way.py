"""Everything that can be under way in a channel when an update comes."""

from dataclasses import dataclass, field

from tests.abuse.world import Api, Matter, World, human
from tests.builders import mail


@dataclass
class Before:
    """What was under way when the update came."""

    resources: dict[str, str]
    outputs: dict[str, str]
    types: dict[str, str]
    waiting: Matter
    links: list[str]
    open: Matter
    page: Api
    relay: str
    answered: Matter
    answer: bytes
    stranger: Matter
    stranger_mail: str
    stranger_page: Api
    stale: Matter
    stale_mail: str
    stale_page: Api
    outgoing: Matter
    outgoing_mail: str
    spam: str
    accepted: Matter
    queued: str = ""
    changes: list[dict] = field(default_factory=list)


def live(w: World) -> Before:
    """Cases of every kind, in a stack of the old release."""
    matters = [w.matter() for _ in range(6)]
    opened, answered, held, stale, outgoing, accepted = matters
    page = w.api(opened.id)
    w.accept(w.case(answered.id)["contact_id"], "alice")
    [answer] = human(w.answer(answered, purpose="agentrelay").sent)
    w.s.complete(w.case(answered.id)["contact_id"])
    held_page = w.api(held.id)
    eve = w.person("eve")
    stranger_mail = w.deliver(mail(eve, held.alias, "Re: x", "I saw it."), eve, held.alias).id
    stale_mail, stale_page = overtaken(w, stale)
    outgoing_mail, outgoing_page = overtaken(w, outgoing)
    status, _, sent = outgoing_page.decide(outgoing_mail, "send")
    assert (status, sent) == (200, [])  # it may be taken back for UndoSeconds
    sam = w.person("sam")
    spam = w.deliver(mail(sam), sam, w.s.inquiry_address, {"spam": "FAIL"}).id
    w.accept(w.case(accepted.id)["contact_id"], "bob")
    waiting = w.matter()
    references = w.s.task(w.case(waiting.id)["contact_id"])["references"]
    return Before(
        resources=dict(w.s.resources),
        outputs=dict(w.s.outputs),
        types={},
        waiting=waiting,
        links=[entry["Value"] for entry in references.values() if "Signature" in entry["Value"]],
        open=opened,
        page=page,
        relay=w.address(opened),
        answered=answered,
        answer=answer["delivered"],
        stranger=held,
        stranger_mail=stranger_mail,
        stranger_page=held_page,
        stale=stale,
        stale_mail=stale_mail,
        stale_page=stale_page,
        outgoing=outgoing,
        outgoing_mail=outgoing_mail,
        spam=spam,
        accepted=accepted,
    )


def overtaken(w, matter):
    """An answer that was held, since the customer had written again; and the agent's page."""
    api, address = w.api(matter.id), w.address(matter)
    again = mail(matter.customer, matter.alias, "Re: My kettle", "It works again.")
    w.deliver(again, matter.customer, matter.alias)
    held = w.answer(matter, to=address, text="We send a new one.").id
    assert w.became(held)[0] == "held"
    return held, api
