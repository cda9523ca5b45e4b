"""The agent page's files, published from this function's own package.

Only what differs is written. What a new page needs is there before the page itself, and what only
the old one needed goes last. An agent who has the old one open has loaded it all: the one file that
comes later, the workspace's, is asked for as the page starts.
"""

import hashlib
import json
import mimetypes
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from ..errors import code
from .client import patient
from .request import Request

FOLDER: Final = Path(__file__).parents[3] / "page"
INDEX: Final = "index.html"
CONFIG: Final = "config.json"
_FOREVER: Final = "public, max-age=31536000, immutable"
_FRESH: Final = "no-cache"
_AT_ONCE: Final = 1000  # keys that DeleteObjects takes
_HEAD: Final = "<head>"
# mimetypes reads the machine's own list: Lambda has none
_TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


def apply(request: Request) -> dict[str, str]:
    """Upload the files and config.json, drop stale ones; a delete empties the bucket."""
    client = patient("s3")
    bucket = str(request["Bucket"])
    if request.kind == "Delete":
        _empty(client, bucket)
        return {}
    files, present = _files(request), _present(client, bucket)
    for name in sorted(files, key=lambda name: (name == INDEX, name == CONFIG, name)):
        body, cache = files[name]
        if present.get(name) != hashlib.md5(body, usedforsecurity=False).hexdigest():
            client.put_object(
                Bucket=bucket, Key=name, Body=body, ContentType=_type(name), CacheControl=cache
            )
    _drop(client, bucket, present.keys() - files.keys())
    return {}


def _empty(client: Any, bucket: str) -> None:
    try:
        _drop(client, bucket, _present(client, bucket))
    except ClientError as error:
        if code(error) != "NoSuchBucket":  # deleted by hand: then there is nothing to do
            raise


def _drop(client: Any, bucket: str, names: Iterable[str]) -> None:
    keys = [{"Key": name} for name in sorted(names)]
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        client.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})


def _present(client: Any, bucket: str) -> dict[str, str]:
    """name -> MD5 of the bytes, which is the ETag of what S3 encrypts with its own keys."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {
        entry["Key"]: entry["ETag"].strip('"')
        for found in pages
        for entry in found.get("Contents") or []
    }


def _type(name: str) -> str:
    known = _TYPES.get(Path(name).suffix)
    return known or mimetypes.guess_type(name)[0] or "application/octet-stream"


def _files(request: Request) -> dict[str, tuple[bytes, str]]:
    """name -> (bytes, Cache-Control). What has a hash in its name never changes."""
    found: dict[str, tuple[bytes, str]] = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            name = path.relative_to(FOLDER).as_posix()
            cache = _FOREVER if name.startswith("assets/") else _FRESH
            found[name] = (path.read_bytes(), cache)
    if INDEX in found:
        found[INDEX] = (_narrowed(found[INDEX][0].decode(), request).encode(), _FRESH)
    found[CONFIG] = (json.dumps(_config(request)).encode(), _FRESH)
    return found


def _narrowed(page: str, request: Request) -> str:
    """The page with a policy that names what it may call; a header cannot (decision 10).

    Source: Content Security Policy Level 3, section 3.3, "The <meta> element".
    """
    allowed = " ".join(["'self'", *request["ConnectTo"]])
    policy = f'<meta http-equiv="Content-Security-Policy" content="connect-src {allowed}" />'
    return page.replace(_HEAD, f"{_HEAD}\n    {policy}", 1)


def _config(request: Request) -> dict[str, str]:
    url = str(request["InstanceUrl"])
    return {**request["Config"], "instanceUrl": url, "ccpUrl": f"{url}/ccp-v2/"}
