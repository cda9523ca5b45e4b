"""The relay keys rotate under addresses that are in use."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from emailchannel.rotation import KEPT
from tests.builders import mail
from tests.journeys.test_one_mail import deliver

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
ALICE = "alice@corp.example"


def version_of(address):
    return address.partition("+")[2][20]


def secret(s):
    found = s.client("secretsmanager").get_secret_value(SecretId=s.resources["RelayKeys"])
    return json.loads(found["SecretString"])


def labels(s):
    described = s.client("secretsmanager").describe_secret(SecretId=s.resources["RelayKeys"])
    return sorted(map(sorted, described["VersionIdsToStages"].values()))


def rotate(s, **more):
    s.client("secretsmanager").rotate_secret(SecretId=s.resources["RelayKeys"], **more)
    s.settle()
    if "channel" in vars(s):
        del s.channel  # it caches the keys, as a worker does


def later(s, **by):
    s.at(datetime.now(UTC) + timedelta(**by))


def use(s, address, text="Dear Ann, we send a new one."):
    """Alice answers to a relay address; whether it came through, or the reason that it did not."""
    before = len(answers(s))
    s.deliver(mail(f"Alice <{ALICE}>", address, "Re: whatever", text), ALICE, [address])
    s.settle()
    if len(answers(s)) > before:
        return "sent"
    [case] = [case for case in s.cases() if case["id"] in address]
    return s.messages(case["id"])[-1]["reason"]


def answers(s):
    return [sent for sent in s.sent() if b"\nAuto-Submitted:" not in sent["raw"]]


def open_case(s, subject="My kettle is broken", agent="alice"):
    deliver(s, mail(subject=subject), sender=f"{subject[:2].lower()}@customer.example")
    case = s.cases()[-1]
    s.accept(case["contact_id"], agent)
    return case


def test_an_address_outlives_rotations_until_its_key_is_retired(s):
    cases = [open_case(s, f"{letter}{letter} matter") for letter in "abc"]
    old = [s.relay_address(case["id"], "relay", "alice") for case in cases]
    assert {version_of(address) for address in old} == {"1"}
    rotate(s)
    assert secret(s)["version"] == "2"
    assert version_of(s.relay_address(cases[0]["id"], "relay", "alice")) == "2"
    assert use(s, old[0]) == "sent"
    for _ in range(KEPT - 1):
        rotate(s)
    later(s, minutes=6)  # no worker knows the first secret any more
    assert sorted(secret(s)) == ["1", "2", "3", "4", "5", "version"]
    assert use(s, old[1]) == "sent"
    rotate(s)
    later(s, minutes=12)
    assert sorted(secret(s)) == ["2", "3", "4", "5", "6", "version"]
    assert use(s, old[2]) == "token"
    assert use(s, s.relay_address(cases[2]["id"], "relay", "alice")) == "sent"


def test_an_address_of_the_new_key_passes_a_worker_that_still_knows_the_old_keys_only(s):
    first, second = open_case(s, "aa matter"), open_case(s, "bb matter")
    assert use(s, s.relay_address(first["id"], "relay", "alice")) == "sent"
    rotate(s)
    fresh = s.relay_address(second["id"], "relay", "alice")
    assert version_of(fresh) == "2"
    assert use(s, fresh) == "sent"


def test_the_page_shows_addresses_of_the_new_key(s):
    first = open_case(s, "aa matter")
    shown = s.task(first["contact_id"])["attributes"]["relay_address"]
    assert version_of(shown) == "1"
    rotate(s)
    later(s, minutes=6)
    second = open_case(s, "bb matter")
    shown = s.task(second["contact_id"])["attributes"]["relay_address"]
    assert version_of(shown) == "2"
    assert use(s, shown) == "sent"


def test_the_schedule_is_as_the_administrator_chose_and_tests_without_changing(s):
    described = s.client("secretsmanager").describe_secret(SecretId=s.resources["RelayKeys"])
    assert described["RotationEnabled"]
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 90}
    before = secret(s)
    rotate(s, RotateImmediately=False)  # what CloudFormation makes Secrets Manager do
    assert secret(s) == before
    assert labels(s) == [["AWSCURRENT"]]
    assert "nothing-to-test" in s.logs()


def test_each_step_may_be_repeated_and_no_key_is_logged(s):
    client, arn = s.client("secretsmanager"), s.resources["RelayKeys"]
    token = "0f0e0d0c-1111-2222-3333-444455556666"
    with pytest.raises(RuntimeError, match="not-pending"):
        s.invoke("key_rotation", event(arn, "createSecret", token))
    staged(s, token)
    s.fault("secretsmanager:PutSecretValue", "5xx-after", 1)
    values = set()
    for step in STEPS:
        for _ in range(3):
            s.invoke("key_rotation", event(arn, step, token))
            found = client.get_secret_value(SecretId=arn, VersionId=token)
            values.add(found["SecretString"])
    [value] = values
    assert json.loads(value) == secret(s)
    assert secret(s)["version"] == "2"
    for other in (s.resources["CaseKey"], arn + "x", s.resources["RelayKeys"][:-7]):
        with pytest.raises(RuntimeError, match="other-secret"):
            s.invoke("key_rotation", event(other, "createSecret", token))
    logs = s.logs()
    assert "finished" in logs
    for name, key in secret(s).items():
        assert name == "version" or key not in logs


def event(arn, step, token):
    return {"SecretId": arn, "Step": step, "ClientRequestToken": token}


def staged(s, token):
    """A rotation whose own calls come to nothing, so that a test makes them itself."""
    s.fault("secretsmanager:DescribeSecret", "throttle", 3)  # as often as the SDK tries
    s.client("secretsmanager").rotate_secret(
        SecretId=s.resources["RelayKeys"], ClientRequestToken=token
    )
    s.settle()
    assert ["AWSPENDING"] in labels(s)
    with pytest.raises(ClientError, match="previous rotation"):
        s.client("secretsmanager").rotate_secret(SecretId=s.resources["RelayKeys"])


def test_keys_replaced_by_hand_during_a_rotation_stay_retired(s):
    case = open_case(s, "aa matter")
    old = s.relay_address(case["id"], "relay", "alice")
    client, arn = s.client("secretsmanager"), s.resources["RelayKeys"]
    staged(s, "0f0e0d0c-1111-2222-3333-444455556666")
    s.invoke("key_rotation", event(arn, "createSecret", "0f0e0d0c-1111-2222-3333-444455556666"))
    key = client.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
    client.put_secret_value(SecretId=arn, SecretString=json.dumps({"version": "9", "9": key}))
    with pytest.raises(RuntimeError, match="not-a-successor"):
        s.invoke("key_rotation", event(arn, "finishSecret", "0f0e0d0c-1111-2222-3333-444455556666"))
    later(s, minutes=6)
    del s.channel
    assert use(s, old) == "token"
    assert use(s, s.relay_address(case["id"], "relay", "alice")) == "sent"
    rotate(s)
    assert sorted(secret(s)) == ["9", "a", "version"]


def test_without_its_permission_no_schedule_is_made(s):
    client = s.client("lambda")
    policy = json.loads(
        client.get_policy(FunctionName=s.resources["KeyRotationFunction"])["Policy"]
    )
    [statement] = policy["Statement"]
    client.remove_permission(
        FunctionName=s.resources["KeyRotationFunction"], StatementId=statement["Sid"]
    )
    with pytest.raises(ClientError, match="cannot invoke"):
        s.client("secretsmanager").rotate_secret(SecretId=s.resources["RelayKeys"])
    assert secret(s)["version"] == "1"
