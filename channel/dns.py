"""What the public DNS says.

Sources: RFC 1035; RFC 2606 and RFC 6761 (reserved names); RFC 7489, section 6 (DMARC records).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import dns.exception
import dns.resolver

_SECONDS: Final = 5.0
_RESERVED: Final = ("example", "test", "invalid", "localhost", "local", "home.arpa")
_EXAMPLES: Final = ("example.com", "example.net", "example.org")


@dataclass(frozen=True)
class Unanswered:
    """Nothing is known; `why` in words."""

    why: str


Answer = tuple[str, ...] | Unanswered
# (name, type of record) -> its values: lower case and without the last dot, a TXT as one text.
# Empty: there is no such record.
LookUp = Callable[[str, str], Answer]


def reserved(name: str) -> bool:
    """Whether the name is for examples and tests only, so that nobody can set records for it."""
    name = f".{name.lower().rstrip('.')}"
    return any(name.endswith(f".{end}") for end in (*_RESERVED, *_EXAMPLES))


class PublicDns:
    """`LookUp` through the resolver of this machine. It stops asking when nobody answers."""

    def __init__(
        self, resolver: dns.resolver.Resolver | None = None, seconds: float = _SECONDS
    ) -> None:
        self._given, self._seconds, self._silent = resolver, seconds, ""

    def __call__(self, name: str, kind: str) -> Answer:
        if reserved(name):
            return Unanswered("such a name is for examples, and has no records")
        if self._silent:
            return Unanswered(self._silent)
        try:
            return tuple(_text(kind, value) for value in self._ask(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except dns.resolver.NoNameservers:  # they answered that they cannot tell (SERVFAIL)
            return Unanswered(f"the DNS servers of {name} do not answer")
        except (dns.resolver.NoResolverConfiguration, dns.exception.Timeout, OSError):
            self._silent = "no DNS server answers this machine"
            return Unanswered(self._silent)
        except dns.exception.DNSException as error:
            return Unanswered(f"{name} cannot be looked up: {error}")

    def _ask(self, name: str, kind: str) -> dns.resolver.Answer:
        resolver = self._given or dns.resolver.get_default_resolver()
        return resolver.resolve(name, kind, lifetime=self._seconds, search=False)


def _text(kind: str, value: object) -> str:
    if kind == "TXT":
        parts = getattr(value, "strings", ())
        return b"".join(parts).decode("ascii", "replace")
    return str(value).lower().rstrip(".")


def dmarc(look_up: LookUp, domain: str) -> tuple[str, str] | Unanswered | None:
    """(domain that publishes it, record) of the domain or the nearest one above it, or None."""
    labels = domain.split(".")
    for n in range(max(len(labels) - 1, 1)):
        name = ".".join(labels[n:])
        found = look_up(f"_dmarc.{name}", "TXT")
        if isinstance(found, Unanswered):
            return found
        records = [text for text in found if text.lower().replace(" ", "").startswith("v=dmarc1")]
        if records:
            return name, records[0]
    return None
