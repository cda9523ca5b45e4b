"""Mails that only say thank you, and those that say thank you and something more."""

# ruff: noqa: RUF001 - words of other scripts are the subject

import random
from time import perf_counter

import pytest

from emailchannel.mail import text as word_list
from emailchannel.mail.thanks import is_thanks

ONLY_THANKS = [
    "Thanks!",
    "thanks",
    "THANK YOU",
    "Thx :)",
    "Perfect, thank you Bob :-)",
    "Thank you so much for your quick help!",
    "Hi Bob,\n\nthank you very much for the fast reply.\n\nBest regards\nAnn Miller",
    "Got it, thanks a lot.",
    "It works now, thank you!",
    "Many thanks, much appreciated.\nCheers, Ann",
    "Great service, thanks again!",
    "Dear Ms Miller, thank you for everything. Kind regards, Dr. Ann O'Neil",
    "Thanks, Bob!",
    "Thanks \U0001f60a\U0001f44d\U0001f3fd",
    "\U0001f44d",
    "Perfect!",
    "All good now. Thanks\n\nSent from my iPhone",
    "Thank you \u2764\ufe0f",
    "ok danke",
    "Vielen Dank für die schnelle Hilfe",
    "Vielen Dank!\nGruß Ann",
    "Super, hat geklappt. Danke!\n\nMit freundlichen Grüßen\nAnn Müller",
    "Hallo Frau Müller, herzlichen Dank für Ihre schnelle Antwort. Schönes Wochenende!",
    "Danke Bob",
    "Alles klar, danke.",
    "Merci beaucoup",
    "Bonjour Madame, merci beaucoup pour votre réponse rapide. Cordialement, Jean Dupont",
    "C'est parfait, merci !",
    "¡Muchas gracias!",
    "Perfecto, muchas gracias por su ayuda. Un saludo, Ana",
    "Grazie mille per la risposta!",
    "Perfetto, grazie. Cordiali saluti\nAnna",
    "Muito obrigada pela ajuda!",
    "Hartelijk dank voor de snelle reactie. Groetjes, Ans",
    "Tack så mycket för hjälpen! Mvh Anna",
    "Mange tak for hjælpen!",
    "Tusen takk for hjelpen :)",
    "Kiitos paljon avusta!",
    "Dziękuję bardzo za szybką odpowiedź. Pozdrawiam, Anna",
    "Mockrát děkuji za rychlou odpověď.",
    "Ďakujem veľmi pekne za pomoc",
    "Köszönöm szépen a gyors választ!",
    "Mulțumesc mult pentru ajutor!",
    "Teşekkürler, çok teşekkür ederim",
    "Yardımınız için teşekkür ederim. Saygılarımla, Ayşe",
    "Большое спасибо за быструю помощь!",
    "Спасибо, Анна!",
    "Щиро дякую за допомогу",
    "Σας ευχαριστώ πολύ για την άμεση απάντηση",
    "תודה רבה על העזרה!",
    "شكرا جزيلا على المساعدة",
    "خیلی ممنون",
    "आपका बहुत बहुत धन्यवाद",
    "Terima kasih banyak atas bantuannya",
    "Cảm ơn bạn rất nhiều!",
    "Hvala lijepa na pomoći!",
    "Благодаря ви за бързия отговор",
    "Moltes gràcies per la resposta",
    "ありがとうございます",
    "田中様\n迅速なご対応ありがとうございました。",
    "了解しました。ありがとうございます！",
    "谢谢！",
    "好的，非常感谢您的帮助。",
    "問題解決了，謝謝您！",
    "ขอบคุณมากครับ",
    "정말 감사합니다!",
    "빠른 답변 감사합니다.",
    "  \n Thanks... \n\n",
    "Thank\u00a0you",
    "**Thank you!**",
]

SOMETHING_MORE = [
    "",
    "   \n",
    "...",
    "ok",
    "Yes",
    "Yes, thank you",
    "Hello",
    "Hi Bob",
    "Best regards\nAnn",
    "Bob",
    "Thanks, but it is still broken",
    "Thanks but no thanks",
    "Danke, wann kommt es?",
    "no thanks",
    "No, thank you.",
    "Thank you for nothing",
    "Thanks for nothing!!!",
    "Thanks. When will it arrive",
    "Thanks?",
    "Thanks in advance",
    "Thank you in advance for your help",
    "Thanks for a quick reply",
    "Thanks, please cancel the order",
    "Thanks, cancel",
    "Thanks. Cancel.",
    "Danke, Storno",
    "Danke\nKündigung",
    "Thanks. Monday.",
    "Thanks God",
    "Thanks, 12345",
    "Thanks, my number is five",
    "Thanks \U0001f621",
    "Thanks :(",
    "Thanks :-/",
    "Great :-(",
    "\U0001f44e",
    "\U0001f595",
    "Thanks! See https://shop.example",
    "Thanks, write to ann@shop.example",
    "Thanks, that costs $",
    "It works now. Thanks. One more thing though",
    "It never works, thanks",
    "It does not work, thanks",
    "Not fixed. Thanks.",
    "Thanks, I am still waiting",
    "Thanks for the broken kettle",
    "Thank you for your invoice",
    "Thanks, call me",
    "Thanks Call",
    "THANKS BOB NOTHING WORKS",
    "Perfect, another broken one",
    "Great, now it is worse",
    "Fine.",
    "Please help",
    "Thank you. Please help.",
    "Thanks so much, so very much, thank you, thank you again, thanks again, many thanks",
    "Thank you " * 60,
    "Danke, aber es geht immer noch nicht",
    "Danke, leider falsch",
    "Nein danke",
    "Danke für nichts",
    "Danke im Voraus",
    "Danke, bitte stornieren",
    "Ja, danke",
    "Danke, ich warte auf die Rechnung",
    "Merci d'avance",
    "Non merci",
    "Merci, mais ça ne marche pas",
    "Merci, quand arrive-t-il ?",
    "Gracias, pero no funciona",
    "¿Gracias",
    "No, gracias",
    "Grazie, ma non funziona",
    "Grazie in anticipo",
    "Não, obrigado",
    "Nee, bedankt",
    "Alvast bedankt",
    "Tack på förhand",
    "Nej tack",
    "Dziękuję, ale nie działa",
    "Z góry dziękuję",
    "Спасибо, но не работает",
    "Спасибо, не надо",
    "Заранее спасибо",
    "Ευχαριστώ;",
    "Ευχαριστώ, αλλά δεν λειτουργεί",
    "لا شكرا",
    "شكرا؟",
    "לא תודה",
    "ありがとうございます。でも壊れています。",
    "ありがとうございません",
    "結構です、ありがとうございます",
    "不用谢谢",
    "谢谢，但是还没解决",
    "谢谢？",
    "감사합니다. 그런데 안 됩니다",
    "ไม่ ขอบคุณ",
    "Teşekkürler ama çalışmıyor",
    "Köszönöm, de nem jó",
    "Kiitos, ei toimi",
    "Thanks\n\nP.S. the lid is missing",
    "Thanks, see the file",
    "Thanks Bob Miller Smith Jones and co",
    "Invoice, thanks",
    "bob thanks",
    "Thank you for",
    "> Thanks",
    "Thanks (again)",
    "help you your",
    "Thanks, help!",
    "Thanks\x00",
]


@pytest.mark.parametrize("text", ONLY_THANKS)
def test_only_thanks(text):
    assert is_thanks(text)


@pytest.mark.parametrize("text", SOMETHING_MORE)
def test_thanks_and_something_more(text):
    assert not is_thanks(text)


@pytest.mark.parametrize(
    "more",
    ["?", " 3", " not", " but", " nicht", " aber", " pero", " no", " 不", " не", " #", " :("],
)
@pytest.mark.parametrize("text", ONLY_THANKS)
def test_one_word_more_and_it_is_not_only_thanks(text, more):
    assert not is_thanks(text + more)


def test_shuffled_words_of_everyday_mail_are_not_thanks():
    """No sentence of ordinary words is taken for thanks because a word of it thanks somewhere."""
    words = word_list.words(
        "the kettle I bought is broken and nobody answers my mail since last week can you call me"
        " back thanks refund order number delivery late again where what why still not"
    )
    choose = random.Random(4)
    for _ in range(2_000):
        text = " ".join(choose.choices(sorted(words), k=choose.randint(3, 10)))
        known = {"thanks", "i", "you", "and", "again", "the"}
        assert not is_thanks(text) or set(text.lower().split()) <= known


@pytest.mark.parametrize(
    "text",
    ["thanks " * 150_000, " " * 1_000_000, "a" * 1_000_000, "\n" * 999_990 + "thanks"],
    ids=["words", "blanks", "word", "line ends"],
)
def test_a_megabyte_takes_no_time(text):
    started = perf_counter()
    is_thanks(text)
    assert perf_counter() - started < 1
