"""Throttling per API operation: a bucket of `burst` calls, refilled at `rps` a second."""

from __future__ import annotations

from dataclasses import dataclass, field

from local.connect.model import Limits


@dataclass
class Throttle:
    """Buckets of one account. Time is the centre's clock, so a test can move it."""

    _left: dict[str, tuple[float, float]] = field(default_factory=dict)  # operation -> calls, at

    def admits(self, operation: str, limits: Limits, now: float) -> bool:
        if limits.rps is None:
            return True
        left, at = self._left.get(operation, (float(limits.burst), now))
        left = min(float(limits.burst), left + max(0.0, now - at) * limits.rps)
        admitted = left >= 1.0
        self._left[operation] = (left - 1.0 if admitted else left, now)
        return admitted
