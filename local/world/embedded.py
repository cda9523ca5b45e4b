"""Metrics that functions write into their logs: CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Datum:
    """One metric of one log line; `at` in epoch seconds, one value or several."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    unit: str
    at: float
    values: tuple[float, ...]


def data(log: str) -> Iterator[Datum]:
    """What the lines of a log publish, a datum for each set of dimensions."""
    for line in log.splitlines():
        if line.startswith("{") and '"_aws"' in line:
            yield from _line(line)


def _line(line: str) -> Iterator[Datum]:
    try:
        document = json.loads(line)
        meta = document["_aws"]
        for directive in meta["CloudWatchMetrics"]:
            for names in directive.get("Dimensions") or [[]]:
                dimensions = tuple((name, str(document[name])) for name in names)
                for metric in directive["Metrics"]:
                    value = document[metric["Name"]]
                    values = value if isinstance(value, list) else [value]
                    yield Datum(
                        directive["Namespace"],
                        metric["Name"],
                        dimensions,
                        metric.get("Unit", "None"),
                        meta["Timestamp"] / 1000,
                        tuple(float(entry) for entry in values),
                    )
    except (KeyError, TypeError, ValueError):
        return  # CloudWatch, too, leaves such a line what it is: a line


@dataclass(frozen=True)
class Reading:
    """A metric so far: its last value (None: never written) and the sum of all."""

    last: float | None
    total: float


def reading(logs: list[str], name: str) -> Reading:
    """A metric over several logs, a line counting once however many dimension sets it has."""
    lines = [line for log in logs for line in log.splitlines()]
    values: list[tuple[float, float]] = []
    for line in lines:
        found = {(d.namespace, d.at, d.values): None for d in data(line) if d.name == name}
        values += [(at, value) for _namespace, at, several in found for value in several]
    values.sort(key=lambda entry: entry[0])
    return Reading(values[-1][1] if values else None, sum(value for _at, value in values))
