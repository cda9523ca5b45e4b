"""What runs by itself: queues that feed functions, schedules, keys, and who is told of alarms."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from emailchannel.aws.errors import code

from .dns import LookUp
from .doctor_finding import Finding, ok, problem, warning
from .stack import Stack

_GRACE: Final = 7  # days that a rotation may be late: Secrets Manager has a window, and retries
_KEY_ENDS: Final = 30  # days before its end that the API's key is spoken of
_MAPPING: Final = "AWS::Lambda::EventSourceMapping"
_RULE: Final = "AWS::Events::Rule"
_ALARM: Final = "AWS::CloudWatch::Alarm"
_AT_ONCE: Final = 100  # names in a DescribeAlarms


def work(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Every queue's function is fed, every schedule runs."""
    wrong = [*_mappings(stack), *_schedules(stack)]
    yield from wrong
    if not wrong:
        yield ok("All queues feed their functions, and all schedules run.")


def _mappings(stack: Stack) -> Iterator[Finding]:
    client = stack.client("lambda")
    for name, uuid in stack.of_type(_MAPPING).items():
        state = str(client.get_event_source_mapping(UUID=uuid).get("State"))
        if state not in {"Enabled", "Enabling", "Creating", "Updating"}:
            yield problem(
                f"{name} is {state.lower()}: its queue fills and nobody works on it.",
                "Find out who switched it off and why; then:",
                stack.aws(f"lambda update-event-source-mapping --uuid {uuid} --enabled"),
            )


def _schedules(stack: Stack) -> Iterator[Finding]:
    client = stack.client("events")
    for name, rule in stack.of_type(_RULE).items():
        bus, _, own = rule.rpartition("|")
        which = {"Name": own, **({"EventBusName": bus} if bus else {})}
        state = client.describe_rule(**which).get("State")
        if state == "DISABLED":
            yield problem(
                f"The rule {name} is switched off.",
                "Find out who switched it off and why; then:",
                stack.aws(f"events enable-rule --name {own}"),
            )


def keys(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Both secrets are there, and the relay key is changed in time."""
    yield _secret(stack, "CaseKey", "New mail cannot be taken in")
    found = _described(stack, "RelayKeys")
    yield _secret(stack, "RelayKeys", "No agent can answer by mail")
    if found and not found.get("DeletedDate"):
        yield _age(stack, found)
    yield _api_key(stack)


def _api_key(stack: Stack) -> Finding:
    """Other systems can call the messages API for a while yet."""
    wanted = f"key {stack.parameters.get('ApiKeyNumber') or 1}"
    client, api_id = stack.client("appsync"), stack.resources["MessagesApi"]
    pages = client.get_paginator("list_api_keys").paginate(apiId=api_id)
    found = {key.get("description"): key["expires"] for page in pages for key in page["apiKeys"]}
    until, now = int(found.get(wanted) or 0), stack.deployment.channel.now()
    days = int((until - now) // 86_400)
    remedy = "Deploy again: each deployment renews it, or makes it anew."
    if days < 0:
        return problem("The key of the messages API is dead: other systems are refused.", remedy)
    if days < _KEY_ENDS:
        return warning(f"The key of the messages API dies in {days} days.", remedy)
    return ok(f"The key of the messages API lives for {days} more days.")


def _described(stack: Stack, logical: str) -> dict[str, Any] | None:
    client = stack.client("secretsmanager")
    try:
        found: dict[str, Any] = client.describe_secret(SecretId=stack.resources[logical])
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
        return None
    return found


def _secret(stack: Stack, logical: str, loss: str) -> Finding:
    found, arn = _described(stack, logical), stack.resources[logical]
    if found is None:
        return problem(
            f"The secret {logical} is gone. {loss}.",
            "A deleted CaseKey cannot be made again: other cases would be opened. Ask AWS"
            " support, and see docs/relay-keys.md for the relay keys.",
        )
    if found.get("DeletedDate"):
        return problem(
            f"The secret {logical} is going to be deleted. {loss} already.",
            "Keep it:",
            stack.aws(f"secretsmanager restore-secret --secret-id {arn}"),
        )
    return ok(f"The secret {logical} is there.")


def _age(stack: Stack, found: dict[str, Any]) -> Finding:
    days = int((found.get("RotationRules") or {}).get("AutomaticallyAfterDays") or 0)
    arn = stack.resources["RelayKeys"]
    rotate = stack.aws(f"secretsmanager rotate-secret --secret-id {arn}")
    if not found.get("RotationEnabled") or not days:
        return problem(
            "The relay key is never changed: its rotation is off.", "Switch it on:", rotate
        )
    since = found.get("LastRotatedDate") or found.get("CreatedDate")
    now = datetime.fromtimestamp(stack.deployment.channel.now(), UTC)
    age = (now - since).days if since else 0
    if age > days + _GRACE:
        return problem(
            f"The relay key is {age} days old; it should change every {days}.",
            "Rotate it, and look at the log of KeyRotationFunction if that fails:",
            rotate,
        )
    return ok(f"The relay key is {age} days old and changes every {days} days.")


def alarms(stack: Stack, _look_up: LookUp) -> Iterator[Finding]:
    """Somebody is told."""
    topic = stack.resources.get("AlarmTopic")
    if not topic:
        yield warning(
            "Nobody is told when something goes wrong: AlarmEmail is empty.",
            "Deploy with it: sam deploy --parameter-overrides AlarmEmail=you@example.com ...",
        )
        return
    pages = stack.client("sns").get_paginator("list_subscriptions_by_topic")
    entries = [entry for page in pages.paginate(TopicArn=topic) for entry in page["Subscriptions"]]
    waiting = [entry for entry in entries if not entry["SubscriptionArn"].startswith("arn:")]
    again = [
        stack.aws(
            f"sns subscribe --topic-arn {topic} --protocol {entry['Protocol']}"
            f" --notification-endpoint {entry['Endpoint']}"
        )
        for entry in waiting
    ]
    if waiting:
        names = ", ".join(entry["Endpoint"] for entry in waiting)
        yield problem(
            f"Alarms do not reach {names}: the subscription was never confirmed.",
            "Follow the link in the mail of AWS Notifications. To have it sent again:",
            *again,
        )
    elif not entries:
        yield problem(
            "Nobody hears the alarms: the topic has no subscription.",
            "Subscribe somebody, and follow the link in the mail that comes:",
            stack.aws(
                f"sns subscribe --topic-arn {topic} --protocol email --notification-endpoint"
                f" {stack.parameters.get('AlarmEmail') or 'ADDRESS'}"
            ),
        )
    else:
        yield ok(f"Alarms go to {', '.join(entry['Endpoint'] for entry in entries)}.")
    silent = [name for name, alarm in _alarms(stack).items() if not alarm.get("ActionsEnabled")]
    if silent:
        yield warning(
            f"These alarms tell nobody: {', '.join(sorted(silent))}.",
            "Switch their actions on:",
            stack.aws(f"cloudwatch enable-alarm-actions --alarm-names {' '.join(sorted(silent))}"),
        )


def _alarms(stack: Stack) -> dict[str, dict[str, Any]]:
    """The stack's alarms by name."""
    names, client = list(stack.of_type(_ALARM).values()), stack.client("cloudwatch")
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(names), _AT_ONCE):
        answer = client.describe_alarms(AlarmNames=names[start : start + _AT_ONCE])
        found |= {alarm["AlarmName"]: alarm for alarm in answer["MetricAlarms"]}
    return found


def ringing(stack: Stack) -> list[dict[str, Any]]:
    """The stack's alarms that are in ALARM now."""
    return [alarm for alarm in _alarms(stack).values() if alarm.get("StateValue") == "ALARM"]
