"""DynamoDB's API with plain Python values, and its errors translated once.

Source: Amazon DynamoDB API reference; error codes of UpdateItem and TransactWriteItems.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from ..errors import Retryable
from .errors import translated
from .items import Item

NEW = "attribute_not_exists(pk)"
EXISTS = "attribute_exists(pk)"
_TRIES = 5  # at what DynamoDB leaves of a batch
TODO = "todo"  # the index of rows with work left
_CONFLICTS = {"ConditionalCheckFailedException", "TransactionCanceledException"}


@lru_cache(maxsize=1)
def _serializer() -> Any:
    return TypeSerializer()


@lru_cache(maxsize=1)
def _deserializer() -> Any:
    return TypeDeserializer()


def _plain(value: Any) -> Any:
    """Tuples become lists and floats text-exact numbers, as DynamoDB wants them."""
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    return value


def encode(item: Item) -> dict[str, Any]:
    """A plain item in the wire's typed form."""
    return {name: _serializer().serialize(_plain(value)) for name, value in item.items()}


def decode(item: dict[str, Any]) -> Item:
    """A typed item as plain values; numbers are Decimal."""
    return {name: _deserializer().deserialize(value) for name, value in item.items()}


def _condition_failed(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code not in _CONFLICTS:
        return False
    reasons = error.response.get("CancellationReasons") or []
    return code != "TransactionCanceledException" or any(
        reason.get("Code") == "ConditionalCheckFailed" for reason in reasons
    )


class Table:
    """One table, by name. Reads are consistent: a decision may hang on each of them."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Item) -> Item | None:
        """The item with this key, or None."""
        with translated():
            answer = self._client.get_item(
                TableName=self._name, Key=encode(key), ConsistentRead=True
            )
        return decode(answer["Item"]) if "Item" in answer else None

    def query(self, pk: str, prefix: str = "", *, forward: bool = True) -> Iterable[Item]:
        """All items under a partition key whose sort key starts with `prefix`, in order."""
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": encode({":pk": pk}),
            "ConsistentRead": True,
            "ScanIndexForward": forward,
        }
        if prefix:
            arguments["KeyConditionExpression"] += " AND begins_with(sk, :prefix)"
            arguments["ExpressionAttributeValues"] |= encode({":prefix": prefix})
        while True:
            with translated():
                page = self._client.query(**arguments)
            yield from map(decode, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def page(
        self, pk: str, prefix: str, limit: int, before: str = "", *, forward: bool = False
    ) -> tuple[list[Item], str]:
        """The last `limit` items whose sort key starts with `prefix`, newest first.

        And the sort key that the next page is `before` (`forward`: the first ones, and `behind`);
        empty when there is none.
        """
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": encode({":pk": pk, ":prefix": prefix}),
            "ConsistentRead": True,
            "ScanIndexForward": forward,
            "Limit": limit + 1,  # one more tells whether there is a next page
        }
        if before:
            arguments["ExclusiveStartKey"] = encode({"pk": pk, "sk": before})
        found: list[Item] = []
        while len(found) <= limit:
            with translated():
                answer = self._client.query(**arguments)
            found += map(decode, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                break
            arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
            arguments["Limit"] = limit + 1 - len(found) or 1
        more = len(found) > limit
        found = found[:limit]
        return found, str(found[-1]["sk"]) if more else ""

    def several(self, keys: Sequence[Item]) -> list[Item]:
        """The items with these keys that there are, at most 100, in no order."""
        asked: dict[str, Any] = {
            self._name: {"Keys": [encode(key) for key in keys], "ConsistentRead": True}
        }
        found: list[Item] = []
        for _ in range(_TRIES if keys else 0):
            with translated():
                answer = self._client.batch_get_item(RequestItems=asked)
            found += map(decode, answer["Responses"].get(self._name, ()))
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return found
        if asked[self._name]["Keys"]:
            raise Retryable("some keys were not read")
        return found

    def left(self, kind: str, before: int, limit: int) -> list[Item]:
        """Keys of rows with work of this kind left since before a time (ms), oldest first.

        The index follows the table within moments, so a row is looked at again before it is acted
        upon.
        """
        with translated():
            page = self._client.query(
                TableName=self._name,
                IndexName=TODO,
                KeyConditionExpression="todo = :kind AND todo_at < :before",
                ExpressionAttributeValues=encode({":kind": kind, ":before": before}),
                Limit=limit,
            )
        return [decode(item) for item in page["Items"]]

    def scan(self, sk: str) -> Iterable[Item]:
        """Every item with this sort key: for tools and tests, never on the way of a mail."""
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "FilterExpression": "begins_with(sk, :sk)",
            "ExpressionAttributeValues": encode({":sk": sk}),
            "ConsistentRead": True,
        }
        while True:
            with translated():
                page = self._client.scan(**arguments)
            yield from map(decode, page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put(self, item: Item, condition: str = "", **values: Any) -> bool:
        """Write an item; False when the condition does not hold."""
        arguments: dict[str, Any] = {"TableName": self._name, "Item": encode(item)}
        return self._conditional(self._client.put_item, arguments, condition, values) is not None

    def update(self, key: Item, expression: str, condition: str = "", **values: Any) -> Item | None:
        """Update an item and return all of it; None when the condition does not hold.

        Names in expressions that DynamoDB reserves are written with a #: `#status`.
        """
        arguments: dict[str, Any] = {
            "TableName": self._name,
            "Key": encode(key),
            "UpdateExpression": expression,
            "ReturnValues": "ALL_NEW",
        }
        found = self._conditional(self._client.update_item, arguments, condition, values)
        return decode(found.get("Attributes", {})) if found is not None else None

    def change(self, key: Item, expression: str, **values: Any) -> Item | None:
        """Update an item that is there; None when there is none.

        A refusal is doubted: the answer may be wrong, or be that to a try of our own before.
        """
        item = self.update(key, expression, EXISTS, **values)
        if item is None and self.get(key) is not None:
            raise Retryable("refused without a reason")
        return item

    def transact(self, writes: Sequence[dict[str, Any]]) -> bool:
        """All of these writes or none; False when one of their conditions does not hold."""
        with translated():
            try:
                self._client.transact_write_items(TransactItems=list(writes))
            except ClientError as error:
                if _condition_failed(error):
                    return False
                raise
        return True

    def delete(self, key: Item) -> None:
        """Delete an item, if it is there."""
        with translated():
            self._client.delete_item(TableName=self._name, Key=encode(key))

    def putting(self, item: Item, condition: str = "", **values: Any) -> dict[str, Any]:
        """A put as a part of a transaction."""
        put: dict[str, Any] = {"TableName": self._name, "Item": encode(item)}
        return {"Put": _expressions(put, condition, values)}

    def deleting(self, key: Item) -> dict[str, Any]:
        """A delete as a part of a transaction."""
        return {"Delete": {"TableName": self._name, "Key": encode(key)}}

    def updating(
        self, key: Item, expression: str, condition: str = "", **values: Any
    ) -> dict[str, Any]:
        """An update as a part of a transaction."""
        update: dict[str, Any] = {
            "TableName": self._name,
            "Key": encode(key),
            "UpdateExpression": expression,
        }
        return {"Update": _expressions(update, condition, values)}

    @staticmethod
    def _conditional(
        call: Any, arguments: dict[str, Any], condition: str, values: dict[str, Any]
    ) -> dict[str, Any] | None:
        with translated():
            try:
                answer: dict[str, Any] = call(**_expressions(arguments, condition, values))
            except ClientError as error:
                if _condition_failed(error):
                    return None
                raise
        return answer


class Rows:
    """What the rows of every kind share: the table."""

    def __init__(self, table: Table) -> None:
        self._table = table


def _expressions(
    arguments: dict[str, Any], condition: str, values: dict[str, Any]
) -> dict[str, Any]:
    """Add condition, values (`name` stands for `:name`) and the names written with a #."""
    if condition:
        arguments["ConditionExpression"] = condition
    if values:
        arguments["ExpressionAttributeValues"] = encode(
            {f":{name}": value for name, value in values.items()}
        )
    text = f"{arguments.get('UpdateExpression', '')} {condition}"
    names = set(re.findall(r"#\w+", text))
    if names:
        arguments["ExpressionAttributeNames"] = {name: name[1:] for name in names}
    return arguments
