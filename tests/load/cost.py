"""What one more message costs in a case of 10, 1,000 and 10,000 messages, and what a look costs."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from emailchannel.mail.alias import stamp
from local.testing import Stack, alias_of, stack

from . import cases, mails
from .doors import Doors, Traffic, doors
from .watch import Row

SIZES = (10, 1_000, 10_000)
LOOKED_AT = (10, 1_000)  # the page reads a case whole, and at 10,000 that alone takes a minute here
TOLERANCE = 0.10
_TRIES = 50
_AGENT = "alice@corp.example"
_LAMBDA_ANSWER = 6 * 1024 * 1024  # bytes a function may answer with


@dataclass(frozen=True)
class Cost:
    """The traffic of a customer's mail and of the agent's answer to it, in a case of `size`."""

    size: int
    mail: Traffic
    answer: Traffic


@dataclass(frozen=True)
class Look:
    """The agent page's first request in a case of `size`: times in seconds, sizes in bytes."""

    size: int
    traffic: Traffic
    seconds: float
    answer: int
    status: int


def costs(s: Stack, here: Doors, sizes: Sequence[int]) -> list[Cost]:
    """Measured with warm doors: what they look up once has been looked up."""
    _one(s, here, 2, "warm")
    return [_one(s, here, size, f"size{size}") for size in sizes]


def _one(s: Stack, here: Doors, size: int, name: str) -> Cost:
    customer = _customer(size)
    case_id = cases.make(s, name.rjust(10, "x"), size, customer)
    raw = mails.short(customer, f"Re: Kettle {name:>10}", "It leaks still.\n")
    mail = _traffic(s, here, raw, customer, alias_of(s, case_id))
    _came_in(s, here, case_id, size + 1, "in")
    if _ambiguous(s, case_id):
        return _one(s, here, size, f"{name}b")
    raw = mails.short(_AGENT, f"Re: Kettle {name:>10}", "We send a new one.\n")
    answer = _traffic(s, here, raw, _AGENT, s.relay_address(case_id, "relay", "alice"))
    _came_in(s, here, case_id, size + 2, "out")
    return Cost(size, mail, answer)


def _customer(size: int) -> str:
    return f"ann.size{size}@customer.example"


def _ambiguous(s: Stack, case_id: str) -> bool:
    """Whether the newest mail shares its four characters with another: answers to it are held.

    Of a case of 1,000 messages one mail in a thousand does.
    """
    case = s.channel.cases.case(case_id)
    return case is None or not s.channel.cases.stamped(case_id, stamp(case.latest_message_id))


def _traffic(s: Stack, here: Doors, raw: bytes, sender: str, to: str) -> Traffic:
    here.traffic = Traffic()
    s.deliver(raw, sender, [to])
    here.settle()
    return here.traffic


def _came_in(s: Stack, here: Doors, case_id: str, size: int, direction: str) -> None:
    """Otherwise something else would have been measured."""
    found = s.channel.cases.messages(case_id)
    for _ in range(_TRIES):
        if len(found) == size:
            break
        time.sleep(0.1)
        here.settle()
        found = s.channel.cases.messages(case_id)
    if len(found) != size or found[-1].direction != direction:
        last = [(message.direction, message.disposition, message.reason) for message in found[-2:]]
        raise RuntimeError(f"{len(found)} messages, not {size}; the last: {last}")


def apart(numbers: Sequence[int]) -> float:
    """How far the largest is above the smallest."""
    return max(numbers) / min(numbers) - 1


def looks(s: Stack, here: Doors, size: int) -> Look:
    """The page's GET /case by the agent who has accepted the task of a case of this size."""
    case = next(each for each in s.cases() if each["customer"] == _customer(size))
    s.accept(case["contact_id"], "alice")
    code = s.task(case["contact_id"])["attributes"]["access_code"]
    wanted = json.dumps({"contact_id": case["contact_id"], "code": code})
    opened = _ask(here, "POST", "/sessions", body=wanted)
    token = json.loads(opened["body"])["token"]
    best = 60.0
    for _ in range(3):
        here.traffic = Traffic()
        started = time.perf_counter()
        answer = _ask(here, "GET", "/case", token=token)
        best = min(best, time.perf_counter() - started)
    seen, here.traffic = here.traffic, Traffic()
    here.settle()
    s.complete(case["contact_id"])
    here.settle()
    return Look(size, seen, best, len(answer["body"]), answer["statusCode"])


def _ask(here: Doors, method: str, path: str, *, token: str = "", body: str = "") -> Any:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    http = {"http": {"method": method, "path": path}}
    event = {"requestContext": http, "rawPath": path, "headers": headers, "body": body}
    return here.run("agent_api", event)


def measure(sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    with stack(TasksPerSecond="100") as s, doors(s) as here:
        found = costs(s, here, sizes)
        for what in ("mail", "answer"):
            yield from _compared(what, {cost.size: getattr(cost, what) for cost in found})
        for size in LOOKED_AT:
            yield _seen(looks(s, here, size))


def _compared(what: str, by_size: dict[int, Traffic]) -> Iterator[Row]:
    calls = [traffic.calls.total() for traffic in by_size.values()]
    written = [traffic.written.total() for traffic in by_size.values()]
    sizes = " / ".join(f"{size:,}" for size in by_size)
    for name, numbers in (("calls", calls), ("bytes written", written)):
        figure = " / ".join(f"{number:,}" for number in numbers)
        difference = apart(numbers)
        yield Row(
            f"{what}: {name} in a case of {sizes}",
            f"{figure} ({difference:.1%} apart)",
            difference <= TOLERANCE,
        )
    for operation in by_operation(by_size):
        yield Row(f"  {what}: {operation[0]}", operation[1])


def by_operation(by_size: dict[int, Traffic]) -> list[tuple[str, str]]:
    """For each operation, over all doors: its calls and the bytes written, at each size."""
    summed = []
    for traffic in by_size.values():
        calls: Counter[str] = Counter()
        written: Counter[str] = Counter()
        for name, count in traffic.calls.items():
            calls[name.partition(" ")[2]] += count
            written[name.partition(" ")[2]] += traffic.written[name]
        summed.append((calls, written))
    names = sorted({name for calls, _ in summed for name in calls})
    return [
        (name, " / ".join(f"{calls[name]} ({written[name]:,} B)" for calls, written in summed))
        for name in names
    ]


def _seen(look: Look) -> Row:
    calls, read = look.traffic.calls.total(), look.traffic.read.total()
    figure = (
        f"{calls} calls, {read:,} B read, answer {look.answer:,} B, {look.seconds * 1000:.0f} ms"
    )
    # More than this is an error of Lambda, and the page stays empty.
    fits = look.status == 200 and look.answer <= _LAMBDA_ANSWER
    return Row(f"page: GET /case in a case of {look.size:,}", figure, fits)
