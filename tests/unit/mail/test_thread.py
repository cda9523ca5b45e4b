"""How a reply finds its case."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

import pytest

from emailchannel.mail.thread import (
    anchor,
    case_from_references,
    case_from_subject,
    references_for_reply,
    reply_subject,
    ses_ids,
    subject_token,
)

CASE = "0123456789abcdefghjk"
OTHER = "zyxwvtsrqpnmkjhgfedc"


def test_anchor_and_back() -> None:
    mine = anchor(CASE, "Shop.Example")
    assert mine == f"case.{CASE}@shop.example"
    assert case_from_references(("a@b", mine, "c@d"), "shop.example") == CASE
    assert case_from_references((f"<{mine.upper()}>",), "shop.example") == CASE


@pytest.mark.parametrize(
    "reference",
    [
        f"case.{CASE}@evil.example",
        f"case.{CASE}@shop.example.evil.example",
        f"xcase.{CASE}@shop.example",
        f"case.{CASE}x@shop.example",
        f"case.{CASE[:-1]}@shop.example",
        f"case.{CASE[:-1]}u@shop.example",
    ],
)
def test_foreign_references(reference: str) -> None:
    assert case_from_references((reference,), "shop.example") is None


def test_last_anchor_wins() -> None:
    refs = (anchor(CASE, "shop.example"), anchor(OTHER, "shop.example"))
    assert case_from_references(refs, "shop.example") == OTHER


def test_anchor_refuses_what_no_header_may_hold() -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        anchor("a\r\nBcc: x", "shop.example")


def test_ses_ids() -> None:
    refs = (
        "0100-aa@email.amazonses.com",
        "<0102-bb@EU-west-1.amazonses.com>",
        "x@y.example",
        "0100-aa@email.amazonses.com",
        "evil@amazonses.com.evil.example",
        "evil@notamazonses.com",
        "cc@amazonses.com",
    )
    assert ses_ids(refs) == ("cc", "0102-bb", "0100-aa")


def test_subject_token() -> None:
    assert case_from_subject(f"Re: Hi {subject_token(CASE)}") == CASE
    assert case_from_subject(f"Re: Hi {subject_token(CASE).upper()}") == CASE
    assert case_from_subject("Re: [#12345] Hi") is None


@pytest.mark.parametrize(
    "prefix",
    [
        "Re:",
        "RE: ",
        "Re[2]: ",
        "Re(3):",
        "AW: ",
        "Antw: ",
        "SV: ",
        "VS: ",
        "Odp: ",
        "R: ",
        "RIF: ",
        "RES: ",
        "Réf : ",
        "YNT: ",
        "Vá: ",
        "Отв: ",
        "ΑΠ: ",
        "回复：",
        "答复: ",
        "返信: ",
        "답장: ",
        "השב: ",
        "Re: AW: Re: ",
    ],
)
def test_one_re_in_every_language(prefix: str) -> None:
    assert reply_subject(f"{prefix}My order") == "Re: My order"


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("My order", "Re: My order"),
        ("Fwd: My order", "Re: Fwd: My order"),
        ("Receipt: 1", "Re: Receipt: 1"),
        ("hi\r\nBcc: x@y.example", "Re: hi Bcc: x@y.example"),
        ("a\u202eb\u200bc", "Re: abc"),
        ("", "Re:"),
    ],
)
def test_other_subjects(subject: str, reply: str) -> None:
    assert reply_subject(subject) == reply


def test_long_subjects_are_cut() -> None:
    assert len(reply_subject("x" * 5_000)) == 250


def test_references_start_with_the_anchor() -> None:
    mine = anchor(CASE, "shop.example")
    previous = [f"<m{n}@x.example>" for n in range(40)] + [
        mine,
        "bad id@x",
        "a\r\n@b",
        "m39@x.example",
    ]
    refs = references_for_reply(mine, previous)
    assert refs[0] == mine
    assert refs[1:] == tuple(f"m{n}@x.example" for n in range(20, 40))
