"""The answer to a customer: what is taken from an agent's mail, and what it is composed to."""

import hashlib
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from emailchannel import reply
from emailchannel.mail.parse import parse
from emailchannel.mail.values import Address, Attachment, ParsedMail
from tests.builders import mail
from tests.unit.outgoing import (
    ADDRESS,
    ANSWERED,
    AT,
    CASE,
    RELAY,
    SECRETS,
    TOKEN,
    channel,
    leaking,
    outgoing,
    tag_stripped,
)

CLIENTS = Path(__file__).parents[1] / "mail"
HISTORY = ("kettle I bought", "Archer via", "wrote:", "Gesendet", "2026", RELAY)


def rebuilt(text="Hello Ann.", **more):
    more = {"sender": f"Alice <{ADDRESS}>", "to": RELAY} | more
    return reply.rebuild(parse(mail(text=text, **more)), SECRETS)


def composed(answer, **more):
    raw, _ = reply.compose_reply(channel(), CASE, ANSWERED, answer, "q" * 26, AT, **more)
    return message_from_bytes(raw, policy=policy.default)


def agents(name):
    return (CLIENTS / f"agent_{name}.eml").read_bytes()


def part(message, kind):
    return next(one for one in message.walk() if one.get_content_type() == kind)


# --- mails of real clients -----------------------------------------------------------------------

WRITTEN = {
    "gmail": ("your new kettle leaves the *warehouse* today", "Corp, Customer Care"),
    "outlook_desktop": ("The price is € 49.", "Customer Care, Corp Ltd."),
    "outlook_web": ("bitte senden Sie uns die Seriennummer", "Alice Agent"),
    "apple_mail": ("here is how the valve should look", "Kind regards"),
    "iphone": ("Tomorrow, I hope.", "Sent from my iPhone"),
    "thunderbird": ("of them left, one is red", "Alice Agent"),
    "plain_text": ("we do not sell the lid alone", "https://www.corp.example/parts"),
}


@pytest.mark.parametrize("client", [*WRITTEN])
def test_what_a_client_writes_leaves_without_its_history(client):
    answer = reply.rebuild(parse(agents(client)), SECRETS)
    for words in WRITTEN[client]:
        assert words in answer.text
    for old in HISTORY:
        assert old not in answer.text + answer.html
    assert leaking(outgoing(agents(client))) == []


@pytest.mark.parametrize("client", [one for one in WRITTEN if one != "plain_text"])
def test_the_html_of_a_client_leaves_and_says_the_same(client):
    answer = reply.rebuild(parse(agents(client)), SECRETS)
    page = part(composed(answer), "text/html").get_content().replace("\r\n", "\n")
    assert answer.html in page
    assert "data-blocked-src" not in page
    seen = " ".join(tag_stripped(answer.html)[0].split())
    for words in WRITTEN[client]:
        assert words.replace("*", "") in seen


def test_formatting_survives():
    assert "<b>warehouse</b>" in reply.rebuild(parse(agents("gmail")), SECRETS).html
    assert "color:#cc0000" in reply.rebuild(parse(agents("thunderbird")), SECRETS).html
    assert '<p style="margin:0">' in reply.rebuild(parse(agents("outlook_desktop")), SECRETS).html


def test_images_of_the_new_part_stay_inline_and_those_of_the_history_stay_here():
    mail_ = parse(agents("outlook_desktop"))
    answer = reply.rebuild(mail_, SECRETS)
    assert [(one.filename, one.inline) for one in answer.inline] == [("image001.png", True)]
    assert [one.filename for one in answer.attachments] == ["Invoice.pdf"]
    cid = answer.inline[0].content_id
    assert "01DA" not in cid
    message = composed(answer)
    assert f'src="cid:{cid}"' in part(message, "text/html").get_content()
    image = part(message, "image/png")
    assert image["Content-ID"] == f"<{cid}>"
    assert image.get_content_disposition() == "inline"
    assert image.get_content() == mail_.attachments[0].payload
    assert part(message, "application/pdf").get_content().startswith(b"%PDF-1.4")


def test_the_same_mail_gives_the_same_bytes():
    assert outgoing(agents("outlook_desktop")) == outgoing(agents("outlook_desktop"))


def test_a_signature_that_no_longer_holds_stays_here():
    assert reply.rebuild(parse(agents("thunderbird")), SECRETS).attachments == ()


# --- HTML that cannot go -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Hello Ann.", "<p>Hello Ann, and more.</p>"),
        ("Hello Ann.", "<p>Hello Ann.</p><div style='display:none'>old history</div>"),
        (
            "Hello Ann.\n\nOn Monday, 9:00, Bob wrote:\n> old",
            "<p>Hello Ann.</p><p>On Monday, 9:00, Bob wrote:</p><p>old</p>",
        ),
        ("Hello Ann.\n\n> old\n\nYes.", "<p>Hello Ann.</p><blockquote>old</blockquote>"),
    ],
)
def test_html_that_says_more_or_less_than_the_text_stays_here(text, page):
    answer = rebuilt(text, html=page)
    assert answer.html == ""
    assert "history" not in answer.text
    message = composed(answer)
    assert "Hello Ann" in part(message, "text/html").get_content()


def test_history_that_only_the_html_marks_is_cut_from_the_text_too():
    text = f"Hello Ann.\n\n[ Ann | ann@customer.example | Monday 9:00 ]\nold words\n{RELAY}\n"
    page = "<p>Hello <b>Ann</b>.</p><blockquote type='cite'>[ Ann | Monday ] old words</blockquote>"
    answer = rebuilt(text, html=page)
    assert answer.text == "Hello Ann."
    assert "<b>Ann</b>" in answer.html
    assert "old" not in answer.html


def test_words_of_the_agent_that_his_html_marks_as_quoted_are_not_lost():
    page = "<p>Hello Ann.</p><blockquote class='quote'>Fill the kettle.</blockquote>"
    answer = rebuilt("Hello Ann.\n\nFill the kettle.", html=page)
    assert answer.text == "Hello Ann.\n\nFill the kettle."
    assert answer.html == ""


def test_remote_images_scripts_and_forms_stay_here():
    page = (
        "<p>Hello Ann.<img src='https://x.example/track.gif'><script>x()</script></p>"
        "<form action='https://x.example'></form>"
        "<p style='position:fixed;background:url(https://x.example/b.png);color:red'></p>"
    )
    answer = rebuilt(html=page)
    assert "Hello Ann." in answer.html
    assert "color:red" in answer.html
    assert not [
        word for word in ("x.example", "script", "form", "fixed", "url") if word in answer.html
    ]


def test_without_html_the_text_is_the_source_of_both_sides():
    answer = rebuilt("Hello <Ann>.\n\nBye & so on.")
    page = part(composed(answer), "text/html").get_content()
    assert answer.html == ""
    assert "Hello &lt;Ann&gt;." in page
    assert "Bye &amp; so on." in page


# --- files ---------------------------------------------------------------------------------------


def test_files_go_byte_for_byte_under_clean_names():
    octets = bytes(range(256)) * 50
    answer = rebuilt(attachments=[(f"{ADDRESS}.vcf", "text/vcard", ADDRESS.encode()),
                                  ("Plan für Ann.bin", "application/x-plan", octets)])  # fmt: skip
    assert [(one.filename, one.payload) for one in answer.attachments] == [
        ("attachment-1.vcf", ADDRESS.encode()),
        ("Plan für Ann.bin", octets),
    ]
    sent = [one.get_content() for one in composed(answer).iter_attachments()]
    assert hashlib.sha256(sent[1]).digest() == hashlib.sha256(octets).digest()


def test_images_of_html_that_stays_here_go_as_files():
    image = Attachment("a.png", "image/png", 3, "a@corp.example", True, b"png")
    read = ParsedMail(new_text="Hello", html='<p>Hello Ann<img src="cid:a@corp.example"></p>')
    answer = reply.rebuild(
        ParsedMail(new_text="Hello", html=read.html, attachments=(image,)), SECRETS
    )
    assert (answer.html, answer.inline) == ("", ())
    assert [one.payload for one in answer.attachments] == [b"png"]
    assert leaking_parts(answer) == []


def test_words_below_a_command_go_without_html_and_with_every_file():
    read = parse(agents("apple_mail"))
    answer = reply.rebuild(read, SECRETS, text=f"See the picture. {ADDRESS}")
    assert (answer.text, answer.html, answer.inline) == ("See the picture.", "", ())
    assert [one.payload for one in answer.attachments] == [read.attachments[0].payload]
    assert leaking_parts(answer) == []


def test_two_images_of_one_name_are_both_kept():
    one = Attachment("a.png", "image/png", 3, "a", True, b"one")
    two = Attachment("a.png", "image/png", 3, "a", True, b"two")
    read = ParsedMail(new_text="Hi", html='<p>Hi<img src="cid:a"></p>', attachments=(one, two))
    answer = reply.rebuild(read, SECRETS)
    assert [image.payload for image in answer.inline] == [b"one"]
    assert [file.payload for file in answer.attachments] == [b"two"]


def leaking_parts(answer):
    raw, _ = reply.compose_reply(channel(), CASE, ANSWERED, answer, "q" * 26, AT)
    return leaking(raw)


def test_a_token_in_a_file_is_reported():
    notice = mail(to=RELAY, text="see below")
    clean = parse(mail(attachments=[("a.eml", "application/octet-stream", mail())]))
    leaky = parse(mail(attachments=[("a.eml", "application/octet-stream", notice)]))
    assert not reply.leaks(clean, TOKEN)
    assert reply.leaks(leaky, TOKEN)
    assert reply.leaks(leaky, TOKEN[:25] + "0" * 26)  # any relay address is one too many


@pytest.mark.parametrize(
    "page",
    [
        f"<b>{ADDRESS}</b>" * 12_000,
        f"<a href='mailto:{ADDRESS}' title='{TOKEN}'>x</a>" * 4_000,
        "<ol>" + "<li>x" * 40_000,
        "<img src='cid:a'>" * 30_000,
        "a&amp;%40&#64;" * 60_000,
        "<p>&nbsp;</p>" * 25_000,
    ],
)
def test_large_html_is_read_in_time(page):
    read = parse(mail(text="x", html=page))
    started = time.process_time()
    reply.rebuild(read, SECRETS)
    assert time.process_time() - started < 10


# --- headers -------------------------------------------------------------------------------------


def test_copies_and_the_loop_mark():
    message = composed(
        reply.Answer("Hello"), cc=(Address("Bob", "bob@friend.example"),), loop_mark="1.abc"
    )
    assert message["Cc"] == "Bob <bob@friend.example>"
    assert message["To"] == "Ann Archer <ann@customer.example>"
    assert message["X-Email-Channel-Loop"] == "1.abc"
    assert "Auto-Submitted" not in message
    plain = composed(reply.Answer("Hello"))
    assert "Cc" not in plain
    assert "X-Email-Channel-Loop" not in plain


def test_both_sides_carry_the_answer_the_disclaimer_and_the_quote():
    for answer in (reply.Answer("Hello"), reply.Answer("Hello", "<p>Hello</p>")):
        message = composed(answer)
        for kind in ("text/plain", "text/html"):
            body = part(message, kind).get_content()
            places = [body.index(word) for word in ("Hello", "Corp Ltd.", "The kettle I bought")]
            assert places == sorted(places)


def test_a_relay_address_that_the_customer_once_got_is_not_quoted_back():
    quoting = channel(quoted=f"I saw {RELAY} and bob@friend.example")
    raw, _ = reply.compose_reply(quoting, CASE, ANSWERED, reply.Answer("Hello"), "q" * 26, AT)
    assert leaking(raw) == []
    body = part(message_from_bytes(raw, policy=policy.default), "text/plain").get_content()
    assert "> I saw and bob@friend.example" in body.replace("\r\n", "\n")
