"""`python -m channel rules`; docs/notifications.md shows what the commands say.

UPDATE_DOCS=1 writes down what they say now.
"""

import json
import os
import re
import shlex

import pytest

from channel.command import main
from local.testing import ROOT
from tests.journeys.test_notifications import failures, put, record, sent_to, watching

PAGE = ROOT / "docs" / "notifications.md"
SHELL = re.compile(r"```\n(\$ python -m channel [^\n]*\n)(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def s():
    with watching() as world:
        yield world


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The page's rules and sample, where its commands look for them."""
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text()
    for name, kind in (("notifications.yaml", "yaml"), ("sample.json", "json")):
        [text, *_] = re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_page_tells_the_truth(files, capsys):
    def ran(found):
        assert main(shlex.split(found[1])[4:]) == 0
        return f"```\n{found[1]}{capsys.readouterr().out}```"

    page = PAGE.read_text()
    now, count = SHELL.subn(ran, page)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(now)
    assert count == 2 and PAGE.read_text() == now


@pytest.mark.parametrize(
    ("experience", "archive"), [("3", "junior"), ("6", "senior"), ("20", "other"), ("0", "other")]
)
def test_a_try_shows_the_mail_and_its_file(files, capsys, experience, archive):
    sample = files / "sample.json"
    sample.write_text(sample.read_text().replace('"6"', f'"{experience}"'))
    words = ["rules", "try", "notifications.yaml", "--record", "sample.json"]
    assert main([*words, "--table", "candidates"]) == 0
    said = capsys.readouterr().out
    assert f"s3://assignments/{archive}.zip" in said and "1 mail would be sent." in said
    assert main(words) == 0
    assert capsys.readouterr().out == "0 mails would be sent.\n"


def test_a_try_says_what_would_be_set_aside(files, capsys):
    sample = files / "sample.json"
    sample.write_text(sample.read_text().replace("dora@customer.example", "nobody"))
    words = ["rules", "try", "notifications.yaml", "--record", "sample.json"]
    assert main([*words, "--table", "candidates"]) == 1
    assert "set aside: assignment: to: InvalidRecipient" in capsys.readouterr().out


def test_mistakes_are_listed(files, capsys):
    (files / "notifications.yaml").write_text("rules:\n  - {name: a, changes: [X]}\n")
    assert main(["rules", "check", "notifications.yaml"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "a: to is missing." and said[-1] == "4 mistakes."
    assert main(["rules", "check", "missing.yaml"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (files / "sample.json").write_text("[]")
    assert main(["rules", "try", "notifications.yaml", "--record", "sample.json"]) == 2
    assert "no record of a stream" in capsys.readouterr().err.replace("\n", " ")


def test_other_commands_want_a_stack(capsys):
    with pytest.raises(SystemExit):
        main(["rules", "failed"])
    assert "--stack" in capsys.readouterr().err


def test_what_was_set_aside_is_listed_and_done_again(s, cli):
    failures(s)
    assert cli("rules", "failed").out == "0 records set aside.\n"
    put(s, "mia", email="nobody")
    said = cli("rules", "failed")
    assert "INSERT in candidates" in said.out and "assignment: to: InvalidRecipient" in said.out
    assert said.out.endswith("1 record set aside.\n") and cli("rules", "failed").out == said.out
    assert cli("rules", "again").status == 0
    s.settle()
    assert cli("rules", "failed").out.endswith("1 record set aside.\n")  # it failed again
    failures(s)
    good = record(s, "nia", "950001", email="nia@customer.example")
    url = s.resources["NewsFailures"]
    body = json.dumps({"reason": "the rule was wrong", "record": good})
    s.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    assert cli("rules", "again").out.startswith("1 record done again")
    s.settle()
    assert len(sent_to(s, "nia@customer.example")) == 1
    assert cli("rules", "failed").out == "0 records set aside.\n"


def test_what_cannot_be_done_again_now_stays_set_aside(s, cli):
    failures(s)
    good = record(s, "oli", "960001", email="oli@customer.example")
    url = s.resources["NewsFailures"]
    body = json.dumps({"reason": "the rule was wrong", "record": good})
    s.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    s.fault("s3:PutObject", "throttle", times=3)
    said = cli("rules", "again")
    assert said.status != 0
    assert "1 record could not be taken now: still set aside" in said.out
    assert cli("rules", "again").status == 0
    s.settle()
    assert len(sent_to(s, "oli@customer.example")) == 1
    assert cli("rules", "failed").out == "0 records set aside.\n"
