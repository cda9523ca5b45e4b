"""SES receiving over SMTP: what arrives on a local port goes through the deployed receipt rules.

    with Inbox(emulator, account, port=2525):
        ...  # any mail client or smtplib may deliver

SES's findings are played: mail passes, except from domains listed as failing authentication.
"""

from __future__ import annotations

import base64
import json
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

MAXIMUM_BYTES = 40 * 1024 * 1024
FAILING_DOMAINS = ("forged.example",)  # these and their subdomains fail SPF, DKIM and DMARC
_IDENT = "inbound-smtp.us-east-1.amazonaws.com ESMTP (local)"


class Receiver:
    """aiosmtpd's handler: RCPT and DATA as SES answers them."""

    def __init__(self, endpoint: str, account: str, failing: Sequence[str]) -> None:
        self._base, self._failing = f"{endpoint}/_local/{account}", failing

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Accept an address that an active rule takes; SES refuses others right here."""
        status, answer = await _in_thread(server, self._ask, "POST", "/accepts", {"to": address})
        if status != 200 or not answer["accepts"]:
            return "550 5.1.1 Requested action not taken: mailbox unavailable"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Run the rules; the SES message id is in the answer."""
        mail = {
            "raw": base64.b64encode(envelope.content or b"").decode(),
            "mail_from": envelope.mail_from or "",
            "rcpt_to": envelope.rcpt_tos,
            "verdicts": self.verdicts(envelope.mail_from or ""),
            "helo": session.host_name or "unknown",
            "client_ip": session.peer[0] if session.peer else "127.0.0.1",
        }
        status, answer = await _in_thread(server, self._ask, "POST", "/deliver", mail)
        if status == 550:
            return str(answer["message"])
        if status != 200:
            return "451 4.3.0 Requested action aborted: local error in processing"
        return f"250 OK {answer['message_id']}"

    def verdicts(self, mail_from: str) -> dict[str, str]:
        """What SES is to find about mail from this sender."""
        domain = mail_from.rpartition("@")[2].lower()
        if any(domain == bad or domain.endswith(f".{bad}") for bad in self._failing):
            return {"spf": "FAIL", "dkim": "FAIL", "dmarc": "FAIL", "dmarcPolicy": "reject"}
        return {}

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        request = urllib.request.Request(
            self._base + path, json.dumps(body).encode(), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"{}")


async def _in_thread(server: SMTP, call: Any, *args: Any) -> Any:
    return await server.loop.run_in_executor(None, call, *args)


class _Controller(Controller):  # type: ignore[misc]
    """aiosmtpd's controller on a socket that is already bound (so port 0 means any free one)."""

    def __init__(self, port: int, handler: Receiver) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        super().__init__(
            handler,
            hostname="127.0.0.1",
            port=self._socket.getsockname()[1],
            ident=_IDENT,
            data_size_limit=MAXIMUM_BYTES,
            ready_timeout=10,
        )

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._socket)


class Inbox:
    """The SMTP listener on 127.0.0.1; `port` 0 takes a free one."""

    def __init__(
        self,
        endpoint: str,
        account: str,
        port: int = 0,
        failing_domains: Sequence[str] = FAILING_DOMAINS,
    ) -> None:
        self._controller = _Controller(port, Receiver(endpoint, account, failing_domains))

    def start(self) -> Inbox:
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def __enter__(self) -> Inbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
