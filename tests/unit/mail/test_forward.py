"""The first sender of a mail forwarded inline."""

import pytest

from emailchannel.mail.forward import find
from emailchannel.mail.values import Address

GMAIL = """See below.

---------- Forwarded message ---------
From: Ann Smith <ann@x.example>
Date: Thu, Nov 5, 2026 at 10:00 AM
Subject: A long subject
 over two lines
To: <bob@y.example>
Cc: Carl <carl@z.example>, <dora@z.example>

My question.
"""


def test_announced_forward() -> None:
    found = find(GMAIL)
    assert found is not None
    assert found.sender == Address("Ann Smith", "ann@x.example")
    assert found.to == (Address("", "bob@y.example"),)
    assert [one.addr for one in found.cc] == ["carl@z.example", "dora@z.example"]
    assert found.subject == "A long subject over two lines"
    assert found.date == "Thu, Nov 5, 2026 at 10:00 AM"
    assert found.text == "My question."
    assert found.confidence == 0.95


def test_quoted_forward_loses_its_marks() -> None:
    text = (
        "> Anfang der weitergeleiteten Nachricht:\n>\n> Von: Ann <ann@x.example>\n"
        "> Betreff: Hi\n>\n> Frage"
    )
    found = find(text)
    assert found is not None
    assert (found.sender.addr, found.subject, found.text) == ("ann@x.example", "Hi", "Frage")


BLOCK = "From: Ann <ann@x.example>\nSent: Monday\nTo: bob@y.example\nSubject: Hi\n\nText"


@pytest.mark.parametrize(
    ("text", "subject", "confidence"),
    [
        (BLOCK, "Fwd: Hi", 0.9),
        (f"FYI\n\n{BLOCK}", "WG: Hi", 0.9),
        (BLOCK, "Hi", 0.6),
        ('On 05/11/2026 10:00, "Ann" <ann@x.example> wrote:\n\n    Text', "TR: Hi", 0.7),
    ],
)
def test_confidence(text: str, subject: str, confidence: float) -> None:
    found = find(text, subject)
    assert found is not None
    assert found.sender == Address("Ann", "ann@x.example")
    assert found.confidence == confidence


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (f"My answer.\n\n{BLOCK}", "Re: Hi"),
        ("My answer.\n\nOn 5 Nov 2026, Ann <ann@x.example> wrote:\n> Old", "Re: Hi"),
        ("Please forward this message: thanks", "Fwd: Hi"),
        ("", "Fwd:"),
    ],
)
def test_answers_are_no_forwards(text: str, subject: str) -> None:
    assert find(text, subject) is None
