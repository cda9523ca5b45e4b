"""The one error of the local Connect: a named service exception with its HTTP status."""

from __future__ import annotations

from typing import Any

_STATUS = {
    "InvalidRequestException": 400,
    "InvalidParameterException": 400,
    "InvalidContactFlowException": 400,
    "ResourceNotFoundException": 404,
    "ContactFlowNotPublishedException": 404,
    "ContactNotFoundException": 410,
    "DuplicateResourceException": 409,
    "ResourceConflictException": 409,
    "ConflictException": 409,
    "LimitExceededException": 429,
    "ServiceQuotaExceededException": 402,
    "ThrottlingException": 429,
    "TooManyRequestsException": 429,
    "NotImplemented": 501,
}


class ServiceError(Exception):
    """An answer of the service that is not a success.

    `code` is the exception's name in the API model, `message` a sentence, `members` further
    fields of the answer (InvalidContactFlowException carries `problems`).
    """

    def __init__(self, code: str, message: str, **members: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.members = members

    @property
    def status(self) -> int:
        return _STATUS[self.code]


def invalid_request(message: str) -> ServiceError:
    return ServiceError("InvalidRequestException", message)


def invalid_parameter(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)


def not_found(what: str, name: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"{what} not found: {name}")
