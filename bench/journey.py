"""How long the main steps take on this machine, on the emulator: medians, and no verdict."""

import statistics
import sys
import time
from email.message import EmailMessage
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "functions")]

from local import testing

ROUNDS = 7
ANN = "ann@customer.example"


def mail(number: int) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = f"Ann <{ANN}>", "support@support.example.com"
    message["Subject"], message["Message-ID"] = f"Matter {number}", f"<{number}@customer.example>"
    message.set_content("The kettle I bought is broken. Please send me a new one.")
    return message.as_bytes()


def timed(step, *arguments):
    started = time.perf_counter()
    found = step(*arguments)
    return time.perf_counter() - started, found


def deliver(s: testing.Stack, number: int) -> None:
    s.deliver(mail(number), ANN, [s.inquiry_address])
    s.settle()


def answer(s: testing.Stack, case_id: str) -> None:
    address = s.relay_address(case_id, "relay", "alice")
    raw = mail(0).replace(f"Ann <{ANN}>".encode(), b"Alice <alice@corp.example>")
    s.deliver(raw, "alice@corp.example", [address])
    s.settle()


def main() -> None:
    boot, _ = timed(testing.emulator)
    context = testing.stack(TasksPerSecond="100")
    deployed, s = timed(context.__enter__)
    print(f"emulator up                               {boot:7.2f} s")
    print(f"stack deployed ({len(s.resources)} resources)             {deployed:7.2f} s")
    first, _ = timed(deliver, s, 1)
    print(f"first mail to a queued task (cold)        {first:7.2f} s")
    rest = [timed(deliver, s, number)[0] for number in range(2, ROUNDS + 2)]
    print(f"mail to a queued task (warm, median)      {statistics.median(rest):7.2f} s")
    cases = [case["id"] for case in s.cases()]
    first, _ = timed(answer, s, cases[0])
    print(f"first answer to the customer (cold)       {first:7.2f} s")
    rest = [timed(answer, s, case)[0] for case in cases[1:ROUNDS]]
    print(f"answer to the customer (warm, median)     {statistics.median(rest):7.2f} s")
    context.__exit__(None, None, None)


if __name__ == "__main__":
    main()
