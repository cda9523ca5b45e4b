"""CloudWatch: metrics out of functions' logs, alarms on metric math."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch, lambda_svc
from ministack.services.cloudformation import provisioners

from local.world import embedded

_OF_ONE_METRIC = (
    "MetricName",
    "Namespace",
    "Dimensions",
    "Statistic",
    "ExtendedStatistic",
    "Period",
    "Unit",
)


def apply() -> None:
    publish_embedded_metrics()
    make_math_alarms()


def publish_embedded_metrics() -> None:
    """What a function logs in the embedded metric format is a metric; to ministack it is text."""
    emit = lambda_svc._emit_lambda_logs

    def emit_and_publish(
        function: dict[str, Any], request_id: str, log: str, *rest: Any, **more: Any
    ) -> None:
        emit(function, request_id, log, *rest, **more)
        for datum in embedded.data(log or ""):
            cloudwatch._store_datum(
                datum.namespace,
                datum.name,
                dict(datum.dimensions),
                datum.at,
                datum.unit,
                None,
                list(datum.values),
                None,
                None,
            )

    lambda_svc._emit_lambda_logs = emit_and_publish


def make_math_alarms() -> None:
    """AWS::CloudWatch::Alarm with `Metrics`, which ministack refuses; it stays unchecked.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    record = provisioners._cw_metric_alarm_record

    def record_math(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        queries = properties.get("Metrics")
        if not queries:
            plain: dict[str, Any] = record(name, properties)
            return plain
        _check_math(properties, queries)
        rest = {key: value for key, value in properties.items() if key != "Metrics"}
        alarm: dict[str, Any] = record(name, {**rest, "MetricName": "-", "Namespace": "-"})
        for key in _OF_ONE_METRIC:
            alarm.pop(key, None)
        return {**alarm, "Metrics": queries}

    provisioners._cw_metric_alarm_record = record_math


def _check_math(properties: dict[str, Any], queries: list[dict[str, Any]]) -> None:
    """Raise ValueError for what PutMetricAlarm refuses of an alarm on metric math."""
    both = [key for key in _OF_ONE_METRIC if key in properties]
    if both:
        raise ValueError(f"ValidationError: Metrics list and {both[0]} must not be specified both")
    if sum(_yes(query.get("ReturnData", True)) for query in queries) != 1:
        raise ValueError("ValidationError: Exactly one element of Metrics should return data")
    ids = {query.get("Id") for query in queries}
    for query in queries:
        if ("Expression" in query) == ("MetricStat" in query) or len(ids) != len(queries):
            raise ValueError(
                "ValidationError: a query has an Id of its own and one of Expression and MetricStat"
            )


def _yes(value: Any) -> bool:
    return str(value).lower() == "true"
