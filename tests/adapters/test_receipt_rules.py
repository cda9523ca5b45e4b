"""Our receipt rules, call by call: never a moment without them, and where they stand."""

import pytest

from emailchannel.aws.stack.rule_sets import RulesRefused
from tests.adapters.receipt_rules import ADDRESSES, OURS, STOP


def switched_off(account):
    account.ses.update_receipt_rule(
        RuleSetName=account.active, Rule={**account.rule("channel-relay"), "ScanEnabled": False}
    )


def other_set_active(account):
    """Somebody copied the active set, activated the copy, and added a rule."""
    account.ses.create_receipt_rule_set(RuleSetName="copy")
    for name in ("channel-relay", "channel-inbound"):
        account.ses.create_receipt_rule(RuleSetName="copy", Rule=account.rule(name))
    account.add("copy", "new")
    account.ses.set_active_receipt_rule_set(RuleSetName="copy")


def untouched(_account):
    pass


@pytest.mark.parametrize("theirs", [(), ("sales", "press")])
@pytest.mark.parametrize(
    ("by_hand", "changes"),
    [
        (untouched, {}),
        (untouched, {"InquiryAddress": "help@support.example.com"}),
        (untouched, {"InquiryAddress": "help@example.com"}),
        (untouched, {"TlsPolicy": "Require"}),
        (untouched, {"RuleNamePrefix": "renamed"}),
        (untouched, {"RuleSetName": "renamed-rules"}),
        (untouched, {"Position": "first"}),
        (untouched, {"Position": "first", "RuleNamePrefix": "renamed"}),
        (switched_off, {}),
        (switched_off, {"InquiryAddress": "help@example.com"}),
        (other_set_active, {}),
        (other_set_active, {"Position": "new"}),
    ],
)
def test_no_mail_is_refused_at_any_moment_of_an_update(account, theirs, by_hand, changes):
    if theirs:
        account.rule_set("theirs", *theirs)
    account.create()
    by_hand(account)
    # the address is changed only where the mail to the old one need not come any more
    account.watched = ADDRESSES[1:] if "InquiryAddress" in changes else ADDRESSES
    account.update(**changes)
    assert account.refused == []
    assert account.takes(changes.get("InquiryAddress", ADDRESSES[0]))
    # and back again, as CloudFormation does after a failure elsewhere
    account.update(before=changes)
    assert account.refused == []
    assert all(map(account.takes, ADDRESSES))


def test_the_watching_of_the_test_above_sees_a_gap(account):
    account.create()
    account.watched = ADDRESSES
    account.sets.delete("channel-rules", "channel-relay")
    assert account.refused == ["relay@support.example.com after DeleteReceiptRule"]


def test_an_update_that_changes_nothing_only_looks(account):
    account.rule_set("theirs", "sales")
    account.create()
    account.update()
    assert account.calls == ["DescribeActiveReceiptRuleSet", "ListReceiptRuleSets"]


def test_a_changed_address_is_one_call_more(account):
    account.create()
    account.update(InquiryAddress="help@support.example.com")
    assert account.calls.count("UpdateReceiptRule") == 1
    assert len(account.calls) == 3
    assert account.rule("channel-inbound")["Recipients"] == ["help@support.example.com"]


@pytest.mark.parametrize("before", [{}, {"TlsPolicy": "Require"}])
@pytest.mark.parametrize("wanted", ["Optional", "Require"])
def test_tls_is_wanted_of_servers_where_the_parameter_says_so(account, before, wanted):
    account.create(**before)
    account.update(before, TlsPolicy=wanted)
    assert {account.rule(name)["TlsPolicy"] for name in OURS} == {wanted}


@pytest.mark.parametrize("position", ["first", "last", "a"])
def test_rules_of_another_name_take_the_place_of_the_old_ones(account, position):
    account.rule_set("theirs", "a", "b")
    account.create(Position=position)
    before = account.names("theirs")
    account.update({"Position": position}, Position=position, RuleNamePrefix="new")
    assert account.names("theirs") == [name.replace("channel", "new") for name in before]


def test_a_creation_whose_answer_was_lost_is_not_an_error(account):
    account.rule_set("theirs", "sales")
    account.create()
    account.sets.create("theirs", account.rule("channel-relay"), None)
    assert account.names("theirs") == ["sales", "channel-inbound", "channel-relay"]


# --- the place ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "order"),
    [
        ("last", ["a", "b", *OURS]),
        ("first", [*OURS, "a", "b"]),
        ("a", ["a", *OURS, "b"]),
        ("b", ["a", "b", *OURS]),
    ],
)
def test_our_rules_go_where_the_parameter_says(account, position, order):
    account.rule_set("theirs", "a", "b")
    assert account.create(Position=position) == {"RuleSetName": "theirs", "Warning": ""}
    assert account.names("theirs") == order
    account.update({"Position": position}, Position=position)
    assert "SetReceiptRulePosition" not in account.calls


@pytest.mark.parametrize("before", ["first", "last", "a", "b"])
@pytest.mark.parametrize(
    ("after", "order"),
    [
        ("first", [*OURS, "a", "b"]),
        ("last", ["a", "b", *OURS]),
        ("a", ["a", *OURS, "b"]),
    ],
)
def test_another_place_is_taken_by_moving(account, before, after, order):
    account.rule_set("theirs", "a", "b")
    account.create(Position=before)
    account.update({"Position": before}, Position=after)
    assert account.names("theirs") == order
    assert not {"CreateReceiptRule", "DeleteReceiptRule"} & set(account.calls)


def test_rules_added_behind_ours_do_not_get_before_them(account):
    account.rule_set("theirs", "a")
    account.create()
    account.add("theirs", {"Name": "rest", "Recipients": [], "Actions": STOP}, "channel-relay")
    account.update()
    assert account.names("theirs") == ["a", *OURS, "rest"]


def test_rules_put_before_ours_go_behind_them_where_ours_are_to_be_first(account):
    account.rule_set("theirs", "a")
    account.create(Position="first")
    account.add("theirs", "pushy")
    account.update({"Position": "first"}, Position="first")
    assert account.names("theirs") == [*OURS, "pushy", "a"]


def test_a_place_after_a_rule_that_is_not_there_is_refused_in_words(account):
    account.rule_set("theirs", "a", "b")
    with pytest.raises(
        RulesRefused, match=r"theirs has no rule nobody.* Its rules: a, b. Name one"
    ):
        account.create(Position="nobody")
    account.create(Position="a")
    with pytest.raises(RulesRefused, match="theirs has no rule nobody"):
        account.update({"Position": "a"}, Position="nobody")
    assert account.names("theirs") == ["a", *OURS, "b"]
    account.update({"Position": "nobody"}, Position="a")  # the rollback
    assert account.names("theirs") == ["a", *OURS, "b"]


def test_a_place_in_an_account_without_a_rule_set_is_refused_in_words(account):
    with pytest.raises(RulesRefused, match="has no rules of others"):
        account.create(Position="a")
    account.delete(Position="a")
    assert (account.active, account.all_sets) == (None, [])


def test_a_neighbour_that_has_gone_since_stops_no_update(account):
    account.rule_set("theirs", "a", "b")
    account.create(Position="a")
    account.ses.delete_receipt_rule(RuleSetName="theirs", RuleName="a")
    answer = account.update({"Position": "a"}, Position="a")
    assert "has no rule a any more" in answer["Warning"]
    assert account.names("theirs") == [*OURS, "b"]


@pytest.mark.parametrize(
    ("rule", "warned"),
    [
        ({"Recipients": ["support.example.com"], "Actions": STOP}, ADDRESSES),
        ({"Recipients": [".example.com"], "Actions": STOP}, ADDRESSES),
        ({"Recipients": [], "Actions": STOP}, ADDRESSES),
        ({"Recipients": ["Support@support.example.com"], "Actions": STOP}, ADDRESSES[:1]),
        ({"Recipients": ["support+x@support.example.com"], "Actions": STOP}, ()),
        ({"Recipients": ["example.com"], "Actions": STOP}, ()),
        ({"Recipients": [], "Actions": []}, ()),
        ({"Recipients": [], "Actions": STOP, "Enabled": False}, ()),
    ],
)
def test_a_rule_before_ours_that_ends_our_mail_is_warned_of(account, rule, warned):
    account.rule_set("theirs", {"Name": "greedy", **rule})
    answer = account.create()
    assert [address for address in ADDRESSES if address in answer["Warning"]] == list(warned)
    assert ("The rule greedy of the set theirs" in answer["Warning"]) == bool(warned)
    assert account.update(Position="first")["Warning"] == ""
