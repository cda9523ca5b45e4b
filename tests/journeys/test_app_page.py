"""README.md of the conversation app: its commands are run, here and against the emulator."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.testing import ROOT, emulator
from tests.page.conversation import ANN, free_port
from tests.page.fake_messages_api import KEY, MessagesApi, messages_api

FOLDER = ROOT / "examples" / "app_conversation"
PROGRAMS = f"{ROOT / '.venv/bin'}:{ROOT / '.venv/sam/bin'}:{os.environ['PATH']}"
ACCOUNT = "246824682468"


@dataclass
class Reader:
    """Somebody with a shell, who does what the README says."""

    folder: Path
    variables: dict[str, str]

    def commands(self, heading: str) -> list[str]:
        """The blocks of commands below a heading, with this place's values put in."""
        section = (FOLDER / "README.md").read_text().partition(f"\n## {heading}\n")[2]
        blocks = re.findall(r"^```bash\n(.+?)^```", section.partition("\n## ")[0], re.M | re.S)
        assert blocks, heading
        return [self._here(block) for block in blocks]

    def _here(self, block: str) -> str:
        for name, value in self.variables.items():
            block = re.sub(rf"\b{name}=\S+", f"{name}={shlex.quote(value)}", block)
        return block.replace("8082", self.variables["port"])

    def run(self, command: str, **more: str) -> str:
        """What it prints; it must end well."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def running(self, command: str) -> Iterator[str]:
        """A program that serves until Ctrl-C; its first line."""
        with subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", f"{command.rstrip()} & wait -n; exit"],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as program:
            try:
                assert program.stdout
                yield program.stdout.readline()
            finally:
                os.killpg(program.pid, signal.SIGTERM)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("AWS_", "SAM_"))}
        return {**kept, "PATH": PROGRAMS, "HOME": str(self.folder), **more}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[tuple[Reader, MessagesApi]]:
    with messages_api() as api:
        names = {
            "MESSAGES_API_URL": api.url,
            "MESSAGES_API_KEY": KEY,
            "MessagesApiUrl": api.url,
            "MessagesApiKey": KEY,
            "port": str(free_port()),
        }
        yield Reader(tmp_path, names), api


def test_on_this_machine_as_the_readme_says(reader: tuple[Reader, MessagesApi]) -> None:
    shell, api = reader
    start, *asked = shell.commands("Run it")
    with shell.running(start) as said:
        assert f"http://127.0.0.1:{shell.variables['port']}" in said
        printed = [shell.run("\n".join(asked[: n + 1])) for n in range(len(asked))]
    assert api.only.to == ANN
    assert {message["body"] for message in api.only.messages} == {"Dear Ann, the flat is ready."}
    assert '"state": "ACCEPTED"' in printed[-1]
    assert KEY not in "".join(printed)


def test_on_aws_as_the_readme_says(reader: tuple[Reader, MessagesApi]) -> None:
    shell, api = reader
    world = emulator()
    aws = {
        "AWS_ENDPOINT_URL": world.endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "1",
    }
    try:
        for command in shell.commands("Deploy it"):
            shell.run(command, **aws)
        stacks = world.client("cloudformation", ACCOUNT).describe_stacks()["Stacks"]
        [outputs] = [s["Outputs"] for s in stacks if s["StackName"] == "app-conversation"]
        [url] = [o["OutputValue"] for o in outputs if o["OutputKey"] == "AppUrl"]
        api_id = url.partition("//")[2].partition(".")[0]
        base = f"{world.endpoint}/_aws/execute-api/{api_id}/$default"
        page, headers = fetch(f"{base}/")
        assert b"<title>Conversation" in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Content-Type"].startswith("text/html")
        wish = {"to": ANN, "subject": "Your flat", "code": code_of(shell), "key": "one-key-1"}
        begun, _ = fetch(f"{base}/conversations", wish)
        token = json.loads(begun)["token"]
        fetch(f"{base}/messages", {"text": "Hello", "key": "one-key-2"}, token)
        found, _ = fetch(f"{base}/conversation", token=token)
        assert [m["text"] for m in json.loads(found)["messages"]] == ["Hello"]
        assert [message["body"] for message in api.only.messages] == ["Hello"]
    finally:
        world.control("DELETE", f"/_local/{ACCOUNT}")


def code_of(shell: Reader) -> str:
    """The code that the README deploys with."""
    found = re.search(r"AccessCode=(\S+)", "".join(shell.commands("Deploy it")))
    assert found
    return found[1]


def fetch(url: str, wish: Any = None, token: str = "") -> tuple[bytes, Any]:
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, wish and json.dumps(wish).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers
