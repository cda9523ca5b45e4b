"""The messages API as other systems call it: over HTTP, through a GraphQL client library."""

from datetime import UTC, datetime

import pytest
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport

MESSAGE = """
    id direction deliveryMethod deliveryStatus deliveryReason createdAt from to subject body html
    attachments { filename contentType size inline contentId url }
    senderId recipientId caseId authenticated segments encoding
"""
PAGE = f"data {{ {MESSAGE} }} pageInfo {{ hasNextPage endCursor }}"
SEND = f"mutation($input: SendMessageInput!) {{ sendMessage(input: $input) {{ {MESSAGE} }} }}"
POST = f"""mutation($caseId: ID!, $input: PostMessageInput!) {{
    postMessage(caseId: $caseId, input: $input) {{ {MESSAGE} }} }}"""
OPEN = f"""mutation($to: String!, $subject: String!, $from: String, $task: Boolean, $key: String) {{
    openConversation(to: $to, subject: $subject, from: $from, task: $task, idempotencyKey: $key) {{
        caseId subject to replyTo open messages {{ {PAGE} }} }} }}"""
LIST = f"""query($filter: MessageFilter!, $first: Int, $after: String) {{
    getMessages(filter: $filter, first: $first, after: $after) {{ {PAGE} }} }}"""
TALK = f"""query($caseId: ID!, $first: Int, $after: String, $order: Order) {{
    conversation(caseId: $caseId, first: $first, after: $after, order: $order) {{
        caseId subject to replyTo open messages {{ {PAGE} }} }} }}"""
ONE = f"query($id: ID!) {{ message(id: $id) {{ {MESSAGE} }} }}"


class Api:
    """Calls with the key of a deployed stack."""

    def __init__(self, s, key=None):
        headers = {"x-api-key": key or s.outputs["MessagesApiKey"]}
        transport = RequestsHTTPTransport(s.outputs["MessagesApiUrl"], headers=headers)
        self._client = Client(transport=transport)

    def ask(self, query, **variables):
        """The one field that was asked for."""
        request = GraphQLRequest(query, variable_values=variables)
        [found] = self._client.execute(request).values()
        return found

    def send(self, to="ann@customer.example", subject="Hello", body="Hello Ann.", **more):
        return self.ask(SEND, input={"to": to, "subject": subject, "body": body, **more})

    def open(self, to="ann@customer.example", subject="Your order", **more):
        return self.ask(OPEN, to=to, subject=subject, **more)

    def post(self, case_id, body="It has left.", **more):
        return self.ask(POST, caseId=case_id, input={"body": body, **more})

    def one(self, identity):
        return self.ask(ONE, id=identity)

    def list(self, first=None, after=None, **wanted):
        return self.ask(LIST, filter=wanted, first=first, after=after)

    def talk(self, case_id, **more):
        return self.ask(TALK, caseId=case_id, **more)

    def thread(self, case_id, **more):
        return self.talk(case_id, **more)["messages"]["data"]


def refused(kind, call, *given, **more):
    """The call is refused with this errorType; returns what it says."""
    with pytest.raises(TransportQueryError) as found:
        call(*given, **more)
    [error] = found.value.errors
    assert error["errorType"] == kind, error
    assert error["message"].startswith(f"{kind}: ")
    return error["message"].partition(": ")[2]


def bounce(sent, kind="Bounce", code="550 5.1.1 no such user", **detail):
    """An SES event about a mail of ours that was sent."""
    recipient = {"emailAddress": sent["recipients"][0], "diagnosticCode": f"smtp; {code}"}
    recipient["status"] = "5.1.1"
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [recipient],
        "timestamp": now,
        **detail,
    }
    mail = {
        "messageId": sent["message_id"],
        "timestamp": now,
        "destination": sent["recipients"],
        "tags": {name: [value] for name, value in sent["tags"].items()},
    }
    return {"eventType": kind, "mail": mail, "bounce": told}
