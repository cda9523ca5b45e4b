"""A mail of any shape becomes a value."""

# ruff: noqa: RUF001 - words of other scripts stand here on purpose

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest

from emailchannel.mail.parse import message_ids, parse
from emailchannel.mail.values import Address, ParsedMail

HEAD = b"From: Ann <ann@customer.example>\r\nTo: support@shop.example\r\nSubject: Hi\r\n"


def mail(body: bytes = b"Hello\r\n", *fields: bytes) -> ParsedMail:
    return parse(HEAD + b"".join(field + b"\r\n" for field in fields) + b"\r\n" + body)


def multipart(kind: bytes, *parts: bytes, end: bytes = b"--B--\r\n") -> bytes:
    head = b"Content-Type: multipart/" + kind + b'; boundary="B"\r\n\r\n'
    return HEAD + head + b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + end


PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nplain"
HTML = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>rich</p>"
PDF = (
    b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Disposition: attachment\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"%PDF\0\xff" * 30)
)


class TestEnvelope:
    def test_people_subject_date_and_ids(self) -> None:
        read = mail(
            b"x",
            b"Sender: <robot@customer.example>",
            b"Reply-To: ann@private.example",
            b'Cc: "Doe, Jane" <jane@x.example>, =?utf-8?q?J=C3=B6rg?= <j@x.example>',
            b"Date: Thu, 05 Nov 2026 10:00:00 +0200",
            b"Message-ID: <abc@customer.example>",
            b"In-Reply-To: <m1@eu-west-1.amazonses.com>",
            b"References: <case.x@shop.example>\r\n <m1@eu-west-1.amazonses.com>",
        )
        assert read.from_ == Address("Ann", "ann@customer.example")
        assert read.sender == Address("", "robot@customer.example")
        assert read.reply_to == (Address("", "ann@private.example"),)
        assert read.to == (Address("", "support@shop.example"),)
        assert read.cc == (Address("Doe, Jane", "jane@x.example"), Address("Jörg", "j@x.example"))
        assert read.date == datetime(2026, 11, 5, 10, tzinfo=timezone(timedelta(hours=2)))
        assert read.message_id == "abc@customer.example"
        assert read.in_reply_to == ("m1@eu-west-1.amazonses.com",)
        assert read.references == ("case.x@shop.example", "m1@eu-west-1.amazonses.com")
        assert read.flags == frozenset()

    @pytest.mark.parametrize(
        ("date", "expected"),
        [
            (b"Thu, 05 Nov 2026 10:00:00 -0000", datetime(2026, 11, 5, 10, tzinfo=UTC)),
            (b"Fri, 31 Dec 9999 23:59:59 -1400", None),
            (b"yesterday", None),
            (b"", None),
        ],
    )
    def test_dates_are_aware_or_none(self, date: bytes, expected: datetime | None) -> None:
        assert mail(b"x", b"Date: " + date).date == expected

    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
            (b"=?utf-8?b?R3LD?= =?utf-8?b?vMOfZQ==?=", "Grüße"),
            (b"=?iso-8859-1?q?caf=E9?= au lait", "café au lait"),
            ("Grüße".encode(), "Grüße"),
            ("Grüße".encode("cp1252"), "Grüße"),
            (b"=?utf-8?q?hi=0D=0ABcc=3A_x=40y.example?=", "hi Bcc: x@y.example"),
            (b"a =?utf-8?q?unclosed", "a =?utf-8?q?unclosed"),
            (b"=?zlib?b?eJxLBAAAYgBi?= x", "b\ufffd x"),
        ],
    )
    def test_subjects(self, raw: bytes, expected: str) -> None:
        subject = parse(b"Subject: " + raw + b"\r\n\r\nx").subject
        if b"zlib" in raw:  # whatever the bytes are taken for, no codec of Python was chosen
            assert subject.endswith(" x")
        else:
            assert subject == expected

    def test_two_from_fields_are_flagged(self) -> None:
        assert "duplicate-from" in mail(b"x", b"From: eve@evil.example").flags
        two = parse(b"From: ann@x.example, eve@evil.example\r\n\r\nx")
        assert "several-from" in two.flags
        assert "duplicate-from" not in two.flags

    @pytest.mark.parametrize(
        ("raw", "mixed"),
        [
            (b"From: a@b.example\r\nSubject: s\r\n\r\nx\r\n", False),
            (b"From: a@b.example\nSubject: s\n\nx\n", False),
            (b"From: a@b.example\rSubject: s\r\rx\r", False),
            (b"From: a@b.example\r\nSubject: s\n\r\nx\r\n", True),
            (b"From: a@b.example\r\nX: 1\rFrom: eve@evil.example\r\n\r\nx", True),
        ],
    )
    def test_mixed_line_ends_are_flagged(self, raw: bytes, mixed: bool) -> None:
        assert ("mixed-line-endings" in parse(raw).flags) is mixed

    def test_no_sender_at_all(self) -> None:
        read = parse(b"Subject: x\r\n\r\nhi")
        assert read.from_ is None
        assert "no-from" in read.flags

    def test_ids_without_brackets_and_bounded(self) -> None:
        assert message_ids("<a@b> (x) <c@d>") == ("a@b", "c@d")
        assert message_ids("a@b c@d") == ("a@b", "c@d")
        assert message_ids("<[") == ()
        many = message_ids(" ".join(f"<{n}@x>" for n in range(5000)))
        assert len(many) == 200
        assert many[-1] == "4999@x"


class TestBody:
    def test_alternative_keeps_both(self) -> None:
        read = parse(multipart(b"alternative", PLAIN, HTML))
        assert (read.text, read.html, read.attachments) == ("plain", "<p>rich</p>", ())

    def test_html_alone_gives_text(self) -> None:
        read = parse(HEAD + HTML)
        assert read.text == "rich"
        assert read.new_text == "rich"

    def test_text_alone_gives_no_html(self) -> None:
        assert (mail().text, mail().html) == ("Hello", "")

    def test_attachment_bytes_are_exact(self) -> None:
        (file,) = parse(multipart(b"mixed", PLAIN, PDF)).attachments
        assert (file.filename, file.content_type, file.inline) == (
            "a.pdf",
            "application/pdf",
            False,
        )
        assert file.payload == b"%PDF\0\xff" * 30
        assert file.size == len(file.payload)

    def test_image_named_by_the_html_is_inline(self) -> None:
        html = b'Content-Type: text/html\r\n\r\n<img src="cid:i1@x">'
        image = b"Content-Type: image/png\r\nContent-ID: <i1@x>\r\n\r\npng"
        loose = b"Content-Type: image/png\r\nContent-ID: <i2@x>\r\n\r\npng"
        read = parse(multipart(b"related", html, image, loose))
        assert [(file.content_id, file.inline) for file in read.attachments] == [
            ("i1@x", True),
            ("i2@x", False),
        ]
        assert 'src="cid:i1@x"' in read.html

    def test_forwarded_file_is_an_attachment_and_not_merged(self) -> None:
        inner = (
            b"Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nSubject: Inner\r\n\r\nsecret"
        )
        read = parse(multipart(b"mixed", PLAIN, inner))
        assert read.text == "plain"
        assert [file.filename for file in read.attachments] == ["Inner.eml"]
        assert read.attachments[0].payload.startswith(b"From: a@b.example")

    def test_text_file_is_no_body(self) -> None:
        file = b'Content-Type: text/plain; name="log.txt"\r\n\r\nlog'
        read = parse(multipart(b"mixed", PLAIN, file))
        assert read.text == "plain"
        assert [one.filename for one in read.attachments] == ["log.txt"]

    def test_flowed_paragraphs_are_joined(self) -> None:
        body = b"one \r\ntwo\r\n> quoted \r\n> goes on\r\n -- space-stuffed\r\n"
        read = mail(body, b"Content-Type: text/plain; format=flowed")
        assert read.text == "one two\n> quoted goes on\n-- space-stuffed"

    @pytest.mark.parametrize(
        ("charset", "data", "expected"),
        [
            (b"utf-8", "Zürich".encode(), "Zürich"),
            (b"iso-8859-1", "10 € für".encode("cp1252"), "10 € für"),
            (b"ks_c_5601-1987", "안녕하세요".encode("cp949"), "안녕하세요"),
            (b"gb2312", "您好，世界".encode("gb18030"), "您好，世界"),
            (b"iso-2022-jp", "こんにちは".encode("iso2022_jp"), "こんにちは"),
            (b"cp-850", "für".encode("cp850"), "für"),
            (b"us-ascii", "für".encode(), "für"),
            (b"x-unknown", "für alle".encode(), "für alle"),
            (b"unicode_escape", b"\\x41", "\\x41"),
            (b"idna", b"xn--a", "xn--a"),
            (b"utf-7", b"+AOk-", "é"),
            (b"utf-8\0", "für".encode(), "für"),
        ],
    )
    def test_charsets(self, charset: bytes, data: bytes, expected: str) -> None:
        assert mail(data, b"Content-Type: text/plain; charset=" + charset).text == expected

    def test_unlabelled_eight_bit_text_is_guessed(self) -> None:
        text = "Привет, у меня вопрос о моём заказе, он ещё не пришёл. Спасибо за помощь!"
        read = mail(text.encode("koi8-r"))
        assert read.text == text
        assert "charset-guessed" in read.flags

    @pytest.mark.parametrize("encoded", [b"SGVsbG8", b"SGVs!bG8=", b"SGVs\r\nbG8=\r\n=\r\n"])
    def test_broken_base64_is_read_and_flagged(self, encoded: bytes) -> None:
        read = mail(encoded, b"Content-Transfer-Encoding: base64")
        assert read.text == "Hello"
        assert "bad-base64" in read.flags

    def test_reply_is_folded(self) -> None:
        read = mail(
            b"Thanks!\r\n\r\nOn 5 Nov 2026 at 10:00, Shop <s@shop.example> wrote:\r\n> Old\r\n"
        )
        assert read.new_text == "Thanks!"
        assert "> Old" in read.quoted_text

    def test_html_reply_is_folded_by_its_marks(self) -> None:
        html = b'Content-Type: text/html\r\n\r\n<div>New</div><div class="gmail_quote">Old</div>'
        read = parse(HEAD + html)
        assert (read.new_text, read.quoted_text) == ("New", "Old")
        assert '<div class="quoted">' in read.html


class TestFiles:
    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            (b'filename="../../x"', "x"),
            (b'filename="C:\\\\temp\\\\b.doc"', "b.doc"),
            ('filename="inv\u202efdp.exe"'.encode(), "invfdp.exe"),
            ('filename=".ht\u200baccess"'.encode(), "htaccess"),
            (b"filename*=utf-8''%E2%82%AC%0D%0AX-Inj:%201.txt", "€ X-Inj_ 1.txt"),
            (b"filename*0*=utf-8''%C3; filename*1*=%A4; filename*2=.txt", "ä.txt"),
            (b'filename="=?utf-8?q?=C3=A4.txt?="', "ä.txt"),
            (b'filename="\0"', "attachment-1.bin"),
            (b"filename=", "attachment-1.bin"),
            (b'filename="' + b"a" * 5000 + b'.pdf"', "a" * 251 + ".pdf"),
        ],
    )
    def test_names_are_harmless(self, given: bytes, shown: str) -> None:
        part = b"Content-Type: application/x-any\r\nContent-Disposition: attachment; " + given
        (file,) = parse(multipart(b"mixed", part + b"\r\n\r\nx")).attachments
        assert file.filename == shown

    def test_active_files_are_flagged(self) -> None:
        part = b'Content-Type: image/svg+xml; name="x.svg"\r\n\r\n<svg/>'
        assert "active-file" in parse(multipart(b"mixed", part)).flags


class TestStructure:
    def test_missing_end_boundary_is_flagged_and_read(self) -> None:
        read = parse(multipart(b"mixed", PLAIN, PDF, end=b""))
        assert read.text == "plain"
        assert len(read.attachments) == 1
        assert "ambiguous-structure" in read.flags

    def test_two_content_types_are_flagged(self) -> None:
        assert (
            "ambiguous-structure"
            in mail(b"x", b"Content-Type: text/plain", b"Content-Type: text/html").flags
        )

    def test_multipart_without_parts_is_text(self) -> None:
        read = mail(b"just text", b"Content-Type: multipart/mixed")
        assert read.text == "just text"

    def test_boundary_that_was_not_declared(self) -> None:
        body = b"--X\r\n\r\none\r\n--X\r\n\r\ntwo\r\n--X--\r\n"
        assert mail(body, b"Content-Type: multipart/mixed").text == "one\n\ntwo"

    def test_malformed_header_lines_do_not_end_the_header(self) -> None:
        read = parse(b"From: a@b.example\r\nno colon here\r\nSubject: Still read\r\n\r\nbody")
        assert (read.subject, read.text) == ("Still read", "body")
        assert "malformed-header" in read.flags

    def test_text_without_any_header(self) -> None:
        assert parse(b"Dear all,\nnote: this is no header\n").text.startswith("Dear all,")

    @pytest.mark.parametrize("ends", [b"\n", b"\r"])
    def test_other_line_ends(self, ends: bytes) -> None:
        raw = multipart(b"mixed", PLAIN, PDF).replace(b"\r\n", ends)
        read = parse(raw)
        assert (read.subject, read.text, len(read.attachments)) == ("Hi", "plain", 1)

    @pytest.mark.parametrize("raw", [b"", b"\r\n", b"\0", b"\xff\xfe" * 50, b":", b"From"])
    def test_hardly_a_mail(self, raw: bytes) -> None:
        read = parse(raw)
        assert read.attachments == ()
        assert "not-fully-parsed" not in read.flags

    @pytest.mark.parametrize(
        "field",
        [
            b"To: <",
            b"Message-ID: <",
            b"Cc: :;",
            b"To: *@",
            b'Cc: "',
            b"Content-Type: ;base64*",
            b"From: ((((" + b"(" * 5000,
            b"Content-Type: text/plain; charset*0*=x''%",
            b"Content-Disposition: inline; filename*5*=a; filename*0*='",
            b"Date: 1 1 1 1 1 1",
            b"Message-ID: <[",
            b"Content-Type: multipart/mixed; boundary=",
        ],
    )
    def test_fields_that_break_other_parsers(self, field: bytes) -> None:
        read = mail(b"body text\r\n", field)
        assert read.subject == "Hi"
        assert read.text.strip() == "body text"
        assert "not-fully-parsed" not in read.flags

    def test_every_string_can_be_stored(self) -> None:
        read = parse(b"From: \xe9\0@x.example\r\nSubject: \xff\xed\xa0\x80\0\r\n\r\n\xed\xa0\x80\0")
        for text in (read.subject, read.text, str(read.from_)):
            assert "\0" not in text
            text.encode("utf-8")


class TestMeaning:
    @pytest.mark.parametrize(
        ("raw", "expected"),
        [
            (
                multipart(b"signed", PLAIN, b"Content-Type: application/pgp-signature\r\n\r\nx"),
                "signed",
            ),
            (
                multipart(b"encrypted", b"Content-Type: application/pgp-encrypted\r\n\r\n1"),
                "encrypted",
            ),
            (
                HEAD + b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nx",
                "encrypted",
            ),
            (
                HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nx",
                "signed",
            ),
            (HEAD + b"\r\n-----BEGIN PGP MESSAGE-----\r\n", "encrypted"),
            (HEAD + b"\r\nplain", "none"),
        ],
    )
    def test_encryption(self, raw: bytes, expected: str) -> None:
        assert parse(raw).encryption == expected

    def test_invitation(self) -> None:
        ics = (
            b"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n"
            b"BEGIN:VEVENT\r\n"
            b"SUMMARY:Meet\\, and\r\n  greet\r\nDTSTART;TZID=Europe/Berlin:20261105T100000\r\n"
            b"DTEND:20261105T110000Z\r\nORGANIZER;CN=A:mailto:a@x.example\r\nEND:VEVENT\r\n"
        )
        read = parse(multipart(b"mixed", PLAIN, ics))
        assert read.calendar is not None
        assert read.calendar.method == "REQUEST"
        assert read.calendar.summary == "Meet, and greet"
        assert read.calendar.start == "2026-11-05T10:00:00 Europe/Berlin"
        assert read.calendar.end == "2026-11-05T11:00:00Z"
        assert read.calendar.organizer == "a@x.example"

    def test_marks_of_loops(self) -> None:
        assert "too-many-hops" in mail(b"x", *[b"Received: by x"] * 51).flags
        assert (
            "no-automatic-answer" in mail(b"x", b"X-Auto-Response-Suppress: OOF, AutoReply").flags
        )


class TestOddStructure:
    def test_a_wrong_boundary_is_found_by_the_header_below_it(self) -> None:
        read = parse(
            b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
            b"--other\r\nContent-Type: text/plain\r\n\r\nThe body.\r\n"
        )
        assert read.text.strip() == "The body."
        assert "ambiguous-structure" in read.flags

    def test_an_epilogue_is_shown_if_there_is_nothing_else(self) -> None:
        head = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"
        assert parse(head + b"\r\n\r\n--a--\r\n\r\nAll there is.\r\n").text == "All there is."
        assert parse(head + b"\r\nHi\r\n--a--\r\n\r\nBelow.\r\n").text == "Hi"

    @pytest.mark.parametrize(("levels", "deep"), [(3, False), (60, True)])
    def test_mails_in_mails(self, levels: int, deep: bool) -> None:
        read = parse(b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * levels)
        assert ("not-fully-parsed" in read.flags) is deep
        assert [file.content_type for file in read.attachments] == ["message/rfc822"]

    def test_a_script_in_utf7_is_cleaned_like_any_other(self) -> None:
        page = b"+ADw-script+AD4-alert(1)+ADw-/script+AD4APA-p+AD4-hello+ADw-/p+AD4-"
        read = parse(b"Content-Type: text/html; charset=utf-7\r\n\r\n" + page)
        assert read.html.strip() == "<p>hello</p>"
