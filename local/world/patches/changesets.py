"""CloudFormation change sets: what a condition leaves out is no part of them."""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import changesets, engine


def apply() -> None:
    heed_conditions()


def heed_conditions() -> None:
    """ministack lists resources whose condition is false as added, and never makes them."""
    resolve = changesets._resolve_props_for_diff

    def resolved(
        template: dict[str, Any], params: dict[str, Any], stack_name: str, stack_id: str
    ) -> dict[str, Any]:
        found: dict[str, Any] = resolve(template, params, stack_name, stack_id)
        if not found:
            return found
        conditions = engine._evaluate_conditions(template, params)
        resources = found["Resources"]
        kept = {n: r for n, r in resources.items() if conditions.get(r.get("Condition"), True)}
        return {**found, "Resources": kept}

    changesets._resolve_props_for_diff = resolved
