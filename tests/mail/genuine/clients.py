"""Mail programs: how each of them writes a new mail and a reply. All of it written for these tests.

Header fields, their order, MIME structure, boundaries, quote style and encoding are each
program's habits; names, addresses and words are made up.
"""

# ruff: noqa: E501 - lines of HTML stand as their programs write them

import textwrap
import uuid
from html import escape

from tests.mail.genuine.letter import Letter, Seen, html, prefixed, said
from tests.mail.genuine.wire import date_now, mail, mailbox, multi, part, word

_HEADER_WORDS = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
}


def _id(letter: Letter, form: str) -> str:
    return "<" + form.format(n=letter.number, u=uuid.uuid5(uuid.NAMESPACE_URL, str(letter))) + ">"


def _with_files(letter: Letter, boundary: str, content: bytes) -> bytes:
    return multi("mixed", boundary, content, *letter.files) if letter.files else content


def _signed_off(letter: Letter, mark: str = "-- ") -> str:
    return f"{letter.text}\n\n{mark}\n{letter.signature}" if letter.signature else letter.text


# --- Gmail ---------------------------------------------------------------------------------------

_GMAIL_SAID = {
    "en": "On {day}, {month} {d}, {y} at {clock12} {who} wrote:",
    "de": "Am {day}, {d}. {month} {y} um {clock} Uhr schrieb {who}:",
    "fr": "Le {day} {d} {month} {y} à {clock}, {who} a écrit :",
    "es": "El {day}, {d} {month} {y} a las {clock}, {name} (<{address}>) escribió:",
    "ja": "{y}年{m}月{d}日({day}) {clock} {who}:",
}


def gmail(letter: Letter, *, phone: bool = False) -> bytes:
    """Gmail in the browser or on Android: two alternatives, quote in div.gmail_quote."""
    plain = _signed_off(letter)
    rtl = ' dir="rtl"' if letter.lang in ("ar", "he") else ' dir="ltr"'
    markup = f"<div{' dir=auto' if phone else rtl}>{html(letter.text)}"
    if letter.signature:
        markup += (
            '<div><br clear="all"></div><br><span class="gmail_signature_prefix">-- </span><br>'
            '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">'
            f'<div dir="ltr">{html(letter.signature)}</div></div>'
        )
    markup += "</div>\n"
    if seen := letter.answers:
        attribution = said(seen, letter.lang, _GMAIL_SAID)
        start, bracket, rest = attribution.rpartition("<")
        wrapped = f"{start}{bracket}\n{rest}" if len(attribution) > 76 else attribution
        plain += f"\n\n{wrapped}\n\n{prefixed(seen.text)}"
        linked = escape(attribution).replace(
            escape(seen.address), f'<a href="mailto:{seen.address}">{seen.address}</a>'
        )
        markup += (
            f'<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{linked}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
            f"<div>{html(seen.text)}</div>\n</blockquote></div>\n"
        )
    boundary = f"000000000000{letter.number:04x}a5062b1f77c3"
    encoding = "quoted-printable" if not (plain + markup).isascii() else ""
    content = multi(
        "alternative",
        boundary,
        part("text/plain", plain, "UTF-8", encoding),
        part("text/html", markup, "UTF-8", encoding),
    )
    fields = [
        *letter.trace(f"mail-ed1-f{letter.number % 60 + 10}.google.com"),
        ("X-Gm-Message-State", f"AOJu0Yy{letter.number:04d}cGxhaW4gdGV4dCBvZiBubyBtZWFuaW5n"),
        ("X-Gm-Gg", "ASbGnctk8Qq0bW9yZSBvZiB0aGUgc2FtZQ"),
        ("X-Google-Smtp-Source", "AGHT+IEnb3RoaW5nIGltcG9ydGFudCBpcyBzYWlkIGhlcmU="),
        ("MIME-Version", "1.0"),
        *letter.threading(),
        ("From", mailbox(letter.name, letter.sender)),
        ("Date", date_now()),
        ("X-Gm-Features", "AWmQ_bk"),
        ("Message-ID", _id(letter, "CA+Ky{n:04d}-{u.hex}@mail.gmail.com")),
        ("Subject", word(letter.subject)),
        ("To", letter.to),
        ("Cc", letter.cc),
        *letter.extra,
    ]
    return mail(
        fields, _with_files(letter, f"000000000000{letter.number:04x}b5062b1f77c3", content)
    )


# --- Outlook -------------------------------------------------------------------------------------


def _outlook_block(seen: Seen, lang: str) -> list[tuple[str, str]]:
    names = _HEADER_WORDS.get(lang, _HEADER_WORDS["en"])
    sent = f"{seen.at:%A, %B} {seen.at.day}, {seen.at.year} {seen.at:%I:%M %p}"
    if lang != "en":
        sent = f"{seen.at:%d.%m.%Y %H:%M}"
    return list(zip(names, (seen.who, sent, seen.reader, seen.subject), strict=True))


def _exchange(letter: Letter, *more: tuple[str, str]) -> list[tuple[str, str]]:
    tenant = "6f1c2d3e-0a1b-4c2d-9e8f-102030405060"
    return [
        *letter.trace("AM0PR04CU002.outbound.protection.outlook.com"),
        (
            "ARC-Seal",
            "i=1; a=rsa-sha256; s=arcselector10001; d=microsoft.com; cv=none;\n"
            " b=bm90aGluZyB0aGF0IGNhbiBiZSBjaGVja2VkIGhlcmU=",
        ),
        (
            "ARC-Authentication-Results",
            f"i=1; mx.microsoft.com 1; spf=pass\n smtp.mailfrom={letter.domain}; dmarc=pass action=none header.from={letter.domain};\n"
            f" dkim=pass header.d={letter.domain}; arc=none",
        ),
        ("From", mailbox(letter.name, letter.sender, "iso-8859-1", "Q")),
        ("To", letter.to),
        ("CC", letter.cc),
        ("Subject", word(letter.subject)),
        ("Thread-Topic", word(letter.subject)),
        ("Thread-Index", f"AQHcW{letter.number:05d}k2m3n4o5p6q7r8s9t0u1v2w=="),
        ("Date", date_now()),
        (
            "Message-ID",
            _id(letter, "AM0PR04MB{n:04d}{u.hex}@AM0PR04MB7012.eurprd04.prod.outlook.com"),
        ),
        *reversed(letter.threading()),
        ("Accept-Language", "en-GB, en-US"),
        ("Content-Language", "en-GB"),
        ("X-MS-Has-Attach", "yes" if letter.files else ""),
        ("X-MS-TNEF-Correlator", " "),
        ("msip_labels", " "),
        (
            "authentication-results",
            f"dkim=none (message not signed)\n header.d=none;dmarc=none action=none header.from={letter.domain};",
        ),
        ("x-ms-publictraffictype", "Email"),
        ("x-ms-traffictypediagnostic", "AM0PR04MB7012:EE_|DB9PR04MB9259:EE_"),
        ("x-ms-exchange-senderadcheck", "1"),
        ("x-ms-exchange-antispam-relay", "0"),
        ("x-microsoft-antispam", "BCL:0;ARA:13230040|366016|1800799024|38070700018;"),
        ("X-MS-Exchange-CrossTenant-AuthAs", "Internal"),
        ("X-MS-Exchange-CrossTenant-Id", tenant),
        ("X-MS-Exchange-Transport-CrossTenantHeadersStamped", "DB9PR04MB9259"),
        ("X-OriginatorOrg", letter.domain),
        *more,
        *letter.extra,
    ]


def outlook_365(letter: Letter, *, footer: str = "") -> bytes:
    """Outlook in the browser, the new Outlook, and its phone apps (`footer`)."""
    plain = letter.text + (f"\n\n{letter.signature}" if letter.signature else "")
    markup = (
        '<html><head>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        '<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>\n</head>\n<body dir="ltr">\n'
        f'<div class="elementToProof" style="font-family: Aptos, Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">\n{html(letter.text)}</div>\n'
    )
    if letter.signature:
        markup += f'<div id="Signature"><p>{html(letter.signature)}</p></div>\n'
    if footer:
        plain += f"\n\n{footer}<https://aka.ms/o0ukef>"
        markup += f'<div id="ms-outlook-mobile-signature"><div></div>{footer.replace("Outlook", "<a href=https://aka.ms/o0ukef>Outlook</a>")}</div>\n'
    if seen := letter.answers:
        lines = _outlook_block(seen, letter.lang)
        rows = "<br>\n".join(f"<b>{name}:</b> {escape(value)}" for name, value in lines)
        plain += f"\n\n{'_' * 32}\n" + "\n".join(f"{name}: {value}" for name, value in lines)
        plain += f"\n\n{seen.text}"
        markup += (
            '<div id="appendonsend"></div>\n<hr style="display:inline-block;width:98%" tabindex="-1">\n'
            f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{rows}</font>\n'
            f"<div>&nbsp;</div>\n</div>\n<div>{html(seen.text)}</div>\n"
        )
    markup += "</body>\n</html>"
    encoding = "base64" if not letter.text.isascii() else "quoted-printable"
    boundary = f"_000_AM0PR04MB7012{letter.number:08d}AM0PR04MB7012eurp_"
    content = multi(
        "alternative",
        boundary,
        part("text/plain", plain, "utf-8", encoding),
        part("text/html", markup, "utf-8", encoding),
    )
    whole = _with_files(letter, boundary.replace("_000_", "_004_"), content)
    return mail([*_exchange(letter), ("MIME-Version", "1.0")], whole)


def outlook_desktop(letter: Letter, *, charset: str = "iso-8859-1", logo: bytes = b"") -> bytes:
    """Outlook on Windows: HTML made by Word, a logo from the signature within multipart/related."""
    plain = f"{letter.text}\n\n{letter.signature}".rstrip() + (
        "\n[cid:image001.png@01DC5B7A.4E1F2A30]" if logo else ""
    )
    paragraphs = "".join(
        f'<p class="MsoNormal"><span lang="EN-GB">{html(line) or "<o:p>&nbsp;</o:p>"}</span></p>\n'
        for line in f"{letter.text}\n\n{letter.signature}".split("\n")
    )
    if logo:
        paragraphs += '<p class="MsoNormal"><img border="0" width="120" height="40" id="Picture_x0020_1" src="cid:image001.png@01DC5B7A.4E1F2A30" alt="Logo"></p>\n'
    if seen := letter.answers:
        lines = _outlook_block(seen, letter.lang)
        plain += (
            "\n\n" + "\n".join(f"{name}: {value}" for name, value in lines) + f"\n\n{seen.text}"
        )
        rows = "<br>".join(f"<b>{name}:</b> {escape(value)}" for name, value in lines)
        paragraphs += (
            "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
            f"<p class=\"MsoNormal\"><span lang=EN-US style='mso-fareast-language:DE'>{rows}<o:p></o:p></span></p></div>\n"
            f'<p class="MsoNormal">{html(seen.text)}</p>\n'
        )
    markup = (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">\n'
        f'<head>\n<meta http-equiv="Content-Type" content="text/html; charset={charset}">\n<meta name="Generator" content="Microsoft Word 15 (filtered medium)">\n'
        '<!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]-->\n<style><!--\np.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;}\n--></style>\n</head>\n'
        f'<body lang="EN-GB" link="#0563C1" vlink="#954F72" style=\'word-wrap:break-word\'>\n<div class="WordSection1">\n{paragraphs}</div>\n</body>\n</html>'
    )
    content = multi(
        "alternative",
        f"----=_NextPart_001_{letter.number:04d}_01DC5B7A.4E1F2A30",
        part("text/plain", plain.encode(charset, "xmlcharrefreplace").decode(charset), charset),
        part("text/html", markup.encode(charset, "xmlcharrefreplace").decode(charset), charset),
        note="This is a multipart message in MIME format.\n",
    )
    if logo:
        image = part(
            "image/png",
            logo,
            encoding="base64",
            parameters='; name="image001.png"',
            headers=[
                ("Content-Description", "image001.png"),
                ("Content-Disposition", 'inline; filename="image001.png"; size=70'),
                ("Content-ID", "<image001.png@01DC5B7A.4E1F2A30>"),
            ],
        )
        content = multi(
            "related",
            f"----=_NextPart_000_{letter.number:04d}_01DC5B7A.4E1F2A30",
            content,
            image,
            parameters=' type="multipart/alternative";',
        )
    fields = [
        *letter.trace("smtp.office.example"),
        ("From", mailbox(letter.name, letter.sender, charset, "Q")),
        ("To", letter.to),
        ("Cc", letter.cc),
        *letter.threading(),
        ("Subject", word(letter.subject, charset, "Q")),
        ("Date", date_now()),
        ("Message-ID", _id(letter, "{n:06x}01dc5b7a$4e1f2a30$ea5d7e90$@" + letter.domain)),
        ("MIME-Version", "1.0"),
        ("X-Mailer", "Microsoft Outlook 16.0"),
        ("Thread-Index", f"AQJ{letter.number:05d}k2m3n4o5p6q7r8s9t0u1v2w=="),
        ("Content-Language", "en-gb"),
        *letter.extra,
    ]
    return mail(
        fields, _with_files(letter, f"----=_NextPart_002_{letter.number:04d}_01DC5B7A", content)
    )


def outlook_plain(letter: Letter) -> bytes:
    """Outlook set to plain text: the old "Original Message" line, no mark on quoted lines."""
    plain = f"{letter.text}\n\n{letter.signature}".rstrip()
    if seen := letter.answers:
        lines = "\n".join(f"{name}: {value} " for name, value in _outlook_block(seen, letter.lang))
        opening = {"de": "Ursprüngliche Nachricht"}.get(letter.lang, "Original Message")
        plain += f"\n\n-----{opening}-----\n{lines}\n\n{seen.text}"
    fields = [
        *letter.trace("exchange.office.example"),
        ("From", mailbox(letter.name, letter.sender, "iso-8859-1", "Q")),
        ("To", letter.to),
        ("Cc", letter.cc),
        *letter.threading(),
        ("Subject", word(letter.subject, "iso-8859-1", "Q")),
        ("Date", date_now()),
        ("Message-ID", _id(letter, "{u.hex}@exchange.office.example")),
        ("MIME-Version", "1.0"),
        ("X-Mailer", "Microsoft Outlook 14.0"),
        *letter.extra,
    ]
    return mail(fields, part("text/plain", plain, "windows-1252", "quoted-printable"))


# --- Apple ---------------------------------------------------------------------------------------

_APPLE_SAID = {
    "en": "On {d} {month} {y}, at {clock}, {who} wrote:",
    "de": "Am {d:02d}.{m:02d}.{y} um {clock} schrieb {who}:",
    "fr": "Le {d} {month} {y} à {clock}, {who} a écrit :",
}


def apple_mail(letter: Letter, *, phone: str = "") -> bytes:
    """Mail of a Mac, or of a phone whose footer is `phone`."""
    plain, markup = letter.text, html(letter.text)
    if letter.signature:
        plain += f"\n\n-- \n{letter.signature}"
        markup += f"<br><div>\n-- <br>{html(letter.signature)}</div>"
    if phone:
        plain += f"\n\n{phone}"
        markup += f'<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{phone}</div>'
    if seen := letter.answers:
        attribution = said(seen, letter.lang, _APPLE_SAID)
        zero = "\ufeff" if phone else ""
        plain += f"\n\n> {attribution}\n> \n{prefixed(zero + seen.text)}"
        markup += (
            f'<div><br><blockquote type="cite"><div>{escape(attribution)}</div><br class="Apple-interchange-newline">'
            f"<div>{zero}{html(seen.text)}</div></blockquote></div><br>"
        )
    page = f'<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">{markup}</body></html>'
    encoding = "base64" if phone else "quoted-printable"
    maker = "Apple-Mail-" if phone else "Apple-Mail=_"
    boundary = f"{maker}{str(uuid.uuid5(uuid.NAMESPACE_DNS, str(letter.number))).upper()}"
    content = multi(
        "alternative",
        boundary,
        part("text/plain", plain, "utf-8", encoding, parameters="" if phone else ";\n delsp=no"),
        part("text/html", page, "utf-8", encoding),
    )
    fields = [
        *letter.trace("p00-icloudmta-asmtp-us-east-1a.p00.icloudmailrelay.example"),
        ("From", mailbox(letter.name, letter.sender, "utf-8", "Q")),
        (
            "Mime-Version",
            "1.0 (1.0)" if phone else "1.0 (Mac OS X Mail 16.0 \\(3826.300.87.4.3\\))",
        ),
        ("Subject", word(letter.subject, "utf-8", "Q")),
        ("Message-Id", _id(letter, "{u}@" + letter.domain)),
        *letter.threading(),
        ("Cc", letter.cc),
        ("To", letter.to),
        ("Date", date_now()),
        ("X-Mailer", "iPhone Mail (23B85)" if phone else "Apple Mail (2.3826.300.87.4.3)"),
        *letter.extra,
    ]
    return mail(fields, _with_files(letter, f"{maker}{letter.number:08d}", content))


# --- phones --------------------------------------------------------------------------------------


def samsung(letter: Letter) -> bytes:
    """Samsung's mail program."""
    plain = f"{letter.text}\n\n\nSent from my Galaxy"
    markup = f'<div dir="auto">{html(letter.text)}</div><div><br></div><div id="composer_signature" dir="auto"><div style="font-size:12px;color:#575757" dir="auto">Sent from my Galaxy</div></div>'
    if seen := letter.answers:
        lines = [
            ("From", seen.who),
            ("Date", f"{seen.at:%d/%m/%Y  %H:%M}  (GMT+00:00) "),
            ("To", seen.reader),
            ("Subject", seen.subject),
        ]
        rows = "".join(f"<div>{name}: {escape(value)} </div>" for name, value in lines)
        plain += "\n\n-------- Original message --------\n"
        plain += "\n".join(f"{name}: {value} " for name, value in lines) + f"\n\n{seen.text}"
        markup += f'<div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- Original message --------</div>{rows}</div><div><br></div>{html(seen.text)}'
    content = multi(
        "alternative",
        f"--_com.samsung.android.email_{letter.number:016d}",
        part("text/plain", plain, "utf-8", "base64"),
        part("text/html", f"<html><head></head><body>{markup}</body></html>", "utf-8", "base64"),
    )
    fields = [
        *letter.trace("smtp.mobile.example"),
        ("Date", date_now()),
        ("Subject", word(letter.subject)),
        ("Message-ID", _id(letter, "{u.hex}.{n}@email.android.com")),
        ("X-Android-Message-ID", f"<{letter.number}@email.android.com>"),
        *letter.threading(),
        ("Importance", "normal"),
        ("From", mailbox(letter.name, letter.sender)),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("MIME-Version", "1.0"),
        *letter.extra,
    ]
    return mail(
        fields, _with_files(letter, f"--_com.samsung.android.email_{letter.number}_1", content)
    )


def k9(letter: Letter) -> bytes:
    """K-9 Mail (Thunderbird for Android): plain text, quote marked without a blank."""
    plain = _signed_off(letter)
    if seen := letter.answers:
        forms = {
            "en": "On {d} {month} {y} {clock}:05 GMT, {who} wrote:",
            "de": "Am {d}. {month} {y} {clock}:05 MEZ schrieb {who}:",
        }
        plain += f"\n\n{said(seen, letter.lang, forms)}\n{prefixed(seen.text, '>')}"
    fields = [
        *letter.trace("mail.post.example"),
        ("Date", date_now()),
        ("From", mailbox(letter.name, letter.sender, "utf-8", "Q")),
        ("To", letter.to),
        ("CC", letter.cc),
        ("Subject", word(letter.subject, "utf-8", "Q")),
        ("User-Agent", "K-9 Mail for Android"),
        *letter.threading(),
        ("Message-ID", _id(letter, "{u}@" + letter.domain)),
        (
            "Autocrypt",
            f"addr={letter.sender}; keydata=\n mDMEZ0x9AhYJKwYBBAHaRw8BAQdAabcdefghijklmnopqrstuvwxyz0123456789",
        ),
        ("MIME-Version", "1.0"),
        *letter.extra,
    ]
    return mail(fields, part("text/plain", plain, "utf-8", "quoted-printable"))


# --- mail in the browser -------------------------------------------------------------------------


def yahoo(letter: Letter) -> bytes:
    """Yahoo: its plain side indents the quote and marks it with nothing."""
    plain, markup = (
        f" {letter.text}",
        f'<div class="ydp1f" dir="ltr" data-setdir="false">{html(letter.text)}</div>',
    )
    if seen := letter.answers:
        at = f"On {seen.at:%A, %B} {seen.at.day}, {seen.at.year} at {seen.at:%I:%M:%S %p} GMT, {seen.who} wrote:"
        plain += f"\n\n    {at}  \n \n {seen.text}\n  "
        markup += (
            f'<div id="yahoo_quoted_{letter.number}" class="yahoo_quoted"><div style="font-family:Helvetica;font-size:13px;color:#26282a;">'
            f"<div>{escape(at)}</div><div><br></div><div><br></div><div>{html(seen.text)}</div></div></div>"
        )
    content = multi(
        "alternative",
        f"----=_Part_{letter.number}_1203948576.1763823845123",
        part("text/plain", plain, "UTF-8"),
        part("text/html", f"<html><head></head><body>{markup}</body></html>", "UTF-8"),
    )
    fields = [
        *letter.trace("sonic301-21.consmr.mail.ne1.yahoo.example"),
        ("X-YMail-OSG", f"kT{letter.number:05d}wVM1n.bm90aGluZyBoZXJl"),
        ("X-Sonic-MF", f"<{letter.sender}>"),
        ("X-Sonic-ID", "8b2f7b4e-6a0e-4e0b-9d1c-0d3f2c1b0a99"),
        ("Date", date_now("UTC")),
        ("From", mailbox(letter.name, letter.sender)),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("Message-ID", _id(letter, "{n}.1203948576.1763823845123@mail.yahoo.com")),
        *letter.threading(),
        ("Subject", word(letter.subject)),
        ("MIME-Version", "1.0"),
        ("X-Mailer", "WebService/1.1.24665 YMailNovation"),
        *letter.extra,
    ]
    return mail(fields, content)


def webde(letter: Letter, *, maker: str = "webde") -> bytes:
    """web.de and GMX in the browser: HTML and nothing else."""
    markup = f'<html><head></head><body><div style="font-family: Verdana;font-size: 12.0px;"><div>{html(letter.text)}</div>\n'
    if letter.signature:
        markup += f'<div class="signature">--&nbsp;<br/>\n{html(letter.signature)}</div>\n'
    if seen := letter.answers:
        rows = "<br/>\n".join(
            f"<b>{name}:</b>&nbsp;{escape(value)}" for name, value in _outlook_block(seen, "de")
        )
        markup += (
            '<div>&nbsp;\n<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5; word-wrap: break-word;">\n'
            f'<div style="margin:0 0 10px 0;">{rows}</div>\n<div name="quoted-content">{html(seen.text)}</div>\n</div>\n</div>\n'
        )
    fields = [
        *letter.trace(f"mout.{maker}.example"),
        ("MIME-Version", "1.0"),
        ("Message-ID", _id(letter, "trinity-{u}-1763823845123@3c-app-" + maker + "-bap12")),
        ("From", mailbox(letter.name, letter.sender)),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("Subject", word(letter.subject)),
        ("Date", date_now()),
        ("Importance", "normal"),
        ("Sensitivity", "Normal"),
        *letter.threading(),
        ("X-UI-Message-Type", "mail"),
        ("X-Priority", "3"),
        ("X-Provags-ID", "V03:K1:bm90aGluZyB0aGF0IG1lYW5zIGFueXRoaW5n"),
        ("X-UI-Out-Filterresults", "notjunk:1;V03:K0:abcdefg=;hijklmn"),
        *letter.extra,
    ]
    content = part("text/html", markup + "</div></body></html>", "UTF-8")
    return mail(fields, _with_files(letter, f"{maker}-{letter.number}-3c", content))


def proton(letter: Letter) -> bytes:
    """Proton Mail: a Feedback-ID on every mail of a person."""
    plain, markup = (
        letter.text,
        f'<div style="font-family: Arial, sans-serif; font-size: 14px;">{html(letter.text)}</div>',
    )
    plain += "\n\nSent with [Proton Mail](https://proton.me/mail/home) secure email."
    markup += '<div class="protonmail_signature_block"><div class="protonmail_signature_block-proton">Sent with <a href="https://proton.me/mail/home">Proton Mail</a> secure email.</div></div>'
    if seen := letter.answers:
        forms = {"en": "On {long} at {clock12}, {who} wrote:"}
        attribution = said(seen, "en", forms)
        plain += f"\n\n{attribution}\n\n{prefixed(seen.text)}"
        markup += f'<div class="protonmail_quote">\n        {escape(attribution)}<br>\n<blockquote class="protonmail_quote" type="cite">{html(seen.text)}</blockquote><br>\n    </div>'
    content = multi(
        "alternative",
        f"b1_{letter.number:04d}Q8fR2kLmN7pTzXcVbYhJgKd",
        part("text/plain", plain, "utf-8", "base64"),
        part("text/html", markup, "utf-8", "base64"),
    )
    fields = [
        *letter.trace("mail-4316.protonmail.example"),
        ("Date", date_now()),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("From", mailbox(letter.name, letter.sender)),
        ("Subject", word(letter.subject)),
        ("Message-ID", _id(letter, "Zx{n:04d}{u.hex}_kJ8sQ==@" + letter.domain)),
        *letter.threading(),
        ("Feedback-ID", f"{7_700_000 + letter.number}:user:proton"),
        ("X-Pm-Message-ID", "0f1e2d3c4b5a69788796a5b4c3d2e1f001122334"),
        ("MIME-Version", "1.0"),
        *letter.extra,
    ]
    return mail(fields, content)


def zoho(letter: Letter) -> bytes:
    """Zoho Mail."""
    plain, markup = (
        letter.text,
        f'<div style="font-family: Verdana, Arial, Helvetica, sans-serif; font-size: 10pt;"><div>{html(letter.text)}</div>',
    )
    if seen := letter.answers:
        at = f"---- On {seen.at:%a, %d %b %Y %H:%M:%S} +0000 {seen.who} wrote ---"
        plain += f"\n\n\n{at}\n\n{seen.text}"
        markup += f'<br><div id="Zm-_Id_-Sgn" data-zbluepencil-ignore="true"></div><div class="zmail_extra_hr" style="border-top: 1px solid rgb(204, 204, 204);"><br></div><div class="zmail_extra" data-zbluepencil-ignore="true"><div id="Zm-_Id_-Sgn1">{escape(at)}</div><blockquote id="blockquote_zmail" style="margin: 0px;"><div>{html(seen.text)}</div></blockquote></div>'
    content = multi(
        "alternative",
        f"----=_Part_{letter.number}_771203.1763823845123",
        part("text/plain", plain, "UTF-8"),
        part(
            "text/html",
            f'<html><head><meta content="text/html;charset=UTF-8" http-equiv="Content-Type"></head><body >{markup}</div></body></html>',
            "UTF-8",
        ),
    )
    fields = [
        *letter.trace("sender4-op-o12.zoho.example"),
        ("Date", date_now()),
        ("From", mailbox(letter.name, letter.sender)),
        ("To", f'"{letter.to}"<{letter.to}>' if "<" not in letter.to else letter.to),
        ("Cc", letter.cc),
        ("Message-ID", _id(letter, "19{n:04d}ab12cd.{u.int}@" + letter.domain)),
        *letter.threading(),
        ("Subject", word(letter.subject)),
        ("MIME-Version", "1.0"),
        ("Importance", "Medium"),
        ("User-Agent", "Zoho Mail"),
        ("X-Mailer", "Zoho Mail"),
        ("X-ZohoMailClient", "External"),
        *letter.extra,
    ]
    return mail(fields, content)


def fastmail(letter: Letter) -> bytes:
    """Fastmail: another Feedback-ID on a person's mail."""
    plain = letter.text
    markup = "".join(f"<div>{html(line) or '<br>'}</div>" for line in letter.text.split("\n"))
    if seen := letter.answers:
        attribution = (
            f"On {seen.at:%a, %d %b %Y}, at {seen.at:%I:%M %p}, {seen.name or seen.address} wrote:"
        )
        plain += f"\n\n{attribution}\n{prefixed(seen.text)}"
        markup += f'<div><br></div><div>{escape(attribution)}</div><blockquote type="cite" id="qt" style=""><div>{html(seen.text)}</div></blockquote>'
    content = multi(
        "alternative",
        f"{letter.number:032x}",
        part("text/plain", plain, "utf-8", "quoted-printable"),
        part(
            "text/html",
            f'<!DOCTYPE html><html><head><title></title><style type="text/css">p.MsoNormal{{margin:0}}</style></head><body>{markup}</body></html>',
            "utf-8",
        ),
    )
    fields = [
        *letter.trace("wfhigh3-smtp.messagingengine.example"),
        ("X-ME-Sender", "<xms:bm90aGluZyB0aGF0IG1lYW5zIGFueXRoaW5n>"),
        ("X-ME-Proxy", "<xmx:bm90aGluZyB0aGF0IG1lYW5zIGFueXRoaW5n>"),
        ("Feedback-ID", f"i{letter.number:08x}:Fastmail"),
        ("X-Mailer", "MessagingEngine.com Webmail Interface"),
        ("MIME-Version", "1.0"),
        ("X-ThreadId", "Tb2f1e0d9c8b7a695"),
        ("Date", date_now()),
        ("From", mailbox(letter.name, letter.sender)),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("Message-Id", _id(letter, "{u}@app.fastmail.com")),
        *letter.threading(),
        ("Subject", word(letter.subject)),
        *letter.extra,
    ]
    return mail(fields, content)


# --- for people who count columns ----------------------------------------------------------------


def _below(letter: Letter, attribution: str, style: str) -> str:
    """The quote first, the answer under it or between its lines."""
    assert letter.answers
    quoted = letter.answers.text
    if style == "bottom":
        return f"{attribution}\n{prefixed(quoted)}\n\n{letter.text}"
    asked, _, rest = quoted.partition("\n")
    first, _, second = letter.text.partition("\n\n")
    more = rest.strip().split("\n")[0]
    return f"{attribution}\n> {asked}\n\n{first}\n\n> {more}\n\n{second}"


def thunderbird(letter: Letter, *, style: str = "bottom", encoding: str = "8bit") -> bytes:
    """Thunderbird: plain text as format=flowed, the answer below or between what it answers."""
    text = letter.text
    if seen := letter.answers:
        forms = {
            "en": "On {d}/{m}/{y} {clock}, {name} wrote:",
            "de": "Am {d:02d}.{m:02d}.{y} um {clock} schrieb {name}:",
            "fr": "Le {d:02d}/{m:02d}/{y} à {clock}, {name} a écrit :",
        }
        attribution = said(seen, letter.lang, forms)
        top = f"{text}\n\n{attribution}\n{prefixed(seen.text)}"
        text = top if style == "top" else _below(letter, attribution, style)
    lines = []
    for line in text.split("\n"):
        wrapped = textwrap.wrap(line, 72, break_long_words=False, break_on_hyphens=False)
        keep = line.startswith(">") or len(wrapped) < 2
        lines.append(line if keep else " \n".join(wrapped))
    flowed = "\n".join(lines) + (f"\n\n-- \n{letter.signature}" if letter.signature else "")
    fields = [
        *letter.trace("mailout.post.example"),
        ("Message-ID", _id(letter, "{u}@" + letter.domain)),
        ("Date", date_now()),
        ("MIME-Version", "1.0"),
        ("User-Agent", "Mozilla Thunderbird"),
        ("Subject", word(letter.subject, "utf-8", "Q")),
        ("To", letter.to),
        ("Cc", letter.cc),
        *reversed(letter.threading()),
        ("Content-Language", letter.lang),
        ("From", mailbox(letter.name, letter.sender, "utf-8", "Q")),
        (
            "Autocrypt",
            f"addr={letter.sender}; keydata=\n xsBNBGd0x9ABCADabcdefghijklmnopqrstuvwxyz0123456789",
        ),
        *letter.extra,
    ]
    content = part("text/plain", flowed, "UTF-8", encoding, parameters="; format=flowed")
    return mail(fields, _with_files(letter, f"------------{letter.number:024d}", content))


def mutt(letter: Letter, *, style: str = "inline", charset: str = "utf-8") -> bytes:
    """Mutt: one plain part, answers between the quoted lines."""
    text = letter.text
    if seen := letter.answers:
        attribution = (
            f"On {seen.at:%a, %b %d, %Y at %I:%M:%S%p} +0000, {seen.name or seen.address} wrote:"
        )
        text = _below(letter, attribution, style)
    if letter.signature:
        text += f"\n\n-- \n{letter.signature}"
    fields = [
        *letter.trace("shell.example.net"),
        ("Date", date_now()),
        ("From", mailbox(letter.name, letter.sender, charset, "Q")),
        ("To", letter.to),
        ("Cc", letter.cc),
        ("Subject", word(letter.subject, charset, "Q")),
        ("Message-ID", _id(letter, "aR{n:04d}kWpQ8vZ1xY3c@shell.example.net")),
        ("Mail-Followup-To", f"{letter.sender}, {letter.to}" if letter.answers else ""),
        *reversed(letter.threading()),
        ("MIME-Version", "1.0"),
        ("User-Agent", "Mutt/2.2.13 (2024-03-09)"),
        *letter.extra,
    ]
    encoding = "8bit" if not text.isascii() else ""
    extra = [("Content-Disposition", "inline")]
    return mail(fields, part("text/plain", text, charset, encoding, headers=extra))


def notes(letter: Letter) -> bytes:
    """HCL Notes: ids and addresses in capitals, the quote announced by -----"Name" wrote: -----."""
    plain = f"{letter.text}\n\n{letter.signature}".rstrip()
    if seen := letter.answers:
        plain += (
            f'\n\n-----"{seen.name or seen.address}" <{seen.address}> wrote: -----\n'
            f"To: {seen.reader}\nFrom: {seen.who}\nDate: {seen.at:%d.%m.%Y %H:%M}\n"
            f"Subject: {seen.subject}\n\n{seen.text}"
        )
    fields = [
        *letter.trace("domino.office.example"),
        ("MIME-Version", "1.0"),
        ("Importance", "Normal"),
        ("X-Priority", "3 (Normal)"),
        ("Sensitivity", ""),
        *letter.threading(),
        ("From", mailbox(letter.name, letter.sender, "iso-8859-1", "Q")),
        ("Subject", word(letter.subject, "iso-8859-1", "Q")),
        ("To", letter.to),
        ("Cc", letter.cc),
        (
            "Message-ID",
            _id(
                letter,
                "OF{n:06X}A1B2.C3D4E5F6-ONC1258D4A.004F1234-C1258D4A.00512345@office.example",
            ),
        ),
        ("Date", date_now()),
        ("X-Mailer", "HCL Domino Release 14.0 November 2023"),
        (
            "X-MIMETrack",
            "Serialize by HTTP Server on MAIL01/OFFICE at 22.11.2026,\n Serialize complete at 22.11.2026",
        ),
        *letter.extra,
    ]
    return mail(fields, part("text/plain", plain, "ISO-8859-1", "quoted-printable"))
