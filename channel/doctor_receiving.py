"""Receiving: does a mail to us reach SES, our rules, the bucket and the queues?

Sources: Amazon SES developer guide, "Receipt rules" and "Giving permissions"; SES API v1 reference.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel.aws.errors import code
from emailchannel.aws.stack import rules as receipt_rules
from emailchannel.aws.stack.request import Request

from .dns import LookUp, Unanswered
from .doctor_finding import Finding, ok, problem, unchecked, warning
from .doctor_policy import allows
from .stack import Stack

_SES: Final = "ses.amazonaws.com"
_SNS: Final = "sns.amazonaws.com"
# topic -> the queue that hears it
_HEARD: Final = {
    "InboundTopic": "IngestQueue",
    "RelayTopic": "RelayQueue",
    "DeliveryTopic": "EventsQueue",
}


def mx(stack: Stack, look_up: LookUp) -> Iterator[Finding]:
    """Where the world delivers mail to our domains."""
    settings = stack.deployment.channel.settings
    for domain in dict.fromkeys((settings.domain, settings.inquiry_address.rpartition("@")[2])):
        yield _mx(stack, domain, look_up, must=domain == settings.domain)


def _mx(stack: Stack, domain: str, look_up: LookUp, *, must: bool) -> Finding:
    host = f"inbound-smtp.{stack.region}.amazonaws.com"
    record = f"{domain} MX 10 {host}"
    found = look_up(domain, "MX")
    if isinstance(found, Unanswered):
        return unchecked(f"the MX record of {domain}: {found.why}")
    hosts = {value.rpartition(" ")[2] for value in found}
    if hosts == {host}:
        return ok(f"Mail for {domain} goes to SES in {stack.region}.")
    others = ", ".join(sorted(hosts - {host}))
    if host in hosts:
        return warning(
            f"Mail for {domain} goes to SES, and sometimes elsewhere: {others}.",
            "Leave only this MX record:",
            record,
        )
    if not must:
        return warning(
            f"Mail for {domain} goes to {others or 'nobody'}, not to SES.",
            "That is right only if that server passes the inquiry address on. Otherwise:",
            record,
        )
    goes = f"goes to {others}, not to SES" if hosts else "goes nowhere: it has no MX record"
    return problem(f"Mail for {domain} {goes}.", "Set:", record)


def rules(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """The active rule set: ours are in it as they should be, and nobody's stand before them."""
    client = stack.client("ses")
    active = client.describe_active_receipt_rule_set()
    name, listed = (active.get("Metadata") or {}).get("Name"), active.get("Rules") or []
    wanted = receipt_rules.wanted(_request(stack))
    present = {rule["Name"]: rule for rule in listed}
    missing = [rule for rule in wanted if rule["Name"] not in present]
    if not name or missing:
        yield _rules_missing(stack, client, name, missing)
    else:
        yield ok(f"Both receipt rules are in the active rule set {name}.")
    for rule in wanted:
        if rule["Name"] in present:
            yield from _as_wanted(stack, name, rule, present[rule["Name"]])
    yield from _before_ours(stack, name, listed, wanted)


def _request(stack: Stack) -> Request:
    settings, resources = stack.deployment.channel.settings, stack.resources
    properties = {
        "RuleNamePrefix": stack.deployment.name,
        "Bucket": resources["MailBucket"],
        "InboundTopic": resources["InboundTopic"],
        "RelayTopic": resources["RelayTopic"],
        "InquiryAddress": settings.inquiry_address,
        "Domain": settings.domain,
        "TlsPolicy": "Require" if stack.parameters.get("RequireTls") == "true" else "Optional",
    }
    return Request("Create", "", properties, {})


def _rules_missing(
    stack: Stack, client: Any, active: str | None, missing: list[dict[str, Any]]
) -> Finding:
    names = {rule["Name"] for rule in missing}
    for entry in client.list_receipt_rule_sets().get("RuleSets") or []:
        found = client.describe_receipt_rule_set(RuleSetName=entry["Name"]).get("Rules") or []
        if names and names <= {rule["Name"] for rule in found}:
            instead = f"{active} is" if active else "none is"
            return problem(
                f"No mail arrives: our rules are in the rule set {entry['Name']}, but {instead}"
                " active.",
                "Make it the active one, if nobody needs the other:",
                stack.aws(f"ses set-active-receipt-rule-set --rule-set-name {entry['Name']}"),
            )
    where = active or f"{stack.deployment.name}-rules"
    commands = [
        stack.aws(
            f"ses create-receipt-rule --rule-set-name {where}"
            f" --rule '{json.dumps(rule, separators=(',', ':'))}'"
        )
        for rule in missing
    ]
    if not active:
        make = stack.aws(f"ses create-receipt-rule-set --rule-set-name {where}")
        use = stack.aws(f"ses set-active-receipt-rule-set --rule-set-name {where}")
        commands = [make, *commands, use]
    gone = ", ".join(sorted(names))
    return problem(f"No mail arrives: {gone} is in no rule set.", "Make it again:", *commands)


def _as_wanted(
    stack: Stack, rule_set: str | None, wanted: dict[str, Any], has: dict[str, Any]
) -> Iterator[Finding]:
    wrong = []
    if not has.get("Enabled"):
        wrong.append("is switched off")
    if not has.get("ScanEnabled"):
        wrong.append("does not look for spam and viruses")
    if has.get("TlsPolicy", "Optional") != wanted["TlsPolicy"]:
        takes = "takes mail without TLS" if wanted["TlsPolicy"] == "Require" else "wants TLS"
        wrong.append(takes)
    lacks = set(wanted["Recipients"]) - {name.lower() for name in has.get("Recipients") or []}
    if has.get("Recipients") and lacks:
        wrong.append("does not take mail for " + ", ".join(sorted(lacks)))
    [action] = wanted["Actions"]
    if not any(
        all((entry.get("S3Action") or {}).get(key) == v for key, v in action["S3Action"].items())
        for entry in has.get("Actions") or []
    ):
        wrong.append("does not store mail in our bucket and tell our topic")
    if wrong:
        rule = json.dumps(wanted, separators=(",", ":"))
        yield problem(
            f"The receipt rule {wanted['Name']} {', '.join(wrong)}.",
            "Set it right:",
            stack.aws(f"ses update-receipt-rule --rule-set-name {rule_set} --rule '{rule}'"),
        )


def _before_ours(
    stack: Stack, rule_set: str | None, listed: list[dict[str, Any]], wanted: list[dict[str, Any]]
) -> Iterator[Finding]:
    ours = [rule["Name"] for rule in wanted]
    addresses = [address for rule in wanted for address in rule["Recipients"]]
    positions = [n for n, rule in enumerate(listed) if rule["Name"] in ours]
    for rule in listed[: max(positions, default=0)]:
        if rule["Name"] in ours or not rule.get("Enabled"):
            continue
        taken = [address for address in addresses if _covers(rule, address)]
        if not taken:
            continue
        kinds = {kind for action in rule.get("Actions") or [] for kind in action}
        move = [
            stack.aws(
                f"ses set-receipt-rule-position --rule-set-name {rule_set} --rule-name {name}"
            )
            for name in reversed(ours)
        ]
        if kinds & {"StopAction", "BounceAction"}:
            yield problem(
                f"The rule {rule['Name']} comes before ours and ends what it matches: mail to"
                f" {', '.join(taken)} never reaches us.",
                "Put our rules first:",
                *move,
            )
        else:
            yield warning(
                f"The rule {rule['Name']} comes before ours and handles the same mail"
                f" ({', '.join(sorted(kinds)) or 'no action'}): {', '.join(taken)}.",
                "If that is not meant to be, put our rules first:",
                *move,
            )


def _covers(rule: dict[str, Any], address: str) -> bool:
    """Whether a rule's recipients take this address (SES guide, "Recipient conditions")."""
    domain = address.rpartition("@")[2]
    conditions = [condition.lower() for condition in rule.get("Recipients") or []]
    return not conditions or any(
        condition in (address, domain) or (condition[0] == "." and domain.endswith(condition))
        for condition in conditions
    )


def bucket(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """SES may write where its rules say."""
    name = stack.resources["MailBucket"]
    try:
        policy = stack.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    except ClientError as error:
        if code(error) != "NoSuchBucketPolicy":
            raise
        policy = "{}"
    active = stack.client("ses").describe_active_receipt_rule_set().get("Metadata") or {}
    rule_set = active.get("Name") or f"{stack.deployment.name}-rules"
    answers = []
    for route in ("inbound", "relay"):
        rule = f"{rule_set}:receipt-rule/{stack.deployment.name}-{route}"
        context = {
            "aws:sourceaccount": stack.account,
            "aws:sourcearn": (
                f"arn:aws:ses:{stack.region}:{stack.account}:receipt-rule-set/{rule}"
            ),
            "aws:securetransport": "true",
        }
        resource = f"arn:aws:s3:::{name}/{route}/mail"
        answers.append(allows(policy, _SES, "s3:PutObject", resource, context))
    if False in answers:
        yield problem(
            f"The policy of the bucket {name} does not let SES store mail: it is lost.",
            "Deploy the stack again; see first what was changed, with:",
            stack.aws(f"s3api get-bucket-policy --bucket {name} --query Policy --output text"),
        )
    elif None in answers:
        yield unchecked(f"whether SES may write to {name}: a statement that denies is unusual")
    else:
        yield ok("SES may store mail in the bucket.")


def topics(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """SES may publish, the queues listen, and their policies let the topics in."""
    good = True
    for topic, queue in _HEARD.items():
        for words, remedy, command in _topic(stack, topic, queue):
            good = False
            yield problem(words, remedy, command)
    if good:
        yield ok("SES's announcements and events reach the queues.")


def _topic(stack: Stack, topic: str, queue: str) -> Iterator[tuple[str, str, str]]:
    arn, url = stack.resources[topic], stack.resources[queue]
    sns, sqs = stack.client("sns"), stack.client("sqs")
    policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy", "{}")
    account = {"aws:sourceaccount": stack.account, "aws:sourceowner": stack.account}
    again = "Deploy the stack again; see first what was changed, with:"
    if allows(policy, _SES, "sns:Publish", arn, account) is False:
        look = stack.aws(f"sns get-topic-attributes --topic-arn {arn}")
        yield f"The policy of the topic {topic} does not let SES publish.", again, look
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    queue_arn = attributes["QueueArn"]
    context = {"aws:sourcearn": arn, "aws:sourceaccount": stack.account}
    if (
        allows(attributes.get("Policy") or "{}", _SNS, "sqs:SendMessage", queue_arn, context)
        is False
    ):
        look = stack.aws(f"sqs get-queue-attributes --queue-url {url} --attribute-names Policy")
        yield f"The policy of the queue {queue} does not let {topic} in.", again, look
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    heard = {entry["Endpoint"] for page in pages for entry in page["Subscriptions"]}
    if queue_arn not in heard:
        yield (
            f"The queue {queue} does not hear the topic {topic}.",
            "Subscribe it again:",
            stack.aws(
                f"sns subscribe --topic-arn {arn} --protocol sqs --notification-endpoint"
                f" {queue_arn} --attributes RawMessageDelivery=true"
            ),
        )
