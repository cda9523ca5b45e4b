"""What the bytes say where no label does."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

import pytest

from emailchannel.mail import charset

TEXTS = {
    "gb18030": "您好，我买的水壶漏水了，请给我换一个新的。谢谢你们的帮助，祝工作顺利。",
    "big5": "您好，我買的水壺漏水了，請給我換一個新的。謝謝你們的幫助，祝工作順利。",
    "euc_jp": "こんにちは。買ったやかんが漏れています。交換してください。よろしくお願いします。",
    "shift_jis": "こんにちは。買ったやかんが漏れています。交換してください。よろしくお願いします。",
    "euc_kr": "안녕하세요, 구입한 주전자에서 물이 샙니다. 새 제품으로 교환해 주세요. 감사합니다.",
    "koi8_r": "Здравствуйте, чайник протекает. Пришлите, пожалуйста, новый. Спасибо за помощь.",
    "cp1251": "Здравствуйте, чайник протекает. Пришлите, пожалуйста, новый. Спасибо за помощь.",
    "cp1252": "Der Wasserkocher läuft aus. Können Sie ihn für mich prüfen? Schöne Grüße aus Köln.",
    "iso8859_2": "Dzień dobry, czajnik przecieka, proszę o zwrot pieniędzy. Łączę wyrazy szacunku.",
}


@pytest.mark.parametrize("codec", TEXTS)
def test_a_guess_from_the_bytes(codec: str) -> None:
    assert charset.decode(TEXTS[codec].encode(codec)) == (TEXTS[codec], True)


@pytest.mark.parametrize("label", ["zlib", "rot13", "idna", "unicode_escape", "x-user-defined", ""])
def test_what_is_no_charset_of_mail_is_not_used(label: str) -> None:
    assert charset.codec(label) is None


def test_utf7_is_read_only_where_it_is_named() -> None:
    assert charset.decode(b"+AOk-", "utf-7") == ("é", False)
    assert charset.decode(b"+AOk-") == ("+AOk-", False)
    assert charset.decode(b"+AOk-", None, "utf-7")[0] == "+AOk-"


def test_bytes_without_any_sense() -> None:
    text, guessed = charset.decode(bytes(range(128, 256)) * 10, "us-ascii")
    assert guessed
    assert text.encode("utf-8")
