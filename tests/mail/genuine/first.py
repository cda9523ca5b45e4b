"""Customers' first mails, as their clients, shops, scanners and offices write them."""

# ruff: noqa: RUF001 E501 - other scripts, and lines as programs write them

import base64

from tests.mail.genuine import FLAGGED, First
from tests.mail.genuine import clients as c
from tests.mail.genuine.letter import Letter
from tests.mail.genuine.wire import attachment, date_now, mail, mailbox, multi, part, word

INQUIRY = "support@support.example.com"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LARGE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40_000  # a photo of 10 MB
_NO_DMARC = {"dmarc": "GRAY", "dkim": "GRAY"}


def _letter(sender: str, subject: str, text: str, **more) -> Letter:
    return Letter(sender, more.pop("to", INQUIRY), subject, text, **more)


def _first(name, letter, raw, says, **more) -> First:
    return First(
        name,
        raw,
        more.pop("mail_from", letter.sender),
        more.pop("customer", letter.sender.lower()),
        more.pop("subject", letter.subject),
        says if isinstance(says, tuple) else (says,),
        **more,
    )


def _by(name, client, letter, says, **more) -> First:
    raw = client(letter, **more.pop("how", {}))
    return _first(name, letter, raw, says, **more)


def _contact_form() -> First:
    raw = mail(
        [
            ("Date", date_now()),
            ("From", "=?UTF-8?Q?Teeladen_M=C3=BCnchen?= <form@teeladen.example>"),
            ("Reply-To", "Karl Kunde <karl@kunde.example>"),
            ("To", INQUIRY),
            ("Subject", "Kontaktformular: Anfrage"),
            ("Message-ID", "<c8f1b7e2@www.teeladen.example>"),
            ("X-Mailer", "PHPMailer 6.9.1 (https://github.com/PHPMailer/PHPMailer)"),
            ("X-PHP-Originating-Script", "33:class-phpmailer.php"),
            ("Feedback-ID", "::1.eu-west-1.x0Yt2mWqLr9sKpVbNcZdEf==:AmazonSES"),
            ("X-SES-Outgoing", "2026.11.22-54.240.7.11"),
            ("MIME-Version", "1.0"),
        ],
        part(
            "text/plain",
            "Name: Karl Kunde\nE-Mail: karl@kunde.example\nNachricht:\nWann ist die Kanne wieder lieferbar?\n",
        ),
    )
    return First(
        "shop-contact-form-through-ses", raw, "0102019a-bounce@eu-west-1.amazonses.com",
        "form@teeladen.example", "Kontaktformular: Anfrage",
        ("Wann ist die Kanne wieder lieferbar?",),
    )  # fmt: skip


def _scanner() -> First:
    raw = mail(
        [
            ("From", "scanner3og@praxis.example"),
            ("To", INQUIRY),
            ("Subject", "Message from KM_C250i"),
            ("Date", date_now()),
            ("Message-ID", "<5F3C2A10.00A1.0001@praxis.example>"),
            ("MIME-Version", "1.0"),
            ("X-Mailer", "KONICA MINOLTA bizhub C250i"),
            ("X-Priority", "3"),
        ],
        multi(
            "mixed",
            "KONICA_MINOLTA_Internet_Fax_Boundary",
            part("text/plain", "Signed order form, 1 page.\n", "us-ascii", "7bit"),
            attachment("SKM_C250i26112215040.pdf", "application/pdf", PDF),
        ),
    )
    return First(
        "scanner-with-pdf", raw, "scanner3og@praxis.example", "scanner3og@praxis.example",
        "Message from KM_C250i", ("Signed order form",), files=("SKM_C250i26112215040.pdf",),
    )  # fmt: skip


def _smime() -> First:
    inner = part(
        "text/plain",
        "Please confirm the delivery date of the kettles.\n\nS. Egner\n",
        "utf-8",
        "7bit",
    )
    signature = part(
        "application/pkcs7-signature",
        b"0\x82\x01\x10" + b"signature" * 20,
        encoding="base64",
        parameters="; name=smime.p7s",
        headers=[("Content-Disposition", "attachment; filename=smime.p7s")],
    )
    raw = mail(
        [
            ("From", "Sven Egner <egner@kanzlei.example>"),
            ("To", INQUIRY),
            ("Subject", "Delivery date"),
            ("Date", date_now()),
            ("Message-ID", "<000b01dc5b7a$1c2d3e4f$5a6b7c8d$@kanzlei.example>"),
            ("MIME-Version", "1.0"),
            ("X-Mailer", "Microsoft Outlook 16.0"),
        ],
        multi(
            "signed", "----=_NextPart_000_000C_01DC5B7A", inner, signature,
            parameters=' protocol="application/x-pkcs7-signature"; micalg=SHA1;',
            note="This is a multipart message in MIME format.\n",
        ),
    )  # fmt: skip
    return First(
        "smime-signed",
        raw,
        "egner@kanzlei.example",
        "egner@kanzlei.example",
        "Delivery date",
        ("confirm the delivery date",),
        files=("smime.p7s",),
    )


def _pgp() -> First:
    inner = part(
        "text/plain",
        "Hallo,\n\nmein Kessel pfeift nicht mehr.\n\nGrüße\nPia",
        "UTF-8",
        "quoted-printable",
        parameters="; format=flowed",
    )
    signature = part(
        "application/pgp-signature",
        "-----BEGIN PGP SIGNATURE-----\n\nwsD5BAABCAAjFiEEabcdefghijklmnopqrstuvwxyz0123456789\n=ABCD\n-----END PGP SIGNATURE-----\n",
        "us-ascii", "", parameters='; name="OpenPGP_signature.asc"',
        headers=[("Content-Disposition", 'attachment; filename="OpenPGP_signature.asc"')],
    )  # fmt: skip
    raw = mail(
        [
            ("Message-ID", "<0b7f4cde-1111-4a2b-9c3d-5e6f708192a3@pia.example>"),
            ("Date", date_now()),
            ("MIME-Version", "1.0"),
            ("User-Agent", "Mozilla Thunderbird"),
            ("Content-Language", "de-DE"),
            ("To", INQUIRY),
            ("From", "Pia Gruen <pia@pia.example>"),
            ("Subject", "Kessel"),
        ],
        multi(
            "signed", "------------8Yx2mWqLr9sKpVbNcZdEfG", inner, signature,
            parameters=' micalg=pgp-sha256;\n protocol="application/pgp-signature";',
            note="This is an OpenPGP/MIME signed message (RFC 4880 and 3156)",
        ),
    )  # fmt: skip
    return First(
        "pgp-signed",
        raw,
        "pia@pia.example",
        "pia@pia.example",
        "Kessel",
        ("mein Kessel pfeift nicht mehr",),
        files=("OpenPGP_signature.asc",),
    )


def _invitation() -> First:
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n"
        "BEGIN:VEVENT\r\nORGANIZER;CN=Olga Office:mailto:olga@office.example\r\n"
        f"ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{INQUIRY}\r\n"
        "SUMMARY:Call about the broken kettles\r\nDTSTART:20261203T090000Z\r\nDTEND:20261203T093000Z\r\n"
        "UID:040000008200E00074C5B7101A82E008\r\nDTSTAMP:20261122T150405Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    raw = mail(
        [
            ("From", "Olga Office <olga@office.example>"),
            ("To", INQUIRY),
            ("Subject", "Call about the broken kettles"),
            ("Thread-Index", "AQHcW99990000aaaabbbbcccc=="),
            ("Date", date_now()),
            ("Message-ID", "<AM0PR04MB70129999@AM0PR04MB7012.eurprd04.prod.outlook.com>"),
            ("Content-Class", "urn:content-classes:calendarmessage"),
            ("X-MS-Has-Attach", " "),
            ("X-MS-Exchange-Calendar-Series-Instance-Id", " "),
            ("MIME-Version", "1.0"),
        ],
        multi(
            "alternative", "_000_AM0PR04MB70129999AM0PR04MB7012eurp_",
            part("text/plain", "Can we talk about this on Thursday?\n", "utf-8", "base64"),
            part("text/html", "<html><body><p>Can we talk about this on Thursday?</p></body></html>", "utf-8", "base64"),
            part("text/calendar", calendar, "utf-8", "base64", parameters="; method=REQUEST"),
        ),
    )  # fmt: skip
    return First(
        "calendar-invitation",
        raw,
        "olga@office.example",
        "olga@office.example",
        "Call about the broken kettles",
        ("Can we talk about this on Thursday?",),
        files=("attachment-1.ics",),
    )


def _japanese() -> First:
    raw = mail(
        [
            ("Date", date_now("JST")),
            ("From", "=?ISO-2022-JP?B?GyRCOzNFREJATzobKEI=?= <yamada@denki.example>"),
            ("To", INQUIRY),
            ("Subject", word("やかんの交換について", "iso-2022-jp")),
            ("Message-Id", "<20261122150405.1A2B.YAMADA@denki.example>"),
            ("MIME-Version", "1.0"),
            ("X-Mailer", "Becky! ver. 2.81.07 [ja]"),
        ],
        part(
            "text/plain",
            "お世話になっております。\n\nやかんの蓋が割れていました。交換をお願いします。\n\n山田太郎\n",
            "ISO-2022-JP",
            "7bit",
        ),
    )
    return First(
        "becky-iso-2022-jp",
        raw,
        "yamada@denki.example",
        "yamada@denki.example",
        "やかんの交換について",
        ("やかんの蓋が割れていました。",),
    )


def _naver() -> First:
    markup = '<html><head><style>p{margin-top:0px;margin-bottom:0px;}</style></head><body><div style="font-size:10pt; font-family:Gulim;"><p>안녕하세요,</p><p><br></p><p>주전자 뚜껑이 깨져서 도착했습니다.</p></div></body></html>'
    raw = mail(
        [
            ("Date", date_now("KST")),
            ("From", mailbox("김안나", "anna.kim@naver.example", "euc-kr")),
            ("To", f'"{INQUIRY}" <{INQUIRY}>'),
            ("Message-ID", "<7e1f2a3b4c5d@cweb014.nm>"),
            ("Subject", word("주전자 문의", "euc-kr")),
            ("MIME-Version", "1.0"),
            ("Importance", "normal"),
            ("X-Naver-CIP", "192.0.2.77"),
        ],
        part("text/html", markup, "euc-kr", "base64"),
    )
    return First(
        "naver-euc-kr",
        raw,
        "anna.kim@naver.example",
        "anna.kim@naver.example",
        "주전자 문의",
        ("주전자 뚜껑이 깨져서 도착했습니다.",),
    )


def _qq() -> First:
    raw = mail(
        [
            ("X-QQ-mid", "webmail812t1763823845t1234567"),
            ("X-QQ-FEAT", "bm90aGluZyBoZXJl"),
            ("X-QQ-BUSINESS-ORIGIN", "2"),
            ("From", mailbox("小安", "10001@qq.example", "gb18030")),
            ("To", mailbox("support", INQUIRY)),
            ("Subject", word("水壶漏水", "gb18030")),
            ("Mime-Version", "1.0"),
            ("Date", date_now()),
            ("X-Priority", "3"),
            ("Message-ID", "<tencent_0A1B2C3D4E5F60718293A4B5C6D7E8F90A08@qq.example>"),
            ("X-QQ-MIME", "TCMime 1.0 by Tencent"),
            ("X-Mailer", "QQMail 2.x"),
            ("X-QQ-Mailer", "QQMail 2.x"),
        ],
        multi(
            "alternative", "----=_NextPart_6923A1B2_0A1B2C3D_4E5F6071",
            part("text/plain", "您好，\n我买的水壶漏水了，请更换。\n", "gb18030", "base64"),
            part("text/html", '<meta http-equiv="Content-Type" content="text/html; charset=GB18030"><div>您好，</div><div>我买的水壶漏水了，请更换。</div>', "gb18030", "base64"),
            note="This is a multi-part message in MIME format.\n",
        ),
    )  # fmt: skip
    return First(
        "qq-gb18030", raw, "10001@qq.example", "10001@qq.example", "水壶漏水", ("我买的水壶漏水了",)
    )


def _raw_headers(name: str, written: str, customer: str, subject: str) -> First:
    """A shop program or a phone that never heard of RFC 2047 or of RFC 5322's atoms."""
    raw = mail(
        [
            ("From", written),
            ("To", INQUIRY),
            ("Subject", subject),
            ("Date", date_now()),
            ("Message-ID", f"<{name}@program.example>"),
            ("MIME-Version", "1.0"),
        ],
        part("text/plain", "Größe 2 bitte, für den Müller.\n", "utf-8", "8bit"),
    )
    return First(name, raw, customer, customer, subject, ("Größe 2 bitte",))


_HUBSPOT = (
    ("X-HubSpot-Message-Source", "sales"),
    ("X-HS-Cid", "4f3e2d1c-0b1a-4c2d-8e9f-102030405060"),
    ("List-Unsubscribe", "<https://app.crm.example/email-unsubscribe/one?k=4f3e2d1c>"),
)
_OUTREACH = (
    (
        "List-Unsubscribe",
        "<mailto:unsubscribe@crm.example?subject=4f3e2d1c>,\n <https://crm.example/u/4f3e2d1c>",
    ),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
)
_LIGATURE = "Donaudampfschifffahrtsgesellschaftskapitänsmützenständerbeleuchtungsersatzteillieferverzögerung"

FIRST = (
    _by("gmail-web", c.gmail, _letter("ann.first@gmail.com", "My kettle is broken", "Hello,\n\nthe kettle I bought leaks.\n\nAnn", name="Ann First"), "the kettle I bought leaks."),
    _by("gmail-android-emoji-subject", c.gmail, _letter("eva@gmail.com", "Order 🫖 still not here 😢", "Where is my order 4711? 🙏", name="Eva ✨"), "Where is my order 4711? 🙏", how={"phone": True}),
    _by("outlook-365", c.outlook_365, _letter("lea@firma.example", "Lieferung unvollständig", "Guten Tag,\n\nes fehlt der Deckel für die Kanne.", name="Lea Groß", signature="Lea Groß\nEinkauf"), "es fehlt der Deckel für die Kanne."),
    _by("outlook-desktop-with-logo", c.outlook_desktop, _letter("hugo@werk.example", "Angebot über 20 Kessel", "Guten Tag,\n\nbitte bieten Sie uns 20 Kessel an.", name="Hugo Müller", signature="Hugo Müller\nWerk GmbH"), "bitte bieten Sie uns 20 Kessel an.", how={"logo": PNG}, files=("image001.png",)),
    _by("outlook-plain-text", c.outlook_plain, _letter("otto@amt.example", "Rückfrage", "Sehr geehrte Damen und Herren,\n\nwie lange gilt die Gewähr – zwei Jahre?", name="Otto Öhler"), "wie lange gilt die Gewähr – zwei Jahre?"),
    _by("apple-mail", c.apple_mail, _letter("mia@me.example", "Tea pot", "Hi there,\n\nthe tea pot’s handle came off.", name="Mia", signature="Mia May"), "the tea pot’s handle came off."),
    _by("iphone", c.apple_mail, _letter("tom@icloud.com", "Help", "My kettle won’t switch on", name="Tom"), "My kettle won’t switch on", how={"phone": "Sent from my iPhone"}),
    _by("iphone-photo-of-10-mb", c.apple_mail, _letter("big@icloud.com", "Photo of the damage", "See the photo", name="Big", files=(attachment("IMG_2043.jpeg", "image/jpeg", LARGE),)), "See the photo", how={"phone": "Sent from my iPhone"}, files=("IMG_2043.jpeg",)),
    _by("samsung", c.samsung, _letter("sam@isp.example", "Refund please", "Please refund my order 77.", name="Sam"), "Please refund my order 77."),
    _by("yahoo", c.yahoo, _letter("yara@yahoo.com", "question", "Do you ship to Malta?", name="Yara"), "Do you ship to Malta?"),
    _by("web-de", c.webde, _letter("willi@web.de", "Frage zur Rechnung", "Hallo,\n\nauf der Rechnung fehlt die Umsatzsteuer.", name="Willi"), "auf der Rechnung fehlt die Umsatzsteuer."),
    _by("gmx", c.webde, _letter("greta@gmx.net", "Re-Klamation Teekanne", "Die Kanne kam zerbrochen an.", name="Greta Fröhlich", signature="Greta"), "Die Kanne kam zerbrochen an.", how={"maker": "gmx"}),
    _by("thunderbird-flowed", c.thunderbird, _letter("theo@theo.example", "Ersatzteil für den Wasserkocher", "Hallo zusammen, ich suche für meinen zwölf Jahre alten Wasserkocher einen neuen Deckel, möglichst in Rot.", name="Theo Bär", lang="de", signature="Theo Bär\n+49 30 1234567"), "zwölf Jahre alten Wasserkocher einen neuen Deckel"),
    _by("k-9", c.k9, _letter("kai@kai.example", "Zubehör", "Gibt es ein Sieb dazu?", name="Kai"), "Gibt es ein Sieb dazu?"),
    _by("proton-with-feedback-id", c.proton, _letter("paul@proton.me", "Privacy question", "Which data do you keep about me?", name="Paul"), "Which data do you keep about me?"),
    _by("zoho", c.zoho, _letter("zoe@zoe.example", "Bulk order", "We need 40 kettles in May.", name="Zoe"), "We need 40 kettles in May."),
    _by("fastmail-with-feedback-id", c.fastmail, _letter("finn@fastmail.com", "Warranty", "Is it still under warranty?", name="Finn"), "Is it still under warranty?"),
    _by("mutt", c.mutt, _letter("udo@shell.example", "kettle firmware", "Hi,\n\nhow do I update the firmware?", name="Udo", signature="udo"), "how do I update the firmware?"),
    _by("notes", c.notes, _letter("nora@office.example", "Bestellung", "Bitte senden Sie zwei Kessel an unser Büro.", name="Nora Jäger"), "zwei Kessel an unser Büro"),
    _contact_form(), _scanner(), _smime(), _pgp(), _invitation(), _japanese(), _naver(), _qq(),
    _by("arabic-right-to-left", c.gmail, _letter("amal@gmail.com", "الغلاية لا تعمل", "مرحبا،\n\nالغلاية التي اشتريتها لا تعمل.", name="أمل", lang="ar"), "الغلاية التي اشتريتها لا تعمل."),
    _by("hebrew-right-to-left", c.outlook_365, _letter("dana@office.co.example", "הקומקום מקולקל", "שלום,\n\nהקומקום שקניתי דולף.", name="דנה", lang="he"), "הקומקום שקניתי דולף."),
    _by("long-german-compound-subject", c.thunderbird, _letter("kurt@post.example", _LIGATURE, "Wo bleibt das Teil?", name="Kurt", lang="de"), "Wo bleibt das Teil?"),
    _by("domain-without-dmarc", c.mutt, _letter("rolf@verein.example", "Mitgliedschaft", "Ich möchte Mitglied werden.", name="Rolf"), "Ich möchte Mitglied werden.", mail_from="bounces@mail.verein.example", verdicts=_NO_DMARC),
    _by("no-dmarc-but-aligned-dkim", c.thunderbird, _letter("jo@atelier.example", "Farbton", "Welches Rot ist das?", name="Jo"), "Welches Rot ist das?", mail_from="jo=atelier.example@relay.hoster.example", verdicts={"dmarc": "GRAY", "spf": "GRAY"}),
    _by("no-dmarc-nor-aligned-spf", c.k9, _letter("ida@klein.example", "Kleine Frage", "Haben Sie auch Tassen?", name="Ida"), "Haben Sie auch Tassen?", mail_from="ida=klein.example@relay.hoster.example", verdicts=_NO_DMARC, disposition=FLAGGED),
    _by("forwarded-by-a-university-with-arc", c.gmail, _letter("prof@uni.example", "Replacement lid", "Could I have a new lid?", name="Prof. Dr. A. Forward", extra=(("ARC-Seal", "i=1; a=rsa-sha256; t=1763823845; cv=none; d=google.com; s=arc-20240605; b=bm90aGluZw=="), ("ARC-Authentication-Results", "i=1; mx.google.com; dkim=pass header.i=@uni.example; spf=pass smtp.mailfrom=prof@uni.example; dmarc=pass header.from=uni.example"), ("X-Forwarded-To", INQUIRY), ("X-Forwarded-For", f"desk@uni.example {INQUIRY}"), ("Delivered-To", "desk@uni.example"))), "Could I have a new lid?", mail_from="desk+caf_=support=support.example.com@uni.example", verdicts={"dmarc": "FAIL", "spf": "PASS", "dkim": "FAIL"}, disposition=FLAGGED),
    _by("resent-by-a-friend", c.apple_mail, _letter("fritz@freund.example", "Fwd: kettle", "Can you help my aunt? Her mail is below.\n\nBegin forwarded message:\n\nFrom: Aunt Agnes <agnes@dorf.example>\nSubject: kettle\nDate: 21 November 2026 at 10:00:00 CET\nTo: fritz@freund.example\n\nFritz, it does not boil.", name="Fritz"), "Can you help my aunt?"),
    _by("exchange-suppressing-automatic-answers", c.outlook_365, _letter("vera@bank.example", "Order confirmation missing", "We have no confirmation yet.", name="Vera", extra=(("X-Auto-Response-Suppress", "DR, OOF, AutoReply"), ("X-MS-Exchange-Organization-AuthAs", "Internal"))), "We have no confirmation yet."),
    _by("assistant-sends-for-his-boss", c.outlook_desktop, _letter("boss@verlag.example", "Reklamation", "Der Chef wartet auf Ersatz.", name="Bea Boss", extra=(("Sender", "Ali Assistent <ali@verlag.example>"),)), "Der Chef wartet auf Ersatz.", mail_from="ali@verlag.example"),
    _by("crm-one-to-one-hubspot", c.gmail, _letter("carla@agentur.example", "Our kettles at your fair", "Hi team,\n\ncould we show your kettles at our stand?", name="Carla", extra=_HUBSPOT), "could we show your kettles at our stand?"),
    _by("crm-one-to-one-outreach", c.outlook_365, _letter("owen@vertrieb.example", "Invoice 2026-118", "Please send invoice 2026-118 again.", name="Owen", extra=_OUTREACH), "Please send invoice 2026-118 again."),
    _by("read-receipt-wanted", c.outlook_desktop, _letter("rita@recht.example", "Widerruf", "Hiermit widerrufe ich den Kauf vom 3. November.", name="Rita", extra=(("Disposition-Notification-To", "Rita <rita@recht.example>"), ("Return-Receipt-To", "rita@recht.example"), ("X-Confirm-Reading-To", "rita@recht.example"))), "Hiermit widerrufe ich den Kauf"),
    _by("urgent", c.outlook_desktop, _letter("uwe@eilig.example", "DRINGEND!!! Lieferung", "Bitte heute noch liefern.", name="Uwe", extra=(("Importance", "high"), ("X-Priority", "1 (Highest)"), ("X-MSMail-Priority", "High"))), "Bitte heute noch liefern."),
    _by("bcc-to-undisclosed-recipients", c.gmail, _letter("bea@gmail.com", "Comparing offers", "What does a kettle cost with you?", name="Bea", to="undisclosed-recipients:;"), "What does a kettle cost with you?"),
    _by("person-called-no-reply", c.webde, _letter("no.reply.mueller@web.de", "Frage", "Ich heiße wirklich so. Wann kommt mein Kessel?", name="Norbert O. Reply-Müller"), "Wann kommt mein Kessel?"),
    _by("apostrophe-and-plus-in-the-address", c.zoho, _letter("sean.o'brien+shop@dublin.example", "Grand kettle", "Grand kettle, but the cord is short. Is there a longer one?", name="Seán O'Brien"), "Is there a longer one?"),
    _by("auto-submitted-no", c.k9, _letter("nele@nein.example", "Farbe", "Gibt es den Kessel in Blau?", name="Nele", extra=(("Auto-Submitted", "no"), ("X-Autoreply", "no"), ("Precedence", "normal"))), "Gibt es den Kessel in Blau?"),
    _by("subject-that-is-missing", c.apple_mail, _letter("stu@stumm.example", "", "no subject, sorry. is the shop open on monday?", name="Stu"), "is the shop open on monday?", how={"phone": "Sent from my iPad"}),
    _by("asks-about-an-out-of-office-notice", c.gmail, _letter("olaf@gmail.com", "Question about your automatic reply", "I got your automatic reply. Will somebody answer?", name="Olaf"), "Will somebody answer?"),
    _by("shop-with-esp-marks", c.webde, _letter("info@buchladen.example", "Rückfrage zu Auftrag 99", "Wurde Auftrag 99 schon verschickt?", name="Buchladen", extra=(("Feedback-ID", "105:1929:transactional:mailprovider"), ("X-CSA-Complaints", "csa-complaints@eco.de"))), "Wurde Auftrag 99 schon verschickt?", mail_from="bounce-99@mail.buchladen.example"),
    _raw_headers("headers-in-raw-utf-8", "Jörg Müller <joerg@program.example>", "joerg@program.example", "Größe der Kanne"),
    _raw_headers("name-in-a-comment", "karl@program.example (Karl Kunde)", "karl@program.example", "Size"),
    _raw_headers("comma-without-quotes", "Kunde, Kurt <kurt@program.example>", "kurt@program.example", "Size"),
    _raw_headers("dots-of-a-japanese-phone", "<taro..yamada.@program.example>", "taro..yamada.@program.example", "Size"),
    _by("to-two-of-our-addresses", c.gmail, _letter("duo@gmail.com", "Twice", "I wrote you at both addresses, to be safe.", name="Duo", to=f"{INQUIRY}, Support <{INQUIRY.upper()}>"), "to be safe.", recipients=(INQUIRY, INQUIRY.upper())),
)  # fmt: skip
