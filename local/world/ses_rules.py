"""SES receipt rules (API v1): what ministack lacks of it, and what SES checks before it says yes.

https://docs.aws.amazon.com/ses/latest/APIReference/Welcome.html
https://docs.aws.amazon.com/ses/latest/dg/quotas.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack import app as gateway
from ministack.core.responses import get_account_id, get_region
from ministack.services import ses

from local.world import ses_in
from local.world.policies import function_allows
from local.world.ses_events import publish_to_topic

Response = tuple[int, dict[str, str], bytes]
SETS, RULES, RECIPIENTS, ACTIONS = 40, 200, 100, 10
_SETUP = (
    "Delivered-To: amazon-ses-setup\r\nSubject: Amazon SES Setup Notification\r\n\r\n"
    "You received this message because you attempted to set up Amazon SES to deliver emails to"
    " this S3 bucket.\r\n"
)
_VALIDATED = "Successfully validated SNS topic for Amazon SES notification."


def apply() -> None:
    """Answer the actions below here; ministack has no updates, no order and no quotas."""
    handle = ses.handle_request

    async def handle_rules(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        params = dict(query)
        if method == "POST" and not path.startswith("/v2/"):
            params.update(gateway.parse_qs(body.decode(errors="replace"), keep_blank_values=True))
        action = ses._p(params, "Action")
        if action in _ANSWERS:
            return _answered(action, params)
        response: Response = await handle(method, path, headers, body, query)
        return response

    ses.handle_request = handle_rules


def _answered(action: str, params: dict[str, Any]) -> Response:
    try:
        _ANSWERS[action](params)
    except ValueError as error:
        if str(error).startswith("<"):  # ministack's own words
            return 400, {"Content-Type": "text/xml"}, str(error).encode()
        code, _, message = str(error).partition(": ")
        refusal: Response = ses._receipt_error(code, message)
        return refusal
    answer: Response = ses._receipt_result(action)
    return answer


def put_rule(
    rule_set: str, rule: dict[str, Any], after: str | None, *, update: bool = False
) -> None:
    """Create or replace a rule; without `after` a new rule comes first, another stays.

    Like SES it tries what the rule's actions need: a setup object in the bucket, a message on the
    topic. Raises ValueError with the API's error code and message.
    """
    rules = _rules(rule_set)
    fresh = {"Enabled": False, "ScanEnabled": False, "TlsPolicy": "Optional", "Actions": [], **rule}
    for flag in ("Enabled", "ScanEnabled"):
        fresh[flag] = str(fresh[flag]).lower() == "true"
    names = [existing["Name"] for existing in rules]
    if update and fresh["Name"] not in names:
        raise ValueError(f"RuleDoesNotExist: Rule does not exist: {fresh['Name']}")
    if not update and fresh["Name"] in names:
        raise ValueError(f"AlreadyExists: Rule already exists: {fresh['Name']}")
    if after and after not in names:
        raise ValueError(f"RuleDoesNotExist: Rule does not exist: {after}")
    if not update and len(rules) >= RULES:
        raise ValueError(f"LimitExceeded: Maximum number of rules ({RULES}) reached: {rule_set}")
    _check_rule(rule_set, fresh)
    place = names.index(fresh["Name"]) if update else 0
    left = [existing for existing in rules if existing["Name"] != fresh["Name"]]
    if after:
        place = [existing["Name"] for existing in left].index(after) + 1
    left.insert(place, fresh)
    rules[:] = left


def _rules(rule_set: str) -> list[dict[str, Any]]:
    known = ses._receipt_rule_sets.get(rule_set)
    if known is None:
        raise ValueError(f"RuleSetDoesNotExist: Rule set does not exist: {rule_set}")
    rules: list[dict[str, Any]] = known["Rules"]
    return rules


def _check_rule(rule_set: str, rule: dict[str, Any]) -> None:
    for part, most in (("Recipients", RECIPIENTS), ("Actions", ACTIONS)):
        if len(rule.get(part) or []) > most:
            raise ValueError(f"LimitExceeded: Maximum number of {part.lower()} ({most}) exceeded")
    refusal = ses._receipt_rule_error(rule)
    if refusal is not None:
        raise ValueError(refusal[2].decode())
    account, region = get_account_id(), get_region()
    source = (
        f"arn:aws:ses:{region}:{account}:receipt-rule-set/{rule_set}:receipt-rule/{rule['Name']}"
    )
    for action in rule["Actions"]:
        ((kind, options),) = action.items()
        if kind == "S3Action":
            bucket = options["BucketName"]
            key = options.get("ObjectKeyPrefix", "") + "AMAZON_SES_SETUP_NOTIFICATION"
            if not ses_in.may_store(account, bucket, key, source):
                raise ValueError(f"InvalidS3Configuration: Could not write to bucket: {bucket}")
            ses_in.store(bucket, key, _SETUP.encode())
        function = options.get("FunctionArn")
        if function and not function_allows(function, "ses.amazonaws.com", source, account):
            raise ValueError(f"InvalidLambdaFunction: Could not invoke Lambda function: {function}")
        topic = options.get("TopicArn")
        if topic and not publish_to_topic(account, topic, source, _VALIDATED, "Receipt"):
            raise ValueError(f"InvalidSnsTopic: Could not publish to SNS topic: {topic}")


def _create_set(params: dict[str, Any]) -> None:
    name, known = ses._p(params, "RuleSetName"), ses._receipt_rule_sets
    if name not in known and len(known) >= SETS:
        raise ValueError(f"LimitExceeded: Maximum number of rule sets ({SETS}) reached")
    status, _headers, body = ses._create_receipt_rule_set(params)
    if status >= 400:
        raise ValueError(body.decode())


def _create_rule(params: dict[str, Any]) -> None:
    for key, field in (("Rule.Name", "ruleName"), ("RuleSetName", "ruleSetName")):
        refusal = ses._receipt_name_error(params, key, field, field)
        if refusal is not None:
            raise ValueError(refusal[2].decode())
    rule = ses._receipt_rule_from_params(params)
    put_rule(ses._p(params, "RuleSetName"), rule, ses._p(params, "After") or None)


def _update_rule(params: dict[str, Any]) -> None:
    rule = ses._receipt_rule_from_params(params)
    put_rule(ses._p(params, "RuleSetName"), rule, None, update=True)


def _position(params: dict[str, Any]) -> None:
    name, after = ses._p(params, "RuleName"), ses._p(params, "After")
    rules = _rules(ses._p(params, "RuleSetName"))
    for wanted in filter(None, (name, after)):
        if not any(rule["Name"] == wanted for rule in rules):
            raise ValueError(f"RuleDoesNotExist: Rule does not exist: {wanted}")
    if name == after:
        raise ValueError(f"InvalidParameterValue: A rule cannot come after itself: {name}")
    moving = next(rule for rule in rules if rule["Name"] == name)
    left = [rule for rule in rules if rule is not moving]
    left.insert(1 + [rule["Name"] for rule in left].index(after) if after else 0, moving)
    rules[:] = left


def _reorder(params: dict[str, Any]) -> None:
    """Every rule of the set must be named, and none other."""
    rules = _rules(ses._p(params, "RuleSetName"))
    names = [ses._p(params, f"RuleNames.member.{i}") for i in range(1, _members(params) + 1)]
    known = {rule["Name"]: rule for rule in rules}
    for name in names:
        if name not in known:
            raise ValueError(f"RuleDoesNotExist: Rule does not exist: {name}")
    if sorted(names) != sorted(known):
        raise ValueError("InvalidParameterValue: Every rule of the set must be named once")
    rules[:] = [known[name] for name in names]


def _members(params: dict[str, Any]) -> int:
    return sum(key.startswith("RuleNames.member.") for key in params)


_ANSWERS: dict[str, Callable[[dict[str, Any]], None]] = {
    "CreateReceiptRuleSet": _create_set,
    "CreateReceiptRule": _create_rule,
    "UpdateReceiptRule": _update_rule,
    "SetReceiptRulePosition": _position,
    "ReorderReceiptRuleSet": _reorder,
}
