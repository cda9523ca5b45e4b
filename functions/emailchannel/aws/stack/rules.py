"""SES receipt rules: guests in the account's active rule set, or owners of a new one.

An account has one active rule set. Where there is one already it is respected: our two rules go
into it, at the place that the property Position names. Where there is none, ours is made and
activated. Mail that no rule takes is refused for good, so our rules are changed where they stand
and never taken away to be made anew. Deleting takes away only what is ours.
Source: Amazon SES API reference (v1), receipt rules.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from ...mail.alias import PURPOSES
from .client import patient
from .request import Request
from .rule_sets import RuleSet, RuleSets, RulesRefused, in_words

_NAME_LIMIT: Final = 64
_ENDING: Final = {"StopAction", "BounceAction"}


def apply(request: Request) -> dict[str, str]:
    """Put the two rules in place, or take them away; see `reconcile`."""
    return reconcile(RuleSets(patient("ses"), time.sleep), request)


def reconcile(sets: RuleSets, request: Request) -> dict[str, str]:
    """Make SES hold what the request wants, whatever somebody has changed in between.

    Returns RuleSetName, where the rules are, and Warning: in words what may keep mail from them,
    or empty. After a Delete nothing. Raises RulesRefused.
    """
    with in_words():
        active = sets.active()
        if request.kind != "Delete":
            return _join(sets, request, active)
        for rule_set in list(sets.every(active)):
            _leave(sets, request, rule_set, active)
        return {}


def wanted(request: Request) -> list[dict[str, Any]]:
    """Our two rules: customers' mail, and agents' mail to the four relay addresses.

    A recipient `user@domain` matches its plus-addresses too; the aliases' domain may be another
    one than the inquiry address's.
    """
    inbound, relay = _names(request.properties)
    address, domain = (str(request[name]).lower() for name in ("InquiryAddress", "Domain"))
    aliases = f"{address.partition('@')[0]}@{domain}"
    relays = [f"{purpose}@{domain}" for purpose in PURPOSES]
    customers = list(dict.fromkeys((address, aliases)))
    return [
        _rule(inbound, request, customers, "inbound/", "InboundTopic"),
        _rule(relay, request, relays, "relay/", "RelayTopic"),
    ]


def covers(rule: Mapping[str, Any], address: str) -> bool:
    """Whether a rule's recipients take this address and all its plus-addresses.

    Source: Amazon SES developer guide, "Receipt rules", recipient conditions.
    """
    domain = address.rpartition("@")[2]
    conditions = [condition.lower() for condition in rule.get("Recipients") or []]
    return not conditions or any(
        condition in (address, domain) or (condition[:1] == "." and domain.endswith(condition))
        for condition in conditions
    )


def _names(properties: Mapping[str, Any]) -> list[str]:
    prefix = str(properties["RuleNamePrefix"])
    return [f"{prefix}-inbound", f"{prefix}-relay"]


def _all_names(request: Request) -> list[str]:
    """The names of our rules, now and before an update."""
    old = _names(request.old) if "RuleNamePrefix" in request.old else []
    return list(dict.fromkeys(_names(request.properties) + old))


def _rule(
    name: str, request: Request, recipients: list[str], prefix: str, topic: str
) -> dict[str, Any]:
    action = {
        "BucketName": request["Bucket"],
        "ObjectKeyPrefix": prefix,
        "TopicArn": request[topic],
    }
    return {
        "Name": name,
        "Enabled": True,
        "ScanEnabled": True,  # off by default: then there is no spam or virus verdict at all
        # A rollback brings the properties of the release before, which had no such choice
        "TlsPolicy": request.properties.get("TlsPolicy", "Optional"),
        "Recipients": recipients,
        "Actions": [{"S3Action": action}],
    }


def _is_ours(request: Request, rule_set: str, rule: Mapping[str, Any]) -> bool:
    """Whether a rule that is called like ours is ours: it works for our bucket or our topics.

    In our own set the name is enough. Somebody else's rule of that name is not touched.
    """
    if rule["Name"] not in _all_names(request):
        return False
    marks = {request[name] for name in ("Bucket", "InboundTopic", "RelayTopic")}
    options = [kind for action in rule.get("Actions") or [] for kind in action.values()]
    return rule_set == request["RuleSetName"] or any(
        value in marks for option in options for value in option.values()
    )


def _join(sets: RuleSets, request: Request, active: RuleSet | None) -> dict[str, str]:
    """Put our rules into the active set, or into our own; only then leave where they were."""
    _check_lengths(request)
    own = str(request["RuleSetName"])
    home = active or sets.make(own)
    _check_neighbours(request, home)
    after, stay, warnings = _position(request, home)
    order = _place(sets, request, home, after, stay=stay)
    if not active:
        sets.activate(own)
    if request.kind == "Update":
        for rule_set in list(sets.every(home)):
            if rule_set.name != home.name:
                _leave(sets, request, rule_set, home)
    warnings += _starving(request, home, order)
    return {"RuleSetName": home.name, "Warning": " ".join(warnings)[:1000]}


def _check_lengths(request: Request) -> None:
    for name in _names(request.properties):
        if len(name) > _NAME_LIMIT:
            raise RulesRefused(
                f"The name of the receipt rule {name} is too long for Amazon SES. Give the stack"
                f" a name of at most {_NAME_LIMIT - len('-inbound')} characters."
            )


def _check_neighbours(request: Request, home: RuleSet) -> None:
    """A first deployment overwrites nobody's rule; later ones put right what was changed by hand"""
    for rule in home.rules:
        taken = rule["Name"] in _all_names(request) and not _is_ours(request, home.name, rule)
        if taken and request.kind == "Create":
            raise RulesRefused(
                f"The active receipt rule set {home.name} has a rule {rule['Name']} that is not"
                " ours. Give that rule another name, or deploy under another stack name."
            )


def _position(request: Request, home: RuleSet) -> tuple[str | None, bool, list[str]]:
    """(the rule after which ours come, whether those that are there stay, what to warn of).

    "last" means the end at the time our rules come: behind what is added later they might starve.
    A name that is gone meanwhile fails no deployment, least of all a rollback; a new one does.
    """
    names = _all_names(request)
    ours = [name for name in home.names if name in names]
    others = [name for name in home.names if name not in names]
    position, old = (
        str(has.get("Position") or "last") for has in (request.properties, request.old)
    )
    places, warnings = ("first", "last", *others), []
    if position not in places:
        words = f"The active receipt rule set {home.name} has no rule {position}"
        if request.kind == "Create" or old in places:
            known = f"Its rules: {', '.join(others)}." if others else "It has no rules of others."
            raise RulesRefused(
                f'{words}, after which ours were to come. {known} Name one of them, or say "last"'
                ' or "first".'
            )
        warnings.append(f"{words} any more, after which ours were to come.")
        position = old = "last"
    if position != "last":
        return (None if position == "first" else position), False, warnings
    stay = bool(ours) and old == "last"
    return next(reversed(ours if stay else others), None), stay, warnings


def _place(
    sets: RuleSets, request: Request, home: RuleSet, after: str | None, *, stay: bool
) -> list[str]:
    """Create, update and move our rules, each only where needed; returns the names in order."""
    present, order = {rule["Name"]: rule for rule in home.rules}, home.names
    for rule in wanted(request):
        name = rule["Name"]
        if name not in present:
            sets.create(home.name, rule, after)
            _insert(order, name, after)
        else:
            if not _same(rule, present[name]):
                sets.update(home.name, rule)
            if not stay and _before(order, name) != after:
                sets.move(home.name, name, after)
                order.remove(name)
                _insert(order, name, after)
        after = name
    for name in set(_all_names(request)) - set(_names(request.properties)):
        if name in present:
            sets.delete(home.name, name)
            order.remove(name)
    return order


def _insert(order: list[str], name: str, after: str | None) -> None:
    order.insert(order.index(after) + 1 if after else 0, name)


def _before(order: list[str], name: str) -> str | None:
    return next(reversed(order[: order.index(name)]), None)


def _same(rule: Mapping[str, Any], has: Mapping[str, Any]) -> bool:
    """Whether SES holds the rule as it should be; it sorts the recipients."""
    return {**rule, "Recipients": set(rule["Recipients"])} == {
        **has,
        "Recipients": set(has.get("Recipients") or []),
    }


def _starving(request: Request, home: RuleSet, order: list[str]) -> list[str]:
    """A sentence for each rule before ours that ends what it matches, where that is our mail."""
    names = _all_names(request)
    others = {rule["Name"]: rule for rule in home.rules if rule["Name"] not in names}
    found = []
    for ours in wanted(request):
        for name in order[: order.index(ours["Name"])]:
            rule = others.get(name, {})
            kinds = {kind for action in rule.get("Actions") or [] for kind in action}
            taken = [address for address in ours["Recipients"] if covers(rule, address)]
            if rule.get("Enabled") and taken and kinds & _ENDING:
                found.append(
                    f"The rule {name} of the set {home.name} comes before {ours['Name']} and ends"
                    f" what it matches: mail to {', '.join(taken)} may not arrive."
                )
    return found


def _leave(sets: RuleSets, request: Request, rule_set: RuleSet, active: RuleSet | None) -> None:
    """Take our rules out of a set; our own is deleted unless others have put rules into it."""
    ours = [rule["Name"] for rule in rule_set.rules if _is_ours(request, rule_set.name, rule)]
    for name in ours:
        sets.delete(rule_set.name, name)
    if rule_set.name != request["RuleSetName"] or len(ours) < len(rule_set.rules):
        return
    if active and active.name == rule_set.name:
        sets.activate(None)
    sets.delete_set(rule_set.name)
