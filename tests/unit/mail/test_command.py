"""What an agent's first line asks for, and what must rather not be sent as it stands."""

from time import perf_counter

import pytest

from emailchannel.mail.command import Command, read_command


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("#note He called already.", "note", "He called already."),
        ("#note\nHe called already.", "note", "He called already."),
        ("#NOTE: two\nlines", "note", "two\nlines"),
        ("#Close", "close", ""),
        ("#close\nThank you, goodbye.", "close", "Thank you, goodbye."),
        ("\n \n\t#close thanks", "close", "thanks"),
        ("\r\n#close\r\nthanks", "close", "thanks"),
        ("\u00a0\u200b#note x", "note", "x"),
        ("\uff03note x", "note", "x"),
        ("\uff03\uff4e\uff4f\uff54\uff45 x", "note", "x"),
        ("\uff03note\uff1ax", "note", "x"),
        ("#\ufe0f\u20e3note x", "note", "x"),
        ("#n\u200bote x", "note", "x"),
        ("**#note** x is **bold**", "note", "x is **bold**"),
        ("**#note:** x", "note", "x"),
        ("`#close`", "close", ""),
        ("\\#note x", "note", "x"),
        ("- #note x", "note", "x"),
        ("#close.", "close", ""),
        ("#note **x**", "note", "**x**"),
        ("#note #close", "note", "#close"),
        ("#note    ", "note", ""),
    ],
)
def test_a_command_and_what_follows_it(text, name, rest):
    assert read_command(text) == Command(name, rest)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("#nte", "nte"),
        ("#notes", "notes"),
        ("#closed", "closed"),
        ("#ntoe", "ntoe"),
        ("#mote", "mote"),
        ("#hashtag", "hashtag"),
        ("#Zusammenfassung", "zusammenfassung"),
        ("#nte the customer is difficult", "nte"),
        ("#notes the customer is difficult", "notes"),
        ("#clsoe\nThanks", "clsoe"),
        ("#cl\u043ese x", "cl\u043ese"),
        ("#notethe customer is difficult", "notethe"),
        ("#note1 x", "note1"),
        ("#note#close x", "note#close"),
        ("# note the customer is difficult", "note"),
        ("##note the customer is difficult", "note"),
        ("#close #note he is difficult", "close #note"),
        ("#close\n#nte he is difficult", "close #nte"),
        ("**#nte** x", "nte"),
        ("#close-up", "close-up"),
    ],
)
def test_a_mistyped_command_is_told_from_an_answer(text, word):
    assert read_command(text).name == f"unknown:{word}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "#",
        "# \nnote",
        "#1234 is your order number",
        "#1234",
        "#A1",
        "# 1 in our list",
        "#hashtag is trending",
        "#annotate the picture",
        "Hello\n#note x",
        "note: x",
        "> #close",
        "\u00bb#close",
        "C# is a language",
        "* #1 is fine",
        "***",
        "\u266fnote x",
    ],
)
def test_an_ordinary_answer_stays_whole(text):
    assert read_command(text) == Command("", text)


def test_a_long_word_is_cut():
    assert read_command("#" + "a" * 500).name == "unknown:" + "a" * 40


@pytest.mark.parametrize(
    "text",
    ["#" * 1_000_000, " " * 1_000_000, "#close " * 150_000, "#" + "a" * 1_000_000, "*_" * 500_000],
    ids=["signs", "blanks", "commands", "word", "emphasis"],
)
def test_a_megabyte_takes_no_time(text):
    started = perf_counter()
    read_command(text)
    assert perf_counter() - started < 1
