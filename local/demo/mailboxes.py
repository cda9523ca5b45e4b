"""The mailbox viewer (mail-devel): a mailbox for every address the channel wrote to.

Its mails live in memory; at a start it is given again what SES had sent. As a program
(`python -m local.demo.mailboxes ...`) it is mail-devel that ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

PASSWORD = "demo"  # noqa: S105  (of mailboxes on this machine that hold nothing of value)
_PATIENCE = 20.0


class MailboxesFailed(RuntimeError):
    """The viewer did not start."""


class Mailboxes:
    """The viewer as a child process; SMTP, IMAP and web on 127.0.0.1."""

    def __init__(self, http: int, smtp: int, imap: int, log: Path) -> None:
        self.url, self.smtp = f"http://127.0.0.1:{http}", smtp
        options = f"--host 127.0.0.1 --multi-user --password {PASSWORD} --http-port {http}"
        options += f" --smtp-port {smtp} --imap-port {imap}"
        command = [sys.executable, "-m", "local.demo.mailboxes", *options.split()]
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                cwd=Path(__file__).parents[2],
                start_new_session=True,  # Ctrl-C is for the demo, which ends it
            )
        self._log = log

    def wait(self) -> None:
        """Until mail can be delivered. Raises MailboxesFailed."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), smtplib.SMTP("127.0.0.1", self.smtp, timeout=2):
                return
            time.sleep(0.05)
        raise MailboxesFailed(f"The mailbox viewer did not start; see {self._log}.")

    def put(self, mails: list[dict[str, Any]]) -> None:
        """Deliver mails: {"sender", "recipients", "delivered" (bytes)}."""
        if not mails:
            return
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=10) as smtp:
            for mail in mails:
                with contextlib.suppress(smtplib.SMTPResponseException):
                    smtp.sendmail(mail["sender"], mail["recipients"], mail["delivered"])

    def __enter__(self) -> Mailboxes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def _end_with_input() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main() -> None:
    """Run mail-devel in this process."""
    from mail_devel.__main__ import main as serve

    threading.Thread(target=_end_with_input, daemon=True).start()
    serve()


if __name__ == "__main__":
    main()
