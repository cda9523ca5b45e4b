"""Mails as people and programs send them, made here: for measuring, and to break in tests."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP

_PARAGRAPHS = {
    "en": "Dear all,\n\nthe kettle I bought in May leaks, and nobody answered my call.\n\nAnn\n",
    "de": "Guten Tag,\n\nder Wasserkocher läuft aus. Können Sie ihn für mich prüfen?\n\nGrüße\n",
    "fr": "Bonjour,\n\nla bouilloire fuit déjà. Pourriez-vous m'en envoyer une autre ?\n\nÉlodie\n",
    "pl": "Dzień dobry,\n\nczajnik przecieka. Proszę o nowy lub zwrot pieniędzy.\n\nŁukasz\n",
    "ru": "Здравствуйте,\n\nчайник протекает. Пришлите, пожалуйста, новый.\n\nАнна\n",
    "zh": "您好，\n\n我买的水壶漏水了。请给我换一个新的。谢谢！\n\n小安\n",
    "ja": "こんにちは。\n\n買ったやかんが漏れています。交換してください。\n\nアン\n",
    "ko": "안녕하세요,\n\n구입한 주전자에서 물이 샙니다. 교환해 주세요.\n\n안나\n",
}
_CHARSETS = {"de": "iso-8859-1", "pl": "iso-8859-2", "ru": "koi8-r", "zh": "gb18030"}
_QUOTED = "\n\nOn Thu, 5 Nov 2026 at 10:00, Support <support@shop.example> wrote:\n> "
_DIV = '<div style="font-family:Arial;color:#333">{}</div>'


def _message(number: int, subject: str) -> EmailMessage:
    message = EmailMessage()
    for hop in range(4):
        message.add_header("Received", f"from h{hop}.example by h{hop + 1}.example; {_DATE}")
    message.add_header("DKIM-Signature", "v=1; a=rsa-sha256; d=x.example; b=" + "QUJD" * 60)
    message["From"] = f"Änn Archer <ann{number}@customer.example>"
    message["To"] = "Support <support@shop.example>, bob@shop.example"
    message["Subject"], message["Date"] = subject, _DATE
    message["Message-ID"] = f"<{number}@customer.example>"
    message["References"] = " ".join(f"<{number}.{n}@shop.example>" for n in range(5))
    return message


_DATE = "Thu, 05 Nov 2026 10:00:00 +0100"


def ordinary() -> Iterator[bytes]:
    """About fifty mails: eight languages in plain text, with HTML, quoted, with attachments."""
    for number, (language, text) in enumerate(_PARAGRAPHS.items()):
        quoted = text + _QUOTED + text.replace("\n", "\n> ")
        page = "".join(_DIV.format(line or "<br>") for line in (text * 8).split("\n"))
        reply = f'{page}<div class="gmail_quote">{page}<img src="https://x.example/p.gif"></div>'
        for kind in range(6):
            message = _message(10 * number + kind, f"{text.split()[-1]}: Wasserkocher №{kind} 壺")
            charset = _CHARSETS.get(language, "utf-8") if kind == 0 else "utf-8"
            message.set_content(quoted if kind in (1, 3) else text, charset=charset)
            if kind in (2, 3):
                message.add_alternative(reply, subtype="html")
            if kind == 4:
                message.set_content(reply, subtype="html")
            if kind in (3, 5):
                message.add_attachment(
                    bytes(range(256)) * 400,
                    maintype="image",
                    subtype="jpeg",
                    filename=f"Rechnung für {text.split()[-1]}.jpg",
                )
            yield message.as_bytes(policy=SMTP)
