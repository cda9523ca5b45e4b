"""What happens to the channel in a run: people act, and the doors do the rest.

A story has a beginning that goes well (`before`), steps in which calls may go wrong, and its own
expectations beside the invariants. Steps share `lab.memory`, which holds plain JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from tests.builders import mail

from .clock import CLOCK
from .expectations import (
    ANN,
    Expect,
    answered,
    both_kept,
    continued,
    conversed,
    decided,
    kept_plainly,
    offered_again,
    opened,
    opened_unproven,
    posted,
    returned,
    sent_alone,
    taken,
)
from .lab import Lab

Step = Callable[[Lab], None]

SECRET = "The code word is heron."
CORP = "corp.example"


@dataclass(frozen=True)
class Story:
    """What people do, in order, and what has come of it in the end."""

    name: str
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    expect: Expect

    @property
    def number(self) -> str:
        """The first word of its name."""
        return self.name.partition(" ")[0]


def _mail(sender: str, to: str, subject: str, text: str, **headers: str) -> bytes:
    return mail(
        f"Somebody <{sender}>",
        to,
        subject,
        text,
        headers={"Date": formatdate(CLOCK.now), **headers},
    )


def _remember(lab: Lab, **facts: object) -> None:
    lab.memory |= facts
    lab.memory["secret"] = [SECRET]


def customer_writes(lab: Lab) -> None:
    raw = _mail(ANN, lab.s.inquiry_address, "The kettle leaks", f"Hello. {SECRET}")
    _remember(lab, first=lab.s.deliver(raw, ANN, [lab.s.inquiry_address]))


def answers_meet(*fate: str) -> Step:
    """What SES will say about the agents' answers, in order."""
    return lambda lab: _remember(lab, fate=list(fate))


def customer_writes_again(lab: Lab) -> None:
    to = _alias(lab)
    raw = _mail(ANN, to, "Re: The kettle leaks", f"And it is hot. {SECRET}")
    _remember(lab, second=lab.s.deliver(raw, ANN, [to]))


def stranger_writes(lab: Lab) -> None:
    to = _alias(lab)
    raw = _mail("eve@other.example", to, "Re: The kettle leaks", "I know more about this.")
    _remember(lab, held=lab.s.deliver(raw, "eve@other.example", [to]))


def broken_mail_comes(lab: Lab) -> None:
    raw = (
        b"From: Ann <ann@customer.example>\r\nTo: <\r\nMessage-ID: <\r\nCc: :;\r\n"
        b"Subject: odd\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + b"--x\r\nContent-Type: ;base64*\r\n\r\n"
        * 3000
    )
    sent = lab.s.deliver(raw, ANN, [lab.s.inquiry_address])
    _remember(lab, first=sent)


def another_mail_of_the_same_id(lab: Lab) -> None:
    """A program that uses a Message-ID again, for a mail that says something else."""
    identity = {"Message-ID": "<again@customer.example>"}
    to = lab.s.inquiry_address
    for name, text in (("first", "My order 7 is late."), ("second", "My order 8 is late.")):
        raw = _mail(ANN, to, "Order", text, **identity)
        _remember(lab, **{name: lab.s.deliver(raw, ANN, [to])})
        lab.settle()


def agent_takes_the_task(lab: Lab) -> None:
    lab.settle()
    head = _case(lab)
    if head and head["contact_id"]:
        task = lab.s.task(head["contact_id"])
        if task["state"] == "QUEUED":
            lab.accept(head["contact_id"])


def agent_answers(lab: Lab) -> None:
    """By mail, to the relay address that his page shows."""
    head = _case(lab)
    to = lab.s.relay_address(head["id"], "relay", "alice")
    raw = _mail(f"alice@{CORP}", to, "Re: The kettle leaks", "We send a new one.")
    _remember(lab, answer=lab.s.deliver(raw, f"alice@{CORP}", [to]), case=head["id"])


def agent_decides(lab: Lab, action: str = "admit") -> None:
    """On the page: the session is opened with the code of the whisper."""
    head = _case(lab)
    contact = lab.s.task(head["contact_id"])
    code = contact["attributes"].get("access_code", "")
    status, session = lab.api(
        "POST", "/sessions", body={"contact_id": contact["id"], "code": code}, once=True
    )
    if status != 201:
        _remember(lab, status=status)
        return
    path = f"/messages/{lab.memory['held']}/decision"
    status, _ = lab.api("POST", path, session["token"], {"action": action})
    _remember(lab, status=status)


def app_sends(lab: Lab) -> None:
    """A mail that belongs to no case, under a key of its own."""
    _remember(lab)
    made = lab.graphql(
        "sendMessage",
        input={
            "to": ANN,
            "subject": "Your invoice",
            "body": SECRET,
            "senderId": "billing",
            "idempotencyKey": "invoice-1",
        },
    )
    _remember(lab, app=(made or {}).get("id", ""))


def app_opens(lab: Lab) -> None:
    found = lab.graphql(
        "openConversation", to=ANN, subject="Your order", idempotencyKey="conversation-1"
    )
    _remember(lab, case=(found or {}).get("caseId", ""))


def app_posts(lab: Lab) -> None:
    """In its own conversation."""
    post = {"body": f"It has left. {SECRET}", "idempotencyKey": "post-1"}
    made = lab.graphql("postMessage", caseId=lab.memory["case"], input=post)
    _remember(lab, app=(made or {}).get("id", ""))


def person_answers_the_app(lab: Lab) -> None:
    to = _alias(lab)
    raw = _mail(ANN, to, "Re: Your order", f"Thank you. {SECRET}")
    _remember(lab, first=lab.s.deliver(raw, ANN, [to]))


def task_expires(lab: Lab) -> None:
    """Nobody took it within Connect's limit for tasks."""
    CLOCK.now += 8 * 24 * 3600


def customer_writes_unannounced(lab: Lab) -> None:
    """The mail is stored, and its notification is lost."""
    customer_writes(lab)
    lab.queue("IngestQueue")["messages"].clear()


def _case(lab: Lab) -> dict[str, str]:
    found = lab.s.cases()
    return found[0] if found else {}


def _alias(lab: Lab) -> str:
    from local.testing import alias_of

    return alias_of(lab.s, _case(lab)["id"])


ALL = (
    Story("1 new mail", (), (customer_writes,), opened),
    Story("2 second mail", (customer_writes,), (customer_writes_again,), continued),
    Story(
        "3 answer by mail",
        (customer_writes, agent_takes_the_task),
        (agent_answers,),
        answered,
    ),
    Story(
        "4 answer bounces",
        (customer_writes, agent_takes_the_task, answers_meet("Send", "Bounce")),
        (agent_answers,),
        returned("bounced"),
    ),
    Story(
        "5 held mail decided",
        (customer_writes, stranger_writes, agent_takes_the_task),
        (agent_decides,),
        decided,
    ),
    Story("6 task expires", (customer_writes,), (task_expires,), offered_again),
    Story("7 broken mail", (), (broken_mail_comes,), kept_plainly),
    Story("8 agent takes task", (customer_writes,), (agent_takes_the_task,), taken),
    Story("9 lost notification", (), (customer_writes_unannounced,), opened_unproven),
    Story("12 another system sends", (), (app_sends,), sent_alone),
    Story("13 an app posts", (app_opens,), (app_posts,), posted),
    Story("14 the app is answered", (app_opens, app_posts), (person_answers_the_app,), conversed),
)
COMPLAINT = Story(
    "10 answer complained of",
    (customer_writes, agent_takes_the_task, answers_meet("Send", "Delivery", "Complaint")),
    (agent_answers,),
    returned("complained"),
)
SAME_MESSAGE_ID = Story("11 one Message-ID twice", (), (another_mail_of_the_same_id,), both_kept)
