"""`python -m channel export`: a person gets what is his, in a file that can be read."""

import json
import stat
import zipfile

import pytest

from channel.export import safe_name
from local.testing import alias_of
from tests.builders import mail
from tests.journeys.test_one_mail import answer

ANN, BEN = "ann@customer.example", "ben@customer.example"


def deliver(s, sender, raw=None, to=None, **verdicts):
    ses_id = s.deliver(raw or mail(sender), sender, [to or s.inquiry_address], verdicts)
    s.settle()
    return ses_id


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def lively(s):
    raw = mail(
        f"Ann <{ANN}>",
        subject="Kettle <script>alert(1)</script>",
        text="Hello <b>you</b>",
        attachments=[("../../etc/bill.pdf", "application/pdf", b"%PDF-1.4 bill")],
    )
    first = deliver(s, ANN, raw)
    case = next(one for one in s.cases() if one["customer"] == ANN)
    s.accept(case["contact_id"], "alice")
    answer(s, case["id"], "relay", text="Dear Ann, we send a new one.")
    note = mail("alice@corp.example", s.inquiry_address, text="#note\nAnn is a difficult one.")
    address = s.relay_address(case["id"], "relay", "alice")
    s.deliver(note, "alice@corp.example", [address])
    deliver(s, BEN, mail(BEN, text="Words of Ben"), alias_of(s, case["id"]))
    spam = deliver(s, ANN, spam="FAIL")
    deliver(s, BEN, mail(BEN, subject="A matter of Ben"))
    return case["id"], first, spam


def test_everything_of_a_person_and_nothing_of_others(s, cli, tmp_path):
    case_id, first, spam = lively(s)
    target = tmp_path / "ann.zip"
    said = cli("export", ANN, "--to", str(target))
    assert said.status == 0, said.err
    assert "1 case, 3 mails" in said.out
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with zipfile.ZipFile(target) as found:
        names = found.namelist()
        texts = {name: found.read(name) for name in names}
    assert all(not name.startswith("/") and ".." not in name.split("/") for name in names)
    folder = f"cases/{case_id}"
    assert texts[f"{folder}/mails/001-{first}.eml"] == s.raw(first)
    [bill] = [name for name in names if "/attachments/" in name]
    assert texts[bill] == b"%PDF-1.4 bill"
    assert bill.endswith(".pdf")
    told = json.loads(texts[f"{folder}/case.json"])
    assert [one["direction"] for one in told["messages"]] == ["in", "out"]
    assert told["messages"][1]["delivery"] == {ANN: "delivered"}
    assert "we send a new one" in told["messages"][1]["text"]
    assert {"received", "answered", "sent"} <= {entry["what"] for entry in told["history"]}
    assert any(spam in name for name in names if name.startswith("quarantine/"))
    everything = b"".join(texts.values())
    assert b"Words of Ben" not in everything
    assert b"A matter of Ben" not in everything
    assert b"a difficult one" not in everything
    page = texts[f"{folder}/index.html"]
    assert b"<script" not in page
    assert b"&lt;b&gt;you" in page
    assert b"<script" not in texts["index.html"]


def test_all_has_the_notes_and_the_mails_of_others(s, cli, tmp_path):
    lively(s)
    assert cli("export", ANN, "--to", str(tmp_path / "a.zip"), "--all").status == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as found:
        everything = b"".join(found.read(name) for name in found.namelist())
    assert b"Words of Ben" in everything
    assert b"a difficult one" in everything
    assert b"A matter of Ben" not in everything


def test_what_goes_wrong_is_said_and_leaves_no_file(s, cli, tmp_path):
    there = tmp_path / "there.zip"
    assert cli("export", "stranger@customer.example", "--to", str(there)).status == 1
    assert list(tmp_path.iterdir()) == []
    there.write_bytes(b"x")
    assert cli("export", ANN, "--to", str(there)).status == 2
    assert there.read_bytes() == b"x"
    said = cli("export", ANN, "--to", str(tmp_path / "no" / "a.zip"))
    assert said.status == 2
    assert "cannot be written" in " ".join(said.err.split())


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("bill.pdf", "01-bill.pdf"),
        ("../../etc/passwd", "01-_.._etc_passwd"),
        ("C:\\x\\con.txt", "01-C__x_con.txt"),
        ("con.txt", "01-_con.txt"),
        ("", "01-attachment"),
        ("...", "01-attachment"),
        (".bashrc", "01-bashrc"),
        ("a\u202egpj.exe", "01-a_gpj.exe"),
        ("x" * 300 + ".pdf", "01-" + "x" * 96 + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(name, safe):
    assert safe_name(name, 0) == safe
