"""The emulator as a whole: boot, isolation, Lambda, quiet, clock, forgetting, persistence."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.deploy import Stack, create_stack
from local.emulator import REPOSITORY, Emulator
from tests.local.conftest import Account, create_sample


def function_template(code: str, **more: object) -> dict:
    """A stack of one function with inline code and a role that may do nothing."""
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        },
    }
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Timeout": 1,
            "Code": {"ZipFile": code},
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            **more,
        },
    }
    return {"Resources": {"Role": role, "Function": function}}


def call(account: Account, code: str, payload: object = None, **more: object) -> tuple[dict, dict]:
    """(response, payload) of a fresh function invoked once."""
    stack = create_stack(account.emulator, account.number, "one", function_template(code, **more))
    return invoke(account, stack, payload)


def invoke(account: Account, stack: Stack, payload: object = None) -> tuple[dict, dict]:
    response = account.client("lambda").invoke(
        FunctionName=stack.resources["Function"], Payload=json.dumps(payload)
    )
    return response, json.loads(response["Payload"].read())


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def temporary_folders(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("emulator-*"))


def test_listens_on_this_machine_only(emulator: Emulator) -> None:
    sockets = Path(f"/proc/{emulator.pid}/net/tcp").read_text().splitlines()[1:]
    local = [line.split()[1].split(":") for line in sockets if line.split()[3] == "0A"]
    assert {host for host, port in local if int(port, 16) == emulator.port} == {"0100007F"}


@pytest.mark.parametrize("how", ["stop", "SIGTERM", "SIGKILL"])
def test_leaves_no_process_and_no_folder(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    emulator = Emulator.start()
    account = Account(emulator, "300000000777")
    call(account, "def handler(event, context): return 1")
    zygote = children(emulator.pid)
    workers = [worker for parent in zygote for worker in children(parent)]
    assert len(zygote) == 1
    assert len(workers) == 1
    if how != "stop":
        os.kill(emulator.pid, signal.Signals[how])
    else:
        emulator.stop()
    assert all(gone(pid) for pid in (*zygote, *workers))
    emulator.stop()
    assert temporary_folders(tmp_path) == []


def test_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "from local.emulator import Emulator; import time; e = Emulator.start();"
        "print(e.pid, flush=True); time.sleep(60)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)
    deadline = time.monotonic() + 5
    while temporary_folders(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert temporary_folders(tmp_path) == []


def test_accounts_do_not_see_each_other(emulator: Emulator, account: Account) -> None:
    other = Account(emulator, "300000000999")
    account.client("sqs").create_queue(QueueName="q")
    assert other.client("sqs").list_queues().get("QueueUrls", []) == []
    assert account.get("queues").keys() == {"q"}


class TestFunctions:
    def test_result_and_log(self, account: Account) -> None:
        code = "def handler(event, context):\n    print('seen', event)\n    return {'got': event}"
        response, payload = call(account, code, {"a": 1})
        assert payload == {"got": {"a": 1}}
        assert "FunctionError" not in response
        assert "seen {'a': 1}" in next(iter(account.get("logs").values()))

    def test_an_exception_keeps_its_type(self, account: Account) -> None:
        response, payload = call(account, "def handler(event, context): raise KeyError('x')")
        assert response["FunctionError"]
        assert payload["errorType"] == "KeyError"
        assert "KeyError" in next(iter(account.get("logs").values()))

    def test_environment_survives_an_exception(self, account: Account) -> None:
        code = (
            "n = [0]\ndef handler(event, context):\n    n[0] += 1\n"
            "    if event: raise ValueError\n    return n[0]"
        )
        stack = create_stack(account.emulator, account.number, "one", function_template(code))
        invoke(account, stack, payload=True)
        assert invoke(account, stack)[1] == 2

    def test_a_timeout_ends_it(self, account: Account) -> None:
        code = "import time\ndef handler(event, context): time.sleep(5)"
        started = time.monotonic()
        response, payload = call(account, code)
        assert response["FunctionError"]
        assert "timed out after 1.00 seconds" in payload["errorMessage"]
        assert time.monotonic() - started < 4

    def test_a_crash_is_an_error(self, account: Account) -> None:
        response, _payload = call(account, "import os\ndef handler(event, context): os._exit(3)")
        assert response["FunctionError"]

    def test_a_module_that_does_not_load(self, account: Account) -> None:
        response, payload = call(account, "import nothing_of_the_kind")
        assert response["FunctionError"]
        assert payload["errorType"] == "Runtime.ImportModuleError"
        assert "nothing_of_the_kind" in payload["errorMessage"]

    def test_it_sees_its_own_code_and_no_local_package(self, account: Account) -> None:
        code = (
            "import importlib.util, os\n"
            "def handler(event, context):\n"
            "    return [importlib.util.find_spec('local') is None, os.environ['AWS_REGION'],\n"
            "            'HOME' in os.environ]"
        )
        assert call(account, code)[1] == [True, "us-east-1", False]

    def test_time_is_the_accounts(self, account: Account) -> None:
        code = "import time\ndef handler(event, context): return time.time()"
        stack = create_stack(account.emulator, account.number, "one", function_template(code))
        account.ask("PUT", "clock", {"epoch": 2_000_000_000})
        assert invoke(account, stack)[1] == pytest.approx(2_000_000_000, abs=30)

    def test_a_role_without_rights_is_refused(self, account: Account) -> None:
        code = (
            "import boto3\n"
            "def handler(event, context): boto3.client('connect').describe_contact(\n"
            "    InstanceId='11111111-1111-1111-1111-111111111111', ContactId='c')"
        )
        _response, payload = call(account, code, Timeout=5)
        assert payload["errorType"] == "AccessDeniedException"
        (denial,) = account.denials()
        assert denial["action"] == "connect:DescribeContact"
        assert denial["resource"].endswith(
            "instance/11111111-1111-1111-1111-111111111111/contact/c"
        )


class TestPackages:
    """Packages are imported once per code, ahead of the workers, unless they read variables."""

    def functions(self, account: Account, package: str) -> list[dict]:
        """What two functions with the same code and different variables say."""
        files = {
            "index.py": "import shared\ndef handler(event, context): return shared.says()",
            "shared/__init__.py": package,
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        bucket = f"code-{account.number}"
        account.client("s3").create_bucket(Bucket=bucket)
        account.client("s3").put_object(Bucket=bucket, Key="k", Body=buffer.getvalue())
        found = []
        for name in ("one", "two"):
            template = function_template("")
            properties = template["Resources"]["Function"]["Properties"]
            properties["Code"] = {"S3Bucket": bucket, "S3Key": "k"}
            properties["Environment"] = {"Variables": {"NAME": name}}
            stack = create_stack(account.emulator, account.number, name, template)
            found.append(invoke(account, stack)[1])
        return found

    def test_imported_in_one_process_used_in_others(self, account: Account) -> None:
        package = "import os\nHERE = os.getpid()\ndef says(): return [HERE, os.getpid()]"
        one, two = self.functions(account, package)
        assert one[0] == two[0]
        assert len({one[0], one[1], two[1]}) == 3

    def test_reading_the_environment_is_left_to_the_worker(self, account: Account) -> None:
        package = "import os\nNAME = os.environ.get('NAME')\ndef says(): return NAME"
        assert self.functions(account, package) == ["one", "two"]

    def test_so_is_what_a_library_reads_for_it(self, account: Account) -> None:
        package = (
            "from aws_lambda_powertools import Logger\nlogger = Logger()\n"
            "def says():\n    logger.info('hello from it')\n    return logger.service"
        )
        self.functions(account, package)
        logs = account.get("logs")
        assert all("hello from it" in text for text in logs.values())
        assert len(logs) == 2

    def test_a_package_that_does_not_load_fails_its_function(self, account: Account) -> None:
        (one, _two) = self.functions(account, "raise ImportError('broken')")
        assert one["errorType"] == "Runtime.ImportModuleError"
        assert "broken" in one["errorMessage"]


class TestMailStack:
    def test_a_mail_travels_through(self, account: Account, sample: Stack) -> None:
        assert account.deliver("Terrible service")[0] == 200
        account.settle()
        (row,) = account.rows(sample.outputs["Table"])
        assert row["feeling"] == {"S": "NEGATIVE"}
        assert set(row["events"]["SS"]) == {"Send", "Delivery"}
        assert account.denials() == []

    def test_quiet_means_all_is_done(self, account: Account, sample: Stack) -> None:
        for number in range(8):
            account.deliver(f"slow {number}")
        account.settle()
        rows = account.rows(sample.outputs["Table"])
        assert [set(row["events"]["SS"]) for row in rows] == [{"Send", "Delivery"}] * 8

    def test_not_quiet_while_a_function_runs(self, account: Account, sample: Stack) -> None:
        account.deliver("slow")
        assert not account.get("quiet")["quiet"]

    def test_failed_messages_wait_for_their_time(self, account: Account, sample: Stack) -> None:
        account.deliver("fail")
        account.settle()
        name = sample.resources["MailQueue"].rsplit("/", 1)[-1]
        # The setup message of the rule's topic fails in this handler, too.
        assert account.get("queues")[name]["in_flight"] == 2
        for _ in range(3):
            account.advance(61)
            account.settle()
        assert account.get("queues")[name]["in_flight"] == 0
        letters = sample.resources["DeadLetters"].rsplit("/", 1)[-1]
        assert account.get(f"receives?queue={letters}")["visible"] == 2

    def test_event_sources_can_be_paused(self, account: Account, sample: Stack) -> None:
        account.ask("PUT", "event_sources", {"paused": True})
        account.deliver()
        assert account.get("quiet")["quiet"]
        assert account.rows(sample.outputs["Table"]) == []
        account.ask("PUT", "event_sources", {"paused": False})
        account.settle()
        assert len(account.rows(sample.outputs["Table"])) == 1

    def test_forgetting_leaves_nothing(self, account: Account, sample: Stack) -> None:
        account.deliver()
        account.settle()
        assert account.ask("DELETE", "") == (200, {})
        assert account.get("sent") == []
        assert account.get("queues") == {}
        assert account.get("logs") == {}
        assert account.client("s3").list_buckets()["Buckets"] == []
        assert account.client("lambda").list_functions()["Functions"] == []
        create_sample(account)  # the account can be used again

    def test_objects_and_links_follow_the_clock(self, account: Account, sample: Stack) -> None:
        account.ask("PUT", "clock", {"epoch": 2_000_000_000})
        account.deliver()
        (key,) = [
            found
            for found in account.client("s3").list_objects_v2(
                Bucket=sample.outputs["Bucket"], Prefix="inbound/"
            )["Contents"]
            if "SETUP" not in found["Key"]
        ]
        assert key["LastModified"].timestamp() == pytest.approx(2_000_000_000, abs=30)


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    number = "300000000555"
    with Emulator.start(state_dir=tmp_path) as first:
        account = Account(first, number)
        stack = create_sample(account)
        account.advance(3600)
        account.deliver("before")
        account.settle()
        connect = first.control(
            "PUT", f"/_local/connect/{number}/agents/alice/state", {"state": "Available"}
        )
        assert connect.status == 200
    with Emulator.start(state_dir=tmp_path) as second:
        account = Account(second, number)
        assert len(account.get("sent")) == 1
        assert account.get("clock")["offset"] == pytest.approx(3600, abs=5)
        assert len(account.rows(stack.outputs["Table"])) == 1
        agents = second.control("GET", f"/_local/connect/{number}/agents").body
        assert {a["username"]: a["state"] for a in agents}["alice"] == "Available"
        account.deliver("after")
        account.settle()
        subjects = {row["subject"]["S"] for row in account.rows(stack.outputs["Table"])}
        assert subjects == {"before", "after"}


class TestRights:
    def test_a_refused_call_names_itself(self, account: Account) -> None:
        sqs = account.client("sqs")
        url = sqs.create_queue(QueueName="q")["QueueUrl"]
        iam = account.client("iam")
        iam.create_user(UserName="guest")
        key = iam.create_access_key(UserName="guest")["AccessKey"]
        guest = account.emulator.client_for(
            "sqs",
            "us-east-1",
            {
                "aws_access_key_id": key["AccessKeyId"],
                "aws_secret_access_key": key["SecretAccessKey"],
            },
        )
        with pytest.raises(ClientError, match="not authorized to perform: sqs:SendMessage"):
            guest.send_message(QueueUrl=url, MessageBody="x")
