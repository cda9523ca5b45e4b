"""The fields of schema.graphql, and the errors that they raise.

Source: AWS AppSync developer guide, "Direct Lambda resolvers" and "Resolver context".
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from aws_lambda_powertools.event_handler import AppSyncResolver

from ..app import cases, conversation, read, send
from ..app.letter import LARGEST
from ..app.values import EMAIL, NEWEST_FIRST, Ask, Place, Refused
from ..case import Case
from ..mail.values import Attachment
from ..moments import milliseconds
from .channel import channel

_BURST: Final = 2.0  # seconds' worth of requests that may come at once
_PATIENCE: Final = 1.5  # seconds a request waits for its turn


class Refusal(Exception):
    """Something the caller can put right, or wait for. The message begins with its type."""

    def __init__(self, words: str) -> None:
        super().__init__(f"{type(self).__name__}: {words}")


class InvalidRecipient(Refusal):
    """Nothing can be sent to this address or number."""


class InvalidInput(Refusal):
    """The request says something that it may not."""


class Suppressed(Refusal):
    """Mail to this address has bounced, or was complained of."""


class TooLarge(Refusal):
    """Too long a text, too many or too large attachments."""


class Throttled(Refusal):
    """More requests than this caller may make."""


class NotFound(Refusal):
    """There is no such thing."""


class Conflict(Refusal):
    """It contradicts what was asked before, or the state of the case."""


class Busy(Refusal):
    """AWS did not answer in time."""


class Failed(Refusal):
    """A fault of the channel's own."""


ERRORS: Final = {
    kind.__name__: kind
    for kind in (
        InvalidRecipient,
        InvalidInput,
        Suppressed,
        TooLarge,
        Throttled,
        NotFound,
        Conflict,
        Busy,
        Failed,
    )
}


@lru_cache(maxsize=1)
def resolver() -> AppSyncResolver:
    """The resolver of this worker."""
    make: Any = AppSyncResolver
    made: AppSyncResolver = make()
    for (kind, name), work in FIELDS.items():
        made.resolver(type_name=kind, field_name=name)(work)
    return made


def _publish(event: dict[str, Any]) -> dict[str, Any]:
    """What a subscription hears: AppSync lets nobody but our publisher say it."""
    return event


def _message(id: str) -> dict[str, Any] | None:
    _take_turn()
    return read.message(channel(), id)


def _get_messages(
    filter: Mapping[str, Any],
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    _take_turn()
    since = filter.get("since")
    wanted = read.Filter(
        filter.get("to") or "",
        filter.get("senderId") or "",
        filter.get("recipientId") or "",
        filter.get("caseId") or "",
        milliseconds(since) if since else 0,
        filter.get("deliveryMethod") or "",
    )
    return read.of_page(_checked(read.listed(channel(), wanted, first, after or "")))


def _conversation(
    caseId: str,  # noqa: N803
    first: int | None = None,
    after: str | None = None,
    order: str | None = None,
) -> dict[str, Any] | None:
    _take_turn()
    case = cases.known(channel(), caseId)
    if case is None:
        return None
    return _shown(case, first, after or "", newest_first=order == NEWEST_FIRST)


def _shown(
    case: Case, first: int | None = None, after: str = "", *, newest_first: bool = False
) -> dict[str, Any]:
    found = read.thread(channel(), case, first, after, newest_first=newest_first)
    return read.conversation(channel(), case, _checked(found))


def _send(input: Mapping[str, Any]) -> dict[str, Any]:
    _take_turn()
    asked = Ask(
        to=input["to"],
        subject=input.get("subject") or "",
        method=input.get("deliveryMethod") or EMAIL,
        from_=input.get("from") or "",
        case_id=input.get("caseId") or "",
        **_words(input),
    )
    return _sent(send.send(channel(), asked))


def _open(
    to: str,
    subject: str,
    task: bool | None = None,
    idempotencyKey: str | None = None,  # noqa: N803
    **more: Any,  # from, which Python keeps for itself
) -> dict[str, Any]:
    _take_turn()
    sender = more.get("from") or ""
    found = conversation.begin(
        channel(), to, subject, sender, task=bool(task), key=idempotencyKey or ""
    )
    return _shown(_checked(found))


def _post(caseId: str, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803
    _take_turn()
    return _sent(conversation.post(channel(), caseId, Ask(to="", **_words(input))))


def _words(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "body": given.get("body") or "",
        "html": given.get("html") or "",
        "sender_id": given.get("senderId") or "",
        "recipient_id": given.get("recipientId") or "",
        "attachments": tuple(map(_attachment, given.get("attachments") or ())),
        "key": given.get("idempotencyKey") or "",
    }


def _attachment(given: Mapping[str, Any]) -> Attachment:
    content = given["content"]
    if len(content) > 2 * LARGEST:
        raise TooLarge(f"All attachments may have {LARGEST // 1_000_000} MB together.")
    try:
        payload = base64.b64decode(content, validate=True)
    except (ValueError, binascii.Error):
        raise InvalidInput("The content of an attachment is not base64.") from None
    content_id = given.get("contentId") or None
    kind = given.get("contentType") or ""
    return Attachment(given["filename"], kind, len(payload), content_id, False, payload)


def _sent(found: Place | Refused) -> dict[str, Any]:
    value = read.of_place(channel(), _checked(found))
    if value is None:
        raise Busy("The message is kept, and could not be read yet. Ask again.")
    return value


def _checked(found: Any) -> Any:
    if isinstance(found, Refused):
        raise ERRORS[found.kind](found.words)
    return found


def _take_turn() -> None:
    """Wait for a turn of this caller. Raises Throttled when it asks too much."""
    rate = float(channel().settings.api_requests_per_second)
    event = resolver().current_event
    name = f"api#{_caller(event.raw_event if event else {})}"
    waited = 0.0
    while wait := channel().cases.pass_gate(name, rate, max(1.0, _BURST * rate), channel().now()):
        if waited + wait > _PATIENCE:
            raise Throttled(f"At most {rate:g} requests a second. Wait a moment.")
        channel().pause(wait)
        waited += wait


def _caller(event: Mapping[str, Any]) -> str:
    """Who asks, as a hash: the API key, or the principal of IAM."""
    identity = event.get("identity") or {}
    headers = (event.get("request") or {}).get("headers") or {}
    who = str(identity.get("userArn") or headers.get("x-api-key") or "")
    return hashlib.sha256(who.encode()).hexdigest()[:16]


FIELDS: Final = {
    ("Query", "message"): _message,
    ("Query", "getMessages"): _get_messages,
    ("Query", "conversation"): _conversation,
    ("Mutation", "sendMessage"): _send,
    ("Mutation", "openConversation"): _open,
    ("Mutation", "postMessage"): _post,
    ("Mutation", "publishMessage"): _publish,
    ("Mutation", "publishDeliveryStatus"): _publish,
}
