"""CloudFormation: the types ministack lacks, and custom resources that fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import dynamodb, lambda_svc, secretsmanager, ses
from ministack.services.cloudformation import custom_resource, provisioners

from local.world import connect_mount, ses_account, sms
from local.world.ses_events import publish_to_topic
from local.world.ses_rules import put_rule

Result = tuple[str, dict[str, Any]]
_CONNECT_TYPES = (
    "ContactFlow ContactFlowModule IntegrationAssociation ApprovedOrigin Queue HoursOfOperation"
    " QuickConnect RoutingProfile User"
)


def apply() -> None:
    secret_ref_is_arn()
    name_dkim_records()
    expire_items()
    add_receiving()
    validate_event_destinations()
    add_connect()
    add_texts()
    fail_custom_resources()


def secret_ref_is_arn() -> None:
    """Ref of AWS::SecretsManager::Secret is the ARN; ministack gives the name."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = (handlers[step] for step in ("create", "update", "delete"))

    def name(physical_id: str) -> str:
        secrets = secretsmanager._secrets
        found = (key for key, secret in secrets.items() if secret["ARN"] == physical_id)
        return str(next(found, physical_id))

    def create_arn(logical_id: str, properties: dict[str, Any], stack: str) -> Result:
        _name, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def update_arn(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack: str,
        logical_id: str | None = None,
    ) -> Result:
        _name, attributes = update(name(physical_id), old, new, stack, logical_id)
        return attributes["Arn"], attributes

    handlers["create"], handlers["update"] = create_arn, update_arn
    handlers["delete"] = lambda physical_id, properties: delete(name(physical_id), properties)


def name_dkim_records() -> None:
    """AWS::SES::EmailIdentity has the three DKIM records as attributes; ministack has none."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SES::EmailIdentity"]

    def named(step: Callable[..., Result]) -> Callable[..., Result]:
        def make(*args: Any, **more: Any) -> Result:
            identity, attributes = step(*args, **more)
            for number, token in enumerate(ses_account.dkim_tokens(identity), 1):
                attributes[f"DkimDNSTokenName{number}"] = f"{token}._domainkey.{identity}"
                attributes[f"DkimDNSTokenValue{number}"] = f"{token}.dkim.amazonses.com"
            return identity, attributes

        return make

    for step in ("create", "update"):
        handlers[step] = named(handlers[step])


def expire_items() -> None:
    """TimeToLiveSpecification of AWS::DynamoDB::Table, which ministack ignores."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    create, update = handlers["create"], handlers["update"]

    def create_expiring(logical_id: str, properties: dict[str, Any], stack: str) -> Result:
        created: Result = create(logical_id, properties, stack)
        _set_expiry(created[0], properties)
        return created

    def update_expiring(physical_id: str, old: Any, new: dict[str, Any], *rest: Any) -> Any:
        updated = update(physical_id, old, new, *rest)
        _set_expiry(updated[0], new)
        return updated

    handlers["create"], handlers["update"] = create_expiring, update_expiring


def _set_expiry(table: str, properties: dict[str, Any]) -> None:
    wanted = properties.get("TimeToLiveSpecification") or {}
    if wanted:
        enabled = str(wanted.get("Enabled", True)).lower() == "true"
        specification = {**wanted, "Enabled": enabled}
        dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": specification})


def add_receiving() -> None:
    """AWS::SES::ReceiptRuleSet and ReceiptRule, validated like the API's."""
    provisioners._RESOURCE_HANDLERS["AWS::SES::ReceiptRuleSet"] = {
        "create": _rule_set_create,
        "delete": _rule_set_delete,
    }
    provisioners._RESOURCE_HANDLERS["AWS::SES::ReceiptRule"] = {
        "create": _rule_create,
        "update": _rule_update,
        "delete": _rule_delete,
    }


def _rule_set_create(logical_id: str, properties: dict[str, Any], stack: str) -> Result:
    name = properties.get("RuleSetName") or provisioners._physical_name(stack, logical_id)
    if name in ses._receipt_rule_sets:
        raise ValueError(f"AlreadyExists: Rule set already exists: {name}")
    metadata = {"Name": name, "CreatedTimestamp": ses._iso_now()}
    ses._receipt_rule_sets[name] = {"Metadata": metadata, "Rules": []}
    return name, {}


def _rule_set_delete(physical_id: str, _properties: dict[str, Any]) -> None:
    if ses._active_receipt_rule_set.get("name") == physical_id:
        raise ValueError(f"CannotDelete: Cannot delete active rule set: {physical_id}")
    ses._receipt_rule_sets.pop(physical_id, None)


def _rule_create(logical_id: str, properties: dict[str, Any], stack: str) -> Result:
    given = properties["Rule"]
    name = given.get("Name") or provisioners._physical_name(stack, logical_id)
    put_rule(properties["RuleSetName"], {**given, "Name": name}, properties.get("After"))
    return name, {}


def _rule_update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str) -> Result:
    moved = old.get("RuleSetName") != new.get("RuleSetName")
    renamed = new["Rule"].get("Name", physical_id) != physical_id
    if moved or renamed:
        created = _rule_create(physical_id, new, stack)
        _rule_delete(physical_id, old)
        return created
    put_rule(
        new["RuleSetName"], {**new["Rule"], "Name": physical_id}, new.get("After"), update=True
    )
    return physical_id, {}


def _rule_delete(physical_id: str, properties: dict[str, Any]) -> None:
    rule_set = ses._receipt_rule_sets.get(properties.get("RuleSetName"))
    if rule_set:
        rule_set["Rules"][:] = [rule for rule in rule_set["Rules"] if rule["Name"] != physical_id]


def validate_event_destinations() -> None:
    """SES tries the topic of a new event destination with a plain-text message."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SES::ConfigurationSetEventDestination"]
    create = handlers["create"]

    def create_validated(logical_id: str, properties: dict[str, Any], stack: str) -> Result:
        destination = properties.get("EventDestination") or {}
        topic = (destination.get("SnsDestination") or {}).get("TopicARN")
        account, region = get_account_id(), get_region()
        name = properties["ConfigurationSetName"]
        source = f"arn:aws:ses:{region}:{account}:configuration-set/{name}"
        text = "Successfully validated SNS topic for Amazon SES event publishing."
        if topic and not publish_to_topic(account, topic, source, text, "Event"):
            raise ValueError(f"InvalidSNSDestination: Could not publish to SNS topic: {topic}")
        created: Result = create(logical_id, properties, stack)
        return created

    handlers["create"] = create_validated


def add_connect() -> None:
    """AWS::Connect::* and the workspace's applications through the local Connect."""
    names = [f"AWS::Connect::{kind}" for kind in _CONNECT_TYPES.split()]
    for name in (*names, "AWS::AppIntegrations::Application"):
        provisioners._RESOURCE_HANDLERS[name] = {
            "create": _connect_step(name),
            "update": _connect_update(name),
            "delete": _connect_delete(name),
        }


def _connect_step(kind: str) -> Callable[..., Result]:
    def create(_logical_id: str, properties: dict[str, Any], _stack: str) -> Result:
        return connect_mount.provision("create", kind, None, properties, None)

    return create


def _connect_update(kind: str) -> Callable[..., Result]:
    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], _stack: str) -> Result:
        return connect_mount.provision("update", kind, physical_id, new, old)

    return update


def _connect_delete(kind: str) -> Callable[..., None]:
    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        connect_mount.provision("delete", kind, physical_id, properties, None)

    return delete


def add_texts() -> None:
    """AWS::SMSVOICE::ConfigurationSet: whom the receipts of texts are for."""

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Result:
        given = properties.get("ConfigurationSetName")
        name = given or provisioners._physical_name(stack, logical_id, max_len=64)
        return name, sms.put_set(name, properties, fresh=True)

    def update(physical_id: str, _old: Any, new: dict[str, Any], stack: str) -> Result:
        if new.get("ConfigurationSetName", physical_id) != physical_id:
            return create("", new, stack)
        return physical_id, sms.put_set(physical_id, new)

    provisioners._RESOURCE_HANDLERS["AWS::SMSVOICE::ConfigurationSet"] = {
        "create": create,
        "update": update,
        "delete": lambda physical_id, _properties: sms.delete_set(physical_id),
    }


def fail_custom_resources() -> None:
    """A custom resource's function that ends in an error fails the resource at once.

    ministack, like AWS, would wait up to an hour for the answer that never comes.
    """
    run = lambda_svc._execute_function_with_config_scope

    def run_and_answer(function: dict[str, Any], event: Any) -> Any:
        result = run(function, event)
        answer_to = event.get("ResponseURL") if isinstance(event, dict) else None
        if answer_to and "LogicalResourceId" in event and result.get("error"):
            reason = f"{json.dumps(result.get('body'))}\n{result.get('log', '')}"
            answer = {"Status": "FAILED", "Reason": reason}
            custom_resource.deliver_response(str(answer_to).rsplit("/", 1)[-1], answer)
        return result

    lambda_svc._execute_function_with_config_scope = run_and_answer
