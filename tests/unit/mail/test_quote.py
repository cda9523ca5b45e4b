"""What is new in a reply."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

import time

import pytest

from emailchannel.mail.forward import find
from emailchannel.mail.quote import split

QUOTED = "> Old text\n> more"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Thu, 5 Nov 2026 at 10:00, Ann <a@x.example> wrote:",
        "On Nov 5, 2026, at 10:00 AM, Ann Smith wrote:",
        "On Thu, 5 Nov 2026 at 10:00, Ann Somebody With A Long Name\n<a@x.example> wrote:",
        "2026-11-05 10:00 GMT+01:00 Ann <a@x.example>:",
        "Ann <a@x.example> wrote:",
        "Am 05.11.2026 um 10:00 schrieb Ann <a@x.example>:",
        "Le jeu. 5 nov. 2026 à 10:00, Ann <a@x.example> a écrit :",
        "El jue, 5 nov 2026 a las 10:00, Ann (<a@x.example>) escribió:",
        "Il giorno gio 5 nov 2026 alle ore 10:00 Ann <a@x.example> ha scritto:",
        "Op do 5 nov 2026 om 10:00 schreef Ann <a@x.example>:",
        "Op 5 nov. 2026 om 10:00 heeft Ann <a@x.example> het volgende geschreven:",
        "Em qui., 5 de nov. de 2026 às 10:00, Ann <a@x.example> escreveu:",
        "Den tors 5 nov. 2026 kl 10:00 skrev Ann <a@x.example>:",
        "tor. 5. nov. 2026 kl. 10:00 skrev Ann <a@x.example>:",
        "to 5. marrask. 2026 klo 10.00 Ann (a@x.example) kirjoitti:",
        "czw., 5 lis 2026 o 10:00 Ann <a@x.example> napisał(a):",
        "čt 5. 11. 2026 v 10:00 odesílatel Ann <a@x.example> napsal:",
        "Ann <a@x.example> ezt írta (időpont: 2026. nov. 5., Cs, 10:00):",
        "În joi, 5 nov. 2026 la 10:00, Ann <a@x.example> a scris:",
        "чт, 5 нояб. 2026 г. в 10:00, Ann <a@x.example>:",
        "5 ноября 2026 г., 10:00 пользователь Ann <a@x.example> написал:",
        "Στις Πέμ 5 Νοε 2026 στις 10:00 π.μ., ο χρήστης Ann <a@x.example> έγραψε:",
        "Ann <a@x.example>, 5 Kas 2026 Per, 10:00 tarihinde şunu yazdı:",
        "Ann <a@x.example> 于2026年11月5日周四 10:00写道：",
        "2026年11月5日(木) 10:00 Ann <a@x.example>:",
        "2026년 11월 5일 (목) 오전 10:00, Ann <a@x.example>님이 작성:",
        "---- On Thu, 05 Nov 2026 10:00:00 +0100 Ann <a@x.example> wrote ----",
    ],
)
def test_attributions_of_many_languages(attribution: str) -> None:
    new, quoted, signature = split(f"My answer.\n\n{attribution}\n\n{QUOTED}\n")
    assert new == "My answer."
    assert quoted == f"{attribution}\n\n{QUOTED}"
    assert signature == ""


@pytest.mark.parametrize(
    "head",
    [
        "-----Original Message-----\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: Hi",
        "________________________________\nFrom: Ann <a@x.example>\nSent: Monday\nTo: b@x.example\n"
        "Subject: Hi",
        "Von: Ann <a@x.example>\nGesendet: Montag\nAn: Bob\nBetreff: Hi",
        "De : Ann <a@x.example>\nEnvoyé : lundi\nÀ : Bob\nObjet : Hi",
        "*From:* Ann [mailto:a@x.example]\n*Sent:* Monday\n*To:* Bob\n*Subject:* Hi",
        "-------- Ursprüngliche Nachricht --------\nVon: Ann",
        "发件人: Ann <a@x.example>\n发送时间: 2026年11月5日\n收件人: Bob\n主题: Hi",
        "Begin forwarded message:\n\nFrom: Ann",
        "---------- Forwarded message ---------\nFrom: Ann <a@x.example>",
    ],
)
def test_whole_mails_below(head: str) -> None:
    new, quoted, _ = split(f"My answer.\n\n{head}\n\nOld text")
    assert new == "My answer."
    assert quoted == f"{head}\n\nOld text"


@pytest.mark.parametrize(
    "text",
    [
        "I go\nFrom: Rome\nTo: Oslo\nDate: Monday",
        "On Monday I wrote to you: nothing happened.",
        "She said: it was broken on arrival in 2026.",
        "Look at this:\n\n> This is a quote.\n\nAnd my text.",
        "The times are:\n10:00\n11:00",
        "Sent from my desk, since the phone is broken.",
        "a --- b\n--- a/file\n+++ b/file",
    ],
)
def test_own_words_stay(text: str) -> None:
    assert split(text) == (text, "", "")


def test_answer_below_the_quoted_text() -> None:
    new, quoted, _ = split("On 5 Nov 2026, Ann wrote:\n> Old\n>\n> text\n\nMy answer.\n\nBye")
    assert new == "My answer.\n\nBye"
    assert quoted.startswith("On 5 Nov 2026, Ann wrote:\n> Old")


def test_answers_between_keep_what_they_answer() -> None:
    text = "On 5 Nov 2026, Ann wrote:\n> One?\nYes.\n> Two?\nNo.\n> Three?"
    new, quoted, _ = split(text)
    assert new == "> One?\nYes.\n> Two?\nNo."
    assert quoted == "On 5 Nov 2026, Ann wrote:\n> Three?"


def test_wrapped_quoted_lines_are_no_answer() -> None:
    line = "> " + "word " * 14
    text = f"Hi.\n\nOn 5 Nov 2026, Ann wrote:\n{line}\nrest\n> end"
    assert split(text)[0] == "Hi."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nAnn\nShop",
        "Sent from my iPhone",
        "Get Outlook for iOS<https://aka.ms/x>",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "Enviado desde mi iPhone",
        "Verzonden vanaf mijn telefoon",
        "Skickat från min iPhone",
        "发自我的iPhone",
        "-Ann Smith",
    ],
)
def test_signatures(signature: str) -> None:
    text = f"My answer.\n\n{signature}\n\nOn 5 Nov 2026, Ann wrote:\n> Old"
    assert split(text) == ("My answer.", "On 5 Nov 2026, Ann wrote:\n> Old", signature.rstrip())


def test_nothing_is_dropped() -> None:
    text = "\n".join(
        [
            "Hi",
            "",
            "On 5 Nov 2026, Ann wrote:",
            "> a",
            "b",
            "> c",
            "d",
            "-- ",
            "me",
            "> e",
            "____",
            "f",
        ]
    )
    parts = [line for part in split(text) for line in part.split("\n") if line.strip()]
    assert sorted(parts) == sorted(line for line in text.split("\n") if line.strip())


@pytest.mark.parametrize("end", ["---", "--"])
def test_an_answer_and_an_announcement_on_one_line(end: str) -> None:
    new, quoted, _ = split(f"My answer.{end} On Thu, 5 Nov 2026, Ann wrote:\n> Old")
    assert new == "My answer."
    assert quoted == f"{end} On Thu, 5 Nov 2026, Ann wrote:\n> Old"


def test_an_announcement_with_nothing_marked_below_it_folds_only_itself() -> None:
    line = "On Thu, 5 Nov 2026, Ann <a@x.example> wrote:"
    assert split(f"{line}\n\nThis is all there is.") == ("This is all there is.", line, "")
    many = f"{line}\n" * 5_000 + "end"
    assert split(many)[2] == ""


def test_header_lines_without_an_address_or_a_subject() -> None:
    block = "От: Анна\nОтправлено: четверг, 26 июня 2026 г. 15:05\nКому: Боб"
    new, quoted, _ = split(f"My answer.\n\n{block}\n\nOld text")
    assert new == "My answer."
    assert quoted == f"{block}\n\nOld text"


def test_an_address_that_starts_like_an_article_ends_an_attribution() -> None:
    text = (
        "Hi.\n\nOn Mon, 2 Nov 2026 at 4:37 PM The Shop <\na-long-name+12@x.example> wrote:\n> Old"
    )
    assert split(text)[0] == "Hi."


def test_empty() -> None:
    assert split("") == ("", "", "")
    assert split("> only\n> quoted") == ("", "> only\n> quoted", "")


MEGABYTE = 1_000_000
TIRING = [
    " ",
    "\n",
    "On ",
    "On a\n",
    "On 2020-01-01 a@b.c\n",
    "On 1 Jan 2020 a@b.example wrote:\n",
    "On 1 Jan <\nb\nc\nd\n",
    "From: a@b.example\n",
    "From: a\nDate: 1\n",
    "From: x\n\n",
    ">",
    "> a\nb\n",
    "-",
    "--\n",
    "-" * 30 + "\n",
    "a" * 400 + "--- On 1 wrote:\n",
    "--- Forwarded message\nFrom: \n",
    "From: a To: b ",
    "a:",
    "sent from my a\n",
    "<http://a> ",
    "あ",
]


@pytest.mark.parametrize("piece", TIRING)
def test_a_megabyte_takes_less_than_a_second(piece: str) -> None:
    text = piece * (MEGABYTE // len(piece))
    started = time.process_time()
    split(text)
    find(text, "Fwd: x")
    assert time.process_time() - started < 1
