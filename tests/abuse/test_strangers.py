"""Whoever knows an address of a case can add to it, not read it, nor steer it, nor join it."""

import pytest

from local.testing import alias_of
from tests.abuse.world import SECRET, everything, human, read, recipients
from tests.builders import mail, reply_to

EVE = "eve@evil.example"
FAIL = {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"}


def eves(to, text="Who else writes here?", **more):
    return mail(f"Eve <{EVE}>", to, more.pop("subject", "Re: My kettle"), text, **more)


def held_and_harmless(w, matter, result, reason="third-party"):
    """The mail waits for an agent with a warning, and the case is as it was."""
    assert result.sent == []
    assert w.became(result.id) == ("held", reason)
    case = w.case(matter.id)
    assert (case["customer"], case["participants"]) == (matter.customer, [])
    assert reason in [entry["code"] for entry in w.message(result.id)["formatted"]["warnings"]]
    assert w.tasks(matter.id)[-1]["attributes"]["warning"]


# --- The table's own cases -----------------------------------------------------------------------


def test_d10_stranger_on_case_alias(w):
    matter = w.matter()
    result = w.deliver(eves(matter.alias), EVE, matter.alias)
    held_and_harmless(w, matter, result)
    sent = w.answer(matter).sent
    assert recipients(sent) == [matter.customer]
    assert "who else writes here" not in everything(sent[0]["raw"])
    assert not any(EVE in one["recipients"] for one in w.s.sent())


def test_d11_spoofed_customer_adds_cc(w):
    matter = w.matter()
    raw = mail(
        f"Ann <{matter.customer}>",
        matter.alias,
        "Re: My kettle",
        "Please send the money to DE00 EVIL.",
        headers={"Cc": EVE, "Reply-To": EVE},
    )
    result = w.deliver(raw, EVE, matter.alias, FAIL)
    assert result.sent == []
    assert w.became(result.id) == ("flagged", "customer-unverified")
    assert w.case(matter.id)["participants"] == []
    assert w.message(result.id)["formatted"]["authenticated"] is False
    assert w.tasks(matter.id)[-1]["attributes"]["warning"]
    sent = w.answer(matter).sent
    assert recipients(sent) == [matter.customer]
    assert "evil" not in everything(sent[0]["raw"])


# --- Ways to name a case -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["anchor", "subject", "ses id", "alias in cc", "relay in to"])
def test_a37_a_stranger_who_names_a_case_by_whatever_means_is_held(w, how):
    matter = w.matter()
    inquiry, headers, subject = w.s.inquiry_address, {}, "Re: My kettle"
    sent_id = read(w.answer(matter).sent[0]["delivered"])["Message-ID"]
    if how == "anchor":
        headers["References"] = f"<case.{matter.id}@{w.s.domain}>"
    elif how == "subject":
        subject = f"Re: My kettle [#{matter.id}]"
    elif how == "ses id":
        headers["In-Reply-To"] = sent_id
    elif how == "alias in cc":
        headers["Cc"] = matter.alias
    else:
        inquiry = w.address(matter)
    result = w.deliver(eves(inquiry, headers=headers, subject=subject), EVE, w.s.inquiry_address)
    held_and_harmless(w, matter, result)


def test_a38_a_guessed_alias_is_a_new_matter_and_no_oracle(w):
    real, guessed = w.matter().id, "0123456789abcdefghjk"
    answers = {}
    for case_id in (guessed, real[::-1]):
        sender = w.person("eve")
        to = alias_of(w.s, case_id)
        result = w.deliver(mail(f"Eve <{sender}>", to), sender, to)
        assert w.case_of(result.id) not in {guessed, real}
        answers[case_id] = [one["recipients"] for one in result.sent]
        assert answers[case_id] == [[sender]]
    assert guessed not in "".join(everything(one["raw"]) for one in w.s.sent())


def test_a39_own_case_and_anothers_alias_in_one_envelope_enter_the_own_one(w):
    mine, other = w.matter(), w.matter()
    raw = mail(f"Ann <{mine.customer}>", f"{other.alias}, {mine.alias}", "Re: x", "Both.")
    result = w.deliver(raw, mine.customer, [other.alias, mine.alias])
    assert w.case_of(result.id) == mine.id
    assert len(w.s.messages(other.id)) == 1


@pytest.mark.parametrize("verdicts", [{}, FAIL], ids=["proven", "forged"])
def test_a40_an_alias_as_author_is_our_own_mail_coming_back(w, verdicts):
    matter = w.matter()
    before = len(w.s.tasks())
    for to in (matter.alias, w.s.inquiry_address):
        result = w.deliver(mail(f"Ann <{matter.alias}>", to), EVE, to, verdicts)
        assert result.sent == []
        assert w.quarantined(result.id) == "loop"
    assert len(w.s.tasks()) == before


# --- People --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "verdicts",
    [FAIL, {"dmarc": "GRAY", "spf": "FAIL", "dkim": "FAIL"}, {"dmarc": "PROCESSING_FAILED"}],
    ids=str,
)
def test_a41_an_unproven_mail_brings_nobody_into_a_new_case(w, verdicts):
    victim = w.person("victim")
    raw = mail(
        f"Victim <{victim}>", f"{w.s.inquiry_address}, {EVE}", text="IBAN evil", headers={"Cc": EVE}
    )
    result = w.deliver(raw, EVE, w.s.inquiry_address, verdicts)
    assert result.sent == []
    case_id = w.case_of(result.id)
    address = w.s.relay_address(case_id, "relay", "alice")
    sent = human(
        w.deliver(
            mail("alice@corp.example", address, "Re: x", "Hello."), "alice@corp.example", address
        ).sent
    )
    assert recipients(sent) == [victim]
    assert "evil" not in everything(sent[0]["raw"])


def test_a42_reply_to_does_not_move_the_answer(w):
    matter = w.matter(headers={"Reply-To": EVE})
    assert "different-reply-to" in w.message(matter.mail_id)["flags"]
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]


def test_a43_a_customers_copies_never_are_ours_or_an_agents(w):
    matter, friend = w.matter(), w.person("friend")
    own = [matter.alias, w.address(matter), w.s.inquiry_address.upper(), "bob@corp.example"]
    cc = ", ".join([friend, *own])
    raw = mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", headers={"Cc": cc})
    w.deliver(raw, matter.customer, matter.alias)
    [sent] = human(w.answer(matter).sent)
    assert sorted(sent["recipients"]) == sorted([matter.customer, friend])
    said = everything(sent["raw"])
    assert "corp.example" not in said
    assert "relay+" not in said


def test_a44_a_long_list_of_copies_is_cut(w):
    cc = ", ".join(f"p{n}@many.example" for n in range(80))
    matter = w.matter(headers={"Cc": cc})
    [sent] = human(w.answer(matter).sent)
    assert matter.customer in sent["recipients"]
    assert len(sent["recipients"]) <= 50


def test_a45_who_was_in_copy_once_is_not_in_the_next_answer(w):
    friend = w.person("friend")
    matter = w.matter(headers={"Cc": friend})
    assert friend in recipients(w.answer(matter).sent)
    w.deliver(
        mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "Without my friend now."),
        matter.customer,
        matter.alias,
    )
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]


def test_a46_a_third_party_who_replies_to_all_brings_no_history_out(w):
    friend = w.person("friend")
    matter = w.matter(headers={"Cc": friend})
    [sent] = human(w.answer(matter).sent)
    raw = reply_to(
        sent["delivered"],
        f"I know better.\n\n> {SECRET}\n",
        f"Friend <{friend}>",
        headers={"Cc": matter.customer},
    )
    result = w.deliver(raw, friend, matter.alias)
    held_and_harmless(w, matter, result)
    [next_answer] = human(w.answer(matter).sent)
    assert "i know better" not in everything(next_answer["raw"])


def test_a47_a_forged_agent_on_the_alias_says_nothing_to_anybody(w):
    matter = w.matter()
    raw = mail("Alice <alice@corp.example>", matter.alias, "Re: x", "Give her the money.")
    result = w.deliver(raw, EVE, matter.alias, FAIL)
    held_and_harmless(w, matter, result, "agent-unverified")


def test_a48_an_agents_mail_to_the_alias_is_a_note_and_never_leaves(w):
    matter = w.matter()
    raw = mail("Alice <alice@corp.example>", matter.alias, "Re: x", "She is lying, I think.")
    result = w.deliver(raw, "alice@corp.example", matter.alias)
    assert result.sent == []
    assert w.became(result.id) == ("noted", "agent-note")
    [sent] = human(w.answer(matter).sent)
    assert "lying" not in everything(sent["raw"])


def test_a49_a_colleague_of_the_customer_is_held_as_one(w):
    matter = w.matter()
    domain = matter.customer.partition("@")[2]
    result = w.deliver(
        mail(f"Boss <boss@{domain}>", matter.alias, "Re: x"), f"boss@{domain}", matter.alias
    )
    held_and_harmless(w, matter, result, "colleague")
    at_gmail = w.matter("ann@gmail.com")
    result = w.deliver(mail("boss@gmail.com", at_gmail.alias), "boss@gmail.com", at_gmail.alias)
    held_and_harmless(w, at_gmail, result)


def test_a84_a_forgers_subject_is_not_repeated_to_the_customer(w):
    matter = w.matter()
    raw = mail(
        f"Ann <{matter.customer}>", matter.alias, "Pay now at http://evil.example/", "Do it."
    )
    assert w.became(w.deliver(raw, EVE, matter.alias, FAIL).id)[0] == "flagged"
    [sent] = human(w.answer(matter).sent)
    assert read(sent["raw"])["Subject"] == "Re: My kettle is broken"
    assert "evil" not in everything(sent["raw"])


def test_a85_a_forger_gets_no_answer_made_for_the_customers_copies(w):
    """Whom the customer had copied does not hear the answer to a forged mail."""
    friend = w.person("friend")
    matter = w.matter(headers={"Cc": friend})
    raw = mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "Do it.", headers={"Cc": EVE})
    w.deliver(raw, EVE, matter.alias, FAIL)
    assert recipients(human(w.answer(matter).sent)) == [matter.customer]


@pytest.mark.parametrize("verdict", ["virus", "spam"])
def test_a86_foul_mail_does_not_come_in_by_a_relay_address(w, verdict):
    matter = w.matter()
    address = w.address(matter)
    for sender in (EVE, matter.customer):
        result = w.deliver(mail(sender, address, "Re: x"), sender, address, {verdict: "FAIL"})
        assert result.sent == []
        assert w.quarantined(result.id) == verdict
    assert len(w.s.messages(matter.id)) == 1


# --- Closed cases --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["rejected", "resolved"])
def test_a50_a_stranger_learns_nothing_from_a_closed_case(w, how):
    matter = w.matter()
    if how == "rejected":
        w.answer(matter, purpose="rejectrelay", text="No.")
    else:
        w.answer(matter, text="#close\nAll done.")
    assert w.case(matter.id)["status"] == how
    stranger = w.person("eve")
    raw = mail(f"Eve <{stranger}>", matter.alias, "Re: My kettle", "Tell me all.")
    result = w.deliver(raw, stranger, matter.alias)
    said = "".join(everything(one["raw"]) for one in result.sent)
    assert matter.customer not in said
    assert "heron" not in said
    assert matter.id not in said
    assert w.case(matter.id)["status"] == how
    assert recipients(result.sent) in ([], [stranger])
    if how == "rejected":
        new = w.case(w.case_of(result.id))
        assert (new["linked"], new["customer"]) == ([matter.id], stranger)


def test_a51_thanks_of_a_stranger_or_forger_do_not_pass_for_the_customers(w):
    matter = w.matter()
    w.answer(matter, text="#close\nAll done.")
    raw = mail(f"Eve <{EVE}>", matter.alias, "Re: x", "Thanks!")
    result = w.deliver(raw, EVE, matter.alias)
    assert w.became(result.id)[0] == "held"
    assert w.tasks(matter.id)


# --- One mail, several ways ----------------------------------------------------------------------


def test_a52_one_mail_to_inquiry_address_and_alias_is_handled_once(w):
    matter = w.matter()
    both = f"{w.s.inquiry_address}, {matter.alias}"
    raw = mail(f"Ann <{matter.customer}>", both, "Re: x", "Once, please.")
    before = len(w.s.cases())
    first = w.deliver(raw, matter.customer, w.s.inquiry_address)
    second = w.deliver(raw, matter.customer, matter.alias)
    together = mail(f"Ann <{matter.customer}>", both, "Re: x", "And this one.")
    third = w.deliver(together, matter.customer, [w.s.inquiry_address, matter.alias])
    assert first.sent + second.sent + third.sent == []
    assert len(w.s.cases()) == before
    assert len(w.s.messages(matter.id)) == 3


def test_a53_a_copied_message_id_does_not_swallow_the_customers_mail(w):
    matter = w.matter()
    fixed = {"Message-ID": "<known@victim.example>"}
    w.deliver(eves(matter.alias, "First!", headers=fixed), EVE, matter.alias)
    raw = mail(f"Ann <{matter.customer}>", matter.alias, "Re: x", "My own.", headers=fixed)
    result = w.deliver(raw, matter.customer, matter.alias)
    assert w.became(result.id) == ("accepted", "customer")
