"""Rotation of the relay keys, step by step; and the workers' view of it."""

import json
from dataclasses import dataclass, field

import pytest

from emailchannel import rotation
from emailchannel.aws.secrets import StackKeys
from emailchannel.errors import Unprocessable
from emailchannel.mail.alias import RelayKeys, parse_relay, relay_address, verifies
from emailchannel.rotation import CURRENT, KEPT, PENDING, VERSIONS, Request, rotate, successor

ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret:RelayKeys-abcdef"
OTHER = ARN.replace("RelayKeys", "CaseKey")
CASE, STAMP, AGENT, DOMAIN = "0123456789abcdefghjk", "abcd", "alice-id", "support.example.com"
STEPS = tuple(rotation.STEPS)
FIRST = json.dumps({"version": "1", "1": "a" * 64})


@dataclass
class Secret:
    """Secrets Manager's rules for one secret: a version's value never changes, labels move."""

    id: str = ARN
    values: dict[str, str] = field(default_factory=lambda: {"first": FIRST})
    labels: dict[str, set[str]] = field(default_factory=lambda: {"first": {CURRENT}})
    written: int = 0

    def stage(self, token):
        """What RotateSecret does before it calls the function."""
        for labels in self.labels.values():
            labels.discard(PENDING)
        self.labels[token] = {PENDING}

    def stages(self):
        return {version: frozenset(labels) for version, labels in self.labels.items() if labels}

    def value(self, version):
        return self.values.get(version)

    def put_pending(self, version, value):
        if version in self.values:
            return False
        self.values[version] = value
        self.written += 1
        return True

    def make_current(self, version, instead_of):
        assert CURRENT in self.labels[instead_of]
        self.labels[instead_of].discard(CURRENT)
        self.labels[version].add(CURRENT)

    def abandon(self, version):
        self.labels[version].discard(PENDING)

    @property
    def current(self):
        [version] = [name for name, labels in self.labels.items() if CURRENT in labels]
        return rotation.read_keys(self.values[version])


def step(secret, name, version="second", secret_id=ARN, **more):
    return rotate(secret, Request(name, secret_id, version), **more)


def turn(secret, version="second"):
    secret.stage(version)
    return [step(secret, name, version) for name in STEPS]


def address(keys):
    return parse_relay(relay_address(keys, "relay", CASE, STAMP, AGENT, 0, DOMAIN), DOMAIN)


def refused(secret, name, version="second", **more):
    with pytest.raises(Unprocessable) as stopped:
        step(secret, name, version, **more)
    return stopped.value.reason


class TestARotation:
    def test_makes_a_new_key_sign_and_lets_the_old_one_verify(self):
        secret = Secret()
        before = secret.current
        assert turn(secret) == ["created", "nothing-to-set", "tested", "finished"]
        after = secret.current
        assert (before.current, after.current) == ("1", "2")
        assert len(after.keys["2"]) == 64
        assert after.keys["2"].isalnum()
        assert address(after).version == "2"
        assert verifies(after, address(before), AGENT, 0)
        assert verifies(after, address(after), AGENT, 0)

    def test_keeps_four_old_keys_and_retires_the_fifth(self):
        secret = Secret()
        first = address(secret.current)
        for number in range(KEPT):
            turn(secret, f"t{number}")
            assert verifies(secret.current, first, AGENT, 0)
        assert len(secret.current.keys) == KEPT + 1
        turn(secret, "last")
        assert not verifies(secret.current, first, AGENT, 0)
        assert len(secret.current.keys) == KEPT + 1
        assert "1" not in secret.current.keys

    def test_goes_round_all_32_characters_and_never_reuses_one_that_is_kept(self):
        secret, seen, addresses = Secret(), [], []
        for number in range(70):
            addresses.append(address(secret.current))
            held = secret.current.keys
            turn(secret, f"t{number}")
            assert secret.current.current not in held
            seen.append(secret.current.current)
            good = [verifies(secret.current, made, AGENT, 0) for made in addresses]
            assert good == [False] * (len(good) - KEPT) + [True] * min(KEPT, len(good))
        assert "".join(seen[:31]) == VERSIONS[2:] + VERSIONS[:1]
        assert set(seen) == set(VERSIONS)

    def test_every_key_is_new(self):
        secret, keys = Secret(), set()
        for number in range(40):
            turn(secret, f"t{number}")
            keys.add(secret.current.keys[secret.current.current])
        assert len(keys) == 40


class TestRepeatedSteps:
    @pytest.mark.parametrize("times", [2, 5])
    def test_change_nothing(self, times):
        secret = Secret()
        secret.stage("second")
        seen = set()
        for name in STEPS:
            for _ in range(times):
                step(secret, name)
                seen.add(secret.values["second"])
        assert len(seen) == 1
        assert secret.written == 1
        assert secret.current.current == "2"
        assert len(secret.current.keys) == 2

    def test_draw_one_key_only(self):
        secret, drawn = Secret(), []

        def draw():
            drawn.append(rotation.new_key())
            return drawn[-1]

        secret.stage("second")
        for _ in range(3):
            step(secret, "createSecret", make_key=draw)
        assert len(drawn) == 1

    def test_after_the_end_say_so_and_touch_nothing(self):
        secret = Secret()
        turn(secret)
        ended = dict(secret.values)
        assert {step(secret, name) for name in STEPS} == {"already-current"}
        assert secret.values == ended

    def test_two_at_once_agree_on_what_the_first_wrote(self):
        class Late(Secret):
            """Another worker writes between this one's look and its own write."""

            def put_pending(self, version, value):
                if not self.written:
                    super().put_pending(
                        version, rotation.written(successor(self.current, "c" * 64))
                    )
                return super().put_pending(version, value)

        secret = Late()
        secret.stage("second")
        assert step(secret, "createSecret") == "already-created"
        for name in STEPS[1:]:
            step(secret, name)
        assert secret.current.keys["2"] == b"c" * 64


class TestRefused:
    def test_a_secret_that_is_not_ours(self):
        secret = Secret()
        secret.stage("second")
        for name in STEPS:
            assert refused(secret, name, secret_id=OTHER) == "other-secret"
            assert refused(secret, name, secret_id="RelayKeys") == "other-secret"
        assert secret.written == 0

    @pytest.mark.parametrize("name", STEPS)
    def test_a_token_that_is_not_pending(self, name):
        secret = Secret()
        assert refused(secret, name, "unknown") == "not-pending"
        turn(secret)
        assert refused(secret, name, "first") == "not-pending"  # AWSPREVIOUS, or no label at all
        assert secret.current.current == "2"

    @pytest.mark.parametrize("name", ["", "deleteSecret", "createsecret"])
    def test_an_unknown_step(self, name):
        secret = Secret()
        secret.stage("second")
        assert refused(secret, name) == "unknown-step"

    def test_finishing_what_was_never_created(self):
        secret = Secret()
        secret.stage("second")
        assert refused(secret, "finishSecret") == "not-a-successor"
        assert secret.current.current == "1"

    @pytest.mark.parametrize(
        "broken", ["", "{}", "[]", '{"version":"1"}', '{"version":1,"1":"x"}', '{"version":["1"]}',
                   '{"version":"u","u":"x"}', "not json: hunter2"]
    )  # fmt: skip
    def test_contents_that_are_no_keys(self, broken):
        secret = Secret(values={"first": broken})
        secret.stage("second")
        with pytest.raises(Unprocessable) as stopped:
            step(secret, "createSecret")
        assert stopped.value.reason == "no-relay-keys"
        assert "hunter2" not in str(stopped.value)
        assert secret.written == 0

    @pytest.mark.parametrize(
        "pending",
        [
            {"version": "2", "2": "b" * 64},  # today's addresses would die
            {"version": "2", "2": "short", "1": "a" * 64},
            {"version": "2", "2": "a" * 64, "1": "a" * 64},  # no new key
            {"version": "1", "1": "b" * 64},  # workers would not see that it changed
            {"version": "2", "2": "b" * 64, "1": "a" * 64, "9": "z" * 64},  # a key from elsewhere
        ],
    )
    def test_a_pending_value_that_does_not_follow_from_the_current_one(self, pending):
        for name in ("testSecret", "finishSecret"):
            secret = Secret()
            secret.stage("second")
            secret.put_pending("second", json.dumps(pending))
            assert refused(secret, name) == "not-a-successor"
            assert secret.current.current == "1"

    def test_a_new_key_under_the_name_of_an_old_one(self):
        """Workers that know the name would not look again, and refuse what it signs."""
        secret = Secret()
        turn(secret, "another")
        keys = secret.current.keys
        secret.stage("second")
        secret.put_pending("second", rotation.written(RelayKeys("1", {**keys, "1": b"b" * 64})))
        assert refused(secret, "finishSecret") == "not-a-successor"
        assert secret.current.current == "2"

    def test_keys_retired_by_hand_do_not_come_back(self):
        """An administrator replaces the secret while a rotation is half done."""
        secret = Secret()
        secret.stage("second")
        step(secret, "createSecret")
        secret.values["hand"] = json.dumps({"version": "7", "7": "h" * 64})
        secret.labels |= {"first": set(), "hand": {CURRENT}}
        assert refused(secret, "testSecret") == "not-a-successor"
        assert PENDING not in secret.labels["second"]  # else no rotation could ever start again
        turn(secret, "third")
        assert sorted(secret.current.keys) == ["7", "8"]

    def test_nothing_says_a_key(self, capsys):
        secret = Secret()
        secret.stage("second")
        said = [step(secret, name) for name in STEPS]
        shown = " ".join(said) + "".join(capsys.readouterr())
        assert not any(key.decode() in shown for key in secret.current.keys.values())


def test_the_step_that_is_run_when_a_schedule_is_made_has_nothing_to_test():
    for value in (None, FIRST):
        secret = Secret()
        secret.stage("second")
        if value:
            secret.put_pending("second", value)
        assert step(secret, "testSecret") == "nothing-to-test"
        assert PENDING in secret.labels["second"]


def test_a_full_ring_of_keys_is_refused():
    keys = RelayKeys("1", dict.fromkeys(VERSIONS, b"x"))
    with pytest.raises(Unprocessable, match="no-version-left"):
        successor(keys, "b" * 64)


def test_names_that_no_address_can_carry_are_left_out():
    keys = rotation.read_keys(json.dumps({"version": "1", "1": "a", "u": "b", "A": "c", "22": "d"}))
    assert dict(keys.keys) == {"1": b"a"}


class Shelf:
    """Secrets Manager as a worker sees it; counts how often it is asked."""

    def __init__(self):
        self.secret, self.reads = FIRST, 0

    def get_secret_value(self, SecretId):  # noqa: N803  (boto3's name)
        assert SecretId == "relay"
        self.reads += 1
        return {"SecretString": self.secret}

    def rotate(self):
        keys = rotation.read_keys(self.secret)
        self.secret = rotation.written(successor(keys, rotation.new_key()))


class TestAWorker:
    def setup_method(self):
        self.shelf, self.time = Shelf(), 1000.0
        self.keys = StackKeys(self.shelf, "case", "relay", now=lambda: self.time)

    def test_reads_once_in_five_minutes(self):
        for _ in range(10):
            self.keys.relay_keys()
            self.keys.relay_keys("1")
            self.time += 30
        assert self.shelf.reads == 1
        self.time += 30
        self.keys.relay_keys()
        assert self.shelf.reads == 2

    def test_that_meets_a_newer_version_reads_again(self):
        self.keys.relay_keys()
        self.shelf.rotate()
        assert self.keys.relay_keys().current == "1"
        assert self.keys.relay_keys("2").current == "2"
        assert self.shelf.reads == 2

    def test_reads_no_more_than_once_in_five_seconds_however_many_versions_are_forged(self):
        for tenth in range(600):
            self.time = 1000 + tenth / 10
            self.keys.relay_keys(VERSIONS[2 + tenth % 30])
        assert self.shelf.reads <= 1 + 60 / 5

    def test_looks_again_after_five_seconds_for_a_version_that_was_not_there(self):
        self.keys.relay_keys("2")
        self.shelf.rotate()
        assert "2" not in self.keys.relay_keys("2").keys
        self.time += 6
        assert self.keys.relay_keys("2").current == "2"

    def test_knows_the_version_it_was_asked_for_or_not_at_all(self):
        assert "7" not in self.keys.relay_keys("7").keys
