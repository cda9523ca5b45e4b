"""What SES found about a mail, and whether its sender may be believed.

Verdicts come from SES's notification (receipt.*Verdict.status), never from the mail: a sender can
write any header he likes. Source: Amazon SES developer guide, "Contents of notifications".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


def authenticated(verdicts: Verdicts, from_address: str | None, envelope_from: str) -> bool:
    """Whether the From address is really the sender's.

    DMARC PASS; or, for a domain that publishes no DMARC policy (GRAY), SPF PASS for an envelope
    sender whose domain is aligned with From.
    """
    if not from_address:
        return False
    if verdicts.dmarc == PASS:
        return True
    if verdicts.dmarc != GRAY:
        return False
    return verdicts.spf == PASS and aligned(_domain(envelope_from), _domain(from_address))
