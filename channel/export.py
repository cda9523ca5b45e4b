"""Give a person what is kept of him (GDPR, articles 15 and 20), as one zip file."""

import argparse
import json
import re
import time
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel import present, trust
from emailchannel.aws.errors import code
from emailchannel.case import Message
from emailchannel.document import attachment_key
from emailchannel.moments import iso
from emailchannel.ports import Intake

from . import export_page, screen
from .deployment import Deployment
from .errors import DONE, NOT_DONE, NOT_STARTED, CannotGoOn
from .person import Person, address_of, find, refuse_agents, warn_of_time

_CHUNK: Final = 1 << 18  # bytes
_NAME_LIMIT: Final = 100
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_QUARANTINED: Final = frozenset({"quarantined", "deleted"})


def add(groups: Any) -> None:
    """Put the command among the others."""
    made = groups.add_parser(
        "export",
        help="everything that is kept of a person, as a zip file",
        description="Writes the cases of this customer, his mails, their attachments, the answers,"
        " the history and what became of every mail. What others wrote on his cases and notes of"
        " agents are left out, unless --all.",
    )
    made.add_argument("address", help="for example ann@customer.example")
    made.add_argument("--to", type=Path, required=True, metavar="FILE.zip")
    made.add_argument(
        "--all",
        action="store_true",
        help="with notes of agents and mails of others: look through it before you hand it out",
    )
    made.set_defaults(run=export)


def export(deployment: Deployment, options: argparse.Namespace) -> int:
    """Find everything, and write it. An unfinished file does not stay."""
    address = address_of(options.address)
    refuse_agents(deployment, address)
    if options.to.exists():
        raise CannotGoOn(f"{options.to} is there already. Name another file.", NOT_STARTED)
    part = options.to.with_name(f"{options.to.name}.part")
    warn_of_time()
    try:
        part.touch(mode=0o600)
    except OSError as error:
        words = f"{options.to} cannot be written: {error.strerror}."
        raise CannotGoOn(words, NOT_STARTED) from error
    try:
        person = find(deployment, address)
        if not person.is_known:
            print(f"Nothing is kept about {address.text}.")
            return NOT_DONE
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as target:
            told = _Export(deployment, person, target, everything=options.all).write()
        part.rename(options.to)
    except OSError as error:
        raise CannotGoOn(f"{options.to} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    print(f"{options.to}: {told}.")
    return DONE


def safe_name(name: str, n: int) -> str:
    """A file name that no system takes for a path, a device or a hidden file."""
    text = unicodedata.normalize("NFC", name)
    kept = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in text)
    kept = kept.strip(" .")[-_NAME_LIMIT:].lstrip(" .") or "attachment"
    return f"{n + 1:02d}-{'_' if _RESERVED.match(kept) else ''}{kept}"


@dataclass
class _Export:
    deployment: Deployment
    person: Person
    target: zipfile.ZipFile
    everything: bool
    mails: int = 0

    def write(self) -> str:
        """Write all of it; returns what was written, in words."""
        cases = []
        for n, case_id in enumerate(self.person.cases):
            screen.progress(n, len(self.person.cases), "cases")
            cases.append(self._case(case_id))
        screen.progress(len(cases), len(cases), "cases")
        elsewhere = [
            self._message("other-cases", n, message)
            for n, message in enumerate(self.person.elsewhere)
        ]
        kept_back = list(self._kept_back())
        index = {
            "version": 1,
            "address": self.person.address.text,
            "at": iso(self.deployment.channel.now_ms()),
            "cases": cases,
            "mails_on_other_cases": elsewhere,
            "mails_kept_from_agents": kept_back,
            "automatic_mails": list(self._automatic()),
            "suppressed": self._suppressed(),
        }
        self._json("index.json", index)
        self.target.writestr("index.html", export_page.index(index))
        return f"{screen.counted(len(cases), 'case')}, {screen.counted(self.mails, 'mail')}"

    def _case(self, case_id: str) -> dict[str, Any]:
        cases = self.deployment.cases
        head, folder = self.person.cases[case_id], f"cases/{case_id}"
        messages = [m for m in cases.messages(case_id) if self._is_for_him(m)]
        made = {
            "id": head.id,
            "subject": head.subject,
            "customer": {"name": head.customer.name, "address": head.customer.address},
            "created": iso(head.created_at),
            "status": head.status,
            "messages": [self._message(folder, n, message) for n, message in enumerate(messages)],
            "history": [
                {"at": iso(log.at), "what": log.kind, "by": log.actor, "why": log.reason}
                for log in cases.interactions(case_id)
            ],
        }
        self._json(f"{folder}/case.json", made)
        self.target.writestr(f"{folder}/index.html", export_page.case(made))
        return {name: made[name] for name in ("id", "subject", "created", "status")} | {
            "messages": len(messages)
        }

    def _is_for_him(self, message: Message) -> bool:
        """What he wrote, and what was written to him."""
        his = self.person.address == message.from_.address
        return self.everything or his or message.direction == "out"

    def _message(self, folder: str, n: int, message: Message) -> dict[str, Any]:
        stem = f"{n + 1:03d}-{message.id}"
        document = self.deployment.channel.mails.read(message.formatted_key)
        locked = "virus-unknown" in message.flags
        files = () if message.disposition == trust.BLOCKED else self._files(folder, stem, message)
        return {
            "id": message.id,
            "at": iso(message.at),
            "direction": message.direction,
            "from": message.from_.address,
            "to": list(message.to),
            "cc": list(message.cc),
            "subject": message.subject,
            "text": json.loads(document).get("text", "") if document else "",
            "language": message.language,
            "sentiment": message.sentiment,
            "disposition": message.disposition,
            "reason": message.reason,
            "delivery": self._delivery(message),
            "original": self._original(folder, stem, message.raw_key),
            "attachments": list(files),
            "warning": "The virus scan of this mail gave no clean result." if locked else "",
        }

    def _delivery(self, message: Message) -> dict[str, str]:
        """What became of it for each recipient."""
        if message.direction != "out":
            return {}
        told = self.deployment.cases.recipients_status(message.id)
        return {address: status for address, (status, _) in told.items()} or dict.fromkeys(
            message.to, message.delivery
        )

    def _files(self, folder: str, stem: str, message: Message) -> Iterator[str]:
        names = present.attachment_names(self.deployment.channel, message)
        for n, name in names.items():
            path = f"attachments/{stem}/{safe_name(name, n)}"
            if self._copy(attachment_key(message.id, n), f"{folder}/{path}"):
                yield path

    def _original(self, folder: str, stem: str, key: str) -> str:
        path = f"mails/{stem}.eml"
        found = self._copy(key, f"{folder}/{path}")
        self.mails += found
        return path if found else ""

    def _kept_back(self) -> Iterator[dict[str, Any]]:
        """His mails that no agent saw."""
        for mail in self.person.mails:
            if mail.outcome in _QUARANTINED and self.person.address == mail.sender:
                yield self._quarantined(mail)

    def _quarantined(self, mail: Intake) -> dict[str, Any]:
        stem = f"{len(self.target.namelist()):03d}-{mail.ses_id}"
        path = self._original("quarantine", stem, f"{mail.route}/{mail.ses_id}")
        return {"id": mail.ses_id, "at": iso(mail.at), "why": mail.reason, "original": path}

    def _automatic(self) -> Iterator[dict[str, Any]]:
        """What the channel wrote to him by itself."""
        for n, mail in enumerate(self.person.outbox):
            if not mail.is_answer and self.person.address.is_in(mail.recipients):
                path = self._original("automatic", f"{n + 1:03d}-{mail.id}", mail.key)
                yield {"id": mail.id, "at": iso(mail.at), "state": mail.state, "original": path}

    def _suppressed(self) -> str:
        return self.deployment.cases.suppressed(self.person.address.text)

    def _copy(self, key: str, path: str) -> bool:
        """Copy an object piece by piece; False when it is gone."""
        client = self.deployment.client("s3")
        try:
            body = client.get_object(Bucket=self.deployment.bucket, Key=key)["Body"]
        except ClientError as error:
            if code(error) in {"NoSuchKey", "404"}:
                return False
            raise
        info = zipfile.ZipInfo(path, time.gmtime(self.deployment.channel.now())[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        with self.target.open(info, "w", force_zip64=True) as file:
            for chunk in body.iter_chunks(_CHUNK):
                file.write(chunk)
        return True

    def _json(self, path: str, value: dict[str, Any]) -> None:
        self.target.writestr(path, json.dumps(value, indent=1, ensure_ascii=False))
