"""What each story expects in the end, beside the invariants."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .state import State

ANN = "ann@customer.example"
Expect = Callable[[State], Iterator[str]]


def _cases(state: State, count: int) -> Iterator[str]:
    if len(state.cases) != count:
        yield f"expected {count} case, found {len(state.cases)}"


def _messages(state: State, *ids: str) -> Iterator[str]:
    """The customers' mails of the only case."""
    found = [row["id"] for row in state.of("CASE#", "MSG#") if row["direction"] == "in"]
    wanted = [state.lab.memory.get(name, name) for name in ids]
    if sorted(found) != sorted(wanted):
        yield f"expected {len(wanted)} mails kept, found {len(found)}"


def _acknowledged(state: State) -> Iterator[str]:
    """Once; never is allowed only where it is written down that nobody knows."""
    rows = [row for row in state.outbox.values() if not row["message_id"] and row["case_id"]]
    left = [m for m in state.sent if b"auto-replied" in m.raw and m.recipients[0] == ANN]
    if len(rows) != 1:
        yield f"expected one acknowledgement in the outbox, found {len(rows)}"
    elif not left and (rows[0]["state"], rows[0].get("reason")) != ("FAILED", "unknown"):
        yield "the acknowledgement never left, and nothing says why"


def _tasks(state: State, count: int) -> Iterator[str]:
    if len(state.tasks) != count:
        yield f"expected {count} task, found {len(state.tasks)}"


def opened(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    yield from _messages(state, "first")
    yield from _acknowledged(state)
    yield from _tasks(state, 1)


def opened_unproven(state: State) -> Iterator[str]:
    """Nothing is known of who sent it: an agent gets it, and no machine answers."""
    yield from _cases(state, 1)
    yield from _messages(state, "first")
    yield from _tasks(state, 1)
    if state.sent:
        yield "a mail without verdicts was answered by a machine"


def continued(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    yield from _messages(state, "first", "second")
    yield from _tasks(state, 1)


def _answers(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    rows = [row for row in state.outbox.values() if row["message_id"]]
    if len(rows) != 1:
        yield f"expected one answer in the outbox, found {len(rows)}"
        return
    left = [m for m in state.sent if m.tags.get("outbox") == rows[0]["id"]]
    if not left and rows[0]["state"] != "UNKNOWN":
        yield f"the answer never left and is {rows[0]['state']}"


def answered(state: State) -> Iterator[str]:
    yield from _answers(state)
    for case in state.cases.values():
        if case["status"] != "waiting":
            yield f"an answered case is {case['status']}"
    for row in state.of("CASE#", "MSG#"):
        if row["direction"] == "out" and row.get("delivery") != "delivered":
            yield f"a delivered answer shows {row.get('delivery')!r}"


def returned(word: str) -> Expect:
    """The answer is brought back to an agent, with the reason."""

    def expect(state: State) -> Iterator[str]:
        yield from _answers(state)
        for case_id, case in state.cases.items():
            if case["status"] != "open":
                yield f"the case of an answer that {word} is {case['status']}"
            live = [t for t in state.tasks_of(case_id) if t["state"] not in {"ENDED", "ACW"}]
            if not any(t["attributes"].get("warning") == word for t in live):
                yield f"no open task says {word}"
        for row in state.of("CASE#", "MSG#"):
            if row["direction"] == "out" and row.get("delivery") != word:
                yield f"an answer that {word} shows {row.get('delivery')!r}"

    return expect


def decided(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    found = {row["id"]: row["disposition"] for row in state.of("CASE#", "MSG#")}
    disposition, status = found.get(state.lab.memory["held"]), state.lab.memory.get("status")
    if status == 200 and (disposition != "accepted" or state.of("CASE#", "HELD#")):
        yield f"the page said that it is decided, and the mail is {disposition}"
    # A code lives for two minutes: a clock five minutes ahead does not take it.
    if status != 200 and not (state.lab.hook.struck or state.lab.skew):
        yield f"the decision was answered with {status}"
    decisions = [e for e in state.of("CASE#", "LOG#") if e["kind"] == "decided"]
    if len(decisions) > 1:
        yield f"one decision stands in the history {len(decisions)} times"


def sent_alone(state: State) -> Iterator[str]:
    """Another system's mail: one row, found by both of its names, with the status of its mail."""
    yield from _cases(state, 0)
    rows = state.of("APP#", "APP")
    asked = state.lab.memory.get("app")
    if len(rows) != 1:
        yield f"expected one message of another system, found {len(rows)}"
        return
    [row] = rows
    if asked and asked != row["id"]:
        yield "another system was told of another message"
    entries = [*state.of("TO#", "APP#"), *state.of("SENDER#", "APP#")]
    if [entry["sk"] for entry in entries] != [f"APP#{row['id']}"] * 2:
        yield f"a message is listed {len(entries)} times"
    mail = state.outbox[row["outbox_id"]]
    shown = {"SENT": {"SENT", "DELIVERED"}, "UNKNOWN": {"UNKNOWN"}}.get(mail["state"], {"FAILED"})
    if row["status"] not in shown:
        yield f"a message whose mail is {mail['state']} shows {row['status']}"
    if mail["state"] == "FAILED":
        yield "another system's mail failed"


def posted(state: State) -> Iterator[str]:
    """One message in one conversation, and no agent is asked for anything."""
    yield from _cases(state, 1)
    yield from _tasks(state, 0)
    found = [row for row in state.of("CASE#", "MSG#") if row["direction"] == "out"]
    if len(found) != 1:
        yield f"expected one message of the app, found {len(found)}"
    for row in found:
        if row.get("delivery") not in {"delivered", "unknown"}:
            yield f"a message of the app shows {row.get('delivery')!r}"
    for case in state.cases.values():
        if case["status"] not in {"waiting", "open"}:
            yield f"a conversation is {case['status']}"


def conversed(state: State) -> Iterator[str]:
    yield from posted(state)
    yield from _messages(state, "first")


def offered_again(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    if len(state.tasks) < 2:
        yield "an expired task was not started again"
    if len(state.tasks) > 3:
        yield f"an expired task was started again {len(state.tasks) - 1} times"


def taken(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    yield from _tasks(state, 1)


def both_kept(state: State) -> Iterator[str]:
    yield from _cases(state, 2)
    yield from _messages(state, "first", "second")


def kept_plainly(state: State) -> Iterator[str]:
    yield from _cases(state, 1)
    yield from _messages(state, "first")
    yield from _tasks(state, 1)
