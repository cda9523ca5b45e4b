"""The mail bucket. Links are SigV4 and name the bucket's regional host (S3 user guide)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from ..ports import Stored
from .errors import code, translated

_AT_ONCE = 10  # objects: as many connections as a client of botocore keeps
_MISSING = {"NoSuchKey", "404", "NotFound", "InvalidRange"}


class S3Mails:
    """`ports.Mails` over one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> bytes | None:
        """The object's bytes, or None when there is no such object."""
        return self._read(key)

    def several(self, keys: Sequence[str]) -> list[bytes | None]:
        """The objects with these keys, read at the same time; None where there is none."""
        if len(keys) < 2:
            return [self.read(key) for key in keys]
        with ThreadPoolExecutor(min(len(keys), _AT_ONCE)) as readers:
            return list(readers.map(self.read, keys))

    def start(self, key: str, octets: int) -> bytes | None:
        """The first bytes of an object that is not empty, or None when there is no such object."""
        return self._read(key, Range=f"bytes=0-{octets - 1}")

    def _read(self, key: str, **more: str) -> bytes | None:
        with translated():
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, **more)
            except ClientError as error:
                if code(error) in _MISSING:
                    return None
                raise
            body: bytes = answer["Body"].read()
        return body

    def written_at(self, key: str) -> int:
        """When an object was written, in milliseconds; 0 when there is none."""
        found = self._head(key)
        return int(found["LastModified"].timestamp() * 1000) if found else 0

    def size(self, key: str) -> int:
        """How many bytes an object has; -1 when there is none."""
        found = self._head(key)
        return int(found["ContentLength"]) if found else -1

    def _head(self, key: str) -> dict[str, Any] | None:
        with translated():
            try:
                found: dict[str, Any] = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if code(error) in _MISSING:
                    return None
                raise
        return found

    def place(self, key: str, size: int, seconds: int) -> tuple[str, dict[str, str]]:
        """A presigned PUT for exactly so many bytes, and the headers that must come with it.

        What the bytes are is nobody's business here: they are kept as bytes.
        """
        content_type = "application/octet-stream"
        url: str = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ContentType": content_type,
                "ContentLength": size,
            },
            ExpiresIn=seconds,
        )
        return url, {"Content-Type": content_type}  # a browser sets Content-Length itself

    def write(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object; the same call again changes nothing."""
        with translated():
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType=content_type
            )

    def page(self, prefix: str, after: str = "") -> tuple[list[Stored], str]:
        """Up to 1,000 objects by key, and where the next page goes on (empty: nowhere)."""
        with translated():
            answer = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=prefix, StartAfter=after
            )
        found = [
            Stored(entry["Key"], int(entry["LastModified"].timestamp() * 1000))
            for entry in answer.get("Contents", ())
        ]
        return found, found[-1].key if answer.get("IsTruncated") and found else ""

    def link(self, key: str, filename: str, content_type: str, seconds: int) -> str:
        """A presigned GET that always downloads, under this name and as this type.

        It dies after `seconds`, or with the credentials that signed it if they die first.
        """
        plain = "".join(
            c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in filename
        )
        disposition = (
            f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
        )
        url: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": disposition,
                "ResponseContentType": content_type,
            },
            ExpiresIn=seconds,
        )
        return url
