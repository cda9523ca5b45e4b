"""Our reading of mail beside other parsers, on the same mails, in one run. Asserts nothing.

Rounds are interleaved, so that a busy machine disturbs all alike; what is printed is the median of
each parser's ratio to the standard library's compat32 in the same round. Each parser is asked for
the same: subject, people, date, decoded text, decoded attachments.

    python bench/parse.py [folder of mails]      default: the test mails, else mails made here
"""

import email
import email.policy
import json
import logging
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(ROOT / "functions")]

from emailchannel.document import formatted
from emailchannel.mail import body, structure
from emailchannel.mail import parse as reading
from emailchannel.ports import Findings
from emailchannel.trust import Decision
from tests.mail.ordinary import ordinary

ROUNDS = 7
MAILS = 250
LONGEST = 1_000_000
NAMES = ("subject", "from", "to", "cc", "date", "message-id")
BASE = "stdlib, compat32"


def mails(folder: Path | None) -> list[bytes]:
    """Every n-th mail of a folder, so that all of its kinds are there."""
    if folder is None or not folder.is_dir():
        return [*ordinary()] * 5
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    read = [path.read_bytes() for path in files[:: max(1, len(files) // MAILS)]]
    return [raw for raw in read if len(raw) <= LONGEST][:MAILS]


# --- one function a parser -----------------------------------------------------------------------


def ours_mime(raw: bytes) -> None:
    root = structure.build(reading._with_line_feeds(raw))
    reading._envelope(root.headers, set())
    for part in root.walk():
        if part.parts:
            continue
        if part.main_type == "text":
            body.decoded(part, None, set())
        else:
            part.body()


def ours_whole(raw: bytes) -> None:
    formatted(
        reading.parse(raw), Findings(), Decision("accepted", "new"),
        case_id="0" * 20, message_id="m", received_at=0, authenticated=True,
    )  # fmt: skip


def compat32(raw: bytes) -> None:
    message = email.message_from_bytes(raw)
    for name in NAMES:
        str(message.get(name))
    for part in message.walk():
        if not part.is_multipart():
            part.get_filename()
            octets = part.get_payload(decode=True) or b""
            if part.get_content_maintype() == "text":
                octets.decode(part.get_content_charset() or "ascii", "replace")


def policy_default(raw: bytes) -> None:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for name in NAMES:
        str(message[name])
    for part in message.walk():
        if not part.is_multipart():
            part.get_filename()
            part.get_content()


def fast_mail_parser(raw: bytes) -> None:
    from fast_mail_parser import parse_email  # noqa: PLC0415 - a tool of development only

    mail = parse_email(raw)
    _ = (mail.subject, mail.date, mail.text_plain, mail.text_html, mail.attachments)


def mail_parser(raw: bytes) -> None:
    import mailparser  # noqa: PLC0415 - a tool of development only

    mail = mailparser.parse_from_bytes(raw)
    _ = (mail.subject, mail.from_, mail.to, mail.cc, mail.date, mail.body, mail.attachments)


PYTHON: dict[str, Callable[[bytes], object]] = {
    BASE: compat32,
    "ours, the same as they": ours_mime,
    "ours, parse()": reading.parse,
    "ours, to the document": ours_whole,
    "stdlib, policy.default": policy_default,
    "fast-mail-parser": fast_mail_parser,
    "mail-parser": mail_parser,
}


# --- rounds --------------------------------------------------------------------------------------


def once(parser: Callable[[bytes], object], all_mails: list[bytes]) -> tuple[float, int]:
    """Seconds for all mails, and how many failed."""
    failed = 0
    started = time.perf_counter()
    for raw in all_mails:
        try:
            parser(raw)
        except Exception:  # other parsers' failures are a figure here
            failed += 1
    return time.perf_counter() - started, failed


@contextmanager
def node(all_mails: list[bytes]) -> Iterator[Callable[[str], tuple[float, int]]]:
    """A process that runs Node's parsers, one round a call."""
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mails"
        path.write_bytes(b"".join(struct.pack(">I", len(raw)) + raw for raw in all_mails))
        command = ["node", "--stack-size=4000", str(HERE / "parsers.mjs"), str(path)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert child.stdin
        assert child.stdout

        def run(name: str) -> tuple[float, int]:
            print(name, file=child.stdin, flush=True)
            answer = json.loads(child.stdout.readline())
            return answer["ms"] / 1000, answer["failed"]

        try:
            yield run
        finally:
            child.stdin.close()
            child.stdout.close()
            child.wait(10)


def compare(all_mails: list[bytes]) -> None:
    seconds: dict[str, list[float]] = {}
    failed: dict[str, int] = {}
    with node(all_mails) as javascript:
        for number in range(ROUNDS + 1):
            for name, parser in PYTHON.items():
                took, failed[name] = once(parser, all_mails)
                if number:  # the first round warms up
                    seconds.setdefault(name, []).append(took)
            for name in ("mailparser", "postal-mime"):
                took, failed[name] = javascript(name)
                if number:
                    seconds.setdefault(f"node, {name}", []).append(took)
    size = sum(map(len, all_mails)) / 1e6
    print(f"{len(all_mails)} mails, {size:.1f} MB, {ROUNDS} rounds")
    print(f"{'parser':26}{'x compat32':>11}{'ms a mail':>11}{'failed':>8}")
    for name, took in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(took, seconds[BASE], strict=True))
        each = 1000 * statistics.median(took) / len(all_mails)
        bad = failed[name.removeprefix("node, ")]
        print(f"{name:26}{ratio:11.2f}{each:11.2f}{bad:8}")


def imports() -> None:
    """Cold imports in fresh processes, interleaved."""
    sources = {"boto3": "import boto3", "gateway": "import gateway"}
    seconds: dict[str, list[float]] = {name: [] for name in sources}
    for _ in range(ROUNDS):
        for name, source in sources.items():
            code = f"import time; t = time.perf_counter(); {source}; print(time.perf_counter() - t)"
            answer = subprocess.run(
                [sys.executable, "-c", code],
                env={"PYTHONPATH": str(ROOT / "functions"), "PATH": "", **SETTINGS},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            seconds[name].append(float(answer.stdout))
    boto3, gateway = (statistics.median(seconds[name]) for name in ("boto3", "gateway"))
    print(f"import boto3 {boto3 * 1000:.0f} ms, import gateway {gateway * 1000:.0f} ms", end="")
    print(f" ({gateway / boto3:.2f} x)")


# What Lambda gives every function.
SETTINGS = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}


def main() -> None:
    logging.disable(logging.CRITICAL)  # mail-parser reports what it skips
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "corpus" / "mail"
    compare(mails(chosen))
    imports()


if __name__ == "__main__":
    main()
