"""What a role is granted, one action on one resource at a time, and the policies without it."""

import copy
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.deploy.resolved import listed


class Grant(NamedTuple):
    """An action on a resource (an ARN, maybe with *)."""

    action: str
    resource: str


def grants(documents: Sequence[dict]) -> Iterator[Grant]:
    """Every grant of identity policies, statement by statement."""
    for document in documents:
        for statement in listed(document["Statement"]):
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    yield Grant(action, resource)


def without(documents: Sequence[dict], grant: Grant) -> list[dict]:
    """The policies with this action taken from this resource, and from no other."""
    return [
        {
            **document,
            "Statement": [
                left
                for statement in listed(document["Statement"])
                for left in _statements_without(statement, grant)
            ],
        }
        for document in documents
    ]


def without_action(documents: Sequence[dict], action: str) -> list[dict]:
    """The policies with the action gone wherever it was granted; resources may be unresolved."""
    left = copy.deepcopy(list(documents))
    for document in left:
        for statement in listed(document["Statement"]):
            statement["Action"] = [a for a in listed(statement["Action"]) if a != action]
        document["Statement"] = [s for s in listed(document["Statement"]) if s["Action"]]
    return left


def _statements_without(statement: dict, grant: Grant) -> Iterator[dict]:
    """At most two: what the other resources keep, and what this one keeps."""
    actions, resources = listed(statement["Action"]), listed(statement["Resource"])
    if grant.action not in actions or grant.resource not in resources:
        yield copy.deepcopy(statement)
        return
    if others := [resource for resource in resources if resource != grant.resource]:
        yield {**statement, "Action": actions, "Resource": others}
    if kept := [action for action in actions if action != grant.action]:
        yield {**statement, "Action": kept, "Resource": [grant.resource]}
