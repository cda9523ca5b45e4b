"""Amazon SES v2 sending: raw MIME, one attempt. Source: SES v2 API reference, SendEmail.

The SDK's own retries are off: a retry after a lost answer sends the mail twice, and SES has no
idempotency token to prevent it.
"""

from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from ..ports import Accepted, NotAccepted, Outgoing, Unsure
from .errors import THROTTLES, code, status

ONE_QUICK_ATTEMPT = Config(retries={"total_max_attempts": 1}, connect_timeout=1, read_timeout=2)
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=20)


class SesPost:
    """`ports.Post`."""

    def __init__(self, client: Any, asking: Any, configuration_set: str) -> None:
        self._client = client
        self._asking = asking
        self._configuration_set = configuration_set

    def send(self, outgoing: Outgoing, mime: bytes) -> Accepted | NotAccepted | Unsure:
        """Hand one frozen mail to SES, tagged so that its events find the way back."""
        try:
            answer = self._client.send_email(
                FromEmailAddress=outgoing.sender,
                Destination={"ToAddresses": list(outgoing.recipients)},
                Content={"Raw": {"Data": mime}},
                ConfigurationSetName=self._configuration_set,
                EmailTags=[
                    {"Name": "outbox", "Value": outgoing.id},
                    {"Name": "attempt", "Value": str(outgoing.attempt)},
                ],
            )
        except (EndpointConnectionError, ConnectTimeoutError):
            return NotAccepted("ses-unreachable", again=True)  # no connection, so no mail
        except ClientError as error:
            if code(error) in THROTTLES:
                return NotAccepted(code(error), again=True)
            if status(error) >= 500:
                return Unsure(code(error))
            return NotAccepted(code(error), again=False)
        except BotoCoreError as error:
            return Unsure(type(error).__name__)
        return Accepted(answer["MessageId"])

    def suppressed(self, address: str) -> str | None:
        """Why the account's suppression list has this address, empty where it has not.

        None when SES did not say: the list is asked once and quickly, and mail does not wait for
        it. SES itself sends nothing to an address on its list.
        """
        try:
            answer = self._asking.get_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            return "" if code(error) == "NotFoundException" else None
        except BotoCoreError:
            return None
        return str(answer["SuppressedDestination"]["Reason"]).lower()
