"""SES receiving: the active rule set decides what becomes of a mail that arrives.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
"""

from __future__ import annotations

import json
import logging
import random
import string
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import lambda_svc, s3, ses

from local.world import clock
from local.world.policies import function_allows, resource_allows
from local.world.receipt import Arrival, Verdicts, covers, notification, received
from local.world.ses_events import publish_to_topic

log = logging.getLogger("local.ses")
MAXIMUM_BYTES = 40 * 1024 * 1024
_ALPHABET = string.ascii_lowercase + string.digits


class NotAccepted(Exception):
    """No rule takes the mail; the text is SES's SMTP answer."""


def active_rules(account: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(region, rule set, rule) of the account's active rule sets, in evaluation order."""
    found = []
    for (owner, region, _key), name in list(ses._active_receipt_rule_set._data.items()):
        if owner == account:
            rule_set = ses._receipt_rule_sets.get_scoped(owner, region, name) or {"Rules": []}
            found += [(region, name, rule) for rule in rule_set["Rules"]]
    return found


def accepts(account: str, address: str) -> bool:
    """Whether some rule takes mail for the address (SES's answer to RCPT TO)."""
    return any(covers(rule, address) for _region, _name, rule in active_rules(account))


def deliver(
    account: str,
    raw: bytes,
    mail_from: str,
    rcpt_to: Iterable[str],
    verdicts: Verdicts | None = None,
    *,
    helo: str = "mail.example.org",
    client_ip: str = "192.0.2.10",
) -> dict[str, Any]:
    """Run the rules over a mail: {"message_id", "ses_ids": {rule name: SES message id}}.

    Raises NotAccepted when it is too large or no rule takes any of its recipients.
    """
    if len(raw) > MAXIMUM_BYTES:
        raise NotAccepted("552 5.3.4 Message size exceeds fixed limit")
    taken = tuple(address for address in rcpt_to if accepts(account, address))
    if not taken:
        raise NotAccepted("550 5.1.1 Requested action not taken: mailbox unavailable")
    message_id = "".join(random.choices(_ALPHABET, k=40))
    now = clock.now(account)
    arrival = Arrival(
        raw, mail_from, taken, verdicts or Verdicts(), message_id, now, helo, client_ip
    )
    ran: dict[str, str] = {}
    left = list(taken)
    for region, rule_set, rule in active_rules(account):
        matched = [address for address in left if covers(rule, address)]
        if matched:
            with request_scope(account, region):
                stopped = _run(account, region, rule_set, rule, arrival, matched)
            ran[rule["Name"]] = message_id
            left = [address for address in left if not stopped or address not in matched]
    return {"message_id": message_id, "ses_ids": ran}


def _run(
    account: str,
    region: str,
    rule_set: str,
    rule: dict[str, Any],
    arrival: Arrival,
    matched: list[str],
) -> bool:
    """The rule's actions in order; whether it stopped the evaluation for these recipients."""
    verdicts = arrival.verdicts.scanned(arrival.raw, enabled=bool(rule.get("ScanEnabled")))
    stored = received(replace(arrival, verdicts=verdicts), region, matched[0])
    source = (
        f"arn:aws:ses:{region}:{account}:receipt-rule-set/{rule_set}:receipt-rule/{rule['Name']}"
    )
    for action in rule.get("Actions", []):
        ((kind, options),) = action.items()
        if kind == "AddHeaderAction":
            stored = f"{options['HeaderName']}: {options['HeaderValue']}\r\n".encode() + stored
        elif kind == "S3Action":
            _to_s3(account, source, options, stored, arrival, matched, verdicts)
        elif kind == "SNSAction":
            report = notification(stored, arrival, matched, verdicts, {"type": "SNS"})
            report["content"] = stored.decode("utf-8", errors="replace")
            publish_to_topic(account, options["TopicArn"], source, json.dumps(report), "Receipt")
        elif kind == "LambdaAction":
            _to_lambda(account, source, options, stored, arrival, matched, verdicts)
        elif kind == "StopAction":
            return True
        else:
            log.warning("SES receiving: %s is not emulated", kind)
    return False


def _to_s3(
    account: str,
    source: str,
    options: dict[str, Any],
    stored: bytes,
    arrival: Arrival,
    matched: list[str],
    verdicts: Verdicts,
) -> None:
    bucket, prefix = options["BucketName"], options.get("ObjectKeyPrefix", "")
    key = prefix + arrival.message_id
    if not may_store(account, bucket, key, source):
        log.warning("SES receiving: not allowed to write %s to %s", key, bucket)
        return
    store(bucket, key, stored)
    topic = options.get("TopicArn")
    if topic:
        action = {
            "type": "S3",
            "topicArn": topic,
            "bucketName": bucket,
            "objectKeyPrefix": prefix,
            "objectKey": key,
        }
        report = notification(stored, arrival, matched, verdicts, action)
        publish_to_topic(account, topic, source, json.dumps(report), "Receipt")


def _to_lambda(
    account: str,
    source: str,
    options: dict[str, Any],
    stored: bytes,
    arrival: Arrival,
    matched: list[str],
    verdicts: Verdicts,
) -> None:
    arn = options["FunctionArn"]
    function, config, _name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not function_allows(arn, "ses.amazonaws.com", source, account):
        log.warning("SES receiving: not allowed to invoke %s", arn)
        return
    kind = options.get("InvocationType", "Event")
    action = {"type": "Lambda", "functionArn": arn, "invocationType": kind}
    report = notification(stored, arrival, matched, verdicts, action)
    content = {"mail": report["mail"], "receipt": report["receipt"]}
    record = {"eventSource": "aws:ses", "eventVersion": "1.0", "ses": content}
    execution = lambda_svc._execution_record_for_config(function, config)
    lambda_svc.invoke_async_with_retry(execution, {"Records": [record]})


def may_store(account: str, bucket: str, key: str, source: str) -> bool:
    """Whether the bucket exists and its policy lets SES put the object for the rule."""
    found = s3.bucket_policy_for_arn(f"arn:aws:s3:::{bucket}")
    resource = f"arn:aws:s3:::{bucket}/{key}"
    return found is not None and resource_allows(
        found[0], "ses.amazonaws.com", "s3:PutObject", resource, source, account
    )


def store(bucket: str, key: str, content: bytes) -> None:
    status, _headers, body = s3._put_object(bucket, key, content, {})
    if status >= 300:
        log.warning("SES receiving: could not write %s to %s: %r", key, bucket, body[:200])
