"""Customers' replies to an agent's answer, each in its own program's manner."""

# ruff: noqa: E501 - lines as programs write them

from collections.abc import Callable

from tests.mail.genuine import FLAGGED, HELD, KEPT, Reply
from tests.mail.genuine import clients as c
from tests.mail.genuine.letter import Letter, Seen
from tests.mail.genuine.wire import multi, part

INQUIRY = "support@support.example.com"
_SIGNATURE = b"0\x82\x01\x10" + b"signature" * 20


def _subject(seen: Seen, lang: str) -> str:
    rest = seen.subject.removeprefix("Re: ")
    return f"{'AW' if lang == 'de' else 'SV' if lang == 'sv' else 'Re'}: {rest}"


def _reply(
    name: str,
    client: Callable[..., bytes],
    customer: str,
    text: str,
    /,
    *says: str,
    how: dict | None = None,
    to: str = "",
    subject: str = "",
    **more,
) -> Reply:
    of_reply = {
        key: more.pop(key)
        for key in ("disposition", "verdicts", "hides", "acknowledged")
        if key in more
    }
    route = more.pop("route", None)
    sender = more.pop("sender", "") or customer

    def write(seen: Seen) -> bytes:
        return client(
            Letter(
                sender,
                to.format(alias=seen.address) or seen.address,
                subject or _subject(seen, more.get("lang", "en")),
                text,
                answers=seen,
                **{key: _filled(value, seen) for key, value in more.items()},
            ),
            **(how or {}),
        )

    return Reply(name, customer, write, says or (text,), sender.lower(), to=route, **of_reply)


def _filled(value: object, seen: Seen) -> object:
    return value.format(alias=seen.address) if isinstance(value, str) else value


def _only_in_reply_to(letter: Letter) -> bytes:
    raw = c.webde(letter)
    head, blank, body = raw.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    start = next(i for i, line in enumerate(lines) if line.startswith(b"References:"))
    return b"\r\n".join([*lines[:start], *lines[start + 1 :]]) + blank + body


def _only_references(letter: Letter) -> bytes:
    raw = c.thunderbird(letter, style="top")
    return b"\r\n".join(line for line in raw.split(b"\r\n") if not line.startswith(b"In-Reply-To:"))


def _smime(letter: Letter) -> bytes:
    inner = c.outlook_desktop(letter)
    head, _, _ = inner.partition(b"MIME-Version: 1.0\r\n")
    rest = inner[inner.index(b"Content-Type: multipart/alternative") :].replace(b"\r\n", b"\n")
    signature = part(
        "application/pkcs7-signature",
        _SIGNATURE,
        encoding="base64",
        parameters='; name="smime.p7s"',
        headers=[("Content-Disposition", 'attachment; filename="smime.p7s"')],
    )
    whole = multi(
        "signed",
        "----=_NextPart_000_0S01",
        rest,
        signature,
        parameters=' protocol="application/x-pkcs7-signature"; micalg=2.16.840.1.101.3.4.2.1;',
    )
    return head + (b"MIME-Version: 1.0\n" + whole).replace(b"\n", b"\r\n")


_TO_INQUIRY = lambda alias, inquiry: [inquiry]  # noqa: E731
_UPPER = lambda alias, inquiry: [alias.upper()]  # noqa: E731
_HUBSPOT = (
    ("X-HubSpot-Message-Source", "sales"),
    ("List-Unsubscribe", "<https://app.crm.example/u/one>"),
    ("Feedback-ID", "1:2:sales:crm"),
)

REPLIES = (
    _reply("gmail-on-top", c.gmail, "r01@gmail.com", "Great, when will it arrive?", name="Rosa One"),
    _reply("gmail-french-with-signature", c.gmail, "r02@gmail.com", "Bonjour,\n\nje préfère un remboursement.", "je préfère un remboursement.", lang="fr", signature="Rémi Deux", name="Rémi Deux"),
    _reply("gmail-android-japanese", c.gmail, "r03@gmail.com", "ありがとうございます。色は赤でお願いします。", lang="ja", how={"phone": True}, name="三郎"),
    _reply("gmail-spanish", c.gmail, "r04@gmail.com", "¿Puedo recogerlo en la tienda?", lang="es", name="Ruth"),
    _reply("outlook-365", c.outlook_365, "r05@firma5.example", "That is too late for us, please cancel the order.", name="Ralf Fünf", signature="Ralf Fünf\nHead of Tea"),
    _reply("outlook-desktop-german", c.outlook_desktop, "r06@firma6.example", "Guten Tag,\n\nwir nehmen lieber den größeren Kessel für 49 €.".replace("€", "Euro"), "wir nehmen lieber den größeren Kessel", lang="de", name="Renate Sechs", signature="Renate Sechs"),
    _reply("outlook-plain-text-german", c.outlook_plain, "r07@amt7.example", "Bitte senden Sie die Rechnung an die Kasse.", lang="de", name="Regierungsrat Sieben"),
    _reply("outlook-for-ios", c.outlook_365, "r08@firma8.example", "Ok but can you send it to my office instead?", how={"footer": "Get Outlook for iOS"}, name="Rick"),
    _reply("outlook-french", c.outlook_365, "r09@societe9.example", "Merci, mais le numéro de suivi manque.", lang="fr", name="René Neuf"),
    _reply("outlook-dutch", c.outlook_365, "r10@bedrijf10.example", "Kan het ook volgende week?", lang="nl", name="Ruud Tien"),
    _reply("apple-mail", c.apple_mail, "r11@me11.example", "Could you leave it with the neighbour?", name="Ria"),
    _reply("iphone-one-liner-german", c.apple_mail, "r12@icloud.com", "Passt nicht, bitte Umtausch", lang="de", how={"phone": "Von meinem iPhone gesendet"}, name="Rudi"),
    _reply("iphone-a-mere-thank-you", c.apple_mail, "r13@icloud.com", "Thanks!", how={"phone": "Sent from my iPhone"}, disposition=KEPT, name="Rae"),
    _reply("samsung", c.samsung, "r14@isp14.example", "Wrong colour again. I want blue.", name="Rob"),
    _reply("yahoo", c.yahoo, "r15@yahoo.com", "No one was at home. Please try on Friday.", name="Robyn"),
    _reply("web-de-html-only", c.webde, "r16@web.de", "Die Nachbarin nimmt es an.", name="Rolf", signature="Rolf"),
    _reply("gmx-html-only", c.webde, "r17@gmx.de", "Bitte ohne Plastik verpacken.", how={"maker": "gmx"}, name="Rita"),
    _reply("thunderbird-below-the-quote", c.thunderbird, "r18@theo18.example", "Does it come with the old warranty, or does a new term of two years begin with the replacement?", "a new term of two years begin with the replacement?", name="Russ"),
    _reply("thunderbird-between-the-lines", c.thunderbird, "r19@theo19.example", "Really? The last one took a month.\n\nI doubt it.", "The last one took a month.", "I doubt it.", how={"style": "inline"}, hides=(), name="Roy"),
    _reply("thunderbird-on-top-german", c.thunderbird, "r20@theo20.example", "Können Sie ihn bitte als Geschenk einpacken?", lang="de", how={"style": "top", "encoding": "quoted-printable"}, name="Rüdiger", signature="Rüdiger"),
    _reply("k-9-german", c.k9, "r21@kai21.example", "Bin im Urlaub bis Montag, danach gern.", lang="de", name="Rolf K."),
    _reply("proton-with-feedback-id", c.proton, "r22@proton.me", "Please delete my old address, too.", name="Ray"),
    _reply("zoho", c.zoho, "r23@zoho23.example", "We also need four lids.", name="Rani"),
    _reply("fastmail-with-feedback-id", c.fastmail, "r24@fastmail.com", "What did it cost again?", name="Reed"),
    _reply("mutt-between-the-lines", c.mutt, "r25@shell25.example", "good to hear.\n\nwhich carrier?", "good to hear.", "which carrier?", hides=(), signature="rms"),
    _reply("notes-upper-case-recipient", c.notes, "r26@office26.example", "Bitte an die Zentrale liefern.", to="SUPPORT@SUPPORT.EXAMPLE.COM", route=_UPPER, name="Rosi"),
    _reply("reply-all-with-a-colleague-in-copy", c.outlook_365, "r27@firma27.example", "Adding my colleague. Please send it to her.", cc="Cora Colleague <cora@firma27.example>", name="Rex"),
    _reply("alias-only-in-copy", c.gmail, "r28@gmail.com", "Mum, they say it is on the way. Support, please call her.", "Support, please call her.", to="mum@gmail.com", cc="{alias}", name="Rory"),
    _reply("changed-subject", c.outlook_365, "r29@firma29.example", "Another thing: the cord is too short.", subject="Cord too short", name="Rhys"),
    _reply("to-the-inquiry-address-with-references", _only_references, "r30@theo30.example", "I answer to your general address, sorry. Is it red?", "Is it red?", to=INQUIRY, route=_TO_INQUIRY, name="Ruby"),
    _reply("to-the-inquiry-address-with-in-reply-to", _only_in_reply_to, "r31@web.de", "Ich schreibe an die alte Adresse. Ist er rot?", "Ist er rot?", to=INQUIRY, route=_TO_INQUIRY, name="Rasmus"),
    _reply("to-alias-and-inquiry-address", c.gmail, "r32@gmail.com", "To both of you: it leaks again.", to="{alias}, " + INQUIRY, route=lambda alias, inquiry: [alias, inquiry], name="Rina"),
    _reply("to-the-acknowledgement", c.apple_mail, "r33@me33.example", "I forgot: my order number is 4711.", hides=(), acknowledged=True, name="Rafe"),
    _reply("smime-signed", _smime, "r34@kanzlei34.example", "We insist on a refund within two weeks.", name="RA Rau"),
    _reply("crm-reply-with-list-unsubscribe", c.gmail, "r35@agentur35.example", "Let us talk about the stand on Monday.", extra=_HUBSPOT, name="Romy"),
    _reply("googlemail-and-gmail", c.gmail, "r36@gmail.com", "Ist es schon unterwegs?", sender="r36@googlemail.com", lang="de", name="Rico"),
    _reply("capital-letters-in-the-sender", c.outlook_desktop, "r37@firma37.example", "Is it on its way by now?", sender="R37@Firma37.Example", hides=(), name="Rufus"),
    _reply("forwarded-on-the-way", c.gmail, "r38@alumni.example", "I am abroad, please wait.", disposition=FLAGGED, verdicts={"dmarc": "FAIL", "dkim": "FAIL"}, extra=(("ARC-Seal", "i=1; a=rsa-sha256; cv=none; d=google.com; s=arc; b=bm90aGluZw=="),), name="Ragna"),
    _reply("domain-without-dmarc", c.mutt, "r39@verein39.example", "Ja, bitte.\n\nNein, danke, keine Tassen.", "Nein, danke, keine Tassen.", hides=(), verdicts={"dmarc": "GRAY"}, name="Roman"),
    _reply("exchange-suppressing-automatic-answers", c.outlook_365, "r40@bank40.example", "Our accountant asks for the invoice.", extra=(("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),), name="Reni"),
    _reply("second-address-of-the-customer", c.gmail, "r41@firma41.example", "Writing from home: please deliver here.", sender="robert.private@gmail.com", disposition=HELD, name="Robert"),
    _reply("colleague-of-the-customer", c.outlook_365, "r42@firma42.example", "I take this over from Rhea. When does it arrive?", sender="ben@firma42.example", disposition=HELD, name="Ben"),
)  # fmt: skip
