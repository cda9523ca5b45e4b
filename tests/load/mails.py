"""Many customers' mails, made from those of tests/mail/ordinary.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import cycle, islice

from tests.mail.ordinary import ordinary

INQUIRY = "support@support.example.com"
LARGE = bytes(range(256)) * 40_000  # 10 MB


@dataclass(frozen=True)
class Letter:
    """A mail and the envelope sender, who also wrote it."""

    sender: str
    raw: bytes


def of_customers(count: int, large: int = 0) -> list[Letter]:
    """So many mails of so many customers, each with a domain of his own; the first are `large`."""
    found = [_signed(raw, number) for number, raw in enumerate(islice(cycle(ordinary()), count))]
    for number in range(large):
        found[number] = _signed(_with_photo(), number)
    return found


def _signed(raw: bytes, number: int) -> Letter:
    mail = message_from_bytes(raw, policy=policy.SMTP)
    sender = f"customer{number}@mail{number}.example"
    mail.replace_header("From", f"Customer {number} <{sender}>")
    mail.replace_header("To", INQUIRY)
    mail.replace_header("Message-ID", f"<{number}.burst@mail{number}.example>")
    return Letter(sender, mail.as_bytes())


def _with_photo() -> bytes:
    mail = message_from_bytes(next(ordinary()), policy=policy.SMTP)
    mail.add_attachment(LARGE, maintype="image", subtype="jpeg", filename="kettle.jpg")
    return mail.as_bytes()


def of_flooder(count: int, sender: str = "flood@one.example") -> Iterator[Letter]:
    """Different mails of one sender, each on a matter of its own."""
    for number in range(count):
        yield Letter(sender, short(sender, f"Alarm {number}", f"Disk {number} is full.\n"))


def short(sender: str, subject: str, text: str) -> bytes:
    """A few lines of one person."""
    mail = EmailMessage(policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, INQUIRY, subject
    mail["Date"] = "Sun, 22 Nov 2026 10:00:00 +0000"
    mail["Message-ID"] = f"<{subject.replace(' ', '.')}.{sender}>"
    mail.set_content(text)
    return mail.as_bytes()
