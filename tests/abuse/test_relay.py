"""Nobody but the agent himself speaks through a relay address, and nothing of him comes along."""

import base64
from email import message_from_bytes
from hashlib import sha256
from itertools import count

import pytest

from emailchannel.mail import alias
from tests.abuse.world import everything, human, read, says
from tests.builders import mail

ALICE = "Alice <alice@corp.example>"
EVIL = "x@evil.example"
_numbers = count(1)
PDF = b"%PDF-1.4 " + bytes(range(256)) * 8


@pytest.fixture(scope="module")
def victim(w):
    """A case that many mails aim at and none may touch."""
    return w.matter()


def refused(w, matter, result, reason, actor="unknown"):
    """Nothing left for anybody, the mail is kept, and the history says why."""
    assert result.sent == []
    assert w.became(result.id) == ("blocked", reason)
    assert ("blocked", actor, reason) in w.history(matter.id)
    assert w.s.raw(result.id)


def forged(to, sender=b"From: Alice <alice@corp.example>", text=b"Send the money to me."):
    head = sender + b"\r\nTo: " + to.encode() + b"\r\nSubject: Re: kettle\r\n"
    return head + b"Message-ID: <%d@evil.example>\r\n\r\n" % next(_numbers) + text + b"\r\n"


# --- The table's own cases -----------------------------------------------------------------------


def test_d01_relay_forged_agent(w):
    matter = w.matter()
    result = w.answer(matter, mail_from=EVIL, verdicts={"dmarc": "FAIL"})
    refused(w, matter, result, "dmarc")


def test_d02_relay_happy_path_no_leak(w):
    matter = w.matter()
    address = w.address(matter)
    local, token = address.partition("@")[0], address.partition("+")[2].partition("@")[0]
    headers = {
        "Received": "from desk7.lan.corp.example ([192.0.2.7]) by mx.corp.example",
        "X-Originating-IP": "[192.0.2.7]",
        "User-Agent": "CorpMail 1.0",
        "Message-ID": "<4711@desk7.lan.corp.example>",
    }
    result = w.answer(
        matter,
        text="Dear Ann,\n\na new one is on its way.\n\n-- \nAlice Archer\nalice@corp.example\n",
        html=f"<p>Dear Ann,</p><p>a new one is on its way.</p><div>-- <br>Alice Archer<br>"
        f'<a href="mailto:alice@corp.example">alice@corp.example</a></div>'
        f"<blockquote>To: {address}</blockquote>",
        headers=headers,
        attachments=[("bill.pdf", "application/pdf", PDF)],
    )
    [sent] = result.sent
    assert sent["recipients"] == [matter.customer]
    found = read(sent["delivered"])
    assert matter.alias in found["From"]
    assert matter.alias in found["Reply-To"]
    said = everything(sent["raw"])
    for private in ("alice@corp.example", "corp.example", local, token, "192.0.2.7", "corpmail"):
        assert private not in said
    [file] = found.iter_attachments()
    assert sha256(file.get_payload(decode=True)).digest() == sha256(PDF).digest()


def test_d03_relay_other_case_token(w):
    one, two = w.matter(), w.matter()
    pasted = w.address(one).replace(one.id, two.id)
    refused(w, two, w.answer(two, to=pasted), "token", "alice")


def test_d05_relay_case_folded(w):
    matter = w.matter()
    address = w.address(matter)
    local, _, host = address.partition("@")
    upper = f"{local.upper()}@{host}"
    mixed = "".join(c.upper() if n % 2 else c for n, c in enumerate(local)) + f"@{host}"
    for to in (upper, mixed):
        [sent] = w.answer(matter, to=to).sent
        assert sent["recipients"] == [matter.customer]
        assert local not in everything(sent["raw"])
    raw = mail(ALICE, address, "Re: kettle", "Once only.")
    copies = [w.answer(matter, raw=raw, to=to) for to in (upper, mixed)]
    assert [len(copy.sent) for copy in copies] == [1, 0]
    assert ("duplicate", "alice", "same-mail") in w.history(matter.id)


@pytest.mark.parametrize("value", ["auto-replied", "auto-generated", "AUTO-REPLIED; owner=x"])
def test_d06_relay_agent_out_of_office(w, victim, value):
    result = w.answer(victim, text="I am on holiday.", headers={"Auto-Submitted": value})
    refused(w, victim, result, "automatic", "alice")


TWO_AUTHORS = {
    "two from headers": b"From: Alice <alice@corp.example>\r\nFrom: x@evil.example",
    "the other way round": b"From: x@evil.example\r\nFrom: alice@corp.example",
    "two mailboxes": b"From: alice@corp.example, x@evil.example",
    "dangling angle": b"From: alice@corp.example <x@evil.example>",
    "address as quoted name": b'From: "alice@corp.example" <x@evil.example>',
    "group": b"From: corp: alice@corp.example, x@evil.example;",
    "group of one": b"From: corp: alice@corp.example;",
    "encoded address": b"From: =?utf-8?q?alice?=@corp.example",
    "encoded word as name": b"From: =?utf-8?q?alice=40corp.example=20=3Cx?= <alice@corp.example>",
    "parenthesis": b"From: alice@corp.example)<x@evil.example>",
    "comment": b"From: alice@corp.example (x@evil.example)",
    "route": b"From: <@evil.example:alice@corp.example>",
    "nul": b"From: alice@corp.example\0@evil.example",
    "eight bits": b"From: Al\xefce <alice@corp.example>",
    "folded into two": b"From: alice@corp.example\r\n ,x@evil.example",
    "blank before the colon": b"From : alice@corp.example",
    "bare return": b"X: 1\rFrom: alice@corp.example\r\nFrom: x@evil.example",
    "smuggled line end": b"X-A: 1\nFrom: alice@corp.example",
    "behind a line that is none": b"From: alice@corp.example\r\nnonsense\r\nFrom: x@e.x",
    "quoted local part": b'From: "alice"@corp.example',
    "source in a domain literal": b"From: alice@[192.0.2.1]",
    "no author": b"Sender: alice@corp.example",
    "trailing dot": b"From: alice@corp.example.",
    "full width": "From: alice\uff20corp.example <x@evil.example>".encode(),
    "angle in angle": b"From: <<alice@corp.example>@evil.example>",
    "semicolon": b"From: alice@corp.example; x@evil.example",
}


def test_d07_two_from_headers(w):
    matter = w.matter()
    address = w.address(matter)
    result = w.deliver(forged(address, TWO_AUTHORS["two from headers"]), EVIL, address)
    refused(w, matter, result, "from-syntax")


def test_d08_from_dangling_angle(w):
    matter = w.matter()
    address = w.address(matter)
    result = w.deliver(forged(address, TWO_AUTHORS["dangling angle"]), EVIL, address)
    assert result.sent == []
    assert w.became(result.id)[0] in {"blocked", "held"}


def test_d09_forged_verdict_block(w):
    matter = w.matter()
    address = w.address(matter)
    claims = (
        b"Authentication-Results: amazonses.com; dmarc=pass header.from=corp.example\r\n"
        b"X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\nX-SES-RECEIPT: x\r\n"
        b"Received-SPF: pass (spfCheck: domain of corp.example)\r\n"
    )
    for verdict in ("FAIL", "GRAY", "PROCESSING_FAILED"):
        raw = claims + forged(address)
        result = w.deliver(raw, EVIL, address, {"dmarc": verdict, "spam": "FAIL"})
        refused(w, matter, result, "dmarc")


# --- And more of the kind ------------------------------------------------------------------------


@pytest.mark.parametrize("name", TWO_AUTHORS)
def test_a01_an_author_that_can_be_read_in_two_ways_sends_nothing(w, victim, name):
    address = w.address(victim)
    result = w.deliver(forged(address, TWO_AUTHORS[name]), EVIL, address)
    assert result.sent == []
    assert w.became(result.id)[0] in {"blocked", "held"}
    assert w.case(victim.id)["customer"] == victim.customer


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [
        ({"dmarc": "GRAY"}, "dmarc"),
        ({"dmarc": "PROCESSING_FAILED"}, "dmarc"),
        ({"dmarc": "DISABLED"}, "dmarc"),
        ({"dmarc": ""}, "dmarc"),
        ({"dmarc": "pass "}, "dmarc"),
        ({"virus": "PROCESSING_FAILED"}, "virus"),
        ({"virus": "GRAY"}, "virus"),
        ({"virus": "DISABLED"}, "virus"),
        ({"spam": "FAIL"}, "spam"),
        (dict.fromkeys(("spf", "dkim", "dmarc", "spam", "virus"), ""), "dmarc"),
    ],
    ids=str,
)
def test_a02_what_is_not_a_clear_pass_is_a_refusal(w, victim, verdicts, reason):
    refused(w, victim, w.answer(victim, verdicts=verdicts), reason)


def test_a03_the_sender_field_and_reply_to_authorise_nobody(w):
    matter = w.matter()
    address = w.address(matter)
    more = {"Sender": "alice@corp.example", "Reply-To": "alice@corp.example"}
    raw = mail(EVIL, address, "Re: x", "I am Alice.", headers=more)
    result = w.deliver(raw, "alice@corp.example", address)
    assert result.sent == []
    assert w.became(result.id) == ("held", "third-party")


def test_a04_an_agents_reply_to_and_resent_fields_change_no_recipient(w):
    matter = w.matter()
    fields = (
        "Reply-To",
        "Bcc",
        "Resent-To",
        "Resent-Bcc",
        "Return-Path",
        "Errors-To",
        "Apparently-To",
    )
    result = w.answer(matter, headers=dict.fromkeys(fields, EVIL))
    [sent] = human(w.s.sent())[-1:]
    assert sent["recipients"] == [matter.customer]
    assert all("x@evil.example" not in one["recipients"] for one in result.sent)
    assert "evil" not in everything(sent["raw"])


def test_a05_a_neighbour_domain_is_not_the_agents(w, victim):
    for host in ("corp.example.evil.example", "sub.corp.example", "xcorp.example", "c0rp.example"):
        result = w.answer(victim, sender=f"alice@{host}", mail_from=f"alice@{host}")
        assert result.sent == []
        assert w.became(result.id) == ("held", "third-party")


def test_a06_an_unknown_person_of_the_agents_domain_is_refused_in_silence(w, victim):
    result = w.answer(victim, sender="ceo@corp.example", mail_from="ceo@corp.example")
    refused(w, victim, result, "unknown-agent")


def swapped(address, at, letter=""):
    local, _, host = address.partition("@")
    name, _, token = local.partition("+")
    other = letter or next(c for c in "0123456789abcdef" if c != token[at])
    return f"{name}+{token[:at]}{other}{token[at + 1 :]}@{host}"


def test_a07_no_part_of_a_token_can_be_changed(w):
    matter = w.matter()
    address = w.address(matter)
    changed = [
        address.replace("relay+", "rejectrelay+"),
        address.replace("relay+", "queuerelay+"),
        address.replace("relay+", "agentrelay+"),
        swapped(address, 20),  # key version
        *(swapped(address, 21 + n) for n in range(4)),  # stamp
        swapped(address, 25),  # mac
        swapped(address, 50),
    ]
    for to in changed:
        refused(w, matter, w.answer(matter, to=to), "token", "alice")
    assert w.case(matter.id)["status"] == "open"


@pytest.mark.parametrize("change", ["", "x", "0" * 51, "!", "no"])
def test_a08_a_broken_address_sends_nothing(w, victim, change):
    local, _, host = w.address(victim).partition("@")
    broken = {"": local[:-1], "x": local + "0", "!": local.replace("+", "+!"), "no": "relay"}
    result = w.answer(victim, to=f"{broken.get(change, 'relay+' + change)}@{host}")
    assert result.to(victim.customer) == []
    assert not any(one["raw"].count(victim.id.encode()) for one in result.sent)
    assert {recipient for one in result.sent for recipient in one["recipients"]} <= {
        "alice@corp.example"
    }


def test_a09_two_relay_addresses_in_one_envelope_are_none(w):
    one, two = w.matter(), w.matter()
    both = [w.address(one), w.address(two)]
    result = w.answer(one, to=both[0], raw=mail(ALICE, ", ".join(both)))
    both_result = w.deliver(mail(ALICE, ", ".join(both), "Re: x"), "alice@corp.example", both)
    assert human(both_result.sent) == []
    assert {one["recipients"][0] for one in human(result.sent)} <= {one.customer}
    assert not both_result.to(one.customer)
    assert not both_result.to(two.customer)
    assert w.quarantined(both_result.id) == "address"


def test_a10_a_relay_address_in_the_header_only_sends_nothing(w):
    matter = w.matter()
    raw = mail(ALICE, w.address(matter), "Re: x", "For the customer.")
    result = w.deliver(raw, "alice@corp.example", w.s.inquiry_address)
    assert human(result.sent) == []
    assert not result.to(matter.customer)


def test_a11_the_envelope_decides_and_not_the_header(w):
    one, two = w.matter(), w.matter()
    [sent] = human(w.answer(one, header_to=w.address(two)).sent)
    assert sent["recipients"] == [one.customer]
    assert w.address(two).partition("@")[0] not in everything(sent["raw"])


def test_a12_reply_all_to_the_relay_and_the_customers_alias_is_one_answer(w):
    matter = w.matter()
    address = w.address(matter)
    raw = mail(ALICE, f"{address}, {matter.alias}", "Re: kettle", "It is on its way.")
    before = len(w.s.cases())
    result = w.deliver(raw, "alice@corp.example", [address, matter.alias])
    assert [one["recipients"] for one in human(result.sent)] == [[matter.customer]]
    assert len(w.s.cases()) == before
    apart = mail(ALICE, f"{address}, {matter.alias}", "Re: kettle", "And one more thing.")
    results = [w.deliver(apart, "alice@corp.example", to) for to in (matter.alias, address)]
    found = [recipient for r in results for one in human(r.sent) for recipient in one["recipients"]]
    assert found == [matter.customer]
    assert len(w.s.cases()) == before


def test_a13_an_agents_mail_in_someone_elses_name_stays_his(w):
    """Alice's address is bound to Alice: Bob as From, Alice as envelope sender and Sender."""
    matter = w.matter()
    result = w.answer(
        matter,
        "alice",
        sender="Bob <bob@corp.example>",
        headers={"Sender": "alice@corp.example"},
    )
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "token")


def test_a14_a_signed_mail_cannot_be_used_again_elsewhere(w):
    one, two = w.matter(), w.matter()
    address = w.address(one)
    raw = mail(ALICE, address, "Re: kettle", "We pay you back 100 Euro.")
    assert len(human(w.answer(one, raw=raw, to=address).sent)) == 1
    again = [
        w.answer(one, raw=raw, to=address),
        w.answer(one, raw=raw, to=w.address(one, "queuerelay")),
        w.answer(one, raw=raw, to=w.address(one, agent="bob")),
        w.answer(two, raw=raw, to=address.replace(one.id, two.id)),
        w.answer(two, raw=raw, to=w.address(two, agent="bob")),
    ]
    assert not [recipient for r in again for recipient in r.sent if r.to(one.customer)]
    assert not any(r.to(two.customer) for r in again)


def test_a15_same_message_id_another_text_is_another_answer(w):
    matter = w.matter()
    fixed = {"Message-ID": "<the-same@corp.example>"}
    texts = ("First.", "First.", "Second.")
    results = [w.answer(matter, text=text, headers=fixed) for text in texts]
    assert [len(human(result.sent)) for result in results] == [1, 0, 1]


def test_a16_a_customers_reply_to_a_relay_address_is_his_cases_mail(w):
    matter = w.matter()
    address = w.address(matter)
    raw = mail(f"Ann <{matter.customer}>", address, "Re: kettle", "I got this address from a leak.")
    result = w.deliver(raw, matter.customer, address)
    assert human(result.sent) == []
    assert result.sent == []
    assert w.became(result.id) == ("accepted", "customer")
    assert w.tasks(matter.id)


def test_a17_a_stranger_with_a_relay_address_is_held(w):
    matter = w.matter()
    address = w.address(matter)
    result = w.deliver(mail(EVIL, address, "Re: kettle", "Spam for all."), EVIL, address)
    assert result.sent == []
    assert w.became(result.id) == ("held", "third-party")


@pytest.mark.parametrize(
    "field",
    [
        {"Precedence": "bulk"},
        {"List-Id": "<news.corp.example>"},
        {"X-Autoreply": "yes"},
        {"Precedence": "auto_reply"},
        {"Subject": "Automatic reply: kettle"},
        {"Subject": "Abwesenheitsnotiz"},
    ],
    ids=str,
)
def test_a18_machines_of_the_agents_side_do_not_write_to_customers(w, victim, field):
    refused(w, victim, w.answer(victim, headers=field), "automatic", "alice")


def test_a19_a_null_return_path_is_no_person(w, victim):
    refused(w, victim, w.answer(victim, mail_from=""), "automatic", "alice")


def test_a21_only_quotes_are_no_answer(w):
    matter = w.matter()
    result = w.answer(matter, text="\n> the kettle leaks\n> and is broken\n")
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "empty")


def hidden_token(address, how):
    inner = mail("Bot <bot@corp.example>", address, "Task", f"Answer to {address}")
    if how == "eml":
        return ("mail.eml", "application/octet-stream", inner)
    if how == "base64 in eml":
        body = base64.encodebytes(f"see {address}".encode())
        head = b"From: a@corp.example\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        return ("mail.eml", "application/octet-stream", head + body)
    if how == "calendar":
        text = f"BEGIN:VCALENDAR\r\nORGANIZER:mailto:{address}\r\nEND:VCALENDAR"
        return ("meet.ics", "text/calendar", text.encode())
    return (
        "page.html",
        "text/html",
        f"<a href='mailto:{address}'>x</a>".replace("+", "%2B").encode(),
    )


@pytest.mark.parametrize("how", ["eml", "base64 in eml", "calendar", "html"])
def test_a22_a_file_that_shows_a_relay_address_does_not_go_out(w, how):
    matter = w.matter()
    result = w.answer(matter, attachments=[hidden_token(w.address(matter), how)])
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "token-in-attachment")


def test_a23_no_relay_address_leaves_whichever_the_agent_pastes(w):
    matter, other = w.matter(), w.matter()
    pasted = [
        w.address(matter),
        w.address(matter, "queuerelay"),
        w.address(matter, "rejectrelay", "bob"),
        w.address(other, "agentrelay"),
    ]
    hidden = [address.replace("+", "&#43;").replace("@", "&#64;") for address in pasted]
    result = w.answer(
        matter,
        text="Write to:\n" + "\n".join(pasted),
        html="<p>Write to:</p>" + "".join(f"<p>{address}</p>" for address in hidden),
        subject=f"Re: {pasted[1]}",
    )
    [sent] = human(result.sent)
    said = everything(sent["raw"])
    for address in pasted:
        assert address.partition("@")[0] not in said
        assert address.partition("+")[2].partition("@")[0] not in said


def test_a24_a_colleague_and_a_customer_in_copy_get_nothing_from_the_channel(w):
    matter = w.matter()
    copies = f"bob@corp.example, {matter.customer}, third@third.example"
    result = w.answer(matter, headers={"Cc": copies})
    assert sorted(one["recipients"] for one in result.sent) == sorted(
        [[matter.customer], ["alice@corp.example"]]
    )
    [report] = result.to("alice@corp.example")
    said = says(report["delivered"])
    assert "third@third.example" in said
    assert "directly" in said
    assert "bob@corp.example" not in said
    kinds = [(kind, reason) for kind, _, reason in w.history(matter.id)]
    assert ("recipients-ignored", "direct") in kinds
    assert ("recipients-ignored", "ignored") in kinds
    [answer] = result.to(matter.customer)
    assert "bob@corp.example" not in everything(answer["raw"])
    assert "third@third.example" not in everything(answer["raw"])


def test_a28_subject_and_names_of_an_agents_mail_go_nowhere(w):
    matter = w.matter()
    result = w.answer(
        matter,
        subject="INTERNAL: this customer is difficult",
        sender='"Alice (ext. 4711, desk 7)" <alice@corp.example>',
        headers={
            "Organization": "Corp Internal",
            "Comments": "do not tell",
            "Thread-Topic": "secret",
        },
    )
    [sent] = human(result.sent)
    said = everything(sent["raw"])
    for private in ("internal", "4711", "do not tell", "thread-topic"):
        assert private not in said


def test_a29_our_own_loop_mark_makes_an_agents_mail_a_loop(w):
    matter = w.matter()
    acknowledgement = next(one for one in w.s.sent() if matter.customer in one["recipients"])
    mark = message_from_bytes(acknowledgement["raw"])["X-Email-Channel-Loop"]
    result = w.answer(matter, headers={"X-Email-Channel-Loop": mark})
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "loop")
    made_up = mark[:-1] + ("0" if mark[-1] != "0" else "1")
    assert human(w.answer(matter, headers={"X-Email-Channel-Loop": made_up}).sent)


def test_a30_an_agents_commands_never_reach_the_customer(w):
    matter = w.matter()
    texts = ("#note do not trust her", "#nte do not trust her", "\uff03note she lies", "#closed")
    for text in texts:
        assert not w.answer(matter, text=text).to(matter.customer)
    assert w.case(matter.id)["status"] == "open"
    assert not any("trust her" in everything(one["raw"]) for one in w.s.sent())


def test_a31_a_rejected_case_takes_no_answer(w):
    matter = w.matter()
    address = w.address(matter)
    w.answer(matter, purpose="rejectrelay", text="No.")
    assert w.case(matter.id)["status"] == "rejected"
    result = w.answer(matter, to=address)
    assert not result.to(matter.customer)
    assert w.became(result.id) == ("blocked", "case-closed")


def test_a32_a_case_without_a_customer_is_answered_to_nobody(w):
    raw = mail(None, text="No sender at all.")
    ses_id = w.deliver(raw, "x@nowhere.example", w.s.inquiry_address).id
    case_id = w.case_of(ses_id)
    result = w.deliver(
        mail(ALICE, w.s.relay_address(case_id, "relay", "alice"), "Re: x", "Hello?"),
        "alice@corp.example",
        w.s.relay_address(case_id, "relay", "alice"),
    )
    assert human(result.sent) == []
    assert w.became(result.id) == ("blocked", "no-customer")


def test_a35_addresses_with_dots_blanks_and_quotes_send_at_most_to_the_customer(w):
    matter = w.matter()
    local, _, host = w.address(matter).partition("@")
    for to in (f'"{local}"@{host}', f"{local} @{host}", f"{local}.@{host}", f"{local}@{host}."):
        try:
            result = w.answer(matter, to=to, header_to=w.address(matter))
        except RuntimeError:  # Refused: SES takes no mail for it
            continue
        assert {a for one in human(result.sent) for a in one["recipients"]} <= {matter.customer}
        assert "relay" not in "".join(everything(one["raw"]) for one in human(result.sent))


def test_a36_minted_with_another_key_is_worth_nothing(w, victim):
    agent = w.s._agent("alice")["id"]
    stamp = w.address(victim).partition("+")[2][21:25]
    for version in ("1", "2", "0"):
        keys = alias.RelayKeys(version, {version: b"guessed" * 5})
        made = alias.relay_address(keys, "relay", victim.id, stamp, agent, 0, w.s.domain)
        refused(w, victim, w.answer(victim, to=made), "token", "alice")
