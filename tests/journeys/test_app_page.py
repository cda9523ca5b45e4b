"""README.md of the conversation app: its commands are run, and its answers are what came.

UPDATE_DOCS=1 writes down what comes now.
"""

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

from local.testing import ROOT, Stack, emulator, stack
from tests.builders import reply_to
from tests.page.deployed import ANN, QUIET, free_port, read
from tests.page.fake_messages_api import KEY, MessagesApi, messages_api

README = ROOT / "examples" / "app_conversation" / "README.md"
ANSWER = re.compile(r"```json\n.*?\n```", re.DOTALL)
CHANGING = (
    (re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}"), "01M84CKZ2V{:016d}"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"), "2026-11-23T10:00:0{}.000Z"),
    (re.compile(r"\+[0-9a-z]{20}@"), "+r4n3tekx0tvgec8dwby0@"),
    (re.compile(r"\?t=[^\"]+"), "?t=..."),
)
PROGRAMS = f"{ROOT / '.venv/bin'}:{ROOT / '.venv/sam/bin'}:{os.environ['PATH']}"
ACCOUNT = "246824682468"


@dataclass
class Reader:
    """Somebody with a shell, who does what the README says."""

    folder: Path
    variables: dict[str, str]

    def commands(self, heading: str) -> list[str]:
        """The blocks of commands below a heading, with this place's values put in."""
        section = README.read_text().partition(f"\n## {heading}\n")[2]
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


def test_on_this_machine_as_the_readme_says(tmp_path: Path) -> None:
    with stack(**QUIET) as s:
        url, key = s.outputs["MessagesApiUrl"], s.outputs["MessagesApiKey"]
        names = {"MESSAGES_API_URL": url, "MESSAGES_API_KEY": key, "port": str(free_port())}
        shell = Reader(tmp_path, names)
        start, let_in, say, see = shell.commands("Run it")
        with shell.running(start) as said:
            assert f"http://127.0.0.1:{names['port']}" in said
            posted = shell.run(let_in + say)
            s.settle()
            ann_answers(s)
            answers = [posted, shell.run(let_in + see)]
    assert key not in "".join(answers)
    page = README.read_text()
    told = iter([steady(json.loads(answer)) for answer in answers])
    now = ANSWER.sub(lambda _: f"```json\n{next(told)}\n```", page)
    if os.environ.get("UPDATE_DOCS"):
        README.write_text(now)
    assert README.read_text() == now


def ann_answers(s: Stack) -> None:
    [seen] = [one for one in s.sent() if one["recipients"] == [ANN]]
    files = [("contract.pdf", "application/pdf", b"%PDF-1.7")]
    raw = reply_to(seen["delivered"], "Here is the contract.\n\nAnn", attachments=files)
    s.deliver(raw, ANN, [read(raw)["To"].addresses[0].addr_spec])
    s.settle()


def steady(answer: dict[str, Any]) -> str:
    """An answer without what differs every time: ids and times are numbered."""
    text = json.dumps(answer, indent=2)
    for pattern, shown in CHANGING:
        found = list(dict.fromkeys(pattern.findall(text)))
        text = pattern.sub(lambda one, s=shown, f=found: s.format(f.index(one[0]) + 1), text)
    return text


def test_on_aws_as_the_readme_says(tmp_path: Path) -> None:
    names = {"MessagesApiKey": KEY, "port": "0"}
    with messages_api() as api:
        deployed_as_told(Reader(tmp_path, names | {"MessagesApiUrl": api.url}), api)


def deployed_as_told(shell: Reader, api: MessagesApi) -> None:
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
