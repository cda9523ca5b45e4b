"""docs/messages-api.md: its requests are made, and its answers are what came.

UPDATE_DOCS=1 writes down what comes now.
"""

import json
import os
import re
import urllib.request
from itertools import count

from local.testing import ROOT, alias_of, stack
from tests.builders import mail

PAGE = ROOT / "docs" / "messages-api.md"
PAIR = re.compile(r"```graphql\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)
CHANGING = (
    (re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}"), "01M84CKZ2V{:016d}"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "2026-11-23T10:00:0{}.000Z"),
    (re.compile(r'"http[^"]+"'), '"https://..."'),
)


def ask(s, query):
    request = urllib.request.Request(
        s.outputs["MessagesApiUrl"],
        json.dumps({"query": query}).encode(),
        {"x-api-key": s.outputs["MessagesApiKey"], "content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def steady(text):
    """Without what differs every time: ids and times are numbered, links shortened."""
    for pattern, shown in CHANGING:
        numbers: dict[str, int] = {}
        counter = count(1)
        text = pattern.sub(
            lambda found, n=numbers, c=counter, s=shown: s.format(
                n.get(found[0]) or n.setdefault(found[0], next(c))
            ),
            text,
        )
    return text


def answers(s):
    """The answers to the page's requests, one after another."""
    case_id = ""
    for query, _ in PAIR.findall(PAGE.read_text()):
        if "conversation(" in query:
            raw = mail("Bob <bob@customer.example>", alias_of(s, case_id), "Re: Your order 18",
                       "Thank you!\n\nOn Mon, 23 Nov 2026, the shop wrote:\n> It has left.\n",
                       attachments=[("door.txt", "text/plain", b"4711")])  # fmt: skip
            s.deliver(raw, "bob@customer.example", [alias_of(s, case_id)])
            s.settle()
        found = ask(s, query.replace('"CASE"', f'"{case_id}"'))
        s.settle()
        case_id = ((found.get("data") or {}).get("openConversation") or {}).get("caseId") or case_id
        text = json.dumps(found, indent=2)
        yield text.replace(case_id, "r4n3tekx0tvgec8dwby0") if case_id else text


def test_the_page_tells_the_truth():
    with stack(SendAcknowledgement="false", SmsSender="+12065550100") as s:
        told = [steady(text) for text in answers(s)]
    page = PAGE.read_text()
    came = iter(told)
    now = PAIR.sub(lambda pair: f"```graphql\n{pair[1]}```\n\n```json\n{next(came)}\n```", page)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(now)
    assert len(told) > 8
    assert PAGE.read_text() == now
