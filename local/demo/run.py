"""Start everything of the demo, say where it is, wait for Ctrl-C, stop everything."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from local import testing
from local.demo import deployment, letters, ports
from local.demo.console import Console
from local.demo.conversation import CODE, conversation
from local.demo.mailboxes import Mailboxes, MailboxesFailed
from local.demo.page import Page
from local.demo.web import Server
from local.deploy import DeploymentFailed
from local.emulator import Emulator, EmulatorFailed
from local.smtp import Inbox

STATE = testing.ROOT / ".local" / "demo"


class Interrupt:
    """A signal handler that remembers: cleaning up may turn the exception into another one."""

    def __init__(self) -> None:
        self.heard = self._waits = False

    def __call__(self, _number: int, _frame: Any) -> None:
        self.heard = True
        if not self._waits:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """What happens inside is finished first."""
        self._waits = True
        try:
            yield
        finally:
            self._waits = False
        if self.heard:
            raise KeyboardInterrupt


class Running(RuntimeError):
    """Another demo uses this state."""


@dataclass(frozen=True)
class Demo:
    """A running demo and its addresses."""

    stack: testing.Stack
    ports: ports.Ports
    page: str
    console: str
    mailboxes: str
    conversation: str
    done: str


@contextlib.contextmanager
def demo(state: Path, interrupt: Interrupt, *, any_free: bool = False) -> Iterator[Demo]:
    """Everything that runs, in the order it is needed; stopped in the other order."""
    with ExitStack() as running:
        running.enter_context(_alone(state))
        ready = state / "ready"
        if not ready.exists():  # a first start that was broken off has left half a stack
            shutil.rmtree(state / "world", ignore_errors=True)
        at = ports.choose(state / "ports.json", any_free=any_free)
        with interrupt.held():  # half-started children would not be ended
            log = state / "mailboxes.log"
            boxes = Mailboxes(at.mailboxes, at.mailbox_smtp, at.mailbox_imap, log)
            running.enter_context(boxes)
            emulator = running.enter_context(
                Emulator.start(at.aws, state / "world", f"127.0.0.1:{at.mailbox_smtp}")
            )
        deployed = deployment.bring_up(emulator, f"http://127.0.0.1:{at.page}")
        stack = deployed.stack
        boxes.wait()
        boxes.put(stack.sent())
        running.enter_context(Inbox(emulator.endpoint, stack.account, at.smtp))
        page = Page(emulator.endpoint, stack.outputs["PageUrl"])
        page_url = running.enter_context(Server(at.page, page)).url
        links = {"page": f"{page_url}/?agent=alice", "mailboxes": boxes.url}
        console = Server(at.console, Console(stack, at.smtp, links))
        console_url = running.enter_context(console).url
        app = running.enter_context(conversation(stack, state / "token.key", at.conversation))
        if deployed.done == "created":
            _send_sample(stack, at.smtp)
        ready.touch()
        yield Demo(stack, at, links["page"], console_url, boxes.url, app, deployed.done)


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[IO[str]]:
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Running from None
        yield lock


def _send_sample(stack: testing.Stack, smtp: int) -> None:
    sample = letters.SAMPLES["angry"]
    raw = letters.write(sample, stack.inquiry_address)
    letters.post(smtp, sample.sender, stack.inquiry_address, raw)
    stack.settle()


def _greeting(demo: Demo, seconds: float) -> str:
    address, smtp = demo.stack.inquiry_address, demo.ports.smtp
    endpoint, api = demo.stack.world.endpoint, demo.stack.outputs["MessagesApiUrl"]
    first = demo.done == "created"
    waits = "a first mail waits for an agent" if first else "with all that was there before"
    return f"""
  The email channel runs on this machine ({seconds:.1f} s; stack {demo.done}; {waits}).

    Agent page   {demo.page}
    Mailboxes    {demo.mailboxes:<35} what customers and agents receive
    Console      {demo.console:<35} cases, tasks, queues; write as a customer
    Conversation {demo.conversation:<35} an app that talks with a mailbox; access code {CODE}
    API          {api:<35} GraphQL for other systems: docs/messages-api.md
    Mail in      127.0.0.1:{smtp:<25} SMTP, for {address}
    AWS          {endpoint:<35} account {demo.stack.account}
    Commands     export AWS_ENDPOINT_URL={endpoint} AWS_DEFAULT_REGION={testing.REGION}
                 export AWS_ACCESS_KEY_ID={demo.stack.account} AWS_SECRET_ACCESS_KEY=test
                 .venv/bin/python -m channel --stack {demo.stack.name} quarantine list

  What to try next

    1. Open the agent page as alice, choose Available and accept the task.
    2. Answer in the console ("Answer as an agent"), or from a mail client with the address
       that the page's Reply shows; SMTP server 127.0.0.1:{smtp}, no password, no TLS.
    3. Read the answer in the mailbox of ann@customer.example; let Ann reply in the console.
    4. Send a mail of your own:
       swaks --server 127.0.0.1:{smtp} --from you@customer.example --to {address}
    5. Open the page as bob in another tab (?agent=bob) and transfer a task to him.
    6. Start a conversation with zoe@customer.example in the app, and let her reply in the console.
    7. Send a text (SMS) as another system would, and see it in the console:
       {_text_of_another_system(demo.stack.outputs)}

  Ctrl-C stops everything; the next start goes on from here. `make demo-clean` forgets it.
"""


def _text_of_another_system(outputs: dict[str, str]) -> str:
    wish = '{to: \\"+14155550123\\", body: \\"Hello.\\", deliveryMethod: SMS}'
    query = f"mutation {{ sendMessage(input: {wish}) {{ id segments }} }}"
    key = f"-H 'x-api-key: {outputs['MessagesApiKey']}'"
    body = f'-d \'{{"query": "{query}"}}\''
    return f"curl {outputs['MessagesApiUrl']} {key} -H 'content-type: application/json' {body}"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo until Ctrl-C; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--state", type=Path, default=STATE, help="folder that keeps everything")
    parser.add_argument("--any-port", action="store_true", help="any free ports, not the usual")
    options = parser.parse_args(arguments)
    interrupt = Interrupt()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell made SIGINT unheard
        signal.signal(number, interrupt)
    started = time.monotonic()
    try:
        with demo(options.state.resolve(), interrupt, any_free=options.any_port) as running:
            _wait_for_interrupt(_greeting(running, time.monotonic() - started))
        return 0
    except KeyboardInterrupt:
        return 130
    except Running:
        return _sorry(f"A demo is running with {options.state} already. End it with Ctrl-C first.")
    except ports.NoFreePort as error:
        return _sorry(f"{error} End a program that listens on it.")
    except (EmulatorFailed, MailboxesFailed) as error:
        return _sorry(f"{error} Try `make demo-clean`, then `make demo`.")
    except DeploymentFailed as error:
        return _sorry(f"The stack could not be deployed. {error}\n  `make demo-clean` starts anew.")
    except Exception:
        if interrupt.heard:
            return 130
        raise


def _wait_for_interrupt(greeting: str) -> None:
    """Until Ctrl-C; from then on signals are not heard, so that stopping is not disturbed."""
    try:
        print(greeting, flush=True)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        print("\n  Stopping ...", flush=True)


def _sorry(words: str) -> int:
    print(f"\n  {words}\n", flush=True)
    return 1
