"""Every change made to ministack 1.5.33, in one place; each function says why it is needed.

`apply()` runs once, in the emulator's process, after the services are imported and before the
first request.
"""

from __future__ import annotations

from local.world.patches import (
    api,
    changesets,
    deliveries,
    functions,
    graphql,
    hosts,
    lag,
    metrics,
    names,
    permissions,
    queues,
    redrive,
    rotation,
    schedules,
    stacks,
    times,
)


def apply() -> None:
    times.apply()
    queues.apply()
    redrive.apply()
    deliveries.apply()
    functions.apply()
    schedules.apply()
    permissions.apply()
    stacks.apply()
    changesets.apply()
    names.apply()
    rotation.apply()
    hosts.apply()
    lag.apply()
    metrics.apply()
    api.apply()
    graphql.apply()
