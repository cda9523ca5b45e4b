"""What agents write, before it is a message: values only."""

from dataclasses import dataclass
from typing import Final

REPLY: Final = "reply"
NOTE: Final = "note"
FORWARD: Final = "forward"
KINDS: Final = (REPLY, NOTE, FORWARD)
NEXT: Final = ("default", "queue", "me", "close")

LONGEST_HTML: Final = 200_000  # characters
MOST_FILES: Final = 20
LARGEST_FILE: Final = 20_000_000  # bytes
LARGEST_MAIL: Final = 25_000_000  # bytes of all files: base64 makes 34 MB of it, SES takes 40


@dataclass(frozen=True)
class Upload:
    """A file that an agent's page was let to upload; `size` in bytes, as it was signed.

    `content_id` is what an inline image is known by in the text (`cid:`), else empty.
    """

    id: str
    filename: str
    content_type: str
    size: int
    inline: bool = False
    content_id: str = ""


@dataclass(frozen=True)
class Writing:
    """What stands in the composer. Addresses are plain; `answers` is a message's id.

    `next` is who gets the customer's next mail, or `close`; `files` are ids of uploads.
    """

    kind: str = REPLY
    html: str = ""
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    next: str = NEXT[0]
    answers: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saved:
    """A draft as it is kept: one a case. `author` is a user name, `at` in milliseconds."""

    version: int
    author: str
    at: int
    writing: Writing


@dataclass(frozen=True)
class Canned:
    """A canned reply as it is kept; `subject` may be empty, `subject` and `html` are templates."""

    id: str
    title: str
    subject: str
    html: str


def upload_key(case_id: str, file_id: str) -> str:
    """Where the bytes of an uploaded file are until the answer is sent, and 30 days after."""
    return f"uploads/{case_id}/{file_id}"
