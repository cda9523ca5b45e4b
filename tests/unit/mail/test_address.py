"""Addresses: read tolerantly for showing, strictly for deciding."""

import pytest

from emailchannel.mail.address import (
    Address,
    normalise,
    parse_addresses,
    same_mailbox,
    split_plus,
    strict_from,
    warnings_for,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [("", "a@b.example")]),
        (
            "Ann <a@b.example>, c@d.example (Carl)",
            [("Ann", "a@b.example"), ("Carl", "c@d.example")],
        ),
        ('"Doe, Jane" <j@x.example>', [("Doe, Jane", "j@x.example")]),
        ("Doe, Jane <j@x.example>", [("Doe, Jane", "j@x.example")]),
        ("=?utf-8?q?Doe,_J=C3=B6rg?= <j@x.example>", [("Doe, Jörg", "j@x.example")]),
        (
            "Team: a@b.example, c@d.example;, e@f.example",
            [("", "a@b.example"), ("", "c@d.example"), ("", "e@f.example")],
        ),
        ("undisclosed-recipients:;", []),
        ("MAILER-DAEMON", [("", "MAILER-DAEMON")]),
        ("<@a.example,@b.example:c@d.example>", [("", "c@d.example")]),
        ("a@corp.example <x@evil.example>", [("a@corp.example", "x@evil.example")]),
        ("=?utf-8?q?A?=@corp.example", [("", "=?utf-8?q?A?=@corp.example")]),
        ("Ann <a@b.example, c@d.example", [("Ann", "a@b.example"), ("", "c@d.example")]),
        ("<", []),
        ("(((a@b.example", [("", "a@b.example")]),
        ('"John \\"J\\" Doe" <j@x.example>', [('John "J" Doe', "j@x.example")]),
        ("'a@b.example' <a@b.example>", [("a@b.example", "a@b.example")]),
        ("evil\u202etxt <a\u200b@b.example>", [("eviltxt", "a@b.example")]),
    ],
)
def test_lists(value: str, expected: list[tuple[str, str]]) -> None:
    assert [(found.name, found.addr) for found in parse_addresses(value)] == expected


def test_lists_are_bounded() -> None:
    assert len(parse_addresses("a@b.example," * 5_000)) == 2_000
    assert len(parse_addresses("a" * 60_000 + "@b.example")[0].addr) <= 320


GOOD = [
    (b"From: agent@corp.example\r\nTo: x@y.example\r\n\r\nhi", "agent@corp.example"),
    (b"From: agent@corp.example\n\nhi", "agent@corp.example"),
    (b"From: Agent A <Agent@Corp.EXAMPLE>\r\n\r\n", "Agent@corp.example"),
    (b'From: "A, Agent" <agent@corp.example>\r\n\r\n', "agent@corp.example"),
    (b"From: =?utf-8?q?J=C3=B6rg?=\r\n <agent@corp.example>\r\n\r\n", "agent@corp.example"),
    (b'From: "Bob \\"B\\" Baker" <agent@corp.example>\r\n\r\n', "agent@corp.example"),
    (b'From: "agent@Corp.example" <Agent@corp.example>\r\n\r\n', "Agent@corp.example"),
    (b"From: \"'agent@corp.example'\" <agent@corp.example>\r\n\r\n", "agent@corp.example"),
    (b"from:<agent+x@corp.example>\r\n\r\n", "agent+x@corp.example"),
]
BAD = {
    "no From": b"To: a@b.example\r\n\r\n",
    "two From": b"From: a@corp.example\r\nFrom: a@corp.example\r\n\r\n",
    "space before colon": b"From : a@corp.example\r\n\r\n",
    "second From with a space": b"From: x@evil.example\r\nFrom : a@corp.example\r\n\r\n",
    "name is an address": b"From: a@corp.example <x@evil.example>\r\n\r\n",
    "quoted name is an address": b'From: "a@corp.example" <x@evil.example>\r\n\r\n',
    "encoded name is an address": b"From: =?utf-8?q?a=40corp.example?= <x@evil.example>\r\n\r\n",
    "escaped name is an address": b'From: "a\\" a@corp.example" <x@evil.example>\r\n\r\n',
    "escaped bracket in the name": b'From: "a\\" <a" <x@evil.example>\r\n\r\n',
    "name ends in an escape": b'From: "a\\" <x@evil.example>\r\n\r\n',
    "name adds to the address": b'From: "a@corp.example.x" <a@corp.example>\r\n\r\n',
    "bare name is the address": b"From: a@corp.example <a@corp.example>\r\n\r\n",
    "encoded name is the same address": b"From: =?utf-8?q?a=40c.example?= <a@c.example>\r\n\r\n",
    "wide at sign in the name": b"From: =?utf-8?q?a=EF=BC=A0corp.example?= <x@e.example>\r\n\r\n",
    "dangling bracket": b"From: a@corp.example)<x@evil.example>\r\n\r\n",
    "group": b"From: g:a@corp.example;\r\n\r\n",
    "comment": b"From: a@corp.example (x@evil.example)\r\n\r\n",
    "route": b"From: <@evil.example:a@corp.example>\r\n\r\n",
    "two mailboxes": b"From: a@corp.example, x@evil.example\r\n\r\n",
    "encoded word in the address": b"From: =?utf-8?q?a?=@corp.example\r\n\r\n",
    "lone CR": b"X: 1\rFrom: a@corp.example\r\n\r\n",
    "CR inside": b"X: 1\r\nFrom: a@corp.example\rX: 2\r\n\r\n",
    "mixed line ends": b"From: a@corp.example\nX: 1\r\n\r\n",
    "mixed at the end": b"From: a@corp.example\nX: 1\n\r\n\r\n",
    "not ASCII": "From: ä@corp.example\r\n\r\n".encode(),
    "NUL": b"From: a\0@corp.example\r\n\r\n",
    "no domain": b"From: agent\r\n\r\n",
    "address literal": b"From: a@[10.0.0.1]\r\n\r\n",
    "quoted local part": b'From: "a b"@corp.example\r\n\r\n',
    "empty": b"From:\r\n\r\n",
    "starts with a continuation": b" x\r\nFrom: a@corp.example\r\n\r\n",
    "line that is no field": b"From: a@corp.example\r\nbroken line\r\n\r\n",
    "blank continuation": b"From: a@corp.example\r\n \r\n\r\n",
    "From below the header": b"To: x@y.example\r\n\r\nFrom: a@corp.example\r\n",
    "long": b"From: a@" + b"b" * 2_000 + b".example\r\n\r\n",
}


@pytest.mark.parametrize(("raw", "expected"), GOOD)
def test_strict_from_accepts_plain_senders(raw: bytes, expected: str) -> None:
    assert strict_from(raw) == expected


@pytest.mark.parametrize("name", BAD)
def test_strict_from_refuses_what_two_programs_read_differently(name: str) -> None:
    assert strict_from(BAD[name]) is None


def test_normalise_compares_addresses() -> None:
    assert normalise(" Ann@MÜLLER.example. ") == "ann@xn--mller-kva.example"
    assert normalise("ann") == "ann"
    assert normalise("a@" + "ü" * 300 + ".example").startswith("a@")


@pytest.mark.parametrize(
    ("addr", "parts"),
    [
        ("Support+ABC@Shop.Example", ("support", "abc", "shop.example")),
        ("support@shop.example", ("support", "", "shop.example")),
        ("a+b+c@x.example", ("a", "b+c", "x.example")),
    ],
)
def test_split_plus(addr: str, parts: tuple[str, str, str]) -> None:
    assert split_plus(addr) == parts


OWN = ("paypal.example", "Shop Support")


@pytest.mark.parametrize(
    ("sender", "reply_to", "codes"),
    [
        (Address("Ann", "ann@customer.example"), (), ()),
        (Address("Shop Support", "x@paypal.example"), (), ()),
        (Address("ceo@corp.example", "x@evil.example"), (), ("address-in-name",)),
        (Address("x@evil.example", "x@evil.example"), (), ()),
        (Address("Sh0p Supp0rt", "x@evil.example"), (), ("own-name",)),
        (
            Address("", "x@xn--pypal-4ve.example"),
            (),
            ("punycode-domain", "mixed-script-domain", "look-alike-domain"),
        ),
        (Address("", "x@paypa1.example"), (), ("look-alike-domain",)),
        (Address("Ann", "a@x.example"), (Address("", "b@x.example"),), ("different-reply-to",)),
        (Address("Ann", "a@x.example"), (Address("", "A@X.example"),), ()),
        (Address("日本", "a@日本ニュース.example"), (), ("punycode-domain",)),
    ],
)
def test_warnings(sender: Address, reply_to: tuple[Address, ...], codes: tuple[str, ...]) -> None:
    assert warnings_for(sender, reply_to, OWN) == codes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann@B.example", "ann@b.EXAMPLE", True),
        ("ann@gmail.com", "ann@googlemail.com", True),
        ("ann.archer+shop@gmail.com", "annarcher@googlemail.com", True),
        ("ann@gmail.com", "bob@gmail.com", False),
        ("ann@gmail.com", "ann@gmail.co", False),
        ("ann@gmail.com", "ann@evil.gmail.com", False),
        ("ann+shop@b.example", "ann@b.example", False),
        ("a.nn@b.example", "ann@b.example", False),
        ("+x@gmail.com", "+y@gmail.com", False),
        ("...@gmail.com", "@gmail.com", False),
        ("", "", False),
    ],
)
def test_same_mailbox(one: str, other: str, same: bool) -> None:
    assert same_mailbox(one, other) is same
