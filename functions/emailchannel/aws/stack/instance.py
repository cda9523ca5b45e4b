"""The Connect instance the stack belongs to: there, in this region, and where its pages are."""

from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from ..errors import code
from .client import patient
from .request import Request
from .words import Refused

_MISSING = {"ResourceNotFoundException", "InvalidRequestException", "InvalidParameterException"}


def apply(request: Request) -> dict[str, str]:
    """`Url` of the instance's pages without a slash at its end, and its `Origin`.

    Raises Refused when the instance is elsewhere, unknown or not ready.
    """
    if request.kind == "Delete":
        return {}
    _here(request)
    try:
        found: Any = patient("connect").describe_instance(InstanceId=request.instance_id)
    except ClientError as error:
        if code(error) not in _MISSING:
            raise
        raise Refused(
            f"There is no Amazon Connect instance {request.instance_id} in {request.region}. Take"
            " AmazonConnectInstanceArn from the instance's page in the Amazon Connect console."
        ) from error
    instance = found["Instance"]
    status = instance.get("InstanceStatus", "ACTIVE")
    if status != "ACTIVE":
        raise Refused(f"The Amazon Connect instance is {status}, not ACTIVE. Deploy when it is.")
    url = str(instance["InstanceAccessUrl"]).rstrip("/")
    parts = urlsplit(url)
    return {"Url": url, "Origin": f"{parts.scheme}://{parts.netloc}"}


def _here(request: Request) -> None:
    region, account = str(request["InstanceArn"]).split(":")[3:5]
    if (region, account) != (request.region, request.account):
        raise Refused(
            f"The Amazon Connect instance is in {region} of account {account}, the stack in"
            f" {request.region} of {request.account}. Deploy where the instance is."
        )
