"""CloudFormation: names it makes up for what has none."""

from __future__ import annotations

import os
from collections.abc import Container
from typing import Any

from ministack.services import dynamodb, secretsmanager
from ministack.services.cloudformation import provisioners


def apply() -> None:
    name_afresh("AWS::DynamoDB::Table", "TableName", dynamodb._tables)
    name_afresh("AWS::SecretsManager::Secret", "Name", secretsmanager._secrets)


def name_afresh(kind: str, given: str, existing: Container[str]) -> None:
    """What a deleted stack kept is not overwritten by the next stack of that name.

    ministack makes a name up from those of the stack and the resource; AWS adds chance.
    """
    handlers = provisioners._RESOURCE_HANDLERS[kind]
    create = handlers["create"]

    def create_afresh(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        if not properties.get(given) and provisioners._physical_name(stack, logical_id) in existing:
            provisioners._NAME_SEED.set(os.urandom(8).hex())  # kept with the stack, as for buckets
        return create(logical_id, properties, stack)

    handlers["create"] = create_afresh
