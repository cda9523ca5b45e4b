"""What a person writes and what his client knows about the mail he answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import escape
from itertools import count

from tests.mail.genuine.wire import Field, date_now

_numbers = count(1)


@dataclass(frozen=True)
class Seen:
    """A delivered mail in the reader's client: what a reply quotes and names."""

    address: str
    name: str
    reader: str
    subject: str
    message_id: str
    references: str
    text: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of(cls, delivered: bytes) -> "Seen":
        mail = message_from_bytes(delivered, policy=policy.default)
        sender = mail["Reply-To"].addresses[0]
        return cls(
            sender.addr_spec,
            sender.display_name,
            mail["To"].addresses[0].addr_spec,
            mail["Subject"],
            mail["Message-ID"],
            " ".join(str(mail.get("References", "")).split()),
            mail.get_body(("plain",)).get_content().strip(),
        )

    @property
    def who(self) -> str:
        return f"{self.name or self.address} <{self.address}>"


@dataclass(frozen=True)
class Letter:
    """One mail to be written by some client. `text` holds the writer's own words only."""

    sender: str
    to: str
    subject: str
    text: str
    name: str = ""
    cc: str = ""
    signature: str = ""
    lang: str = "en"
    extra: tuple[Field, ...] = ()
    files: tuple[bytes, ...] = ()
    answers: Seen | None = None
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]

    def threading(self) -> list[Field]:
        """In-Reply-To and References as RFC 5322 section 3.6.4 asks for."""
        if self.answers is None:
            return []
        seen = self.answers
        references = f"{seen.references} {seen.message_id}".split()
        return [("In-Reply-To", seen.message_id), ("References", "\n ".join(references))]

    def trace(self, host: str, *more: Field) -> list[Field]:
        """What the way leaves behind: a hop and a signature."""
        return [
            (
                "Received",
                f"from {host} ({host} [198.51.100.{self.number % 200 + 1}])\n"
                f" (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
                f" by mx-out.{self.domain} (Postfix) with ESMTPS id 4XyZ{self.number:05d}\n"
                f" for <support@support.example.com>; {date_now()}",
            ),
            (
                "DKIM-Signature",
                f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s=s2026;\n"
                "\th=from:to:subject:date:message-id:mime-version:content-type;\n"
                "\tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\n"
                "\tb=dGhpcyBpcyBubyBzaWduYXR1cmUgdGhhdCBhbnlib2R5IGNoZWNrcyBoZXJlLCBi\n"
                "\t dXQgaXQgaGFzIHRoZSBsZW5ndGggb2Ygb25lLCB3aGljaCBpcyBlbm91Z2ggZm9yIGl0",
            ),
            *more,
        ]


def html(text: str) -> str:
    """Text as the inside of an HTML element."""
    return escape(text).replace("\n", "<br>\n")


def prefixed(text: str, mark: str = "> ") -> str:
    """Text as a quote: a bare `>` on empty lines."""
    return "\n".join(mark + line if line else mark.rstrip() for line in text.split("\n"))


_DAYS = {
    "en": "Mon Tue Wed Thu Fri Sat Sun",
    "de": "Mo. Di. Mi. Do. Fr. Sa. So.",
    "fr": "lun. mar. mer. jeu. ven. sam. dim.",
    "es": "lun mar mié jue vie sáb dom",
    "ja": "月 火 水 木 金 土 日",
}
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
}


def said(seen: Seen, lang: str, forms: Mapping[str, str]) -> str:
    """An attribution line: `forms` by language, with {day} {d} {month} {y} {clock} {who} ..."""
    at = seen.at
    known = lang if lang in forms else "en"
    months = _MONTHS.get(known, _MONTHS["en"]).split()
    return forms[known].format(
        day=_DAYS.get(known, _DAYS["en"]).split()[at.weekday()],
        d=at.day,
        m=at.month,
        month=months[at.month - 1],
        y=at.year,
        clock=f"{at:%H:%M}",
        clock12=f"{at:%I:%M %p}".lstrip("0"),
        who=seen.who,
        name=seen.name or seen.address,
        address=seen.address,
        long=f"{at:%A, %B} {at.day}, {at.year}",
    )
