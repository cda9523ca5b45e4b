"""A template whose resources are created in a random order that its dependencies allow.

CloudFormation creates unrelated resources at once, in any order; the emulator has a fixed one,
which hides a missing DependsOn. Here the order is written into the template itself.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from typing import Any


def in_random_order(template: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """A copy in which each resource depends on all that come before it in the seed's order.

    On all, not on the last: one whose condition does not hold would break the chain. Same seed,
    same order. Raises ValueError when the template's own dependencies go round in a circle.
    """
    resources = template["Resources"]
    ordered = creation_order(resources, seed)
    shuffled = {
        name: {**resources[name], "DependsOn": ordered[:place]}
        for place, name in enumerate(ordered)
    }
    return {**template, "Resources": shuffled}


def creation_order(resources: Mapping[str, Any], seed: int) -> list[str]:
    """Names of the resources, each after what it refers to or depends on."""
    choice = random.Random(seed)
    waiting = {name: _needed(resource) & set(resources) for name, resource in resources.items()}
    ordered: list[str] = []
    while waiting:
        ready = sorted(name for name, needed in waiting.items() if needed <= set(ordered))
        if not ready:
            raise ValueError(f"these depend on one another: {', '.join(sorted(waiting))}")
        ordered.append(choice.choice(ready))
        del waiting[ordered[-1]]
    return ordered


def _needed(resource: Mapping[str, Any]) -> set[str]:
    explicit = resource.get("DependsOn", [])
    named = [explicit] if isinstance(explicit, str) else explicit
    return {*named, *_references(resource.get("Properties", {}))}


def _references(value: Any) -> Iterator[str]:
    """Logical ids in Ref, Fn::GetAtt and Fn::Sub; parameters, too."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item[0] if isinstance(item, list) else item.split(".")[0]
            elif key == "Fn::Sub":
                text = item[0] if isinstance(item, list) else item
                yield from re.findall(r"\$\{([^!.}]+)[.}]", text)
                yield from _references(item[1:] if isinstance(item, list) else [])
            else:
                yield from _references(item)
