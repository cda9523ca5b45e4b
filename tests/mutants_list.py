"""The guards of the channel, each with the edit that takes it away and the test that notices."""

from dataclasses import dataclass

RELAY = "tests/abuse/test_relay.py::"
STRANGERS = "tests/abuse/test_strangers.py::"
TOLD = "tests/abuse/test_explanations.py::"
DECISIONS = "tests/abuse/test_decisions.py::"
GUARDS = "tests/abuse/test_guards.py::"
AUTO = "tests/abuse/test_automatic_mail.py::"
TABLE = "tests/adapters/test_dynamodb.py::"


@dataclass(frozen=True)
class Mutant:
    """`old`, which stands once in `file` below functions/, becomes `new`; `test` must notice."""

    name: str
    file: str
    old: str
    new: str
    test: str


def _gate(name: str, old: str, new: str, test: str) -> Mutant:
    return Mutant(f"gate: {name}", "emailchannel/gates.py", old, new, test)


GATES = (
    _gate(
        "one relay address",
        "    if len(parsed) != 1:\n",
        "    if not parsed:\n",
        RELAY + "test_a09_two_relay_addresses_in_one_envelope_are_none",
    ),
    _gate(
        "an unambiguous From",
        "    sender = strict_from(raw)\n",
        "    sender = mail.from_.addr if mail.from_ else None\n",
        RELAY + "test_a01_an_author_that_can_be_read_in_two_ways_sends_nothing",
    ),
    _gate(
        "the agents' domains",
        '        return "agent-domain"\n',
        "        pass\n",
        GUARDS + "test_g01_a_further_address_serves_only_in_the_agents_domains",
    ),
    _gate(
        "DMARC",
        "    if verdicts.dmarc != PASS:\n",
        "    if False:\n",
        RELAY + "test_d01_relay_forged_agent",
    ),
    _gate(
        "DMARC, FAIL only",
        "    if verdicts.dmarc != PASS:\n",
        "    if verdicts.dmarc == FAIL:\n",
        RELAY + "test_a02_what_is_not_a_clear_pass_is_a_refusal",
    ),
    _gate(
        "virus",
        "    if verdicts.virus != PASS:\n",
        "    if False:\n",
        RELAY + "test_a02_what_is_not_a_clear_pass_is_a_refusal",
    ),
    _gate(
        "spam",
        '    return "spam" if verdicts.spam in {FAIL, ""} else ""\n',
        '    return ""\n',
        RELAY + "test_a02_what_is_not_a_clear_pass_is_a_refusal",
    ),
    _gate(
        "token",
        "    if not alias.verifies(",
        "    if False and not alias.verifies(",
        RELAY + "test_d03_relay_other_case_token",
    ),
    _gate(
        "closed case",
        "    if case is None or case.status == REJECTED:\n",
        "    if case is None:\n",
        RELAY + "test_a31_a_rejected_case_takes_no_answer",
    ),
    _gate(
        "a customer to answer",
        "    if not case.customer.address:\n",
        "    if False:\n",
        RELAY + "test_a32_a_case_without_a_customer_is_answered_to_nobody",
    ),
    _gate(
        "the agent's right to the case",
        "    if not directory.may_answer(channel, agent, case):\n",
        "    if False:\n",
        GUARDS + "test_g03_an_agent_of_another_queue_may_not_answer",
    ),
    _gate(
        "machines",
        "    if mail.automatic or mail.bounce or not envelope.mail_from:\n",
        "    if mail.bounce or not envelope.mail_from:\n",
        RELAY + "test_d06_relay_agent_out_of_office",
    ),
    _gate(
        "null return path",
        "    if mail.automatic or mail.bounce or not envelope.mail_from:\n",
        "    if mail.automatic or mail.bounce:\n",
        GUARDS + "test_g12_the_envelope_says_that_nobody_sent_it",
    ),
    _gate(
        "our own mail",
        "    if loops.comes_back(channel, raw, mail, envelope.mail_from):\n",
        "    if False:\n",
        RELAY + "test_a29_our_own_loop_mark_makes_an_agents_mail_a_loop",
    ),
    _gate(
        "forwards",
        "    if mail.forwarded and forward.says_so(mail.subject):\n",
        "    if False:\n",
        TOLD + "test_a20_a_forward_to_a_relay_address_is_no_answer",
    ),
    _gate(
        "something new to say",
        '    if not has_content(mail) and address.purpose != "rejectrelay":\n',
        "    if False:\n",
        RELAY + "test_a21_only_quotes_are_no_answer",
    ),
)


def _mac(field: str, old: str, new: str, test: str) -> Mutant:
    return Mutant(f"mac: {field}", "emailchannel/mail/alias.py", old, new, test)


_DIGEST = '_keyed(key, "relay1", purpose, case, message_stamp, agent_id, str(epoch))'
_COMPARED = "    return hmac.compare_digest(expected, address.mac)\n"
MACS = (
    _mac("compared", _COMPARED, "    return True\n", RELAY + "test_d03_relay_other_case_token"),
    _mac(
        "compared whole",
        _COMPARED,
        "    return hmac.compare_digest(expected[:-1], address.mac[:-1])\n",
        RELAY + "test_a07_no_part_of_a_token_can_be_changed",
    ),
    _mac(
        "unknown key",
        "    key = keys.keys.get(address.version)\n    if key is None:\n        return False\n",
        "    key = keys.keys.get(address.version, b'')\n",
        GUARDS + "test_g02_a_version_that_no_key_has_signs_nothing",
    ),
    _mac(
        "purpose",
        _DIGEST,
        _DIGEST.replace("purpose, ", ""),
        RELAY + "test_a07_no_part_of_a_token_can_be_changed",
    ),
    _mac("case", _DIGEST, _DIGEST.replace("case, ", ""), RELAY + "test_d03_relay_other_case_token"),
    _mac(
        "stamp",
        _DIGEST,
        _DIGEST.replace("message_stamp, ", ""),
        RELAY + "test_a07_no_part_of_a_token_can_be_changed",
    ),
    _mac(
        "agent",
        _DIGEST,
        _DIGEST.replace("agent_id, ", ""),
        TOLD + "test_d04_relay_other_agent_token",
    ),
    _mac(
        "epoch",
        _DIGEST,
        _DIGEST.replace(", str(epoch)", ""),
        TOLD + "test_a33_a_revoked_address_is_dead_and_its_agent_is_told",
    ),
    _mac(
        "loop mark",
        "    return hmac.compare_digest(_loop_mac(key, identity), mac)\n",
        "    return True\n",
        AUTO + "test_a71_a_forged_loop_mark_is_an_ordinary_mail",
    ),
)


def _in(file: str, name: str, old: str, new: str, test: str) -> Mutant:
    return Mutant(f"{file}: {name}", f"emailchannel/{file}.py", old, new, test)


SENDERS = (
    _in(
        "judge",
        "proof",
        "    proven = authenticated(envelope.verdicts, sender, envelope.mail_from, domains)\n",
        "    proven = True\n",
        STRANGERS + "test_d11_spoofed_customer_adds_cc",
    ),
    _in(
        "judge",
        "one author",
        "    proven = proven and _one_author(raw, mail, sender)\n",
        "",
        GUARDS + "test_g07_a_customer_who_can_be_read_in_two_ways_is_not_proven",
    ),
    _in(
        "judge",
        "DMARC of an agent's note",
        "        proven = proven and reading.envelope.verdicts.dmarc == PASS\n",
        "",
        GUARDS + "test_g08_an_agents_note_needs_what_the_relay_would_need",
    ),
    _in(
        "mail/verdict",
        "alignment",
        "    return one == other or one.endswith",
        "    return True or one.endswith",
        "tests/unit/test_trust.py",
    ),
    _in(
        "trust",
        "third parties held",
        '    (STRANGER, True): Decision(HELD, "third-party", THIRD_PARTY),\n',
        '    (STRANGER, True): Decision(ACCEPTED, "third-party", THIRD_PARTY),\n',
        STRANGERS + "test_d10_stranger_on_case_alias",
    ),
    _in(
        "receive",
        "blocked senders",
        "channel.cases.blocked(case.id, reading.sender)",
        "False",
        DECISIONS + "test_a59_a_blocked_sender_is_kept_away_from_the_case_only",
    ),
    _in(
        "receive",
        "copies of a mail",
        "    if first and first[0] != envelope.ses_id:\n",
        "    if False:\n",
        GUARDS + "test_g13_who_sends_a_customers_mail_before_him_does_not_silence_him",
    ),
    _in(
        "judge",
        "content of a copy",
        "    seen = (*scope, mail.message_id, mail.subject, mail.text, mail.html)\n",
        "    seen = (*scope, mail.message_id)\n",
        RELAY + "test_a15_same_message_id_another_text_is_another_answer",
    ),
    _in(
        "judge",
        "sender of a copy",
        "    seen = (*scope, mail.message_id, mail.subject, mail.text, mail.html)\n",
        "    seen = (mail.message_id, mail.subject, mail.text, mail.html)\n",
        GUARDS + "test_g13_who_sends_a_customers_mail_before_him_does_not_silence_him",
    ),
    _in(
        "loops",
        "our own addresses",
        "    if any(address and is_ours(channel, address) for address in (author, mail_from)):\n",
        "    if False:\n",
        AUTO + "test_d17_from_ourselves",
    ),
    _in(
        "loops",
        "our own mark",
        "    return any(_is_mark(channel, value) for value in marks)\n",
        "    return False\n",
        AUTO + "test_a72_our_mark_copied_from_an_acknowledgement_starts_nothing",
    ),
    _in(
        "loops",
        "hops",
        '    if "too-many-hops" in mail.flags:\n',
        "    if False:\n",
        AUTO + "test_a73_a_mail_that_went_round_too_often_stops",
    ),
)

AUTOMATIC = (
    _in(
        "acknowledge",
        "proven senders",
        "        and reading.authenticated\n",
        "",
        AUTO + "test_a65_two_hundred_forged_senders_get_nothing",
    ),
    _in(
        "acknowledge",
        "spam",
        "        and envelope.verdicts.spam == PASS\n",
        "",
        AUTO + "test_a67_no_acknowledgement_but_a_case_and_a_task",
    ),
    _in(
        "acknowledge",
        "people who want none",
        ' or "no-automatic-answer" in mail.flags)',
        ")",
        AUTO + "test_a67_no_acknowledgement_but_a_case_and_a_task",
    ),
    _in(
        "acknowledge",
        "return path",
        '        and aligned(returns_to.rpartition("@")[2], sender.rpartition("@")[2])\n',
        "",
        AUTO + "test_a67_no_acknowledgement_but_a_case_and_a_task",
    ),
    _in(
        "acknowledge",
        "robots by name",
        '        and not _ROBOT.fullmatch(sender.partition("@")[0].partition("+")[0])\n',
        "",
        AUTO + "test_a66_robots_by_name_get_a_case_and_no_answer",
    ),
    _in(
        "acknowledge",
        "written to us",
        "        and any(loops.is_ours(channel, address.addr) for address in (*mail.to, *mail.cc))\n",  # noqa: E501
        "",
        AUTO + "test_a67_no_acknowledgement_but_a_case_and_a_task",
    ),
    _in(
        "acknowledge",
        "once a day",
        "        channel, limits.ACKNOWLEDGEMENTS, sender, owner\n    ) and",
        "        channel, limits.ACKNOWLEDGEMENTS, owner, owner\n    ) and",
        AUTO + "test_d16_ack_rate_limit",
    ),
    _in(
        "limits",
        "kill switch",
        "    if settings.stop_automatic_mail:\n",
        "    if False:\n",
        AUTO + "test_a77_the_switch_that_stops_all_automatic_mail",
    ),
    _in(
        "limits",
        "global cap",
        "    return sent <= settings.automatic_mails_per_minute\n",
        "    return True\n",
        AUTO + "test_a76_the_cap_of_all_automatic_mail",
    ),
    _in(
        "limits",
        "flood of a sender",
        "        if count > settings.mails_per_sender:\n",
        "        if False:\n",
        AUTO + "test_a78_floods_go_to_the_quarantine_and_nobody_else_suffers",
    ),
    _in(
        "limits",
        "flood of a domain",
        "        if count > settings.mails_per_domain:\n",
        "        if False:\n",
        AUTO + "test_a78_floods_go_to_the_quarantine_and_nobody_else_suffers",
    ),
    _in(
        "limits",
        "flood of made-up senders",
        '    return "flood:unproven" if count > UNPROVEN else ""\n',
        '    return ""\n',
        GUARDS + "test_g11_made_up_senders_run_into_a_counter_of_their_own",
    ),
    _in(
        "explain",
        "once an hour",
        "        and limits.allows(channel, limit, agent.id, envelope.ses_id)\n",
        "",
        TOLD + "test_a25_an_explanation_tells_nothing_and_comes_once_an_hour",
    ),
    _in(
        "agent_mail",
        "made-up tokens unexplained",
        '    made_up = stop.reason == "token" and stop.holder is None\n',
        "    made_up = False\n",
        RELAY + "test_d03_relay_other_case_token",
    ),
    _in(
        "relay",
        "an agent's counter",
        "    within = limits.allows(channel, limits.AGENT_ANSWERS, agent.id, owner) and limits",
        "    within = limits",
        GUARDS + "test_g09_an_agents_counter_spans_all_his_cases",
    ),
    _in(
        "relay",
        "a case's counter",
        "        channel, limits.CASE_ANSWERS, case.id, owner\n",
        "        channel, limits.CASE_ANSWERS, owner, owner\n",
        GUARDS + "test_g05_a_case_has_so_many_answers_an_hour_and_no_more",
    ),
    Mutant(
        "rows_sessions: places of a limit",
        "emailchannel/aws/rows_sessions.py",
        "            if len(taken) >= most:\n",
        "            if False:\n",
        TABLE + "test_no_more_than_the_limit_within_any_stretch_of_time",
    ),
)

ANSWERS = (
    _in(
        "relay",
        "stale answers",
        "    if (work.answered.at if work.answered else 0) < work.passed.case.latest_at:\n",
        "    if False:\n",
        DECISIONS + "test_a62_an_overtaken_answer_waits_for_the_agent",
    ),
    Mutant(
        "rows_cases: overtaken meanwhile",
        "emailchannel/aws/rows_cases.py",
        '            condition += " AND latest_at <= :seen_at"\n',
        '            condition += " AND (latest_at <= :seen_at OR latest_at > :seen_at)"\n',
        TABLE + "test_an_answer_does_not_overtake_what_the_customer_wrote_meanwhile",
    ),
    Mutant(
        "rows_cases: a copy at the same time",
        "emailchannel/aws/rows_cases.py",
        '            "attribute_not_exists(pk) OR #ttl < :now OR ses_id = :ses_id",\n',
        '            "attribute_not_exists(pk) OR #ttl < :now OR ses_id <> :ses_id OR ses_id = :ses_id",\n',  # noqa: E501
        TABLE + "test_a_mail_is_known_again_for_a_week",
    ),
    Mutant(
        "rows_cases: decided once",
        "emailchannel/aws/rows_cases.py",
        '            "disposition = :held",\n',
        '            "disposition = :held OR disposition <> :held",\n',
        TABLE + "test_a_held_message_is_decided_once",
    ),
    _in(
        "relay",
        "the same mail again",
        "    if first is None or first[0] == work.envelope.ses_id:\n        return None\n",
        "    if first is None or first:\n        return None\n",
        RELAY + "test_d05_relay_case_folded",
    ),
    _in(
        "relay",
        "mistyped commands",
        '    if name.startswith("unknown"):\n',
        "    if False:\n",
        RELAY + "test_a30_an_agents_commands_never_reach_the_customer",
    ),
    _in(
        "relay",
        "tokens in files",
        "    if reply.leaks(work.mail, token(work.passed)):\n",
        "    if False:\n",
        RELAY + "test_a22_a_file_that_shows_a_relay_address_does_not_go_out",
    ),
    _in(
        "agent_mail",
        "the agent's addresses scrubbed",
        "    return (*passed.agent.addresses, named, token(passed))\n",
        "    return (named, token(passed))\n",
        RELAY + "test_d02_relay_happy_path_no_leak",
    ),
    _in(
        "reply",
        "quotes of proven mail only",
        "    proven = answered is not None and (forward or answered.disposition == ACCEPTED)\n",
        "    proven = answered is not None\n",
        GUARDS + "test_g06_an_unproven_mails_text_is_not_quoted_outward",
    ),
    _in(
        "answer",
        "copies by proven mail only",
        "    if answered and answered.disposition == trust.ACCEPTED:\n",
        "    if answered:\n",
        STRANGERS + "test_d11_spoofed_customer_adds_cc",
    ),
    _in(
        "answer",
        "no copies to ourselves and agents",
        "        if not (known or inside or loops.is_ours(channel, name)):\n",
        "        if not known:\n",
        STRANGERS + "test_a43_a_customers_copies_never_are_ours_or_an_agents",
    ),
    Mutant(
        "session: a code opens its own contact",
        "emailchannel/desk/session.py",
        "    if grant is None or grant.contact_id != contact_id:\n",
        "    if grant is None:\n",
        DECISIONS + "test_a61_a_code_opens_one_session_of_its_own_contact",
    ),
    Mutant(
        "rows_sessions: a code once",
        "emailchannel/aws/rows_sessions.py",
        "attribute_exists(pk) AND attribute_not_exists(used) AND #until > :now",
        "attribute_exists(pk) AND #until > :now",
        TABLE + "test_a_code_is_good_once_and_a_session_until_it_ends",
    ),
)

DESK_API = "tests/abuse/test_agent_api"


def _desk(name: str, file: str, old: str, new: str, test: str) -> Mutant:
    return Mutant(f"desk: {name}", f"emailchannel/desk/{file}.py", old, new, f"{DESK_API}{test}")


DESK = (
    _desk(
        "a session of its agent",
        "session",
        "    agent = _agent(channel, grant) if contact.agent_id == grant.agent_id else None\n",
        "    agent = _agent(channel, grant)\n",
        ".py::test_a96_a_task_taken_over_by_a_colleague_leaves_the_first_with_nothing",
    ),
    _desk(
        "only while the task is held",
        "session",
        '    if contact is None or contact.state != "connected" or not contact.agent_id:\n',
        "    if contact is None or not contact.agent_id:\n",
        ".py::test_a95_transfer_and_end_kill_the_session",
    ),
    _desk(
        "an active agent of this epoch",
        "session",
        "    if agent is None or not agent.active or agent.epoch != grant.epoch:\n",
        "    if agent is None or not agent.active:\n",
        "_person.py::test_a145_it_ends_within_the_hour_and_with_the_agent",
    ),
    _desk(
        "a verified address",
        "session",
        '    if not address or claims.get("email_verified", "").lower() != "true":\n',
        "    if not address:\n",
        "_person.py::test_a141_an_address_that_is_not_proven_or_not_an_agents_opens_none",
    ),
    _desk(
        "one's own queues",
        "others",
        "    return case if queue in agent.queues else None\n",
        "    return case\n",
        "_person.py::test_a144_a_case_of_another_queue_is_not_there",
    ),
    _desk(
        "cases to be read",
        "others",
        " if case.id == own.id or same or linked or queue in agent.queues else None\n",
        "\n",
        ".py::test_a98_nothing_of_another_case_by_any_route",
    ),
    _desk(
        "people of the case",
        "recipients",
        "        if strangers:\n",
        "        if False:\n",
        "_content.py::test_a131_only_people_of_the_case_get_a_reply",
    ),
    _desk(
        "no address of our own",
        "recipients",
        "        if loops.is_ours(channel, normalise(address.addr)):\n",
        "        if False:\n",
        "_content.py::test_a129_no_relay_address_leaves",
    ),
    _desk(
        "the size that was announced",
        "letter",
        "        if channel.mails.size(upload_key(case.id, upload.id)) != upload.size:\n",
        "        if channel.mails.size(upload_key(case.id, upload.id)) < 0:\n",
        "_content.py::test_a121_a_file_that_never_came_or_came_otherwise_is_not_sent",
    ),
    _desk(
        "a note is not forwarded",
        "write",
        "    if letter.writing.kind == FORWARD and about and about.kind in _INSIDE:\n",
        "    if False:\n",
        "_content.py::test_a135_a_note_stays_inside",
    ),
    _desk(
        "one mail a key",
        "write",
        '    identity = outbox_id("page", case.id, agent.id, letter.key)\n',
        '    identity = outbox_id("page", case.id, agent.id, str(channel.now()))\n',
        "_calls.py::test_a103_twenty_sends_with_one_key_are_one_mail",
    ),
    _desk(
        "a cursor's list",
        "cursor",
        "    fits = _KEY.fullmatch(key) and mark == _mark(of, kind, key)\n",
        "    fits = _KEY.fullmatch(key)\n",
        ".py::test_a101_a_cursor_is_good_for_what_it_was_made_for",
    ),
    Mutant(
        "desk: claims of the authorizer",
        "emailchannel/aws/http.py",
        '    found = ((context.get("authorizer") or {}).get("jwt") or {}).get("claims") or {}\n',
        '    found = {"email": "alice@corp.example", "email_verified": "true"}\n',
        f"{DESK_API}_person.py::test_a142_claims_count_only_where_the_authorizer_puts_them",
    ),
    Mutant(
        "desk: an answer to what was seen",
        "emailchannel/desk/write.py",
        "    if kind == REPLY and (newer := stale(channel, work.case, work.letter.seen)):\n",
        "    if kind == NOTE and (newer := stale(channel, work.case, work.letter.seen)):\n",
        "tests/journeys/test_page_answer.py::test_an_answer_that_crosses_a_mail_of_the_customer_waits_for_its_agent",
    ),
    Mutant(
        "desk: replies of one's own",
        "emailchannel/aws/rows_drafts.py",
        '    return {"pk": f"AGENT#{agent_id}", "sk": f"REPLY#{reply_id}"}\n',
        '    return {"pk": "AGENT#", "sk": f"REPLY#{reply_id}"}\n',
        "tests/journeys/test_own_replies.py::test_ones_own_come_first_and_are_filled_in",
    ),
)

JOURNEY = "tests/journeys/test_sms.py::"
TEXTS = (
    Mutant(
        "texts: none is sent again",
        "emailchannel/unsettled.py",
        " or outgoing.method == SMS:",
        ":",
        f"{JOURNEY}test_a_case_s_text_that_nobody_knows_about_is_not_sent_again",
    ),
    Mutant(
        "texts: receipts are no word of SES",
        "emailchannel/track.py",
        ' == "Send" and outgoing.method != SMS:',
        ' == "Send":',
        f"{JOURNEY}test_receipts_do_not_pass_for_a_word_of_ses",
    ),
    Mutant(
        "texts: numbers are not suppressed",
        "emailchannel/app/receipts.py",
        '"bounceType": "Transient"',
        '"bounceType": "Permanent"',
        f"{JOURNEY}test_what_the_carrier_says_is_its_status",
    ),
    Mutant(
        "texts: what the SDK refuses is no doubt",
        "emailchannel/aws/sms.py",
        "        except ParamValidationError:",
        "        except KeyError:",
        "tests/adapters/test_sms.py::test_what_the_sdk_itself_refuses_was_not_sent",
    ),
)

API = "tests/journeys/test_messages_api.py::"


def _api(name: str, file: str, old: str, new: str, test: str) -> Mutant:
    return Mutant(f"api: {name}", f"emailchannel/{file}.py", old, new, API + test)


SYSTEMS = (
    _api(
        "suppressed",
        "app/send",
        "    if refused := suppressed(channel, work.to.addr):\n        return refused\n",
        "",
        "test_a_bounce_is_told_and_the_address_is_not_written_to_again",
    ),
    _api(
        "one key, one thing",
        "app/send",
        "    if known != digest:\n",
        "    if False:\n",
        "test_the_same_key_sends_once_and_never_something_else",
    ),
    _api(
        "verified senders",
        "app/letter",
        "    if not known or ",
        "    if ",
        "test_only_a_verified_address_is_written_from",
    ),
    _api(
        "people of the case",
        "app/send",
        "    if not any(same_mailbox(to.addr, one.address) for one in people):\n",
        "    if False:\n",
        "test_another_system_writes_into_an_agents_case",
    ),
    _api(
        "inside words",
        "app/read",
        "    return kind in _SHOWN and disposition in _DISPOSITIONS\n",
        "    return True\n",
        "test_inside_words_of_agents_are_not_for_other_systems",
    ),
    _api(
        "held mail",
        "app/read",
        "    return kind in _SHOWN and disposition in _DISPOSITIONS\n",
        "    return kind in _SHOWN\n",
        "test_what_a_stranger_writes_into_it_waits_for_an_agent",
    ),
    _api(
        "what an answer holds",
        "app/read",
        "    return page if few == len(page.data) else read(replace(asked, limit=max(few, 1)))\n",
        "    return page\n",
        "test_a_page_is_no_larger_than_an_answer_may_be",
    ),
    _api(
        "one message by its id",
        "app/read",
        "[one for one in found if _is_for_others(one)]",
        "found",
        "test_what_waits_for_an_agents_decision_is_not_for_other_systems",
    ),
    _api(
        "a conversation of the app's alone",
        "offer",
        '        if case.app == ONLY and message.disposition != HELD:\n            return ""\n',
        "",
        "test_an_app_and_a_mailbox_share_one_conversation",
    ),
    _api(
        "cursors",
        "app/cursor",
        "    return position if known and position else None\n",
        "    return position\n",
        "test_a_cursor_is_good_for_its_own_list_only",
    ),
    _api(
        "the rate of a caller",
        "aws/graphql",
        "        if waited + wait > _PATIENCE:\n",
        "        if False:\n",
        "test_a_caller_who_asks_too_much_is_told_to_wait",
    ),
    _api(
        "line ends in an address",
        "app/letter",
        "    plain = len(text) <= LONGEST_SUBJECT and text.isprintable()\n",
        "    plain = True\n",
        "test_what_cannot_be_sent_is_refused_with_a_type_and_words",
    ),
    _api(
        "html",
        "app/letter",
        "markup.sanitise(ask.html) if",
        "ask.html if",
        "test_html_is_cleaned_and_files_come_with_it",
    ),
    _api(
        "a bounce is no agent's",
        "returned",
        "    if outgoing.is_answer:\n        channel.queues",
        "    if True:\n        channel.queues",
        "test_a_bounce_in_a_conversation_is_told_there_and_starts_no_task",
    ),
)

RULE = "tests/journeys/test_notifications.py::"
TOLD = (
    Mutant(
        "rules: one mail a change",
        "emailchannel/notify/tell.py",
        'outbox_id("rule", origin, row.change, rule.name)',
        'outbox_id("rule", origin, str(channel.now()), rule.name)',
        f"{RULE}test_the_same_record_twice_is_one_mail",
    ),
    Mutant(
        "rules: a fault of one of them",
        "emailchannel/notify/tell.py",
        "            faults.append(error.reason)\n",
        "            raise\n",
        f"{RULE}test_what_one_rule_cannot_send_keeps_no_other_rules_mail_back",
    ),
    Mutant(
        "rules: what is set aside is kept",
        "emailchannel/aws/runtime.py",
        "            if set_aside:\n",
        "            if False:\n",
        f"{RULE}test_a_poison_record_is_set_aside_and_holds_nobody_up",
    ),
    Mutant(
        "rules: what is not taken stays set aside",
        "../channel/rules.py",
        "        elif not _taken(stack, record):\n",
        "        elif _taken(stack, record) is None:\n",
        "tests/cli/test_rules.py::test_what_cannot_be_done_again_now_stays_set_aside",
    ),
    Mutant(
        "rules: a rule's own mail starts none",
        "emailchannel/notify/conditions.py",
        "(not _is_entity(rule.entity, row) or _is_a_rules_own(row))",
        "not _is_entity(rule.entity, row)",
        "tests/unit/test_rules.py::test_a_rule_fits_its_table_its_change_and_its_entity",
    ),
    Mutant(
        "rules: values in HTML",
        "emailchannel/notify/render.py",
        "        autoescape=html,",
        "        autoescape=False,",
        "tests/unit/test_rules.py::test_html_is_escaped_and_text_is_not",
    ),
    Mutant(
        "events: each that was not taken",
        "emailchannel/aws/news.py",
        '            if answer["FailedEntryCount"]:\n',
        "            if False:\n",
        "tests/adapters/test_news.py::test_an_event_that_was_not_taken_is_told_again",
    ),
    Mutant(
        "events: subscribers hear what is for them",
        "emailchannel/happened.py",
        '    if sk.startswith("MSG#") and _is_shown(new):\n',
        '    if sk.startswith("MSG#"):\n',
        "tests/unit/test_happened.py::test_subscribers_hear_of_messages_that_are_for_them",
    ),
)

APP = "tests/page/test_conversation_backend.py::"


def _app(name: str, file: str, old: str, new: str, test: str) -> Mutant:
    return Mutant(f"app: {name}", f"../examples/app_conversation/{file}.py", old, new, APP + test)


CONVERSATIONS = (
    _app(
        "the access code",
        "backend",
        "if not isinstance(code, str) or not same(code, self.access_code):",
        "if not isinstance(code, str):",
        "test_a_wrong_code_opens_nothing",
    ),
    _app(
        "wrong codes are limited",
        "access",
        "            if len(wrong) >= self._most:\n",
        "            if False:\n",
        "test_wrong_codes_are_limited_for_each_caller",
    ),
    _app(
        "the signature of a token",
        "access",
        "        if not hmac.compare_digest(self._mac(body).encode(), mac.encode()):\n",
        "        if not mac:\n",
        "test_only_a_genuine_token_lets_in",
    ),
    _app(
        "what a token is for",
        "access",
        """        return found if found["for"] == purpose else None\n""",
        "        return found\n",
        "test_a_file_is_reached_by_its_own_link_alone",
    ),
    _app(
        "the end of a token",
        "backend",
        "        if known is None or known.until <= self.now():\n",
        "        if known is None:\n",
        "test_a_token_ends_is_renewed_in_use_and_comes_back_with_the_code",
    ),
    _app(
        "the end of a session",
        "access",
        "        until = min(int(now) + LIFE, start + SESSION)\n",
        "        until = int(now) + LIFE\n",
        "test_without_the_code_a_token_is_not_renewed_for_ever",
    ),
    _app(
        "a file of this conversation",
        "messages_api",
        """        if found["caseId"] != case_id or number""",
        "        if number",
        "test_a_file_is_reached_by_its_own_link_alone",
    ),
    _app(
        "a key is good in one conversation",
        "backend",
        """sha256(f"{scope} {key}".encode())""",
        "sha256(key.encode())",
        "test_the_same_key_sends_once_and_only_in_its_conversation",
    ),
    _app(
        "where a link leads",
        "backend",
        """        if urlsplit(url).scheme not in ("https", "http"):""",
        "        if not url:",
        "test_a_link_that_is_none_is_not_followed",
    ),
)

MUTANTS = (
    *GATES,
    *MACS,
    *SENDERS,
    *AUTOMATIC,
    *ANSWERS,
    *DESK,
    *TEXTS,
    *SYSTEMS,
    *TOLD,
    *CONVERSATIONS,
)
