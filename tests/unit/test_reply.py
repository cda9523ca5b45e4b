"""An answer, before it is composed."""

import pytest

from emailchannel.reply import scrub

TOKEN = "9d2kq0000000000000001abcd" + "z" * 26
SECRETS = ("alice@corp.example", f"relay+{TOKEN}", TOKEN)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Kind regards,\nAlice <alice@corp.example>", "Kind regards,\nAlice"),
        ("Write to ALICE@Corp.Example!", "Write to!"),
        (f"see relay+{TOKEN}@support.example.com please", "see please"),
        (f"see RELAY+{TOKEN.upper()}@support.example.com", "see"),
        ("alice (mailto:alice@corp.example)", "alice ()"),
        ("nothing to hide: malice@corp.example.org stays? no", None),
        ("plain text", "plain text"),
    ],
)
def test_internal_addresses_do_not_leave(text, left):
    scrubbed = scrub(text, SECRETS)
    assert "alice@corp.example" not in scrubbed.lower()
    assert TOKEN not in scrubbed.lower()
    if left is not None:
        assert scrubbed == left
