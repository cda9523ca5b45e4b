"""What the channel writes by itself: to proven people, once, and never to a machine."""

import pytest

from local.testing import alias_of, stack
from tests.abuse.world import FAST, SECRET, World, everything, human, read, recipients
from tests.builders import mail, reply_to

FAIL = {"dmarc": "FAIL", "spf": "FAIL", "dkim": "FAIL"}


def test_d12_new_case_normal(w):
    matter = w.matter()
    [case] = [case for case in w.s.cases() if case["customer"] == matter.customer]
    assert len(w.s.messages(case["id"])) == 1
    assert len(w.tasks(case["id"])) == 1
    [sent] = [one for one in w.s.sent() if matter.customer in one["recipients"]]
    found = read(sent["delivered"])
    assert found["Auto-Submitted"] == "auto-replied"
    assert found["X-Auto-Response-Suppress"] == "All"
    assert found["In-Reply-To"] == read(matter.raw)["Message-ID"]
    assert f"<case.{case['id']}@{w.s.domain}>" in found["References"]
    assert matter.alias in found["From"]
    said = everything(sent["raw"])
    assert SECRET.lower() not in said
    assert "archer" not in said
    assert ("acknowledged", "channel") in [entry[:2] for entry in w.history(case["id"])]


MACHINES = {
    "auto-generated": {"Auto-Submitted": "auto-generated"},
    "bulk": {"Precedence": "bulk"},
    "list": {"List-Id": "<talk.lists.example>"},
    "autoreply": {"X-Autoreply": "yes"},
    "null return path": {},
    "mdn": {},
}


def machine(name, sender, to):
    raw = mail(sender, to, "Re: kettle", "Beep.", headers=MACHINES[name])
    if name != "mdn":
        return raw
    report = b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b"
    head = raw.partition(b"\n\n")[0].split(b"\n")
    kept = [line for line in head if not line.lower().startswith((b"content-", b"mime"))]
    note = b"Content-Type: message/disposition-notification\n\nDisposition: x; displayed\n"
    parts = b"\n\n--b\nContent-Type: text/plain\n\nread\n--b\n" + note + b"--b--\n"
    return b"\n".join([*kept, b"MIME-Version: 1.0", report]) + parts


@pytest.mark.parametrize("name", MACHINES)
def test_d13_automatic_mail_family(w, name):
    sender = w.person("bot")
    path = "" if name == "null return path" else sender
    unknown = w.deliver(machine(name, sender, w.s.inquiry_address), path, w.s.inquiry_address)
    assert unknown.sent == []
    assert w.case_of(unknown.id) == ""
    assert w.quarantined(unknown.id).startswith("automatic:")
    matter = w.matter(sender)
    w.answer(matter, text="#close\nIt is done.")
    before = len(w.s.tasks())
    known = w.deliver(machine(name, sender, matter.alias), path, matter.alias)
    assert known.sent == []
    assert w.became(known.id)[0] == "attached"
    assert w.case(matter.id)["status"] == "resolved"
    assert len(w.s.tasks()) == before


def test_d16_ack_rate_limit(w):
    sender = w.person()
    ids = [
        w.s.deliver(mail(sender, subject=f"Matter {n}"), sender, [w.s.inquiry_address])
        for n in range(20)
    ]
    w.s.settle()
    assert len({w.case_of(ses_id) for ses_id in ids}) == 20
    assert len([one for one in w.s.sent() if sender in one["recipients"]]) == 1


def test_d17_from_ourselves(w):
    matter = w.matter()
    before = len(w.s.tasks())
    for own in (w.s.inquiry_address, w.s.inquiry_address.upper(), matter.alias, w.address(matter)):
        result = w.deliver(mail(own), own, w.s.inquiry_address)
        assert result.sent == []
        assert w.quarantined(result.id) == "loop"
    assert len(w.s.tasks()) == before


def test_a65_two_hundred_forged_senders_get_nothing(w):
    before = len(w.s.sent())
    senders = [w.person("forged") for _ in range(200)]
    for number, sender in enumerate(senders):
        verdicts = FAIL | {"dmarc": ("FAIL", "GRAY", "PROCESSING_FAILED", "")[number % 4]}
        # Tasks are not what this is about, and take long: machines' mail makes none.
        more = {} if number < 20 else {"Auto-Submitted": "auto-generated"}
        w.s.deliver(mail(sender, headers=more), sender, [w.s.inquiry_address], verdicts)
    w.s.settle()
    assert w.s.sent()[before:] == []


NOBODY = ["no-reply", "noreply", "do-not-reply", "mailer-daemon", "MAILER-DAEMON", "postmaster"]


@pytest.mark.parametrize("local", NOBODY)
def test_a66_robots_by_name_get_a_case_and_no_answer(w, local):
    sender = w.person("robot").replace("robot@", f"{local}@")
    result = w.deliver(mail(sender), sender, w.s.inquiry_address)
    assert result.sent == []
    assert w.case_of(result.id)


@pytest.mark.parametrize(
    ("mail_from", "to", "headers", "verdicts"),
    [
        pytest.param("bounce@other.example", None, {}, {}, id="returns to somebody else"),
        pytest.param(None, "undisclosed@x.example", {}, {}, id="bcc"),
        pytest.param(None, None, {"X-Auto-Response-Suppress": "All"}, {}, id="suppress all"),
        pytest.param(None, None, {"X-Auto-Response-Suppress": "DR, OOF"}, {}, id="suppress oof"),
        pytest.param(None, None, {}, {"spam": "GRAY"}, id="perhaps spam"),
        pytest.param(None, None, {}, {"spam": "PROCESSING_FAILED"}, id="spam unknown"),
        pytest.param(None, None, {}, FAIL, id="forged"),
        pytest.param(None, None, {}, FAIL | {"dmarc": "GRAY"}, id="no policy and no proof"),
    ],
)
def test_a67_no_acknowledgement_but_a_case_and_a_task(w, mail_from, to, headers, verdicts):
    sender = w.person()
    raw = mail(f"Ann <{sender}>", to or w.s.inquiry_address, headers=headers)
    result = w.deliver(raw, mail_from or sender, w.s.inquiry_address, verdicts)
    assert result.sent == []
    assert w.tasks(w.case_of(result.id))


def test_a68_a_signature_of_somebody_else_proves_nobody(w):
    """GRAY, and DKIM passed for the forger's own domain only."""
    sender = w.person("victim")
    verdicts = {"dmarc": "GRAY", "spf": "PASS", "dkim": "FAIL"}
    result = w.deliver(mail(sender), "x@evil.example", w.s.inquiry_address, verdicts)
    assert result.sent == []
    assert w.became(result.id) == ("flagged", "new-unverified")


def test_a69_no_word_or_link_of_the_mail_is_in_the_acknowledgement(w):
    subject = "Win http://evil.example/x now, write to x@evil.example =?utf-8?q?=0D=0ABcc=3A?="
    sender = w.person()
    raw = mail(f'"Click evil.example" <{sender}>', subject=subject, text="Buy pills.")
    [sent] = w.deliver(raw, sender, w.s.inquiry_address).sent
    said = everything(sent["raw"])
    for foreign in ("evil.example", "pills", "http://evil", "click"):
        assert foreign not in said
    assert "bcc" not in {name.lower() for name in read(sent["raw"]).keys()}  # noqa: SIM118
    assert sent["recipients"] == [sender]


def test_a70_a_known_case_is_not_acknowledged_again(w):
    matter = w.matter()
    for subject in ("Re: x", "PS", "New"):
        raw = mail(f"Ann <{matter.customer}>", matter.alias, subject)
        assert w.deliver(raw, matter.customer, matter.alias).sent == []


def test_a71_a_forged_loop_mark_is_an_ordinary_mail(w):
    for mark in ("x", "a.1.b", f"{'0' * 26}.1.{'0' * 26}", "", "." * 500):
        sender = w.person()
        raw = mail(sender, headers={"X-Email-Channel-Loop": mark or " "})
        result = w.deliver(raw, sender, w.s.inquiry_address)
        assert w.case_of(result.id)
        assert recipients(result.sent) == [sender]


def test_a72_our_mark_copied_from_an_acknowledgement_starts_nothing(w):
    matter = w.matter()
    [own] = [one for one in w.s.sent() if matter.customer in one["recipients"]]
    mark = read(own["raw"])["X-Email-Channel-Loop"]
    sender = w.person("eve")
    before = len(w.s.tasks())
    for header in ({"X-Email-Channel-Loop": mark}, {"X-EMAIL-CHANNEL-LOOP": f" {mark.upper()} "}):
        result = w.deliver(mail(sender, headers=header), sender, w.s.inquiry_address)
        assert result.sent == []
        assert w.quarantined(result.id) == "loop"
    assert len(w.s.tasks()) == before


def test_a73_a_mail_that_went_round_too_often_stops(w):
    sender = w.person()
    hop = b"Received: from a.example by b.example; Sun, 22 Nov 2026 10:00:00 +0000\n"
    result = w.deliver(hop * 60 + mail(sender), sender, w.s.inquiry_address)
    assert result.sent == []
    assert w.quarantined(result.id) == "loop"


def test_a74_our_acknowledgement_sent_back_starts_nothing(w):
    matter = w.matter()
    [own] = [one for one in w.s.sent() if matter.customer in one["recipients"]]
    before = len(w.s.tasks())
    for to in (matter.alias, w.s.inquiry_address):
        for sender in (matter.alias, matter.customer, ""):
            assert w.deliver(own["delivered"], sender, to).sent == []
    assert len(w.s.tasks()) == before


def test_a75_an_out_of_office_to_an_answer_is_attached_and_wakes_nobody(w):
    matter = w.matter()
    [sent] = human(w.answer(matter).sent)
    before = len(w.s.tasks())
    for headers in ({"Auto-Submitted": "auto-replied"}, {"Subject": "Automatic reply: kettle"}):
        raw = reply_to(sent["delivered"], "Away.", f"Ann <{matter.customer}>", headers=headers)
        result = w.deliver(raw, matter.customer, matter.alias)
        assert result.sent == []
        assert w.became(result.id)[0] == "attached"
    assert len(w.s.tasks()) == before
    assert w.case(matter.id)["status"] == "waiting"


# --- The administrator's limits ------------------------------------------------------------------


def test_a76_the_cap_of_all_automatic_mail():
    with stack(AutomaticMailsPerMinute="2", **FAST) as s:
        w = World(s)
        for _ in range(6):
            sender = w.person()
            s.deliver(mail(sender), sender, [s.inquiry_address])
        s.settle()
        assert len(s.cases()) == 6
        per_minute = {}
        for one in s.sent():
            per_minute.setdefault(int(one["at"]) // 60, []).append(one)
        assert len(s.sent()) <= 2 * 2  # the six may fall into two minutes
        assert len(s.tasks()) == 6


def test_a77_the_switch_that_stops_all_automatic_mail():
    with stack(StopAutomaticMail="true", **FAST) as s:
        w = World(s)
        matter = w.matter()
        foreign = w.address(matter, agent="alice")
        w.answer(matter, "bob", to=foreign)
        w.answer(matter, text="#note quiet")
        assert s.sent() == []
        assert recipients(w.answer(matter).sent) == [matter.customer]


def test_a78_floods_go_to_the_quarantine_and_nobody_else_suffers():
    limits = {"MailsPerSenderPerHour": "5", "MailsPerDomainPerHour": "12"}
    with stack(**limits, **FAST) as s:
        w = World(s)
        one = [deliver(s, "bomb@evil.example") for _ in range(9)]
        s.settle()
        many = [deliver(s, f"b{n}@evil.example") for n in range(9)]
        public = [deliver(s, f"p{n}@gmail.com") for n in range(14)]
        null = [deliver(s, "") for _ in range(2)]
        s.settle()
        reasons = [w.quarantined(ses_id) for ses_id in one]
        assert (reasons.count(""), reasons.count("flood:sender")) == (5, 4)
        reasons = [w.quarantined(ses_id) for ses_id in many]
        assert (reasons.count(""), reasons.count("flood:domain")) == (7, 2)
        assert [w.quarantined(ses_id) for ses_id in public] == [""] * 14
        assert all(w.quarantined(ses_id).startswith("automatic") for ses_id in null)
        honest = w.matter()
        assert w.tasks(honest.id)
        assert s.raw(one[-1])
        assert len(s.tasks()) == len(s.cases()) == 5 + 7 + 14 + 1
        w.later(minutes=61)
        assert w.case_of(deliver(s, "bomb@evil.example", settle=True))


def deliver(s, sender, *, settle=False):
    raw = mail(sender or "daemon@evil.example", subject=f"From {sender}")
    ses_id = s.deliver(raw, sender, [s.inquiry_address])
    if settle:
        s.settle()
    return ses_id


def test_a79_a_new_matter_about_a_rejected_one_is_acknowledged_once_a_day(w):
    matter = w.matter()
    w.answer(matter, purpose="rejectrelay", text="No.")
    alias = matter.alias
    for _ in range(4):
        raw = mail(f"Ann <{matter.customer}>", alias, "Re: x", "But why?")
        result = w.deliver(raw, matter.customer, alias)
        assert result.sent == []
        assert w.case_of(result.id) != matter.id
        assert alias_of(w.s, w.case_of(result.id)) != alias
