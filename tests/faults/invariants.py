"""What must hold when the world is quiet, whatever went wrong on the way.

Each function is one invariant: it yields a sentence for everything that breaks it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy

from .lab import Lab
from .replay import differences
from .state import Item, State

_ANSWERABLE = {"accepted", "flagged"}
_OVER = {"ENDED", "ACW"}
_ROW_LIMIT = 100_000  # bytes
_SES_OWN = "AMAZON_SES_SETUP_NOTIFICATION"  # what SES writes when a rule is made
_SETTLED = {"SENT", "FAILED", "UNKNOWN", "UNDONE"}
_DELIVERED = {"sent", "delivered", "delayed", "bounced", "complained", "rejected", "failed"}


def every_object_has_a_record(state: State) -> Iterator[str]:
    """I1: every stored mail has one intake record."""
    known = {(row["pk"].removeprefix("MAIL#"), row["sk"]) for row in state.of("MAIL#")}
    for key in state.keys:
        route, _, name = key.partition("/")
        mail = route in {"inbound", "relay"} and not name.endswith((".json", _SES_OWN))
        if mail and (name, route) not in known:
            yield f"I1 {route} object without an intake record"
    for name, route in known:
        if route in {"inbound", "relay"} and f"{route}/{name}" not in state.keys:
            yield "I1 intake record without an object"


def every_kept_mail_is_there_once(state: State) -> Iterator[str]:
    """I1: an intake record that says a mail was kept has its message, once, and its bodies."""
    for row in state.of("MAIL#"):
        if not row.get("message_id") or row["outcome"] in {"duplicate", "quarantined"}:
            continue
        found = [m for m in state.messages(row["case_id"]) if m["id"] == row["message_id"]]
        if len(found) != 1:
            yield f"I1 {row['outcome']} mail is in its case {len(found)} times"
        for message in found:
            for key in (message["raw_key"], message["formatted_key"]):
                if key and key not in state.keys:
                    yield f"I1 {key.partition('/')[0]} object of a message is missing"


def nothing_is_sent_twice(state: State) -> Iterator[str]:
    """I2: a mail of the outbox leaves once, but for re-sends that are written down."""
    copies = Counter(mail.tags.get("outbox", "") for mail in state.sent)
    for identity, count in copies.items():
        row = state.outbox.get(identity)
        if row is None:
            yield "I2 a mail left that is not in the outbox"
            continue
        flagged = [e for e in state.history(row["case_id"]) if e["kind"] == "sent-again"]
        flagged = flagged or [row for _ in range(int(row["resent"])) if row.get("app_id")]
        if count > 1 + int(row["resent"]) or (count > 1 and not flagged):
            yield f"I2 {count} copies of {_what(row)} were sent (flagged: {row['resent']})"
        if int(row["resent"]) > 1:
            yield f"I2 {_what(row)} was sent again {row['resent']} times"


def _what(row: Item) -> str:
    return "an answer" if row["message_id"] else "an automatic mail"


def every_outgoing_mail_is_settled(state: State) -> Iterator[str]:
    """I3: SENT, FAILED or UNKNOWN, and visibly so; SENT exactly where SES has it."""
    accepted = {mail.tags.get("outbox") for mail in state.lab.sent()}
    for row in state.outbox.values():
        if row["state"] not in _SETTLED:
            yield f"I3 {_what(row)} is {row['state']} in the end"
        if row["id"] in accepted and row["state"] != "SENT" and not state.lab.events_lost:
            yield f"I3 {_what(row)} was sent and is {row['state']}"
        if row["id"] not in accepted and row["state"] == "SENT":
            yield f"I3 {_what(row)} is SENT and SES never had it"
        yield from _shown(state, row)


def _shown(state: State, row: Item) -> Iterator[str]:
    if not row["message_id"]:
        return
    found = [m for m in state.messages(row["case_id"]) if m["id"] == row["message_id"]]
    if len(found) != 1:
        yield f"I3 the message of an answer is there {len(found)} times"
        return
    word, case = str(found[0].get("delivery", "")).partition(":")[0], state.cases[row["case_id"]]
    if row["state"] == "SENT" and word not in _DELIVERED:
        yield f"I3 a sent answer shows {word!r}"
    if row["state"] == "FAILED" and word != "failed":
        yield f"I3 a failed answer shows {word!r}"
    if row["state"] == "UNKNOWN" and word != "unknown":
        yield f"I3 an unknown answer shows {word!r}"
    if word == "unknown" and state.lab.events_lost:
        return  # an alarm tells the operator; the agent is asked when events come again
    if row.get("by_app"):
        return  # its status tells who sent it; no agent is asked
    if word in {"failed", "unknown", "bounced", "complained", "rejected"}:
        waits = case["status"] == "open" and (case.get("contact_id") or row["state"] == "UNKNOWN")
        if not waits:
            yield f"I3 an answer is {word} and nobody has a task for it"


def one_task_a_case(state: State) -> Iterator[str]:
    """I4: one open task a case, the one its head names; none started twice for the same thing."""
    for case_id, case in state.cases.items():
        mine = state.tasks_of(case_id)
        live = [task for task in mine if task["state"] not in _OVER]
        if len(live) > 1:
            yield f"I4 {len(live)} open tasks for one case"
        named = case.get("contact_id", "")
        if [task["id"] for task in live[:1]] != ([named] if named else []):
            yield f"I4 open tasks: {len(live)}, the case names {'one' if named else 'none'}"
        started = Counter(
            (task["attributes"].get("message_id"), task["attributes"].get("warning", ""))
            for task in mine
        )
        ended = len(mine) - len(live)
        for count in started.values():
            if count > 1 + ended:
                yield f"I4 {count} tasks were started for the same thing"


def everything_reaches_an_agent(state: State) -> Iterator[str]:
    """I4: a customer who waits, and a held mail, can be reached from a task or had one."""
    for case_id, case in state.cases.items():
        tasks = state.tasks_of(case_id)
        latest, answered = int(case.get("latest_at", 0)), int(case.get("answered_at", 0))
        waits = latest > answered and case["status"] == "open" and case.get("app") != "only"
        live = [task for task in tasks if task["state"] not in _OVER]
        if (waits or state.of(f"CASE#{case_id}", "HELD#")) and not live:
            yield "I4 somebody waits and no task is open"
        for task in live:
            shown = task["attributes"].get("message_id")
            if shown and shown not in {m["id"] for m in state.messages(case_id)}:
                yield "I4 a task shows a mail that its case does not have"
            apart = {
                m["id"]
                for m in state.messages(case_id)
                if m["disposition"] == "held" or m["reason"] in {"admitted", "added"}
            }
            if waits and shown not in {case["latest_message_id"], *apart}:
                yield "I4 the open task does not show the customer's newest mail"


def heads_are_folds(state: State) -> Iterator[str]:
    """I5: the head and the history say what the messages say, whatever order they came in."""
    for case_id, case in state.cases.items():
        messages = state.messages(case_id)
        wrote = [m for m in messages if m["direction"] == "in" and m["kind"] == "customer"]
        wrote = [m for m in wrote if m["disposition"] in _ANSWERABLE and m["reason"] != "admitted"]
        newest = max(wrote, key=lambda m: int(m["at"]), default=None)
        if newest and case.get("latest_message_id") != newest["id"]:
            yield "I5 the head does not name the customer's newest mail"
        kinds = Counter((e["kind"], e["ref"]) for e in state.history(case_id))
        for (kind, _ref), count in kinds.items():
            if count > 1 and kind in _ONCE:
                yield f"I5 the history has {kind!r} {count} times for one thing"
    yield from _told(state)


_ONCE = {
    "received",
    "acknowledged",
    "answered",
    "sent",
    "not-sent",
    "offered",
    "decided",
    "returned",
    "task-ended",
    "sent-again",
    "held",
    "noted",
}


def _told(state: State) -> Iterator[str]:
    for row in state.outbox.values():
        if not row["case_id"]:
            continue
        kinds = {e["kind"] for e in state.history(row["case_id"]) if e["ref"] == row["id"]}
        if row["state"] == "SENT" and "sent" not in kinds:
            yield f"I5 the history does not say that {_what(row)} was sent"


def mail_goes_to_people_of_the_case(state: State) -> Iterator[str]:
    """I6: customers' mail goes to the case's customer and participants, notices to agents."""
    for mail in state.sent:
        row = state.outbox.get(mail.tags.get("outbox", ""), {})
        case = state.cases.get(row.get("case_id", ""), {})
        people = {entry["address"] for entry in case.get("participants", ())}
        people |= {case["customer"]["address"]} if case else set()
        people |= {m["to"] for m in state.of("APP#", "APP") if m["outbox_id"] == row.get("id")}
        for address in mail.recipients:
            if address not in people and not address.endswith("@corp.example"):
                yield "I6 mail left to somebody who is not of the case"


def machines_are_not_answered(state: State) -> Iterator[str]:
    """I7: no automatic mail to a machine, and one acknowledgement an address and day."""
    robots = {
        row["message_id"]
        for row in state.of("CASE#", "MSG#")
        if row["direction"] == "in" and row["kind"] != "customer" and row["message_id"]
    }
    acknowledged: Counter[str] = Counter()
    for mail in state.sent:
        headers = message_from_bytes(mail.raw, policy=policy.default)
        if headers.get("Auto-Submitted", "no") != "auto-replied":
            continue
        acknowledged.update({(mail.tags["outbox"], mail.recipients[0])})
        if str(headers.get("In-Reply-To", "")).strip("<> ") in robots:
            yield "I7 a machine was answered"
    people = Counter(address for _outbox, address in acknowledged)
    for address, count in people.items():
        if count > 1 and not address.endswith("@corp.example"):
            yield f"I7 {count} acknowledgements to one address"


def dead_letters_are_gone(state: State) -> Iterator[str]:
    """I8: after one clean redrive nothing is dead, hidden or waiting in a queue."""
    for name, messages in state.lab.dead().items():
        yield f"I8 {len(messages)} dead letters in {name} after a redrive"
    if state.lab.waiting():
        yield f"I8 {len(state.lab.waiting())} messages are still in a queue"


def rows_are_small(state: State) -> Iterator[str]:
    """I9: no row grows large."""
    for row in state.rows:
        if len(repr(row)) > _ROW_LIMIT:
            yield f"I9 a row of {row['pk'].partition('#')[0]} has {len(repr(row))} bytes"


def logs_are_discreet(state: State) -> Iterator[str]:
    """I10: no token, link, address, subject or body in a log."""
    text = state.lab.log.getvalue()
    secrets = {"X-Amz-Signature", "X-Amz-Credential", *state.lab.memory.get("secret", ())}
    secrets |= {case["customer"]["address"] for case in state.cases.values()}
    secrets |= {case["subject"] for case in state.cases.values()} - {""}
    for secret in secrets - {""}:
        if secret in text:
            yield "I10 a log has what it must not have"


def replayed(state: State) -> Iterator[str]:
    """I11: the rows that the journal in S3 would be folded to are the rows that are there."""
    for kind, sk, what, names in differences(state):
        yield f"I11 replay: {kind} {sk} is {what} {' '.join(names)}".rstrip()


def every_change_is_journalled(state: State) -> Iterator[str]:
    """I11: nothing is left to journal, and each change of a case has its object."""
    for row in state.of("JOURNAL#"):
        if "record" in row or "todo" in row:
            yield "I11 a change was never journalled"
    written = {key.rpartition("/")[2] for key in state.keys if key.startswith("journal/")}
    for row in state.of("JOURNAL#"):
        if not any(row["pk"].removeprefix("JOURNAL#") in name for name in written):
            yield "I11 a journalled change has no object"


def nothing_is_left_to_do(state: State) -> Iterator[str]:
    """Work left is held mail, waiting cases and nothing else."""
    for row in state.rows:
        if row.get("state") == "UNKNOWN" and state.lab.events_lost:
            continue
        if row.get("todo", "hold") not in {"hold", "case"}:
            yield f"I3 work of kind {row['todo']} is left"
    for row in state.of("MAIL#"):
        if row["stage"] != "done":
            yield f"I1 an intake is {row['stage']} in the end"


def doors_do_not_raise(state: State) -> Iterator[str]:
    """I12: a door answers for its batch, and the queues come to rest."""
    yield from dict.fromkeys(state.lab.problems)


ALL = (
    every_object_has_a_record,
    every_kept_mail_is_there_once,
    nothing_is_sent_twice,
    every_outgoing_mail_is_settled,
    one_task_a_case,
    everything_reaches_an_agent,
    heads_are_folds,
    mail_goes_to_people_of_the_case,
    machines_are_not_answered,
    dead_letters_are_gone,
    rows_are_small,
    logs_are_discreet,
    every_change_is_journalled,
    replayed,
    nothing_is_left_to_do,
    doors_do_not_raise,
)


def violations(lab: Lab) -> list[str]:
    """Everything that is wrong now."""
    state = State(lab)
    return [text for check in ALL for text in check(state)]
