"""`make demo` and `make story`, run as programs."""

import imaplib
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from local.demo import journey, letters, ports, web
from local.demo.mailboxes import PASSWORD
from local.demo.page import STAND_IN
from local.testing import ROOT

ANN = "ann@customer.example"


@dataclass
class Running:
    process: subprocess.Popen
    page: str
    console: str
    smtp: int
    emulator: str
    imap: int
    greeting: str

    def get(self, url, **headers):
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def state(self):
        return json.loads(self.get(f"{self.console}/state")[0])

    def until(self, true, seconds=30):
        """The console's state as soon as it is as wanted."""
        deadline = time.monotonic() + seconds
        while not true(state := self.state()):
            assert time.monotonic() < deadline, state
            time.sleep(0.1)
        return state

    def act(self, path, **wish):
        request = urllib.request.Request(
            f"{self.console}/{path}",
            json.dumps(wish).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def mailbox(self, address):
        """The texts in a mailbox of the viewer."""
        deadline = time.monotonic() + 10
        while True:
            with imaplib.IMAP4("127.0.0.1", self.imap, timeout=10) as box:
                box.login(address, PASSWORD)
                box.select("INBOX", readonly=True)
                _, [numbers] = box.search(None, "ALL")
                texts = [box.fetch(n, "(RFC822)")[1][0][1].decode() for n in numbers.split()]
            if texts or time.monotonic() > deadline:
                return texts
            time.sleep(0.1)

    def children(self):
        found = subprocess.run(
            ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
        )
        pairs = [tuple(map(int, line.split())) for line in found.stdout.splitlines()]
        tree = {self.process.pid}
        while more := {pid for pid, parent in pairs if parent in tree} - tree:
            tree |= more
        return tree - {self.process.pid}


@contextmanager
def demo(state):
    command = [sys.executable, "-m", "local", "--state", str(state), "--any-port"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            greeting = ""
            while "Ctrl-C" not in greeting:
                line = process.stdout.readline()
                assert line, greeting
                greeting += line
            at = dict(re.findall(r"^    (\w[\w ]*?)\s{2,}(\S+)", greeting, re.MULTILINE))
            kept = json.loads((state / "ports.json").read_text())
            yield Running(
                process,
                at["Agent page"].partition("/?")[0],
                at["Console"],
                int(at["Mail in"].rpartition(":")[2]),
                at["AWS"],
                kept["mailbox_imap"],
                greeting,
            )
        finally:
            process.kill()


def interrupt(running):
    """Ctrl-C; what was said then. Everything must be over within five seconds."""
    children = running.children()
    assert len(children) >= 3
    began = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    said = running.process.communicate(timeout=20)[0]
    took = time.monotonic() - began
    listed = subprocess.run(
        ["ps", "-o", "stat=,pid=,args=", "-p", ",".join(map(str, children))],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    alive = [line for line in listed.splitlines() if not line.startswith("Z")]
    assert (alive, running.process.returncode) == ([], 0)
    assert took < 10
    return said


def to_ann(state):
    """How the mails to Ann fared, newest first: the answer, and the acknowledgement before it."""
    return [mail["delivery"] for mail in state["sent"] if mail["to"] == [ANN]]


def test_a_demo_from_its_first_start_over_a_restart(tmp_path):
    with demo(tmp_path) as running:
        state = running.until(lambda state: state["tasks"])
        assert [case["customer"] for case in state["cases"]] == [ANN]
        assert state["tasks"][0]["state"] == "QUEUED"

        raw = letters.write(
            letters.Letter("Zoe <zoe@customer.example>", "By SMTP", "Hello\n"), "support@x.example"
        )
        said = letters.post(
            running.smtp, "zoe@customer.example", "support@support.example.com", raw
        )
        assert said.startswith("250 OK ")
        state = running.until(lambda state: len(state["tasks"]) == 2)
        assert {case["subject"] for case in state["cases"]} == {"By SMTP", "My kettle is broken"}
        with pytest.raises(letters.Refused, match="550"):
            letters.post(running.smtp, "zoe@customer.example", "nobody@elsewhere.example", raw)

        case = next(case["id"] for case in state["cases"] if case["customer"] == ANN)
        running.act("agent", case=case, agent="alice", purpose="relay", text="A new one comes.")
        state = running.until(lambda state: to_ann(state) == ["delivered", ""])
        [text] = [text for text in running.mailbox(ANN) if "Auto-Submitted" not in text]
        assert "A new one comes." in text
        assert "alice@corp.example" not in text

        the_journeys_are_shown(running, case)
        an_app_talks_with_a_mailbox(running)
        another_system_sends_a_text(running)

        form = {"from": f"Ann <{ANN}>", "subject": "", "text": "Thanks. And when?"}
        running.act("customer", **form, answers=state["sent"][0]["id"])
        running.until(lambda s: [len(c["messages"]) for c in s["cases"] if c["id"] == case] == [3])
        assert "Traceback" not in interrupt(running)

    with demo(tmp_path) as running:
        assert "stack unchanged" in running.greeting
        again = running.state()
        assert len(again["cases"]) == 3
        assert len(next(c for c in again["cases"] if c["id"] == case)["messages"]) == 3
        assert len(running.mailbox(ANN)) == 2
        kept = json.loads((tmp_path / "ports.json").read_text())
        assert running.smtp == kept["smtp"]
        the_page_is_the_deployed_one(running)
        a_second_demo_says_what_to_do(tmp_path)
        assert "Traceback" not in interrupt(running)


def test_a_start_can_be_broken_off(tmp_path):
    command = [sys.executable, "-m", "local", "--state", str(tmp_path), "--any-port"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "mailboxes.log").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[0] == ""
    assert process.returncode == 130


def the_page_is_the_deployed_one(running):
    page, headers = running.get(running.page)
    assert b'id="root"' in page
    assert f"connect-src {running.emulator} 'self'" in headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in headers
    script, headers = running.get(f"{running.page}/vendor/connect-streams.js")
    assert script == STAND_IN.read_bytes()
    assert headers["Content-Type"].startswith("text/javascript")
    config = json.loads(running.get(f"{running.page}/config.json")[0])
    assert config["ccpUrl"] == f"{running.emulator}/_local/connect/111122223333/ccp-v2/"
    endpoints, _ = running.get(config["ccpUrl"].removesuffix("ccp-v2/") + "agents/alice/endpoints")
    names = {each["name"] for each in json.loads(endpoints)}
    assert names >= {"Alice", "Bob", "Carol", "Billing"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        running.get(f"{config['apiUrl']}/case", Origin=running.page, Authorization="Bearer x")
    with refused.value as answer:
        assert answer.code == 401
        assert answer.headers["Access-Control-Allow-Origin"] == running.page


def the_journeys_are_shown(running, case):
    page, headers = running.get(f"{running.console}/trace")
    assert b"Journeys" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    mails = json.loads(running.get(f"{running.console}/mails")[0])
    answer, mail = (
        next(each for each in mails if each["direction"] == direction and ANN in each["who"])
        for direction in ("out", "in")
    )
    assert answer["state"] == "delivered"
    for given in (mail["id"], answer["id"], case):
        found = json.loads(running.get(f"{running.console}/journey?id={given}")[0])
        assert {one["id"] for one in found} == {mail["id"], answer["id"]}
    hops = [hop["what"] for one in found for hop in one["hops"]]
    assert hops[0] == "received by Amazon SES"
    assert hops[-1] == f"delivered: {ANN}"
    with pytest.raises(urllib.error.HTTPError) as missing:
        running.get(f"{running.console}/journey?id=nothing")
    with missing.value as answer:
        assert answer.code == 404


def an_app_talks_with_a_mailbox(running):
    [(app, code)] = re.findall(r"Conversation (\S+) .* access code (\S+)", running.greeting)
    max_ = "max@customer.example"

    def ask(path, wish=None, **headers):
        headers["Content-Type"] = "application/json"
        body = wish and json.dumps(wish).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{app}/{path}", body, headers), timeout=30
        ) as answer:
            return json.loads(answer.read())

    wish = {"code": code, "to": max_, "subject": "Your flat", "key": "the-first"}
    let_in = {"Authorization": f"Bearer {ask('conversations', wish)['token']}"}
    ask("messages", {"text": "The flat is ready.", "key": "the-second"}, **let_in)
    mails = running.until(lambda state: [m for m in state["sent"] if m["subject"] == "Your flat"])
    [mail] = [mail for mail in mails["sent"] if mail["subject"] == "Your flat"]
    assert any("The flat is ready." in text for text in running.mailbox(max_))
    form = {"from": f"Max <{max_}>", "subject": "", "text": "I am coming."}
    running.act("customer", **form, answers=mail["id"])
    deadline = time.monotonic() + 30
    while len(said := ask("conversation", **let_in)["messages"]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert [message["text"] for message in said] == ["The flat is ready.", "I am coming."]


def another_system_sends_a_text(running):
    [line] = [line for line in running.greeting.splitlines() if "curl" in line]
    _, url, _, key, _, kind, _, body = shlex.split(line)
    headers = dict(header.split(": ") for header in (key, kind))
    request = urllib.request.Request(url, body.encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.loads(answer.read())["data"]["sendMessage"]["segments"] == 1
    running.until(lambda state: [text["text"] for text in state["texts"]] == ["Hello."])


def a_second_demo_says_what_to_do(state):
    command = [sys.executable, "-m", "local", "--state", str(state)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "running with" in done.stdout
    assert "Ctrl-C" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_taken_port_gives_way_to_the_next_and_is_kept(tmp_path):
    kept = tmp_path / "ports.json"
    chosen = ports.choose(kept, any_free=True)
    assert len(set(vars(chosen).values())) == len(vars(chosen))
    assert ports.choose(kept) == chosen
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", chosen.smtp))
        taken.listen()
        other = ports.choose(kept)
    assert other.smtp > chosen.smtp
    assert other.aws == chosen.aws


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1:1", 200), ("attacker.example:1", 421)])
def test_another_host_name_is_refused(host, status):
    with web.Server(0, lambda _request: web.Answer(200, b"here")) as server:
        request = urllib.request.Request(server.url, headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                found = answer.status
        except urllib.error.HTTPError as error:
            with error:
                found = error.code
    assert found == status


def test_every_sample_is_a_mail_from_its_sender():
    for letter in letters.SAMPLES.values():
        raw = letters.write(letter, "support@support.example.com")
        assert f"From: {letter.sender}".encode() in raw
        assert raw.count(b"filename=") == len(letter.attachments)


def test_the_story_ends_well():
    done = subprocess.run(
        [sys.executable, "-m", "local.story"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.count("  ok  ") == len(journey.steps(journey.Journey(None)))


def test_a_story_ends_at_the_step_that_fails(capsys):
    def fail():
        journey.expect("open", "rejected", "the case")

    status = journey.tell([("one", lambda: "fine"), ("two", fail), ("three", lambda: "never")])
    out, err = capsys.readouterr()
    assert status == 1
    assert "two" in err
    assert "the case should be 'rejected' and is 'open'" in out
    assert "three" not in out
