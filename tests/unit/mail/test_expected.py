"""Another parser's expected structures for 64 mails, most of them odd on purpose.

What counts as the same: white space does not matter; of several From addresses the first counts; a
body is right if it holds the expected text and nothing but that and the text parts which the other
parser lists as attachments (a text part without a file name is shown here). An expectation that
itself failed to decode (U+FFFD) or holds a delimiter with the header of the next part is left out
of the count: there is nothing to compare with.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emailchannel.mail import html
from emailchannel.mail.parse import parse
from emailchannel.mail.values import ParsedMail


def pairs(corpus: Path) -> Iterator[tuple[str, dict[str, Any], ParsedMail]]:
    for path in sorted((corpus / "expected").rglob("*.json")):
        source = corpus / "mail" / path.relative_to(corpus / "expected")
        known = [source.with_suffix(suffix) for suffix in (".eml", ".txt", "")]
        raw = next(one for one in known if one.is_file()).read_bytes()
        yield f"{path.parent.name}/{path.stem}", json.loads(path.read_text()), parse(raw)


def header(expected: dict[str, Any], name: str) -> Any:
    fields = expected["parts"][0]["headers"]
    return next((field["value"] for field in fields if field["name"] == name), None)


def addresses(value: Any) -> list[str] | None:
    found = value.get("Address") if isinstance(value, dict) else None
    if not found:
        return [] if value in (None, "Empty") else None
    groups = found.get("Group", [{"addresses": found.get("List", [])}])
    return [one["address"] for group in groups for one in group["addresses"]]


def texts(expected: dict[str, Any], kind: str) -> str:
    bodies = [expected["parts"][index]["body"] for index in expected[kind]]
    return " ".join(
        body["Text"] if "Text" in body else html.to_text(body["Html"])
        for body in bodies
        if "Text" in body or "Html" in body
    )


def comparable(text: str) -> bool:
    return "\ufffd" not in text and not ("\n--" in text and "\nContent-Type:" in text)


def body_is_right(expected: dict[str, Any], read: ParsedMail) -> bool:
    wanted = Counter(texts(expected, "text_body").split())
    allowed = wanted + Counter(texts(expected, "attachments").split())
    mine = Counter(read.text.split())
    return wanted <= mine <= allowed


@pytest.fixture(scope="module")
def wrong(corpus: Path) -> dict[str, list[str]]:
    """Names of the mails read otherwise than expected, by what is wrong."""
    found: dict[str, list[str]] = {"subject": [], "from": [], "to": [], "cc": [], "body": []}
    for name, expected, read in pairs(corpus):
        subject = header(expected, "subject")
        words = subject.get("Text", "\ufffd") if isinstance(subject, dict) else "\ufffd"
        if comparable(words) and words.split() != read.subject.split():
            found["subject"].append(name)
        senders = (read.from_,) if read.from_ else ()
        for field, mine in (("from", senders), ("to", read.to), ("cc", read.cc)):
            wanted = addresses(header(expected, field))
            wanted = wanted[:1] if wanted and field == "from" else wanted
            if wanted is not None and wanted != [one.addr for one in mine]:
                found[field].append(name)
        if comparable(texts(expected, "text_body")) and not body_is_right(expected, read):
            found["body"].append(name)
    return found


@pytest.mark.parametrize("what", ["subject", "from", "to", "cc", "body"])
def test_at_most_two_are_read_otherwise(wrong: dict[str, list[str]], what: str) -> None:
    assert len(wrong[what]) <= 2, wrong[what]
