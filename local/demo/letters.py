"""Mails as customers and agents write them, and how they reach the channel: over SMTP."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

_INVOICE = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 120]/Contents 4 0 R
/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 46>>stream
BT /F 16 Tf 30 60 Td (Invoice 4711: EUR 39) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""


@dataclass(frozen=True)
class Letter:
    """What somebody writes. `attachments`: (file name, content type, bytes)."""

    sender: str
    subject: str
    text: str
    html: str = ""
    attachments: tuple[tuple[str, str, bytes], ...] = ()


SAMPLES = {
    "angry": Letter(
        "Ann Archer <ann@customer.example>",
        "My kettle is broken",
        "Hello,\n\nthe kettle I bought two weeks ago (order 4711) leaks and is useless. I am very"
        " disappointed: this is the second time, and nobody answered my call.\n\nWhat will you do"
        " about it?\n\nAnn Archer\n",
        html="<p>Hello,</p><p>the kettle I bought two weeks ago (<b>order 4711</b>) leaks and is"
        " useless. I am very disappointed: this is the second time, and nobody answered my"
        " call.</p><p>What will you do about it?</p><p>Ann Archer</p>",
    ),
    "glad": Letter(
        "Ben Baxter <ben@customer.example>",
        "Thank you!",
        "Hello,\n\nthe new kettle arrived this morning. It is wonderful and I am very happy with"
        " your quick help. Thank you!\n\nBen\n",
    ),
    "spanish": Letter(
        "Carmen Ruiz <carmen@cliente.example>",
        "¿Dónde está mi pedido?",
        "Buenos días:\n\nhice un pedido hace diez días y todavía no ha llegado. ¿Pueden decirme"
        " cuándo lo voy a recibir? Necesito la tetera para el sábado.\n\nUn saludo,\n"
        "Carmen Ruiz\n",
    ),
    "attachment": Letter(
        "Dora Diaz <dora@customer.example>",
        "Question about my invoice",
        "Dear team,\n\ninvoice 4711 lists the delivery twice. It is attached. What do I have to"
        " pay?\n\nRegards,\nDora Diaz\n",
        attachments=(("invoice-4711.pdf", "application/pdf", _INVOICE),),
    ),
    "unverified": Letter(
        "Ann Archer <ann@forged.example>",
        "My new address",
        "Hello,\n\nsend my new kettle to another address: 1 Elsewhere Lane.\n\nAnn\n",
    ),
}


def write(letter: Letter, to: str, headers: dict[str, str] | None = None) -> bytes:
    """The letter as a mail client sends it."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = letter.sender, to, letter.subject
    message["Date"] = formatdate(localtime=True)
    domain = parseaddr(letter.sender)[1].rpartition("@")[2]
    message["Message-ID"] = make_msgid(domain=domain)
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    for filename, kind, octets in letter.attachments:
        main, _, sub = kind.partition("/")
        message.add_attachment(octets, maintype=main, subtype=sub, filename=filename)
    return message.as_bytes()


def answer(received: bytes, letter: Letter) -> tuple[bytes, str]:
    """The letter as an answer to a mail, threaded as clients do it, and where it goes.

    Without a subject of its own it takes that of the mail.
    """
    seen = message_from_bytes(received, policy=policy.default)
    to = parseaddr(str(seen["Reply-To"] or seen["From"]))[1]
    references = f"{seen.get('References', '')} {seen['Message-ID']}".split()
    headers = {"In-Reply-To": str(seen["Message-ID"]), "References": " ".join(references)}
    subject = letter.subject or str(seen["Subject"])
    about = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    return write(replace(letter, subject=about), to, headers), to


class Refused(RuntimeError):
    """The receiving server's answer, when it is not 250."""


def post(port: int, sender: str, to: str, raw: bytes) -> str:
    """Deliver over SMTP to 127.0.0.1; returns the server's last answer. Raises Refused."""
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
        smtp.ehlo()
        _accepted(*smtp.mail(parseaddr(sender)[1]))
        _accepted(*smtp.rcpt(to))
        return _accepted(*smtp.data(raw))


def _accepted(code: int, reply: bytes) -> str:
    said = f"{code} {reply.decode(errors='replace')}"
    if code >= 400:
        raise Refused(said)
    return said
