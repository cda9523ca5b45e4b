"""Door: the messages API for other systems (schema.graphql), as direct Lambda resolvers of AppSync.

An error's class is its errorType, and the first word of its message, for clients that see only
that.
"""

from typing import Any

from emailchannel.aws import graphql, runtime
from emailchannel.errors import Retryable


def handler(event: dict[str, Any], context: Any) -> Any:
    """AppSync resolver event -> the field's value. Raises one of graphql.ERRORS."""
    field = str((event.get("info") or {}).get("fieldName"))
    try:
        answer = graphql.resolver().resolve(event, context)
    except graphql.Refusal as refusal:
        runtime.logger.info("api", extra={"field": field, "refused": type(refusal).__name__})
        raise
    except Retryable as error:
        runtime.logger.warning("busy", extra={"reason": error.reason})
        raise graphql.Busy("AWS did not answer in time. Try again in a moment.") from None
    except Exception as error:
        runtime.failed(error)
        words = "Something is wrong with the channel itself. Tell its administrator."
        raise graphql.Failed(words) from None
    runtime.logger.info("api", extra={"field": field})
    return answer
