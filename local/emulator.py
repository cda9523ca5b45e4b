"""The AWS emulator of this project: start it, get clients for an account of it, stop it.

    with Emulator.start() as emulator:
        emulator.client("s3", "100000000001").create_bucket(Bucket="mail")

Accounts are any 12 digits and do not see each other; the access key of an account is its number.
IAM is enforced for every role. As a program: `python -m local.emulator --port 4566`.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import botocore.loaders

# One reader of AWS's service models for all sessions: each has its own otherwise, and keeps it
# (four stacks and twelve commands: 498 MB instead of 136).
botocore.loaders.create_loader = lru_cache(botocore.loaders.create_loader)

_MOST_CLIENTS = 60
REPOSITORY = Path(__file__).resolve().parents[1]


class Reply(NamedTuple):
    """A control endpoint's answer; `body` is parsed JSON (None when there is none)."""

    status: int
    body: Any


class EmulatorFailed(RuntimeError):
    """The emulator's process did not start."""


class Emulator:
    """A running emulator (a child process) as seen from tests, demo and benches."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process, self.port = process, port
        self.endpoint = f"http://127.0.0.1:{port}"
        self._clients: dict[tuple[str, str, str], Any] = {}

    @classmethod
    def start(
        cls, port: int = 0, state_dir: Path | None = None, smtp_relay: str | None = None
    ) -> Emulator:
        """Start one on 127.0.0.1 (port 0: any free one).

        `state_dir` keeps everything over a restart; `smtp_relay` is the host:port that gets a copy
        of each sent mail. The process ends with this one, however this one ends.
        """
        command = [sys.executable, "-m", "local.emulator", "--port", str(port), "--child"]
        command += ["--state", str(state_dir)] if state_dir else []
        command += ["--smtp-relay", smtp_relay] if smtp_relay else []
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for this process, which stops it
        )
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise EmulatorFailed(f"the emulator ended with status {process.wait()}")
        return cls(process, json.loads(line)["port"])

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process and wait for it (its temporary folder is gone then)."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def client(
        self, service: str, account: str, region: str = "us-east-1", config: Any = None
    ) -> Any:
        """A boto3 client with all rights of the account.

        Kept for the next call unless it has a botocore `config` of its own.
        """
        key = (service, account, region)
        credentials = {"aws_access_key_id": account, "aws_secret_access_key": "test"}
        if config is not None:
            return self.client_for(service, region, credentials, config)
        if key not in self._clients:
            while len(self._clients) >= _MOST_CLIENTS:  # accounts come and go in a test run
                del self._clients[next(iter(self._clients))]
            self._clients[key] = self.client_for(service, region, credentials)
        return self._clients[key]

    def client_for(
        self, service: str, region: str, credentials: dict[str, str], config: Any = None
    ) -> Any:
        """A boto3 client with other credentials (a role's, a user's)."""
        import boto3
        from botocore.config import Config

        once = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            s3={"addressing_style": "path"},
            signature_version="s3v4" if service == "s3" else None,  # links, too
            # Off: a body that is only hashed when the operation asks for it is sent as it is.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        make: Any = boto3.session.Session(region_name=region).client
        own = once.merge(config or Config())
        return make(service, endpoint_url=self.endpoint, config=own, **credentials)

    def control(self, method: str, path: str, body: Any = None) -> Reply:
        """Ask a control endpoint: `control("GET", "/_local/<account>/quiet")`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        return Reply(response.status, json.loads(answer) if answer else None)


def main(arguments: list[str] | None = None) -> None:
    """Run the emulator in this process until it is told to stop."""
    parser = argparse.ArgumentParser(description="The local AWS emulator of the email channel.")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--state", type=Path, help="folder that keeps everything over a restart")
    parser.add_argument("--smtp-relay", default="", help="host:port that gets each sent mail")
    parser.add_argument("--child", action="store_true", help="end when standard input ends")
    options = parser.parse_args(arguments)
    os.chdir("/")
    from local.world.server import run

    run(options.port, options.state, options.smtp_relay, watch_input=options.child)


if __name__ == "__main__":
    main()
