"""How commands end: words that say what to do, a status for scripts, never a traceback."""

import json
import os
import re
import subprocess
import sys

import pytest

from channel import screen
from local.testing import ROOT
from tests.builders import mail


def program(command, environment):
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_an_unknown_stack(world, sign_in):
    said = sign_in(world)("quarantine", "list", stack="nowhere")
    assert said.status == 2
    assert "There is no stack nowhere in us-east-1." in said.err


def test_a_stack_of_something_else(world, sign_in):
    world.client("cloudformation").create_stack(
        StackName="other",
        TemplateBody='{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}',
    )
    said = sign_in(world)("quarantine", "list", stack="other")
    assert (said.status, said.err) == (2, "The stack other is no email channel.\n")


def test_an_unknown_mail(world, sign_in):
    said = sign_in(world)("quarantine", "show", "0123456789")
    assert said.status == 1
    assert "no such mail" in said.err


def test_rights_that_are_missing_are_named(world, sign_in, monkeypatch):
    iam = world.client("iam")
    iam.create_user(UserName="guest")
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    cli = sign_in(world)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    said = cli("quarantine", "list")
    assert said.status == 1
    assert "You lack a right" in said.err


def test_the_rights_that_the_manual_lists_are_enough(world, sign_in, monkeypatch):
    manual = (ROOT / "docs" / "operations.md").read_text().partition("## Rights")[2]
    actions = re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", manual)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    iam, sender = world.client("iam"), "rights@customer.example"
    iam.create_user(UserName="operator")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="operator", PolicyName="manual", PolicyDocument=policy)
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    first, second = (
        world.deliver(mail(sender), sender, [world.inquiry_address], {"spam": "FAIL"})
        for _ in range(2)
    )
    world.settle()
    cli = sign_in(world)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    for words in (
        ("quarantine", "list"),
        ("quarantine", "show", first),
        ("quarantine", "release", first),
        ("quarantine", "delete", "--yes", second[:12]),
        ("agents", "sync"),
        ("agents", "revoke", "carol"),
        ("agents", "list"),
    ):
        said = cli(*words)
        assert (said.status, said.err) == (0, ""), words
    records = world.client("s3").list_objects_v2(
        Bucket=world.resources["MailBucket"], Prefix="journal/"
    )["Contents"]
    written = [json.loads(world.channel.mails.read(entry["Key"])) for entry in records]
    acts = [record for record in written if "facts" not in record]  # the rest is the channel's own
    assert {record["actor"] for record in acts} == {"operator"}
    assert len(acts) > 2


@pytest.mark.parametrize("missing", ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"])
def test_an_environment_that_is_not_enough(world, missing, tmp_path):
    """As a program of its own, in a home without any AWS configuration."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": world.world.endpoint,
        "AWS_ACCESS_KEY_ID": world.account,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    del environment[missing]
    if missing == "AWS_ENDPOINT_URL":
        environment[missing] = "http://127.0.0.1:9"  # nobody listens
    command = [sys.executable, "-m", "channel", "--stack", world.name]
    done = program([*command, "quarantine", "list"], environment)
    assert (done.returncode, done.stdout) == (2, "")
    words = {
        "AWS_ACCESS_KEY_ID": "There are no AWS credentials.",
        "AWS_DEFAULT_REGION": "Which region?",
        "AWS_ENDPOINT_URL": "AWS cannot be reached",
    }
    assert done.stderr.startswith(words[missing])
    assert "Traceback" not in done.stderr


def test_as_a_program(world):
    environment = os.environ | {
        "AWS_ENDPOINT_URL": world.world.endpoint,
        "AWS_ACCESS_KEY_ID": world.account,
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [sys.executable, "-m", "channel", "--region", "us-east-1", "--stack", world.name]
    done = program([*command, "quarantine", "list"], environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("0 mails in the quarantine since ")


def test_a_table_fits_whatever_is_in_it():
    rows = [("a", "表" * 60), ("b\x1b[1m", "x" * 200), ("c", "right\u202eleft")]
    lines = screen.table(("first", "second"), rows).splitlines()
    assert all(screen.width(line) <= screen.WIDTH for line in lines)
    assert lines[1].endswith("…")
    assert lines[2].startswith("b?[1m")
    assert lines[3] == "c      right?left"
