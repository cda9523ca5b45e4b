"""What stands in the composer as the mail that it becomes: cleaned, with its files."""

import json
from dataclasses import dataclass
from typing import Final

from ..case import Case, Message
from ..document import attachment_key
from ..mail import html
from ..mail.text import clean_filename
from ..mail.values import Attachment, ParsedMail
from ..ports import Channel
from .values import LARGEST_MAIL, LONGEST_HTML, MOST_FILES, Upload, Writing, upload_key

PURPOSES: Final = {"default": "relay", "queue": "queuerelay", "me": "agentrelay", "close": "relay"}


@dataclass(frozen=True)
class Unfit:
    """It cannot be sent as it is; `words` say why, for the agent."""

    words: str


def mail_of(
    channel: Channel, case: Case, writing: Writing, about: Message | None
) -> ParsedMail | Unfit:
    """The agent's words and files; `about` is the mail whose files go along."""
    if len(writing.html) > LONGEST_HTML:
        return Unfit(f"The text is too long: at most {LONGEST_HTML} characters with its markup.")
    files = _files(channel, case, writing)
    if isinstance(files, Unfit):
        return files
    if about:
        files += _files_of(channel, about)
    if sum(file.size for file in files) > LARGEST_MAIL:
        return Unfit(f"All files together may have {LARGEST_MAIL // 1_000_000} MB.")
    # An editor leaves zero-width spaces where its caret stood between two formats.
    shown = html.sanitise(writing.html.replace("\u200b", ""))
    text = html.to_text(shown)
    if not (text.strip() or files):
        return Unfit("There is nothing to send yet: write something, or attach a file.")
    return ParsedMail(text=text, new_text=text, html=shown, attachments=files)


def _files(channel: Channel, case: Case, writing: Writing) -> tuple[Attachment, ...] | Unfit:
    if len(writing.files) > MOST_FILES or len(set(writing.files)) < len(writing.files):
        return Unfit(f"A mail has at most {MOST_FILES} files, each once.")
    found = []
    for file_id in writing.files:
        upload = channel.cases.upload(case.id, file_id)
        if upload is None:
            return Unfit("A file is not of this case. Attach it anew.")
        if channel.mails.size(upload_key(case.id, upload.id)) != upload.size:
            return Unfit(f"{upload.filename} has not been uploaded completely. Attach it anew.")
        found.append(upload)
    if sum(upload.size for upload in found) > LARGEST_MAIL:
        return Unfit(f"All files together may have {LARGEST_MAIL // 1_000_000} MB.")
    return tuple(_attachment(channel, case, upload) for upload in found)


def _attachment(channel: Channel, case: Case, upload: Upload) -> Attachment:
    payload = channel.mails.read(upload_key(case.id, upload.id)) or b""
    return Attachment(
        upload.filename,
        upload.content_type,
        len(payload),
        upload.content_id or None,
        upload.inline,
        payload,
    )


def _files_of(channel: Channel, message: Message) -> tuple[Attachment, ...]:
    """The files of a mail that is forwarded; what must not be opened stays here."""
    if "virus-unknown" in message.flags:
        return ()
    body = channel.mails.read(message.formatted_key)  # the row lists only the first of them
    found = []
    for entry in json.loads(body)["attachments"] if body else []:
        payload = channel.mails.read(attachment_key(message.id, entry["n"])) or b""
        name = clean_filename(entry["filename"] or "") or f"attachment-{entry['n'] + 1}"
        found.append(Attachment(name, entry["content_type"], len(payload), None, False, payload))
    return tuple(found)
