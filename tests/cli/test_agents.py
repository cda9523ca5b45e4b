"""`python -m channel agents`: who may answer, from which address, and until when."""

import pytest

from local import deploy
from tests.builders import answers, mail
from tests.journeys.test_one_mail import answer, deliver


@pytest.fixture
def cli(s, sign_in):
    return sign_in(s)


def employ(s, username, email):
    """A user of Amazon Connect, with the routing profile of the others."""
    connect = s.client("connect")
    profiles = connect.list_routing_profiles(InstanceId=s.instance_id)
    properties = {
        "InstanceArn": s.parameters["AmazonConnectInstanceArn"],
        "Username": username,
        "IdentityInfo": {"Email": email, "FirstName": "Dora", "LastName": "Doe"},
        "PhoneConfig": {"PhoneType": "SOFT_PHONE"},
        "RoutingProfileArn": profiles["RoutingProfileSummaryList"][0]["Arn"],
        "SecurityProfileArns": [],
    }
    template = {"Resources": {"User": {"Type": "AWS::Connect::User", "Properties": properties}}}
    deploy.create_stack(s.world, s.account, username, template)
    [user] = [agent for agent in s.agents if agent["username"] == username]
    return user


def test_sync_lets_an_agent_answer_from_an_address_that_is_not_his_user_name(s, cli):
    employ(s, "dd-17", "dora.doe@corp.example")
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    address = s.relay_address(case["id"], "relay", "alice")
    raw = mail("Dora <dora.doe@corp.example>", address, "Re: x", "Dear Ann, a new one comes.")

    def reason():
        ses_id = s.deliver(raw, "dora.doe@corp.example", [address])
        s.settle()
        return s.channel.cases.intake(ses_id, "relay").reason

    assert reason() == "unknown-agent"
    said = cli("agents", "sync")
    assert said.status == 0
    assert said.out.startswith("4 users read, 0 gone from Amazon Connect.")
    assert reason() == "token"  # he is known now; the address was made for alice
    [line] = [line for line in cli("agents", "list").out.splitlines() if "dd-17" in line]
    assert "dora.doe@corp.example" in line
    answer_of_dora = s.relay_address(case["id"], "relay", "dd-17")
    s.deliver(
        mail("Dora <dora.doe@corp.example>", answer_of_dora, "Re: x", "Dear Ann, it comes."),
        "dora.doe@corp.example",
        [answer_of_dora],
    )
    s.settle()
    assert len(answers(s)) == 1


def test_sync_marks_who_has_left_and_names_who_has_no_address(s, cli):
    employ(s, "gone", "gone@corp.example")
    cli("agents", "sync")
    deploy.delete_stack(s.world, s.account, "gone")
    employ(s, "mute", "")
    said = cli("agents", "sync")
    assert "4 users read, 1 gone" in said.out
    assert "cannot answer: mute" in said.out
    shown = {line.split()[0]: line.split()[1] for line in cli("agents", "list").out.splitlines()}
    assert (shown["gone"], shown["alice"]) == ("no", "yes")


def test_after_a_revocation_old_addresses_are_refused_and_new_ones_work(s, cli):
    deliver(s)
    [case] = s.cases()
    s.accept(case["contact_id"], "alice")
    old = s.relay_address(case["id"], "relay", "alice")
    said = cli("agents", "revoke", "ALICE")
    assert said.status == 0
    assert "Every relay address made for alice until now is dead (revocation 1)." in said.out

    s.deliver(mail("alice@corp.example", old, "Re: x", "Dear Ann"), "alice@corp.example", [old])
    s.settle()
    refused = s.messages(case["id"])[-1]
    assert (refused["disposition"], refused["reason"]) == ("blocked", "token")
    assert not answers(s)

    assert s.relay_address(case["id"], "relay", "alice") != old
    answer(s, case["id"], "relay", text="Dear Ann, the new address works.")
    assert len(answers(s)) == 1
    found = s.client("s3").list_objects_v2(Bucket=s.resources["MailBucket"], Prefix="journal/")
    assert len([o for o in found["Contents"] if "-revocation-" in o["Key"]]) == 1


def test_an_agent_who_never_took_a_task_can_be_revoked_and_nobody_else(s, cli):
    said = cli("agents", "revoke", "bob")
    assert (said.status, s.channel.cases.agents()[0].epoch) == (0, 1)
    said = cli("agents", "revoke", "mallory")
    assert said.status == 1
    assert "There is no user mallory" in said.err
