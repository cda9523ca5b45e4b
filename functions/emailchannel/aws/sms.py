"""AWS End User Messaging SMS: one attempt. Source: API reference v2, SendTextMessage.

As with mail, the SDK's own retries are off: the service has no idempotency token, and a retry after
a lost answer sends (and bills) the text twice.
"""

from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from ..ports import Accepted, NotAccepted, Outgoing, Unsure
from .errors import THROTTLES, code, status


class SmsTexts:
    """`ports.Texts`. Without a configuration set no receipts come."""

    def __init__(self, client: Any, configuration_set: str) -> None:
        self._client = client
        self._configuration_set = configuration_set

    def send(self, outgoing: Outgoing, text: str) -> Accepted | NotAccepted | Unsure:
        """Hand one frozen text to the service, with the context by which receipts find back."""
        try:
            answer = self._client.send_text_message(**self._request(outgoing, text))
        except (EndpointConnectionError, ConnectTimeoutError):
            return NotAccepted("sms-unreachable", again=True)  # no connection, so no text
        except ParamValidationError:  # the SDK itself refused: nothing was sent
            return NotAccepted("ValidationException", again=False)
        except ClientError as error:
            if code(error) in THROTTLES:
                return NotAccepted(code(error), again=True)
            if status(error) >= 500:
                return Unsure(code(error))
            return NotAccepted(_why(error), again=False)
        except BotoCoreError as error:
            return Unsure(type(error).__name__)
        return Accepted(answer["MessageId"])

    def _request(self, outgoing: Outgoing, text: str) -> dict[str, Any]:
        chosen = {"ConfigurationSetName": self._configuration_set}
        return {
            "DestinationPhoneNumber": outgoing.recipients[0],
            "OriginationIdentity": outgoing.sender,
            "MessageBody": text,
            "MessageType": "TRANSACTIONAL",
            "Context": {"outbox": outgoing.id, "attempt": str(outgoing.attempt)},
            **(chosen if self._configuration_set else {}),
        }


def _why(error: ClientError) -> str:
    """The service's own reason, DESTINATION_PHONE_NUMBER_OPTED_OUT for example, or its error."""
    return str(error.response.get("Reason") or code(error))
