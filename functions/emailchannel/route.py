"""Who gets the next mail of a case: data, not code."""

from .case import AGENT, QUEUE, REJECTED, WAITING, Target

# relay purpose -> (target of the customer's next mail, status of the case after the answer)
AFTER_ANSWER = {
    "relay": ("default", WAITING),
    "queuerelay": (QUEUE, WAITING),
    "agentrelay": (AGENT, WAITING),
    "rejectrelay": ("default", REJECTED),
}


def after_answer(purpose: str, queue_arn: str, agent_arn: str) -> tuple[Target, str]:
    """Target and status of a case once an agent answered through this kind of relay address.

    A queuerelay answer by an agent whose queue is not known falls back to the default target.
    """
    kind, status = AFTER_ANSWER[purpose]
    destination = {QUEUE: queue_arn, AGENT: agent_arn}.get(kind, "")
    return (Target(kind, destination) if destination else Target()), status
