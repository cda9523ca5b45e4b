"""Secrets Manager: rotation by a function, which ministack only pretends.

AWS Secrets Manager user guide, "Rotation by Lambda function"; API reference, RotateSecret and
PutSecretValue. Schedules are kept and not followed: a rotation runs when RotateSecret asks for it.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid, request_scope
from ministack.services import lambda_svc, secretsmanager
from ministack.services.cloudformation import provisioners

from local.world import activity
from local.world.policies import function_allows

log = logging.getLogger("local.rotation")
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_OK = 200


def apply() -> None:
    hide_versions_without_value()
    keep_versions_unchanged()
    rotate_by_function()
    add_schedules()


def hide_versions_without_value() -> None:
    """A version that is staged and not written yet is not found."""
    get = secretsmanager._get_secret_value

    def get_written(data: dict[str, Any]) -> Any:
        answer = get(data)
        if answer[0] == _OK and not {"SecretString", "SecretBinary"} & set(json.loads(answer[2])):
            return _error(
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value.",
            )
        return answer

    secretsmanager._get_secret_value = get_written


def keep_versions_unchanged() -> None:
    """PutSecretValue with the token of a version that has another value is refused."""
    put = secretsmanager._put_secret_value

    def put_once(data: dict[str, Any]) -> Any:
        _, secret = secretsmanager._resolve(data.get("SecretId"))
        token = data.get("ClientRequestToken")
        known = (secret or {}).get("Versions", {}).get(token) or {}
        if known.get("SecretString") not in (None, data.get("SecretString")):
            return _error(
                "ResourceExistsException",
                "You can't use this token because the version exists with a different value.",
            )
        return put(data)

    secretsmanager._put_secret_value = put_once


def rotate_by_function() -> None:
    """RotateSecret stages an empty version and calls the function four times, in the background.

    With RotateImmediately false it only runs testSecret, on a version that it takes away again.
    """
    secretsmanager._rotate_secret = _rotate


def _rotate(data: dict[str, Any]) -> Any:
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    if not secret or secret.get("DeletedDate"):
        return _error(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
        )
    refusal = configure(secret, data.get("RotationLambdaARN"), data.get("RotationRules"))
    if refusal:
        return refusal
    token = data.get("ClientRequestToken") or new_uuid()
    dry = data.get("RotateImmediately") is False
    secret["Versions"][token] = {
        "SecretString": None,
        "SecretBinary": None,
        "CreatedDate": int(time.time()),
        "Stages": ["AWSPENDING"],
    }
    _begin(secret, token, dry=dry)
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    return secretsmanager.json_response(answer if dry else {**answer, "VersionId": token})


def configure(secret: dict[str, Any], function: str | None, rules: dict[str, Any] | None) -> Any:
    """Keep how a secret is rotated; an error answer when it cannot be, or is being rotated."""
    arn = function or secret.get("RotationLambdaARN")
    if not arn:
        return _error("InvalidRequestException", "No Lambda rotation function ARN is associated.")
    if not function_allows(arn, "secretsmanager.amazonaws.com", secret["ARN"], get_account_id()):
        return _error(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function"
            " policy grants access to the principal secretsmanager.amazonaws.com.",
        )
    labels = [set(version["Stages"]) for version in secret["Versions"].values()]
    if any("AWSPENDING" in found and "AWSCURRENT" not in found for found in labels):
        return _error(
            "InvalidRequestException",
            "A previous rotation isn't complete. That rotation will be reattempted.",
        )
    secretsmanager._remove_stage_everywhere(secret, "AWSPENDING")
    secret["RotationLambdaARN"], secret["RotationEnabled"] = arn, True
    secret["RotationRules"] = rules or secret.get("RotationRules")
    return None


def _begin(secret: dict[str, Any], token: str, *, dry: bool) -> None:
    account, region = get_account_id(), get_region()
    activity.begin(account, "rotation")

    def run() -> None:
        try:
            with request_scope(account, region):
                _run(secret, token, dry=dry)
        finally:
            activity.end(account, "rotation")

    threading.Thread(target=run, daemon=True, name="rotation").start()


def _run(secret: dict[str, Any], token: str, *, dry: bool) -> None:
    for step in ("testSecret",) if dry else STEPS:
        if not _invoke(secret, token, step):
            break
    if dry:
        secret["Versions"].pop(token, None)


def _invoke(secret: dict[str, Any], token: str, step: str) -> bool:
    """Whether the function did the step. AWS would try again later; a test asks for it itself."""
    event = {"Step": step, "SecretId": secret["ARN"], "ClientRequestToken": token}
    function, config, name = lambda_svc._get_func_record_for_ref(secret["RotationLambdaARN"])
    if not function or not config:
        log.warning("Secrets Manager: no function %s", name)
        return False
    record = lambda_svc._execution_record_for_config(function, config)
    result = lambda_svc._execute_function_with_config_scope(record, event)
    return not result.get("error")


def add_schedules() -> None:
    """AWS::SecretsManager::RotationSchedule: Ref is the secret's ARN."""
    provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::RotationSchedule"] = {
        "create": _schedule,
        "update": lambda _id, _old, new, stack, logical_id="": _schedule(logical_id, new, stack),
        "delete": _unschedule,
    }


def _schedule(_logical_id: str, properties: dict[str, Any], _stack: str) -> Any:
    _, secret = secretsmanager._resolve(properties["SecretId"])
    if not secret:
        raise ValueError("ResourceNotFoundException: Secrets Manager can't find the secret.")
    rules = dict(properties.get("RotationRules") or {})
    if "AutomaticallyAfterDays" in rules:
        rules["AutomaticallyAfterDays"] = int(rules["AutomaticallyAfterDays"])
    refusal = configure(secret, properties.get("RotationLambdaARN"), rules)
    if refusal:
        raise ValueError(refusal[2].decode())
    if str(properties.get("RotateImmediatelyOnUpdate", "true")).lower() == "true":
        _rotate({"SecretId": secret["ARN"]})
    return secret["ARN"], {}


def _unschedule(physical_id: str, _properties: dict[str, Any]) -> None:
    _, secret = secretsmanager._resolve(physical_id)
    if secret:
        secret["RotationEnabled"] = False


def _error(kind: str, message: str) -> Any:
    return secretsmanager.error_response_json(kind, message, 400)
