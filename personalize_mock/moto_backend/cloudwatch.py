"""Our metrics in moto's CloudWatch, which asks its providers each time that somebody asks it.

Who provides is known by being a subclass. Ours becomes one while a mock is active, and is none before and after.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone, tzinfo
from functools import cache
from typing import Any

from moto.core.common_models import CloudWatchMetricProvider

from personalize_mock.moto_backend.metrics_log import Datum, Monitor
from personalize_mock.simulation import Simulation

NAMESPACE = "AWS/Personalize"


class _Nobody:
    """What the provider descends from while no mock is active."""


class Provider(_Nobody):
    """The metrics of the mock that is active."""

    monitor: Monitor | None = None

    @classmethod
    def get_cloudwatch_metrics(cls, account_id: str, region: str | None = None) -> list[Any]:
        """What moto's CloudWatch holds of us; early versions of moto do not tell regions apart."""
        return [] if cls.monitor is None else list(_metrics(cls.monitor.metrics(account_id, region)))


def provide(simulation: Simulation) -> None:
    """Lets moto's CloudWatch show the metrics of a simulation."""
    Provider.monitor = Monitor(simulation)
    Provider.__bases__ = (CloudWatchMetricProvider,)


def withdraw() -> None:
    """Undoes `provide`."""
    Provider.__bases__ = (_Nobody,)
    Provider.monitor = None


def _metrics(found: list[Datum]) -> Iterator[Any]:
    from moto.cloudwatch.models import MetricDatum

    zone = MetricDatum("", "", 0, [], None).timestamp.tzinfo  # moto's times are naive in some versions, aware in others
    kind = _kind()
    for datum in found:
        yield kind(
            NAMESPACE,
            datum.name,
            datum.least,
            datum.most,
            datum.count,
            datum.total,
            [{"Name": name, "Value": value} for name, value in datum.dimensions],
            _instant(datum.at, zone),
            datum.unit,
        )


@cache
def _kind() -> type[Any]:
    """A datum as moto has it; but moto would list a metric of several dimensions once for each of its data."""
    from moto.cloudwatch.models import MetricAggregatedDatum

    class Listed(MetricAggregatedDatum):  # type: ignore[misc]  # moto is untyped here
        def filter(
            self, namespace: Any, name: Any, dimensions: Any, already_present_metrics: Iterable[Any] | None = None
        ) -> bool:
            asked: bool = super().filter(namespace, name, dimensions)
            return asked and _metric(self) not in map(_metric, already_present_metrics or ())

    return Listed


def _metric(datum: Any) -> tuple[Any, ...]:
    """What CloudWatch tells metrics apart by."""
    return datum.namespace, datum.name, frozenset((each.name, each.value) for each in datum.dimensions)


def _instant(at: float, zone: tzinfo | None) -> datetime:
    instant = datetime.fromtimestamp(at, tz=timezone.utc)
    return instant.replace(tzinfo=None) if zone is None else instant
