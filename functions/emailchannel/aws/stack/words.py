"""What went wrong in a deployment, in the words of whoever reads the stack's events."""

from botocore.exceptions import ClientError

from ..errors import THROTTLES, UNAVAILABLE, code, status

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_SERVER = 500  # the HTTP status from which the fault is AWS's
_FULL = {"LimitExceeded", "LimitExceededException", "ServiceQuotaExceededException"}


class Refused(Exception):
    """Something an administrator can put right; the message says how."""


def in_words(error: Exception) -> str:
    """An error of a custom resource as a sentence."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, ClientError):
        return _of_aws(error)
    if isinstance(error, UNAVAILABLE):
        return f"AWS did not answer ({type(error).__name__}). Deploy again."
    return f"{type(error).__name__}: {error}"


def _of_aws(error: ClientError) -> str:
    name, operation = code(error), error.operation_name
    message = str(error.response.get("Error", {}).get("Message", ""))
    said = f"AWS said: {message}" if message else f"AWS said {name}."
    if name in _DENIED:
        return (
            f"The deployment function may not call {operation}. A service control policy or the"
            f" permissions boundary refuses what the template grants. {said}"
        )
    if name in THROTTLES or status(error) >= _SERVER:
        return f"AWS was too busy for {operation}, several times. Deploy again in a few minutes."
    if name in _FULL:
        return f"A quota does not allow {operation}: have it raised, or remove what is old. {said}"
    return f"{operation} was refused ({name}). {said}"
