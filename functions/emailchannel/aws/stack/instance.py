"""The Connect instance the stack belongs to: there, in this region, and where its pages are."""

from typing import Any
from urllib.parse import urlsplit

import boto3

from .request import Request


def apply(request: Request) -> dict[str, str]:
    """`Url` of the instance's pages without a slash at its end, and its `Origin`."""
    if request.kind == "Delete":
        return {}
    make: Any = boto3.client
    instance = make("connect").describe_instance(InstanceId=request.instance_id)["Instance"]
    url = str(instance["InstanceAccessUrl"]).rstrip("/")
    parts = urlsplit(url)
    return {"Url": url, "Origin": f"{parts.scheme}://{parts.netloc}"}
