"""The agent page's files, published from this function's own package."""

import json
import mimetypes
from pathlib import Path
from typing import Any

import boto3

from .request import Request

FOLDER = Path(__file__).parents[3] / "page"
_FOREVER = "public, max-age=31536000, immutable"
_FRESH = "no-cache"


def apply(request: Request) -> dict[str, str]:
    """Upload the files and config.json, drop stale ones; a delete empties the bucket."""
    make: Any = boto3.client
    client = make("s3")
    bucket = str(request["Bucket"])
    files = {} if request.kind == "Delete" else _files(request)
    for name, (body, cache) in files.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        client.put_object(Bucket=bucket, Key=name, Body=body, ContentType=kind, CacheControl=cache)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    present = [entry["Key"] for found in pages for entry in found.get("Contents") or []]
    for name in present:
        if name not in files:
            client.delete_object(Bucket=bucket, Key=name)
    return {}


def _files(request: Request) -> dict[str, tuple[bytes, str]]:
    """name -> (bytes, Cache-Control). What has a hash in its name never changes."""
    found: dict[str, tuple[bytes, str]] = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            name = path.relative_to(FOLDER).as_posix()
            cache = _FOREVER if name.startswith("assets/") else _FRESH
            found[name] = (path.read_bytes(), cache)
    found["config.json"] = (json.dumps(_config(request)).encode(), _FRESH)
    return found


def _config(request: Request) -> dict[str, str]:
    url = str(request["InstanceUrl"])
    return {**request["Config"], "instanceUrl": url, "ccpUrl": f"{url}/ccp-v2/"}
