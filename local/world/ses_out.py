"""SES sending: what SendEmail accepts, the copy a recipient gets, what is kept of it.

https://docs.aws.amazon.com/ses/latest/dg/send-email-raw.html
https://docs.aws.amazon.com/ses/latest/dg/header-fields.html
"""

from __future__ import annotations

import base64
import re
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any

from local.world import clock
from local.world.headers import parsed_headers
from local.world.times import at

MAXIMUM_BYTES = 40 * 1024 * 1024
MAXIMUM_RECIPIENTS = 50
MAXIMUM_LINE = 1000  # characters with the line end
_REGION_PREFIX = {"us-east-1": "0100", "us-west-2": "0101", "eu-west-1": "0102"}
_ONCE = (
    "from to cc bcc subject date message-id reply-to sender in-reply-to references mime-version"
    " content-type content-transfer-encoding return-path"
)


@dataclass(frozen=True)
class Refused(Exception):
    """SES did not take the mail: the API's error code, message and HTTP status."""

    code: str
    message: str
    status: int = 400


@dataclass(frozen=True)
class Sent:
    """A mail SES accepted: the bytes as given and as delivered, and who it is for."""

    message_id: str
    region: str
    sender: str  # the address
    source: str  # FromEmailAddress or the From header, as written
    recipients: tuple[str, ...]
    raw: bytes
    delivered: bytes
    configuration_set: str
    tags: dict[str, str]
    at: float
    caller: str = ""
    events: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "message_id": self.message_id,
            "region": self.region,
            "from": self.source,
            "sender": self.sender,
            "recipients": list(self.recipients),
            "raw": base64.b64encode(self.raw).decode(),
            "delivered": base64.b64encode(self.delivered).decode(),
            "configuration_set": self.configuration_set,
            "tags": self.tags,
            "at": self.at,
            "caller": self.caller,
        }


_lock = threading.Lock()
_sent: dict[str, list[Sent]] = {}


def sent(account: str) -> list[Sent]:
    with _lock:
        return list(_sent.get(account, ()))


def find(account: str, message_id: str) -> Sent | None:
    return next((mail for mail in sent(account) if mail.message_id == message_id), None)


def keep(account: str, mail: Sent) -> None:
    with _lock:
        _sent.setdefault(account, []).append(mail)


def forget(account: str) -> None:
    with _lock:
        _sent.pop(account, None)


def get_state() -> dict[str, list[dict[str, Any]]]:
    with _lock:
        return {account: [mail.as_json() for mail in mails] for account, mails in _sent.items()}


def load_state(state: dict[str, list[dict[str, Any]]]) -> None:
    for account, mails in state.items():
        for mail in mails:
            keep(account, _from_json(mail))


def _from_json(mail: dict[str, Any]) -> Sent:
    return Sent(
        message_id=mail["message_id"],
        region=mail["region"],
        sender=mail["sender"],
        source=mail["from"],
        recipients=tuple(mail["recipients"]),
        raw=base64.b64decode(mail["raw"]),
        delivered=base64.b64decode(mail["delivered"]),
        configuration_set=mail["configuration_set"],
        tags=mail["tags"],
        at=mail["at"],
        caller=mail.get("caller", ""),
    )


# -- the request --------------------------------------------------------------------------------


def raw_of(request: dict[str, Any]) -> bytes:
    """The MIME message of a SendEmail request (built for Content.Simple)."""
    content = request.get("Content", {})
    if "Raw" in content:
        return base64.b64decode(content["Raw"].get("Data", ""))
    if "Simple" in content:
        return _composed(request, content["Simple"])
    raise Refused("BadRequestException", "Content must be Raw or Simple here")


def _composed(request: dict[str, Any], simple: dict[str, Any]) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = request.get("FromEmailAddress", "")
    mail["Subject"] = simple.get("Subject", {}).get("Data", "")
    destination = request.get("Destination") or {}
    for header, key in (("To", "ToAddresses"), ("Cc", "CcAddresses")):
        if destination.get(key):
            mail[header] = ", ".join(destination[key])
    body = simple.get("Body", {})
    mail.set_content(body.get("Text", {}).get("Data", ""))
    if "Html" in body:
        mail.add_alternative(body["Html"].get("Data", ""), subtype="html")
    return mail.as_bytes()


def source_of(request: dict[str, Any], headers: Message) -> str:
    return str(request.get("FromEmailAddress") or headers.get("From", ""))


def recipients_of(request: dict[str, Any], headers: Message) -> tuple[str, ...]:
    """The envelope: Destination where given, else the To, Cc and Bcc headers."""
    destination = request.get("Destination") or {}
    given = [address for addresses in destination.values() for address in addresses]
    if not given:
        given = [v for name in ("To", "Cc", "Bcc") for v in headers.get_all(name, [])]
    return tuple(address for _name, address in getaddresses([str(v) for v in given]) if address)


def check(raw: bytes, headers: Message, recipients: Iterable[str], source: str) -> None:
    """Refuse what SES refuses. Raises Refused."""
    addresses = list(recipients)
    if len(raw) * 4 / 3 > MAXIMUM_BYTES:
        raise Refused(
            "BadRequestException", f"Message length is more than {MAXIMUM_BYTES} bytes long."
        )
    if any(len(line) > MAXIMUM_LINE for line in raw.splitlines(keepends=True)):
        raise Refused("BadRequestException", f"Line exceeds {MAXIMUM_LINE} characters.")
    if not addresses:
        raise Refused("BadRequestException", "Missing destination.")
    if len(addresses) > MAXIMUM_RECIPIENTS:
        raise Refused("BadRequestException", f"Recipient count exceeds {MAXIMUM_RECIPIENTS}.")
    for address in (*addresses, parseaddr(source)[1]):
        _check_address(address)
    names = [name.lower() for name in headers.keys()]  # noqa: SIM118  (repeated names count)
    if "from" not in names:
        raise Refused("BadRequestException", "Missing required header 'From'.")
    for name in _ONCE.split():
        if names.count(name) > 1:
            raise Refused("BadRequestException", f"Duplicate header '{name.title()}'.")


def _check_address(address: str) -> None:
    """SES has no SMTPUTF8: addresses are ASCII, domains in punycode."""
    if not address.isascii():
        raise Refused("BadRequestException", "Address contains non-ASCII characters.")
    if not re.fullmatch(r"[^\s@]+@[^\s@]+|\"[^\"]+\"@[^\s@]+", address):
        raise Refused("BadRequestException", "Missing final '@domain'")


def header_options(headers: Message) -> tuple[str, dict[str, str]]:
    """Configuration set and tags given as X-SES-* headers of a raw message."""
    tags = {}
    for pair in re.split(r"[,;]", str(headers.get("X-SES-MESSAGE-TAGS", ""))):
        name, equals, value = pair.partition("=")
        if equals:
            tags[name.strip()] = value.strip()
    return str(headers.get("X-SES-CONFIGURATION-SET", "")).strip(), tags


def accept(account: str, region: str, request: dict[str, Any], caller: str) -> Sent:
    """Take the mail: check it, give it an id, keep it. Raises Refused."""
    raw = raw_of(request)
    headers = parsed_headers(raw)
    source, recipients = source_of(request, headers), recipients_of(request, headers)
    check(raw, headers, recipients, source)
    header_set, header_tags = header_options(headers)
    given_tags = {tag["Name"]: tag["Value"] for tag in request.get("EmailTags") or []}
    now = clock.now(account)
    message_id = f"{_REGION_PREFIX.get(region, '0107')}{int(now * 1000):012x}-{uuid.uuid4()}-000000"
    return Sent(
        message_id=message_id,
        region=region,
        sender=parseaddr(source)[1],
        source=source,
        recipients=recipients,
        raw=raw,
        delivered=delivered(raw, message_id, region, now),
        configuration_set=request.get("ConfigurationSetName") or header_set,
        tags={**header_tags, **given_tags},
        at=now,
        caller=caller,
    )


# -- the delivered copy -------------------------------------------------------------------------


def delivered(raw: bytes, message_id: str, region: str, now: float) -> bytes:
    """The bytes a recipient gets: Message-ID and Date are SES's, Bcc and X-SES-* options gone.

    Everything else, References included, is as given.
    """
    host = "email" if region == "us-east-1" else region
    head, separator, body = _split(raw)
    dropped = rb"message-id|date|bcc|x-ses-configuration-set|x-ses-message-tags"
    kept = re.sub(rb"(?im)^(?:" + dropped + rb"):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*", b"", head)
    ours = (
        f"Message-ID: <{message_id}@{host}.amazonses.com>\r\nDate: {format_datetime(at(now))}\r\n"
    )
    return ours.encode() + kept + separator + body


def _split(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """(header lines each with its line end, blank line, body)."""
    found = re.search(rb"\r?\n(?=\r?\n)", raw)
    if found is None:
        return raw, b"", b""
    blank = re.compile(rb"\r?\n").match(raw, found.end())
    end = blank.end() if blank else found.end()
    return raw[: found.end()], raw[found.end() : end], raw[end:]
