"""Mail made to break, mislead or abuse the channel, as its outside sees it."""

import time
from email import message_from_bytes, policy
from hashlib import sha256

import pytest

from local.testing import stack
from tests.builders import answers, mail

ANN = "ann@customer.example"
HEAD = b"From: Ann <ann@customer.example>\r\nTo: support@support.example.com\r\n"
PDF = b"%PDF-1.4 something"


@pytest.fixture
def s():
    with stack() as world:
        yield world


def deliver(s, *raws):
    """Hand mails in; the message each became, in the same order."""
    ids = [s.deliver(raw, ANN, [s.inquiry_address]) for raw in raws]
    s.settle()
    found = {m["id"]: m for case in s.cases() for m in s.messages(case["id"])}
    return [found[ses_id] for ses_id in ids]


def answer(s, case_id, raw_for):
    """An agent's answer from a mail client; `raw_for` makes its bytes from the relay address."""
    address = s.relay_address(case_id, "relay", "alice")
    s.deliver(raw_for(address), "alice@corp.example", [address])
    s.settle()
    [sent] = answers(s)
    return sent


def plain_answer(address):
    return mail("Alice <alice@corp.example>", address, "Re: x", "Dear Ann, it is on its way.")


def nothing_is_stuck(s):
    assert {name: n for name, n in s.queues().items() if n} == {}


def header_block(raw):
    return raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0].decode()


def names(raw):
    return [name.lower() for name in message_from_bytes(raw, policy=policy.default)]


# --- D15 -----------------------------------------------------------------------------------------

SIGNED = (
    HEAD + b"Subject: signed\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=s\r\n\r\n'
    b"--s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nI signed this.  \r\n"
    b"--s\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nQUJDREVG\r\n--s--\r\n"
)
PGP = (
    HEAD + b"Subject: encrypted\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=e\r\n\r\n'
    b"--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
    b"--e\r\nContent-Type: application/octet-stream\r\n\r\n"
    b"-----BEGIN PGP MESSAGE-----\r\nABC\r\n-----END PGP MESSAGE-----\r\n--e--\r\n"
)
ENVELOPED = (
    HEAD + b"Subject: enveloped\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nQUJDREVG\r\n"
)


def test_d15_signed_and_encrypted(s):
    mails = {SIGNED: "signed", PGP: "encrypted", ENVELOPED: "encrypted"}
    messages = deliver(s, *mails)
    for (raw, encryption), message in zip(mails.items(), messages, strict=True):
        document = message["formatted"]
        assert document["encryption"] == encryption
        assert document["html"] == ""
        readable = "I signed this." if encryption == "signed" else ""
        assert document["text"].strip() == readable
        status, _, original = s.download(message["id"])
        assert status == 200
        assert sha256(original[-len(raw) :]).digest() == sha256(raw).digest()
    sent = answer(s, messages[0]["case_id"], plain_answer)
    kinds = {part.get_content_type() for part in message_from_bytes(sent["raw"]).walk()}
    assert not kinds & {"multipart/signed", "multipart/encrypted", "application/pkcs7-mime"}
    nothing_is_stuck(s)


# --- D18, D19, D20 -------------------------------------------------------------------------------


def test_d18_subject_header_injection(s):
    subject = b"Subject: hi =?utf-8?q?=0D=0ABcc=3A_victim=40x.example?=\r\n\r\nHello\r\n"
    [message] = deliver(s, HEAD + subject)
    sent = answer(s, message["case_id"], plain_answer)
    assert sent["recipients"] == [ANN]
    assert "bcc" not in names(sent["raw"])
    assert "victim" not in [line for line in header_block(sent["raw"]).split("\n") if line[0] > " "]
    assert (
        message_from_bytes(sent["raw"], policy=policy.default)["To"].addresses[0].addr_spec == ANN
    )
    nothing_is_stuck(s)


def attached(filename_field):
    return (
        HEAD + b"Subject: files\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=m\r\n\r\n"
        b"--m\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
        b"--m\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment" + filename_field + b"\r\n\r\n" + PDF + b"\r\n--m--\r\n"
    )


FILE_NAMES = {
    "path": b'; filename="../../secret"',
    "line end": b"; filename*=utf-8''a%0D%0AX-Inj%3A%201.txt",
    "direction": b"; filename*=utf-8''inv%E2%80%AEfdp.exe",
    "zero width": b"; filename*=utf-8''.ht%E2%80%8Baccess",
    "long": b'; filename="' + b"n" * 5_000 + b'.txt"',
    "empty": b'; filename=""',
    "nul": b'; filename="a\0b.txt"',
}


def test_d19_filename_attacks(s):
    for message in deliver(s, *map(attached, FILE_NAMES.values())):
        [shown] = message["formatted"]["attachments"]
        name = shown["filename"]
        assert 0 < len(name) <= 255
        assert not set(name) & set("\r\n\0/\\\u202e\u200b")
        assert not name.startswith(".")
        assert name not in message["raw_key"]
        status, headers, octets = s.download(message["id"], 0)
        assert (status, octets) == (200, PDF)
        assert headers["content-disposition"].startswith("attachment")
        assert "x-inj" not in {key.lower() for key in headers}
    nothing_is_stuck(s)


def test_d19_a_forwarded_file_name_adds_no_header(s):
    deliver(s, mail())

    def with_file(address):
        raw = attached(b"; filename*=utf-8''a%0D%0AX-Inj%3A%201.txt").replace(HEAD, b"")
        return b"From: alice@corp.example\r\nTo: " + address.encode() + b"\r\n" + raw

    sent = answer(s, s.cases()[0]["id"], with_file)
    for part in message_from_bytes(sent["raw"]).walk():
        assert "x-inj" not in {name.lower() for name in part.keys()}  # noqa: SIM118 - a mail is no dict
    [file] = message_from_bytes(sent["raw"], policy=policy.default).iter_attachments()
    assert file.get_payload(decode=True) == PDF


CONTROL = {
    "X-SES-CONFIGURATION-SET": "evil",
    "X-SES-MESSAGE-TAGS": "a=b",
    "X-SES-SOURCE-ARN": "arn:aws:ses:us-east-1:1:identity/evil.example",
    "X-SES-RETURN-PATH-ARN": "arn:aws:ses:us-east-1:1:identity/evil.example",
    "Return-Path": "<evil@evil.example>",
    "Bcc": "victim@x.example",
    "Resent-To": "victim@x.example",
}


def test_d20_ses_control_headers(s):
    deliver(s, mail(headers=CONTROL))

    def with_headers(address):
        return mail("Alice <alice@corp.example>", address, "Re: x", "Dear Ann.", headers=CONTROL)

    sent = answer(s, s.cases()[0]["id"], with_headers)
    assert sent["recipients"] == [ANN]
    assert not set(names(sent["raw"])) & {name.lower() for name in CONTROL}
    assert b"evil" not in sent["raw"]
    assert b"victim" not in sent["raw"]


# --- D23, D24, D25 -------------------------------------------------------------------------------

FROM = b"From: Ann <ann@customer.example>\r\nSubject: still here\r\n"


CRASHERS = (b"To: <", b"Message-ID: <", b"Cc: :;", b"To: *@", b'Cc: "', b"Content-Type: ;base64*")


def test_d23_malformed_headers_crash_set(s):
    raws = [FROM + field + b"\r\n\r\nThe kettle leaks.\r\n" for field in CRASHERS]
    for raw, message in zip(raws, deliver(s, *raws), strict=True):
        assert message["from"] == ANN
        assert message["subject"] == "still here"
        assert "The kettle leaks." in message["formatted"]["text"]
        status, _, original = s.download(message["id"])
        assert status == 200
        assert original.endswith(raw)
    nothing_is_stuck(s)


CHARSETS = [
    (b"x-unknown", b"K\xc3\xa4se fehlt", "Käse fehlt"),
    (b"utf-8\0", b"K\xc3\xa4se fehlt", "Käse fehlt"),
    (b"idna", b"xn--kse-qla fehlt", "xn--kse-qla fehlt"),
    (b"unicode_escape", b"\\x41 fehlt", "\\x41 fehlt"),
    (b"cp-850", b"K\x84se fehlt", "Käse fehlt"),
    (None, b"Der K\xe4se f\xfcr uns fehlt, das \xf6ffnet T\xfcren.", "Käse für uns"),
    (b"ks_c_5601-1987", "안녕하세요".encode("cp949"), "안녕하세요"),
]


def with_charset(charset, octets):
    kind = b"text/plain" + (b"; charset=" + charset if charset else b"")
    return FROM + b"Content-Type: " + kind + b"\r\n\r\n" + octets + b"\r\n"


def test_d24_charset_set(s):
    raws = [with_charset(charset, octets) for charset, octets, _ in CHARSETS]
    for (_, _, readable), message in zip(CHARSETS, deliver(s, *raws), strict=True):
        assert readable in message["formatted"]["text"]
        assert message["from"] == ANN
    nothing_is_stuck(s)


def multiparts(levels):
    layer = b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n"
    return FROM + b"".join(layer % (n, n) for n in range(levels)) + b"\r\nhi\r\n"


def mails_in_mails(levels):
    return FROM + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"hi\r\n"


def test_d25_deep_nesting(s):
    deliver(s, mail())  # the functions are warm after it
    for raw in (multiparts(1_000), mails_in_mails(1_000)):
        before = s.receives("ingest")
        started = time.monotonic()
        [message] = deliver(s, raw)
        assert time.monotonic() - started < 5
        assert "not-fully-parsed" in message["flags"]
        warned = {each["code"] for each in message["formatted"]["warnings"]}
        assert "not-fully-parsed" in warned
        status, _, original = s.download(message["id"])
        assert status == 200
        assert original.endswith(raw)
        assert s.receives("ingest") - before == 1
    nothing_is_stuck(s)
