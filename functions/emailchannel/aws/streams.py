"""Records of DynamoDB streams as values. Source: DynamoDB API reference, StreamRecord."""

from collections.abc import Mapping
from typing import Any

from ..happened import Row
from .table import decode


def row_of(record: Mapping[str, Any]) -> Row:
    """The change of a row; an image that is not there is empty."""
    told = record["dynamodb"]
    old, new = (decode(told.get(name) or {}) for name in ("OldImage", "NewImage"))
    at = int(float(told.get("ApproximateCreationDateTime") or 0) * 1000)
    return Row(str(record["eventID"]), at, old, new)
