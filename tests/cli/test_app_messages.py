"""Other systems' messages are told by the journal, and leave with the person they are about."""

import pytest

from local.testing import alias_of
from tests.api import Api, bounce
from tests.builders import mail
from tests.cli.rows import empty, everything, lasting

ANN, BEN = "ann@customer.example", "ben@customer.example"


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def converse(s):
    """Mails that belong to no case, one of which bounces, and a conversation with each person."""
    api, cases = Api(s), []
    s.ses_events("manual")
    api.send("lost@customer.example", senderId="billing")
    s.settle()
    s.emit(bounce(s.sent()[-1]))
    s.settle()
    s.ses_events("auto")
    file = {"filename": "a.txt", "content": "aGVsbG8="}
    for person in (ANN, BEN):
        api.send(person, senderId="billing", recipientId=f"id of {person[:3]}", attachments=[file])
        cases.append(api.open(person, f"Order of {person[:3]}")["caseId"])
        api.post(cases[-1], "It has left.", senderId="shop")
        s.settle()
        address = alias_of(s, cases[-1])
        s.deliver(mail(person, address, "Re: Order", "Thank you, and bye.\n"), person, [address])
        s.settle()
    return api, cases


def seen(api, cases):
    """All that other systems see, but for links."""
    listed = [api.list(to=to)["data"] for to in (ANN, BEN, "lost@customer.example")]
    listed += [api.list(senderId=name)["data"] for name in ("billing", "shop")]
    listed += [api.thread(case_id) for case_id in cases]
    return [[{**one, "attachments": len(one["attachments"])} for one in page] for page in listed]


def test_they_come_back_from_the_journal_as_they_were(s, cli):
    api, cases = converse(s)
    before, rows = seen(api, cases), lasting(s)
    assert [page[0]["deliveryStatus"] for page in before[:3]] == ["DELIVERED"] * 2 + ["BOUNCED"]
    assert cli("verify").status == 0
    empty(s)
    assert cli("replay").status == 0
    assert seen(api, cases) == before
    found = lasting(s)
    kinds = ("APP#", "TO#", "SENDER#", "RECIPIENT#", "CASE#")
    for name, row in rows.items():
        if name[0].startswith(kinds) and not name[1].startswith(("VIEW#", "FILE#")):
            assert found.get(name) == row, name
    assert cli("verify").status == 0
    assert len(s.sent()) == 5  # nothing was sent again


def test_a_lost_row_of_a_message_is_found_and_repaired(s, cli):
    api, cases = converse(s)
    before = seen(api, cases)
    for start in ("APP#", "TO#", "SENDER#"):
        [gone, *_] = [row for row in everything(s) if row["pk"].startswith(start)]
        s.channel.cases._table.delete({name: gone[name] for name in ("pk", "sk")})
        assert cli("verify").status == 1, start
        assert cli("replay").status == 0
        assert cli("verify").status == 0
    assert seen(api, cases) == before


def test_they_leave_with_the_person_and_nobody_elses_do(s, cli):
    api, cases = converse(s)
    bens = [api.list(to=BEN)["data"], api.thread(cases[1])]
    assert cli("erase", ANN, "--yes").status == 0
    assert api.list(to=ANN)["data"] == [] and api.talk(cases[0]) is None
    assert [one["to"] for one in api.list(senderId="billing")["data"]] == [
        BEN,
        "lost@customer.example",
    ]
    assert api.list(recipientId="id of ann")["data"] == []
    left = [api.list(to=BEN)["data"], api.thread(cases[1])]
    assert [[one["body"] for one in page] for page in left] == [
        [one["body"] for one in page] for page in bens
    ]
    assert not [row for row in everything(s) if ANN in str(row)]
    assert cli("verify").status == 0
