"""What the notifier has besides the channel: its rules, other buckets, and where failures go."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ..errors import Retryable
from ..notify.check import checked
from ..notify.rules import OURS, Rule
from .errors import code, translated
from .s3 import S3Mails
from .settings import names

_FILE: Final = Path(__file__).parents[2] / "notifications.yaml"
_LARGEST: Final = 200_000  # characters of a record that is set aside whole
_MISSING: Final = {"404", "NoSuchKey", "NotFound"}
_LINKS: Final = Config(
    signature_version="s3v4",
    s3={"addressing_style": "virtual"},
    retries={"mode": "standard", "total_max_attempts": 3},
    connect_timeout=2,
    read_timeout=10,
)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules that this function was deployed with; the build has checked them."""
    return checked(_FILE.read_text(encoding="utf-8"))


def table_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """(ARN of the stream's table, its name or OURS)."""
    arn = str(record["eventSourceARN"]).partition("/stream/")[0]
    name = arn.rpartition("/")[2]
    return arn, OURS if name == names().table else name


class S3Files:
    """`notify.tell.Files`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def size(self, bucket: str, key: str) -> int:
        """Bytes of an object; -1 when there is none, or we may not read it."""
        with translated():
            try:
                return int(self._client.head_object(Bucket=bucket, Key=key)["ContentLength"])
            except ClientError as error:
                if code(error) in _MISSING | {"403", "AccessDenied"}:
                    return -1
                raise

    def read(self, bucket: str, key: str) -> bytes:
        """The object's bytes."""
        body = S3Mails(self._client, bucket).read(key)
        if body is None:
            raise Retryable("an attachment has gone")
        return body

    def link(self, bucket: str, key: str, filename: str, seconds: int) -> str:
        """A presigned GET that downloads under this name."""
        return S3Mails(self._client, bucket).link(
            key, filename, "application/octet-stream", seconds
        )


@lru_cache(maxsize=1)
def files() -> S3Files:
    """Other buckets, as this worker's role may read them."""
    make: Any = boto3.client
    return S3Files(make("s3", config=_LINKS))


@lru_cache(maxsize=1)
def _sqs() -> Any:
    make: Any = boto3.client
    return make("sqs")


def set_aside(record: Mapping[str, Any], reason: str) -> None:
    """Keep a record that no mail can be made of where an operator finds it."""
    whole = {"reason": reason, "record": record}
    text = json.dumps(whole, default=_plain)
    if len(text) > _LARGEST:
        told = {name: record[name] for name in ("eventID", "eventName", "eventSourceARN")}
        text = json.dumps({"reason": reason, "record": told}, default=_plain)
    with translated():
        _sqs().send_message(QueueUrl=names().news_failures, MessageBody=text)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
