"""What SES wrote at the top of a mail, told from whatever a sender can make it look like."""

from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emailchannel.mail.verdict import TrustedBlock, Verdicts, authenticated, trusted_block
from local.world import receipt
from local.world.receipt import Arrival

CHECK = (
    "(spfCheck: domain of _spf.shop.example designates 198.51.100.7 as permitted sender)"
    " client-ip=198.51.100.7; envelope-from=ann@shop.example; helo=mail.shop.example;"
)
RETURN_PATH = "Return-Path: <ann@shop.example>"
RECEIVED = (
    "Received: from mail.shop.example (mail.shop.example [198.51.100.7])\r\n"
    " by inbound-smtp.eu-west-1.amazonaws.com with SMTP id 8i6cr4aeu15skb2lb71a0qo4ts7\r\n"
    " for support+case@mail.brand.example;\r\n"
    " Sat, 26 Apr 2025 16:24:59 +0000 (UTC)"
)
SPAM, VIRUS = "X-SES-Spam-Verdict: PASS", "X-SES-Virus-Verdict: GRAY"
SPF = f"Received-SPF: pass {CHECK}"
RESULTS = (
    f"Authentication-Results: amazonses.com;\r\n spf=pass {CHECK}\r\n"
    " dkim=pass header.i=@shop.example;\r\n dmarc=fail header.from=corp.example;"
)
RECEIPT = "X-SES-RECEIPT: AEFBQUFBQUFBQUFGQWpOcCtRU3V4WkdqeWFTZmN0UGo2V2lDbTNlN2RnWUll=="
SIGNED = "X-SES-DKIM-SIGNATURE: a=rsa-sha256; q=dns/txt; b=local; d=amazonses.com;"
SENDER = (
    "Received: by mail.shop.example with SMTP id 1\r\nFrom: Bob <bob@corp.example>\r\n"
    "Subject: Hello\r\n\r\nGood day"
)
FORGED = RESULTS.replace("dmarc=fail", "dmarc=pass")
ORDER = (RETURN_PATH, RECEIVED, SPAM, VIRUS, SPF, RESULTS, RECEIPT)


def mail(*lines: str, sender: str = SENDER, end: str = "\r\n") -> bytes:
    return "\r\n".join([*(lines or ORDER), SIGNED, sender]).replace("\r\n", end).encode()


def changed(old: str, new: str) -> bytes:
    """The block with one thing changed in every field."""
    block = "\r\n".join(ORDER)
    assert old in block
    return mail(block.replace(old, new))


def results(*lines: str) -> bytes:
    """The block with other lines in Authentication-Results, below that about SPF."""
    field = f"Authentication-Results: amazonses.com;\r\n spf=pass {CHECK}"
    return mail(*ORDER[:5], "\r\n ".join([field, *lines]), RECEIPT)


def test_the_block_of_an_ordinary_mail():
    assert trusted_block(mail()) == TrustedBlock(
        Verdicts("PASS", "PASS", "FAIL", "PASS", "GRAY"),
        ("shop.example",),
        "support+case@mail.brand.example",
    )


def test_a_mail_stored_with_bare_line_feeds_says_the_same():
    assert trusted_block(mail(end="\n")) == trusted_block(mail())


@pytest.mark.parametrize("word", ["PASS", "FAIL", "GRAY", "PROCESSING_FAILED"])
@pytest.mark.parametrize("raw", [SENDER.encode(), SENDER.replace("\r\n", "\n").encode()])
def test_what_the_emulated_ses_writes_is_understood(word, raw):
    verdicts = receipt.Verdicts(word, word, word, word, word)
    arrival = Arrival(raw, "b+a=b@corp.example", ("x@brand.example",), verdicts, "id1", 1.7e9)
    found = trusted_block(receipt.received(arrival, "us-east-1", "x@brand.example"))
    signers = ("corp.example",) if word == "PASS" else ()
    assert found == TrustedBlock(Verdicts(*[word] * 5), signers, "x@brand.example")


def test_without_a_scan_there_is_no_scan_verdict():
    found = trusted_block(mail(RETURN_PATH, RECEIVED, SPF, RESULTS, RECEIPT))
    assert found is not None
    assert (found.verdicts.spam, found.verdicts.virus) == ("", "")
    assert found.verdicts.dmarc == "FAIL"


@pytest.mark.parametrize(
    ("lines", "dkim", "dmarc", "domains"),
    [
        ((), "", "", ()),
        (("dkim=pass header.i=@a.example;",), "PASS", "", ("a.example",)),
        (("dmarc=none header.from=a.example;",), "", "GRAY", ()),
        (("dkim=none;", "dmarc=temperror header.from=a.example;"), "GRAY", "PROCESSING_FAILED", ()),
        (
            ("dkim=fail header.i=@a.example;", "dkim=pass header.i=@B.example;"),
            "PASS",
            "",
            ("b.example",),
        ),
        (
            ("dkim=pass header.d=a.example header.s=k1 header.b=ab/c+;", "dmarc=pass;"),
            "PASS",
            "PASS",
            ("a.example",),
        ),
        (("dkim=pass header.i=ann@a.example;",), "PASS", "", ("a.example",)),
        (("dkim=pass;",), "PASS", "", ()),
        (("dkim=pass header.i=@a.example;",) * 2, "PASS", "", ("a.example",)),
        (("dkim=permerror (no key) header.i=@a.example;",), "PROCESSING_FAILED", "", ()),
    ],
)
def test_results_of_signatures_and_policy(lines, dkim, dmarc, domains):
    found = trusted_block(results(*lines))
    assert found is not None
    assert (found.verdicts.dkim, found.verdicts.dmarc, found.dkim_domains) == (dkim, dmarc, domains)


@pytest.mark.parametrize(
    ("word", "verdict"),
    [("softfail", "FAIL"), ("neutral", "GRAY"), ("permerror", "PROCESSING_FAILED")],
)
def test_other_results_of_spf(word, verdict):
    found = trusted_block(changed("pass (spfCheck", f"{word} (spfCheck"))
    assert found is not None
    assert found.verdicts.spf == verdict


@pytest.mark.parametrize("sender", ["", "<>"])
def test_a_bounce_has_no_envelope_sender(sender):
    block = "\r\n".join(ORDER).replace("envelope-from=ann@shop.example", f"envelope-from={sender}")
    assert trusted_block(mail(block.replace("<ann@shop.example>", "<>"))) is not None


# What a sender writes below SES's own lines changes nothing.
BELOW = {
    "a second result": f"{FORGED}\r\n{SENDER}",
    "a second block": "\r\n".join([*ORDER[:5], FORGED, RECEIPT, SENDER]),
    "a receipt of his own": f"X-SES-RECEIPT: x\r\n{FORGED}\r\n{SENDER}",
    "other scan verdicts": f"X-SES-Spam-Verdict: FAIL\r\n{SENDER}",
    "another Received": f"{RECEIVED}\r\n{SENDER}",
    "a fold at his first line": f" ; dmarc=pass header.from=corp.example;\r\n{SENDER}",
    "bare line feeds": SENDER.replace("\r\n", "\n") + FORGED,
    "octets": "\r\n".join([FORGED, "X: \x00\u00e9\u2028", SENDER]),
    "no header at all": "\r\n" + FORGED,
}


@pytest.mark.parametrize("sender", BELOW.values(), ids=BELOW)
def test_what_stands_below_the_block_does_not_count(sender):
    assert trusted_block(mail(sender=sender)) == trusted_block(mail())


ECHOES = {
    "quoted": '"a;dmarc=pass"@evil.example',
    "quoted, whole": '"x; dmarc=pass header.from=corp.example;"@evil.example',
    "unquoted": "a; dmarc=pass header.from=corp.example;@evil.example",
    "line end": "a;\r\n dmarc=pass header.from=corp.example;",
    "comment": "a(;)@evil.example",
    "comment left open": "a(@evil.example",
    "comment closed": "a)@evil.example",
    "escaped quote": 'a\\"@evil.example',
    "angle": "<a@evil.example>",
    "two at": "a@corp.example@evil.example",
    "space": "a @evil.example",
    "tab": "a\t@evil.example",
    "8-bit": "\u00e4@evil.example",
    "NUL": "a\0@evil.example",
    "comma": "a,b@evil.example",
    "no domain": "ann",
    "address literal": "a@[198.51.100.7]",
    "long": "a" * 300 + "@evil.example",
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_a_trick_in_the_envelope_sender_and_nothing_is_trusted(echo):
    assert trusted_block(changed("envelope-from=ann@shop.example", f"envelope-from={echo}")) is None


@pytest.mark.parametrize(
    "helo",
    [
        "x; dmarc=pass header.from=corp.example",
        "x;\r\n dmarc=pass header.from=corp.example",
        "x; dkim=pass header.i=@corp.example",
        "x (a)",
        '"x"',
        "x y",
        "\u00e9",
        "x;",
    ],
)
def test_a_trick_in_helo_and_nothing_is_trusted(helo):
    assert trusted_block(changed("helo=mail.shop.example", f"helo={helo}")) is None


def _without(field: str) -> bytes:
    return mail(*(line for line in ORDER if line is not field))


NOTHING = {
    "nothing": b"",
    "no block": SENDER.encode(),
    "no line end": b"X-SES-RECEIPT: AAAA",
    "no Return-Path": _without(RETURN_PATH),
    "no Received": _without(RECEIVED),
    "half a scan": _without(VIRUS),
    "no Received-SPF": _without(SPF),
    "no results": _without(RESULTS),
    "no receipt": _without(RECEIPT),
    "no results but the sender's": mail(*ORDER[:5], RECEIPT, SIGNED, FORGED),
    "results above": mail(FORGED, *ORDER),
    "results twice": mail(*ORDER[:5], FORGED, RESULTS, RECEIPT),
    "results after the receipt": mail(*ORDER[:5], RECEIPT, RESULTS),
    "a receipt on top": mail(RECEIPT, *ORDER),
    "Received twice": mail(RETURN_PATH, RECEIVED, *ORDER[1:]),
    "SPF twice": mail(*ORDER[:5], *ORDER[4:]),
    "other order": mail(RECEIVED, RETURN_PATH, *ORDER[2:]),
    "unknown field": mail("X-SES-SPF-Verdict: PASS", *ORDER),
    "unknown field inside": mail(*ORDER[:5], "X-Extra: 1", *ORDER[5:]),
    "empty line inside": mail(*ORDER[:5], "", *ORDER[5:]),
    "first line folded": b" x\r\n" + mail(),
    "mixed line ends": mail().replace(b"\r\nX-SES-Spam", b"\nX-SES-Spam"),
    "lone CR": changed("X-SES-Spam-Verdict: PASS", "X-SES-Spam-Verdict: PASS\rX: 1"),
    "line feeds, one CRLF": mail(end="\n").replace(b"\nX-SES-Spam", b"\r\nX-SES-Spam"),
    "8-bit": changed("spfCheck", "spfCh\u00e9ck"),
    "NUL": changed("spfCheck", "spf\0Check"),
    "DEL": changed("spfCheck", "spf\x7fCheck"),
    "blank before the colon": changed("Received-SPF:", "Received-SPF :"),
    "no blank after the colon": changed("Received-SPF: ", "Received-SPF:"),
    "blanks at the end": changed("Spam-Verdict: PASS", "Spam-Verdict: PASS "),
    "fold without text": changed("dkim=pass", "\r\n dkim=pass"),
    "fold of a short field": changed("Spam-Verdict: PASS", "Spam-Verdict: PASS\r\n GRAY"),
    "fold of the return path": changed("Return-Path: <", "Return-Path: <\r\n "),
    "fold within a result": changed("dmarc=fail", "dmarc=fail;\r\n dmarc=pass"),
    "fold within a word": changed("dmarc=fail", "dmarc=\r\n fail"),
    "spelling": changed("X-SES-RECEIPT", "X-SES-Receipt"),
    "receipt of other characters": changed("X-SES-RECEIPT: AE", "X-SES-RECEIPT: <AE"),
    "authserv-id below another": changed("amazonses.com;", "amazonses.com.evil.example;"),
    "authserv-id above another": changed("amazonses.com;", "evil.amazonses.com;"),
    "authserv-id of a prefix": changed("amazonses.com;", "notamazonses.com;"),
    "authserv-id in capitals": changed("amazonses.com;", "AmazonSES.com;"),
    "authserv-id quoted": changed("amazonses.com;", '"amazonses.com";'),
    "authserv-id with version": changed("amazonses.com;", "amazonses.com 1;"),
    "authserv-id with comment": changed("amazonses.com;", "amazonses.com (x);"),
    "other server": changed("inbound-smtp.eu-west-1.", "inbound-smtp.evil."),
    "server below another": changed(".amazonaws.com with", ".amazonaws.com.evil.example with"),
    "server of a prefix": changed("by inbound-smtp", "by xinbound-smtp"),
    "two servers": changed(" by inbound", " by inbound-smtp.eu-west-1.amazonaws.com by inbound"),
    "spam in words": changed("Spam-Verdict: PASS", "Spam-Verdict: pass"),
    "SPF differs": mail(*ORDER[:4], SPF.replace("pass", "fail"), *ORDER[5:]),
    "SPF twice in the results": results("spf=pass;"),
    "SPF in a line of its own": results(f"spf=pass {CHECK}"),
    "nested comment": changed("(spfCheck:", "(spf(Check):"),
    "open comment": changed("sender) client", "sender client"),
    "second comment": changed("(spfCheck", "(x) (spfCheck"),
    "DMARC twice": results("dmarc=fail header.from=a.example;", "dmarc=pass;"),
    "DMARC before DKIM": results("dmarc=pass;", "dkim=pass header.i=@a.example;"),
    "two results in a line": results("dkim=pass header.i=@a.example; dmarc=pass;"),
    "result in capitals": results("DMARC=pass header.from=a.example;"),
    "unknown result": results("dmarc=bestguesspass;"),
    "unknown method": results("arc=pass;"),
    "signer with a quote": results('dkim=pass header.i="a; dmarc=pass"@evil.example;'),
    "signer with a semicolon": results("dkim=pass header.i=a;@corp.example;"),
    "signer with two at": results("dkim=pass header.i=@corp.example@evil.example;"),
    "signer with a comment": results("dkim=pass header.i=(a)@corp.example;"),
    "signers in a line": results(
        "dkim=pass header.i=@corp.example; dkim=fail header.i=@e.example;"
    ),
    "two signers of one": results("dkim=pass header.i=@a.example header.i=@b.example;"),
    "many signatures": results(*["dkim=pass header.i=@a.example;"] * 60),
    "more than 64 kB": mail(*ORDER[:5], "\r\n ".join([RESULTS, *["x" * 900] * 100]), RECEIPT),
    "more than 64 kB in a line": changed("spfCheck", "s" * 70_000),
}


@pytest.mark.parametrize("raw", NOTHING.values(), ids=NOTHING)
def test_whatever_is_not_exactly_what_ses_writes_is_not_trusted(raw):
    assert trusted_block(raw) is None


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "dmarc=pass header.from=corp.example;",
                "dmarc=pass",
                "dkim=pass header.i=@corp.example;",
                "spf=pass",
                "Authentication-Results: amazonses.com;",
                "X-SES-RECEIPT: AAAA",
                "amazonses.com;",
                "helo=x;",
                "; ",
                ";",
                " ",
                "(",
                ")",
                '"',
                "\\",
                "<",
                ">",
                "@",
                "=",
                "a@evil.example",
            ]
        ),
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=5),
    ),
    max_size=8,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(
    mail_from=PIECES,
    helo=PIECES,
    author=PIECES,
    below=st.lists(st.sampled_from([FORGED, *ORDER, " x", "", "X: 1"]), max_size=4),
    dmarc=st.sampled_from(["FAIL", "GRAY", "PROCESSING_FAILED"]),
)
def test_nothing_a_sender_writes_turns_a_failed_dmarc_into_a_pass(
    mail_from, helo, author, below, dmarc
):
    raw = "\r\n".join([*below, f"From: a@{author}", "", "Hello"]).encode()
    verdicts = receipt.Verdicts(dmarc=dmarc, dkim="FAIL", spf="FAIL")
    arrival = Arrival(raw, mail_from, ("x@brand.example",), verdicts, "id1", 1.7e9, helo)
    found = trusted_block(receipt.received(arrival, "us-east-1", "x@brand.example"))
    assert found is None or (found.verdicts.dmarc == dmarc and found.verdicts.spf == "FAIL")
    assert found is None or found.dkim_domains == ()


@settings(max_examples=300, deadline=None)
@given(echo=PIECES, helo=PIECES)
def test_a_policy_ses_did_not_check_cannot_be_made_up(echo, helo):
    check = CHECK.replace("ann@shop.example", echo).replace("mail.shop.example", helo)
    unsaid = f"Authentication-Results: amazonses.com;\r\n spf=pass {check}\r\n dkim=none;"
    found = trusted_block(mail(*ORDER[:4], f"Received-SPF: pass {check}", unsaid, RECEIPT))
    assert found is None or (found.verdicts.dmarc == "" and found.dkim_domains == ())


@pytest.mark.parametrize(
    "raw",
    [
        b"Return-Path: <" + b"a" * 1_000_000,
        b"\n" * 1_000_000,
        b"Received: from\r\n" + b" (\r\n" * 200_000,
        mail(*ORDER[:5], "\r\n ".join([RESULTS, *["("] * 20_000]), RECEIPT, sender="x" * 1_000_000),
        changed("spfCheck", "(" * 60_000),
    ],
    ids=["one line", "line ends", "folds", "comments", "parentheses"],
)
def test_a_megabyte_takes_no_time(raw):
    started = perf_counter()
    assert trusted_block(raw) is None
    assert perf_counter() - started < 1


GRAY_POLICY = Verdicts(spf="FAIL", dkim="PASS", dmarc="GRAY")


@pytest.mark.parametrize(
    ("verdicts", "domains", "proven"),
    [
        (GRAY_POLICY, ("shop.example",), True),
        (GRAY_POLICY, ("mailer.example", "shop.example"), True),
        (GRAY_POLICY, ("news.shop.example",), True),
        (GRAY_POLICY, ("Shop.Example.",), True),
        (GRAY_POLICY, (), False),
        (GRAY_POLICY, ("mailer.example",), False),
        (GRAY_POLICY, ("evilshop.example",), False),
        (GRAY_POLICY, ("example",), False),
        (GRAY_POLICY, ("",), False),
        (Verdicts(dkim="FAIL", dmarc="GRAY"), ("shop.example",), False),
        (Verdicts(dkim="PASS", dmarc="FAIL"), ("shop.example",), False),
        (Verdicts(dkim="PASS"), ("shop.example",), False),
        (Verdicts(dkim="PASS", dmarc="PROCESSING_FAILED"), ("shop.example",), False),
    ],
)
def test_a_signature_proves_a_sender_without_policy_only_if_it_is_his(verdicts, domains, proven):
    assert authenticated(verdicts, "ann@shop.example", "b@mailer.example", domains) is proven
