"""The key of the messages API: made, renewed with each deployment, and followed by the next one.

CloudFormation's own type wants the day a key dies, as a number that no template can compute, and
deletes the key before at once. A key is found again by what it is described as, so that whatever is
repeated or taken back finds the same one. With its API it goes.
Source: AWS AppSync API reference, CreateApiKey, UpdateApiKey: a key lives 1 to 365 days.
"""

import time
from typing import Any, Final

from ...moments import iso
from .client import patient
from .request import Request

_DAY: Final = 24 * 3600
_LIFE: Final = 365 * _DAY - 3600  # AppSync counts whole hours
_FAREWELL: Final = 7 * _DAY  # that a key lives on when there is a newer one


def apply(request: Request) -> dict[str, str]:
    """The key with this Number of the API ApiId: {Key, Expires}."""
    if request.kind == "Delete":
        return {}
    client, api_id = patient("appsync"), str(request["ApiId"])
    known = _keys(client, api_id)
    wanted = f"key {request['Number']}"
    until = int(time.time()) + _LIFE
    if wanted in known:
        key = known[wanted]
        client.update_api_key(apiId=api_id, id=key["id"], description=wanted, expires=until)
    else:
        key = client.create_api_key(apiId=api_id, description=wanted, expires=until)["apiKey"]
    soon = int(time.time()) + _FAREWELL
    for name, other in known.items():
        if name != wanted and int(other["expires"]) > soon:
            client.update_api_key(apiId=api_id, id=other["id"], description=name, expires=soon)
    return {"Key": str(key["id"]), "Expires": iso(until * 1000)}


def _keys(client: Any, api_id: str) -> dict[str, Any]:
    """Our keys by what they are described as; others have been made by hand, and are left alone."""
    pages = client.get_paginator("list_api_keys").paginate(apiId=api_id)
    found = [key for page in pages for key in page["apiKeys"]]
    return {key["description"]: key for key in found if _is_ours(key.get("description") or "")}


def _is_ours(description: str) -> bool:
    word, _, number = description.partition(" ")
    return word == "key" and number.isdigit()
