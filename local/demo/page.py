"""The agent page as deployed: read through the emulator's CloudFront, put where a browser can go.

Two things differ from AWS. `vendor/connect-streams.js` is the stand-in of `local/streams/`, since
there is no Amazon Connect to sign in to; and names end where this machine's resolver does, so the
API's host name becomes the emulator's path for it (config.json, Content-Security-Policy).
"""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from local.demo.web import Answer, Request, as_json

STAND_IN = Path(__file__).resolve().parents[1] / "streams" / "connect-streams.js"
_STREAMS = "/vendor/connect-streams.js"
_NOT_PASSED_ON = {"connection", "content-length", "date", "server", "transfer-encoding"}
_HTTPS_ONLY = {"strict-transport-security"}  # this page has no certificate


class Page:
    """The route of the page server.

    emulator: its endpoint; page_url: the distribution's URL as the stack puts it out.
    """

    def __init__(self, emulator: str, page_url: str) -> None:
        self._emulator = emulator
        self._domain = urlsplit(page_url).netloc

    def __call__(self, request: Request) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return as_json(405, {"message": "The page is only read."})
        answer = self._from_distribution(request)
        path = urlsplit(request.target).path
        if path == _STREAMS and answer.status == 200:
            return replace(answer, body=STAND_IN.read_bytes())
        if path == "/config.json" and answer.status == 200:
            return replace(answer, body=self._config(answer.body))
        if path in ("/", "/index.html") and answer.status == 200:
            return replace(answer, body=self._with_emulator(answer.body.decode()).encode())
        return answer

    def _from_distribution(self, request: Request) -> Answer:
        at = urlsplit(self._emulator)
        connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
        asked = {"Host": self._domain, "X-Forwarded-Proto": "https"}
        try:
            connection.request("GET", request.target, headers=asked)
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        dropped = _NOT_PASSED_ON | _HTTPS_ONLY
        kept = {n: v for n, v in response.headers.items() if n.lower() not in dropped}
        return Answer(response.status, body, self._widened(kept))

    def _widened(self, headers: dict[str, str]) -> dict[str, str]:
        """The page's policy, with the emulator beside the hosts of AWS."""
        name = "Content-Security-Policy"
        if name in headers:
            headers = {**headers, name: self._with_emulator(headers[name])}
        return headers

    def _with_emulator(self, policy: str) -> str:
        return re.sub(r"(connect-src|frame-src)\b", rf"\1 {self._emulator}", policy)

    def _config(self, body: bytes) -> bytes:
        config = json.loads(body)
        api_id = (urlsplit(config["apiUrl"]).hostname or "").partition(".")[0]
        here = urlsplit(self._emulator).netloc
        for name in ("instanceUrl", "ccpUrl"):  # the emulator may have another port than last time
            config[name] = urlsplit(config[name])._replace(netloc=here).geturl()
        config["apiUrl"] = f"{self._emulator}/_aws/execute-api/{api_id}/$default"
        return json.dumps(config).encode()
