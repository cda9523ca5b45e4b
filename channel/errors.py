"""What can go wrong, in words that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from emailchannel.aws.errors import code
from emailchannel.errors import Retryable

DONE: Final = 0
NOT_DONE: Final = 1  # something that was asked for is not there, or was not done
NOT_STARTED: Final = 2  # wrong arguments, no credentials, no such stack: nothing was tried

_BAD_CREDENTIALS: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_CREDENTIALS: Final = (
    "There are no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or name a profile with --profile."
)


class CannotGoOn(Exception):
    """The command ends here: `str()` are the words for the screen."""

    def __init__(self, words: str, status: int = NOT_DONE) -> None:
        super().__init__(words)
        self.status = status


@contextmanager
def in_words() -> Iterator[None]:
    """Errors of AWS as CannotGoOn."""
    try:
        yield
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise CannotGoOn(_NO_CREDENTIALS, NOT_STARTED) from error
    except (TokenRetrievalError, UnauthorizedSSOTokenError) as error:
        words = "Your sign-in to AWS is over. Run `aws sso login`, then this again."
        raise CannotGoOn(words, NOT_STARTED) from error
    except ProfileNotFound as error:
        words = f"{error}. `aws configure list-profiles` shows those there are."
        raise CannotGoOn(words, NOT_STARTED) from error
    except NoRegionError as error:
        words = "Which region? Name it with --region, or set AWS_DEFAULT_REGION."
        raise CannotGoOn(words, NOT_STARTED) from error
    except (ConnectionError, HTTPClientError) as error:
        words = f"AWS cannot be reached: {error} Check the network, --region and AWS_ENDPOINT_URL."
        raise CannotGoOn(words, NOT_STARTED) from error
    except ClientError as error:
        raise _refused(error) from error
    except Retryable as error:
        words = f"AWS was too busy to answer ({error}). Try again in a moment."
        raise CannotGoOn(words) from error
    except BotoCoreError as error:
        raise CannotGoOn(f"AWS cannot be asked: {error}", NOT_STARTED) from error


def _refused(error: ClientError) -> CannotGoOn:
    message = error.response.get("Error", {}).get("Message", "")
    if code(error) in _BAD_CREDENTIALS:
        words = f"AWS does not accept your credentials ({code(error)}). Sign in again."
        return CannotGoOn(words, NOT_STARTED)
    if code(error).startswith(("AccessDenied", "AuthorizationError")):  # SNS has its own word
        words = f"You lack a right: {message} docs/operations.md lists what is needed."
        return CannotGoOn(words)
    return CannotGoOn(f"AWS refused {error.operation_name} ({code(error)}): {message}")
