"""Agents' answers to a relay address, from the mail programs that agents have."""

# ruff: noqa: RUF001 E501 - other scripts, and lines as programs write them

import base64
from collections.abc import Callable
from dataclasses import replace

from tests.mail.genuine import Answer
from tests.mail.genuine import clients as c
from tests.mail.genuine.letter import Letter, Seen
from tests.mail.genuine.wire import attachment, date_now, mail, multi, part, word

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LOGO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DISCLAIMER = (
    "This e-mail and any files transmitted with it are confidential and intended solely for the "
    "use of the individual or entity to whom they are addressed. If you have received it in "
    "error, please notify the sender and delete it."
)
_NAMES = {"alice": "Alice Archer", "bob": "Bob Baker", "carol": "Carol Chen"}


def _answer(
    name: str,
    client: Callable[..., bytes],
    text: str,
    /,
    *says: str,
    agent: str = "alice",
    how: dict | None = None,
    quoting: bool = False,
    **more,
) -> Answer:
    of_answer = {
        key: more.pop(key)
        for key in ("hides", "files", "stopped", "also_to_alias", "upper_case")
        if key in more
    }
    sender = more.pop("sender", f"{agent}@corp.example")
    more.setdefault("name", _NAMES[agent])
    enclosed = more.pop("enclosed", ())

    def write(relay: str, seen: Seen) -> bytes:
        shown = replace(seen, address=relay, reader=sender) if quoting else None
        to = more.get("to", "").format(relay=relay, alias=seen.address) or relay
        cc = more.get("cc", "").format(relay=relay, alias=seen.address, customer=seen.reader)
        rest = {key: value for key, value in more.items() if key not in ("to", "cc")}
        letter = Letter(
            sender, to, seen.subject, text, answers=shown, files=enclosed, cc=cc, **rest
        )
        return client(letter, **(how or {}))

    return Answer(name, write, says or (text,), agent, **of_answer)


def _one_part(
    name: str, text: str, charset: str, encoding: str, *, agent: str = "alice", **more
) -> Answer:
    """A program that writes one text part in a charset of its own."""

    def write(relay: str, seen: Seen) -> bytes:
        fields = [
            ("From", f"{_NAMES[agent]} <{agent}@corp.example>"),
            ("To", relay),
            ("Subject", word(seen.subject, "utf-8")),
            ("Date", date_now()),
            ("Message-ID", f"<{relay[6:30]}.{agent}@corp.example>"),
            ("MIME-Version", "1.0"),
            ("User-Agent", "Evolution 3.54.3"),
            *more.get("extra", ()),
        ]
        return mail(fields, part("text/plain", text, charset, encoding))

    return Answer(name, write, more.get("says", (text,)), agent, hides=())


def _signed(kind: str) -> Callable[[Letter], bytes]:
    def write(letter: Letter) -> bytes:
        inner = part("text/plain", letter.text, "utf-8", "quoted-printable")
        signature = part(
            f"application/{kind}-signature",
            b"-----BEGIN PGP SIGNATURE-----\n\nwsD5BAAB\n-----END PGP SIGNATURE-----\n"
            if kind == "pgp"
            else b"0\x82\x01\x10signature" * 9,
            encoding="" if kind == "pgp" else "base64",
            parameters='; name="OpenPGP_signature.asc"' if kind == "pgp" else '; name="smime.p7s"',
        )
        fields = [
            ("From", f"{letter.name} <{letter.sender}>"),
            ("To", letter.to),
            ("Subject", word(letter.subject)),
            ("Date", date_now()),
            ("Message-ID", f"<{letter.number}.{kind}@corp.example>"),
            ("MIME-Version", "1.0"),
            ("User-Agent", "Mozilla Thunderbird"),
        ]
        boundary = f"------------{letter.number:020d}"
        parameters = f' micalg=pgp-sha256;\n protocol="application/{kind}-signature";'
        return mail(fields, multi("signed", boundary, inner, signature, parameters=parameters))

    return write


def _html_only(letter: Letter) -> bytes:
    return c.webde(letter, maker="corp")


def _out_of_office(letter: Letter) -> bytes:
    return c.outlook_365(letter)


_EXCHANGE = (
    ("Importance", "high"),
    ("X-Priority", "1"),
    ("X-Auto-Response-Suppress", "DR, OOF, AutoReply"),
    ("X-MS-Exchange-Organization-SCL", "-1"),
    ("X-MS-Exchange-Organization-AuthSource", "AM0PR04MB7012.eurprd04.prod.outlook.com"),
)
_SIGNATURE = "Alice Archer\nCustomer Care\nTel. +44 20 7946 0000"

ANSWERS = (
    _answer("outlook-desktop-with-logo", c.outlook_desktop, "Dear customer,\n\nyour kettle leaves today.", "your kettle leaves today.", "Customer Care", signature=_SIGNATURE, how={"logo": LOGO}, quoting=True),
    _answer("outlook-365-quoting", c.outlook_365, "Hello,\n\nwe refund you 49.90.", "we refund you 49.90.", agent="bob", signature="Bob Baker", quoting=True),
    _answer("outlook-for-ios", c.outlook_365, "A colleague calls you at noon.", agent="carol", how={"footer": "Get Outlook for iOS"}),
    _answer("outlook-plain-text", c.outlook_plain, "The lid is on its way – sorry for the delay.", agent="bob", quoting=True),
    _answer("gmail-quoting-with-signature", c.gmail, "Hi,\n\nplease send us a photo of the spout.", "please send us a photo of the spout.", signature=_SIGNATURE, quoting=True),
    _answer("gmail-android", c.gmail, "Yes, it comes in blue.", agent="carol", how={"phone": True}, quoting=True),
    _answer("gmail-german", c.gmail, "Guten Tag,\n\nder Kessel kostet 49,90 €.", "der Kessel kostet 49,90 €.", lang="de", quoting=True, agent="bob"),
    _answer("apple-mail-with-pdf", c.apple_mail, "The manual is attached.", enclosed=(attachment("Manual.pdf", "application/pdf", PDF),), files=("Manual.pdf",), agent="carol", quoting=True),
    _answer("iphone", c.apple_mail, "Will do, give us a day", how={"phone": "Sent from my iPhone"}, quoting=True),
    _answer("samsung", c.samsung, "We ship on Tuesday.", agent="bob", quoting=True),
    _answer("k-9-german", c.k9, "Das Sieb liegt bei.", lang="de", agent="carol", quoting=True),
    _answer("thunderbird-flowed-signature", c.thunderbird, "The warranty of two years begins anew with the replacement, and you need not send the old kettle back to us at all.", "you need not send the old kettle back to us at all.", signature="Bob Baker | Care", agent="bob", quoting=True),
    _answer("thunderbird-on-top-quoted-printable", c.thunderbird, "Schöne Grüße aus München, er ist unterwegs.", how={"style": "top", "encoding": "quoted-printable"}, lang="de", quoting=True),
    _answer("pgp-signed", _signed("pgp"), "We never keep card numbers.", agent="carol"),
    _answer("smime-signed", _signed("pkcs7"), "The invoice was corrected.", agent="bob"),
    _answer("exchange-marks-and-importance", c.outlook_365, "Please stop using the kettle at once.", extra=_EXCHANGE, agent="bob", quoting=True),
    _answer("auto-submitted-no", c.k9, "It is red.", extra=(("Auto-Submitted", "no"),), agent="carol"),
    _answer("confidentiality-footer", c.outlook_desktop, "Your order is confirmed.", signature=f"Alice Archer\n\n{DISCLAIMER}", quoting=True),
    _one_part("base64", "The shop is open on Monday, 9–18.", "utf-8", "base64", agent="bob"),
    _one_part("utf-16", "Ihr Kessel ist fertig – abholbereit.", "utf-16", "base64", agent="carol"),
    _one_part("gb2312", "您好，新水壶明天寄出。", "gb2312", "base64", agent="bob"),
    _one_part("iso-8859-15-raw", "Der Deckel kostet 5 €, Grüße", "iso-8859-15", "8bit"),
    _one_part("windows-1252-quoted-printable", "“Blue” it is – thank you.", "windows-1252", "quoted-printable", agent="carol"),
    _one_part("read-receipt-wanted", "Please confirm your new address.", "us-ascii", "7bit", agent="bob", extra=(("Disposition-Notification-To", "Bob <bob@corp.example>"), ("X-Confirm-Reading-To", "bob@corp.example"))),
    _answer("name-with-a-comma", c.outlook_365, "Mr Archer's team looks into it.", name="Archer, Alice (Care)"),
    _answer("name-in-quotes", c.gmail, "A new lid was sent.", name='Bob "Kettle" Baker', agent="bob"),
    _answer("name-that-is-the-address", c.outlook_desktop, "The cord is two metres long.", name="carol@corp.example", agent="carol"),
    _answer("name-with-umlauts", c.outlook_desktop, "Der Schlüssel liegt bei.", name="Müller-Öz, Carol", agent="carol"),
    _answer("capital-letters", c.notes, "We call you back.", sender="Alice@CORP.EXAMPLE", upper_case=True),
    _answer("reply-all-with-the-customers-alias", c.outlook_365, "We keep you informed.", cc="{alias}", also_to_alias=True, agent="bob", quoting=True),
    _answer("reply-all-with-a-colleague", c.outlook_desktop, "The parts team was told, too.", cc="Carol Chen <carol@corp.example>", agent="bob", quoting=True),
    _answer("html-only", _html_only, "Ihr Paket kommt am Freitag.", agent="carol", signature="Carol", quoting=True),
    _answer("zoho-quoting", c.zoho, "Forty kettles are no problem.", agent="bob", quoting=True),
    _answer("fastmail-with-feedback-id", c.fastmail, "It costs as much as last year.", agent="carol", quoting=True),
    _answer("with-a-business-card", c.apple_mail, "My card is attached.", enclosed=(attachment("Care.vcf", "text/vcard", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Customer Care\r\nTEL:+442079460000\r\nEND:VCARD\r\n"),), files=("Care.vcf",)),
    _answer("out-of-office-notice", _out_of_office, "I am away until Monday.", extra=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")), stopped="automatic", agent="carol"),
    _answer("nothing-but-the-quote", c.gmail, "", quoting=True, stopped="empty", agent="bob"),
)  # fmt: skip
