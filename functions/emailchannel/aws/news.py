"""Amazon EventBridge and the mutations that feed AppSync's subscriptions.

Sources: EventBridge API reference, PutEvents (10 entries); AWS AppSync developer guide,
"Authorization and authentication" (IAM: SigV4 for the service appsync).
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from ..errors import Retryable, Unprocessable
from ..happened import Event, Publication
from .errors import translated
from .settings import names

SOURCE: Final = "email-channel"
_AT_ONCE: Final = 10
_SERVER: Final = 500
_THROTTLED: Final = 429
_QUICK: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=2, read_timeout=4
)
# The answer has what subscribers may ask for and filter by: AppSync hands on no more.
_FIELDS: Final = {
    "publishMessage": ("MessageEventInput", "caseId id direction createdAt"),
    "publishDeliveryStatus": (
        "DeliveryStatusEventInput",
        "to id caseId deliveryStatus deliveryReason at",
    ),
}


class Teller:
    """Tells others what has happened."""

    def __init__(self, client: Any, bus: str, url: str, session: Any) -> None:
        self._client, self._bus, self._url, self._session = client, bus, url, session
        self._http = URLLib3Session(timeout=(2, 5))

    def tell(self, events: Sequence[Event]) -> None:
        """Put events on the bus. Raises Retryable when one was not taken."""
        for start in range(0, len(events), _AT_ONCE):
            entries = [self._entry(event) for event in events[start : start + _AT_ONCE]]
            with translated():
                answer = self._client.put_events(Entries=entries)
            if answer["FailedEntryCount"]:
                failed = [entry for entry in answer["Entries"] if entry.get("ErrorCode")]
                raise Retryable(str(failed[0]["ErrorCode"]) if failed else "event not taken")

    def _entry(self, event: Event) -> dict[str, Any]:
        return {
            "Source": SOURCE,
            "DetailType": event.kind,
            "Detail": json.dumps(event.detail),
            "EventBusName": self._bus,
        }

    def publish(self, publication: Publication) -> None:
        """Call a publish mutation. Raises Retryable, or Unprocessable when it is refused."""
        kind, fields = _FIELDS[publication.mutation]
        name = publication.mutation
        query = f"mutation($event: {kind}!) {{ {name}(event: $event) {{ {fields} }} }}"
        body = json.dumps({"query": query, "variables": {"event": publication.event}})
        request = AWSRequest("POST", self._url, {"content-type": "application/json"}, body)
        credentials = self._session.get_credentials()
        SigV4Auth(credentials, "appsync", self._session.region_name).add_auth(request)
        try:
            answer = self._http.send(request.prepare())
        except BotoCoreError as error:
            raise Retryable(type(error).__name__) from error
        if answer.status_code >= _SERVER or answer.status_code == _THROTTLED:
            raise Retryable(f"appsync-{answer.status_code}")
        if answer.status_code >= 400 or json.loads(answer.content).get("errors"):
            raise Unprocessable(f"appsync-{answer.status_code}")


@lru_cache(maxsize=1)
def teller() -> Teller:
    """The teller of this worker, from its environment."""
    named, make = names(), boto3.client
    client: Any = make("events", config=_QUICK)
    return Teller(client, named.event_bus, named.graphql_url, boto3.session.Session())
