"""The channel's messages API as this app uses it: four questions, and its errors in sentences."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Final

from .web import Refused

PAGE: Final = 30  # messages at a time
_PATIENCE: Final = 25.0  # seconds
_FIELDS = """
  id direction deliveryStatus deliveryReason createdAt from body authenticated caseId
  attachments { filename contentType size }
"""
_OPEN = """mutation Open($to: String!, $subject: String!, $key: String) {
  openConversation(to: $to, subject: $subject, idempotencyKey: $key) { caseId }
}"""
_POST = f"""mutation Post($case: ID!, $input: PostMessageInput!) {{
  postMessage(caseId: $case, input: $input) {{ {_FIELDS} }}
}}"""
_STATE = """query State($case: ID!, $first: Int) {
  conversation(caseId: $case, first: $first, order: NEWEST_FIRST) {
    open messages { data { id deliveryStatus deliveryReason } }
  }
}"""
_READ = f"""query Read($case: ID!, $first: Int, $after: String) {{
  conversation(caseId: $case, first: $first, after: $after, order: NEWEST_FIRST) {{
    subject to replyTo open
    messages {{ data {{ {_FIELDS} }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}"""
_FILE = "query File($id: ID!) { message(id: $id) { caseId attachments { url } } }"

# errorType of the schema -> status and sentence for the page
SENTENCES: Final = {
    "Suppressed": (
        409,
        "Mail to this address came back, or its owner complained: nothing is sent to it any more.",
    ),
    "InvalidRecipient": (400, "Mail cannot be sent to this address. Is it written right?"),
    "InvalidInput": (400, "This cannot be sent as it is."),
    "TooLarge": (413, "This is too large to be sent by mail. Take fewer or smaller files."),
    "Throttled": (429, "There is too much to do just now."),
    "NotFound": (404, "This conversation is no longer there."),
    "Conflict": (409, "Something else was sent in its place. Please send it again."),
    "Busy": (503, "The mail service is busy."),
    "Failed": (502, "Something is wrong with the mail service."),
}
_NAMES_OF_APPSYNC = {
    "ThrottledException": "Throttled",
    "TooManyRequestsException": "Throttled",
    "UnauthorizedException": "Misconfigured",
    "Unauthorized": "Misconfigured",
}
_OF_THIS_APP = {
    "Unreachable": (502, "The mail service cannot be reached."),
    "Misconfigured": (502, "The mail service does not let this app in."),
}
_WAITS = {429: 2, 502: 2, 503: 2}  # seconds until it is worth while to ask again


@dataclass(frozen=True)
class Api:
    """The API under its URL, with its key. All calls raise Refused."""

    url: str
    key: str = field(repr=False)

    def open(self, to: str, subject: str, key: str) -> str:
        """The case id of a new conversation; of the same one for the same key."""
        answer = self._ask(_OPEN, to=to, subject=subject, key=key)
        return str(_there(answer["openConversation"])["caseId"])

    def post(self, case_id: str, wanted: dict[str, Any]) -> dict[str, Any]:
        """Say something; `wanted` is a PostMessageInput. The Message."""
        answer = self._ask(_POST, case=case_id, input=wanted)
        return _there(answer["postMessage"])

    def state(self, case_id: str) -> dict[str, Any]:
        """The Conversation with no more than what may have changed in it."""
        return _there(self._ask(_STATE, case=case_id, first=PAGE)["conversation"])

    def read(self, case_id: str, after: str | None) -> dict[str, Any]:
        """The Conversation with a page of its messages, newest first."""
        answer = self._ask(_READ, case=case_id, first=PAGE, after=after)
        return _there(answer["conversation"])

    def file(self, case_id: str, message_id: str, number: int) -> str:
        """A fresh link to a file of this conversation."""
        found = _there(self._ask(_FILE, id=message_id)["message"])
        if found["caseId"] != case_id or number >= len(found["attachments"]):
            raise _refusal("NotFound")
        return str(found["attachments"][number]["url"])

    def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        content = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json", "x-api-key": self.key}
        request = urllib.request.Request(self.url, content, headers)
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as reply:
                answer = json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise _refused_call(error.code) from None
        except (OSError, ValueError):
            raise _refusal("Unreachable") from None
        if errors := answer.get("errors"):
            raise _refusal(str(errors[0].get("errorType")))
        found: dict[str, Any] = answer["data"]
        return found


def _there(found: Any) -> dict[str, Any]:
    if found is None:
        raise _refusal("NotFound")
    answer: dict[str, Any] = found
    return answer


def _refused_call(status: int) -> Refused:
    """AppSync answers with a status of HTTP where no resolver was asked."""
    kinds = {401: "Misconfigured", 403: "Misconfigured", 413: "TooLarge", 429: "Throttled"}
    return _refusal(kinds.get(status, "Unreachable"))


def _refusal(error_type: str) -> Refused:
    kind = _NAMES_OF_APPSYNC.get(error_type, error_type)
    known = SENTENCES | _OF_THIS_APP
    kind = kind if kind in known else "Unreachable"
    status, sentence = known[kind]
    return Refused(status, kind, sentence, wait=_WAITS.get(status, 0))
