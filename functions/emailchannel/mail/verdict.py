"""What SES found about a mail, and whether its sender may be believed.

Verdicts come from SES's notification (receipt.*Verdict.status), not from the mail: a sender can
write any header he likes. Source: Amazon SES developer guide, "Contents of notifications". What no
notification tells, or where there is none, `trusted_block` reads from the lines that SES itself
wrote at the top of the mail, and from nowhere else.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

PASS = "PASS"  # noqa: S105  (a verdict, not a password)
FAIL = "FAIL"
GRAY = "GRAY"


@dataclass(frozen=True)
class Verdicts:
    """PASS, FAIL, GRAY, PROCESSING_FAILED or DISABLED each; empty where SES said nothing."""

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    spam: str = ""
    virus: str = ""


def from_receipt(receipt: Mapping[str, Any]) -> Verdicts:
    """Read the `receipt` object of a notification; whatever is absent or odd is not PASS."""

    def status(name: str) -> str:
        verdict = receipt.get(f"{name}Verdict")
        value = verdict.get("status") if isinstance(verdict, Mapping) else None
        return value.upper() if isinstance(value, str) else ""

    return Verdicts(*(status(name) for name in ("spf", "dkim", "dmarc", "spam", "virus")))


def _domain(address: str | None) -> str:
    return (address or "").rpartition("@")[2].lower().rstrip(".")


def aligned(one: str, other: str) -> bool:
    """Relaxed alignment of two domains without a public suffix list: equal, or one below the other.

    Stricter than RFC 9989's relaxed mode for siblings (mail.a.example, news.a.example), never
    looser, except that a bare top-level domain is refused.
    """
    if not one or not other or "." not in one or "." not in other:
        return False
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def authenticated(
    verdicts: Verdicts,
    from_address: str | None,
    envelope_from: str,
    dkim_domains: Iterable[str] = (),
) -> bool:
    """Whether the From address is really the sender's.

    DMARC PASS; or, for a domain that publishes no DMARC policy (GRAY), SPF PASS for an envelope
    sender whose domain is aligned with From, or DKIM PASS with a signer among `dkim_domains` (see
    TrustedBlock) that is. DKIM PASS alone may be anybody's signature and proves nothing.
    """
    if not from_address:
        return False
    if verdicts.dmarc == PASS:
        return True
    if verdicts.dmarc != GRAY:
        return False
    author = _domain(from_address)
    if verdicts.spf == PASS and aligned(_domain(envelope_from), author):
        return True
    return verdicts.dkim == PASS and any(aligned(_domain(one), author) for one in dkim_domains)


@dataclass(frozen=True)
class TrustedBlock:
    """What SES wrote at the top of a mail.

    `dkim_domains`: the domains of the signatures that passed, in lower case, in their order.
    `recipient`: the envelope recipient as SES names it in Received; "" where it names none. What
    the block does not say is "" in `verdicts`.
    """

    verdicts: Verdicts
    dkim_domains: tuple[str, ...]
    recipient: str


_LONGEST_BLOCK: Final = 65_536
_MOST_LINES: Final = 200
_MOST_SIGNATURES: Final = 50

# SES's own fields in SES's own order and spelling; the two scan verdicts may both be missing.
_ORDER: Final = (
    "Return-Path",
    "Received",
    "X-SES-Spam-Verdict",
    "X-SES-Virus-Verdict",
    "Received-SPF",
    "Authentication-Results",
    "X-SES-RECEIPT",
)
_UNSCANNED: Final = tuple(name for name in _ORDER if not name.endswith("-Verdict"))
_FOLDED: Final = {"Received", "Authentication-Results"}

_HOST: Final = r"[A-Za-z0-9._-]{1,255}"
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,255}"
_ADDRESS: Final = rf"{_LOCAL}@{_HOST}"
_IP: Final = r"[0-9A-Fa-f.:]{2,45}"
_GREETING: Final = r"[A-Za-z0-9._:\[\]-]{0,255}"
_RETURN_PATH: Final = re.compile(rf"<(?:{_ADDRESS})?>")
_RECEIVED: Final = re.compile(
    rf"from {_GREETING} \((?:{_GREETING} )?\[{_IP}\]\)"
    r" by inbound-smtp\.[a-z]{2,4}(?:-[a-z]{1,12}){1,3}-\d{1,2}\.amazonaws\.com"
    rf" with E?SMTPS?A? id [A-Za-z0-9]{{1,100}}(?: for <?(?P<recipient>{_ADDRESS})>?)?;"
    r" [A-Za-z0-9,:+() -]{1,100}"
)
_CHECKED: Final = re.compile(
    r"(?P<result>[a-z]{1,20}) (?:\([^()\"\\;]{0,1000}\) )?"
    rf"client-ip={_IP}; envelope-from=(?:{_ADDRESS}|<>)?; helo={_GREETING};"
)
_DKIM: Final = re.compile(
    rf"dkim=(?P<result>[a-z]{{1,20}})(?: \([^()\"\\;=]{{0,200}}\))?"
    rf"(?: header\.(?:i=(?:{_LOCAL})?@|d=)(?P<domain>{_HOST}))?"
    r"(?: header\.[sb]=[A-Za-z0-9+/=._-]{1,255}){0,2};?"
)
_DMARC: Final = re.compile(
    r"dmarc=(?P<result>[a-z]{1,20})(?: \([^()\"\\;]{0,200}\))?"
    rf"(?: header\.from={_HOST})?;?"
)
_RECEIPT: Final = re.compile(r"[A-Za-z0-9+/=]{1,8000}")
_SCANNED: Final = {PASS, FAIL, GRAY, "PROCESSING_FAILED", "DISABLED"}
# RFC 8601 section 2.7 to SES's words. "neutral" is to be treated as "none" (RFC 7208 section 8.2).
_FOUND: Final = {
    "pass": PASS,
    "fail": FAIL,
    "softfail": FAIL,
    "policy": FAIL,
    "none": GRAY,
    "neutral": GRAY,
    "temperror": "PROCESSING_FAILED",
    "permerror": "PROCESSING_FAILED",
}


def trusted_block(raw: bytes) -> TrustedBlock | None:
    """Read what SES wrote above the sender's own lines; None unless all of it is beyond doubt.

    The block runs from the first byte to the first X-SES-RECEIPT, within 64 kB. It must be
    exactly SES's fields in SES's order (see the samples in the SES developer guide, "Contents of
    notifications"), printable ASCII, with one kind of line end. Each result of
    Authentication-Results must be a line of its own, and the line about SPF the same as
    Received-SPF: text that the sender chose (envelope sender, HELO, signer) is repeated there, and
    could pretend to be a result, but cannot contain a line end. Linear, never raises.
    """
    fields = _fields(raw)
    if fields is None:
        return None
    if not (
        _RETURN_PATH.fullmatch(fields["Return-Path"][0])
        and _RECEIPT.fullmatch(fields["X-SES-RECEIPT"][0])
    ):
        return None
    received = _RECEIVED.fullmatch(" ".join(fields["Received"]))
    results = _results(fields["Authentication-Results"], fields["Received-SPF"][0])
    spam = fields.get("X-SES-Spam-Verdict", [""])[0]
    virus = fields.get("X-SES-Virus-Verdict", [""])[0]
    if received is None or results is None or not {spam, virus} <= {*_SCANNED, ""}:
        return None
    spf, dkim, dmarc, domains = results
    return TrustedBlock(
        Verdicts(spf, dkim, dmarc, spam, virus), domains, received["recipient"] or ""
    )


def _fields(raw: bytes) -> dict[str, list[str]] | None:
    """The lines of each field of the block, without name and indent; None if it is not SES's."""
    lines = _lines(raw[:_LONGEST_BLOCK])
    if lines is None:
        return None
    fields: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        if line[0] in " \t":
            if name not in _FOLDED or line[1:2] in ("", " ", "\t"):
                return None
            fields[name].append(line[1:])
            continue
        name, colon, value = line.partition(": ")
        if not colon or name in fields or not value or value != value.strip():
            return None
        fields[name] = [value]
    return fields if tuple(fields) in (_ORDER, _UNSCANNED) else None


def _lines(start: bytes) -> list[str] | None:
    """The lines of the block; None if it has no end, mixed line ends or anything but ASCII text."""
    end = b"\r\n" if start[: start.find(b"\n") + 1].endswith(b"\r\n") else b"\n"
    lines: list[str] = []
    for line in start.split(end, _MOST_LINES)[:_MOST_LINES]:
        if not line or any((octet < 32 and octet != 9) or octet > 126 for octet in line):
            return None
        lines.append(line.decode("ascii"))
        if line.startswith(b"X-SES-RECEIPT:"):
            return lines
    return None


def _results(lines: list[str], checked: str) -> tuple[str, str, str, tuple[str, ...]] | None:
    """SPF, DKIM and DMARC in SES's words and the passing signers, of Authentication-Results."""
    spf = _CHECKED.fullmatch(checked)
    if spf is None or lines[:2] != ["amazonses.com;", f"spf={checked}"]:
        return None
    *signed, last = lines[2:] or [""]
    dmarc = _DMARC.fullmatch(last)
    signatures = [_DKIM.fullmatch(line) for line in (signed if dmarc else filter(None, lines[2:]))]
    found = [one for one in signatures if one is not None]
    if len(found) < len(signatures) or len(found) > _MOST_SIGNATURES:
        return None
    words = {one["result"] for one in (spf, dmarc, *found) if one is not None}
    if not words <= _FOUND.keys():
        return None
    dkim = [_FOUND[one["result"]] for one in found]
    passed = (one["domain"] for one in found if one["result"] == "pass" and one["domain"])
    return (
        _FOUND[spf["result"]],
        PASS if PASS in dkim else (dkim or [""])[0],
        _FOUND[dmarc["result"]] if dmarc else "",
        tuple(dict.fromkeys(domain.lower().rstrip(".") for domain in passed)),
    )
