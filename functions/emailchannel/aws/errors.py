"""botocore's errors, translated once: what may work later becomes Retryable, the rest passes."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from ..errors import Retryable

THROTTLES = frozenset(
    {
        "ThrottlingException",
        "Throttling",
        "TooManyRequestsException",
        "TooManyRequests",
        "RequestLimitExceeded",
        "RequestThrottled",  # SQS
        "ProvisionedThroughputExceededException",
        "SlowDown",
        "TransactionInProgressException",
    }
)
UNAVAILABLE = (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)


def code(error: ClientError) -> str:
    """The error code AWS answered with."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status(error: ClientError) -> int:
    """The HTTP status AWS answered with, 0 if unknown."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _passing(error: ClientError) -> bool:
    """Whether trying again may help: throttled, a 5xx, or a transaction that only collided."""
    if code(error) in THROTTLES or status(error) >= 500:
        return True
    reasons = error.response.get("CancellationReasons") or []
    return any(reason.get("Code") == "TransactionConflict" for reason in reasons)


@contextmanager
def translated() -> Iterator[None]:
    """Turn passing errors of the calls inside into Retryable."""
    try:
        yield
    except ClientError as error:
        if _passing(error):
            raise Retryable(code(error)) from error
        raise
    except UNAVAILABLE as error:
        raise Retryable(type(error).__name__) from error
