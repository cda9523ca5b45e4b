"""Amazon Connect on this machine: tasks, contact flows, queues and agents.

It answers the part of the AWS API that an email channel on tasks needs, runs contact flows
from their JSON and is as strict as the service where its rules are known. What it does not
know it refuses by name instead of guessing.
"""

from local.connect.lint import find_problems
from local.connect.model import INSTANCE_ID, ContactState
from local.connect.outside import LambdaFailed, Outside
from local.connect.seed import instance_arn, user_id
from local.connect.service import Connect

__all__ = [
    "INSTANCE_ID",
    "Connect",
    "ContactState",
    "LambdaFailed",
    "Outside",
    "find_problems",
    "instance_arn",
    "user_id",
]
