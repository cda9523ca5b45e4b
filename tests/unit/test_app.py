"""Ids, cursors and statuses of the messages API."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emailchannel.app.cursor import cursor, position_of
from emailchannel.app.ulid import is_ulid, time_of, ulid
from emailchannel.app.values import status_of

TIMES = st.integers(0, 2**48 - 1)
KEY = b"k" * 32


@given(TIMES, st.text(max_size=40))
def test_an_id_is_a_ulid_that_keeps_its_time_and_is_made_again(at, seed):
    made = ulid(at, seed)
    assert is_ulid(made) and time_of(made) == at and made == ulid(at, seed)


@given(TIMES, TIMES)
def test_ids_sort_as_their_times(one, other):
    if one != other:
        assert (ulid(one, "a") < ulid(other, "b")) == (one < other)


def test_messages_of_one_millisecond_have_ids_of_their_own():
    assert len({ulid(1, str(n)) for n in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "01ARZ3NDEKTSV4RRFFQ69G5FAI",
        "01arz3ndektsv4rrffq69g5fav",
    ],
)
def test_other_texts_are_no_ids(text):
    assert not is_ulid(text)


@given(st.text(min_size=1, max_size=80), st.text(max_size=40))
def test_a_cursor_gives_its_position_back_for_its_list_alone(position, of):
    made = cursor(KEY, of, position)
    assert position_of(KEY, of, made) == position
    assert position_of(KEY, f"{of}x", made) is None
    assert position_of(b"other", of, made) is None


@given(st.text(max_size=60))
def test_any_other_text_is_no_cursor(text):
    assert position_of(KEY, "list", text) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("", "ACCEPTED"),
        ("queued", "ACCEPTED"),
        ("sent", "SENT"),
        ("delayed", "DELAYED"),
        ("failed: MessageRejected", "FAILED"),
        ("unknown", "UNKNOWN"),
        ("undone", "UNDONE"),
    ],
)
def test_words_of_records_are_statuses(word, status):
    assert status_of(word) == status
