"""The corpus of real mails: nothing fails, nothing takes long, and the readings are mostly right.

The thresholds hold what was measured, so that a change that reads worse is noticed. Only counts
and file names are printed.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from emailchannel.mail import html, html_quote
from emailchannel.mail.forward import find
from emailchannel.mail.parse import parse
from emailchannel.mail.quote import split


def mails(corpus: Path) -> list[Path]:
    return [path for path in sorted((corpus / "mail").rglob("*")) if path.is_file()]


def test_every_mail_is_read_in_time(corpus: Path) -> None:
    slow, failed = [], []
    for path in mails(corpus):
        raw = path.read_bytes()
        started = time.process_time()
        read = parse(raw)
        if time.process_time() - started > 1:
            slow.append(path.name)
        if "not-fully-parsed" in read.flags:
            failed.append(path.name)
        json.dumps([read.subject, read.text, read.html, read.new_text, str(read.from_)])
    assert slow == []
    # One mail holds more than 1,000 parts.
    assert len(failed) <= 1


def same(left: str, right: str) -> bool:
    return " ".join(left.split()) == " ".join(right.split())


def expected_addresses(value: Any) -> list[str] | None:
    lists = value.get("Address") if isinstance(value, dict) else None
    if not lists:
        return [] if value in (None, "Empty") else None
    groups = lists.get("Group", [{"addresses": lists.get("List", [])}])
    return [one["address"] for group in groups for one in group["addresses"]]


def test_other_parsers_expectations(corpus: Path) -> None:
    wrong = {"subject": 0, "from": 0, "to": 0}
    for path in sorted((corpus / "expected").rglob("*.json")):
        source = corpus / "mail" / path.relative_to(corpus / "expected")
        known = [source.with_suffix(suffix) for suffix in (".eml", ".txt", "")]
        read = parse(next(one for one in known if one.is_file()).read_bytes())
        headers: dict[str, Any] = {}
        for header in json.loads(path.read_text())["parts"][0]["headers"]:
            if isinstance(header["name"], str):
                headers.setdefault(header["name"], header["value"])
        if "Text" in headers.get("subject", ""):
            wrong["subject"] += not same(headers["subject"]["Text"], read.subject)
        for name, found in (("from", [read.from_] if read.from_ else []), ("to", read.to)):
            wanted = expected_addresses(headers.get(name))
            if wanted is not None:
                mine = [one.addr for one in found]
                wrong[name] += mine != (wanted[:1] if name == "from" else wanted)
    # Four subjects are UTF-7 (never decoded here) or in a charset that the other parser lacks.
    assert wrong["subject"] <= 4
    assert wrong["from"] <= 1
    assert wrong["to"] <= 1


def new_text(case: dict[str, Any]) -> str:
    text = case["input"].replace("\r\n", "\n")
    if case["kind"] == "html":
        pruned = html_quote.without_quoted(text)
        text = html.to_text(pruned if pruned is not None else text)
    return split(text)[0]


def is_right(case: dict[str, Any]) -> bool:
    new = new_text(case)
    if case["gold"] is None:
        flat = " ".join(new.split())
        return all(" ".join(one.split()) in flat for one in case.get("inc", [])) and not any(
            " ".join(one.split()) in flat for one in case.get("exc", [])
        )
    gold = html.to_text(case["gold"]) if case["set"] == "mailspring_html" else case["gold"]
    return same(new, gold)


def test_new_text_of_replies(corpus: Path) -> None:
    cases = json.loads((corpus / "replies.json").read_text())
    right = [is_right(case) for case in cases]
    foreign = [ok for ok, case in zip(right, cases, strict=True) if case["lang"] != "en"]
    assert sum(right) >= 139, f"{sum(right)} of {len(right)}"
    assert sum(foreign) >= 34, f"{sum(foreign)} of {len(foreign)}"


def test_bounces(corpus: Path) -> None:
    found = total = complaints = 0
    for name, rows in json.loads((corpus / "bounces.json").read_text()).items():
        reasons = {row[2] for row in rows}
        bounce = parse((corpus / "mail" / name).read_bytes()).bounce
        if "feedback" in reasons:
            complaints += bounce is not None and bounce.recipients[0].action == "feedback"
        elif "vacation" not in reasons:
            total += 1
            found += bounce is not None
    assert found >= 0.96 * total, f"{found} of {total}"
    assert complaints >= 12


def test_normal_mail_is_no_bounce(corpus: Path) -> None:
    false = []
    for line in (corpus / "MANIFEST.tsv").read_text().splitlines()[1:]:
        path, _, _, _, _, category = line.split("\t")[:6]
        if category != "bounce/dsn" and not path.startswith("sisimai"):
            bounce = parse((corpus / "mail" / path).read_bytes()).bounce
            if bounce is not None and bounce.recipients[0].action != "feedback":
                false.append(path)
    assert false == []


def test_forwards_of_many_programs(corpus: Path) -> None:
    missed, mistaken = [], []
    for path in sorted((corpus / "forwards").glob("*_body*.txt")):
        subject = path.with_name(path.name.replace("_body", "_subject"))
        is_answer = "variant_4" in path.name  # these are replies
        given = subject.read_text() if subject.is_file() else ("Re: x" if is_answer else "Fwd: x")
        found = find(path.read_text().replace("\r\n", "\n"), given)
        if is_answer and found is not None:
            mistaken.append(path.name)
        if not is_answer and (found is None or found.sender.addr != "john.doe@acme.com"):
            missed.append(path.name)
    assert mistaken == []
    assert len(missed) <= 1


@pytest.fixture(autouse=True)
def _quiet(capsys: pytest.CaptureFixture[str]) -> Any:
    """No test of this file may print what a mail holds."""
    yield
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")
