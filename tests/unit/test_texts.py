"""Numbers, and how a text is cut for sending: 3GPP TS 23.038 and 23.040."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emailchannel.app.texts import (
    BASIC,
    EXTENSION,
    GSM_7,
    PART,
    UCS_2,
    WHOLE,
    Segments,
    e164,
    encoding,
    parts,
    refusal,
    segments,
)

EMOJI = "\U0001f600"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+14155550123", "+14155550123"),
        ("+1 (415) 555-0123", "+14155550123"),
        (" +49.30.901820 ", "+4930901820"),
        ("+1234567", "+1234567"),
        ("+123456789012345", "+123456789012345"),
        ("+123456", ""),  # six digits
        ("+1234567890123456", ""),  # sixteen
        ("+0123456789", ""),
        ("14155550123", ""),
        ("0014155550123", ""),
        ("++14155550123", ""),
        ("+1415555O123", ""),  # a letter
        ("+1415555012\u0663", ""),  # an Arabic digit
        ("+1\u00a04155550123", ""),  # a space of another kind
        ("+1/4155550123", ""),
        ("+14155550123\n", ""),
        ("+14155550123 ext. 4", ""),
        ("ann@customer.example", ""),
        ("+", ""),
        ("", ""),
    ],
)
def test_a_number_is_a_plus_and_seven_to_fifteen_digits(written, number):
    assert e164(written) == number


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.data())
def test_what_stands_between_the_digits_does_not_matter(number, data):
    between = st.text(alphabet=" .-()", max_size=2)
    assert e164("".join(digit + data.draw(between) for digit in number)) == number
    assert e164(e164(number)) == number


def test_the_tables_are_those_of_the_standard():
    assert len(BASIC) == 127  # 128 with the escape
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION
    for odd in "`\u00a0\tçÇ’–áÁ":  # noqa: RUF001
        assert (odd in BASIC) == (odd == "Ç")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", Segments(GSM_7, 0, 0)),
        ("a", Segments(GSM_7, 1, 1)),
        ("a" * 160, Segments(GSM_7, 1, 160)),
        ("a" * 161, Segments(GSM_7, 2, 161)),
        ("a" * 306, Segments(GSM_7, 2, 306)),
        ("a" * 307, Segments(GSM_7, 3, 307)),
        ("a" * 1530, Segments(GSM_7, 10, 1530)),
        ("a" * 1531, Segments(GSM_7, 11, 1531)),
        ("€" * 80, Segments(GSM_7, 1, 160)),
        ("€" * 80 + "a", Segments(GSM_7, 2, 161)),
        ("€" * 76 + "a" + "€" * 76, Segments(GSM_7, 2, 305)),
        ("€" * 152, Segments(GSM_7, 2, 304)),
        # 153 is odd: an escape may not end a part, so each part has 152 units
        ("€" * 153, Segments(GSM_7, 3, 306)),
        ("a" * 152 + "€" + "a" * 151, Segments(GSM_7, 2, 305)),
        ("a" * 152 + "€" + "a" * 152, Segments(GSM_7, 3, 306)),
        ("ж", Segments(UCS_2, 1, 1)),
        ("ж" * 70, Segments(UCS_2, 1, 70)),
        ("ж" * 71, Segments(UCS_2, 2, 71)),
        ("ж" * 134, Segments(UCS_2, 2, 134)),
        ("ж" * 135, Segments(UCS_2, 3, 135)),
        ("a" * 69 + "’", Segments(UCS_2, 1, 70)),  # noqa: RUF001
        ("a" * 70 + "’", Segments(UCS_2, 2, 71)),  # noqa: RUF001
        (EMOJI * 35, Segments(UCS_2, 1, 70)),
        (EMOJI * 36, Segments(UCS_2, 2, 72)),
        # 67 is odd, too: a pair is not split, so each part has 66
        (EMOJI * 66, Segments(UCS_2, 2, 132)),
        (EMOJI * 67, Segments(UCS_2, 3, 134)),
        ("€" * 70 + "ж", Segments(UCS_2, 2, 71)),
    ],
)
def test_encoding_parts_and_units(text, found):
    assert segments(text) == found


LETTERS = st.sampled_from([*"aé\n€{", "ж", EMOJI, "\u2019"])


@given(st.text(alphabet=LETTERS, max_size=500))
def test_parts_are_the_text_and_fit(text):
    cut, chosen = parts(text), encoding(text)
    assert "".join(cut) == text
    sizes = [measured(part, chosen) for part in cut]
    most = WHOLE if len(cut) == 1 else PART
    assert all(0 < size <= most[chosen] for size in sizes)
    assert segments(text) == Segments(chosen, len(cut), sum(sizes))
    if len(cut) > 1:  # each is as full as it can be
        assert all(size >= PART[chosen] - 1 for size in sizes[:-1])


def measured(part, chosen):
    if chosen == UCS_2:
        return len(part.encode("utf-16-le")) // 2
    return len(part) + sum(part.count(one) for one in EXTENSION)


@given(st.text(max_size=300))
def test_any_text_has_one_encoding(text):
    assert (encoding(text) == GSM_7) == all(one in BASIC | EXTENSION for one in text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Your kettle is ready", ""),
        ("", "empty"),
        (" \n\t", "empty"),
        ("half an \ud83d emoji", "not-text"),
        ("a" * 1530, ""),
        ("a" * 1531, "too-long"),
        ("€" * 765, ""),
        ("€" * 766, "too-long"),
        ("ж" * 630, ""),
        ("ж" * 631, "too-long"),
        (EMOJI * 315, ""),
        (EMOJI * 316, "too-long"),
    ],
)
def test_what_the_service_would_not_take(text, why):
    assert refusal(text) == why
