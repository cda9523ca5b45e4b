"""Our receipt rules where others change things in between, at the end, and in trouble."""

from contextlib import contextmanager

import pytest

from emailchannel.aws.stack.rule_sets import RulesRefused
from tests.adapters.receipt_rules import ADDRESSES, OURS, STOP


def test_our_rules_follow_to_the_set_that_is_active_now(account):
    account.rule_set("theirs", "a")
    account.create()
    account.rule_set("other", "b")
    assert account.update()["RuleSetName"] == "other"
    assert account.names("other") == ["b", *OURS]
    assert account.names("theirs") == ["a"]


def test_our_own_set_is_deleted_when_another_is_active_and_it_is_empty(account):
    account.create()
    account.rule_set("other", "b")
    account.update()
    assert account.all_sets == ["other"]
    assert account.names("other") == ["b", *OURS]


def test_our_own_set_stays_where_others_have_rules_in_it(account):
    account.create()
    account.add("channel-rules", "guest")
    account.rule_set("other", "b")
    account.update()
    assert account.names("channel-rules") == ["guest"]
    account.delete()
    assert account.names("channel-rules") == ["guest"]
    assert account.names("other") == ["b"]


def test_when_no_set_is_active_any_more_ours_is(account):
    account.rule_set("theirs", "a")
    account.create()
    account.ses.set_active_receipt_rule_set()
    account.update()
    assert account.active == "channel-rules"
    assert account.names("channel-rules") == OURS
    assert account.names("theirs") == ["a"]


def test_our_own_set_switched_off_is_switched_on_again(account):
    account.create()
    account.ses.set_active_receipt_rule_set()
    account.update()
    assert (account.active, account.names("channel-rules")) == ("channel-rules", OURS)


@pytest.mark.parametrize("gone", [OURS, OURS[:1], OURS[1:]])
def test_rules_that_were_deleted_come_back(account, gone):
    account.rule_set("theirs", "a")
    account.create()
    for name in gone:
        account.ses.delete_receipt_rule(RuleSetName="theirs", RuleName=name)
    account.update()
    assert sorted(account.names("theirs")) == ["a", *OURS]
    assert all(map(account.takes, ADDRESSES))


@pytest.mark.parametrize(
    "change",
    [
        {"Enabled": False},
        {"ScanEnabled": False},
        {"TlsPolicy": "Require"},
        {"Recipients": ["elsewhere@support.example.com"]},
        {"Actions": STOP},
    ],
)
def test_a_rule_that_was_changed_is_put_right(account, change):
    account.rule_set("theirs", "a")
    account.create()
    right = account.rule("channel-inbound")
    account.ses.update_receipt_rule(RuleSetName="theirs", Rule={**right, **change})
    account.update()
    assert account.rule("channel-inbound") == right


def test_somebody_elses_rule_of_our_name_is_left_alone(account):
    account.rule_set("theirs", "channel-relay")
    with pytest.raises(RulesRefused, match="theirs has a rule channel-relay that is not ours"):
        account.create()
    account.delete()
    assert account.names("theirs") == ["channel-relay"]


# --- leaving --------------------------------------------------------------------------------


def test_a_delete_takes_what_is_ours_and_may_come_twice(account):
    account.rule_set("theirs", "a")
    account.create()
    account.delete()
    assert (account.active, account.names("theirs"), account.all_sets) == (
        "theirs",
        ["a"],
        ["theirs"],
    )
    account.delete()
    account.ses.set_active_receipt_rule_set()
    account.ses.delete_receipt_rule_set(RuleSetName="theirs")
    account.delete()
    assert account.all_sets == []


def test_our_own_set_goes_with_all_that_was_done_to_our_rules(account):
    account.create()
    changed = {"Name": "channel-relay", "Actions": STOP}
    account.ses.update_receipt_rule(RuleSetName="channel-rules", Rule=changed)
    account.delete()
    assert (account.active, account.all_sets) == (None, [])


def test_a_set_of_ours_that_others_use_stays_active(account):
    account.create()
    account.add("channel-rules", "guest")
    account.delete()
    assert (account.active, account.names("channel-rules")) == ("channel-rules", ["guest"])


def test_rules_are_found_in_a_set_that_is_not_active_any_more(account):
    account.rule_set("theirs", "a")
    account.create()
    account.rule_set("other", "b")
    account.delete()
    assert (account.names("theirs"), account.names("other")) == (["a"], ["b"])


# --- errors in words ------------------------------------------------------------------------


@contextmanager
def refusing(account, operation, problem):
    class Http:
        status_code = 400

    error = {"Code": problem, "Message": "as SES puts it"}

    def answer(**_):
        return Http(), {"Error": error, "ResponseMetadata": {}}

    events, name = account.sets.client.meta.events, f"before-call.ses.{operation}"
    events.register(name, answer)
    yield
    events.unregister(name, answer)


@pytest.mark.parametrize(
    ("operation", "problem", "words"),
    [
        ("DescribeActiveReceiptRuleSet", "AccessDenied", "denies Describe.*service control policy"),
        ("CreateReceiptRule", "AccessDenied", "denies CreateReceiptRule.* let it be allowed"),
        ("CreateReceiptRule", "LimitExceeded", "200 rules in one.* Delete or merge"),
        ("CreateReceiptRule", "LimitExceededException", "200 rules in one"),
        ("CreateReceiptRule", "InvalidS3Configuration", "cannot write to the mail bucket"),
        ("CreateReceiptRule", "InvalidSnsTopic", "cannot publish to a topic of the stack"),
        ("CreateReceiptRule", "RuleDoesNotExist", "changed the receipt rules at the same moment"),
        ("CreateReceiptRuleSet", "LimitExceeded", "as many receipt rule sets as Amazon SES allows"),
        ("CreateReceiptRule", "Strange", "^Amazon SES says: Strange: as SES puts it$"),
    ],
)
def test_an_error_says_what_to_do(account, operation, problem, words):
    with (
        refusing(account, operation, problem),
        pytest.raises(RulesRefused, match=words) as raised,
    ):
        account.create()
    assert "as SES puts it" in str(raised.value)


def test_a_set_that_cannot_be_deleted_says_why(account):
    account.create()
    with (
        refusing(account, "DeleteReceiptRuleSet", "CannotDelete"),
        pytest.raises(RulesRefused, match="made it the active one"),
    ):
        account.delete()


def test_a_name_too_long_for_a_rule_is_said_before_anything_is_done(account):
    long = {"RuleNamePrefix": "a" * 57, "RuleSetName": "a" * 57 + "-rules"}
    with pytest.raises(RulesRefused, match="a name of at most 56 characters"):
        account.create(**long)
    account.delete(**long)
    assert account.all_sets == []
    account.create(**{name: value.replace("a" * 57, "a" * 56) for name, value in long.items()})


def test_policies_that_are_still_settling_are_waited_for(account):
    with pytest.raises(RulesRefused, match="cannot write to the mail bucket"):
        account.create(Bucket="nowhere")
    assert account.pauses == [2, 4, 6, 8]


def test_a_full_rule_set_and_a_full_account_are_said_in_words(account):
    account.rule_set("theirs", *[f"rule{number}" for number in range(199)])
    with pytest.raises(RulesRefused, match="200 rules in one"):
        account.create()
    account.delete()
    assert len(account.names("theirs")) == 199
    account.ses.set_active_receipt_rule_set()
    for number in range(39):
        account.ses.create_receipt_rule_set(RuleSetName=f"set{number}")
    with pytest.raises(RulesRefused, match="rule sets as Amazon SES allows"):
        account.create()
