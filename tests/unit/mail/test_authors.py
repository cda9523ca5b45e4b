"""Every domain a From may be read to name."""

import pytest

from emailchannel.mail.authors import author_domains


@pytest.mark.parametrize(
    ("header", "domains"),
    [
        (b"From: Ann <ann@customer.example>", {"customer.example"}),
        (b'From: "ann@Customer.Example" <ann@customer.example>', {"customer.example"}),
        (b"From: A@corp.example <x@evil.example>", {"corp.example", "evil.example"}),
        (b"From: =?utf-8?q?A=40corp.example?= <x@evil.example>", {"corp.example", "evil.example"}),
        (b"From: a@corp.example\r\nFrom: x@evil.example", {"corp.example", "evil.example"}),
        ("From: J <j@m\u00fcller.example>".encode(), {"xn--mller-kva.example"}),
        (b"From: Ann", set()),
        (b"Subject: nobody", set()),
    ],
)
def test_all_that_is_written_counts(header, domains):
    assert author_domains(header + b"\r\nTo: b@c.example\r\n\r\nx") == domains
