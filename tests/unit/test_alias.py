"""Case ids, customers' aliases and relay addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emailchannel.mail import alias

KEYS = alias.RelayKeys("1", {"1": b"first key", "0": b"retired key"})
CASE = alias.case_id(b"case key", "ses-message-1")
DOMAIN = "support.example.com"


def minted(purpose="relay", agent="agent-1", epoch=0, keys=KEYS, stamp="abcd"):
    return alias.relay_address(keys, purpose, CASE, stamp, agent, epoch, DOMAIN)


def test_a_case_id_is_derived_so_that_replayed_mail_opens_the_same_case():
    assert alias.case_id(b"case key", "ses-message-1") == CASE
    assert alias.case_id(b"case key", "ses-message-2") != CASE
    assert alias.case_id(b"another key", "ses-message-1") != CASE


def test_a_case_id_is_twenty_characters_without_ambiguous_letters():
    assert len(CASE) == 20
    assert not set(CASE) & set("ilou")


@given(st.binary(min_size=13, max_size=64))
def test_base32_spells_the_leading_bits(octets):
    spelled = alias.base32(octets, 20)
    value = 0
    for character in spelled:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    assert value == int.from_bytes(octets, "big") >> (len(octets) * 8 - 100)


def test_the_customer_alias_is_read_back_whatever_its_case():
    address = alias.customer_alias("support", CASE, DOMAIN)
    assert alias.case_of_alias(address, "support", DOMAIN) == CASE
    assert alias.case_of_alias(address.upper(), "support", DOMAIN) == CASE


@pytest.mark.parametrize(
    "address",
    [
        f"support@{DOMAIN}",
        f"support+short@{DOMAIN}",
        f"support+{CASE}@elsewhere.example",
        f"sales+{CASE}@{DOMAIN}",
        f"support+{CASE[:-1]}u@{DOMAIN}",
        f"support+{CASE}x@{DOMAIN}",
        "",
    ],
)
def test_what_is_no_alias_names_no_case(address):
    assert alias.case_of_alias(address, "support", DOMAIN) is None


@pytest.mark.parametrize("purpose", alias.PURPOSES)
def test_a_relay_address_fits_rfc_5321_and_survives_case_folding(purpose):
    address = minted(purpose)
    local = address.partition("@")[0]
    assert len(local) <= 63
    for form in (address, address.upper(), address.title()):
        parsed = alias.parse_relay(form, DOMAIN)
        assert parsed is not None
        assert (parsed.purpose, parsed.case_id, parsed.stamp) == (purpose, CASE, "abcd")
        assert alias.verifies(KEYS, parsed, "agent-1", 0)


def test_an_address_is_worth_nothing_to_another_agent_epoch_purpose_case_or_message():
    parsed = alias.parse_relay(minted(), DOMAIN)
    assert parsed is not None
    assert not alias.verifies(KEYS, parsed, "agent-2", 0)
    assert not alias.verifies(KEYS, parsed, "agent-1", 1)
    local, domain = minted().split("@")
    for forged in (
        f"agentrelay+{local.removeprefix('relay+')}@{domain}",
        f"{local.replace(CASE, alias.case_id(b'case key', 'other'))}@{domain}",
        f"{local.replace('abcd', 'abce')}@{domain}",
        f"{local[:-1]}{'0' if local[-1] != '0' else '1'}@{domain}",
    ):
        other = alias.parse_relay(forged, DOMAIN)
        assert other is not None
        assert not alias.verifies(KEYS, other, "agent-1", 0)


def test_a_retired_key_verifies_until_it_is_taken_away():
    old = alias.parse_relay(minted(keys=alias.RelayKeys("0", KEYS.keys)), DOMAIN)
    assert old is not None
    assert alias.verifies(KEYS, old, "agent-1", 0)
    assert not alias.verifies(alias.RelayKeys("1", {"1": b"first key"}), old, "agent-1", 0)


@given(st.text(max_size=100))
def test_reading_any_text_as_an_address_never_raises(text):
    alias.case_of_alias(text, "support", DOMAIN)
    alias.parse_relay(text, DOMAIN)
    alias.purpose_of(text, DOMAIN)
