"""Amazon Connect: tasks and users. Sources: Amazon Connect API reference, StartTaskContact,
UpdateContact, UpdateContactAttributes, DescribeContact, DescribeUser, SearchUsers."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ..case import Agent
from ..errors import Retryable
from ..mail.address import normalise
from .errors import code, translated

_PARK = 300  # seconds to wait when the instance has as many open tasks as it may have


def _references(references: Mapping[str, str]) -> dict[str, dict[str, str]]:
    # An empty reference is said to freeze the agent's panel: leave it out.
    return {name: {"Type": "URL", "Value": url} for name, url in references.items() if url}


class ConnectContacts:
    """`ports.Contacts`."""

    def __init__(self, client: Any, instance_id: str, flow_id: str) -> None:
        self._client = client
        self._instance = instance_id
        self._flow = flow_id

    def start(
        self,
        token: str,
        name: str,
        description: str,
        attributes: dict[str, str],
        references: dict[str, str],
    ) -> str:
        """Start a task; the same token gives the same contact. Returns its id."""
        request: dict[str, Any] = {
            "InstanceId": self._instance,
            "ContactFlowId": self._flow,
            "ClientToken": token,
            "Name": name,
            "Description": description,
            "Attributes": attributes,
            "References": _references(references),
        }
        with translated():
            try:
                answer = self._client.start_task_contact(**request)
            except ClientError as error:
                if code(error) == "ServiceQuotaExceededException":
                    raise Retryable("open-task-quota", after=_PARK) from error
                raise
        return str(answer["ContactId"])

    def update(
        self, contact_id: str, name: str, attributes: dict[str, str], references: dict[str, str]
    ) -> bool:
        """Put a newer mail into an open task; False when the task is over or gone.

        Connect accepts attributes of a finished contact without a word, so it is asked first.
        """
        with translated():
            try:
                found = self._client.describe_contact(
                    InstanceId=self._instance, ContactId=contact_id
                )
                if found["Contact"].get("DisconnectTimestamp"):
                    return False
                initial = found["Contact"].get("InitialContactId") or contact_id
                self._client.update_contact(
                    InstanceId=self._instance,
                    ContactId=contact_id,
                    Name=name,
                    References=_references(references),
                )
                self._client.update_contact_attributes(
                    InstanceId=self._instance, InitialContactId=initial, Attributes=attributes
                )
            except ClientError as error:
                if code(error) in {"ResourceNotFoundException", "InvalidRequestException"}:
                    return False
                raise
        return True

    def over(self, contact_id: str) -> tuple[str, int]:
        """Why a contact is over, in Connect's word, and since when (ms); ("", 0) while it lives."""
        with translated():
            try:
                found = self._client.describe_contact(
                    InstanceId=self._instance, ContactId=contact_id
                )["Contact"]
            except ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return "GONE", 0
                raise
        ended = found.get("DisconnectTimestamp")
        if not ended:
            return "", 0
        return str(found.get("DisconnectReason") or "OTHER"), int(ended.timestamp() * 1000)

    def refer(self, contact_id: str, references: dict[str, str]) -> None:
        """Renew the references of a contact; a flow is waiting, so once, and failing is no drama.

        The link in the attributes is renewed by the flow itself; this one can be had again from
        the page.
        """
        try:
            with translated():
                self._client.update_contact(
                    InstanceId=self._instance,
                    ContactId=contact_id,
                    References=_references(references),
                )
        except (Retryable, ClientError) as error:
            if isinstance(error, ClientError) and code(error) == "AccessDeniedException":
                raise


class ConnectUsers:
    """`ports.Users`."""

    def __init__(self, client: Any, instance_id: str) -> None:
        self._client = client
        self._instance = instance_id

    def describe(self, user_id: str) -> Agent | None:
        """The user with his addresses and the queues of his routing profile; None when deleted."""
        with translated():
            try:
                user = self._client.describe_user(InstanceId=self._instance, UserId=user_id)["User"]
            except ClientError as error:
                if code(error) == "ResourceNotFoundException":
                    return None
                raise
            queues = self._queues(user.get("RoutingProfileId", ""))
        identity = user.get("IdentityInfo") or {}
        addresses = (identity.get("Email"), identity.get("SecondaryEmail"), user["Username"])
        name = f"{identity.get('FirstName', '')} {identity.get('LastName', '')}".strip()
        return Agent(
            id=user["Id"],
            arn=user["Arn"],
            username=user["Username"],
            name=name,
            addresses=tuple(dict.fromkeys(normalise(a) for a in addresses if a and "@" in a)),
            queues=queues,
        )

    def _queues(self, profile_id: str) -> tuple[str, ...]:
        if not profile_id:
            return ()
        request: dict[str, Any] = {
            "InstanceId": self._instance,
            "RoutingProfileId": profile_id,
            "MaxResults": 100,
        }
        found: list[str] = []
        while True:
            page = self._client.list_routing_profile_queues(**request)
            found += [
                entry["QueueArn"]
                for entry in page["RoutingProfileQueueConfigSummaryList"]
                if entry["Channel"] == "TASK"
            ]
            if not page.get("NextToken"):
                return tuple(dict.fromkeys(found))
            request["NextToken"] = page["NextToken"]

    def named(self, username: str) -> list[str]:
        """The ids of users with exactly this user name."""
        with translated():
            answer = self._client.search_users(
                InstanceId=self._instance,
                SearchCriteria={
                    "StringCondition": {
                        "FieldName": "Username",
                        "Value": username,
                        "ComparisonType": "EXACT",
                    }
                },
            )
        return [user["Id"] for user in answer["Users"]]
