"""500 mails in ten seconds, each announced twice, while Connect takes two tasks a second."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from local.testing import QUEUES, Stack, stack

from . import mails, watch
from .watch import Row

MAILS = 500
SECONDS = 10.0
_SENDERS = 4  # connections that SES receiving is spoken to at a time
_PATIENCE = 900.0


def measure(count: int = MAILS) -> Iterator[Row]:
    letters = mails.of_customers(count, large=2)
    size = sum(len(letter.raw) for letter in letters)
    # The cap on automatic mail is a limit of another kind: with it most would get no confirmation.
    with stack(AutomaticMailsPerMinute=str(10 * count)) as s:
        s.connect("POST", "limits", watch.CONNECT_QUOTA)
        with watch.delivered_twice(s) as copied:
            started = time.monotonic()
            # One machine is both SES and Lambda here: SES may not wait for it to read the mails.
            s.local("PUT", "event_sources", {"paused": True})
            _deliver(s, letters, SECONDS)
            took = time.monotonic() - started
            s.local("PUT", "event_sources", {"paused": False})
            figure = f"{count} ({size / 1e6:.0f} MB) in {took:.1f} s"
            yield Row("mails delivered, twice each", figure)
            watch.wait_until("copies", lambda: len(copied) == count, _PATIENCE)
        watch.wait_until("ingest", lambda: not watch.held(s)["ingest"], _PATIENCE)
        yield Row("all taken in after", f"{time.monotonic() - started:.1f} s")
        watch.wait_until("send", lambda: not watch.held(s)["send"], _PATIENCE)
        yield Row("all acknowledged after", f"{time.monotonic() - started:.1f} s")
        watch.wait_until("tasks", lambda: len(s.tasks()) >= count, _PATIENCE, 1)
        yield Row("all tasks exist after", f"{time.monotonic() - started:.1f} s")
        watch.wait_until("the end", lambda: watch.all_done(s), _PATIENCE, 1)
        yield from _outcome(s, letters)


def _deliver(s: Stack, letters: list[mails.Letter], seconds: float) -> None:
    """Spread over the time, as far as the machine keeps up."""
    started = time.monotonic()

    def one(numbered: tuple[int, mails.Letter]) -> str:
        number, letter = numbered
        time.sleep(max(0.0, started + 0.8 * seconds * number / len(letters) - time.monotonic()))
        return s.deliver(letter.raw, letter.sender, [s.inquiry_address])

    with ThreadPoolExecutor(_SENDERS) as pool:
        list(pool.map(one, enumerate(letters)))


def _outcome(s: Stack, letters: list[mails.Letter]) -> Iterator[Row]:
    wanted = Counter(letter.sender for letter in letters)
    cases = s.cases()
    messages = [message for case in cases for message in s.messages(case["id"])]
    tasks = Counter(task["attributes"].get("interaction_id") for task in s.tasks())
    acknowledged = Counter(to for mail in s.sent() for to in mail["recipients"])
    yield _exactly("cases", Counter(case["customer"] for case in cases), wanted)
    yield _exactly("messages", Counter(message["from"] for message in messages), wanted)
    yield _exactly("tasks", tasks, Counter(case["id"] for case in cases))
    yield _exactly("acknowledgements", acknowledged, wanted)
    dead = watch.dead_letters(s)
    yield Row("dead letters", str(dead), not dead)
    for queue in QUEUES:
        if receives := s.receives(queue):
            yield Row(f"receives of the {queue} queue", str(receives))
    yield Row("work that went back to its queue", watch.in_words(watch.retries(s)))


def _exactly(what: str, found: Counter[str], wanted: Counter[str]) -> Row:
    """One for each, none missing and none twice."""
    missing, more = (wanted - found).total(), (found - wanted).total()
    figure = f"{found.total()} ({missing} missing, {more} too many)"
    return Row(what, figure, not missing and not more)
