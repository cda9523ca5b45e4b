"""`python -m channel verify`: what is not as the bucket has it is found, and mended."""

from datetime import UTC, datetime, timedelta

import pytest

from emailchannel.aws.items import log_item
from emailchannel.aws.table import encode
from emailchannel.case import Interaction
from emailchannel.ports import Intake
from tests.abuse.world import World
from tests.builders import mail
from tests.cli.rows import everything, remove
from tests.cli.test_replay import journal, opened


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def bodies(s, prefix):
    found = s.client("s3").list_objects_v2(Bucket=s.resources["MailBucket"], Prefix=prefix)
    return [entry["Key"] for entry in found.get("Contents", [])]


def lose(s, key):
    s.client("s3").delete_object(Bucket=s.resources["MailBucket"], Key=key)


def test_a_sound_table_has_no_findings(s, cli):
    w = World(s)
    matter = w.matter()
    w.api(matter.id)
    w.answer(matter)
    said = cli("verify")
    assert (said.status, said.out.endswith("1 case looked at: all is in order.\n")) == (0, True)


@pytest.mark.parametrize("kind", ["CASE", "MSG#", "STAMP#", "LOG#", "SES", "OUTBOX", "EVENT#"])
def test_a_row_that_is_missing_is_found_and_repaired(s, cli, kind):
    w = World(s)
    matter = w.matter()
    w.api(matter.id)
    w.answer(matter)
    whole = {(i["pk"], i["sk"]): i for i in everything(s)}
    pk, sk = next(name for name in whole if name[1].startswith(kind))
    remove(s, pk, sk)
    said = cli("verify")
    assert said.status == 1
    assert said.out.splitlines()[0] == "row-missing (1)"
    assert "replay --mode repair" in said.out
    assert f"{pk} {sk}"[:70] in said.out
    assert cli("replay").status == 0
    assert cli("verify").status == 0


def test_rows_that_say_something_else_are_named_with_what_differs(s, cli):
    case = opened(s)
    s.client("dynamodb").update_item(
        TableName=s.resources["Table"],
        Key={"pk": {"S": f"CASE#{case['id']}"}, "sk": {"S": "CASE"}},
        UpdateExpression="SET answered_at = :at",
        ExpressionAttributeValues={":at": {"N": "5"}},
    )
    said = cli("verify")
    assert said.status == 1
    assert f"CASE#{case['id']} CASE: answered_at" in said.out
    assert cli("replay", "--mode", "rebuild", "--yes").status == 0
    assert cli("verify").status == 0


def test_what_the_journal_does_not_know_is_pointed_out(s, cli):
    case = opened(s)
    invented = encode(log_item(case["id"], Interaction(7, "invented", "nobody")))
    s.client("dynamodb").put_item(TableName=s.resources["Table"], Item=invented)
    said = cli("verify")
    assert (said.status, "row-unrecorded (1)" in said.out) == (1, True)


def test_a_case_whose_records_are_gone_is_pointed_out(s, cli):
    case = opened(s)
    for key in journal(s, case["id"]):
        lose(s, key)
    said = cli("verify")
    assert said.status == 1
    assert "case-unrecorded (1)" in said.out
    assert case["id"] in said.out


@pytest.mark.parametrize("prefix", ["inbound/", "formatted/", "sent/"])
def test_bodies_that_are_gone_are_named(s, cli, prefix):
    w = World(s)
    matter = w.matter()
    w.api(matter.id)
    w.answer(matter)
    key = f"inbound/{matter.mail_id}" if prefix == "inbound/" else bodies(s, prefix)[0]
    lose(s, key)
    said = cli("verify")
    assert (said.status, said.out.splitlines()[0]) == (1, "object-missing (1)")
    assert key[:60] in said.out


def test_mail_that_nobody_has_taken_in_is_found(s, cli):
    s.at(datetime.now(UTC) - timedelta(hours=1))
    s.put_object("inbound/forgotten", mail("bob@customer.example"))
    s.at(datetime.now(UTC))
    said = cli("verify")
    assert (said.status, said.out.splitlines()[0]) == (1, "mail-without-record (1)")
    assert "inbound/forgotten" in said.out
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    assert cli("verify", "--from", str(tomorrow)).status == 0


def test_an_intake_that_is_gone_is_found(s, cli):
    s.deliver(mail("spam@x.example"), "spam@x.example", [s.inquiry_address], {"spam": "FAIL"})
    s.settle()
    [entry] = [e for e in s.quarantine() if e["reason"] == "spam"]
    known = s.channel.cases.intake(entry["id"], "inbound")
    assert isinstance(known, Intake)
    remove(s, f"MAIL#{entry['id']}", "inbound")
    said = cli("verify")
    assert (said.status, said.out.splitlines()[0]) == (1, "row-missing (1)")
    assert cli("replay").status == 0
    assert s.channel.cases.intake(entry["id"], "inbound") == known
