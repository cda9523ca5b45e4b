"""Door: the agent page's HTTP API (docs/agent-api.yaml).

A session belongs to one contact and the agent who holds it; it opens only what belongs to that
contact's case. One without a contact, by an ID token, opens cases of the agent's queues to be read.
Errors are problem details (RFC 9457).
"""

from dataclasses import replace
from typing import Any

from emailchannel.aws import desk_reading, desk_replies, desk_writing, http, runtime
from emailchannel.aws.channel import channel
from emailchannel.desk import session
from emailchannel.errors import Retryable

ROUTES = (*desk_reading.ROUTES, *desk_writing.ROUTES, *desk_replies.ROUTES)


def handler(event: dict[str, Any], _context: object) -> http.Answer:
    """API Gateway HTTP API event (payload 2.0) -> response."""
    request = http.request_of(event)
    try:
        answer = _answer(request)
    except http.Problem as problem:
        answer = http.refusal(problem)
    except Retryable as error:
        runtime.logger.warning("busy", extra={"reason": error.reason})
        detail = "AWS did not answer in time. Try again in a moment."
        answer = http.refusal(http.Problem(503, "Busy", detail))
    except Exception as error:
        runtime.failed(error)
        detail = "Something is wrong with the channel itself. Tell its administrator."
        answer = http.refusal(http.Problem(500, "Failed", detail))
    runtime.logger.info("api", extra={"method": request.method, "status": answer["statusCode"]})
    return answer


def _answer(request: http.Request) -> http.Answer:
    route, parts = http.found(ROUTES, request)
    request = replace(request, parts=parts)
    if route.open_action:
        return route.open_action(request)
    held = session.holder(channel(), request.token) if request.token else None
    if held is None and request.token and (agent := session.reader(channel(), request.token)):
        if route.outside is None:
            detail = "Without a task, cases of your queues can be read, and nothing else."
            raise http.Problem(403, "Not without a task", detail)
        return route.outside(replace(request, agent=agent))
    if held is None or route.action is None:
        detail = "The session has ended, or the task is not yours now."
        raise http.Problem(401, "Session over", detail)
    contact, agent = held
    return route.action(replace(request, agent=agent), contact)
